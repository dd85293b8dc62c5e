"""`make demo`: from the registry to a site that answers, in one command."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests import building
from tests.live.conftest import free
from tests.live.registry_server import Registry

pytestmark = pytest.mark.live
TOP = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_one_command_fetches_builds_and_serves(tmp_path):
    if Path(sys.prefix).resolve() != (TOP / ".venv").resolve():
        pytest.skip("make uses the environment beside this checkout, and this is another")
    studies = [building.record(number, briefTitle=f"Trial {number} of SCLC") for number in range(1, 6)]
    port = free()
    with Registry(studies) as registry, (tmp_path / "log").open("wb") as log:
        settings = [f"DEMO={tmp_path}", f"DEMO_PORT={port}", f"API={registry.url}"]
        process = subprocess.Popen(
            ["make", "demo", *settings], cwd=TOP, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, port)
            assert process.poll() is None, (tmp_path / "log").read_text()
            found = httpx.get(f"http://127.0.0.1:{port}/search?q=sclc&format=json", trust_env=False).json()
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    assert found["total"] >= len(studies)
    assert any("Small Cell Lung" in query.get("query.term", "") for _, query in registry.requests)


def _wait(process, port):
    """Wait until the site answers or the command ends; the test's own time limit is the last bound."""
    while process.poll() is None and not _answers(port):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)


def _answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
