"""Every curated triple, taken away or damaged: what must not go unnoticed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.shapes.checking import Curated

from trialgraph.terms import XSD, Term, Triple, datatype, is_iri, lexical, typed

NUMBERS = {XSD + "integer", XSD + "decimal"}


@dataclass(frozen=True)
class Mutant:
    """One change: a triple removed, or its object replaced by a likely wrong one."""

    kind: str
    triple: Triple
    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]


def mutants(curated: Curated) -> Iterator[Mutant]:
    """Yield two changes of each triple of the seed, in order."""
    siblings = defaultdict(set)
    for _, predicate, value in curated.seed:
        siblings[predicate].add(value)
    for triple in curated.seed:
        subject, predicate, value = triple
        yield Mutant("removed", triple, (triple,), ())
        wrong = (subject, predicate, _damaged(value, sorted(siblings[predicate])))
        if wrong not in curated.triples:
            yield Mutant("damaged", triple, (triple,), (wrong,))


def _damaged(value: Term, siblings: list[Term]) -> Term:
    """Return another value as a slip would make it: a neighbour's, the next number, a letter too many."""
    if is_iri(value):
        return siblings[(siblings.index(value) + 1) % len(siblings)] if len(siblings) > 1 else value[:-1] + "x>"
    if datatype(value) in NUMBERS:
        return typed(str(int(lexical(value)) + 1), datatype(value))
    return typed(lexical(value) + "x", datatype(value)) if datatype(value) != XSD + "string" else value[:-1] + 'x"'
