"""Literals by value: well-formed, and which is less (XML Schema 1.1 part 2, SPARQL 1.1, 17.3).

Numbers, strings, booleans, dates, dateTimes and times can be compared; dates and times only when both or neither
have a time zone. Nothing else can, and SHACL counts what cannot be compared as a violation.

>>> less('"9"^^<http://www.w3.org/2001/XMLSchema#integer>', '"10.5"^^<http://www.w3.org/2001/XMLSchema#decimal>')
True
>>> well_formed('"2024-02-30"^^<http://www.w3.org/2001/XMLSchema#date>')
False
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from trialgraph.terms import XSD, Term, datatype, is_literal, lexical

Value = tuple[str, Any]
"""What kind of value, and the value; only values of one kind compare."""

_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_ZONE = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DAY = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
_CLOCK = (
    r"(?:(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9](?:\.[0-9]+)?)|24:00:00(?:\.0+)?)"
)
_DATE = re.compile(_DAY + _ZONE)
_DATE_TIME = re.compile(f"{_DAY}T{_CLOCK}{_ZONE}")
_TIME = re.compile(_CLOCK + _ZONE)
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS_BEFORE: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def _integer(name: str) -> Callable[[str], Value | None]:
    least, most = _INTEGERS[name]

    def read(text: str) -> Value | None:
        if not _INTEGER.fullmatch(text):
            return None
        value = int(text)
        return None if (least is not None and value < least) or (most is not None and value > most) else ("n", value)

    return read


def _decimal(text: str) -> Value | None:
    return ("n", Decimal(text)) if _DECIMAL.fullmatch(text) else None


def _double(text: str) -> Value | None:
    return ("n", float(text)) if _DOUBLE.fullmatch(text) else None


def _boolean(text: str) -> Value | None:
    return ("b", text in ("true", "1")) if text in ("true", "false", "1", "0") else None


def _string(text: str) -> Value | None:
    return "s", text


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(found: re.Match[str]) -> int | None:
    """Return the day on a line of days without end, or None when the month has no such day."""
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    leap = _is_leap(year)
    if day > _MONTH_DAYS[month - 1] + (leap and month == 2):
        return None
    before = year - 1
    return (
        before * 365
        + before // 4
        - before // 100
        + before // 400
        + _MONTHS_BEFORE[month - 1]
        + (leap and month > 2)
        + day
    )


def _seconds(found: re.Match[str]) -> Decimal:
    if found["hour"] is None:
        return Decimal(86400)
    return int(found["hour"]) * 3600 + int(found["minute"]) * 60 + Decimal(found["second"])


def _offset(found: re.Match[str]) -> int:
    """Return the time zone in seconds east of UTC."""
    zone = found["zone"]
    if zone in (None, "Z"):
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -seconds if zone[0] == "-" else seconds


def _moment(pattern: re.Pattern[str], kind: str) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        found = pattern.fullmatch(text)
        day = 0 if found is None or kind == "t" else _days(found)
        if found is None or day is None:
            return None
        clock = Decimal(0) if kind == "D" else _seconds(found)
        return kind + ("z" if found["zone"] else ""), day * 86400 + clock - _offset(found)

    return read


_READERS: Final[dict[str, Callable[[str], Value | None]]] = {
    **{XSD + name: _integer(name) for name in _INTEGERS},
    XSD + "decimal": _decimal,
    XSD + "double": _double,
    XSD + "float": _double,
    XSD + "boolean": _boolean,
    XSD + "string": _string,
    XSD + "date": _moment(_DATE, "D"),
    XSD + "dateTime": _moment(_DATE_TIME, "T"),
    XSD + "time": _moment(_TIME, "t"),
}


@lru_cache(maxsize=1 << 14)
def value_of(term: Term) -> Value | None:
    """Return the value of a literal, or None when it is ill-formed, of an unknown datatype, or no literal."""
    read = _READERS.get(datatype(term)) if is_literal(term) else None
    return read(lexical(term)) if read else None


def well_formed(term: Term) -> bool:
    """Tell whether a literal is of its datatype's lexical space; of datatypes not known here, everything is.

    SHACL 4.1.2 asks for this of the datatypes that SPARQL 1.1 supports; those are known here, and xsd:date and time.
    """
    return datatype(term) not in _READERS or value_of(term) is not None


def datatype_test(iri: str) -> Callable[[Term], bool]:
    """Return a test for well-formed literals of one datatype, its IRI without brackets.

    >>> is_date = datatype_test("http://www.w3.org/2001/XMLSchema#date")
    >>> is_date('"2024-06-01"^^<http://www.w3.org/2001/XMLSchema#date>'), is_date('"2024-06-01"')
    (True, False)
    """
    if iri == XSD + "string":
        return lambda term: term[-1] == '"' == term[0]
    if iri.endswith("#langString"):
        return lambda term: term[0] == '"' and term[-1] not in '">'
    suffix = f'"^^<{iri}>'
    if iri not in _READERS:
        return lambda term: term[0] == '"' and term.endswith(suffix)
    return lambda term: term.endswith(suffix) and value_of(term) is not None


def compare(a: Term, b: Term) -> int | None:
    """Return -1, 0 or 1 as `a` is less than, equal to or greater than `b`; None when they cannot be compared."""
    first, second = value_of(a), value_of(b)
    if first is None or second is None or first[0] != second[0]:
        return None
    x, y = first[1], second[1]
    if isinstance(x, float) or isinstance(y, float):
        x, y = float(x), float(y)
    return -1 if x < y else 1 if x > y else 0 if x == y else None


def less(a: Term, b: Term) -> bool:
    """Tell whether `a < b` as SPARQL has it."""
    return compare(a, b) == -1
