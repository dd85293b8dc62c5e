"""The facts of one resource as a document: the same bytes for the same facts, whoever asks.

Each syntax is written by the writer that dumps are written by. N-Quads and TriG hold the dataset as the endpoint
does: every triple in the default graph, for clients that look there only, and in the graphs that say it. JSON-LD is
one tree that begins at the resource, which is plain JSON to whoever wants no RDF.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from trialgraph.formats import JSON_LD, RdfFormat
from trialgraph.syntaxes.framing import tree
from trialgraph.syntaxes.left_out import said
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.syntaxes.syntax_table import SYNTAXES, used_prefixes
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Quad, Term


@dataclass(frozen=True)
class Document:
    """A document in one syntax."""

    data: bytes
    format: RdfFormat
    left_out: int = 0
    """Triples that the syntax cannot hold."""

    @property
    def note(self) -> str:
        """What is not in it, in a sentence; empty where nothing is missing."""
        return said(self.left_out, self.format)


def document(quads: Iterable[Quad], format_: RdfFormat, root: Term | None = None) -> Document:
    """Return the quads in an RDF syntax, what is said of `root` first.

    >>> from trialgraph.formats import TURTLE
    >>> from trialgraph.vocabulary import RESOURCE, TG
    >>> print(document([(f"<{RESOURCE}a>", f"<{TG.nctId}>", '"x"', "")], TURTLE).data.decode().strip())
    @base <https://w3id.org/trialgraph/id/> .
    @prefix tg: <https://w3id.org/trialgraph/ontology#> .
    <BLANKLINE>
    <a>
        tg:nctId "x" .
    """
    rows = set(quads)
    if format_ is JSON_LD:
        return Document(tree(list(rows), root), format_)
    default = {(s, p, o, "") for s, p, o, _ in rows}
    kept = default | {row for row in rows if row[3]} if format_.holds_named_graphs else default
    syntax, left_out, blocks = SYNTAXES[format_.name], 0, list[bytes]()
    for graph, group in groupby(sorted(kept, key=lambda row: _place(row, root)), key=lambda row: row[3]):
        block, missing = syntax.block(Passage.of([row[:3] for row in group]), graph[1:-1] or None)
        blocks.append(block)
        left_out += missing
    body = syntax.between.join(blocks)
    data = syntax.opening(used_prefixes(body)) + body + syntax.closing(left_out)
    return Document(data, format_, left_out)


def _place(row: Quad, root: Term | None) -> tuple[Any, ...]:
    """Return what puts graphs apart, the root first, and class and label first of each subject."""
    s, p, o, g = row
    return g, s != root, s, p != RDF_TYPE, p != RDFS_LABEL, p, o
