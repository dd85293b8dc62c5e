"""Comunica, a client written in JavaScript by others, against a running server; `.ci/run` installs it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.live.engines import BIN

pytestmark = pytest.mark.live

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
FOLDER = CACHE / "trialgraph" / "comunica-4.5.0"


@pytest.fixture(scope="module")
def got(tmp_path_factory, serve):
    """What Comunica got from a server of the default release, and what that logged."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "@comunica" / "query-sparql").is_dir():
        pytest.skip("Comunica (npm install @comunica/query-sparql) is not installed, or Node.js is not")
    made = tmp_path_factory.mktemp("release")
    subprocess.run([BIN / "trialgraph", "build"], cwd=made, check=True, capture_output=True)
    server = serve(made / "release")
    command = [node, Path(__file__).with_name("comunica.mjs"), FOLDER, server.url]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout), server.lines()


def test_it_gets_each_kind_of_answer(got):
    answers, _ = got
    assert {row["drug"].rpartition("/")[2] for row in answers["select"]} == {"tifcemalimab", "toripalimab"}
    assert answers["ask"] is True
    assert answers["construct"] > 10


def test_it_finds_the_endpoint_by_its_description(got):
    answers, lines = got
    assert answers["found"] == [{"n": "3"}]
    counts = [line for line in lines if line["path"] == "/sparql" and line.get("rows") == 1]
    assert counts, "it asked the endpoint to count, rather than for all triples"


def test_it_reads_our_documents(got):
    answers, _ = got
    assert {row["endpoint"].rpartition("/")[2] for row in answers["void"]} == {"sparql"}
    assert sorted(row["label"] for row in answers["file"]) == ["Arm A", "Arm B", "Arm C"]
