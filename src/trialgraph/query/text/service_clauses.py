"""The SERVICE clauses of a query, nested ones within (SPARQL 1.1 Federated Query, section 2).

>>> from trialgraph.sparql.parser import parse
>>> query = parse("PREFIX : <x:> SELECT * { ?s ?p ?o SERVICE SILENT <http://e.org/> { ?s :p ?v } }")
>>> (clause,) = clauses(query)
>>> clause.endpoint, clause.silent, query.text[clause.opening : clause.end], sorted(clause.variables)
('http://e.org/', True, '{ ?s :p ?v }', ['s', 'v'])
"""

from dataclasses import dataclass

from trialgraph.sparql.query import Graph, Query, Service, all_groups
from trialgraph.sparql.scope import in_scope
from trialgraph.vocabulary import BASE


@dataclass(frozen=True, slots=True)
class Clause:
    """A SERVICE clause: whom it asks, and where it stands in the text of the query."""

    endpoint: str
    """An IRI without brackets; a variable with its question mark."""
    silent: bool
    apart: bool
    """Whether it stands inside GRAPH or another SERVICE, so that what is around it does not hold inside it."""
    start: int
    """Where the word SERVICE begins."""
    opening: int
    """Where the brace of its group opens."""
    end: int
    """Behind the brace that closes the group."""
    variables: frozenset[str]
    """Names of those that its group binds, without question marks."""
    inner: tuple["Clause", ...] = ()
    """The clauses inside it."""


def clauses(query: Query) -> tuple[Clause, ...]:
    """Return the clauses that are inside no other, in the order of the text."""
    apart = {
        member.start
        for group, around in all_groups(query)
        for member in group.members
        if isinstance(member, Service) and any(isinstance(outer, (Graph, Service)) for outer in around)
    }
    return _within(query, list(query.services), apart)


def _within(query: Query, services: list[Service], apart: set[int]) -> tuple[Clause, ...]:
    found: list[Clause] = []
    while services:
        outer = services.pop(0)
        inner = [service for service in services if service.start < outer.end]
        services = services[len(inner) :]
        term = outer.endpoint
        found.append(
            Clause(
                term.text if term.kind == "var" else query.iri(term.text, BASE),
                outer.silent,
                outer.start in apart,
                outer.start,
                outer.group.start,
                outer.end,
                frozenset(name[1:] for name in in_scope(outer.group)),
                _within(query, inner, apart),
            )
        )
    return tuple(found)
