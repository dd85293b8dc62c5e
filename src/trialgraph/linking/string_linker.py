"""One door to the linking of strings, with or without installed vocabularies.

>>> linker = StringLinker(None)
>>> named = linker.link("condition", "Breast Neoplasms", RecordContext(mesh=(("MESH:D001943", "Breast Neoplasms"),)))
>>> [(link.id, link.relation) for link in named.links]
[('MONDO:0021100', 'exact'), ('MESH:D001943', 'exact')]
>>> linker.link("drug", "Placebo tablet", RecordContext()).none
'placebo'
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from trialgraph.linking.condition_linker import ConditionLinker
from trialgraph.linking.drug_linker import DrugLinker
from trialgraph.linking.label_index import LabelIndex
from trialgraph.linking.link_result import Naming, RecordContext, WatchedContext, repaired_mesh
from trialgraph.linking.name_rules import rules
from trialgraph.linking.recent_answers import RecentAnswers
from trialgraph.linking.shipped_index import CombinedIndex, RecordIndex, ShippedIndex, shipped_index

CONDITION: Final = "condition"
DRUG: Final = "drug"
_KEPT: Final = 1 << 15
"""Strings whose answer no record changes, and that are remembered; those asked for last."""
_KEPT_OF_RECORDS: Final = 1 << 10
"""Strings as they stand in one record: links, doses and what is not linked ask for each of them."""
_KEPT_LABELS: Final = 1 << 14


@dataclass(slots=True)
class StringLinker:
    """Links strings; remembers the latest answers, those that do not depend on a record for every record."""

    index: LabelIndex | None
    """The installed vocabularies, or None: then by the shipped tables and the record's own MeSH terms."""
    base: ShippedIndex | CombinedIndex = field(init=False)
    """What is asked for names: the installed vocabularies, and the shipped names of those that are not installed."""
    _label: Callable[[str], str | None] = field(init=False)
    _conditions: ConditionLinker = field(init=False)
    _drugs: DrugLinker = field(init=False)
    _known: RecentAnswers[Naming] = field(default_factory=lambda: RecentAnswers(_KEPT))
    _of_records: RecentAnswers[Naming] = field(default_factory=lambda: RecentAnswers(_KEPT_OF_RECORDS))

    def __post_init__(self) -> None:
        self.base = known_names(self.index)
        self._label = lru_cache(maxsize=_KEPT_LABELS)(self.base.label)
        self._conditions = ConditionLinker(self.base, rules())
        self._drugs = DrugLinker(self.base, rules())

    def link(self, kind: str, text: str, record: RecordContext) -> Naming:
        """Return the links of a string of this kind as it stands in a record, or why there is none."""
        unknown = tuple(term for term in record.mesh if self._label(term[0]) is None)
        known = None if unknown else self._known.recall((kind, text))
        known = known or self._of_records.recall((kind, text, record))
        if known is not None:
            return known
        if unknown:
            naming = self._with_record_terms(kind, text, record, unknown)
        else:
            watched = WatchedContext(record)
            naming = (self._conditions if kind == CONDITION else self._drugs).link(text, watched)
            naming.by_record = watched.asked
        if naming.by_record:
            return self._of_records.keep((kind, text, record), naming)
        return self._known.keep((kind, text), naming)

    def _with_record_terms(
        self, kind: str, text: str, record: RecordContext, unknown: tuple[tuple[str, str], ...]
    ) -> Naming:
        """Link with the MeSH terms of a record that the vocabularies do not have as names more."""
        if kind == CONDITION:
            return ConditionLinker(RecordIndex(self.base, unknown, "disease"), rules()).link(text, record)
        return DrugLinker(RecordIndex(self.base, unknown, "drug"), rules()).link(text, record)


def known_names(index: LabelIndex | None) -> ShippedIndex | CombinedIndex:
    """Return what is known by name; the shipped tables stand in where the installed vocabularies are silent."""
    if index is None:
        return shipped_index()
    have = frozenset(one.name for one in index.vocabularies() if one.state == "active")
    return CombinedIndex(index, shipped_index(), have)


def context_of(given: dict[str, Any]) -> RecordContext:
    """Return the context of a string from the keys of a line of JSON; missing keys are empty.

    >>> context_of({"registryMesh": [{"id": "D000003920", "term": "Diabetes Mellitus"}]}).mesh
    (('MESH:D003920', 'Diabetes Mellitus'),)
    """
    return RecordContext(
        title=_text(given.get("title")),
        conditions=_texts(given.get("conditions")),
        mesh=tuple(
            ("MESH:" + repaired_mesh(_text(term.get("id"))), _text(term.get("term")))
            for term in given.get("registryMesh") or ()
        ),
        other_names=_texts(given.get("otherNames")),
        description=_text(given.get("description")),
        type=_text(given.get("type")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if isinstance(value, str))
