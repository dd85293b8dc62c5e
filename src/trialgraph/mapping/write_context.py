"""What one record collects while it is written."""

from collections.abc import Callable
from typing import Any

from trialgraph.mapping.field_tree import Node
from trialgraph.terms import Term, Triple

Item = tuple[Callable[["Item", "Run"], None], Term, int, dict[str, Any], dict[int, Any]]
"""An element to write: its writer, its IRI, its position, its object, the keys that joins may look up."""
Misfit = tuple[Node, Term, tuple[str, ...], Any]
"""A value that did not fit: node and subject it belongs to, keys from there, the value."""


class Run:
    """The triples of one record so far, by subject, and what is still to do."""

    __slots__ = ("blocks", "keys", "late", "misfits", "queue", "record", "trial")

    def __init__(self, trial: Term) -> None:
        self.trial = trial
        self.record = f"{trial[:-1]}/record>"
        self.blocks: dict[Term, list[Triple]] = {}
        self.queue: list[Item] = []
        self.late: dict[Triple, None] = {}
        """Triples about a subject other than the one being written; each once."""
        self.misfits: list[Misfit] = []
        self.keys: dict[int, Any] = {}
        """For the node being written: for each join, elements by the value they bear."""

    def block(self, subject: Term) -> list[Triple]:
        """Return the list for the triples of a subject."""
        return self.blocks.setdefault(subject, [])
