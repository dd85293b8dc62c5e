"""Our own server measured by what others ask: all over HTTP, as those would."""

import json
from datetime import UTC, datetime

import pytest

from trialgraph.errors import SettingError
from trialgraph.pipeline import BuildOptions, build
from trialgraph.score import score_server
from trialgraph.settings import packaged
from trialgraph.store import write_note

pytestmark = pytest.mark.live

UNMET = {"ontology", "performance", "cool-host", "cool-port"}
"""What Umaka may find wanting here: LOV lacks five namespaces, the machine may be busy, and this is no public host."""


@pytest.fixture(scope="module")
def measured(serve, tmp_path_factory, free_port):
    """A release that was made today for the address it is served at, and its score."""
    root, site = tmp_path_factory.mktemp("release"), f"http://127.0.0.1:{free_port}"
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    now = datetime.now(UTC)
    build(BuildOptions(**folders, root=root, issued=now.date(), site=site, validate=False, optimize=False, workers=1))
    server = serve(root, port=free_port)
    return server, root, score_server(server.url, now)


def test_every_must_and_should_of_hcls_is_met(measured):
    scores = measured[2].by_source()
    assert (scores["HCLS MUST"], scores["HCLS SHOULD"]) == (100.0, 100.0)


@pytest.mark.parametrize("source", ["FAIR-Checker", "F-UJI", "SIB", "Signposting"])
def test_all_that_they_ask_is_met(measured, source):
    unmet = {row.id: row.found for row in measured[2].results if row.source == source and row.value != 1}
    assert unmet == {}


def test_umaka_finds_wanting_only_what_is_known(measured):
    rows = [row for row in measured[2].results if row.source == "Umaka"]
    assert {row.id for row in rows if row.value is not None and row.value < 1} <= UNMET
    assert {row.id for row in rows if row.is_out_of_reach} == {"cool-host", "cool-port"}
    assert all(row.remedy for row in rows if row.value is not None and row.value < 1)


def test_the_status_page_shows_what_was_measured_of_this_release(measured):
    server, root, score = measured
    before = server.get("/status").text
    assert "performance:" in before
    assert "what needs a server is not" in before
    write_note(root, "score", score.to_json())
    after = server.get("/status").text
    assert f"The server at <code>{server.url}</code>" in after
    assert "Signposting" in after
    other = json.loads(json.dumps(score.to_json())) | {"measured": {**score.measured, "release": "2020-01-01"}}
    write_note(root, "score", other)
    assert f"The server at <code>{server.url}</code>" not in server.get("/status").text


def test_what_is_no_such_server_is_refused(server):
    with pytest.raises(SettingError, match="well-known/void"):
        score_server(f"{server.url}/elsewhere", datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(SettingError, match="does not answer"):
        score_server("ftp://example.org", datetime(2026, 1, 1, tzinfo=UTC))


def test_a_server_that_is_not_there_is_said_to_be_so():
    with pytest.raises(SettingError, match="does not answer"):
        score_server("http://127.0.0.1:1", datetime(2026, 1, 1, tzinfo=UTC))
