"""A server of any maker as a process: started, waited for, stopped; and the settings of a Virtuoso of our own."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

START_SECONDS = 600
_VIRTUOSO = {
    "Database": {
        "DatabaseFile": "virtuoso.db",
        "ErrorLogFile": "virtuoso.log",
        "LockFile": "virtuoso.lck",
        "TransactionFile": "virtuoso.trx",
        "xa_persistent_file": "virtuoso.pxa",
    },
    "TempDatabase": {"DatabaseFile": "virtuoso-temp.db", "TransactionFile": "virtuoso-temp.trx"},
    "Parameters": {"DisableUnixSocket": "1"},
    "HTTPServer": {"ServerRoot": "."},
    "SPARQL": {},
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def virtuoso_settings(sql: int, http_port: int, data: Path, **more: Mapping[str, object]) -> str:
    """Return `virtuoso.ini` for a server on these ports that may load files of a folder; `more` by section."""
    given: dict[str, dict[str, object]] = {section: dict(lines) for section, lines in _VIRTUOSO.items()}
    given["Parameters"] |= {"ServerPort": f"127.0.0.1:{sql}", "DirsAllowed": data}
    given["HTTPServer"] |= {"ServerPort": f"127.0.0.1:{http_port}"}
    for section, lines in more.items():
        given[section] |= lines
    return "".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())
        for section, lines in given.items()
    )


@contextmanager
def started(command: list[str], url: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until left; what it says goes to `log.txt` of the folder.

    Raises RuntimeError when it ends, or does not answer `ASK {}` at its address within ten minutes.
    """
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{url} does not answer: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(url: str) -> bool:
    """Tell whether an endpoint answers; Virtuoso takes connections before it answers on them."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "127.0.0.1", at.port, timeout=5)
    with contextlib.closing(connection):
        try:
            connection.request("GET", f"{at.path}?{urlencode({'query': 'ASK {}'})}")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
