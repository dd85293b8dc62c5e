"""The records of a build: read, ordered, made into parts; what cannot be taken is set aside."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from trialgraph.errors import NotTaken, RecordError, UnmappableRecord
from trialgraph.pipeline.build_options import BuildOptions
from trialgraph.pipeline.build_report import Progress
from trialgraph.pipeline.record_order import RecordOrder
from trialgraph.registry.record import rejected_line
from trialgraph.registry.record_reader import Inputs, Survey

REJECTED: Final = "rejected.jsonl"
REASONS: Final = 10
"""Records set aside whose reasons are kept for a person to read at once; the file has all."""
_EVERY: Final = 500
"""Records between two reports of progress."""


class Rejected:
    """`rejected.jsonl`: what was set aside, in an order that depends on the input alone."""

    def __init__(self, path: Path, *, strict: bool) -> None:
        self.path = path
        self._file = path.open("wb")
        self._strict = strict
        self.count = 0
        self.reasons: list[str] = []
        """Of the first of them what a person should read."""
        self.not_taken: list[str] = []
        """Files beside records that hold none, by which nothing is lost."""

    def add(self, error: RecordError, raw: bytes = b"") -> None:
        """Set a record aside, or raise its error when nothing may be; what loses nothing is only named."""
        if isinstance(error, NotTaken):
            self.not_taken.append(str(error))
            self._file.write(rejected_line(error))
            return
        if self._strict:
            raise error
        self._write(rejected_line(error, raw))
        self._tell(error)

    def add_lines(self, lines: Sequence[str]) -> None:
        """Set aside what another process has written lines about."""
        for line in lines:
            if self._strict:
                raise _error_of(line)
            self._write(line.encode())
            if len(self.reasons) < REASONS:
                self._tell(_error_of(line))

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self.count += 1

    def _tell(self, error: RecordError) -> None:
        if len(self.reasons) < REASONS:
            self.reasons.append(str(error))

    def keep(self, path: Path) -> None:
        """Keep the file elsewhere, where no release is published that would hold it."""
        self._file.close()
        shutil.copyfile(self.path, path)

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _error_of(line: str) -> RecordError:
    entry = json.loads(line)
    return UnmappableRecord(
        entry["reason"],
        entry["remedy"],
        entry.get("nctId"),
        entry.get("source"),
        entry.get("line"),
        entry.get("byte"),
        entry.get("fieldPath"),
    )


def read_records(options: BuildOptions, folder: Path, rejected: Rejected) -> RecordOrder:
    """Read all records once and put them in order; `folder` is for what memory does not hold."""
    order = RecordOrder(folder, rejected.add)
    with Inputs(options.records, standard_input=options.standard_input) as inputs:
        # Records that come twice are found when all are in order, so no survey of the inputs is needed.
        for text in inputs.texts(rejected.add, Survey(0, 0)):
            order.add(text)
            if order.count % _EVERY == 0:
                options.on_progress(Progress("reading", order.count, None, "records"))
    return order
