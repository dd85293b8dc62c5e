"""Which drug a dose is of: what its agent is called decides, then what its intervention is linked to.

An intervention may be linked to one of several drugs that it gives ("SD-7 + pembrolizumab", where SD-7 is in no
vocabulary), and its text may tell the dose of yet another one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from trialgraph.linking.drug_text import parts_of
from trialgraph.linking.name_rules import rules
from trialgraph.linking.phrase_linker import Named
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.string_linker import DRUG
from trialgraph.linking.thing_iris import thing_iri
from trialgraph.resource.name_key import exact_key
from trialgraph.terms import Term, Triple, iri, lexical
from trialgraph.vocabulary import TG

_DRUG: Final = iri(TG.drug)
_AGENT: Final = iri(TG.agentName)
_INTERVENTION: Final = iri(TG.intervention)
_PLACEBO: Final = "placebo"
_STEM: Final = 5
"""Letters that forms of a substance have in common."""


class _Dose(NamedTuple):
    agent: str
    intervention: str
    """Its name in the record; empty where a text of no intervention tells the dose."""
    drugs: Sequence[Term]
    """Those that the intervention is linked to."""


def with_dose_drugs(read: Sequence[Triple], document: dict[str, Any], linker: RecordLinker) -> Iterator[Triple]:
    """Yield what was read of a record; each dose has the drugs that its agent is, and these are described.

    A dose whose agent is none of them for sure has none. Raises KeyError for a record without an NCT id.
    """
    doses = _doses(read, linker.intervention_names(document))
    own = linker.own_names(document) if doses else {}
    yield from (triple for triple in read if triple[1] != _DRUG or triple[0] not in doses)
    for node, dose in doses.items():
        named = _named(dose.agent, own, linker)
        for drug in _drugs_of(dose, named, linker):
            yield node, _DRUG, drug
            if named is not None and drug not in dose.drugs:
                yield from linker.described(named)


def _doses(read: Sequence[Triple], names: Mapping[Term, str]) -> dict[Term, _Dose]:
    told: dict[Term, dict[Term, list[Term]]] = {}
    for subject, predicate, value in read:
        if predicate in {_AGENT, _INTERVENTION, _DRUG}:
            told.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return {
        node: _Dose(
            agent=lexical(facts[_AGENT][0]),
            intervention=names.get(facts.get(_INTERVENTION, [""])[0], ""),
            drugs=facts.get(_DRUG, ()),
        )
        for node, facts in told.items()
        if _AGENT in facts
    }


def _named(agent: str, own: Mapping[str, Named], linker: RecordLinker) -> Named | None:
    """Return the one drug that an agent's name is: one that the record gives under this name, or an exact name."""
    if _PLACEBO in agent.lower():
        return None
    named = own.get(exact_key(agent)) or linker.phrases.dosed(agent)
    return named if named is not None and named.kind == DRUG else None


def _drugs_of(dose: _Dose, named: Named | None, linker: RecordLinker) -> Sequence[Term]:
    drug = None if named is None else iri(thing_iri(named.kind, named.id))
    key, name = exact_key(dose.agent), exact_key(dose.intervention)
    if len(dose.drugs) > 1 or key == name or drug in dose.drugs:
        return dose.drugs
    # What is not known by its name is another name of the drug where the intervention names nothing else.
    alone = len(parts_of(dose.intervention)) < 2 or len(parts_of(dose.agent)) > 1
    if named and drug and not (alone and dose.drugs and _is_alike(dose, named)):
        return [drug]
    return dose.drugs if alone or (dose.drugs and linker.drugs_called(dose.agent) == set(dose.drugs)) else ()


def _is_alike(dose: _Dose, named: Named) -> bool:
    """Return whether an agent may be a form of what its intervention is: its salt, ester or brand."""
    return not _stems(f"{dose.agent} {named.label}").isdisjoint(_stems(dose.intervention))


def _stems(name: str) -> set[str]:
    return {word[:_STEM] for word in exact_key(name).split() if word not in rules().salts}
