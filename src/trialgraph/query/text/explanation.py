"""How a query will be answered, without running it: patterns, how often they are there, engine.

>>> counts = Statistics(10**6, {"u:arm": (90_000, 30_000, 90_000), "u:dose": (20, 20, 9)}, {})
>>> told = explain("SELECT ?t ?d { ?t <u:arm> ?a . ?a <u:dose> ?d }", counts, joins=False)
>>> [(use.pattern, use.count) for use in told.uses], told.engine, told.rewritten
([('?t <u:arm> ?a', 90000), ('?a <u:dose> ?d', 20)], 'Oxigraph', 'SELECT ?t ?d { ?a <u:dose> ?d . ?t <u:arm> ?a . }')
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from trialgraph.query.text.analysis import analyze
from trialgraph.query.text.engine_text import rewritten
from trialgraph.sparql.parser import parse
from trialgraph.sparql.query import Query, Triple, Triples, members, walk
from trialgraph.store import Statistics
from trialgraph.terms import RDF_TYPE

OXIGRAPH, SPARQ = "Oxigraph", "sparq"
_TYPE: Final = RDF_TYPE[1:-1]
_MOST_USES: Final = 40


@dataclass(frozen=True, slots=True)
class Use:
    """A triple pattern, its place in the query, and how many triples its property or class alone has."""

    pattern: str
    start: int
    end: int
    count: int | None
    """None where the property is a variable or a path of which no count is known."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a query before it runs."""

    form: str
    uses: tuple[Use, ...]
    """Patterns in the order of the text."""
    engine: str
    """The one that is asked first."""
    rewritten: str
    """What that engine is given, where it is not the text as it stands; else empty."""
    remarks: tuple[str, ...]
    """Sentences for a person."""
    reading_seconds: float
    planning_seconds: float


def explain(text: str, statistics: Statistics | None, *, joins: bool, cap: int = 0) -> Explanation:
    """Return how a query will be answered; with `joins`, by a server that has the second engine.

    Raises QuerySyntaxError.
    """
    started = perf_counter()
    query = parse(text)
    analysis = analyze(text)
    read = perf_counter()
    given = rewritten(analysis, statistics, cap, joins=joins)
    planned = perf_counter()
    is_joined = "joined" in given
    better = given.get("joined", "").partition("> ")[2] if is_joined else given.get("plan", given["text"])
    return Explanation(
        form=query.form,
        uses=tuple(_uses(query, statistics)),
        engine=SPARQ if is_joined else OXIGRAPH,
        rewritten=better if better.strip() != text.strip() else "",
        remarks=tuple(_remarks(query, better != text, is_joined=is_joined, joins=joins)),
        reading_seconds=read - started,
        planning_seconds=planned - read,
    )


def _uses(query: Query, statistics: Statistics | None) -> Iterator[Use]:
    found = [
        triple
        for group, _ in (walk(query.select.group) if query.select.group else ())
        for member in members(group)
        if isinstance(member, Triples)
        for triple in member.triples
    ]
    for triple in sorted(found, key=lambda each: each.subject.start)[:_MOST_USES]:
        parts = (triple.subject, triple.verb, triple.object)
        start, end = min(part.start for part in parts), max(part.end for part in parts)
        said = " ".join(query.text[part.start : part.end].strip() for part in parts)
        yield Use(said, start, end, _count(query, triple, statistics) if statistics else None)


def _count(query: Query, triple: Triple, statistics: Statistics) -> int | None:
    steps = [query.iri(step.predicate) for step in triple.verb.steps]
    if steps == [_TYPE] and triple.object.kind == "iri":
        return statistics.classes.get(query.iri(triple.object.text), 0)
    counts = [statistics.predicates.get(step, (0, 0, 0))[0] for step in steps if step != _TYPE]
    return min(counts) if counts else None


def _remarks(query: Query, is_rewritten: bool, *, is_joined: bool, joins: bool) -> Iterator[str]:
    if is_joined:
        yield "Its joins suit the second engine, sparq, which has a copy of the default graph; Oxigraph stands by."
    elif joins:
        yield "It holds what is left to Oxigraph: a dataset, a path, a function or a shape that sparq is not given."
    if is_rewritten:
        yield "It is given to the engine in another order or form with the same answer, chosen by the counts."
    if query.services:
        yield f"It asks {len(query.services)} other endpoint(s), if the operator allows them."
    if query.sources:
        yield "FROM or FROM NAMED choose the graphs."
    if query.volatile:
        yield "Its answer differs from time to time, so it is never kept."
