"""Regimens of arms as RDF: doses that a sentence tells together, cycles, and which are alternatives."""

import re
from collections.abc import Iterator, Sequence

from trialgraph.interpretation.arm_assembly import Given, finding_of
from trialgraph.interpretation.dose_groups import Dose, groups_of
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.regimen_state import RegimenText
from trialgraph.interpretation.value_class import value_class
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, integer, iri, string
from trialgraph.vocabulary import TG, trial_iri

Placed = tuple[Given, Term]


def regimen_triples(
    nct: str, readings: Sequence[RegimenText], placed: Sequence[Placed], origin: Origin, module: str
) -> Iterator[Triple]:
    """Yield the regimens of arms.

    A group of doses is a regimen of each arm that gives two of them at least; the same regimen told in several texts
    of an arm is one.
    """
    groups = [group for reading in readings for group in groups_of(reading)]
    by_arm: dict[int, list[Placed]] = {}
    for given, node in placed:
        if given.arm is not None and given.dose["kind"] != "radiation":
            by_arm.setdefault(given.arm, []).append((given, node))
    for arm, doses in sorted(by_arm.items()):
        by_words = {_key(word, given.dose): (given, node) for given, node in doses for word in given.words}
        seen: set[frozenset[Term]] = set()
        for group in groups:
            members = _members(group.doses, by_words)
            nodes = frozenset(node for _, node in members)
            if len(nodes) < 2 or nodes in seen:
                continue
            seen.add(nodes)
            place = f"{trial_iri(nct)}/interpretation/arm/{arm + 1}/regimen/{len(seen)}"
            owner = iri(f"{trial_iri(nct)}/arm/{arm + 1}")
            choices = [_members(some, by_words) for some in group.alternatives]
            regimen = _Regimen(place, members, [some for some in choices if len(some) > 1], group.chemotherapy)
            yield owner, iri(TG.regimen), iri(place)
            yield from regimen.triples(origin, module)


Words = dict[tuple[object, ...], Placed]


def _key(word: Finding, dose: Dose) -> tuple[object, ...]:
    return word.path, word.start, word.end, dose["amount"], dose["amount_high"], dose["unit"]


def _members(doses: Sequence[Dose], by_words: Words) -> list[Placed]:
    """Return the arm's doses that are those of a group, each once."""
    found = [by_words.get(_key(finding_of(dose), dose)) for dose in doses]
    members: list[Placed] = []
    for one in found:
        if one is not None and all(one[1] != node for _, node in members):
            members.append(one)
    return members


@value_class(frozen=True, slots=True)
class _Regimen:
    place: str
    members: Sequence[Placed]
    choices: Sequence[Sequence[Placed]]
    chemotherapy: bool

    def triples(self, origin: Origin, module: str) -> Iterator[Triple]:
        regimen = iri(self.place)
        yield regimen, RDF_TYPE, iri(TG.Regimen)
        name = "chemotherapy" if self.chemotherapy else _name(self.members, self.choices)
        yield regimen, RDFS_LABEL, string(name)
        yield from ((regimen, iri(TG.doseSpecification), node) for _, node in self.members)
        yield from origin.triples(regimen, [given.words[0] for given, _ in self.members], module)
        told = {given.dose["cycles"] for given, _ in self.members}
        if len(told) == 1 and None not in told:
            yield from cycles(regimen, told.pop())
        for number, some in enumerate(self.choices, 1):
            choice = iri(f"{self.place}/alternatives/{number}")
            yield regimen, iri(TG.alternatives), choice
            yield choice, RDF_TYPE, iri(TG.Alternatives)
            yield choice, RDFS_LABEL, string(_either(some))
            yield from ((choice, iri(TG.alternative), node) for _, node in some)
            yield from origin.triples(choice, [given.words[0] for given, _ in some], module)


def cycles(node: Term, written: str) -> Iterator[Triple]:
    """Yield the least and greatest number of cycles ("4", "4-6", "<=6")."""
    match = re.fullmatch(r"(<=)?(\d+)(?:-(\d+))?", written)
    if match:
        if not match[1]:
            yield node, iri(TG.minimumCycles), integer(int(match[2]))
        yield node, iri(TG.maximumCycles), integer(int(match[3] or match[2]))


def _either(some: Sequence[Placed]) -> str:
    """Return how alternatives are told in words: by their agents, or of one agent by their amounts."""
    agents = list(dict.fromkeys(given.dose["agent"] for given, _ in some))
    if len(agents) > 1:
        return " or ".join(agents)
    amounts = " or ".join(given.dose["amount"] for given, _ in some)
    return f"{agents[0]} {amounts} {some[0][0].dose['unit']}"


def _name(members: Sequence[Placed], choices: Sequence[Sequence[Placed]]) -> str:
    """Return the name of a regimen: its agents joined, alternatives by "or"."""
    parts: list[str] = []
    told: set[Term] = set()
    for given, node in members:
        choice = next((some for some in choices if any(one == node for _, one in some)), None)
        if node in told:
            continue
        told |= {node} if choice is None else {one for _, one in choice}
        parts.append(given.dose["agent"] if choice is None else _either(choice))
    return " + ".join(dict.fromkeys(parts))
