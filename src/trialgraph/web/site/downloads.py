"""Releases to take away: every release that is kept, with its files, checksums, report and changes.

`/downloads/VERSION/NAME` gives a file in ranges, with a strong ETag that is its SHA-256; `/downloads/latest/NAME`
redirects to the release that is served now. Only what a manifest lists is given, so a name can lead nowhere else.
"""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.resource.table_files import PARQUET
from trialgraph.resource.table_schema import TABLES
from trialgraph.store import MANIFEST, Release, releases
from trialgraph.vocabulary import BASE, GRAPHS
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.representation import issued, representation
from trialgraph.web.http.signposting import CC0, Link, header
from trialgraph.web.site.pages import dataset
from trialgraph.web.things import schema_org

blueprint = Blueprint("downloads", __name__)

_HTML: Final = "text/html"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NAMES: Final = {iri: name for name, iri in GRAPHS.items()}
_MEDIA_TYPES: Final = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ttl": "text/turtle",
    ".sqlite": "application/vnd.sqlite3",
    ".tsv": "text/tab-separated-values",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
}
_COMPRESSED: Final = {".gz": "application/gzip", ".zst": "application/zstd"}
_ORDER: Final = ("turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld")
_CHANGES: Final = "changes.ttl"
_WHAT: Final = {
    "report.ttl": "The validation report, in the words of SHACL",
    _CHANGES: "What changed, how it was made and the files below, as RDF",
    "added.nq.gz": "Quads that the release before did not have",
    "removed.nq.gz": "Quads that only the release before had",
    "history.nt.zst": "The history graph, as the next update takes it up",
    "rejected.jsonl": "The records that were set aside, each with its reason",
    "search.sqlite": "The search index: names and titles, an SQLite file with FTS5",
    MANIFEST: "The manifest: what is in the release, what it was made from, and every checksum",
}


@dataclass(frozen=True)
class File:
    """A file of a release."""

    name: str
    """Its last name, as its address has it."""
    path: Path
    size: int
    sha256: str
    media_type: str
    """Of the file as it is; a compressed one is of the type of its compression."""
    graph: str = ""
    """Short name of the graph it holds; empty when it holds all."""
    format: str = ""
    compression: str = ""
    triples: int | None = None

    @property
    def size_in_words(self) -> str:
        """Its size for people.

        >>> File("x", Path("x"), 1_234_567, "", "").size_in_words
        '1.2 MB'
        """
        size = float(self.size)
        for unit in ("B", "kB", "MB", "GB"):
            if size < 1000:
                return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
            size /= 1000
        return f"{size:.1f} TB"

    @property
    def what(self) -> str:
        """What is in it."""
        return _WHAT.get(self.name, "")


def files_of(release: Release) -> dict[str, File]:
    """Return the files of a release by name: the dumps, and what else its manifest lists."""
    found = [_dump(release, entry) for entry in release.manifest.get("dumps", [])]
    found += [_file(release, entry) for entry in release.manifest.get("files", []) if _is_given(entry)]
    return {file.name: file for file in found}


def _is_given(entry: dict[str, Any]) -> bool:
    # The parts of records are what an update works on; the records themselves are in the graph and come out of it.
    return not str(entry["path"]).startswith(("records/", "derived/"))  # shards, of use to an update alone


def _dump(release: Release, entry: dict[str, Any]) -> File:
    path = release.path / entry["path"]
    return File(
        name=path.name,
        path=path,
        size=entry["bytes"],
        sha256=entry["sha256"],
        media_type=_COMPRESSED.get(path.suffix, entry["media_type"]),
        graph=_NAMES.get(entry["graph"] or "", ""),
        format=entry["format"],
        compression=entry["compression"],
        triples=entry["triples"],
    )


def _file(release: Release, entry: dict[str, Any]) -> File:
    path = release.path / entry["path"]
    kind = _COMPRESSED.get(path.suffix) or _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return File(path.name, path, entry["bytes"], entry["sha256"], kind)


@dataclass(frozen=True)
class ReleaseView:
    """A release as the page shows it."""

    release: Release
    is_current: bool
    whole: list[tuple[str, list[File]]]
    """Files that hold everything, by format."""
    by_graph: list[tuple[str, int, list[File]]]
    """Files that hold one graph, with its triples."""
    changes: list[File]
    others: list[File]

    @property
    def triples(self) -> int:
        """How many statements it has."""
        return int(self.release.manifest.get("counts", {}).get("quads", 0))


def _view(release: Release, current: str) -> ReleaseView:
    files = files_of(release)
    dumps = [file for file in files.values() if file.format]
    graphs = release.manifest.get("graphs", {})
    others = [file for file in files.values() if not file.format]
    return ReleaseView(
        release=release,
        is_current=release.version == current,
        whole=[(f, found) for f in _ORDER if (found := [d for d in dumps if d.format == f and not d.graph])],
        by_graph=[
            (name, graphs.get(name, {}).get("triples", 0), found)
            for name in GRAPHS
            if (found := [d for d in dumps if d.graph == name])
        ],
        changes=sorted(
            (file for file in others if file.path.parent.name == "changes"), key=lambda file: file.name != _CHANGES
        ),
        others=[file for file in others if file.path.parent.name != "changes"],
    )


@blueprint.get("/downloads/")
def downloads() -> Response:
    """Return the page of all releases, the newest first."""
    here = reading()
    current = here.release
    every = releases(here.settings.release)[::-1]
    body = render_template(
        "downloads.html",
        views=[_view(release, current.version) for release in every],
        tables=TABLES,
        parquet=PARQUET,
        root=request.url_root.rstrip("/"),
        release=current,
        structured=schema_org.embedded(schema_org.document([dataset(request.url_root)])),
    )
    return representation(body, _HTML, current, links=_landing_links(current), cache="public, max-age=300")


def _landing_links(release: Release) -> list[Link]:
    items = [
        Link("item", f"/downloads/{release.version}/{file.name}", {"type": file.media_type})
        for file in files_of(release).values()
        if file.format and not file.graph and file.compression == "gzip"
    ]
    return [
        Link("cite-as", BASE.rstrip("/")),
        Link("type", "https://schema.org/AboutPage"),
        Link("type", "https://schema.org/Dataset"),
        Link("license", CC0),
        Link("describedby", "/void.ttl", {"type": "text/turtle"}),
        Link("canonical", "/downloads/"),
        *items,
    ]


@blueprint.get("/downloads/<version>/")
def release_page(version: str) -> AnyResponse:
    """Return the page of one release."""
    if version == "latest":
        return redirect(f"/downloads/{reading().release.version}/", 302)
    found = release_named(version)
    body = render_template(
        "downloads.html",
        views=[_view(found, reading().release.version)],
        alone=found.version,
        tables=TABLES,
        parquet=PARQUET,
        root=request.url_root.rstrip("/"),
        release=reading().release,
        structured=schema_org.embedded(schema_org.document([dataset(request.url_root)])),
    )
    return representation(body, _HTML, found, links=[Link("collection", "/downloads/")])


@blueprint.get("/downloads/<version>/<name>")
def file(version: str, name: str) -> AnyResponse:
    """Return a file of a release."""
    if version == "latest":
        return redirect(f"/downloads/{reading().release.version}/{quote(name, safe='')}", 302)
    release = release_named(version)
    if name == "SHA256SUMS":
        sums = "".join(f"{file.sha256}  {file.name}\n" for file in files_of(release).values())
        return representation(sums, "text/plain", release, cache=_FOR_EVER)
    if name == MANIFEST:
        return representation((release.path / MANIFEST).read_bytes(), "application/json", release, cache=_FOR_EVER)
    found = files_of(release).get(name)
    if found is None or not found.path.is_file():
        raise NotFound(f"Release {version} has no file {name}; /downloads/{version}/ lists those it has.")
    return sent(found, release)


def sent(found: File, release: Release) -> AnyResponse:
    """Return a file of a release as an answer, with its checksum as ETag, in ranges where they are asked for."""
    # A dump that is already compressed is sent as what it is, so that a client stores what its checksum is of.
    response = send_file(
        found.path, mimetype=found.media_type, etag=found.sha256, last_modified=issued(release), conditional=True
    )
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["Content-Disposition"] = f'inline; filename="{found.name}"'
    response.headers["Repr-Digest"] = f"sha-256=:{_base64(found.sha256)}:"
    links = [
        Link("collection", "/downloads/", {"type": _HTML}),
        Link("license", CC0),
        Link("describedby", "/void.ttl", {"type": "text/turtle"}),
    ]
    response.headers["Link"] = header(links)
    return response


def _base64(hexadecimal: str) -> str:
    """Return a digest as structured fields write it (RFC 9530, section 3)."""
    return b64encode(bytes.fromhex(hexadecimal)).decode()


def release_named(version: str) -> Release:
    """Return a release that is kept here.

    Raises NotFound.
    """
    for found in releases(reading().settings.release):
        if found.version == version:
            return found
    raise NotFound(f"There is no release {version} here; /downloads/ lists those there are.")
