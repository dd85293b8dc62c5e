"""Doses that one sentence tells together: a regimen of several agents, and its alternatives.

>>> from trialgraph.interpretation.regimen import readings_of
>>> text = "Pemetrexed 500 mg/m2 with carboplatin AUC 5 or cisplatin 75 mg/m2 for 4 cycles"
>>> texts = {"armGroups[0].description": text}
>>> (reading,) = readings_of({"texts": texts, "arms": [], "interventions": []})
>>> (group,) = groups_of(reading)
>>> [dose["agent"] for dose in group.doses], [[dose["agent"] for dose in some] for some in group.alternatives]
(['Pemetrexed', 'carboplatin', 'cisplatin'], [['carboplatin', 'cisplatin']])
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from trialgraph.interpretation.regimen_state import RegimenText

Dose = dict[str, Any]
_OR: Final = re.compile(r"(?:^|[\s,;()/])or(?: else| alternatively| with| of| by)?,?\s?$")
_COMMA: Final = re.compile(r"\s?,\s?")
_ON: Final = re.compile(r"\b(?:then|followed|thereafter|after|subsequent|increas\w*|reduc\w*|titrat\w*|escalat\w*)\b")
_CHEMOTHERAPY: Final = re.compile(r"\bchemotherap")
_MOST: Final = 60
"""More doses than this no sentence of a real text tells together."""


@dataclass(slots=True)
class DoseGroup:
    """Doses that a sentence tells together, in its order; of each of `alternatives` one is given for another."""

    doses: list[Dose]
    alternatives: list[list[Dose]] = field(default_factory=list)
    chemotherapy: bool = False
    """Whether the sentence calls it so."""


def groups_of(state: RegimenText) -> Iterator[DoseGroup]:
    """Yield the groups of two and more doses of each sentence of a text."""
    kept = {id(dose) for dose in state.doses}
    for number, inside in state.located.items():
        told = [amount for amount in inside if id(amount) in state.entries][:_MOST]
        told = [amount for amount in told if state.entries[id(amount)]["role"] == "dose"]
        told = [amount for amount in told if id(state.entries[id(amount)]) in kept]
        said = bool(_CHEMOTHERAPY.search(state.text.folded, *state.sentences[number]))
        group: DoseGroup | None = DoseGroup([state.entries[id(told[0])]], [], said) if told else None
        listed: list[Dose] = []
        for before, amount in pairwise(told):
            dose, earlier = state.entries[id(amount)], state.entries[id(before)]
            start = max(before.end, min(amount.start, state.scopes[id(amount)].start))
            between = state.text.folded[before.end : start]
            if group is None or (_ON.search(between) and not _OR.search(between)):
                if group is not None and _is_group(group):
                    yield group
                group, listed = DoseGroup([dose], [], said), []
                continue
            if any(dose is one for one in group.doses):
                listed = []
                continue
            group.doses.append(dose)
            if _OR.search(between):
                _either(group, [*listed, earlier], dose)
                listed = []
            else:
                listed = [*listed, earlier] if _COMMA.fullmatch(between) else []
        if group is not None and _is_group(group):
            yield group


def _is_group(group: DoseGroup) -> bool:
    """Return whether doses are more than levels of one agent that are told one after another."""
    return len({dose["agent"].lower() for dose in group.doses}) > 1 or bool(group.alternatives)


def _either(group: DoseGroup, earlier: list[Dose], dose: Dose) -> None:
    """Add a dose to the alternatives that the one before it is of, or make alternatives of them: "A, B or C"."""
    if group.alternatives and group.alternatives[-1][-1] is earlier[-1]:
        group.alternatives[-1].append(dose)
    else:
        group.alternatives.append([*earlier, dose])
