"""How each RDF format is written from N-Triples text: one row a format.

>>> opening, row = SYNTAXES["turtle"].opening(), SYNTAXES["nquads"]
>>> row.block(Passage("<urn:s> <urn:p> <urn:o> .\\n"), "urn:g")
('<urn:s> <urn:p> <urn:o> <urn:g> .\\n', 0)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trialgraph.release import jsonld, rdfxml, turtle
from trialgraph.release.grouping import Passage


def _nothing() -> str:
    return ""


def _no_closing(left_out: int) -> str:  # noqa: ARG001 - the signature of every closing
    return ""


@dataclass(frozen=True)
class Syntax:
    """The parts of a file: its opening, blocks with something between them, its closing."""

    block: Callable[[Passage, str | None], tuple[str, int]]
    """Takes triples and their graph (None: write no graph); gives text and the number of triples left out."""
    opening: Callable[[], str] = _nothing
    closing: Callable[[int], str] = _no_closing
    """Takes the number of triples left out of the whole file."""
    between: str = ""


def _n_quads(passage: Passage, graph: str | None) -> tuple[str, int]:
    # A line end stands nowhere but at the end of a line: literals have theirs escaped.
    return (passage.text.replace(" .\n", f" <{graph}> .\n") if graph else passage.text), 0


def quads_of(text: bytes, graph: str) -> bytes:
    """Return N-Triples lines as N-Quads lines of a graph.

    >>> quads_of(b"<urn:s> <urn:p> <urn:o> .\\n", "urn:g")
    b'<urn:s> <urn:p> <urn:o> <urn:g> .\\n'
    """
    return text.replace(b" .\n", f" <{graph}> .\n".encode())


def _turtle(passage: Passage, graph: str | None) -> tuple[str, int]:
    return (turtle.graph_block(passage, graph) if graph else turtle.block(passage)), 0


def _json_ld(passage: Passage, graph: str | None) -> tuple[str, int]:
    return jsonld.graph_block(passage, graph) if graph else jsonld.block(passage)


def _rdf_xml(passage: Passage, graph: str | None) -> tuple[str, int]:  # noqa: ARG001 - RDF/XML holds one graph
    return rdfxml.block(passage)


def _end_of_json(left_out: int) -> str:  # noqa: ARG001 - JSON has no comments to say it in
    return jsonld.closing()


_N_QUADS: Final = Syntax(_n_quads)
_TURTLE: Final = Syntax(_turtle, turtle.opening)

SYNTAXES: Final[dict[str, Syntax]] = {
    "ntriples": _N_QUADS,
    "nquads": _N_QUADS,
    "turtle": _TURTLE,
    "trig": _TURTLE,
    "jsonld": Syntax(_json_ld, jsonld.opening, _end_of_json, between=",\n"),
    "rdfxml": Syntax(_rdf_xml, rdfxml.opening, rdfxml.closing),
}
"""By the name of the format in `trialgraph.formats`."""
