"""RDF merges of any graphs of a release (SPARQL 1.1 section 13.2.1): a triple of two graphs counts once.

Oxigraph answers `FROM a FROM b` from each graph that holds a triple. So what several graphs share is kept in parts of
its own, beside the rest of each: parts have no triple in common, and any graphs together are some of them.

>>> merges = Merges({"g:a-rest": ("g:a",), "g:b-rest": ("g:b",), "g:ab": ("g:a", "g:b"), "g:c": ("g:c",)}, ("g:c",))
>>> merges.parts_of(["g:a", "g:b"]), merges.parts_of(["g:b", "g:none"]), merges.parts_of(["g:c", "g:c"])
(['g:a-rest', 'g:b-rest', 'g:ab'], ['g:b', 'g:none'], ['g:c'])
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import pyoxigraph as ox

MERGES: Final = "merges.json"
PART: Final = "urn:x-trialgraph:part:"
"""How the names of graphs begin that hold parts; no query sees them by name."""
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

    @property
    def kept(self) -> tuple[str, ...]:
        """The graphs that were made to hold parts."""
        return tuple(part for part in self.parts if part.startswith(PART))

    @property
    def graphs(self) -> tuple[str, ...]:
        """The graphs of the release, without the parts."""
        return tuple(dict.fromkeys(graph for graphs in self.parts.values() for graph in graphs))

    def share(self, chosen: Sequence[str]) -> bool:
        """Whether some triple is in two of some graphs."""
        wanted = set(chosen)
        return any(len(wanted & set(pair)) > 1 for pair in (*self.parts.values(), *self.overlapping))

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
        told = {"parts": self.parts, "large": self.large, "overlapping": self.overlapping}
        (release / MERGES).write_text(json.dumps(told, sort_keys=True, indent=1) + "\n")

    @classmethod
    def read(cls, release: Path) -> Self | None:
        """Return those of the release in a folder; None when it has none, as one of other makers."""
        path = release / MERGES
        if not path.is_file():
            return None
        told = json.loads(path.read_bytes())
        parts = {part: tuple(graphs) for part, graphs in told["parts"].items()}
        return cls(parts, tuple(told["large"]), tuple((one, other) for one, other in told["overlapping"]))


def keep_merges(path: Path) -> Merges:
    """Keep what graphs share in parts of their own, in the store at a path; return which they are.

    Graphs that are large have no part but themselves. That no two of them share a triple is proved by looking.
    """
    store = ox.Store(str(path))
    for old in list(store.named_graphs()):
        if isinstance(old, ox.NamedNode) and old.value.startswith(PART):
            store.remove_graph(old)
    names = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
    large = [name for name in names if _is_large(store, name)]
    shared = _shared(store, [name for name in names if name not in large], large)
    parts: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    found: dict[tuple[str, ...], list[Any]] = {}
    for triple, graphs in shared.items():
        found.setdefault(graphs, []).append(triple)
    sharing = sorted({graph for graphs in found for graph in graphs if graph not in large})
    for number, graph in enumerate(sharing, 1):
        rest = ox.NamedNode(f"{PART}rest-{number}")
        del parts[graph]
        parts[rest.value] = (graph,)
        store.bulk_extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, rest)
            for quad in _quads(store, graph)
            if (quad.subject, quad.predicate, quad.object) not in shared
        )
    for number, graphs in enumerate(sorted(found), 1):
        part = ox.NamedNode(f"{PART}shared-{number}")
        parts[part.value] = graphs
        store.bulk_extend(ox.Quad(subject, predicate, value, part) for subject, predicate, value in found[graphs])
    store.flush()
    return Merges(parts, tuple(large), tuple(_overlapping(store, large)))


def _quads(store: ox.Store, graph: str) -> Iterator[ox.Quad]:
    return store.quads_for_pattern(None, None, None, ox.NamedNode(graph))


def _is_large(store: ox.Store, graph: str) -> bool:
    return sum(1 for _ in zip(_quads(store, graph), range(_LARGE), strict=False)) == _LARGE


def _shared(
    store: ox.Store, small: Sequence[str], large: Sequence[str]
) -> dict[tuple[Any, Any, Any], tuple[str, ...]]:
    """Return the triples of small graphs that other graphs have too, each with its graphs in order."""
    seen: set[int] = set()
    twice: set[int] = set()
    for graph in small:
        for quad in _quads(store, graph):
            key = hash((quad.subject, quad.predicate, quad.object))
            (twice if key in seen else seen).add(key)
    in_large = _membership(store, large)
    found: dict[Key, tuple[str, ...]] = {}
    for graph in small:
        for quad in _quads(store, graph):
            triple = quad.subject, quad.predicate, quad.object
            others = in_large(triple)
            if (others or hash(triple) in twice) and triple not in found:
                holders = [name for name in small if ox.Quad(*triple, ox.NamedNode(name)) in store]
                if len(holders) + len(others) > 1:
                    found[triple] = tuple(sorted((*holders, *others)))
    return found


def _membership(store: ox.Store, graphs: Sequence[str]) -> Any:
    """Return a function that tells which of some graphs hold a triple; most subjects are in none of them."""
    nodes = [ox.NamedNode(graph) for graph in graphs]

    @lru_cache(maxsize=2**16)
    def with_subject(subject: Any) -> tuple[ox.NamedNode, ...]:
        return tuple(node for node in nodes if next(iter(store.quads_for_pattern(subject, None, None, node)), None))

    def holders(triple: Key) -> list[str]:
        return [node.value for node in with_subject(triple[0]) if ox.Quad(*triple, node) in store]

    return holders


def _overlapping(store: ox.Store, large: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(large):
        for other in large[number + 1 :]:
            holders = _membership(store, [other])
            if any(holders((quad.subject, quad.predicate, quad.object)) for quad in _quads(store, one)):
                yield one, other
