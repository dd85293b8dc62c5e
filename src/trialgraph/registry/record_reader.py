"""Records from files, folders, archives and standard input, as a stream.

The files are read twice. A first look finds the NCT ids that come more than once, at the speed of memory and in
12.5 MB whatever the number of records; of those the newest version is taken and the others are set aside. So a record
that has been given can be built upon: nothing newer comes behind it. Standard input is kept in a temporary file.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "one.json")
...     _ = path.write_text('{"protocolSection": {"identificationModule": {"nctId": "NCT06095583"}}}')
...     [record.nct_id for record in read([path], on_rejected=print)]
['NCT06095583']
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

import msgspec

from trialgraph.errors import ForeignFile, NotTaken, RecordError, RepeatedRecord
from trialgraph.registry.archives import Found, in_file, in_path
from trialgraph.registry.decompression import CHUNK
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import LIMITS, Limits, Record, RecordText, version_key
from trialgraph.registry.record_splitter import Piece, Rejected, split
from trialgraph.vocabulary import NCT_ID

OnRejected = Callable[[RecordError, bytes], None]
"""Called with the error and the text it is about, as far as it is at hand; `record.rejected_line` takes both."""

STANDARD_INPUT: Final = Path("-")


def read(
    paths: Iterable[Path],
    on_rejected: OnRejected,
    *,
    limits: Limits = LIMITS,
    standard_input: IO[bytes] | None = None,
) -> Iterator[Record]:
    """Yield the records of files, folders, archives and standard input (`-`), in that order, files by name.

    Everything that cannot be a record, and every version but the newest of one that comes more than once, goes to
    `on_rejected`; nothing is raised for bad input, and nothing is left out without a word.
    """
    with Inputs(paths, limits=limits, standard_input=standard_input) as inputs:
        for text in inputs.texts(on_rejected, inputs.survey()):
            try:
                record = decode(text, limits)
            except RecordError as error:
                on_rejected(error, text.raw)
            else:
                yield record


@dataclass(frozen=True, slots=True)
class _Taken:
    ordinal: int
    place: str
    key: tuple[str, str, str]


@dataclass(frozen=True)
class Survey:
    """What a first look at the inputs found."""

    texts: int
    """How many texts there are that may be records."""
    size: int
    """Their length together, in bytes."""
    repeated: dict[str, _Taken] = field(default_factory=dict, repr=False)
    """Of each NCT id that comes more than once, the text that is taken."""


class Inputs:
    """Files, folders and standard input, opened so that they can be read more than once; a context manager.

    `survey` and `texts` are for those who decode in several processes; others call `read`.
    """

    def __init__(
        self, paths: Iterable[Path], *, limits: Limits = LIMITS, standard_input: IO[bytes] | None = None
    ) -> None:
        self._paths = tuple(paths)
        self._limits = limits
        self._standard_input = standard_input
        self._open: list[Path | tuple[str, IO[bytes]]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for path in self._paths:
            if path == STANDARD_INPUT and self._standard_input:
                self._open.append(("standard input", self._spooled(self._standard_input)))
            elif path.is_fifo():
                with path.open("rb") as pipe:
                    self._open.append((str(path), self._spooled(pipe)))
            else:
                self._open.append(path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _spooled(self, file: IO[bytes]) -> IO[bytes]:
        spool: IO[bytes] = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        shutil.copyfileobj(file, spool, CHUNK)
        return spool

    def survey(self) -> Survey:
        """Read everything once: count, and find which text to take of records that come more than once."""
        seen = bytearray(10**8 // 8)  # one bit for each NCT id there can be
        texts = size = 0
        repeated = set()
        for text in self._texts():
            texts, size = texts + 1, size + len(text.raw)
            if nct_id := _head_id(text.raw):
                byte, bit = divmod(int(nct_id[3:]), 8)
                if seen[byte] & 1 << bit:
                    repeated.add(nct_id)
                seen[byte] |= 1 << bit
        return Survey(texts, size, self._newest(repeated) if repeated else {})

    def _newest(self, repeated: set[str]) -> dict[str, _Taken]:
        newest: dict[str, _Taken] = {}
        for ordinal, text in enumerate(self._texts()):
            if _head_id(text.raw) in repeated and (record := self._decoded(text)):
                taken = newest.get(record.nct_id)
                key = version_key(record.document)
                if taken is None or key > taken.key:
                    newest[record.nct_id] = _Taken(ordinal, text.place, key)
        return newest

    def _decoded(self, text: RecordText) -> Record | None:
        try:
            return decode(text, self._limits)
        except RecordError:
            return None  # `texts` gives it on, and then its error is reported

    def texts(self, on_rejected: OnRejected, survey: Survey) -> Iterator[RecordText]:
        """Yield the texts to decode, without the older versions of a record; what is no text is rejected."""
        ordinal = 0
        for piece in self._pieces():
            if isinstance(piece, Rejected):
                on_rejected(piece.error, piece.raw)
                continue
            if error := self._repetition(piece, ordinal, survey):
                on_rejected(error, piece.raw)
            else:
                yield piece
            ordinal += 1

    def _repetition(self, text: RecordText, ordinal: int, survey: Survey) -> RepeatedRecord | None:
        nct_id = _head_id(text.raw) if survey.repeated else None
        taken = survey.repeated.get(nct_id) if nct_id else None
        if not taken or taken.ordinal == ordinal or not (record := self._decoded(text)):
            return None
        same = version_key(record.document) == taken.key
        reason = f"{'the same' if same else 'a newer'} version of this record was taken from {taken.place}"
        remedy = "nothing to do, or leave one of the two away"
        return RepeatedRecord(reason, remedy, nct_id, text.source, text.line, text.byte)

    def _texts(self) -> Iterator[RecordText]:
        return (piece for piece in self._pieces() if isinstance(piece, RecordText))

    def _pieces(self) -> Iterator[Piece]:
        for opened in self._open:
            found = in_path(opened, self._limits) if isinstance(opened, Path) else in_file(*opened, self._limits)
            yield from self._given(str(opened) if isinstance(opened, Path) else opened[0], found)

    def _given(self, name: str, found: Iterator[Found]) -> Iterator[Piece]:
        """Yield what is in one of the paths given; files of other kinds beside its records are named after them."""
        others: list[ForeignFile] = []
        texts = rejected = 0
        for each in found:
            if isinstance(each, ForeignFile):
                others.append(each)
                continue
            for piece in (Rejected(each),) if isinstance(each, RecordError) else split(each, self._limits):
                yield piece
                texts += isinstance(piece, RecordText)
                rejected += isinstance(piece, Rejected) and not isinstance(piece.error, NotTaken)
        for other in others:
            lost = other.holds_trials or (not texts and not rejected)
            yield Rejected(other if lost else NotTaken(other.reason, other.remedy, source=other.source))
        if not texts and not rejected and not others:
            yield Rejected(NotTaken("there is no record in it", "nothing to do, if none was to be had", source=name))


class _Identification(msgspec.Struct):
    nctId: Any = None  # noqa: N815 (the registry's name)


class _Protocol(msgspec.Struct):
    identificationModule: _Identification | None = None  # noqa: N815 (the registry's name)


class _Head(msgspec.Struct):
    protocolSection: _Protocol | None = None  # noqa: N815 (the registry's name)


_head = msgspec.json.Decoder(_Head)


def _head_id(raw: bytes) -> str | None:
    try:
        protocol = _head.decode(raw).protocolSection
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    nct_id = protocol.identificationModule.nctId if protocol and protocol.identificationModule else None
    return nct_id if isinstance(nct_id, str) and NCT_ID.fullmatch(nct_id) and nct_id.isascii() else None
