"""Why an answer is empty: predicates, classes, graphs and things that the release does not have."""

from typing import Final

from trialgraph.errors import QueryError
from trialgraph.formats import SPARQL_TSV
from trialgraph.query import Engine, QueryRequest, Result, Steps, Vocabulary, reasons, things_of
from trialgraph.store import Release, Statistics
from trialgraph.terms import iri
from trialgraph.vocabulary import PREFIXES, RESOURCE

_KEPT: Final = "why it is empty"
_MOST_THINGS: Final = 10
_SECONDS: Final = 2.0


def vocabulary_of(release: Release) -> Vocabulary:
    """Return what a release uses; without its counts everything passes for known."""
    counts = Statistics.read(release.path)
    graphs = frozenset(str(graph["iri"]) for graph in (release.manifest.get("graphs") or {}).values())
    if counts is None:
        return Vocabulary({}, {}, PREFIXES, is_complete=False, graphs=graphs)
    predicates = {name: number for name, (number, _, _) in counts.predicates.items()}
    return Vocabulary(predicates, counts.classes, PREFIXES, graphs=graphs)


class EmptyAnswers:
    """Finds out why answers are empty, once for each answer that is kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: tuple[Release, Vocabulary] | None = None

    def explain(self, request: QueryRequest, result: Result) -> Steps[None]:
        """Give an empty answer its notes; others stay as they are."""
        if (b"false" not in result.body) if result.kind == "boolean" else result.rows != 0:
            return
        found = result.variants.get(_KEPT)
        if not isinstance(found, tuple):
            found = result.variants[_KEPT] = yield from self._reasons(request)
        result.notes = tuple(dict.fromkeys((*result.notes, *found)))

    def _reasons(self, request: QueryRequest) -> Steps[tuple[str, ...]]:
        release = self._engine.release()
        if release is None:
            return ()
        if self._known is None or self._known[0] is not release:
            self._known = (release, vocabulary_of(release))
        known = self._known[1]
        graphs = (*(request.default_graphs or ()), *(request.named_graphs or ()))
        said = [f"<{graph}> is no graph of this release" for graph in graphs if graph not in known.graphs]
        found = (*said, *reasons(request.text, known)) if known.graphs else reasons(request.text, known)
        return tuple(f"{each}." if each[-1] != "?" else each for each in found) or (yield from self._absent(request))

    def _absent(self, request: QueryRequest) -> Steps[tuple[str, ...]]:
        """Return which of the things that a query names are nowhere in the release."""
        things = [iri(name) for name in things_of(request.text) if name.startswith(RESOURCE)][:_MOST_THINGS]
        if not things:
            return ()
        query = (
            f"SELECT ?x {{ VALUES ?x {{ {' '.join(things)} }} "
            "FILTER NOT EXISTS { ?x ?p ?o } FILTER NOT EXISTS { ?s ?q ?x } }"
        )
        asked = QueryRequest(query, result_format=SPARQL_TSV, timeout_seconds=_SECONDS, capped=False)
        try:
            result = yield from self._engine.steps(asked)
        except QueryError:
            return ()
        rows = result.read().decode().splitlines()[1:]
        return tuple(f"{row} is nowhere in this release." for row in rows)
