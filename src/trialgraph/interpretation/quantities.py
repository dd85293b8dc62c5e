"""Numbers and quantities with units: `1.5 x 10^8 cells`, `100-200 mg/m2`, `two tablets`, in UCUM.

Units and their spellings are `data/lexicons/units.tsv`; what is divided by (kg, m2, hour ...) is composed.

>>> [(found.value, found.high, found.unit) for found in quantities(StoredText("1,000-1,500 mg/m\\\\^2 or 2.5 MIU"))]
[('1000', '1500', 'mg/m2'), ('2.5', None, '10*6.[iU]')]
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Final

from trialgraph.interpretation.lexicon import alternatives, normal, rows
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

NUMBER: Final = (
    r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?![\d])(?:\.\d{1,6})?|\d{1,3}(?: 000){1,3}(?![\d])"
    r"|\d{1,3}(?:\.\d{3}){1,3},\d{1,2}(?![\d,])|\d{1,3}(?:'\d{3}){1,3}(?!\d)|\d{1,12},\d{1,2}(?![\d,])"
    r"|\d{1,15}(?:\.\d{1,9})?|\.\d{1,9})"
)
"""A number in digits: thousands with commas or with blanks before three zeros, a decimal comma or point; no sign."""
POWER: Final = (
    r"(?:\s{0,2}[x*·]\s{0,2}10{0,2}(?:,?000){1,4}(?![\d,])|\s{0,2}[x*·]?\s{0,2}10\s?(?:\^|e|\*\*|exp)\s?\(?\d{1,2}\)?|"
    r"\s{0,2}[x*·]\s{0,2}10(?:[5-9]|1[0-4])(?![\d.])"
    r"|\s{0,2}[x*·]\s{0,2}10\s(?:[5-9]|1[0-4])(?=\s?(?:cfu|cells|vg|pfu)\b)|e\+?\d{1,2})"
)
_SCALE: Final = {"thousand": 3, "million": 6, "mio": 6, "billion": 9, "trillion": 12}
WORDS: Final = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"half": "0.5", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100"}
"""Numbers in words that texts write before a unit."""
_WORD: Final = alternatives(["one half", "half a", "a half", *WORDS])
_VALUE: Final = rf"(?:10\^\(?\d{{1,2}}\)?(?!\d)|{NUMBER}{POWER}?(?:\s{{0,2}}(?:{'|'.join(_SCALE)})\b)?)"
_POWER: Final = re.compile(
    r"(?:(?P<base>10)\s?(?:\^|e|\*\*|exp)\s?\(?(?P<bare>\d{1,2})\)?"
    r"|(?P<factor>[\d.,]+)(?:\s*[x*·]?\s*10\s?(?:\^|e|\*\*|exp)\s?\(?(?P<power>\d{1,2})"
    r"\)?|\s*[x*·]\s*10\s?(?P<lost>\d{1,2})"
    r"|\s*[x*·]\s*1(?P<zeros>[0,]{3,16})|e\+?(?P<exponent>\d{1,2})))$"
)


_POINTS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}")
"""Thousands with points before a decimal comma."""


def plain_number(written: str) -> str:
    """Return a number as text in plain form; raises ValueError where none is written.

    >>> [plain_number(text) for text in ("1,000", ".5", "2,5", "5.0", "1 x10^8", "3 million", "Two", "1,00,000")]
    ['1000', '0.5', '2.5', '5', '100000000', '3000000', '2', '100000']
    """
    text = re.sub(r"(?<=\d)[ '](?=\d{3})", "", written.strip().lower())
    if _POINTS.fullmatch(text):
        text = text.replace(".", "")
    words = normal(text)
    if words in WORDS:
        return WORDS[words]
    if words in ("one half", "half a", "a half"):
        return "0.5"
    scale = 0
    for word, exponent in _SCALE.items():
        if text.endswith(word):
            text, scale = text.removesuffix(word).strip(), exponent
    power = _POWER.match(text)
    if power:
        text = power["factor"] or "1"
        zeros = str((power["zeros"] or "").count("0")) if power["zeros"] else None
        scale += int(zeros or power["bare"] or power["power"] or power["lost"] or power["exponent"])
    whole, comma, rest = text.partition(",")
    if comma and (len(rest) < 3 or whole == "0") and "," not in rest and "." not in rest:
        text = f"{whole}.{rest}"
    value = Decimal(text.replace(",", "")).scaleb(scale)
    return format(value.normalize(), "f")


@value_class(frozen=True, slots=True)
class Quantity:
    """A number with a unit; `start` and `end` are positions in the plain text."""

    start: int
    end: int
    value: str
    """The number, or the low end of a range, as text in plain form; `24/26` for a fixed combination."""
    high: str | None
    """The high end of a range."""
    unit: str
    """UCUM, of the numerator and what it is divided by: `mg/kg/d`."""
    kind: str
    """Kind of the numerator: `mass`, `volume`, `form`, `count` ... (`data/lexicons/units.tsv`)."""
    numerator: str
    per: tuple[str, ...]
    """UCUM codes of what it is divided by, in the order of the text."""
    number_end: int
    """Where the number ends in the plain text."""


_WITH_VOLUME: Final = rf"(?:{NUMBER}\s?)(?:ml|cc|l|dl|g|mg|h|hr|hrs|hours|actuation|kg)"
_SEPARATOR: Final = (
    r"\s{0,2}(?:/\(?|\bper\s|\ba\s(?=day\b|week\b|month\b)|[.·](?=min\b|h\b|d\b)"
    r"|\^(?=m2\b)|[.·*]?(?=m\^?-2)|[.·*]?\s?(?=(?:kg|m2|m\^2|h|min|d|day)\^?-1)|-(?=(?:kg|m2)\b))\s{0,2}"
)


@cache
def _table() -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """Return code and kind of each spelling: of those in small letters, of those where capitals tell."""
    anyhow = {normal(row["spelling"]): (row["code"], row["kind"]) for row in rows("units") if row["case"] == "any"}
    exact = {
        " ".join(row["spelling"].split()): (row["code"], row["kind"])
        for row in rows("units")
        if row["case"] == "exact"
    }
    return anyhow, exact


@cache
def _divisor_codes() -> dict[str, str]:
    return {normal(row["spelling"]): row["code"] for row in rows("divisors")}


_GLUED: Final = r"\d[\d.]{0,8}\s?(?:mg|mcg|ug|iu|gy|ml)(?![a-z0-9])"
"""An amount that is written right behind its agent: "Bevacizumab15mg/kg"."""


@cache
def quantity_pattern() -> re.Pattern[str]:
    """Return the pattern of a quantity in the folded plain text (groups: low, high, unit, per)."""
    anyhow, exact = _table()
    unit = alternatives([*anyhow, *(spelling.lower() for spelling in exact)])
    per = alternatives(_divisor_codes())
    divided = rf"(?:{_SEPARATOR}(?:{_WITH_VOLUME}|{per})(?:\^?-1)?(?![a-z0-9]))"
    to = r"(?:\s{0,2}(?:-|~|\bto\b|\bup to\b|\bthrough\b|\band\b)\s{0,2}|\s?\.\.\.?\s?)"
    return re.compile(
        rf"(?:(?<![^\W_])(?:(?<![.^])|(?<=[a-z]{{4}}\.))(?<!\d,)|(?<=[a-z]\d,)|(?<=\d[x*])|(?<=[a-z]{{4}})(?={_GLUED}))(?<![a-z]-)(?P<low>{_VALUE}|\b(?:{_WORD})\b)"
        rf"(?:\s{{0,2}}(?:(?P<first>{unit})(?![a-z0-9])(?P<first_per>{divided}{{0,3}}))?(?P<to>{to})"
        rf"(?P<high>{_VALUE}|\b(?:{_WORD})\b))?(?:\s?\((?!(?:{unit})\))(?:[a-z]{{3,9}}|\d{{1,3}})\))?"
        rf"(?:\s?\[{NUMBER}\s?[;,-]\s?{NUMBER}\])?"
        rf"(?:\s{{0,2}}(?:-|/(?=m?g/(?:m\^?2|kg)))?\s{{0,2}}(?P<open>\((?={unit}\)))?(?P<unit>{unit})(?![a-z0-9])(?(open)\))(?:\s?\((?:mg|mcg|ug|g)\)(?=/|\sper\s))?(?P<per>{divided}{{0,3}})"
        r"(?:\s?\((?:mg|mcg|ug|g|ml|iu|u|gy|mg/kg|mg/m\^?2|ug/kg|mcg/kg|meq|mbq|mci)\))?"
        rf"|(?P<per_counted>{divided}{{1,2}})\s?(?:[a-z0-9+-]{{1,20}}\s){{0,4}}?(?P<counted>cells|vg|pfu)\b)"
    )


def quantities(text: StoredText) -> Iterator[Quantity]:
    """Yield the quantities of a text in order, none overlapping another."""
    pattern, position = quantity_pattern(), 0
    while (match := pattern.search(text.folded, position)) is not None:
        if _CODE_NUMBER.match(match["low"]):
            position = match.end("low")
            continue  # "KSP-0243 tablets" names what the tablets hold
        whole = quantity_of(text, match)
        if match["high"] and not _is_range(text, match):
            yield from _first_of_two(text, match, whole)
            position = match.start("high")
        else:
            position = match.end()
            if whole is not None:
                yield whole


_CODE_NUMBER: Final = re.compile(r"0\d")
NUMBERED: Final = re.compile(
    r"(?:days?|weeks?|cycles?|visits?|levels?|grades?|arms?|cohorts?|months?|parts?|phases?|hours?|at|aged?|groups?"
    r"|steps?|cmax|to|factor|by|than|stages?)\s?$"
)
"""What a number stands behind that counts something else."""


def _is_range(text: StoredText, match: re.Match[str]) -> bool:
    """Return whether two numbers are the ends of a range: one unit, and no "and" but behind "between"."""
    if match["first"] and unit_of(_written(text, match, "first")) != unit_of(_written(text, match, "unit")):
        return False
    vial = match["to"].strip() == "-" and text.folded.endswith(("vial ", "step ", "level "), 0, match.start())
    if (match["first"] or vial) and _falls(match["low"], match["high"]):
        return False  # "from 5 mg per day to 0 mg per day" are two
    if match["to"].strip() == "up to":
        return text.folded.endswith(("from ", "between "), 0, match.start())  # else the second is a ceiling
    return match["to"].strip() != "and" or text.folded.endswith("between ", 0, match.start())


def _falls(low: str, high: str) -> bool:
    """Return whether the second of two numbers is the smaller one."""
    try:
        return Decimal(plain_number(high)) < Decimal(plain_number(low))
    except (ValueError, ArithmeticError):
        return False


def _first_of_two(text: StoredText, match: re.Match[str], whole: Quantity | None) -> Iterator[Quantity]:
    """Yield the first of two numbers that are no range, with its own unit or that of both."""
    low = plain_number(match["low"])
    known = unit_of(_written(text, match, "first")) if match["first"] else None
    if known is not None:
        per = tuple(divisors(match["first_per"] or ""))
        unit = "/".join((known[0], *per))
        end = match.end("first_per")
        yield Quantity(match.start(), end, low, None, unit, known[1], known[0], per, match.end("low"))
    elif (
        whole is not None
        and not match["first"]
        and match["to"].strip() == "and"
        and not re.search(r"\d\s?[x*/-]\s?$", text.folded[max(0, match.start() - 4) : match.start()])
        and not NUMBERED.search(text.folded[max(0, match.start() - 12) : match.start()])
    ):
        yield replace(whole, end=match.end("low"), value=low, high=None, number_end=match.end("low"))


def _written(text: StoredText, match: re.Match[str], group: str) -> str:
    """Return what a group matched, with its capitals."""
    start, end = match.span(group)
    return text.plain[start:end] if start >= 0 else ""


def quantity_of(text: StoredText, match: re.Match[str]) -> Quantity | None:
    """Return what a match of the pattern says; None where capitals deny it."""
    start, end = match.span("unit" if match["unit"] else "counted")
    known = unit_of(text.plain[start:end])
    if known is None and text.plain[start:end] == "G" and _is_of_grams(text, match):
        known = unit_of("g")
    if known is None:
        return None
    code, kind = known
    per = tuple(divisors(match["per"] or match["per_counted"] or ""))
    high = match.group("high")
    low = plain_number(match.group("low"))
    if high and kind == "count":
        low = with_power_of(low, match.group("low"), high)
    if kind == "activity" and _THOUSANDS.fullmatch(match.group("low")):
        low = plain_number(match.group("low").replace(".", ""))  # "50.000 IU" has no three decimals
    return Quantity(
        match.start(),
        match.end(),
        low,
        plain_number(high) if high else None,
        "/".join((code, *per)),
        kind,
        code,
        per,
        match.end("high") if high else match.end("low"),
    )


_PART: Final = re.compile(r"\b(?:parts?|arms?|cohorts?|stages?|phases?|grades?|groups?)\s$")
_NO_GRAMS: Final = re.compile(r"-|[\s-]{0,2}(?:needle|gauge|syringe|protein|force|cannula|spinal|network)")


def _is_of_grams(text: StoredText, match: re.Match[str]) -> bool:
    """Return whether a capital G is a gram: needles have two digits, and what else it begins is named behind it."""
    if _PART.search(text.folded, max(0, match.start() - 9), match.start()):
        return False  # "Part 1G"
    return len(match["low"]) == 1 and match["low"] != "0" and not _NO_GRAMS.match(text.folded, match.end("unit"))


_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.000)+")
_ENDING_POWER: Final = re.compile(rf"{POWER}$")


def with_power_of(low: str, written: str, high: str) -> str:
    """Return the low end of a range with the power that is written once, at its high end: "1-5 x 10^6 cells"."""
    power = _ENDING_POWER.search(high)
    if power is None or _ENDING_POWER.search(written):
        return low
    scaled = plain_number(written + power.group())
    return scaled if Decimal(scaled) <= Decimal(plain_number(high)) else low


def unit_of(spelling: str) -> tuple[str, str] | None:
    """Return UCUM code and kind of a unit as spelled, None where it is no unit.

    >>> unit_of("mcg"), unit_of("mU"), unit_of("MU"), unit_of("G")
    (('ug', 'mass'), ('m[iU]', 'activity'), ('10*6.[iU]', 'activity'), None)
    """
    anyhow, exact = _table()
    return exact.get(" ".join(spelling.split())) or anyhow.get(normal(spelling))


def divisors(written: str) -> Iterator[str]:
    """Yield the UCUM codes of what a unit is divided by.

    >>> list(divisors("/kg per day")), list(divisors("/5 ml"))
    (['kg', 'd'], ['(5.mL)'])
    """
    for part in _DIVISORS().finditer(written):
        number, spelling = part.group(1), part.group(2)
        code = _divisor_codes()[normal(spelling)]
        yield f"({plain_number(number)}.{code})" if number and plain_number(number) != "1" else code


@cache
def _DIVISORS() -> re.Pattern[str]:  # noqa: N802
    return re.compile(rf"(?<![a-z0-9])(?:({NUMBER})\s?)?({alternatives(_divisor_codes())})(?![a-z0-9])")
