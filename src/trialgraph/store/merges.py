"""RDF merges of a release's graphs (SPARQL 1.1, 13.2.1): a triple of two graphs counts once.

Oxigraph answers `FROM a FROM b` from each graph that holds a triple. So what several graphs share is kept in parts of
its own, beside the rest of each: parts have no triple in common, and any graphs together are some of them.

>>> merges = Merges({"g:a-rest": ("g:a",), "g:b-rest": ("g:b",), "g:ab": ("g:a", "g:b"), "g:c": ("g:c",)}, ("g:c",))
>>> merges.parts_of(["g:a", "g:b"]), merges.parts_of(["g:b", "g:none"]), merges.parts_of(["g:c", "g:c"])
(['g:a-rest', 'g:b-rest', 'g:ab'], ['g:b', 'g:none'], ['g:c'])
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Self

import pyoxigraph as ox

from trialgraph.terms import RDF_TYPE

MERGES: Final = "merges.json"
PART: Final = "urn:x-trialgraph:part:"
"""How the names of graphs begin that hold parts; no query sees them by name."""
_TYPE: Final = RDF_TYPE[1:-1]
Key = tuple[Any, Any, Any]
"""A triple, as terms of pyoxigraph."""
_LARGE: Final = 200_000
"""Quads from which on a graph is not looked at triple by triple, but for the proof that it shares none."""


@dataclass(frozen=True)
class Merges:
    """Which graphs of a store are parts of which graphs of the release."""

    parts: Mapping[str, tuple[str, ...]]
    """By the name of a part, the graphs whose triples it holds; a graph that shares none is its own part."""
    large: tuple[str, ...]
    """Graphs that are their own parts, whatever others share with them."""
    overlapping: tuple[tuple[str, str], ...] = ()
    """Pairs of large graphs that share triples after all: their merge cannot be had."""
    shared: frozenset[str] | None = None
    """Predicates of triples that are shared, and their objects where the predicate is `rdf:type`; None: not known."""

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The graphs that were made to hold parts."""
        return tuple(part for part in self.parts if part.startswith(PART))

    @cached_property
    def graphs(self) -> tuple[str, ...]:
        """The graphs of the release, without the parts."""
        return tuple(dict.fromkeys(graph for graphs in self.parts.values() for graph in graphs))

    def share(self, chosen: Sequence[str]) -> bool:
        """Whether some triple is in two of some graphs."""
        wanted = set(chosen)
        return any(len(wanted & set(pair)) > 1 for pair in (*self.parts.values(), *self.overlapping))

    def may_meet(self, predicate: str, value: str) -> bool:
        """Whether a pattern may meet a triple that is shared, by its predicate and object; empty ones are not known.

        >>> merges = Merges({}, (), (), frozenset(("u:p", _TYPE, "u:Trial")))
        >>> [merges.may_meet(*each) for each in (("u:p", ""), ("u:q", ""), (_TYPE, "u:Arm"), (_TYPE, ""))]
        [True, False, False, True]
        """
        if self.shared is None or not predicate:
            return True
        return (value if predicate == _TYPE and value else predicate) in self.shared

    def parts_of(self, chosen: Sequence[str]) -> list[str]:
        """Return the graphs of the store that hold the merge of some graphs, each triple once.

        Raises ValueError when that cannot be had.
        """
        wanted = dict.fromkeys(chosen)
        if len(wanted) < 2 or not any(graph in self.graphs for graph in wanted):
            return list(wanted)
        for one, other in self.overlapping:
            if one in wanted and other in wanted:
                raise ValueError(f"the graphs <{one}> and <{other}> share statements; name one of them")
        if len(known := [graph for graph in wanted if graph in self.graphs]) < 2:
            return list(wanted)
        unknown = [graph for graph in wanted if graph not in self.graphs]
        large = {graph for graph in known if graph in self.large}
        found = [
            part
            for part, graphs in self.parts.items()
            if part in large or (part not in self.large and not large & set(graphs) and set(known) & set(graphs))
        ]
        return [*found, *unknown]

    def write(self, release: Path) -> None:
        """Write them into the folder of a release; equal ones are equal bytes."""
        told: dict[str, Any] = {"parts": self.parts, "large": self.large, "overlapping": self.overlapping}
        if self.shared is not None:
            told["shared"] = sorted(self.shared)
        (release / MERGES).write_text(json.dumps(told, sort_keys=True, indent=1) + "\n")

    @classmethod
    def read(cls, release: Path) -> Self | None:
        """Return those of the release in a folder; None when it has none, as one of other makers."""
        path = release / MERGES
        if not path.is_file():
            return None
        told = json.loads(path.read_bytes())
        parts = {part: tuple(graphs) for part, graphs in told["parts"].items()}
        overlapping = tuple((one, other) for one, other in told["overlapping"])
        shared = frozenset(told["shared"]) if "shared" in told else None
        return cls(parts, tuple(told["large"]), overlapping, shared)


def keep_merges(path: Path) -> Merges:
    """Keep what graphs share in parts of their own, in the store at a path; return which they are.

    Graphs that are large have no part but themselves. That no two of them share a triple is proved by looking.
    """
    store = ox.Store(str(path))
    for old in list(store.named_graphs()):
        if isinstance(old, ox.NamedNode) and old.value.startswith(PART):
            store.remove_graph(old)
    predicates = _predicates(store)
    large = [name for name, counts in predicates.items() if sum(counts.values()) >= _LARGE]
    shared, overlapping = _shared(store, predicates, large)
    parts: dict[str, tuple[str, ...]] = {name: (name,) for name in predicates}
    found: dict[tuple[str, ...], list[Key]] = {}
    for triple, holders in shared.items():
        found.setdefault(tuple(sorted(holders)), []).append(triple)
    sharing = sorted({graph for graphs in found for graph in graphs if graph not in large})
    for number, graph in enumerate(sharing, 1):
        rest = ox.NamedNode(f"{PART}rest-{number}")
        del parts[graph]
        parts[rest.value] = (graph,)
        store.bulk_extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, rest)
            for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
            if (quad.subject, quad.predicate, quad.object) not in shared
        )
    for number, graphs in enumerate(sorted(found), 1):
        part = ox.NamedNode(f"{PART}shared-{number}")
        parts[part.value] = graphs
        store.bulk_extend(ox.Quad(subject, predicate, value, part) for subject, predicate, value in found[graphs])
    store.flush()
    return Merges(parts, tuple(large), overlapping, None if overlapping else _terms(shared))


def _terms(triples: Iterable[Key]) -> frozenset[str]:
    """Return predicates, and classes, that tell which patterns may meet one of some triples."""
    found = set()
    for _, predicate, value in triples:
        found.add(predicate.value)
        if predicate.value == _TYPE:
            found.add(str(getattr(value, "value", value)))
    return frozenset(found)


def _predicates(store: ox.Store) -> dict[str, dict[str, int]]:
    """Return the named graphs, each with its predicates and how many triples each of these has."""
    names = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
    counts: dict[str, dict[str, int]] = {}
    for name in names:
        rows = _rows(store, f"SELECT ?p (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }} GROUP BY ?p")
        counts[name] = dict(sorted((row[0].value, int(row[1].value)) for row in rows))
    return counts


def _rows(store: ox.Store, query: str) -> Iterator[Any]:
    solutions: Any = store.query(query)
    return iter(solutions)


def _shared(
    store: ox.Store, predicates: Mapping[str, Mapping[str, int]], large: Sequence[str]
) -> tuple[dict[Key, set[str]], tuple[tuple[str, str], ...]]:
    """Return the triples that small graphs share, each with its graphs, and the pairs of large graphs that share any.

    The store is asked for each pair, since it compares triples without making terms of them; and only for triples
    with predicates of both, of which the graph that has fewer is looked through.
    """
    found: dict[Key, set[str]] = {}
    overlapping = []
    for one, other in combinations(predicates, 2):
        both_large = one in large and other in large
        for predicate in sorted(predicates[one].keys() & predicates[other].keys()):
            fewer, more = one, other
            if predicates[one][predicate] > predicates[other][predicate]:
                fewer, more = other, one
            pattern = f"?s <{predicate}> ?o"
            both = f"{{ GRAPH <{fewer}> {{ {pattern} }} FILTER EXISTS {{ GRAPH <{more}> {{ {pattern} }} }} }}"
            if both_large:
                if store.query(f"ASK {both}"):
                    overlapping.append((one, other))
                    break
                continue
            name = ox.NamedNode(predicate)
            for row in _rows(store, f"SELECT ?s ?o {both}"):
                found.setdefault((row[0], name, row[1]), set()).update((one, other))
    return found, tuple(overlapping)
