"""How each RDF format is written from N-Triples text: one row a format.

>>> row = SYNTAXES["nquads"]
>>> row.block(Passage(b"<urn:s> <urn:p> <urn:o> .\\n"), "urn:g")
(b'<urn:s> <urn:p> <urn:o> <urn:g> .\\n', 0)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from trialgraph.syntaxes import jsonld, rdfxml, turtle
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.vocabulary import PREFIXES

_NAMES: Final = re.compile(rb"(?<![\w.-])[A-Za-z][\w.-]*(?=:)")


def used_prefixes(body: bytes) -> dict[str, str]:
    """Return the prefixes that the text of a document may use; one that stands in a literal counts too.

    >>> used_prefixes(b'<NCT06095583>\\n    tg:arm <NCT06095583/arm/1> .')
    {'tg': 'https://w3id.org/trialgraph/ontology#'}
    """
    found = {name.decode() for name in set(_NAMES.findall(body))}
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if prefix in found}


def _nothing(prefixes: Mapping[str, str]) -> bytes:  # noqa: ARG001 - the signature of every opening
    return b""


def _no_closing(left_out: int) -> bytes:  # noqa: ARG001 - the signature of every closing
    return b""


@dataclass(frozen=True)
class Syntax:
    """The parts of a file, in UTF-8: its opening, blocks with something between them, its closing."""

    block: Callable[[Passage, str | None], tuple[bytes, int]]
    """Takes triples and their graph (None: write no graph); gives text and the number of triples left out."""
    opening: Callable[[Mapping[str, str]], bytes] = _nothing
    """Takes the prefixes to declare: all, where it is not known what comes."""
    closing: Callable[[int], bytes] = _no_closing
    """Takes the number of triples left out of the whole file."""
    between: bytes = b""
    is_lines: bool = False
    """Whether a block is the lines it is made from."""


def _n_quads(passage: Passage, graph: str | None) -> tuple[bytes, int]:
    return (passage.quads(graph) if graph else passage.text), 0


def _turtle(passage: Passage, graph: str | None) -> tuple[bytes, int]:
    return (turtle.graph_block(passage, graph) if graph else turtle.block(passage)).encode(), 0


def _json_ld(passage: Passage, graph: str | None) -> tuple[bytes, int]:
    text, left_out = jsonld.graph_block(passage, graph) if graph else jsonld.block(passage)
    return text.encode(), left_out


def _json_ld_closing(left_out: int) -> bytes:  # noqa: ARG001 - JSON has no comments to say it in
    return jsonld.closing().encode()


def _rdf_xml(passage: Passage, graph: str | None) -> tuple[bytes, int]:  # noqa: ARG001 - RDF/XML holds one graph
    text, left_out = rdfxml.block(passage)
    return text.encode(), left_out


def _rdf_xml_closing(left_out: int) -> bytes:
    return rdfxml.closing(left_out).encode()


_N_QUADS: Final = Syntax(_n_quads, is_lines=True)
_TURTLE: Final = Syntax(_turtle, lambda prefixes: turtle.opening(prefixes).encode())

SYNTAXES: Final[dict[str, Syntax]] = {
    "ntriples": _N_QUADS,
    "nquads": _N_QUADS,
    "turtle": _TURTLE,
    "trig": _TURTLE,
    "jsonld": Syntax(_json_ld, lambda prefixes: jsonld.opening(prefixes).encode(), _json_ld_closing, between=b",\n"),
    "rdfxml": Syntax(_rdf_xml, lambda prefixes: rdfxml.opening(prefixes).encode(), _rdf_xml_closing),
}
"""By the name of the format in `trialgraph.formats`."""
