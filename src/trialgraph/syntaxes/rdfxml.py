"""RDF/XML, for readers that know nothing else.

XML 1.0 cannot hold everything RDF can: most control characters have no form in it at all (production 2, Char),
and a predicate must end in an XML name (RDF 1.1 XML Syntax, section 2.2.4). Such triples are left out and counted;
the file says how many in a comment at its end. Ours hold none: the ontology's names are XML names.

>>> print(*block(Passage(b'<https://example.org/s> <http://purl.org/dc/terms/title> "R&D"@en .\\n')))
  <rdf:Description rdf:about="https://example.org/s">
    <dcterms:title xml:lang="en">R&amp;D</dcterms:title>
  </rdf:Description>
 0
>>> block(Passage(b'<https://example.org/s> <https://example.org/p> "bell: \\\\u0007" .\\n'))
('', 1)
"""

import re
from collections.abc import Mapping
from typing import Final

from trialgraph.formats import RDF_XML
from trialgraph.syntaxes.left_out import said
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.syntaxes.xml_text import escape, holds
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import PREFIXES

_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_NAME: Final = re.compile(r"<(.*?)([A-Za-z_][A-Za-z0-9_.-]*)>")
"""A predicate as namespace and local name; the local name as long as it can be (ASCII part of NCName)."""
# Names with a meaning of their own in RDF/XML (section 6.1.4) and the namespaces XML keeps for itself.
_RDF: Final = PREFIXES["rdf"]
_NO_PREDICATES: Final = frozenset(
    f"<{_RDF}{name}>"
    for name in (
        "RDF ID about parseType resource nodeID datatype Description aboutEach aboutEachPrefix bagID li".split()
    )
)
_KEPT_BY_XML: Final = ("<http://www.w3.org/XML/1998/namespace", "<http://www.w3.org/2000/xmlns/")


def opening(prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the XML declaration and the root element with the prefixes, `rdf` among them always."""
    declared = {prefix: name for prefix, name in PREFIXES.items() if prefix in prefixes or name == _RDF}
    namespaces = "".join(f'\n  xmlns:{prefix}="{escape(namespace)}"' for prefix, namespace in declared.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{namespaces}>\n'


def closing(left_out: int) -> str:
    """Return the end of the root element, with a note of the triples that XML could not hold."""
    note = said(left_out, RDF_XML)
    return f"{f'  <!-- {note} -->{chr(10)}' if note else ''}</rdf:RDF>\n"


def block(passage: Passage) -> tuple[str, int]:
    """Return triples as RDF/XML elements, and the number of triples that XML cannot hold."""
    parts: list[str] = []
    left_out = 0
    elements: dict[Term, tuple[str, str] | None] = {}
    for subject, properties in passage.subjects:
        lines: list[str] = []
        for predicate, objects in properties.items():
            if predicate not in elements:
                elements[predicate] = _element(predicate)
            element = elements[predicate]
            written = [line for line in map(_property, [element] * len(objects), objects) if line] if element else []
            left_out += len(objects) - len(written)
            lines += written
        about = _reference(subject, "about")
        if lines and about:
            parts.append(f"  <rdf:Description {about}>\n{''.join(lines)}  </rdf:Description>\n")
        else:
            left_out += len(lines)
    return "".join(parts), left_out


def _element(predicate: Term) -> tuple[str, str] | None:
    """Return the element's name and its namespace declaration, or None when the predicate cannot be an element."""
    match = _NAME.fullmatch(predicate)
    if match is None or predicate in _NO_PREDICATES or predicate.startswith(_KEPT_BY_XML):
        return None
    if not match[1] or not holds(match[1]):
        return None
    prefix = _PREFIX_OF.get(match[1])
    return (f"{prefix}:{match[2]}", "") if prefix else (f"ns:{match[2]}", f' xmlns:ns="{escape(match[1])}"')


def _property(element: tuple[str, str], term: Term) -> str | None:
    name, namespace = element
    if term[0] != '"':
        reference = _reference(term, "resource")
        return f"    <{name}{namespace} {reference}/>\n" if reference else None
    end = term.rindex('"') + 1
    text = term[1 : end - 1] if "\\" not in term else lexical(term)
    tail = term[end:]
    if not holds(text) or "--" in tail.partition("^^")[0]:  # XML has no word for the direction of a text
        return None
    if tail.startswith("^^"):
        attribute = f' rdf:datatype="{escape(tail[3:-1])}"'
    else:
        attribute = f' xml:lang="{tail[1:]}"' if tail else ""
    return f"    <{name}{namespace}{attribute}>{escape(text)}</{name}>\n"


def _reference(term: Term, attribute: str) -> str:
    """Return the attribute that names a thing; nothing, where the thing is a triple or its name no text of XML."""
    if term[0] == "_":  # a blank node's label may begin with a digit, an XML name may not
        return f'rdf:nodeID="b{term[2:]}"'
    return "" if term.startswith("<<") or not holds(term) else f'rdf:{attribute}="{escape(term[1:-1])}"'
