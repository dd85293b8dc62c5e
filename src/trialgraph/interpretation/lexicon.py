"""Lexicons: tables of `data/lexicons/` (term, code and more), and patterns made of their terms.

The first line names the columns; a line that begins with `#` is a remark. A new spelling is one row.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from trialgraph.errors import SourceError
from trialgraph.settings import packaged


@dataclass(frozen=True)
class Row:
    """A row of a table, by column."""

    columns: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.columns[column]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return the rows of `data/lexicons/NAME.tsv` in their order.

    Raises SourceError for a table that is not there or a row with another number of cells than the first line.

    >>> rows("units")[0]["code"]
    'mg'
    """
    path = packaged("data") / "lexicons" / f"{name}.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SourceError(str(path), f"it cannot be read: {error}", "put the table back") from None
    heading, *body = [line for line in lines if line and not line.startswith("#")]
    names = heading.split("\t")
    found = []
    for line in body:
        cells = line.split("\t")
        if len(cells) != len(names):
            reason = f"the row {line!r} has {len(cells)} cells, not {len(names)}"
            raise SourceError(str(path), reason, "give it a cell for each column")
        found.append(Row(dict(zip(names, cells, strict=True))))
    return tuple(found)


_BLANK: Final = re.compile(r"[ -]+")


def alternatives(terms: Iterable[str], *, pattern: bool = False) -> str:
    """Return a pattern of the terms, the longest first; a blank in a term is any run of blanks or hyphens.

    With `pattern` the terms are regular expressions and taken as they are, in their order.

    >>> alternatives(["per day", "a"])
    'per[\\\\s-]+day|a'
    """
    if pattern:
        return "|".join(f"(?:{term})" for term in terms)
    ordered = sorted(set(terms), key=lambda term: (-len(term), term))
    return "|".join(r"[\s-]+".join(re.escape(part) for part in _BLANK.split(term)) for term in ordered)


def normal(words: str) -> str:
    """Return words as keys of a lexicon: small letters, one blank for each run of blanks and hyphens.

    >>> normal("Per-  Day")
    'per day'
    """
    return " ".join(words.lower().replace("-", " ").split())
