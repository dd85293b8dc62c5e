"""RDF and query-result formats: one table, one value type each.

>>> by_name("turtle").media_type
'text/turtle'
>>> by_name("ttl") is TURTLE and by_extension("jsonld") is JSON_LD
True
>>> [f.name for f in RDF_FORMATS if f.holds_named_graphs]
['nquads', 'trig', 'jsonld']
"""

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from trialgraph.errors import FormatError


@dataclass(frozen=True)
class RdfFormat:
    """A syntax for RDF graphs or datasets."""

    name: str
    media_type: str
    extension: str
    holds_named_graphs: bool
    oxigraph: ox.RdfFormat
    iri: str
    """Its name at http://www.w3.org/ns/formats/, as service descriptions use it."""
    aliases: tuple[str, ...] = ()
    """Other media types that clients send for it."""


@dataclass(frozen=True)
class ResultFormat:
    """A syntax for SELECT and ASK results."""

    name: str
    media_type: str
    extension: str
    holds_boolean: bool
    oxigraph: ox.QueryResultsFormat
    iri: str
    aliases: tuple[str, ...] = ()


_W3C = "http://www.w3.org/ns/formats/"

TURTLE: Final = RdfFormat(
    "turtle", "text/turtle", "ttl", False, ox.RdfFormat.TURTLE, _W3C + "Turtle",
    ("application/x-turtle", "text/n3"),
)  # fmt: skip
N_TRIPLES: Final = RdfFormat(
    "ntriples",
    "application/n-triples",
    "nt",
    False,
    ox.RdfFormat.N_TRIPLES,
    _W3C + "N-Triples",
    ("text/plain",),
)
N_QUADS: Final = RdfFormat("nquads", "application/n-quads", "nq", True, ox.RdfFormat.N_QUADS, _W3C + "N-Quads")
TRIG: Final = RdfFormat("trig", "application/trig", "trig", True, ox.RdfFormat.TRIG, _W3C + "TriG")
RDF_XML: Final = RdfFormat(
    "rdfxml", "application/rdf+xml", "rdf", False, ox.RdfFormat.RDF_XML, _W3C + "RDF_XML",
    ("application/xml", "text/xml"),
)  # fmt: skip
JSON_LD: Final = RdfFormat(
    "jsonld",
    "application/ld+json",
    "jsonld",
    True,
    ox.RdfFormat.JSON_LD,
    _W3C + "JSON-LD",
    ("application/json",),
)
RDF_FORMATS: Final = (TURTLE, N_TRIPLES, N_QUADS, TRIG, RDF_XML, JSON_LD)

SPARQL_JSON: Final = ResultFormat(
    "json", "application/sparql-results+json", "srj", True, ox.QueryResultsFormat.JSON,
    _W3C + "SPARQL_Results_JSON", ("application/json",),
)  # fmt: skip
SPARQL_XML: Final = ResultFormat(
    "xml", "application/sparql-results+xml", "srx", True, ox.QueryResultsFormat.XML,
    _W3C + "SPARQL_Results_XML", ("application/xml", "text/xml"),
)  # fmt: skip
# The CSV and TSV results recommendation defines no boolean form; Oxigraph writes a bare true or false, as others do.
SPARQL_CSV: Final = ResultFormat(
    "csv", "text/csv", "csv", True, ox.QueryResultsFormat.CSV, _W3C + "SPARQL_Results_CSV"
)
SPARQL_TSV: Final = ResultFormat(
    "tsv", "text/tab-separated-values", "tsv", True, ox.QueryResultsFormat.TSV, _W3C + "SPARQL_Results_TSV"
)
RESULT_FORMATS: Final = (SPARQL_JSON, SPARQL_XML, SPARQL_CSV, SPARQL_TSV)

Format = RdfFormat | ResultFormat
_FORMATS: Final[tuple[Format, ...]] = (*RDF_FORMATS, *RESULT_FORMATS)


def by_name(name: str) -> Format:
    """Return the format of a name, extension or media type (`turtle`, `ttl`, `text/turtle`).

    Raises FormatError with the known names.
    """
    for format_ in _FORMATS:
        if name in (format_.name, format_.extension, format_.media_type):
            return format_
    raise FormatError(name, tuple(format_.name for format_ in _FORMATS))


def by_extension(extension: str) -> RdfFormat:
    """Return the RDF format of a file extension, given without its dot.

    Raises FormatError with the known extensions.
    """
    for format_ in RDF_FORMATS:
        if extension == format_.extension:
            return format_
    raise FormatError(extension, tuple(format_.extension for format_ in RDF_FORMATS))
