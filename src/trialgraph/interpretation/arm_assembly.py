"""The doses of each arm, of its own texts and of what it gives, each once with all its words.

What an intervention's text says belongs to every arm that gives it, unless the arm's own texts say another amount of
it, or the text has several amounts and several arms give it: then which arm gets which is not told there, and the
doses stay with the intervention, unless they are a loading dose and what maintains it.

>>> line = {
...     "texts": {"armGroups[0].label": "A", "interventions[0].description": "200 mg IV every 3 weeks"},
...     "arms": [{"label": "A", "interventions": ["Drug: Toripalimab"]}],
...     "interventions": [{"type": "DRUG", "name": "Toripalimab"}],
... }
>>> [(given.arm, given.intervention, given.dose["amount"]) for given in assembled(line)]
[(0, 0, '200')]
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from trialgraph.interpretation.agent_names import Names, default_name
from trialgraph.interpretation.arm_references import references
from trialgraph.interpretation.dose_entry import fill
from trialgraph.interpretation.dose_stages import LOADING, MAINTENANCE
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.regimen import doses_of

Dose = dict[str, Any]
_PATH: Final = re.compile(r"(armGroups|interventions)\[(\d+)\]\.(\w+)")


@dataclass(slots=True)
class Given:
    """A dose of an arm, or of an intervention where no arm is told; numbers count from 0."""

    arm: int | None
    intervention: int | None
    dose: Dose
    words: list[Finding] = field(default_factory=list)
    named: bool = True
    """Whether its agent is what the intervention is, not another that the intervention's text speaks of."""
    contradicts: "Given | None" = None
    """A dose of the same intervention in the same arm that another text tells otherwise."""


def finding_of(dose: Mapping[str, Any]) -> Finding:
    """Return the words that a dose rests on."""
    return Finding(path=dose["path"], start=dose["start"], end=dose["end"], exact=dose["quote"], rule=dose["rule"])


def assembled(line: Mapping[str, Any], doses: Sequence[Dose] | None = None) -> list[Given]:
    """Return the doses of all arms, and those that belong to interventions alone, in order of arms and texts."""
    doses = doses_of(line) if doses is None else doses
    arms, interventions = line.get("arms") or [], line.get("interventions") or []
    gives = [_given_by(arm, interventions) for arm in arms]
    of_arms: dict[int, list[Dose]] = {}
    of_interventions: dict[int, list[Dose]] = {}
    for dose in doses:
        match = _PATH.fullmatch(dose["path"])
        if match is None:
            continue
        table = of_arms if match[1] == "armGroups" else of_interventions
        table.setdefault(int(match[2]), []).append(dose)
    found: list[Given] = []
    by_arm: list[list[Given]] = []
    taken: set[int] = set()
    for number in range(len(arms)):
        own = _merged(number, of_arms.get(number, []), gives[number], interventions)
        for index in gives[number]:
            texts = of_interventions.get(index, [])
            others = sum(index in given for given in gives) > 1
            for dose in _belonging(texts, [one for one in own if one.intervention == index], several=others):
                taken.add(id(dose))
                given = Given(number, index, dict(dose), [finding_of(dose)], _is_its_own(dose, index, texts, line))
                _add(own, _of_intervention(own, given))
        _contradictions(own)
        by_arm.append(own)
    for number, own in enumerate(by_arm):
        found += [*own, *_as_other_arms(line, number, by_arm, gives[number])]
    for index, texts in sorted(of_interventions.items()):
        left: list[Given] = []
        for dose in texts:
            if id(dose) not in taken:
                own_agent = _is_its_own(dose, index, texts, line)
                _add(left, Given(None, index, dict(dose), [finding_of(dose)], own_agent))
        found += left
    return found


def _of_intervention(own: Sequence[Given], given: Given) -> Given:
    """Return an intervention's dose, after a dose of its agent that the arm tells alike is known to be of it."""
    name = _letters(given.dose["agent"])
    for one in own:
        alike = all(one.dose[key] == given.dose[key] for key in ("amount", "amount_high", "unit", "role", "kind"))
        if one.intervention is None and alike and _letters(one.dose["agent"]) == name:
            one.intervention, one.named = given.intervention, given.named
            if any(other is not one and _key(other) == _key(one) for other in own):
                one.intervention = None  # another agent of the intervention has the same amount
            else:
                return given
    return given


def _is_its_own(dose: Dose, index: int, texts: Sequence[Dose], line: Mapping[str, Any]) -> bool:
    """Return whether a dose of an intervention's text is of that intervention, not of another agent told there.

    It is where the intervention bears the agent's name, or where its text tells of one agent only, whatever its name.
    """
    interventions = line.get("interventions") or []
    if _names(_names_of(interventions[index]), dose["agent"]):
        return True
    others = (one for number, one in enumerate(interventions) if number != index)
    if any(_names(_names_of(one), dose["agent"]) for one in others):
        return False
    return len({_letters(one["agent"]) for one in texts if one["kind"] == dose["kind"]}) == 1


def _names_of(intervention: Mapping[str, Any]) -> Names:
    """Return the names of an intervention, its other names with it."""
    return Names.of([intervention.get("name") or "", *(intervention.get("otherNames") or [])])


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


AS_ARM: Final = "dose/as-arm"
"""The rule of words that say that something is given as in another arm."""


def _as_other_arms(
    line: Mapping[str, Any], number: int, by_arm: Sequence[Sequence[Given]], gives: Sequence[int]
) -> list[Given]:
    """Return the doses of other arms that an arm's texts say it gives too, unless they tell the agent's dose."""
    found: dict[int, Given] = {}
    labels = [arm.get("label") for arm in line.get("arms") or []]
    labels[number] = None
    said = {_letters(one.dose["agent"]) for one in by_arm[number]}
    for key in ("label", "description"):
        path = f"armGroups[{number}].{key}"
        for named in references(line["texts"].get(path) or "", labels):
            words = Finding(path=path, start=named.start, end=named.end, exact=named.exact, rule=AS_ARM)
            for one in by_arm[named.arm]:
                agent = one.dose["agent"]
                meant = named.everything or re.search(rf"(?<!\w){re.escape(agent.lower())}(?!\w)", named.before)
                if meant and _letters(agent) not in said:
                    intervention = one.intervention if one.intervention in gives else None
                    given = found.setdefault(id(one), Given(number, intervention, dict(one.dose), [*one.words]))
                    given.words.append(words)
    return list(found.values())


def _given_by(arm: Mapping[str, Any], interventions: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the numbers of the interventions that an arm names ("Drug: Toripalimab")."""
    names = {(one.partition(": ")[2] or one).strip() for one in arm.get("interventions") or []}
    named = [(index, one) for index, one in enumerate(interventions) if (one.get("name") or "").strip() in names]
    # Interventions of one name are told apart by the arms that they name.
    label = arm.get("label")
    return [index for index, one in named if not one.get("arms") or label is None or label in one["arms"]]


def _merged(
    arm: int, doses: Sequence[Dose], gives: Sequence[int], interventions: Sequence[Mapping[str, Any]]
) -> list[Given]:
    """Return the doses of an arm's own texts, each once."""
    found: list[Given] = []
    names = {index: _names_of(interventions[index]) for index in gives}
    for dose in doses:
        _add(found, Given(arm, _intervention(dose, gives, names, interventions), dict(dose), [finding_of(dose)]))
    return found


_GIVEN: Final = frozenset(
    ("DRUG", "BIOLOGICAL", "COMBINATION_PRODUCT", "DIETARY_SUPPLEMENT", "GENETIC", "RADIATION", "OTHER")
)


def _intervention(
    dose: Dose, gives: Sequence[int], names: Mapping[int, Names], interventions: Sequence[Mapping[str, Any]]
) -> int | None:
    """Return the intervention of an arm that a dose is of: that of its agent's name, or the only one that can be."""
    agent = dose["agent"]
    exact = [
        index for index in gives if default_name(interventions[index].get("name") or "").lower() == agent.lower()
    ]
    if exact:
        amount = re.compile(rf"(?<![\d.]){re.escape(dose['amount'])}(?![\d.])")
        return next((index for index in exact if amount.search(interventions[index].get("name") or "")), exact[0])
    known = [index for index in gives if agent and _names(names[index], agent)]
    placebo = dose["kind"] == "placebo"
    known = [index for index in known if ("placebo" in (interventions[index].get("name") or "").lower()) == placebo]
    if len(known) == 1:
        return known[0]
    if dose["kind"] == "radiation":
        rays = [index for index in gives if (interventions[index].get("type") or "").upper() == "RADIATION"]
        return rays[0] if len(rays) == 1 else None
    return None


def _names(names: Names, agent: str) -> bool:
    """Return whether an agent bears one of an intervention's names; that every placebo is one says nothing."""
    return Names(names.known - {"placebo"}).knows(agent)


def _key(given: Given) -> tuple[object, ...]:
    dose = given.dose
    who: object = given.intervention if given.intervention is not None else dose["agent"].lower()
    return who, dose["amount"], dose["amount_high"], dose["unit"], dose["role"]


def _add(found: list[Given], given: Given) -> None:
    """Add a dose, or its words and what it fills to the same dose that is there."""
    paths = {word.path for word in given.words}
    # One text tells a dose of an agent once: two of one amount there are of two agents.
    same = next(
        (
            one
            for one in found
            if _key(one) == _key(given)
            and (
                _letters(one.dose["agent"]) == _letters(given.dose["agent"])
                or not paths & {word.path for word in one.words}
            )
        ),
        None,
    )
    if same is None:
        found.append(given)
        return
    fill(same.dose, given.dose)
    same.words += given.words


def _belonging(texts: Sequence[Dose], own: Sequence[Given], *, several: bool) -> Iterator[Dose]:
    """Yield the doses of an intervention's texts that are an arm's."""
    amounts = {(dose["amount"], dose["amount_high"], dose["unit"]) for dose in texts if dose["role"] == "dose"}
    said = {
        (one.dose["amount"], one.dose["amount_high"], one.dose["unit"]) for one in own if one.dose["role"] == "dose"
    }
    one = len(amounts) == 1 or _is_one_course(texts)
    for dose in texts:
        amount = (dose["amount"], dose["amount_high"], dose["unit"])
        if dose["role"] != "dose" or amount in said or not several or (not said and one):
            yield dose


def _is_one_course(texts: Sequence[Dose]) -> bool:
    """Return whether several amounts are a loading dose and what maintains it: whoever is given the one gets both."""
    doses = [dose for dose in texts if dose["role"] == "dose"]
    stages = {dose["rule"] for dose in doses}
    others = [_letters(dose["agent"]) for dose in doses if dose["rule"] not in (LOADING, MAINTENANCE)]
    staged = {_letters(dose["agent"]) for dose in doses if dose["rule"] in (LOADING, MAINTENANCE)}
    apart = len(others) == len(set(others)) and not staged & set(others)
    return LOADING in stages and MAINTENANCE in stages and apart


def _contradictions(own: Sequence[Given]) -> None:
    """Mark doses of one intervention that the arm's texts and the intervention's tell otherwise, one against one."""
    by_intervention: dict[int, list[Given]] = {}
    for one in own:
        if one.intervention is not None and one.dose["role"] == "dose":
            by_intervention.setdefault(one.intervention, []).append(one)
    for both in by_intervention.values():
        if len(both) != 2 or both[0].dose["unit"] != both[1].dose["unit"]:
            continue
        places = [{word.path.partition("[")[0] for word in one.words} for one in both]
        if places[0] == {"armGroups"} and places[1] == {"interventions"}:
            both[1].contradicts = both[0]
