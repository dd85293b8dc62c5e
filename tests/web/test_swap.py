"""A release published while the site runs: pages follow it, and nothing of the one before stays on them."""

import time

import pytest
from tests.patience import patient
from tests.web.conftest import Client

from trialgraph.query import open_engine
from trialgraph.store import begin_release, bulk_load, publish
from trialgraph.vocabulary import ONTOLOGY, RESOURCE, Graph
from trialgraph.web import create_app

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


def made(root, version, word):
    """Publish a release in which a drug and a property are called by a word; it has no search index."""
    quads = [
        f'<{RESOURCE}drug/x> {LABEL} "the {word} drug" <{Graph.SEED}> .\n',
        f'<{RESOURCE}drug/x> <{ONTOLOGY}#growth> "quick" <{Graph.SEED}> .\n',
        f'<{ONTOLOGY}#growth> {LABEL} "the {word} growth" <{Graph.ONTOLOGY}> .\n',
    ]
    with begin_release(root, version) as draft:
        bulk_load(draft.store, [quad.encode() for quad in quads])
        draft.write_manifest({"issued": version})
        publish(draft)


@pytest.fixture
def root(tmp_path):
    made(tmp_path, "2026-03-01", "first")
    return tmp_path


@pytest.fixture
def client(root):
    with open_engine(settings := patient(release=root, public_url="http://localhost")) as engine:
        app = create_app(settings, engine)
        yield Client(app, app.response_class)


def until(get, is_right):
    """Ask again until the answer is right, and return it."""
    while not is_right(answer := get()):
        time.sleep(0.05)
    return answer


def test_pages_follow_the_release(client, root):
    first = client.get("/page/drug/x")
    assert "the first drug" in first.text
    assert "the first growth" in first.text
    made(root, "2026-03-02", "second")
    second = until(lambda: client.get("/page/drug/x"), lambda answer: answer.text.count("the second") >= 2)
    assert "the second drug" in second.text
    assert "the second growth" in second.text
    assert "first" not in second.text
    assert second.headers["ETag"] != first.headers["ETag"]
    assert client.get("/page/drug/x", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert client.get("/downloads/latest/").headers["Location"] == "/downloads/2026-03-02/"


def test_a_release_without_an_index_says_so(client):
    assert "without a search index" in client.get("/search?q=x").text
    assert client.get("/lookup?q=x").status_code == 503
    assert client.get("/").status_code == 200
