r"""JSON text to document, exactly, or an error that says what is wrong and where.

The decoder is msgspec, the fastest measured; what it would lose without a word is looked for here: of two equal
keys it keeps the last, and a number outside the range of IEEE doubles becomes infinite or zero. Numbers within that
range are held as doubles, as JSON parsers do (RFC 8259, section 6), integers of any size exactly.

>>> decode(RecordText(b'{"protocolSection": {"identificationModule": {"nctId": "NCT06095583"}}}', "a.json")).nct_id
'NCT06095583'
>>> decode(RecordText(b'{"a": 1, "a": 2}', "a"))
Traceback (most recent call last):
    ...
trialgraph.errors.UnmappableRecord: record (a, byte 0, a): this key stands twice in one object; keep one of the two
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from trialgraph.errors import RecordError, UnmappableRecord, UnreadableRecord
from trialgraph.registry.record import LIMITS, Limits, Record, RecordText
from trialgraph.vocabulary import NCT_ID

ID_PATH: Final = ("protocolSection", "identificationModule", "nctId")
_FETCH_AGAIN: Final = "fetch the record again from the registry"
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class _OutOfRangeError(OverflowError):
    """A number outside the range of IEEE doubles."""


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value) or (value == 0 and re.search("[1-9]", re.split("[eE]", text)[0])):
        raise _OutOfRangeError(text)
    return value


_decoder: Final = msgspec.json.Decoder(float_hook=_float)
_encoder: Final = msgspec.json.Encoder()


def decode(text: RecordText, limits: Limits = LIMITS) -> Record:
    """Return the record of a text.

    Raises UnreadableRecord when it is not JSON in UTF-8, too large or too deep, and UnmappableRecord when it is
    JSON but no record (no NCT id, not an object) or holds what would be lost: lone surrogates, equal keys, numbers
    out of range.
    """
    _check_size(text, limits)
    try:
        document = _decoder.decode(text.raw)
    except RecursionError:
        raise _too_deep(text, limits) from None
    except (msgspec.DecodeError, UnicodeDecodeError, _OutOfRangeError) as error:
        raise (_what_is_wrong(text, limits) or unreadable(text, f"not JSON: {error}", _FETCH_AGAIN)) from None
    _check_whole(text, document, limits)
    return Record.of(_nct_id(text, document), document, text)


def _check_size(text: RecordText, limits: Limits) -> None:
    if len(text.raw) > limits.record_bytes:
        raise unreadable(
            text, f"it has {len(text.raw)} bytes, more than the limit of {limits.record_bytes}", "raise record_bytes"
        )


def unreadable(text: RecordText, reason: str, remedy: str, byte: int = 0) -> UnreadableRecord:
    """Return an error about a text; `byte` is an offset inside it."""
    return UnreadableRecord(reason, remedy, likely_id(text.raw), text.source, text.line, text.byte + byte)


def _unmappable(text: RecordText, reason: str, remedy: str, path: str | None) -> UnmappableRecord:
    return UnmappableRecord(reason, remedy, likely_id(text.raw), text.source, text.line, text.byte, path)


_LIKELY_ID = re.compile(rb'"nctId"\s*:\s*"(NCT\d{8})"')


def likely_id(raw: bytes) -> str | None:
    """Return the NCT id that a text seems to have, to name it in an error."""
    found = _LIKELY_ID.search(raw)
    return found[1].decode() if found else None


# In indented JSON no string holds a line break, so depth is the indentation; and `": ` follows every key, and
# stands in a string only with its quote escaped. A key that ends in a backslash looks the same: left to the slow way.
def _check_whole(text: RecordText, document: Any, limits: Limits) -> None:
    indented = msgspec.json.format(text.raw, indent=1)
    if b"\n" + b" " * (limits.depth + 1) in indented:
        raise _too_deep(text, limits)
    encoded = _encoder.encode(document)
    if encoded == text.raw or _same_number_of_keys(indented, msgspec.json.format(encoded, indent=1)):
        return
    if error := _what_is_wrong(text, limits):
        raise error


def _same_number_of_keys(one: bytes, other: bytes) -> bool:
    if b'\\\\": ' in one or b'\\\\": ' in other:
        return False
    return one.count(b'": ') - one.count(b'\\": ') == other.count(b'": ') - other.count(b'\\": ')


def _too_deep(text: RecordText, limits: Limits) -> UnreadableRecord:
    return unreadable(text, f"it is nested deeper than the limit of {limits.depth}", "raise the limit depth")


def _nct_id(text: RecordText, document: Any) -> str:
    value = document
    path = ""
    for key in ID_PATH:
        if not isinstance(value, dict):
            reason = f"{path or 'the record'} is {_kind(value)}, not an object"
            raise _unmappable(text, reason, "give records of the ClinicalTrials.gov API v2", path or None)
        path = f"{path}.{key}" if path else key
        if key not in value:
            if path == ID_PATH[0] and likely_id(text.raw):
                remedy = "give the record itself, or an array of records"
                raise _unmappable(
                    text, "a record stands deep in an object that is none of the wrappers known", remedy, None
                )
            reason = f"there is no NCT id: {path} is missing"
            raise _unmappable(text, reason, "give records of the ClinicalTrials.gov API v2", path)
        value = value[key]
    if isinstance(value, str) and NCT_ID.fullmatch(value) and value.isascii():
        return value
    reason = f"not an NCT id: {json.dumps(value)[:80]}"
    raise _unmappable(text, reason, "give records of the ClinicalTrials.gov API v2, with NCT and eight digits", path)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


# --- the slow way, taken only when something may be wrong ---------------------------------------------------------


class _Pairs(list[tuple[str, Any]]):
    """An object as its pairs, equal keys and all."""


class _NoJson(str):
    """NaN or an infinity, which some programs write into JSON."""


class _NoNumber(str):
    """The text of what no number of ours can hold."""


def _what_is_wrong(text: RecordText, limits: Limits) -> RecordError | None:
    try:
        string = text.raw.decode()
        return next(_losses(text, _loads(string), (), limits), None)
    except UnicodeDecodeError as error:
        return unreadable(text, f"not UTF-8: {error.reason}", "convert it to UTF-8", error.start)
    except json.JSONDecodeError as error:
        byte = len(string[: error.pos].encode())
        return unreadable(text, f"not JSON: {error.msg}", _FETCH_AGAIN, byte)
    except RecursionError:
        return _too_deep(text, limits)


def _loads(string: str) -> Any:
    return json.loads(
        string, object_pairs_hook=_Pairs, parse_constant=_NoJson, parse_float=_float_or_not, parse_int=_int_or_not
    )


def _float_or_not(text: str) -> float | _NoNumber:
    try:
        return _float(text)
    except _OutOfRangeError:
        return _NoNumber(text)


def _int_or_not(text: str) -> int | _NoNumber:
    try:
        return int(text)
    except ValueError:  # longer than `sys.get_int_max_str_digits`
        return _NoNumber(text)


_Path = tuple[str | int, ...]


def _losses(text: RecordText, value: Any, path: _Path, limits: Limits) -> Iterator[RecordError]:
    if len(path) > limits.depth:
        yield _too_deep(text, limits)
    match value:
        case _Pairs():
            seen = set()
            for key, inner in value:
                if key in seen:
                    yield _twice(text, (*path, key))
                seen.add(key)
                yield from _losses(text, key, (*path, key), limits)
                yield from _losses(text, inner, (*path, key), limits)
        case list():
            for position, inner in enumerate(value):
                yield from _losses(text, inner, (*path, position), limits)
        case _NoJson():
            reason, remedy = f"{value} is not JSON", "write null, or leave the field away"
            yield _unmappable(text, reason, remedy, path_text(path))
        case _NoNumber():
            reason = f"{value[:40]} is a number that no IEEE double and no integer of 4,300 digits can hold"
            yield _unmappable(text, reason, "write it within that range", path_text(path))
        case str() if _SURROGATE.search(value):
            yield _lone_surrogate(text, path)


def _twice(text: RecordText, path: _Path) -> UnmappableRecord:
    return _unmappable(text, "this key stands twice in one object", "keep one of the two", path_text(path))


def _lone_surrogate(text: RecordText, path: _Path) -> UnmappableRecord:
    reason = "a lone surrogate, which is no Unicode character"
    return _unmappable(text, reason, "replace the \\uD800 to \\uDFFF escape that has no partner", path_text(path))


def path_text(path: _Path) -> str:
    r"""Return a field path as people write it.

    >>> path_text(("protocolSection", "designModule", "phases", 0))
    'protocolSection.designModule.phases[0]'
    """
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return steps.removeprefix(".").encode("utf-8", "backslashreplace").decode()
