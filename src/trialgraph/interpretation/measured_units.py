"""Units after the number of a measured value: one table of spellings, and limits of normal by grammar.

>>> unit_after(" x 10^9/l or", 0, 12), unit_after(" mg daily", 0, 9), unit_after(" patients", 0, 9)
((9, ('10*9/L',)), (3, ('mg',)), (0, ()))
>>> unit_after(" times the institutional uln", 0, 28)
(28, ('[ULN]',))
"""

import re
from functools import cache
from typing import Any, Final

from trialgraph.interpretation.lexicon import rows

_LIMIT: Final = re.compile(
    r"(?:[x*·]|times|fold|-fold|folds)?\s{0,2}(?:(?:higher|greater|more|above|over|of)\s(?:than\s)?)?"
    r"(?:[a-z'’]{1,14}[\s-]){0,4}?"
    r"(?:u\.?l\.?n\b|u\.?n\.?l\b|l\.?l\.?n\b"
    r"|(?P<side>upper|lower)\s(?:(?:normal|reference|institutional|laboratory|the|of)\s){0,2}"
    r"(?:limits?|range|bound|values?)"
    r"(?:\s(?:of|for)\s(?:the\s)?(?:[a-z'’]{1,14}\s){0,2}?(?:normal|reference)(?:\s(?:range"
    r"|values?|limits?))?|\snormal)?)"
)
"""Upper or lower limit of normal, with the few words that stand before it."""
_LONGEST: Final = 70


@cache
def _spellings() -> dict[str, Any]:
    """Return the spellings of `measurement_units.tsv` letter by letter without blanks; "" holds the units."""
    root: dict[str, Any] = {}
    for row in rows("measurement_units"):
        node = root
        for letter in row["spelling"].lower().replace(" ", ""):
            node = node.setdefault(letter, {})
        units = node.setdefault("", [])
        if row["ucum"] not in units:
            units.append(row["ucum"])
    return root


def unit_after(folded: str, start: int, stop: int) -> tuple[int, tuple[str, ...]]:
    """Return where the unit that begins here ends, and the units that its spelling may mean (none: start, ())."""
    position = start
    if folded[position : position + 1] == "-" and folded[position + 1 : position + 2].isalpha():
        position += 1
    best = _longest(folded, position, min(stop, start + _LONGEST)) or (start, ())
    limit = _LIMIT.match(folded, start + (folded[start : start + 1] == " "), min(stop, start + 90))
    if limit and limit.end() > best[0]:
        lower = limit["side"] == "lower" or "lln" in limit.group().replace(".", "")
        return limit.end(), ("[LLN]" if lower else "[ULN]",)
    return best


def _longest(folded: str, position: int, limit: int) -> tuple[int, tuple[str, ...]] | None:
    """Return the longest spelling that begins here and ends at the end of a word."""
    node: dict[str, Any] | None = _spellings()
    best: tuple[int, tuple[str, ...]] | None = None
    while position < limit:
        letter = folded[position]
        position += 1
        if letter == " ":
            continue
        node = node.get(letter) if node is not None else None
        if node is None:
            break
        if "" in node:
            following = folded[position : position + 1]
            if not (letter.isalpha() and following.isalnum()) and not following.isdigit():
                best = position, tuple(node[""])
    return best
