"""Reading the store of a release, and triples in memory that answer queries of our own."""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, Final

import pyoxigraph as ox

from trialgraph.store.merges import Merges
from trialgraph.store.releases import Draft, Release
from trialgraph.terms import Term, Triple, from_oxigraph, line

_KEPT_IN_MEMORY: Final = 64 * 2**20


class Reader:
    """The store of a release, opened for reading by the making wing; its results belong to the asking thread.

    Queries of ours see the default graph that those of users see, where the store has one (see `keep_union`).
    """

    def __init__(self, release: Release | Draft, opened: ox.Store | None = None) -> None:
        """Read from `opened` where the store is open already."""
        self._store = opened or ox.Store.read_only(str(release.store))
        merges = Merges.read(release.path)
        # None of the graphs that hold parts is seen by name.
        self._named = None if merges is None else [ox.NamedNode(graph) for graph in merges.graphs]
        kept = release.apart
        self._kept = None if kept is None else [ox.DefaultGraph(), *map(ox.NamedNode, kept)]

    def close(self) -> None:
        """Let go of the store."""
        del self._store

    def quads(self, graph: str, subject: str | None = None) -> Iterator[Triple]:
        """Yield the triples of a named graph, given by its IRI, or of one subject in it."""
        node = None if subject is None else ox.NamedNode(subject)
        for quad in self._store.quads_for_pattern(node, None, None, ox.NamedNode(graph)):
            yield from_oxigraph(quad.subject), from_oxigraph(quad.predicate), from_oxigraph(quad.object)

    def tree(self, graph: str, root: str) -> Iterator[Triple]:
        """Yield the triples of a resource and of its parts: what it leads to whose IRI begins with its own."""
        waiting, seen, prefix = [root], {root}, f"<{root}/"
        while waiting:
            for triple in self.quads(graph, waiting.pop()):
                yield triple
                part = triple[2][1:-1]
                if triple[2].startswith(prefix) and part not in seen:
                    seen.add(part)
                    waiting.append(part)

    def select(self, query: str) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT of our own, over the union of all graphs; never give it a query of a user's.

        While the store of a draft has no default graph yet, a triple of several graphs is met once in each of them.
        """
        solutions = self._query(query)
        if not isinstance(solutions, ox.QuerySolutions):
            raise TypeError("only SELECT gives rows")
        for row in solutions:
            yield tuple(None if term is None else from_oxigraph(term) for term in row)

    def answer(self, query: str) -> bytes:
        """Return the answer to a SELECT or ASK of our own, over the same graphs, as SPARQL 1.1 Query Results JSON."""
        found = self._query(query)
        if isinstance(found, ox.QueryTriples):
            raise TypeError("only SELECT and ASK give results")
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    def _query(self, query: str) -> Any:
        kept: Any = self._kept
        named: Any = self._named
        if kept is None:
            return self._store.query(query, use_default_graph_as_union=True, named_graphs=named)
        return self._store.query(query, default_graph=kept, named_graphs=named)


class Memory:
    """Triples in memory that answer SELECT queries of our own, such as the rules of shapes."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._store = ox.Store()
        # One file, for a load gives blank nodes names of its own; on disk, where there are millions.
        with SpooledTemporaryFile(_KEPT_IN_MEMORY) as text:
            text.writelines(line(triple).encode() for triple in triples)
            text.seek(0)
            self._store.bulk_load(text, ox.RdfFormat.N_TRIPLES)

    def select(self, query: str) -> Iterator[dict[str, Term | None]]:
        """Yield the rows, by name of variable."""
        solutions = self._store.query(query)
        if not isinstance(solutions, ox.QuerySolutions):
            raise TypeError("only SELECT gives rows")
        names = [variable.value for variable in solutions.variables]
        for row in solutions:
            yield {n: None if term is None else from_oxigraph(term) for n, term in zip(names, row, strict=True)}
