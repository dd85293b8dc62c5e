"""The curated shapes over the seed graph, made quick enough to check thousands of changed graphs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from trialgraph.settings import packaged
from trialgraph.terms import Triple, from_oxigraph, lexical
from trialgraph.validation import compile_shapes, read_shapes, sparql_constraints
from trialgraph.vocabulary import PREFIXES, RESOURCE

NOT_CURATED = ("registry", "description")
"""Shapes whose file name begins so are about other graphs."""


def turtle(paths: Iterable[Path]) -> list[Triple]:
    """Return the triples of Turtle files."""
    return [_triple(quad) for path in paths for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]


def parse(text: str) -> Triple:
    """Return one triple, written in Turtle with our prefixes and relative to `…/id/`."""
    head = f"@base <{RESOURCE}> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    (quad,) = ox.parse((head + text + " .").encode(), format=ox.RdfFormat.TURTLE)
    return _triple(quad)


def _triple(quad: ox.Quad) -> Triple:
    return from_oxigraph(quad.subject), from_oxigraph(quad.predicate), from_oxigraph(quad.object)


def short(term: str) -> str:
    """Return an IRI of ours as the cases write it."""
    return term.replace(RESOURCE, "")


@dataclass(frozen=True)
class Case:
    """One change of the seed graph and what the shapes say of it."""

    name: str
    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]
    expected: frozenset[tuple[str, str]]
    """Focus node and message of each result."""


def cases(path: Path) -> list[Case]:
    """Return the cases of a file: `# name`, then lines of `- triple`, `+ triple` and `= <focus> message`."""
    found = []
    for block in re.split(r"^# ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        name, *lines = block.strip().splitlines()
        by_mark = {mark: [line[2:] for line in lines if line.startswith(mark)] for mark in "-+="}
        expected = frozenset((line.partition(" ")[0], line.partition(" ")[2]) for line in by_mark["="])
        removed, added = (tuple(parse(line) for line in by_mark[mark]) for mark in "-+")
        found.append(Case(name, removed, added, expected))
    return found


class Curated:
    """The seed graph with its shapes; one change at a time is made, judged and taken back."""

    def __init__(self) -> None:
        self.ontology = turtle(sorted(packaged("ontology").glob("*.ttl")))
        curated = packaged("data") / "curated"
        self.triples = set(turtle(sorted(curated.glob("*.ttl"))))
        self.seed = sorted(set(turtle(sorted(curated.glob("seed*.ttl")))))
        files = (f for f in sorted(packaged("shapes").glob("*.ttl")) if not f.name.startswith(NOT_CURATED))
        self.shapes = read_shapes(turtle(files))
        self.checker = compile_shapes(self.shapes, background=self.ontology, sparql="separate")
        self.rules = sparql_constraints(self.shapes)
        self.store = ox.Store()
        self.store.extend(_quad(triple) for triple in {*self.ontology, *self.triples})
        self._queries = [(rule, rule.query) for rule in self.rules]

    def results(self, removed: Iterable[Triple] = (), added: Iterable[Triple] = ()) -> set[tuple[str, str]]:
        """Return focus node and message of each result on the changed graph."""
        removed, added = set(removed), set(added)
        for triple in removed - set(self.ontology):
            self.store.remove(_quad(triple))
        for triple in added:
            self.store.add(_quad(triple))
        try:
            core = self.checker.check((self.triples - removed) | added)
            found = [*core, *(result for rule, query in self._queries for result in rule.results(self._rows(query)))]
        finally:
            for triple in added - self.triples - set(self.ontology):
                self.store.remove(_quad(triple))
            for triple in removed:
                self.store.add(_quad(triple))
        return {(short(result.focus_node), lexical(message)) for result in found for message in result.messages}

    def _rows(self, query: str) -> list[dict[str, str | None]]:
        solutions = self.store.query(query)
        names = [variable.value for variable in solutions.variables]
        return [
            {name: None if solution[name] is None else from_oxigraph(solution[name]) for name in names}
            for solution in solutions
        ]


def _quad(triple: Triple) -> ox.Quad:
    (quad,) = ox.parse((" ".join(triple) + " .").encode(), format=ox.RdfFormat.N_TRIPLES)
    return quad
