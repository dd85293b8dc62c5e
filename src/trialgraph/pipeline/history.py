"""The graph of versions: which values of which record changed, from what to what, and when.

>>> from trialgraph.pipeline.record_diff import FieldChange
>>> version = Version("NCT06095583", "2024-11-26", 1)
>>> version.iri
'https://w3id.org/trialgraph/id/NCT06095583/record/version/2024-11-26'
>>> len(revision(version, Version("NCT06095583", "2024-06-01", 1), [FieldChange(("hasResults",), False, True)]))
16
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from trialgraph.mapping.literals import encode_date
from trialgraph.pipeline.record_diff import NOTHING, FieldChange, changes
from trialgraph.registry.record import Record
from trialgraph.release.tombstones import tombstone
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, XSD, Term, Triple, iri, string, typed
from trialgraph.vocabulary import PREFIXES, TG, trial_iri

_PROV: Final = PREFIXES["prov"]


@dataclass(frozen=True)
class Version:
    """A version of a record."""

    nct_id: str
    date: str
    """As the record states it; may be partial, or empty when the record states none."""
    number: int
    """Counts versions of one record with one date, from 1."""

    @property
    def iri(self) -> str:
        """Its IRI: below the record, by date, and by number where a date has several."""
        name = self.date or "undated"
        return f"{trial_iri(self.nct_id)}/record/version/{name}{f'.{self.number}' if self.number > 1 else ''}"

    @property
    def node(self) -> Term:
        """Its IRI as a term."""
        return iri(self.iri)


def described(version: Version) -> list[Triple]:
    """Return what is said of a version on its own."""
    node = version.node
    when = encode_date(version.date) if version.date else None
    triples = [
        (node, RDF_TYPE, iri(TG.RecordVersion)),
        (node, RDFS_LABEL, string(f"{version.nct_id}, version of {version.date or 'no date'}")),
        (node, iri(TG.versionOf), iri(f"{trial_iri(version.nct_id)}/record")),
    ]
    return [*triples, (node, iri(TG.versionDate), when)] if when else triples


def revision(new: Version, old: Version, found: list[FieldChange]) -> list[Triple]:
    """Return what is said of a version that follows another, of that other, and of what changed."""
    triples = [*described(old), *described(new), (new.node, iri(_PROV + "wasRevisionOf"), old.node)]
    for number, change in enumerate(found, 1):
        node = iri(f"{new.iri}/change/{number}")
        triples += [
            (new.node, iri(TG.change), node),
            (node, RDF_TYPE, iri(TG.Change)),
            (node, RDFS_LABEL, string(f"{new.nct_id}: change of {change.field}")),
            (node, iri(TG.changedField), string(change.field)),
            (node, iri(TG.changedPlace), string(change.place)),
            *_values(node, change),
        ]
    return triples


def chain(versions: Sequence[tuple[Record, str]]) -> Iterator[Triple]:
    """Yield what is said of the versions of one record, given oldest first; nothing of a single one that stays.

    Beside each stands the day since which the registry holds the record no more, where it was the last one then.
    """
    if len(versions) == 1 and not versions[0][1]:
        return
    numbers = Counter[str]()
    before: tuple[Record, Version] | None = None
    for record, gone in versions:
        when = record.version or ""
        numbers[when] += 1
        version = Version(record.nct_id, when, numbers[when])
        yield from described(version)
        if before:
            yield from revision(version, before[1], changes(before[0].document, record.document))
        if gone:
            yield version.node, iri(_PROV + "invalidatedAtTime"), typed(f"{gone}T00:00:00Z", XSD + "dateTime")
        before = record, version


def absorbed(nct_id: str, owner: str, named: Iterable[str], when: date) -> Iterator[Triple]:
    """Yield what is said of a trial that another names as a former number; `named` are its own former numbers."""
    yield from tombstone(nct_id, when, f"{nct_id} is registered as {owner} now, which names it as a former number.")
    yield iri(trial_iri(nct_id)), iri(PREFIXES["dcterms"] + "isReplacedBy"), iri(trial_iri(owner))
    yield from former_numbers(nct_id, named)


def former_numbers(nct_id: str, named: Iterable[str]) -> Iterator[Triple]:
    """Yield the former numbers of a trial that is itself one, so that they lead on."""
    yield from ((iri(trial_iri(nct_id)), iri(TG.nctIdAlias), string(each)) for each in named)


_FORMER: Final = f" {iri(TG.nctIdAlias)} "


def former_number_in(line: bytes) -> str | None:
    """Return the former number that a line of the history graph says.

    >>> from trialgraph.terms import line
    >>> former_number_in(line(next(former_numbers("NCT00000002", ["NCT00000003"]))).encode())
    'NCT00000003'
    """
    if _FORMER.encode() not in line:
        return None
    return line.partition(_FORMER.encode())[2].split(b'"')[1].decode()


def _values(node: Term, change: FieldChange) -> Iterator[Triple]:
    if change.old is not NOTHING:
        yield node, iri(TG.oldValue), string(_text(change.old))
    if change.new is not NOTHING:
        yield node, iri(TG.newValue), string(_text(change.new))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
