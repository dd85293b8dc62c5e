"""The example that joins our graph with UniProt's, run against a stand-in on this machine."""

from datetime import date

import pyoxigraph as ox
import pytest
from tests import curated
from tests.live.conftest import make_release

from trialgraph.pipeline import BuildOptions, build
from trialgraph.settings import packaged

pytestmark = pytest.mark.live

UNIPROT = "https://sparql.uniprot.org/sparql"
OURS = "https://w3id.org/trialgraph/sparql"
EXAMPLE = next(example for example in curated.examples() if UNIPROT in example.query)
STAND_IN = b"""
<http://purl.uniprot.org/uniprot/Q15116> <http://purl.uniprot.org/core/recommendedName> _:a <https://u.example/g> .
_:a <http://purl.uniprot.org/core/fullName> "Programmed cell death protein 1" <https://u.example/g> .
<http://purl.uniprot.org/uniprot/P30556> <http://purl.uniprot.org/core/recommendedName> _:b <https://u.example/g> .
_:b <http://purl.uniprot.org/core/fullName> "Type-1 angiotensin II receptor" <https://u.example/g> .
"""


@pytest.fixture(scope="module")
def uniprot(serve, tmp_path_factory):
    return serve(make_release(tmp_path_factory.mktemp("uniprot"), STAND_IN))


@pytest.fixture(scope="module")
def site(serve, uniprot, tmp_path_factory):
    """A release of records made for it, linked by a few terms, whose operator lists the stand-in."""
    root, vocabularies = tmp_path_factory.mktemp("release"), tmp_path_factory.mktemp("vocabularies")
    curated.small_index(vocabularies)
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    records = [curated.HERE / "questions" / "linked-records.json"]
    options = {"validate": False, "optimize": False, "interpret": False, "workers": 1, "vocabularies": vocabularies}
    build(BuildOptions(**folders, **options, root=root, issued=date(2026, 1, 2), records=records))
    return serve(root, service_endpoints=uniprot.sparql)


def test_the_proteins_of_a_disease_get_their_names_from_the_other_endpoint(site, uniprot):
    query = EXAMPLE.query.replace(UNIPROT, uniprot.sparql).replace(OURS, site.sparql)
    answer = site.ask(query, headers={"Accept": "application/sparql-results+json"})
    assert answer.status_code == 200, answer.text
    results = ox.parse_query_results(answer.content, format=ox.QueryResultsFormat.JSON)
    assert curated.plain(results) == curated.expected()[EXAMPLE.name]


def test_nobody_is_asked_whom_the_operator_does_not_list(site):
    answer = site.ask(EXAMPLE.query.replace(OURS, site.sparql))
    assert answer.status_code == 403
    assert UNIPROT in answer.text
