"""What SPARQL 1.1 asks of an engine, in cases of our own: they stand for the W3C suites where these are absent."""

import tomllib
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.patience import patient

from trialgraph import errors
from trialgraph.formats import N_TRIPLES, SPARQL_JSON, SPARQL_TSV
from trialgraph.query import QueryRequest, open_engine
from trialgraph.store import begin_release, bulk_load, keep_union, publish

FOLDER = Path(__file__).parent / "cases" / "sparql"
CASES = {case["name"]: case for case in tomllib.loads((FOLDER / "queries.toml").read_text(encoding="utf-8"))["case"]}
PREFIXES = """PREFIX : <https://e.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
"""


@pytest.fixture(scope="module", params=["union", "split"])
def engine(request, tmp_path_factory):
    """The embedded engine on the data, with the union of the graphs in the default graph, and with one graph apart."""
    root = tmp_path_factory.mktemp("release")
    quads = ox.serialize(ox.parse(path=str(FOLDER / "data.trig")), format=ox.RdfFormat.N_QUADS)
    assert quads
    apart = [] if request.param == "union" else ["https://e.org/people"]
    with begin_release(root, "2026-01-01") as draft:
        union = b"".join(line.rsplit(b" <", 1)[0] + b" .\n" for line in quads.splitlines())
        bulk_load(draft.store, [quads if apart else quads + union])
        keep_union(draft.store, apart)
        draft.write_manifest({"issued": "2026-01-01", "apart": apart})
        publish(draft)
    with open_engine(patient(release=root)) as opened:
        yield opened


@pytest.mark.parametrize("name", CASES)
def test_case(engine, name):
    case = CASES[name]
    if "fails" in case:
        with pytest.raises(getattr(errors, case["fails"])):
            engine.run(QueryRequest(PREFIXES + case["query"]))
        return
    form = SPARQL_JSON if "says" in case else SPARQL_TSV
    text = (
        engine.run(QueryRequest(PREFIXES + case["query"], result_format=form, rdf_format=N_TRIPLES)).read().decode()
    )
    if "says" in case:
        assert text == f'{{"head":{{}},"boolean":{str(case["says"]).lower()}}}'
    elif "triples" in case:
        assert sorted(text.splitlines()) == sorted(case["triples"])
    else:
        rows = text.split("\n")[1:-1]
        assert (rows if case.get("ordered") else sorted(rows)) == case["rows"]
