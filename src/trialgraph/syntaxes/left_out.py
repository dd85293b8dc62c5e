"""What a document tells of triples and values that its syntax cannot hold.

>>> from trialgraph.formats import RDF_XML, SPARQL_XML
>>> said(2, RDF_XML), said(0, RDF_XML)
('2 triples are not here: RDF/XML cannot hold them. Other formats do.', '')
>>> said(1, SPARQL_XML)
'1 value is not here: XML cannot hold it. Other formats do.'
"""

from typing import Final

from trialgraph.formats import Format, RdfFormat

_NAMES: Final = {"rdfxml": "RDF/XML", "jsonld": "JSON-LD", "xml": "XML"}


def said(left_out: int, format_: Format) -> str:
    """Say how many triples or values are not in a document; nothing, where all are."""
    if not left_out:
        return ""
    what = "triple" if isinstance(format_, RdfFormat) else "value"
    one = left_out == 1
    counted = f"1 {what} is" if one else f"{left_out:,} {what}s are"
    name = _NAMES.get(format_.name, format_.name)
    return f"{counted} not here: {name} cannot hold {'it' if one else 'them'}. Other formats do."
