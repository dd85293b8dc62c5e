"""Objects around records: pages, caches keyed by number, answers of programs and of the history.

    {"studies": [RECORD, ...], ...}         a page of the API, whatever stands before and after the array
    {"data": {"studies": [RECORD, ...]}}    the same, inside another object
    {"NCT00000102": RECORD, ...}            records by their number
    {"study": RECORD, "studyVersion": 3}    one version, as the registry's history answers
    {"edges": [{"node": RECORD}, ...]}      an array of such objects

>>> text = b'{"meta": {"n": 2}, "studies": [{"protocolSection": {}}]}'
>>> opening(text, 0)
Opening(at=31, depth=1, is_array=True)
>>> opening(b'{"protocolSection": {}}', 0), opening(b'{"NCT00000102": {"protocolSection": {}}}', 0)
(None, Opening(at=1, depth=1, is_array=False))
"""

import re
from dataclasses import dataclass
from typing import Final

_DEPTH: Final = 4
"""Objects around the records."""
_RECORD: Final = rb'"(?:protocolSection|hasResults)"'
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"'
_KEY: Final = re.compile(rb"\s*+(" + _STRING + rb")\s*+:\s*+", re.DOTALL)
_BETWEEN: Final = re.compile(rb"\s*+,")
_SCALAR: Final = re.compile(_STRING + rb"|[-+0-9.eE]++|true|false|null", re.DOTALL)
_TO_NEXT_BRACKET: Final = re.compile(rb'(?>(?:[^"{}\[\]]++|' + _STRING + rb")*)", re.DOTALL)
_OPENS_RECORD: Final = re.compile(rb"\{\s*+" + _RECORD)
_OPENS_RECORDS: Final = re.compile(rb"\[\s*+\{\s*+" + _RECORD)
_OPENS_OBJECTS: Final = re.compile(rb"\[\s*+[\]{]")
_OPENS_OBJECT: Final = re.compile(rb"\[\s*+\{")
_NAMES: Final = frozenset((b'"studies"', b'"data"', b'"records"', b'"results"', b'"items"', b'"trials"', b'"rows"'))
"""Keys of arrays that are taken for records before their first element is seen."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Where records begin inside an object."""

    at: int
    """Behind the bracket of their array, or behind the brace of the object that has them as values."""
    depth: int
    """How many objects are open there."""
    is_array: bool


def opening(text: bytes, at: int, depth: int = 1) -> Opening | None:
    """Return where records begin inside the object that opens at `at`; None for a record, or what is no such object.

    Only as much of the object is looked into as `text` holds; what stands before the records must be in it whole.
    """
    start = at = at + 1
    while key := _KEY.match(text, at):
        at = key.end()
        if key[1] == b'"protocolSection"':
            return None
        if _OPENS_RECORD.match(text, at):
            return Opening(start, depth, is_array=False)
        if _is_array_of_records(text, at, key[1], depth):
            return Opening(at + 1, depth, is_array=True)
        if text[at : at + 1] == b"{" and depth < _DEPTH and (inner := opening(text, at, depth + 1)):
            return inner
        end = end_of_value(text, at)
        comma = _BETWEEN.match(text, end) if end is not None else None
        if comma is None:
            return None
        at = comma.end()
    return None


def _is_array_of_records(text: bytes, at: int, key: bytes, depth: int) -> bool:
    """Tell whether records begin at `at`, or objects around one each, or what its key says are records."""
    if _OPENS_RECORDS.match(text, at) or (key in _NAMES and _OPENS_OBJECTS.match(text, at)):
        return True
    first = _OPENS_OBJECT.match(text, at) if depth < _DEPTH else None
    return first is not None and opening(text, first.end() - 1, depth + 1) is not None


def end_of_value(text: bytes, at: int) -> int | None:
    """Return where the JSON value at `at` ends, None where that is not in sight."""
    if text[at : at + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(text, at)
        return scalar.end() if scalar else None
    depth = 0
    while True:
        match = _TO_NEXT_BRACKET.match(text, at)
        at = match.end() if match else at
        if at >= len(text) or text[at] == ord('"'):
            return None
        depth += 1 if text[at] in b"{[" else -1
        at += 1
        if depth == 0:
            return at


def next_pair(text: bytes, at: int) -> tuple[bytes, int] | None:
    """Return the key of the pair that begins at `at`, and where its value begins.

    >>> next_pair(b' "a": 5', 0)
    (b'"a"', 6)
    """
    key = _KEY.match(text, at)
    return (key[1], key.end()) if key else None
