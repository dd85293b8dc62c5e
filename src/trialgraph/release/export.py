"""What a release gives back: dumps in any format, and its summary."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from trialgraph.errors import ReleaseDamaged, SettingError
from trialgraph.formats import RdfFormat
from trialgraph.release import kgx
from trialgraph.release.former_numbers import now_registered_as
from trialgraph.resource.bounded_description import Bounds, describe, with_labels
from trialgraph.resource.select import Asking
from trialgraph.resource.table_files import write_tables
from trialgraph.store import Merges, Reader, Release
from trialgraph.syntaxes.conversion import convert, open_dump, read_quads
from trialgraph.syntaxes.document import Document, document
from trialgraph.terms import Quad, Triple, iri, sorted_lines
from trialgraph.vocabulary import Graph, trial_iri

MERGES_GRAPH: Final = "merges"
_WHOLE: Final = Bounds(values=10**7, statements=10**7)
"""Of a trial that is taken away nothing is left out; the server gives no more than it should hold in memory."""


def dump(
    release: Release,
    format_: RdfFormat,
    graph: str | None = None,
    nct_ids: Sequence[str] = (),
    *,
    tell: Callable[[int], object] = lambda _: None,
) -> Iterator[bytes]:
    """Yield the bytes of a dump: of a release, of one of its graphs (by short name), or of trials with their parts.

    Where the release has that dump, these are its bytes; else it is made on the way from the N-Quads dump. Of trials
    it is what the server gives at `/data/NCT…`: with the labels of what they point to, unless one graph is asked for.

    The graph `merges` is what engines of others need beside the release to count a statement of two graphs once.
    At the end `tell` is told how many triples the format cannot hold.

    Raises SettingError for a graph or a trial that is not there, ReleaseDamaged when a dump is missing.
    """
    if graph == MERGES_GRAPH and (merges := Merges.read(release.path)):
        parts = ((part, _text(Reader(release).quads(part))) for part in merges.kept)
        return convert(parts, format_, tell=tell)
    present = {name: entry["iri"] for name, entry in release.manifest["graphs"].items()}
    if graph is not None and graph not in present:
        raise SettingError("graph", graph, f"this release has {', '.join(present)}")
    wanted = None if graph is None else str(present[graph])
    if nct_ids:
        found = _of_trials(release, sorted(set(nct_ids)), wanted, format_)
        tell(found.left_out)
        return iter([found.data])
    if entry := _entry(release, format_.name, wanted):
        tell(int(entry.get("left_out", 0)))
        return _content(release.path / str(entry["path"]))
    if wanted == Graph.DESCRIPTION:
        return convert([(wanted, _text(Reader(release).quads(wanted)))], format_, tell=tell)
    whole = _entry(release, "nquads", None)
    if whole is None:
        raise ReleaseDamaged(str(release.path), "it has no N-Quads dump", "build the release again")
    quads = read_quads(release.path / str(whole["path"]))
    return convert((portion for portion in quads if wanted in (None, portion[0])), format_, tell=tell)


def dump_kgx(release: Release, folder: Path) -> list[Path]:
    """Write a release as a Biolink graph, in the tables that KGX reads, into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch, kgx.Tables(Path(scratch, "kgx.sqlite")) as made:
        kgx.fill(made, Reader(release).select)
        return made.write(folder)


def dump_tables(release: Release, folder: Path) -> Iterator[Path]:
    """Write a release as plain tables with their descriptions into a folder; yield the files as they are made."""
    yield from write_tables(Reader(release).select, folder, release.version)


def _entry(release: Release, format_name: str, graph: str | None) -> dict[str, Any] | None:
    """Return what the manifest says of the dump of a format and graph, the quickest to read of several."""
    found = [dump for dump in release.manifest["dumps"] if dump["format"] == format_name and dump["graph"] == graph]
    order = {"none": 0, "zstd": 1, "gzip": 2}
    return min(found, key=lambda dump: order[dump["compression"]], default=None)


def _content(path: Path) -> Iterator[bytes]:
    with open_dump(path) as file:
        while block := file.read(2**20):
            yield block


def _of_trials(release: Release, nct_ids: Sequence[str], graph: str | None, format_: RdfFormat) -> Document:
    """Return what is said of trials and their parts."""
    asking = Asking(Reader(release).answer)
    quads: list[Quad] = []
    nct_ids = [now_registered_as(release, each) or each for each in nct_ids]
    for nct_id_ in nct_ids:
        found = describe(asking, iri(trial_iri(nct_id_)), _WHOLE)
        if not found.exists:
            raise SettingError("trial", nct_id_, "this release says nothing of it; build one with its record")
        quads += (
            with_labels(asking, found) if graph is None else [quad for quad in found.quads if quad[3] == iri(graph)]
        )
    return document(quads, format_, iri(trial_iri(nct_ids[0])) if len(nct_ids) == 1 else None)


def _text(triples: Iterable[Triple]) -> bytes:
    return "".join(sorted_lines(triples)).encode()


def summary(release: Release) -> str:
    """Return what a release holds, for a person."""
    told = release.manifest
    found = (told.get("validation") or {}).get("results")
    lines = [
        f"Release {release.version}, issued {told['issued']}, at {release.path}",
        f"{told['counts']['quads']:,} quads, {told['counts']['records']:,} records, {told['rejected']:,} set aside",
        "not validated" if found is None else "validation: " + (_listed(found) or "nothing found"),
        *(f"  {name:<14} {graph['triples']:>12,}  {graph['iri']}" for name, graph in told["graphs"].items()),
        f"{len(told['dumps'])} dumps, {sum(dump['bytes'] for dump in told['dumps']):,} bytes",
    ]
    return "\n".join(lines)


def _listed(found: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {severity}" for severity, number in found.items())
