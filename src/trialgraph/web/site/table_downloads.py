"""`/downloads/VERSION/tables/…`: the served release as tables, each made when first asked for.

The files are those of `trialgraph dump --format tables`; what a server makes it keeps in a folder of its own until it
ends or another release is served.
"""

import atexit
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from typing import Final
from urllib.parse import quote

from flask import Blueprint, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.errors import QueryError
from trialgraph.resource.select import Asking
from trialgraph.resource.table_files import (
    PARQUET,
    Select,
    write_croissant,
    write_mapping,
    write_table,
)
from trialgraph.resource.table_schema import CROISSANT, R2RML, TABLES, Table
from trialgraph.store import Release
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation
from trialgraph.web.site.downloads import File, release_named, sent

blueprint = Blueprint("table_downloads", __name__)

_NAME: Final = "trialgraph.tables"
_MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/ld+json",
    ".ttl": "text/turtle",
}
_ITSELF: Final = "trialgraph dump --format tables --output tables"


@dataclass
class KeptTables:
    """The tables of the release that is served, in a folder that goes when the server ends."""

    version: str = ""
    folder: Path | None = None
    lock: Lock = field(default_factory=Lock)
    """One table is made at a time, and by one request: the others find it made."""
    checksums: dict[str, str] = field(default_factory=dict)

    def file(self, name: str, release: Release, select: Select) -> File:
        """Return a file by the name of one there is, made if it was not yet.

        Raises QueryError when a table could not be made within the limits of queries.
        """
        with self.lock:
            if self.folder is None or self.version != release.version:
                self._forget()
                self.folder, self.version = Path(mkdtemp(prefix="trialgraph-tables-")), release.version
                atexit.register(rmtree, self.folder, ignore_errors=True)
            path = self.folder / name
            if not path.is_file():
                self._make(name, self.folder, select)
            return File(name, path, path.stat().st_size, self._checksum(path), _MEDIA_TYPES[path.suffix])

    def _make(self, name: str, folder: Path, select: Select) -> None:
        if name == R2RML:
            write_mapping(folder)
        for table in TABLES:
            described = name == CROISSANT and not (folder / f"{table.name}.csv").is_file()
            if described or name in _files_of(table):
                write_table(table, select, folder)
        if name == CROISSANT:
            write_croissant(folder, self.version)

    def _checksum(self, path: Path) -> str:
        if path.name not in self.checksums:
            with path.open("rb") as file:
                self.checksums[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
        return self.checksums[path.name]

    def _forget(self) -> None:
        if self.folder is not None:
            rmtree(self.folder, ignore_errors=True)
        self.folder = None
        self.checksums.clear()


def _files_of(table: Table) -> tuple[str, ...]:
    return (f"{table.name}.csv", *((f"{table.name}.parquet",) if PARQUET else ()))


def _selecting(asking: Asking) -> Select:
    """Return what gives the rows of a table, each as a tuple in the order of its columns."""
    columns = {table.query(): table.variables for table in TABLES}
    return lambda query: (tuple(row.get(name) for name in columns[query]) for row in asking.rows(query))


@blueprint.get("/downloads/<version>/tables/")
def listed(version: str) -> AnyResponse:
    """Return the names of the tables of a release with their files, as JSON."""
    if version == "latest":
        return redirect(f"/downloads/{reading().release.version}/tables/", 302)
    release = _served(version)
    here = f"{request.url_root}downloads/{release.version}/tables/"
    tables = [
        {"name": table.name, "about": table.about, "files": [here + name for name in _files_of(table)]}
        for table in TABLES
    ]
    text = json.dumps({"tables": tables, "described": [here + CROISSANT, here + R2RML]}, indent=1)
    return representation(text, "application/json", release)


@blueprint.get("/downloads/<version>/tables/<name>")
def table_file(version: str, name: str) -> AnyResponse:
    """Return a table, or a description of all.

    Raises NotFound for what there is none of, RequestError (503) for a table that takes longer than a query may.
    """
    if version == "latest":
        return redirect(f"/downloads/{reading().release.version}/tables/{quote(name, safe='')}", 302)
    release = _served(version)
    kept = current_app.extensions.setdefault(_NAME, KeptTables())
    known = {CROISSANT, R2RML, *(file for table in TABLES for file in _files_of(table))}
    if name not in known:
        hint = (
            "" if PARQUET or not name.endswith(".parquet") else " This server writes no Parquet: pyarrow is absent."
        )
        raise NotFound(f"There is no table {name}; /downloads/{version}/tables/ lists those there are.{hint}")
    try:
        found = kept.file(name, release, _selecting(reading().asking))
    except QueryError as failed:
        reason = f"{name} could not be made here: {failed}. From the files of the release: {_ITSELF}"
        raise RequestError(503, reason) from failed
    return sent(found, release)


def _served(version: str) -> Release:
    """Return the release that is served, if that is the one asked for.

    Raises NotFound.
    """
    release = reading().release
    if version == release.version:
        return release
    release_named(version)
    raise NotFound(f"Release {version} is not the one that is served; from its files: {_ITSELF}")
