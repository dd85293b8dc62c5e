"""What is known while an arm's text is read: its record, sentences, amounts, marks and agents."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from trialgraph.interpretation.agent_names import Names, default_name
from trialgraph.interpretation.dose_amounts import Amount
from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

PLACEBO: Final = re.compile(r"placebo|sham|sugar pill|dummy|vehicle|inactive|control gas")
VEHICLE: Final = re.compile(
    r"saline|sodium chloride|nacl|ringer|water|dextrose|vehicle|sugar|starch|lactose|glucose|pills?$|oil|milk"
)
"""What is given as a placebo under its own name."""
_SPLIT_NAMES: Final = re.compile(r"\bor\b|\+|\band\b|/")
_GIVEN_KINDS: Final = frozenset(
    ("DRUG", "BIOLOGICAL", "RADIATION", "COMBINATION PRODUCT", "DIETARY SUPPLEMENT", "GENETIC")
)


@dataclass(slots=True)
class Agent:
    """Who is given: the name as written and where it stands; no place where it comes from the record."""

    name: str
    start: int | None = None
    end: int | None = None
    how: str = "agent/record"


@value_class(frozen=True, slots=True)
class RecordContext:
    """What a record says beside its texts: names, and who is meant where a text names none."""

    names: Names
    defaults: dict[str, str]
    radiation: frozenset[str]
    placebo: frozenset[str]
    rays: Mapping[str, str] = field(default_factory=dict)
    """The only intervention of radiation of an arm, by the paths of its texts."""
    devices: frozenset[str] = frozenset()
    """Paths whose default is a device: an amount without a name is its setting."""

    dummies: frozenset[str] = frozenset()
    """Paths of arms that are called placebo: saline in them is the placebo."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "RecordContext":
        """Return the context of the texts of a record."""
        interventions = record.get("interventions") or []
        defaults: dict[str, str] = {}
        radiation: set[str] = set()
        placebo: set[str] = set()
        dummies: set[str] = set()
        devices = {
            default_name(one.get("name") or "")
            for one in interventions
            if (one.get("type") or "").upper() == "DEVICE" and not PLACEBO.search((one.get("name") or "").lower())
        }
        for number, one in enumerate(interventions):
            name = default_name(one.get("name") or "")
            for key in ("name", "description"):
                path = f"interventions[{number}].{key}"
                defaults[path] = name
                if (one.get("type") or "").upper() == "RADIATION":
                    radiation.add(path)
                if _only_placebo(name) or _only_placebo(one.get("name") or ""):
                    placebo.add(path)
        for number, arm in enumerate(record.get("arms") or []):
            only = _only_intervention(arm.get("interventions") or [])
            for key in ("label", "description"):
                path = f"armGroups[{number}].{key}"
                label = record["texts"].get(f"armGroups[{number}].label")
                if label and _PLACEBO_ARM.fullmatch(label.strip().lower()):
                    dummies.add(path)
                if only:
                    defaults[path] = default_name(only)
                    if _only_placebo(only):
                        placebo.add(path)
                elif label:
                    defaults[path] = default_name(label)
        rays = dict(_rays(record.get("arms") or []))
        names = Names.of([one.get("name") or "" for one in interventions])
        settings = frozenset(path for path, name in defaults.items() if name in devices)
        return cls(names, defaults, frozenset(radiation), frozenset(placebo), rays, settings, frozenset(dummies))


def _rays(arms: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the paths of the texts of arms that give one kind of radiation, and its name."""
    for number, arm in enumerate(arms):
        given = [one.partition(": ") for one in arm.get("interventions") or []]
        rays = [tail for head, _, tail in given if head.upper() == "RADIATION"]
        if len(rays) == 1:
            yield from ((f"armGroups[{number}].{key}", default_name(rays[0])) for key in ("label", "description"))


_PLACEBO_ARM: Final = re.compile(r"(?:matching )?placebo(?: (?:arm|group|control|comparator))*")


def _only_placebo(name: str) -> bool:
    return bool(PLACEBO.search(name.lower())) and not _SPLIT_NAMES.search(name.lower())


def _only_intervention(written: list[str]) -> str | None:
    """Return the name of an arm's only intervention, or of its only one that is given."""
    names = [one.partition(": ") for one in written]
    given = [tail or head for head, _, tail in names]
    drugs = [tail or head for head, _, tail in names if head.upper() in _GIVEN_KINDS]
    for some in (given, drugs):
        if len({default_name(name).lower() for name in some}) == 1:
            return some[0]
    return None


@dataclass(slots=True)
class RegimenText:
    """A text while it is read; positions are of its plain form."""

    path: str
    text: StoredText
    context: RecordContext
    sentences: list[tuple[int, int]] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    located: dict[int, list[Amount]] = field(default_factory=dict)
    """The amounts of each sentence, by its number."""
    marks: list[Mark] = field(default_factory=list)
    agents: dict[int, Agent] = field(default_factory=dict)
    """The agent of each amount, by the amount's identity."""
    mentions: list[Agent] = field(default_factory=list)
    """Where the text names the record's interventions, in order."""
    scopes: dict[int, Scope] = field(default_factory=dict)
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    """The dose that each amount is told in, by the amount's identity."""
    doses: list[dict[str, Any]] = field(default_factory=list)
    steps: list[list[dict[str, Any]]] = field(default_factory=list)
    """Doses of one agent that follow each other, in the order of time."""

    def locate(self) -> None:
        """Find the sentence of each amount."""
        number = 0
        for amount in self.amounts:
            while number + 1 < len(self.sentences) and self.sentences[number + 1][0] <= amount.start:
                number += 1
            self.located.setdefault(number, []).append(amount)

    def covered(self) -> bytearray:
        """Return which places of the text amounts and marks cover: no name stands there."""
        mask = bytearray(len(self.text.plain) + 1)
        for amount in self.amounts:
            mask[amount.start : amount.end] = b"\1" * (amount.end - amount.start)
        for mark in self.marks:
            if mark.slot != "until":
                mask[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
        return mask
