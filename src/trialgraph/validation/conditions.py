"""Conditions on one value node that need nothing but the term itself, each as a function term -> bool.

What repeats from record to record (dates, phases, patterns of identifiers) is decided once and remembered.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from trialgraph.errors import ShapeError
from trialgraph.terms import Term, language_tag, lexical
from trialgraph.validation import shape_model
from trialgraph.validation.literal_values import compare, datatype_test

Condition = Callable[[Term], bool]

_REMEMBERED: Final = 1 << 12
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_PART: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)
"""An escape, a class of characters, or a character of a pattern."""
# XPath regular expressions that Python reads otherwise or not at all: categories, name characters, class subtraction.
_FOREIGN: Final = re.compile(r"(?:^|[^\\])(?:\\\\)*\\[pPiIcC]|-\[")
# What Python reads and XPath does not know: looking around, flags and names in a group, anchors by letters.
_OF_PYTHON: Final = re.compile(r"(?:^|[^\\])(?:\\\\)*(?:\\[bBAZ]|\(\?(?!:))")
_ALLOWED_ORDERS: Final[dict[shape_model.Bound, tuple[int, ...]]] = {
    "MinExclusive": (1,),
    "MinInclusive": (0, 1),
    "MaxExclusive": (-1,),
    "MaxInclusive": (-1, 0),
}


def condition(constraint: shape_model.Constraint, shape: Term) -> Condition | None:  # noqa: PLR0911
    """Return the condition a constraint sets for each value node; None when it looks beyond the term.

    Raises ShapeError for a pattern that cannot be evaluated here.
    """
    match constraint:
        case shape_model.Datatype(datatype):
            return datatype_test(datatype[1:-1])
        case shape_model.NodeKind(kinds):
            return _node_kind(kinds)
        case shape_model.Range(bound, limit):
            return _range(bound, limit)
        case shape_model.MinLength(length):
            return lambda term: term[0] != "_" and _length(term) >= length
        case shape_model.MaxLength(length):
            return lambda term: term[0] != "_" and _length(term) <= length
        case shape_model.Pattern():
            return _pattern(constraint, shape)
        case shape_model.LanguageIn(ranges):
            return _language_in(ranges)
        case shape_model.In(values):
            return frozenset(values).__contains__
        case _:
            return None


def _node_kind(kinds: frozenset[str]) -> Condition:
    if len(kinds) == 1:
        (kind,) = kinds
        return lambda term: term[0] == kind
    return lambda term: term[0] in kinds


def _range(bound: shape_model.Bound, limit: Term) -> Condition:
    allowed = _ALLOWED_ORDERS[bound]
    return lru_cache(_REMEMBERED)(lambda term: compare(term, limit) in allowed)


def text_of(term: Term) -> str:
    """Return what SPARQL's STR gives: the lexical form of a literal, the IRI without brackets."""
    return term[1:-1] if term[0] == "<" else lexical(term)


def _length(term: Term) -> int:
    return len(text_of(term))


def _pattern(constraint: shape_model.Pattern, shape: Term) -> Condition:
    search = compile_pattern(constraint.pattern, constraint.flags, shape).search
    return lru_cache(_REMEMBERED)(lambda term: term[0] != "_" and search(text_of(term)) is not None)


def compile_pattern(pattern: str, flags: str, shape: Term) -> re.Pattern[str]:
    """Return the pattern for Python.

    Raises ShapeError for a pattern that is ill-formed or that Python would read otherwise than XPath does.

    >>> one = compile_pattern("^a$", "", "<https://example.org/S>")
    >>> bool(one.search("a")), bool(one.search("a\\n"))
    (True, False)
    >>> bool(compile_pattern("^ a [ b] \\\\$ $", "x", "<https://example.org/S>").search("a $"))
    True
    """
    if "q" in flags:
        pattern, flags = re.escape(pattern), flags.replace("q", "")
    elif _FOREIGN.search(pattern):
        raise ShapeError(
            shape, f"sh:pattern: {pattern!r} uses \\p, \\i, \\c or class subtraction; write the classes out"
        )
    elif _OF_PYTHON.search(pattern):
        raise ShapeError(
            shape, f"sh:pattern: {pattern!r} uses what XPath lacks: looking around, (?...), \\b, \\A or \\Z"
        )
    if "x" in flags:  # XPath takes white space out of the pattern, but not out of its classes, and knows no comments
        pattern = "".join(each for each in _PART.findall(pattern) if each not in " \t\n\r")
        flags = flags.replace("x", "")
    if not set(flags) <= _FLAGS.keys():
        raise ShapeError(shape, f"sh:flags: {flags!r}; only i, m, s, x and q are supported")
    if "m" not in flags:  # in Python $ stands before a line end at the end too
        pattern = "".join(r"\Z" if each == "$" else each for each in _PART.findall(pattern))
    try:
        return re.compile(pattern, sum(_FLAGS[flag] for flag in set(flags)))
    except re.error as error:
        raise ShapeError(shape, f"sh:pattern: {pattern!r}: {error}") from error


def _language_in(ranges: tuple[str, ...]) -> Condition:
    wanted = tuple(range_.lower() for range_ in ranges)

    def matches(term: Term) -> bool:
        tag = language_tag(term) if term[0] == '"' else None
        return tag is not None and any(language_matches(tag, range_) for range_ in wanted)

    return matches


def language_matches(tag: str, range_: str) -> bool:
    """Tell whether a language tag matches a range, both in lower case (SPARQL langMatches, RFC 4647 section 3.3.1).

    >>> language_matches("en-gb", "en"), language_matches("eng", "en"), language_matches("fr", "*")
    (True, False, True)
    """
    return range_ in ("*", tag) or tag.startswith(range_ + "-")
