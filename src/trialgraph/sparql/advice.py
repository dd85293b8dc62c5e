r"""Advice beside an error of syntax: what a person means who writes this there, and how SPARQL says it.

A row of `data/sparql/advice.tsv` holds for what the grammar expects (parted by ` | `), what stands before and what is
found: terminals in capitals, or kinds of them with a colon. `:name+` before is a name with no blank behind it, and
found `:escape` a text that a backslash spoils. What is empty holds for anything; the first row that fits is given,
with what was found for its `{}`.

>>> advice("{", "?x", "word", "WHRE"), advice("the end of the query", "}", "mark", "}")
('did you mean WHERE?', 'there is one } too many')
>>> advice("a term", "tg:phase", "bad", "'", behind="'s"), advice("a term", "?p", "var", "?x")
('a text in single quotation marks ends on its line', '')
>>> advice("an expression", "(", "bad", '"', behind='"\\d+", 1')
'a backslash in a text is written twice: "\\\\d"'
"""

import csv
import unicodedata
from difflib import get_close_matches
from functools import cache
from typing import Final, NamedTuple

from trialgraph.settings import packaged
from trialgraph.sparql.functions import ARITY

KEYWORDS: Final = """SELECT CONSTRUCT ASK DESCRIBE WHERE FROM PREFIX BASE DISTINCT REDUCED OPTIONAL UNION MINUS
    FILTER BIND VALUES GRAPH SERVICE GROUP HAVING ORDER LIMIT OFFSET EXISTS""".split()
_NEAR: Final = {
    **dict.fromkeys(
        (
            "a triple pattern, a keyword or }", "a dot, or a semicolon", "the end of the query", "{", "WHERE",
            "SELECT, ASK, CONSTRUCT or DESCRIBE", "EXISTS",
        ),
        KEYWORDS,
    ),
    "an expression": [*ARITY],
    "an expression in brackets, or a function": [*ARITY],
}  # fmt: skip
"""Words that may be meant, by what is expected."""
_MOST_LIKE: Final = 0.7
_LONGEST_ENTITY: Final = 8


class _Row(NamedTuple):
    expected: tuple[str, ...]
    before: tuple[str, ...]
    found: tuple[str, ...]
    say: str


@cache
def _rows() -> tuple[_Row, ...]:
    with (packaged("data") / "sparql" / "advice.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            _Row(
                tuple(filter(None, row["expected"].split(" | "))),
                tuple(row["before"].split()),
                tuple(row["found"].split()),
                row["say"],
            )
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        )


def advice(expected: str, before: str, kind: str, value: str, before_kind: str = "", *, behind: str = "") -> str:
    """Return what to say to somebody who wrote `value` where something else was expected; mostly nothing.

    `before` is the terminal before, with its kind, which ends in a + where no blank is between; `kind` that of the
    terminal that was found, `behind` the text from there on.
    """
    capitals, kind = _read_again(value, kind, behind)
    found = {capitals, f":{kind}"}
    around = {before.upper(), f":{before_kind}", f":{before_kind.rstrip('+')}"}
    row = next((row for row in _rows() if _fits(row, expected, around, found)), None)
    if kind == "word" and not (row and capitals in row.found):
        near = get_close_matches(capitals, _NEAR.get(expected, ()), n=1, cutoff=_MOST_LIKE)
        if near and near[0] != capitals:
            return f"did you mean {near[0]}?"
    if row:
        return row.say.replace("{}", value[:40])
    if kind == "bad" and (value.isspace() or not value.isprintable()):
        return f"this is {unicodedata.name(value, 'a control character').lower()}: type a blank"
    return ""


def _fits(row: _Row, expected: str, around: set[str], found: set[str]) -> bool:
    return (
        (not row.expected or expected in row.expected)
        and (not row.before or not around.isdisjoint(row.before))
        and (not row.found or not found.isdisjoint(row.found))
    )


def _read_again(value: str, kind: str, behind: str) -> tuple[str, str]:
    """Return what was found, in capitals, with its kind: more of it where a character alone does not tell."""
    if kind == "bad" and value == "&":
        name, ends, _ = behind[:_LONGEST_ENTITY].partition(";")
        return (name + ends).upper() if ends else value, kind
    if kind == "bad" and value in "\"'" and value in behind[1:].partition("\n")[0]:
        return value, "escape"
    return value.upper(), kind
