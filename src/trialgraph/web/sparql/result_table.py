"""The first rows of a result as a page shows them, read from its tab-separated form, row by row.

Not from the JSON or XML form: a term may hold terms as deep as a query is long, and to read those nested takes either
more stack than this process has, which ends it, or all of a large result at once.

>>> from trialgraph.formats import SPARQL_TSV
>>> table(Result("solutions", SPARQL_TSV, 44, b'?x\\t?n\\n<https://e.org/a>\\t"one\\\\ttwo"@en\\n_:b\\t\\n'))
(('x', 'n'), ((Cell('https://e.org/a', True), Cell('one\\ttwo', False)), (Cell('_:b', False), Cell('', False))))
"""

from typing import Final, NamedTuple

from trialgraph.query import Result
from trialgraph.terms import is_literal, lexical

ROWS: Final = 1000
_BYTES: Final = 4 * 2**20
"""Of a result this much is looked at."""
_LONGEST: Final = 10_000
"""Characters of a cell."""


class Cell(NamedTuple):
    """What stands in one cell."""

    text: str
    is_link: bool

    def __repr__(self) -> str:
        """Return it short."""
        return f"Cell({self.text!r}, {self.is_link})"


Row = tuple[Cell, ...]


def table(result: Result) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Return the variables and the first rows of a result in the TSV format."""
    lines = beginning(result, _BYTES).split("\n")
    # The last is empty, or, where the result is longer than what was read, not whole.
    columns = tuple(name.removeprefix("?") for name in lines[0].split("\t") if name)
    rows = tuple(tuple(_cell(term) for term in line.split("\t")) for line in lines[1 : ROWS + 1][: len(lines) - 2])
    return columns, rows


def beginning(result: Result, size: int) -> str:
    """Return the beginning of a result as text."""
    file = result.open()
    if file is None:
        return result.body[:size].decode(errors="replace")
    with file:
        return file.read(size).decode(errors="replace")


def _cell(term: str) -> Cell:
    if is_literal(term):
        return _cut(lexical(term), is_link=False)
    if term.startswith("<") and not term.startswith("<<"):
        return _cut(term[1:-1], is_link=term.startswith(("<http://", "<https://")))
    return _cut(term, is_link=False)


def _cut(text: str, *, is_link: bool) -> Cell:
    return Cell(text, is_link) if len(text) <= _LONGEST else Cell(text[:_LONGEST] + " …", is_link=False)
