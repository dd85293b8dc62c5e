"""The servers that are attacked."""

import json
import os
import shutil
import time

import pytest
from tests import curated
from tests.building import quick_build, small_data

from trialgraph.settings import packaged

AT_DEFAULT_SETTINGS = bool(os.environ.get("ATTACK_AT_DEFAULT_SETTINGS"))
"""Whether the heavy queries meet a server as it comes, whose limits they reach after half a minute each."""


def asked(server, query):
    """Ask; at default settings a client whose share of query seconds is used up waits as it is told."""
    while (answer := server.ask(query)).status_code == 429 and AT_DEFAULT_SETTINGS:
        time.sleep(int(answer.headers["Retry-After"]))
    return answer


def is_well(server):
    """Whether a small question is answered."""
    answer = asked(server, "ASK { ?s ?p ?o }")
    return answer.status_code == 200 and answer.json()["boolean"]


@pytest.fixture(scope="session")
def short(serve, sample_root):
    """A server whose limits are short, so that running into them takes no time."""
    if AT_DEFAULT_SETTINGS:
        return serve(sample_root)
    return serve(
        sample_root, query_timeout_seconds=0.5, query_timeout_cap_seconds=2, query_result_bytes=2**20,
        query_memory_bytes=300 * 2**20, cache_bytes=2**20,
    )  # fmt: skip


@pytest.fixture(scope="session")
def site(serve, tmp_path_factory):
    """A release with hostile texts in it, whole with pages, search and dumps; served with default settings."""
    folder = tmp_path_factory.mktemp("site")
    hostile = curated.HERE / "cases" / "web" / "hostile.json"
    shutil.copytree(packaged("data") / "examples", small_data(folder / "data") / "examples")
    quick_build(folder, folder / "root", hostile)
    return serve(folder / "root")


@pytest.fixture(scope="session")
def dump(site):
    """The address of a dump of the site."""
    manifest = json.loads(site.get("/downloads/latest/manifest.json", follow_redirects=True).text)
    name = manifest["dumps"][0]["path"].rpartition("/")[2]
    return f"/downloads/{manifest['version'] if 'version' in manifest else manifest['issued']}/{name}"
