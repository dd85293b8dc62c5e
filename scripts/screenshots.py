"""Screenshots of twelve pages of a release of the seed alone, for the README and for those who look at a change.

    python scripts/screenshots.py [FOLDER] [--all] [--dark] [--width 1100]

Builds the two curated trials, serves them on a free port of loopback and has Chromium draw the pages. Without `--all`
only the three that the README shows are kept, in `docs/screenshots`.
"""
# ruff: noqa: INP001, S310, T201

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from trialgraph.pipeline import BuildOptions, build
from trialgraph.settings import packaged

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parents[1]
DOSES = """PREFIX tg: <https://w3id.org/trialgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?arm ?drug ?milligrams WHERE {
  ?trial tg:nctId "NCT06095583" ; tg:arm ?a .
  ?a rdfs:label ?arm ; tg:doseSpecification ?specification .
  ?specification tg:drug/rdfs:label ?drug ; tg:dose ?dose .
  ?dose tg:value ?milligrams ; tg:unit "mg" .
}"""
PAGES = {
    "arms": ("/page/NCT06095583", "#arms .lanes"),
    "neighbours": ("/page/drug/tifcemalimab", "#neighbours"),
    "query": ("/sparql?" + urlencode({"query": DOSES, "view": "chart"}), "main"),
    "start": ("/", ""),
    "search": ("/search?q=tifcemalimab", ""),
    "ask": ("/ask?drug=toripalimab", ""),
    "trial": ("/page/NCT06732258", ""),
    "comparison": ("/compare?trial=NCT06095583&trial=NCT06732258", ""),
    "ontology": ("/ontology", ""),
    "term": ("/ontology/DoseSpecification", ""),
    "examples": ("/examples", ""),
    "downloads": ("/downloads/", ""),
}
"""By name: the address, and the part of the page that is drawn, or nothing for its beginning."""
SHOWN = ("arms", "neighbours", "query")
"""Those that the README shows."""
START_SECONDS = 60


@contextmanager
def site() -> "Iterator[str]":
    """Build the seed, serve it, and give its address."""
    with tempfile.TemporaryDirectory() as folder:
        folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
        build(BuildOptions(**folders, root=Path(folder), issued=date(2026, 1, 2), validate=False, optimize=False))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        given = os.environ | {"TRIALGRAPH_RELEASE": folder, "TRIALGRAPH_PORT": str(port)}
        command = [sys.executable, "-m", "trialgraph.cli", "serve"]
        server = subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            wait(address)
            yield address
        finally:
            server.terminate()
            server.wait()


def wait(address: str) -> None:
    """Return when the server answers; end the program when it does not in time."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"the site did not answer within {START_SECONDS} s")


def draw(address: str, folder: Path, names: list[str], *, width: int, dark: bool) -> None:
    """Write a PNG of each page."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": width, "height": 720}, color_scheme="dark" if dark else "light", device_scale_factor=1
        )
        for name in names:
            path, part = PAGES[name]
            page.goto(address + path, wait_until="networkidle")
            target = folder / f"{name}.png"
            if part:
                page.locator(part).first.screenshot(path=target)
            else:
                page.screenshot(path=target)
            print(f"{target} {target.stat().st_size / 1000:.0f} kB")
        browser.close()


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=TOP / "docs" / "screenshots")
    parser.add_argument("--all", action="store_true", help="all twelve pages")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1100)
    given = parser.parse_args()
    with site() as address:
        draw(address, given.folder, list(PAGES if given.all else SHOWN), width=given.width, dark=given.dark)


if __name__ == "__main__":
    main()
