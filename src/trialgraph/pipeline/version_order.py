"""The versions of one record in their order, by their texts alone, whatever order they came in.

They stand by their dates (posted, submitted, copied); of two texts with the same dates the longer comes later. A text
that a fuller one holds whole, dates and all, is no version of its own, and neither is one that lacks every date or
most of what an earlier version has: it may be a part of a record.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from trialgraph.errors import PartialRecord, RecordError, RepeatedRecord
from trialgraph.pipeline.record_diff import is_part, paths_in
from trialgraph.pipeline.record_order import Line
from trialgraph.pipeline.version_store import PastVersion
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import Record, RecordText, version_key

_MOST_LOST: Final = 0.5
"""Share of the fields of a record that a newer version may lack before it is taken for a part of it."""
_SECTION: Final = "protocolSection"
"""Where fields are counted: results and documents come and go."""


@dataclass
class Version:
    """A version of one record."""

    record: Record
    line: Line
    key: tuple[str, str, str]
    """Its dates; those of the one before where a part without dates was accepted."""
    gone: str = ""
    """Since when the registry holds the record no more, where this was the last version then."""
    is_given: bool = False

    @classmethod
    def of(cls, line: Line, gone: str = "", *, is_given: bool = False) -> "Version":
        """Return the version that a text is. Raises RecordError."""
        record = decode(line.text)
        return cls(record, line, version_key(record.document), gone, is_given)

    @classmethod
    def kept(cls, nct_id: str, raw: bytes, gone: str = "") -> "Version":
        """Return a version that a release holds."""
        return cls.of(Line(nct_id, RecordText(raw, "the release")), gone)

    @property
    def place(self) -> tuple[tuple[str, str, str], int, bytes]:
        """What puts it among the versions of its record."""
        raw = self.line.text.raw
        return self.key, len(raw), raw

    @property
    def past(self) -> PastVersion:
        """It as a version that newer ones replaced."""
        return PastVersion(self.line.nct_id, self.line.text.raw, self.gone)

    @property
    def has_date(self) -> bool:
        """Whether it says when it was posted or submitted."""
        return any(self.key[:2])

    @cached_property
    def fields(self) -> set[str]:
        """The paths of the fields that it has."""
        return paths_in(self.record.document.get(_SECTION))

    def is_in(self, other: "Version") -> bool:
        """Tell whether another text says all that this one says, dates too, and is no older copy."""
        return self.key[2] <= other.key[2] and is_part(self.record.document, other.record.document)

    def lacks_most_of(self, earlier: "Version") -> bool:
        """Tell whether most of the fields of an earlier version are gone."""
        return len(earlier.fields - self.fields) > _MOST_LOST * len(earlier.fields)


@dataclass(frozen=True)
class Left:
    """A version that is not among the others, and one that is, which is why."""

    version: Version
    other: Version


@dataclass
class Ordered:
    """The versions of a record in their order, and those that are left out."""

    versions: list[Version] = field(default_factory=list)
    same: list[Left] = field(default_factory=list)
    """Texts that another one holds."""
    parts: list[Left] = field(default_factory=list)
    """Texts that lack most of what another has, or every date."""

    @property
    def now(self) -> Version:
        """The newest."""
        return self.versions[-1]


def kept_versions(past: Sequence[PastVersion], now: Line | None, *, is_absorbed: bool = False) -> list[Version]:
    """Return the versions that a release keeps of a record, and its newest where it holds it, oldest first.

    That another trial had absorbed it does not count: it may have done so no more.
    """
    versions = [Version.kept(each.nct_id, each.raw, each.gone) for each in past]
    if is_absorbed and versions:
        versions[-1].gone = ""
    return [*versions, *([Version.of(Line(now.nct_id, RecordText(now.text.raw, "the release")))] if now else ())]


def readable(given: Iterable[Line]) -> Iterator[Version]:
    """Yield the versions that texts are, those that are no record left out."""
    for line in given:
        with suppress(RecordError):
            yield Version.of(line, is_given=True)


def in_order(kept: Iterable[Version], given: Iterable[Version], *, accept_partial: bool = False) -> Ordered:
    """Return the versions of a record: those kept, oldest first, and those given, in whatever order.

    What comes after a version that was gone when it was the last, stands behind it whatever its text.
    """
    ordered = Ordered(_dated(kept))
    past = tuple(ordered.versions)
    for each in sorted(given, key=lambda version: version.place):
        _insert(ordered, each, accept_partial)
    if not accept_partial:
        _leave_parts(ordered, past)
    return ordered


def _dated(kept: Iterable[Version]) -> list[Version]:
    """Return the versions that a release keeps; a part without dates that was accepted stays where it is."""
    versions = list(kept)
    for before, version in pairwise(versions):
        if not version.has_date:
            version.key = before.key
    return versions


def _insert(ordered: Ordered, new: Version, accept_partial: bool) -> None:
    versions = ordered.versions
    last = versions[-1] if versions else None
    is_accepted = last is not None and accept_partial and not new.has_date
    if last and last.gone and (is_accepted or new.key >= last.key):
        versions.append(new)
        return
    if holder := next((each for each in versions if _holds(each, new, accept_partial)), None):
        ordered.same.append(Left(new, holder))
        return
    if last and is_accepted:
        new.key = last.key
        versions.append(new)
        return
    for each in [each for each in versions if not each.gone and _holds(new, each, accept_partial)]:
        versions.remove(each)
        ordered.same.append(Left(each, new))
    before = [each.place <= new.place or bool(each.gone and each.key <= new.key) for each in versions]
    versions.insert(len(before) - before[::-1].index(True) if any(before) else 0, new)


def _holds(one: Version, other: Version, equal: bool) -> bool:
    """Tell whether one text says all that another says; of two that say the same, the later one by its place."""
    if not other.is_in(one):
        return False
    return bool(one.gone) or other.place <= one.place if one.is_in(other) else not equal


def _leave_parts(ordered: Ordered, past: Sequence[Version]) -> None:
    """Leave out what may be a part of a record, but what a release keeps in spite of it."""
    accepted = {id(each) for place, each in enumerate(past) if any(map(each.lacks_most_of, past[:place]))}
    dated = next((each for each in reversed(ordered.versions) if each.has_date), None)
    whole: list[Version] = []
    for version in ordered.versions:
        other = dated if not version.has_date else next(filter(version.lacks_most_of, whole), None)
        if other and not version.gone and id(version) not in accepted:
            ordered.parts.append(Left(version, other))
        else:
            whole.append(version)
    ordered.versions = whole


def told(ordered: Ordered) -> Iterator[tuple[RecordError, bytes]]:
    """Yield why each text that does not become the record was set aside, and the text."""
    for left in ordered.same:
        if left.version.is_given and (error := _same(left)):
            yield error, left.version.line.text.raw
    for left in ordered.parts:
        yield _part(left), left.version.line.text.raw
    *older, now = ordered.versions
    for each in older:
        if each.is_given:
            yield _older(each, now), each.line.text.raw


def _same(left: Left) -> RecordError | None:
    """Return what is said of a text that another holds; nothing where the release has it already."""
    other, where = left.other, _where(left.other)
    if left.version.is_in(other) and other.is_in(left.version):
        if not other.is_given:
            return None
        return _error(RepeatedRecord, left.version, f"the same version of this record {where}", _REPEATED)
    reason = f"a fuller text of this version of the record, of {other.record.version}, {where}"
    return _error(RepeatedRecord, left.version, reason, "nothing to do")


def _part(left: Left) -> RecordError:
    new, other = left.version, left.other
    if new.has_date:
        lost = f"it lacks {len(other.fields - new.fields)} of the {len(other.fields)} fields"
        what = f"{lost} that the version of {other.record.version or 'no date'} has"
    else:
        what = f"it has no date, while the version of {other.record.version} has"
    remedy = "fetch the whole record, without fields=, or say --accept-partial"
    return _error(PartialRecord, new, f"{what}; it may be a part of a record", remedy)


def _older(version: Version, now: Version) -> RecordError:
    where = f"was here and is gone since {now.gone}" if now.gone else _where(now)
    if version.key == now.key:
        reason = f"another text of the same dates ({now.record.version or 'none'}), and longer, {where}"
        remedy = "nothing to do: this one is kept in its history; to have it taken, give it a later date"
        return _error(RepeatedRecord, version, reason, remedy)
    reason = f"a newer version of this record, of {now.record.version}, {where}"
    return _error(RepeatedRecord, version, reason, "nothing to do: this one is kept in its history")


def _where(version: Version) -> str:
    return f"was taken from {version.line.text.place}" if version.is_given else "is here already"


def _error(kind: type[RecordError], version: Version, reason: str, remedy: str) -> RecordError:
    text = version.line.text
    return kind(reason, remedy, version.line.nct_id, text.source, text.line, text.byte)


_REPEATED: Final = "nothing to do, or leave one of the two away"
