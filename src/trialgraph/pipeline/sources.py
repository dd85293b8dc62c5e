"""The Turtle that a release is made from, as graphs.

One rule says where a file goes: `ontology/*.ttl` to the graph `ontology`, `data/examples/*.ttl` to `examples`,
`data/links/*.ttl` and what the mapping tables beside them give to `links`, and `data/curated/NAME.ttl` or
`data/curated/NAME-anything.ttl` to the graph NAME of `vocabulary.GRAPHS`.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import pyoxigraph as ox
import zstandard

from trialgraph.errors import SourceError
from trialgraph.formats import by_extension
from trialgraph.linking import link_triples, read_sssom
from trialgraph.store import sha256
from trialgraph.syntaxes.conversion import open_dump
from trialgraph.terms import Term, Triple, from_oxigraph
from trialgraph.vocabulary import GRAPHS

_T = TypeVar("_T")

Graphs = dict[str, list[Triple]]
"""Triples without duplicates and in order, by the short name of their graph."""


@dataclass(frozen=True)
class Sources:
    """The folders a release is made from."""

    ontology: Path
    data: Path
    shapes: Path

    @property
    def ontology_files(self) -> list[Path]:
        """The files of the ontology."""
        return sorted(self.ontology.glob("*.ttl"))

    @property
    def curated_shapes(self) -> list[Path]:
        """The shapes for curated graphs: all but those for records."""
        return [path for path in sorted(self.shapes.glob("*.ttl")) if not path.stem.startswith(_FOR_RECORDS)]

    @property
    def record_shapes(self) -> list[Path]:
        """The shapes for registry records: `shapes/registry*.ttl` and the folder `shapes/registry/`."""
        return sorted(path for path in self.shapes.glob(f"{_FOR_RECORDS}*") for path in _turtle_at(path))

    @property
    def link_shapes(self) -> list[Path]:
        """The shapes for links: `shapes/links/`."""
        return sorted((self.shapes / "links").glob("*.ttl"))

    @property
    def interpretation_shapes(self) -> list[Path]:
        """The shapes for what the texts of records mean: `shapes/interpretation/`."""
        return sorted((self.shapes / "interpretation").glob("*.ttl"))

    def digests(self) -> Iterator[dict[str, object]]:
        """Yield path, size and SHA-256 of each file, as the manifest lists its inputs."""
        files = [
            *turtle_files(self.ontology, self.data),
            *self.curated_shapes,
            *self.record_shapes,
            *self.link_shapes,
            *self.interpretation_shapes,
        ]
        for path in (*files, *sorted((self.data / "links").glob("*.tsv"))):
            top = next(folder for folder in (self.ontology, self.data, self.shapes) if path.is_relative_to(folder))
            name = f"{top.name}/{path.relative_to(top).as_posix()}"
            yield {"path": name, "bytes": path.stat().st_size, "sha256": sha256(path)}


_FOR_RECORDS: Final = "registry"
_COMPRESSED: Final = (".gz", ".zst")


def _turtle_at(path: Path) -> list[Path]:
    return sorted(path.rglob("*.ttl")) if path.is_dir() else [path]


def read_graphs(ontology: Path, data: Path) -> Graphs:
    """Return the graphs that the Turtle files state; blank nodes have labels that depend on the content alone.

    Raises SourceError for a file that is not Turtle or whose name is that of no graph.
    """
    files: dict[str, list[Path]] = {}
    for path in turtle_files(ontology, data):
        files.setdefault(_graph_of(path, data), []).append(path)
    graphs = {name: read_turtle(name, paths) for name, paths in files.items()}
    links = link_triples(map(read_sssom, sorted((data / "links").glob("*.sssom.tsv"))))
    graphs["links"] = sorted({*graphs.get("links", []), *links})
    return {name: graphs[name] for name in sorted(graphs) if graphs[name]}


def read_quads(path: Path, number: int) -> Iterator[tuple[Triple, str]]:
    """Yield the triples of an RDF file, each with the IRI of its graph or nothing.

    The format is told by the file's extension, before that of a compression (`.gz`, `.zst`) if there is one. Blank
    nodes are those of file `number`.

    Raises FormatError for an unknown extension, SourceError for a file that does not parse or is not whole.
    """
    named = path.with_suffix("") if path.suffix in _COMPRESSED else path
    for quad in _quads(path, number, by_extension(named.suffix.removeprefix(".")).oxigraph):
        triple = from_oxigraph(quad.subject), from_oxigraph(quad.predicate), from_oxigraph(quad.object)
        yield triple, "" if isinstance(quad.graph_name, ox.DefaultGraph) else from_oxigraph(quad.graph_name)[1:-1]


def read_files(paths: Iterable[Path]) -> Iterator[Triple]:
    """Yield the triples of RDF files, whatever graphs they stand in. Raises what `read_quads` raises."""
    for number, path in enumerate(paths):
        yield from (triple for triple, _ in read_quads(path, number))


def turtle_files(ontology: Path, data: Path) -> list[Path]:
    """Return the Turtle files, in order."""
    return [
        path
        for folder in (ontology, data / "curated", data / "examples", data / "links")
        for path in sorted(folder.glob("*.ttl"))
    ]


def _graph_of(path: Path, data: Path) -> str:
    if not path.is_relative_to(data):
        return "ontology"
    if path.parent.name != "curated":
        return path.parent.name
    name = path.stem.partition("-")[0]
    if name not in GRAPHS:
        remedy = f"begin its name with that of a graph: {', '.join(GRAPHS)}"
        raise SourceError(str(path), f"there is no graph {name!r}", remedy)
    return name


def read_turtle(name: str, paths: list[Path]) -> list[Triple]:
    """Return the triples of the files of a graph, blank nodes labelled by RDFC-1.0 (RDF Dataset Canonicalization).

    Raises SourceError for a file that is not Turtle.
    """
    dataset = ox.Dataset(quad for number, path in enumerate(paths) for quad in _quads(path, number))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    # A label says its graph: where graphs are read as one, their blank nodes must stay apart.
    return sorted(
        (_named(quad.subject, name), from_oxigraph(quad.predicate), _named(quad.object, name)) for quad in dataset
    )


def _quads(path: Path, number: int, format_: ox.RdfFormat = ox.RdfFormat.TURTLE) -> Iterator[ox.Quad]:
    """Yield what a file states; its blank nodes are its own, whatever labels other files use."""
    try:
        with open_dump(path) as file:
            for quad in ox.parse(file, format=format_):
                yield ox.Quad(_own(quad.subject, number), quad.predicate, _own(quad.object, number), quad.graph_name)
    except SyntaxError as error:
        raise SourceError(str(path), f"it does not parse: {error.msg}", "mend it there") from None
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise SourceError(str(path), f"it cannot be decompressed: {error}", "get it again") from None


def _own(term: _T, number: int) -> _T | ox.BlankNode:
    return ox.BlankNode(f"f{number}.{term.value}") if isinstance(term, ox.BlankNode) else term


def _named(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, graph: str) -> Term:
    return f"_:{graph}-{term.value}" if isinstance(term, ox.BlankNode) else from_oxigraph(term)
