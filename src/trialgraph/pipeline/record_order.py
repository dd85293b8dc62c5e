"""Texts of records in any order, put in order of their NCT ids and cut into chunks.

A chunk ends after an NCT id that a checksum picks, or when it is large: never because of what came long before. So a
record that is new or gone changes one chunk or two, and all others can be taken over from the release before.

>>> import tempfile
>>> texts = [RecordText(b'{"protocolSection": {"identificationModule": {"nctId": "NCT0000000%d"}}}' % n, "a.jsonl", n)
...          for n in (2, 1)]
>>> gathered = RecordOrder(Path(tempfile.mkdtemp()), lambda error, raw: None)
>>> for text in texts:
...     gathered.add(text)
>>> [line.nct_id for chunk in chunks(gathered.lines()) for line in chunk.lines]
['NCT00000001', 'NCT00000002']
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

from trialgraph.errors import RecordError
from trialgraph.pipeline.external_sort import Sorter
from trialgraph.registry.json_decoder import decode, likely_id
from trialgraph.registry.record import RecordText

OnRejected = Callable[[RecordError, bytes], None]

_RECORDS_A_CHUNK: Final = 128
"""On average; real records have 12 kB in the median."""
_BYTES_A_CHUNK: Final = 3 * 2**20
ALIASES: Final = b'"nctIdAliases"'
_ID_SIZE: Final = len("NCT00000000")


@dataclass(frozen=True, slots=True)
class Line:
    """A record between being read and being decoded."""

    nct_id: str
    text: RecordText


@dataclass(frozen=True)
class Chunk:
    """Records that are made into quads together, in order of their NCT ids."""

    lines: tuple[Line, ...]

    @property
    def key(self) -> str:
        """A digest of the records; the same records make the same quads."""
        digest = hashlib.sha256()
        for line in self.lines:
            digest.update(line.text.raw + b"\n")
        return digest.hexdigest()[:32]


class RecordOrder:
    """Takes the texts of records as they come; `lines` gives them back in order."""

    def __init__(self, folder: Path, on_rejected: OnRejected) -> None:
        self._sorter = Sorter(folder)
        self._on_rejected = on_rejected
        self.count = 0
        self.owners: set[str] = set()
        """Trials of which a version may name former numbers."""

    def add(self, text: RecordText) -> None:
        """Take a text; one that is no record at all is set aside here, others when they are decoded."""
        try:
            nct_id, raw = _compact(text)
        except RecordError as error:
            self._on_rejected(error, text.raw)
            return
        if ALIASES in raw:
            self.owners.add(nct_id)
        place = msgspec.json.encode([text.source, text.line, text.byte])
        self._sorter.add(b"%b\t%012d\t%b\t%b\n" % (nct_id.encode(), self.count, place, raw))
        self.count += 1

    def lines_of(self, nct_ids: Set[str]) -> Iterator[Line]:
        """Yield the records of some trials in order, and keep all to be asked again."""
        wanted = frozenset(nct_id.encode() for nct_id in nct_ids)
        return (_line(each) for each in self._sorter.sorted(keep=True) if each[:_ID_SIZE] in wanted)

    def lines(self) -> Iterator[Line]:
        """Yield all records in order of their NCT ids, those of one in the order in which they came."""
        return map(_line, self._sorter.sorted())


def chunks(lines: Iterable[Line]) -> Iterator[Chunk]:
    """Yield records, given in order, in chunks."""
    taken: list[Line] = []
    size = 0
    for line in lines:
        taken.append(line)
        size += len(line.text.raw)
        if crc32(line.nct_id.encode()) % _RECORDS_A_CHUNK == 0 or size >= _BYTES_A_CHUNK:
            yield Chunk(tuple(taken))
            taken, size = [], 0
    if taken:
        yield Chunk(tuple(taken))


def id_of(text: RecordText) -> str:
    """Return the NCT id of a record; it is decoded only when the id is not plain to see.

    Raises RecordError.
    """
    nct_id = likely_id(text.raw) if text.raw.count(b'"nctId"') == 1 else None
    return nct_id or decode(text).nct_id


def _compact(text: RecordText) -> tuple[str, bytes]:
    """Return the NCT id and the text without space between its parts.

    Decoding comes later, in parallel; only a text whose id is not plain to see is decoded for it here.
    """
    raw = text.raw
    try:
        raw = msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        raw = msgspec.json.encode(decode(text).document)
    return id_of(text), raw


def _line(sorted_line: bytes) -> Line:
    nct_id, _, place, raw = sorted_line[:-1].split(b"\t", 3)
    source, line, byte = msgspec.json.decode(place)
    return Line(nct_id.decode(), RecordText(raw, source, line, byte))
