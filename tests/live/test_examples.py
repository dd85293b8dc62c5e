"""The SPARQL examples over HTTP: found at the endpoint itself, and answered as expected, from a release as built."""

from datetime import date

import pyoxigraph as ox
import pytest
from tests import curated

from trialgraph.pipeline import BuildOptions, build
from trialgraph.settings import packaged
from trialgraph.vocabulary import PREFIXES

pytestmark = pytest.mark.live

EXAMPLES = curated.examples()
ON_THIS_RELEASE = [example for example in EXAMPLES if example.name[0] in "QRS"]
"""Those that ask curated data and plain records; `tests/test_questions.py` asks the others of records made for them."""
EXPECTED = curated.expected()
# What editors ask an endpoint for: the examples with their questions, and the prefixes.
LISTING = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?example ?comment ?query
WHERE { ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask ?query }"""
DECLARED = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix }"""


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    """The release of the curated data and three small records, served."""
    root = tmp_path_factory.mktemp("release")
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    records = [curated.HERE / "questions" / "records.json"]
    build(
        BuildOptions(
            **folders, root=root, issued=date(2026, 1, 2), records=records, validate=False, optimize=False, workers=1
        )
    )
    return serve(root)


def results(site, query):
    answer = site.ask(query, headers={"Accept": "application/sparql-results+json"})
    assert answer.status_code == 200, answer.text
    return ox.parse_query_results(answer.content, format=ox.QueryResultsFormat.JSON)


@pytest.mark.parametrize("example", ON_THIS_RELEASE, ids=lambda example: example.path.stem)
def test_the_answer_is_the_expected_one(example, site):
    assert curated.plain(results(site, example.query)) == EXPECTED[example.name]


def test_editors_find_every_example(site):
    listed = {row["query"].value for row in results(site, LISTING)}
    assert listed == {example.query for example in EXAMPLES}


def test_editors_find_every_prefix(site):
    declared = {row["prefix"].value: row["namespace"].value for row in results(site, DECLARED)}
    assert declared == PREFIXES
