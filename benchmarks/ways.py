"""How far data travel: the files and functions of ours that are entered on four trips, and the queries a page asks.

    python benchmarks/ways.py [--json]

A trip is made once before it is measured, so that what is done once in the life of a process does not count. The
trips: an answer that is not kept, the same one kept, the page of a trial, and a release of one record. Work in other
processes (the query worker, builders) is not seen, but what is said to them is; the build is made in this process.
"""

import argparse
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trialgraph
from trialgraph.pipeline import BuildOptions, build
from trialgraph.query import open_engine
from trialgraph.settings import Settings, packaged
from trialgraph.web import create_app

PACKAGE = str(Path(trialgraph.__file__).parent)
RECORDS = Path(__file__).resolve().parents[1] / "tests" / "cases" / "records" / "records.jsonl"
AIMS = {
    "an answer": (14, 50),
    "a kept answer": (8, 20),
    "a trial page": (20, None),
    "one record to a release": (50, None),
}


@dataclass
class Way:
    """What was entered on a trip."""

    files: set[str] = field(default_factory=set)
    functions: set[tuple[str, str, int]] = field(default_factory=set)
    _asked: set[Any] = field(default_factory=set)

    @property
    def queries(self) -> int:
        """How many queries were evaluated."""
        return len(self._asked)

    def see(self, frame: Any, event: str, _: object) -> None:
        """Take note of a function that begins; a comprehension is part of the one it stands in."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE) and not code.co_name.startswith("<"):
            self.files.add(code.co_filename)
            self.functions.add((code.co_filename, code.co_qualname, code.co_firstlineno))
            if code.co_qualname == "EmbeddedEngine.steps":
                self._asked.add(frame)  # the same one whenever the generator goes on


def measured(trip: Callable[[], object]) -> Way:
    """Return the way of a trip, in all threads of this process."""
    way = Way()
    threading.setprofile_all_threads(way.see) if sys.version_info >= (3, 12) else threading.setprofile(way.see)
    sys.setprofile(way.see)
    try:
        trip()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return way


def release(folder: Path) -> Path:
    """Build a release of one record and the packaged data; return its root."""
    record = folder / "one.jsonl"
    record.write_bytes(RECORDS.read_bytes().splitlines(keepends=True)[0])
    sources = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    root = folder / "release"
    build(BuildOptions(**sources, root=root, issued=date(2026, 11, 30), records=[record], workers=1))
    return root


def ways(folder: Path) -> dict[str, Way]:
    """Make each trip, and return what was entered on it."""
    building = measured(lambda: release(folder))
    settings = Settings(release=folder / "release", public_url="http://localhost")
    with open_engine(settings) as engine:
        client = create_app(settings, engine).test_client()

        def ask(number: int) -> Callable[[], object]:
            return lambda: client.get("/sparql", query_string={"query": f"SELECT * {{ ?s a ?type }} LIMIT {number}"})

        def page(nct_id: str) -> Callable[[], object]:
            return lambda: client.get(f"/page/{nct_id}")

        ask(1)()
        page("NCT06732258")()
        return {
            "an answer": measured(ask(2)),
            "a kept answer": measured(ask(2)),
            "a trial page": measured(page("NCT06095583")),
            "one record to a release": building,
        }


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--json", action="store_true", help="Report as JSON, with the names of all functions.")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        found = ways(Path(folder))
    if chosen.json:
        names = {
            trip: sorted(f"{Path(f).relative_to(PACKAGE)}:{name}" for f, name, _ in way.functions)
            for trip, way in found.items()
        }
        print(json.dumps(names, indent=1))
        return
    print("| trip | files | functions | queries | aim: files, functions |\n|---|---:|---:|---:|---|")
    for trip, way in found.items():
        files, functions = AIMS[trip]
        print(
            f"| {trip} | {len(way.files)} | {len(way.functions)} | {way.queries or ''} | {files}{f', {functions}' if functions else ''} |"
        )


if __name__ == "__main__":
    main()
