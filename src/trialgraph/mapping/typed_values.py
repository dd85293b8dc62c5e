"""Typed companions of texts: numbers with their comparator, days of dates, ages, MeSH descriptors.

Registries write numbers as people do (`<0.001`, `26,300`, `NA`, `10 to 12`) and dates as far as they know them. What
is plain to read has a typed value beside the text, so that filters find it; what is not stays text alone.

>>> number_written("<0.001")
Number(comparator='LT', value=Decimal('0.001'), low=None, high=None)
>>> number_written("10 to 12")
Number(comparator='RANGE', value=None, low=Decimal('10'), high=Decimal('12'))
>>> days_of("2000-02")
('2000-02-01', '2000-02-29')
>>> age_in_days("6 Months")
Decimal('182.625')
>>> mesh_descriptor("D000003920")
'D003920'
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

_LONGEST: Final = 48
"""Characters; what is longer is no number of a table."""
_DIGITS: Final = 18
"""Digits of an xsd:decimal that stores keep exactly."""


class Number(NamedTuple):
    """What a text says of a number."""

    comparator: str
    """Notation in the scheme `comparator`: EQ, LT, LE, GT, GE, RANGE, or NA where there is no number to give."""
    value: Decimal | None
    """The number written, whatever sign stands before it; None of a range and of NA."""
    low: Decimal | None = None
    high: Decimal | None = None
    """The ends of a range."""


_SIGNS: Final = {
    "": "EQ", "=": "EQ", "<": "LT", ">": "GT", "<=": "LE", "=<": "LE", "≤": "LE", ">=": "GE", "=>": "GE", "≥": "GE",
    "\u2266": "LE", "\u2a7d": "LE", "\u2267": "GE", "\u2a7e": "GE", "\uff1c": "LT", "\uff1e": "GT",
}  # fmt: skip
_NUMBER: Final = r"[+\-\u2212]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+\-]?\d{1,2})?"
_SIGNED: Final = re.compile(
    rf"([<>=≤≥\u2266\u2267\u2a7d\u2a7e\uff1c\uff1e]{{0,2}})\s*((?:\u2013(?=[\d.]))?{_NUMBER})"
    r"(?:\s*\(?(?:one|two|1|2)[ \-]?(?:sided|tailed)\)?)?",
    re.ASCII | re.IGNORECASE,
)
"""A comparator, a number (an en dash before it is a minus), and of how many sides a test was."""
_RANGE: Final = re.compile(rf"\(?\s*({_NUMBER})\s*(?:-|\u2013|\u2014|to)\s*({_NUMBER})\s*\)?", re.ASCII)
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"0,\d+|[1-9]\d*,(?:\d{1,2}|\d{4,})", re.ASCII)
_NOT_AVAILABLE: Final = frozenset(
    ("na", "n/a", "n.a.", "nr", "n.r.", "ne", "n.e.", "nc", "not available", "not applicable", "not reached",
     "not reported", "not estimable", "not evaluable", "not calculable", "not calculated", "not determined")
)  # fmt: skip
"""What stands where there is no number to give."""


@lru_cache(maxsize=1 << 16)
def number_written(text: str) -> Number | None:
    """Return what a text says of a number, None where that is not plain.

    A comma parts thousands where three digits follow it, and is the decimal point where that cannot be (`0,031`,
    `9,9`). A range is one only with the lower number first.

    >>> [str(number_written(text).value) for text in ("26,300", "0,3139", "= 0.0062", ".9", "-1,763", "<.0001")]
    ['26300', '0.3139', '0.0062', '0.9', '-1763', '0.0001']
    >>> number_written("1.5e-05").value, number_written("1e99")
    (Decimal('0.000015'), None)
    >>> number_written("NA").comparator, number_written("1,2,3"), number_written("12 (SD 3)"), number_written("9-3")
    ('NA', None, None, None)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if text.lower() in _NOT_AVAILABLE:
        return Number("NA", None)
    signed = _SIGNED.fullmatch(text)
    if signed:
        value, comparator = _decimal(signed[2]), _SIGNS.get(signed[1])
        return Number(comparator, value) if value is not None and comparator else None
    between = _RANGE.fullmatch(text)
    if between:
        low, high = _decimal(between[1]), _decimal(between[2])
        if low is not None and high is not None and low <= high:
            return Number("RANGE", None, low, high)
    return None


def _decimal(text: str) -> Decimal | None:
    sign, digits = (text[0], text[1:]) if text[0] in "+-\u2212\u2013" else ("", text)
    if "," in digits:
        if _GROUPED.fullmatch(digits):
            digits = digits.replace(",", "")
        elif _DECIMAL_COMMA.fullmatch(digits):
            digits = digits.replace(",", ".")
        else:
            return None
    value = Decimal(digits)
    if len(format(value, "f")) > _DIGITS:
        return None
    return -value if sign in ("-", "\u2212", "\u2013") else value


_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(?::\d\d)?)?)?)?", re.ASCII)
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=1 << 16)
def days_of(text: str) -> tuple[str, str] | None:
    """Return the first and the last day of a year, a month or a day, each as `xsd:date` writes it; None of no date.

    >>> days_of("1999"), days_of("2020-08-21T09:30"), days_of("2021-02-29"), days_of("May 2003")
    (('1999-01-01', '1999-12-31'), ('2020-08-21', '2020-08-21'), None, None)
    """
    match = _DATE.fullmatch(text)
    if not match or match[1] == "0000":
        return None
    year, month, day = match[1], match[2], match[3]
    if month is None:
        return f"{year}-01-01", f"{year}-12-31"
    if not 1 <= int(month) <= len(_MONTH_DAYS):
        return None
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    last = 29 if leap and month == "02" else _MONTH_DAYS[int(month) - 1]
    if day is None:
        return f"{year}-{month}-01", f"{year}-{month}-{last}"
    return (f"{year}-{month}-{day}",) * 2 if 1 <= int(day) <= last else None


_AGE: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) (Year|Month|Week|Day|Hour|Minute)s?", re.ASCII)
_YEAR: Final = Decimal("365.25")
_UNIT_DAYS: Final = {
    "Year": _YEAR,
    "Month": _YEAR / 12,
    "Week": Decimal(7),
    "Day": Decimal(1),
    "Hour": Decimal(1) / 24,
    "Minute": Decimal(1) / 1440,
}
"""Days of each unit of the registry; a year is the Julian one, as UCUM has it (`a_j`), a month a twelfth of it."""
_PLACES: Final = Decimal("0.000001")


@lru_cache(maxsize=1 << 12)
def age_in_days(text: str) -> Decimal | None:
    """Return an age as the registry writes it in days, to six places; None where it is none.

    >>> age_in_days("18 Years"), age_in_days("2 Weeks"), age_in_days("N/A")
    (Decimal('6574.5'), Decimal('14'), None)
    """
    match = _AGE.fullmatch(text)
    return _tidy(Decimal(match[1]) * _UNIT_DAYS[match[2]]) if match else None


@lru_cache(maxsize=1 << 12)
def age_in_years(text: str) -> Decimal | None:
    """Return an age in years, to six places; whole where it is written in years.

    >>> age_in_years("4 Years"), age_in_years("6 Months"), age_in_years("1 Day")
    (Decimal('4'), Decimal('0.5'), Decimal('0.002738'))
    """
    match = _AGE.fullmatch(text)
    if not match:
        return None
    value = Decimal(match[1])
    if match[2] == "Year":
        return _tidy(value)
    return _tidy(value / 12 if match[2] == "Month" else value * _UNIT_DAYS[match[2]] / _YEAR)


def _tidy(value: Decimal) -> Decimal:
    rounded = value.quantize(_PLACES).normalize()
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


_MESH_ID: Final = re.compile(r"([CD])(\d{6}|\d{9})", re.ASCII)
_FIRST_OF_NINE: Final = {"D": 66_388, "C": 589_651}
"""The least number that MeSH writes with nine digits, as far as records tell; below it nine digits are padding."""
_LAST_OF_SIX: Final = {"D": 66_387, "C": 586_849}
"""The greatest number that MeSH is known to write with six digits."""


@lru_cache(maxsize=1 << 14)
def mesh_descriptor(identifier: str) -> str | None:
    """Return the MeSH identifier that the registry means, None where it is none or is not sure.

    Until November 2024 the registry filled all of them with zeros to nine digits. MeSH itself has written nine digits
    since it ran out of six, so the number tells which of the two a long one is.

    >>> [mesh_descriptor(text) for text in ("C000024352", "D000066388", "D003920", "C000588000", "M7115")]
    ['C024352', 'D000066388', 'D003920', None, None]
    """
    match = _MESH_ID.fullmatch(identifier)
    if not match:
        return None
    kind, number = match[1], int(match[2])
    if len(match[2]) == 6:
        return identifier
    if number <= _LAST_OF_SIX[kind]:
        return f"{kind}{number:06}"
    return identifier if number >= _FIRST_OF_NINE[kind] else None
