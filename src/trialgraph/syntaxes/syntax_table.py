"""How each RDF format is written from N-Triples text: one row a format.

>>> opening, row = SYNTAXES["turtle"].opening(), SYNTAXES["nquads"]
>>> row.block(Passage(b"<urn:s> <urn:p> <urn:o> .\\n"), "urn:g")
(b'<urn:s> <urn:p> <urn:o> <urn:g> .\\n', 0)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trialgraph.syntaxes import jsonld, rdfxml, turtle
from trialgraph.syntaxes.subject_groups import Passage


def _nothing() -> bytes:
    return b""


def _no_closing(left_out: int) -> bytes:  # noqa: ARG001 - the signature of every closing
    return b""


@dataclass(frozen=True)
class Syntax:
    """The parts of a file, in UTF-8: its opening, blocks with something between them, its closing."""

    block: Callable[[Passage, str | None], tuple[bytes, int]]
    """Takes triples and their graph (None: write no graph); gives text and the number of triples left out."""
    opening: Callable[[], bytes] = _nothing
    closing: Callable[[int], bytes] = _no_closing
    """Takes the number of triples left out of the whole file."""
    between: bytes = b""


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


_N_QUADS: Final = Syntax(_n_quads)
_TURTLE: Final = Syntax(_turtle, lambda: turtle.opening().encode())

SYNTAXES: Final[dict[str, Syntax]] = {
    "ntriples": _N_QUADS,
    "nquads": _N_QUADS,
    "turtle": _TURTLE,
    "trig": _TURTLE,
    "jsonld": Syntax(_json_ld, lambda: jsonld.opening().encode(), _json_ld_closing, between=b",\n"),
    "rdfxml": Syntax(_rdf_xml, lambda: rdfxml.opening().encode(), _rdf_xml_closing),
}
"""By the name of the format in `trialgraph.formats`."""
