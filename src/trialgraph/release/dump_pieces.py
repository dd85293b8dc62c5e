"""Triples written in every syntax that dumps need, in whatever process there is time for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from trialgraph.release.compressed_files import Piece
from trialgraph.release.graph_statistics import GraphStatistics, Limits
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.syntaxes.syntax_table import SYNTAXES


@dataclass(frozen=True)
class TextPlan:
    """What is to be made of triples for one text. Lines need not be made: whoever gives the triples has them."""

    format: str
    graph: str | None
    """The graph to name in it."""
    plain: bool
    gzip: bool


@dataclass(frozen=True)
class DumpPlan:
    """What is to be made of triples of a graph."""

    texts: tuple[TextPlan, ...]
    limits: Limits | None
    """Of the statistics so far; None: do not count."""


_Pieces = list[tuple[Piece, int]]
"""A piece in each syntax ordered; with each, the number of triples left out."""


@dataclass(frozen=True)
class DumpPieces:
    """Triples of a graph as the dumps need them, made in any process by `write_pieces`."""

    pieces: _Pieces
    triples: int
    statistics: GraphStatistics | None


LINES_ONLY: Final = DumpPieces([], 0, None)
"""Goes with lines whose pieces come behind them."""


def write_pieces(passages: Iterable[Passage], plan: DumpPlan) -> DumpPieces:
    """Write triples in each syntax ordered, and count them. Passages follow each other; each begins a subject."""
    made: list[_Pieces] = []
    statistics = GraphStatistics.within(plan.limits) if plan.limits else None
    triples = 0
    for passage in passages:
        made.append([_piece(passage, order, first=not made) for order in plan.texts])
        triples += len(passage)
        if statistics is not None:
            statistics += GraphStatistics.of(passage, statistics.limits)
    return DumpPieces([_joined(parts) for parts in zip(*made, strict=True)], triples, statistics)


def _piece(passage: Passage, order: TextPlan, *, first: bool) -> tuple[Piece, int]:
    syntax = SYNTAXES[order.format]
    block, left_out = syntax.block(passage, order.graph)
    return Piece.of(block if first else syntax.between + block, plain=order.plain, gzip=order.gzip), left_out


def _joined(parts: Sequence[tuple[Piece, int]]) -> tuple[Piece, int]:
    if len(parts) == 1:
        return parts[0]
    return Piece.joined([piece for piece, _ in parts]), sum(left_out for _, left_out in parts)


def write_passage(text: bytes, plan: DumpPlan) -> DumpPieces:
    """Carry out the plan for lines given as one passage. Runs in any worker."""
    return write_pieces([Passage(text)], plan)
