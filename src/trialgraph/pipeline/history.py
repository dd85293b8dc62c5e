"""The graph of versions: which values of which record changed, from what to what, and when.

>>> from trialgraph.pipeline.record_diff import FieldChange
>>> version = Version("NCT06095583", "2024-11-26", 1)
>>> version.iri
'https://w3id.org/trialgraph/id/NCT06095583/record/version/2024-11-26'
>>> len(revision(version, Version("NCT06095583", "2024-06-01", 1), [FieldChange(("hasResults",), False, True)]))
16
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from trialgraph.mapping.literals import encode_date
from trialgraph.pipeline.record_diff import NOTHING, FieldChange
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


def revision(new: Version, old: Version, changes: list[FieldChange]) -> list[Triple]:
    """Return what is said of a version that follows another, of that other, and of what changed."""
    triples = [*described(old), *described(new), (new.node, iri(_PROV + "wasRevisionOf"), old.node)]
    for number, change in enumerate(changes, 1):
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


def vanished(version: Version, when: date) -> list[Triple]:
    """Return what is said of the last version of a record that is not in the registry any more."""
    at = typed(f"{when.isoformat()}T00:00:00Z", XSD + "dateTime")
    return [*described(version), (version.node, iri(_PROV + "invalidatedAtTime"), at)]


def _values(node: Term, change: FieldChange) -> Iterator[Triple]:
    if change.old is not NOTHING:
        yield node, iri(TG.oldValue), string(_text(change.old))
    if change.new is not NOTHING:
        yield node, iri(TG.newValue), string(_text(change.new))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
