"""A page and the data of a thing are bounded, however much there is of it, and lead to the rest."""

import json
import re
import shutil

import pyoxigraph as ox
import pytest
from tests.patience import patient

from trialgraph.formats import RDF_FORMATS
from trialgraph.query import open_engine
from trialgraph.vocabulary import ONTOLOGY, RESOURCE, Graph
from trialgraph.web import create_app

MANY = 100_000
HUB = f"<{RESOURCE}drug/hub>"
LARGEST = 4_000_000


@pytest.fixture(scope="module")
def hub(root, tmp_path_factory):
    """A site with a thing that leads to very many, and that very many lead to."""
    folder = tmp_path_factory.mktemp("hub")
    shutil.copytree(root, folder / "release", symlinks=True)
    store = ox.Store(str((folder / "release" / "current" / "store").resolve()))
    lines = [f'{HUB} <http://www.w3.org/2000/01/rdf-schema#label> "the hub" .']
    lines += [f"{HUB} <{ONTOLOGY}#usedIn> <{RESOURCE}thing/{n}> ." for n in range(MANY)]
    lines += [f'{HUB} <{ONTOLOGY}#position> "{n}" .' for n in range(20)]
    lines += [f"<{RESOURCE}thing/{n}> <{ONTOLOGY}#drug> {HUB} ." for n in range(MANY)]
    text = "\n".join(lines).encode()
    for graph in (ox.DefaultGraph(), ox.NamedNode(Graph.SEED)):
        store.bulk_load(text, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    store.flush()
    del store
    settings = patient(release=folder / "release", public_url="http://localhost", query_joins="")
    with open_engine(settings) as engine:
        yield create_app(settings, engine).test_client()


def test_the_page_is_bounded_and_leads_on(hub):
    answer = hub.get("/page/drug/hub")
    assert answer.status_code == 200, answer.text
    assert len(answer.data) < 150_000
    assert "the hub" in answer.text
    assert f"Of {MANY:,} values of {ONTOLOGY}#usedIn only the first are here" in answer.text
    assert "?by=" in answer.text
    assert (
        hub.get(re.search(r'href="(/page/drug/hub\?by=[^"]+)"', answer.text)[1].replace("&amp;", "&")).status_code
        == 200
    )


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
def test_the_data_are_bounded_and_lead_on(hub, format_):
    answer = hub.get(f"/data/drug/hub.{format_.extension}")
    assert answer.status_code == 200
    assert 100_000 < len(answer.data) < LARGEST
    assert f"Of {MANY:,} values" in answer.headers["Trialgraph-Note"]
    rest = re.search(r'<(/sparql\?query=[^>]+)>; rel="alternate"', answer.headers["Link"])[1]
    assert hub.get(f"{rest}&format=nt").text.count("\n") == MANY


def test_what_is_small_is_whole(client):
    answer = client.get("/data/NCT06095583.ttl")
    assert "Trialgraph-Note" not in answer.headers
    assert "only the first" not in client.get("/page/drug/tifcemalimab").text
    assert json.loads(client.get("/data/NCT06095583.jsonld").data)["id"] == "NCT06095583"
