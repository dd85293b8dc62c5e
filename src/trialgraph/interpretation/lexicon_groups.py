"""Groups of a table: words that a grammar tells apart, and alternatives that make one pattern."""

import re
from functools import cache

from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.pattern_set import PatternSet


@cache
def word_group(table: str, group: str) -> frozenset[str]:
    """Return the words of the rows of a group (columns `group` and `words`, these apart by blanks).

    >>> sorted(word_group("time-frame-words", "below"))
    ['<', '≤']
    """
    return frozenset(word for row in rows(table) if row["group"] == group for word in row["words"].split())


@cache
def pattern_group(table: str, group: str) -> re.Pattern[str]:
    """Return the pattern of the rows of a group (columns `group` and `pattern`), in their order.

    `<people>`, `<time>` and `<number>` stand for the alternatives of the rows of those groups.

    >>> bool(pattern_group("outcome-patterns", "share of participants").search("number of patients with a cold"))
    True
    """
    return re.compile("|".join(_patterns(table, group)))


@cache
def pattern_set(table: str, group: str) -> PatternSet:
    """Return the alternatives of `pattern_group` as a set, which is searched in vain at little cost.

    >>> pattern_set("outcome-patterns", "share of participants").matches("number of patients with a cold")
    True
    """
    return PatternSet.of_pattern("|".join(_patterns(table, group)))


def _patterns(table: str, group: str) -> list[str]:
    return [_filled(table, row["pattern"]) for row in rows(table) if row["group"] == group]


@cache
def _hole(table: str, group: str) -> str:
    return "(?:" + "|".join(row["pattern"] for row in rows(table) if row["group"] == group) + ")"


def _filled(table: str, pattern: str) -> str:
    for hole in ("people", "time", "number"):
        if f"<{hole}>" in pattern:
            pattern = pattern.replace(f"<{hole}>", _hole(table, hole))
    return pattern
