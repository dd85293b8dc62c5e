"""Changes to the text of a query, by place, so that several can be made at once.

>>> edited("SELECT * { ?s ?p ?o } LIMIT 500", [Edit(28, 31, "100"), Edit(7, 8, "?s")])
'SELECT ?s { ?s ?p ?o } LIMIT 100'
"""

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """A part of a text, by its offsets, and what is to stand there instead."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with all changes made; none may overlap, those at the same place keep their order."""
    parts, place = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[place : edit.start], edit.text]
        place = edit.end
    return "".join((*parts, text[place:]))
