"""A former number of a trial leads to it everywhere: pages, data, search, look-up, dumps and records."""

import json

import pytest
from tests import building
from tests.patience import patient
from tests.web.conftest import Client

from trialgraph.formats import N_TRIPLES
from trialgraph.pipeline.record_export import records
from trialgraph.query import open_engine
from trialgraph.release.export import dump
from trialgraph.store import open_release
from trialgraph.web import create_app

FORMER, NOW = "NCT00000009", "NCT00000001"
"""The first is named by the record of the second alone."""
ABSORBED = "NCT00000002"
"""It had a record of its own, until that of `NOW` named it."""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("former")
    root = folder / "root"
    building.quick_build(folder, root, building.write_records(folder / "a.jsonl", [building.record(2)]))
    merged = building.record(1)
    merged["protocolSection"]["identificationModule"]["nctIdAliases"] = [FORMER, ABSORBED]
    building.quick_update(folder, root, building.write_records(folder / "b.jsonl", [merged]))
    return root


@pytest.fixture(scope="module")
def client(root):
    settings = patient(release=root, public_url="http://localhost")
    with open_engine(settings) as engine:
        app = create_app(settings, engine)
        yield Client(app, app.response_class)


@pytest.mark.parametrize("number", [FORMER, ABSORBED])
def test_records_are_given_by_a_former_number(root, number):
    (line,) = records(open_release(root), [number])
    assert json.loads(line)["protocolSection"]["identificationModule"]["nctId"] == NOW


@pytest.mark.parametrize("number", [FORMER, ABSORBED])
def test_a_dump_of_a_trial_is_given_by_a_former_number(root, number):
    text = b"".join(dump(open_release(root), N_TRIPLES, None, [number])).decode()
    assert f'"{NOW}"' in text
    assert text == b"".join(dump(open_release(root), N_TRIPLES, None, [NOW])).decode()


@pytest.mark.parametrize("number", [FORMER, ABSORBED])
@pytest.mark.parametrize("path", ["/id/{}", "/page/{}", "/data/{}.ttl"])
def test_addresses_lead_to_the_trial(client, path, number):
    answer = client.get(path.format(number), headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == 200
    assert NOW in answer.request.path


@pytest.mark.parametrize("number", [FORMER, ABSORBED, FORMER.lower()])
def test_search_finds_the_trial(client, number):
    answer = client.get("/search", query_string={"q": number}, headers={"Accept": "text/html"}, follow_redirects=True)
    assert f"/page/{NOW}" in answer.text or NOW in answer.request.path


@pytest.mark.parametrize("number", [FORMER, ABSORBED])
def test_look_up_finds_the_trial(client, number):
    found = client.get("/lookup", query_string={"q": number}).json
    assert any(NOW in json.dumps(entry) for entry in found["results"][:1]), found


@pytest.mark.parametrize("number", [FORMER, ABSORBED])
def test_reconciliation_finds_the_trial(client, number):
    asked = json.dumps({"q0": {"query": number}})
    (first, *_) = client.get("/reconcile", query_string={"queries": asked}).json["q0"]["result"]
    assert first["id"].endswith(NOW)
