"""What is said of earlier treatment: how it ended, and how many lines of it there were.

>>> prior_outcome("disease progression on osimertinib"), prior_outcome("received aspirin")
('PROGRESSION', None)
>>> [(op, low, high) for op, low, high, _, _ in prior_lines("at least two prior lines of therapy")]
[('>=', 2.0, None)]
"""

from collections.abc import Iterator
from typing import Final

from trialgraph.interpretation.durations import small_number
from trialgraph.interpretation.pattern_set import PatternSet

_OUTCOMES: Final = tuple(
    (code, PatternSet.of_pattern(pattern))
    for code, pattern in (
        ("NO_PROGRESSION", r"\b(?:no|not|without|absence of)\s(?:\w+\s){0,3}?progress"),
        ("PROGRESSION", r"\bprogress(?:ed|ion|ive|ing)\b"),
        ("REFRACTORY", r"\brefractory\b|\bresistan(?:t|ce)\b"),
        ("INTOLERANCE", r"\bintoleran(?:t|ce)\b"),
        ("RELAPSE", r"\brelaps|\brecurr(?!ent (?:or|and|and/or|/|,|setting|disease))"),
        ("FAILURE", r"\bfail(?:ed|ure|ing)?\b|\binadequate response\b|\binsufficient response\b"),
        ("RESPONSE", r"\b(?:complete|partial) (?:response|remission)\b"),
        ("COMPLETED", r"\bcomplet(?:ed|ion of|ing)\b"),
    )
)
_COUNT: Final = r"(?P<value>\d{1,2}|one|two|three|four|five|six)"
_WHAT: Final = (
    r"(?:prior|previous|earlier)\s(?:[\w/-]+\s){0,3}?(?:lines?|regimens?|therapies|treatments|chemotherapy regimens)"
    r"|(?:or more\s|or fewer\s)?(?:lines?|regimens?)\sof\s(?:prior|previous|systemic|anti|therap|treat|chemo)"
)
_LINES: Final = PatternSet.of_pattern(
    rf"(?P<op>at least|a minimum of|minimum of|no more than|not more than|up to|at most|≥|>="
    rf"|≤|<=|more than|>|fewer than|less than|<)?\s?"
    rf"{_COUNT}(?:\s?(?:-|to)\s?(?P<high>\d|two|three|four|five))?\s(?P<more>or more\s"
    rf"|or fewer\s|or less\s)?(?:\(\d\)\s)?(?:{_WHAT})"
)
_OPS: Final = {
    "at least": ">=", "a minimum of": ">=", "minimum of": ">=", "≥": ">=", ">=": ">=", "more than": ">", ">": ">",
    "no more than": "<=", "not more than": "<=", "up to": "<=", "at most": "<=", "≤": "<=", "<=": "<=",
    "fewer than": "<", "less than": "<", "<": "<",
}  # fmt: skip


def prior_outcome(folded: str) -> str | None:
    """Return how an earlier treatment ended, as far as the words beside it say."""
    return next((code for code, pattern in _OUTCOMES if pattern.search(folded)), None)


def prior_lines(folded: str) -> Iterator[tuple[str, float | None, float | None, int, int]]:
    """Yield operator, low, high and place of the numbers of earlier lines of treatment."""
    for match, _ in _LINES.finditer(folded):
        value = float(small_number(match["value"]))
        more = (match["more"] or "").strip()
        op = _OPS.get(match["op"] or "") or {"or more": ">=", "or fewer": "<=", "or less": "<="}.get(more)
        if match["high"]:
            yield "range", value, float(small_number(match["high"])), match.start(), match.end()
        elif op is not None:
            low = value if op in (">", ">=") else None
            yield op, low, None if low is not None else value, match.start(), match.end()
