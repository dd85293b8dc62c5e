r"""A record as it came: its identifier, its version, its JSON and the place it was read from.

>>> text = RecordText(b'{"protocolSection":{"identificationModule":{"nctId":"NCT06095583"}}}', "trials.jsonl", line=7)
>>> Record.of("NCT06095583", {"hasResults": False}, text).place
'trials.jsonl, line 7'
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trialgraph.errors import RecordError
from trialgraph.vocabulary import NCT_ID

Document = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What one input may cost; what goes beyond is set aside with its reason."""

    record_bytes: int = 64 * 2**20
    """Largest record, as UTF-8 text. The largest of the registry has about 25 MB."""
    depth: int = 64
    """Deepest nesting of arrays and objects; real records stay below 20."""
    inflation: int = 250
    """How many times larger than its container what comes out of it may be, once it exceeds `inflated_bytes`."""
    inflated_bytes: int = 256 * 2**20


LIMITS: Final = Limits()
"""The limits when none are given."""


@dataclass(frozen=True, slots=True)
class RecordText:
    """The JSON text of one record, not yet decoded. It can be sent to another process."""

    raw: bytes
    source: str
    """File, or archive and member, as a person would name it."""
    line: int | None = None
    """Line of the source, counted from 1, where it is read line by line."""
    byte: int = 0
    """Offset in the (decompressed) source, counted from 0."""

    @property
    def place(self) -> str:
        """Where it was read, in words."""
        return f"{self.source}, byte {self.byte}" if self.line is None else f"{self.source}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the registry."""

    nct_id: str
    version: str | None
    """Date of this version as the record states it; see `version_of`."""
    document: Document
    source: str
    line: int | None = None
    byte: int = 0
    raw: bytes = b""
    """The JSON text it was decoded from."""

    @classmethod
    def of(cls, nct_id: str, document: Document, text: RecordText) -> "Record":
        """Return the record of a document that was decoded from a text."""
        version = version_of(document)
        return cls(nct_id, version, document, text.source, text.line, text.byte, text.raw)

    @property
    def place(self) -> str:
        """Where it was read, in words."""
        return RecordText(b"", self.source, self.line, self.byte).place


_VERSION_PATHS: Final = (
    ("protocolSection", "statusModule", "lastUpdatePostDateStruct", "date"),
    ("protocolSection", "statusModule", "lastUpdateSubmitDate"),
    ("derivedSection", "miscInfoModule", "versionHolder"),
)


def version_key(document: Document) -> tuple[str, str, str]:
    """Return what orders the versions of one record: date posted, date submitted, date the registry was copied.

    An absent date is the empty string, so it sorts before any other; so is a text that is no date.
    """
    posted, submitted, copied = (_date_at(document, path) for path in _VERSION_PATHS)
    return posted, submitted, copied


def version_of(document: Document) -> str | None:
    """Return the date that names this version: the first there is of post date, submit date and `versionHolder`.

    >>> version_of({"protocolSection": {"statusModule": {"lastUpdateSubmitDate": "2024-11-26"}}})
    '2024-11-26'
    """
    return next((date for date in version_key(document) if date), None)


def aliases_in(document: Document) -> list[str]:
    """Return the former NCT ids of a record.

    >>> aliases_in({"protocolSection": {"identificationModule": {"nctIdAliases": ["NCT00000001", "x", 5]}}})
    ['NCT00000001']
    """
    value: Any = document
    for key in ("protocolSection", "identificationModule", "nctIdAliases"):
        value = value.get(key) if isinstance(value, dict) else None
    return (
        [each for each in value if isinstance(each, str) and NCT_ID.fullmatch(each)]
        if isinstance(value, list)
        else []
    )


_DATE: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T[\d:]{5,8})?)?)?", re.ASCII)


def _date_at(document: Document, path: tuple[str, ...]) -> str:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and _DATE.fullmatch(value) else ""


_KEPT_BYTES: Final = 16 * 2**10


def rejected_line(error: RecordError, raw: bytes = b"") -> bytes:
    r"""Return one line of `rejected.jsonl`: what was set aside, where it was, why, what to do, and the text itself.

    Text above 16 KiB is given by length and SHA-256, as the place says where to find it; text that is not UTF-8
    is given in base64. The same error gives the same bytes.

    >>> from trialgraph.errors import UnreadableRecord
    >>> rejected_line(UnreadableRecord("not JSON", "mend it", source="a.jsonl", line=2), b"{a")
    b'{"error":"UnreadableRecord","source":"a.jsonl","line":2,"reason":"not JSON","remedy":"mend it","text":"{a"}\n'
    """
    entry = {
        "error": type(error).__name__,
        "nctId": error.nct_id,
        "source": error.source,
        "line": error.line,
        "byte": error.byte,
        "fieldPath": error.field_path,
        "reason": error.reason,
        "remedy": error.remedy,
        **_kept(raw),
    }
    return msgspec.json.encode({key: value for key, value in entry.items() if value is not None}) + b"\n"


def _kept(raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    if len(raw) > _KEPT_BYTES:
        return {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    try:
        return {"text": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}
