"""Lengths of time (`4 weeks`, `12-24 months`) and intervals (`every 3 weeks`, `q3w`, `BID`).

>>> [(found.value, found.high, found.unit) for found in lengths(StoredText("4 weeks, then 12-24 months; two years"))]
[('4', None, 'wk'), ('12', '24', 'mo'), ('2', None, 'a')]
>>> [(found.times, found.every, found.unit) for found in intervals(StoredText("BID, then q3w, then every other day"))]
[('2', '1', 'd'), ('1', '3', 'wk'), ('1', '2', 'd')]
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from trialgraph.interpretation.lexicon import Row, rows
from trialgraph.interpretation.pattern_set import PatternSet
from trialgraph.interpretation.quantities import NUMBER, WORDS, plain_number
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

UNITS: Final = {
    spelling: code
    for code, spellings in {
        "s": "seconds second secs sec",
        "min": "minutes minute mins min mn",
        "h": "hours hour hrs hr h",
        "d": "days day d",
        "wk": "weeks week wks wk w",
        "mo": "months month mons mon mos mo m",
        "a": "years year yrs yr y",
        "{cycle}": "cycles cycle courses course",
    }.items()
    for spelling in spellings.split()
}
"""Spellings of units of time, in small letters; `m` is a month where nothing else is said."""
UNIT: Final = "(?:" + "|".join(sorted(UNITS, key=lambda word: (-len(word), word))) + ")"
_AND_A_HALF: Final = r"\d{1,2}\s{0,1}(?:1/2|½|\.5)(?![\d])|\b(?:one|two|three|1|2|3) and (?:a|one) half\b"
SMALL: Final = (
    rf"(?:{_AND_A_HALF}|{NUMBER}|\b(?:{'|'.join(sorted(WORDS, key=lambda word: (-len(word), word)))}|an?)\b)"
)
"""A number in digits or in words, or an article."""


@value_class(frozen=True, slots=True)
class Length:
    """A length of time; `start` and `end` are positions in the plain text."""

    start: int
    end: int
    value: str
    high: str | None
    unit: str
    """UCUM: `min h d wk mo a`, or `{cycle}`."""


_LENGTH: Final = re.compile(
    rf"(?<![\w.,^/])(?P<low>{SMALL})(?:\s{{0,2}}(?P<same>{UNIT})(?![a-z]))?"
    rf"(?:\s{{0,2}}(?:-|to|~|or)\s{{0,2}}(?P<high>{SMALL}))?"
    r"(?:\s?\((?:\d{1,3}|[a-z]{3,9}|\+/?-\s?\d{1,2})\))?[\s-]{0,3}"
    rf"(?:consecutive |additional |full |more |calendar )?(?P<unit>{UNIT})(?![a-z0-9])"
)


@lru_cache(maxsize=4096)
def small_number(written: str) -> str:
    """Return a number in digits or words as plain text; an article is one."""
    whole = _HALVED.fullmatch(written.strip())
    if whole:
        return f"{plain_number(whole['n'])}.5"
    return "1" if written.strip() in ("a", "an") else plain_number(written)


_HALVED: Final = re.compile(r"(?P<n>\d{1,2}|one|two|three)(?:\s?(?:1/2|½|\.5)| and (?:a|one) half)")


def lengths(text: StoredText) -> Iterator[Length]:
    """Yield the lengths of time of a text in order."""
    for match in _LENGTH.finditer(text.folded):
        same = UNITS[match["same"]] if match["same"] else None
        high = match["high"] if same in (None, UNITS[match["unit"]]) else None
        value = small_number(match["low"] if high or not match["high"] else match["high"])
        unit = UNITS[match["unit"]]
        yield Length(match.start(), match.end(), value, small_number(high) if high else None, unit)


@value_class(frozen=True, slots=True)
class Interval:
    """How often: `times` in each `every` units; each is None where the text leaves it open (`prn`, `once`)."""

    start: int
    end: int
    times: str | None
    every: str | None
    unit: str
    """UCUM (`h d wk mo a`), `{cycle}`, or `once` and `prn`."""
    rule: str


_HOLE: Final = re.compile("<([nmu])>")
_DIGITS_OR_WORDS: Final = SMALL.replace("|an?)", ")")
_COUNT: Final = rf"(?:(?<![\d.,])\d{{1,2}}(?![\d.,])|\b(?:{'|'.join(WORDS)})\b)"


_BEGIN: Final = r"(?:(?<![a-z0-9\"])|(?<=[piso][ovc])(?=/))(?:(?<!\d[.,])|(?=[a-z]))"
"""Where how often may begin: not within a word, but behind a route ("po/day"); behind "1," only with a letter."""
_PLAIN_BEGIN: Final = r"(?<![a-z0-9\"])(?<!\d[.,])"
"""The same where a text has neither of the two, in half the time."""
_BEGINS_ODDLY: Final = re.compile(r"[piso][ovc]/|\d[.,][a-z]")


@cache
def _scan(begin: str) -> PatternSet:
    """Return the patterns of the rows of `data/lexicons/frequencies.tsv`, each behind what it may begin behind."""
    table = rows("frequencies")
    return PatternSet(rf"{begin}(?:{_filled(row['pattern'], holes=False)})(?![a-z0-9]|\.\d)" for row in table)


@cache
def _intervals() -> tuple[tuple[Row, re.Pattern[str]], ...]:
    """Return each row of the table with its holes as groups."""
    return tuple(
        (row, re.compile(rf"(?:{_filled(row['pattern'], holes=True)})(?![a-z0-9]|\.\d)"))
        for row in rows("frequencies")
    )


def _filled(pattern: str, *, holes: bool) -> str:
    """Return a pattern of the table with numbers and units in its holes; with `holes` as named groups."""
    number = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        inner = UNIT if match[1] == "u" else _COUNT if match[1] == "n" else _DIGITS_OR_WORDS
        return f"(?P<{match[1]}{number}>{inner})" if holes else inner

    return _HOLE.sub(fill, pattern.replace(" ", r"(?:[\s-]{1,3})"))


_RANGE_BEFORE: Final = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|times?|once|twice))\s?(?:-|to|-\s?to|or|(?<=time )up to)\s?$"
)
_AS_SOON_AS: Final = re.compile(
    r"\s(?:they|the|he|she|it|this|these|their|all|patients?|participants?|subjects?|an?|tolerated|stable|reached|achieved"
    r"|attained|enrolled|eligible|randomi[sz]ed)\b"
)
"""Behind "once" where it is a conjunction: "once they attain that dose"."""
_OR_MORE: Final = re.compile(
    r"\ssites?\b|\s(?:in|every|per|each)\s\d|\s?(?:or|to|-)\s?(?:twice|thrice|two|three|\d)(?![a-z])"
)
_NUMBERED: Final = re.compile(r"(?:\d|one|two|three|four|five|six|seven|eight|once|twice|thrice)(?![a-z])|\d")


def intervals(text: StoredText) -> Iterator[Interval]:
    """Yield what says how often, in order; the first row that fits at a place counts."""
    own, pattern = _intervals(), _scan(_BEGIN if _BEGINS_ODDLY.search(text.folded) else _PLAIN_BEGIN)
    for match, number in pattern.finditer(text.folded):
        row, exact = own[number]
        inner = exact.match(text.folded, match.start())
        holes = {name[0]: written for name, written in (inner.groupdict() if inner else {}).items() if written}
        if inner is None or inner.end() != match.end():
            continue  # a number stands around it that the row does not take
        if _NUMBERED.match(match.group()) and _RANGE_BEFORE.search(
            text.folded, max(0, match.start() - 14), match.start()
        ):
            continue  # "in 8- to 12-hour intervals" is not every 12 hours, "once or twice daily" not twice
        if match.group() == "once" and _AS_SOON_AS.match(text.folded, match.end()):
            continue
        if row["unit"] == "once" and _OR_MORE.match(text.folded, match.end()):
            continue
        cells = [holes.get(row[column].strip("<>"), row[column]) for column in ("times", "every", "unit")]
        if any(cell.startswith("<") for cell in cells):
            continue
        times, every = (None if cell == "-" else small_number(cell) for cell in cells[:2])
        yield Interval(match.start(), match.end(), times, every, UNITS.get(cells[2], cells[2]), row["rule"])
