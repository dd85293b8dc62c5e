"""Real servers of other makers, loaded by the commands of the README; each a context manager that yields its endpoint."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

TOP = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BLOCKS = re.findall(r"^```bash\n(.*?)^```", (TOP / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
DirsAllowed = {data}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
MaxQueryMem = 200M
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 40
MaxClientConnections = 40
[SPARQL]
MaxQueryExecutionTime = {seconds}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


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
def started(command: list[str], url: str, folder: Path) -> Iterator[str]:
    """Run a server until left; fail when it does not answer within a minute."""
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            _wait_for(url, process, log)
            yield url
        finally:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # Virtuoso takes connections before it answers on them.
            if httpx.get(url, params={"query": "ASK {}"}, timeout=0.5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} did not start: {log.read_text()[-2000:]}")


@contextmanager
def oxigraph(folder: Path) -> Iterator[str]:
    """Load the release in a folder into Oxigraph and serve it."""
    if not (BIN / "oxigraph").exists():
        pytest.skip("Oxigraph's server (pip install oxigraph) is not installed")
    *loading, serving = block("oxigraph")
    run("\n".join(loading), folder)
    port = free_port()
    command = serving.replace("7878", str(port)).rstrip("& ").split()
    with started([str(BIN / command[0]), *command[1:]], f"http://127.0.0.1:{port}/query", folder) as url:
        yield url


@contextmanager
def virtuoso(folder: Path, own: Path, seconds: float = 60) -> Iterator[str]:
    """Load the release in a folder into a new Virtuoso with a folder of its own, and serve it."""
    program = shutil.which("virtuoso-t")
    if program is None or shutil.which("isql-vt") is None:
        pytest.skip("Virtuoso (apt install virtuoso-opensource) is not installed")
    sql, http = free_port(), free_port()
    (own / "virtuoso.ini").write_text(VIRTUOSO_INI.format(sql=sql, http=http, data=folder, seconds=seconds))
    command = [program, "+foreground", "+configfile", "virtuoso.ini"]
    with started(command, f"http://127.0.0.1:{http}/sparql", own) as url:
        run("\n".join(block("isql-vt")).replace("1111", str(sql)), folder)
        yield url
