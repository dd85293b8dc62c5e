"""JSON values as RDF terms, and back.

An encoder takes a JSON value and returns its term, or None when the value does not fit: it then stays JSON
text. A decoder takes a term and returns exactly the value that was encoded. Both hold for terms that went
through a store, which rewrites lexical forms: only canonical ones are made.

>>> encode_string('a "b"'), encode_string(5)
('"a \\\\"b\\\\""', None)
>>> encode_date("2024-06"), encode_date("2024-06-31")
('"2024-06"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>', '"2024-06-31"')
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from trialgraph import terms
from trialgraph.mapping.declarations import PARTIAL_DATE
from trialgraph.terms import XSD, Term

Encoder = Callable[[Any], Term | None]
Decoder = Callable[[Term], Any]

_INTEGER: Final = f'"^^<{XSD}integer>'
_DECIMAL: Final = f'"^^<{XSD}decimal>'
_INTEGER_LIMIT: Final = 10**18
"""Stores keep 64-bit integers as numbers; larger ones stay JSON text."""
_DIGITS: Final = 18
"""Digits of an xsd:decimal that stores keep exactly, before and after the point."""
_RARE: Final = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def encode_string(value: Any) -> Term | None:
    """Return text as an `xsd:string`, or None when it is no text or holds a lone surrogate."""
    if type(value) is not str:
        return None
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if escaped.isprintable():
        return f'"{escaped}"'
    if _SURROGATE.search(value):
        return None
    return terms.string(value) if _RARE.search(escaped) else f'"{escaped}"'


def decode_string(term: Term) -> str:
    """Return the text of a literal, whatever its datatype."""
    if term[-1] == '"' and "\\" not in term:
        return term[1:-1]
    return terms.lexical(term)


def encode_boolean(value: Any) -> Term | None:
    """Return a Boolean as `xsd:boolean`."""
    if value is True:
        return terms.TRUE
    return terms.FALSE if value is False else None


def decode_boolean(term: Term) -> bool:
    """Return the Boolean of a literal."""
    return terms.lexical(term) in ("true", "1")


def encode_integer(value: Any) -> Term | None:
    """Return a whole number as `xsd:integer`, unless it needs more than 18 digits."""
    if type(value) is int and -_INTEGER_LIMIT < value < _INTEGER_LIMIT:
        return f'"{value}{_INTEGER}'
    return None


@lru_cache(maxsize=1 << 14)
def decode_integer(term: Term) -> int:
    """Return the whole number of a literal."""
    return int(terms.lexical(term))


def encode_number(value: Any) -> Term | None:
    """Return a JSON number: `xsd:decimal` with a point or exponent in JSON, `xsd:integer` without.

    >>> encode_number(45.0), encode_number(45)
    ('"45"^^<http://www.w3.org/2001/XMLSchema#decimal>', '"45"^^<http://www.w3.org/2001/XMLSchema#integer>')
    >>> encode_number(1e300), encode_number(-0.0)
    (None, None)
    """
    if type(value) is not float:
        return encode_integer(value)
    text = repr(value)
    if "e" in text or "n" in text or value == 0:
        return _unusual_number(value)
    text = text.removesuffix(".0")
    return f'"{text}{_DECIMAL}' if len(text) <= _DIGITS else None


def _unusual_number(value: float) -> Term | None:
    if not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0):
        return None
    term = terms.decimal(Decimal(repr(value)))
    return term if len(term) - len(_DECIMAL) <= _DIGITS else None


def decode_number(term: Term) -> float | int:
    """Return the JSON number of a literal: a float for `xsd:decimal`, else an int."""
    return float(terms.lexical(term)) if term.endswith(_DECIMAL) else int(terms.lexical(term))


_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_DATE_TYPES: Final = {4: XSD + "gYear", 7: XSD + "gYearMonth", 10: XSD + "date"}
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def encode_date(value: Any) -> Term | None:
    """Return a date as `xsd:date`, `xsd:gYearMonth` or `xsd:gYear` by its length; as a string when it is none."""
    if type(value) is str and len(value) in _DATE_TYPES:
        return _date(value)
    return encode_string(value)


@lru_cache(maxsize=1 << 16)
def _date(text: str) -> Term | None:
    match = _DATE.fullmatch(text)
    if match and _is_date(int(match[1]), int(match[2] or 1), int(match[3] or 1)):
        return f'"{text}"^^<{_DATE_TYPES[len(text)]}>'
    return encode_string(text)


def _is_date(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (
        year > 0
        and 1 <= month <= 12
        and 1 <= day <= _MONTH_DAYS[month - 1]
        and not (month == 2 and day == 29 and not leap)
    )


ENCODERS: Final[dict[str, Encoder]] = {
    XSD + "string": encode_string,
    XSD + "boolean": encode_boolean,
    XSD + "integer": encode_integer,
    XSD + "decimal": encode_number,
    XSD + "date": encode_date,
    PARTIAL_DATE: encode_date,
}
"""By the range of a property."""

DECODERS: Final[dict[str, Decoder]] = {
    XSD + "string": decode_string,
    XSD + "boolean": decode_boolean,
    XSD + "integer": decode_integer,
    XSD + "decimal": decode_number,
    XSD + "date": decode_string,
    PARTIAL_DATE: decode_string,
}
