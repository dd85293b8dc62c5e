"""Real servers of other makers, loaded by the commands of the README; each a context manager that yields its endpoint."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from server_process import free_port, started, virtuoso_settings

TOP = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BLOCKS = re.findall(r"^```bash\n(.*?)^```", (TOP / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
VIRTUOSO = {
    "Parameters": {"NumberOfBuffers": 10000, "MaxDirtyBuffers": 6000, "MaxQueryMem": "200M"},
    "HTTPServer": {"ServerThreads": 40, "MaxClientConnections": 40},
}


def block(name: str) -> list[str]:
    """Return the lines of the README's block that speaks of a program, without the last: that one starts our server."""
    (found,) = [text for text in BLOCKS if name in text]
    lines = found.splitlines()
    assert lines[-1].startswith("trialgraph serve --engine http://127.0.0.1:")
    return lines[:-1]


def run(text: str, folder: Path) -> None:
    """Run what the README says in a folder, with our programs on the path."""
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, check=True, capture_output=True
    )


@contextmanager
def oxigraph(folder: Path) -> Iterator[str]:
    """Load the release in a folder into Oxigraph and serve it."""
    if not (BIN / "oxigraph").exists():
        pytest.skip("Oxigraph's server (pip install oxigraph) is not installed")
    *loading, serving = block("oxigraph")
    run("\n".join(loading), folder)
    port = free_port()
    command = serving.replace("7878", str(port)).rstrip("& ").split()
    url = f"http://127.0.0.1:{port}/query"
    with started([str(BIN / command[0]), *command[1:]], url, folder):
        yield url


@contextmanager
def virtuoso(folder: Path, own: Path, seconds: float = 60) -> Iterator[str]:
    """Load the release in a folder into a new Virtuoso with a folder of its own, and serve it."""
    program = shutil.which("virtuoso-t")
    if program is None or shutil.which("isql-vt") is None:
        pytest.skip("Virtuoso (apt install virtuoso-opensource) is not installed")
    sql, http = free_port(), free_port()
    limits = {"SPARQL": {"MaxQueryExecutionTime": seconds}}
    (own / "virtuoso.ini").write_text(virtuoso_settings(sql, http, folder, **VIRTUOSO, **limits))
    command = [program, "+foreground", "+configfile", "virtuoso.ini"]
    url = f"http://127.0.0.1:{http}/sparql"
    with started(command, url, own):
        run("\n".join(block("isql-vt")).replace("1111", str(sql)), folder)
        yield url
