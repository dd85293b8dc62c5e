"""The score: true of what is there, and it falls when something is taken away."""

from datetime import date

import pyoxigraph as ox
import pytest

from trialgraph import terms
from trialgraph.release.criteria import CRITERIA, HCLS
from trialgraph.release.description import describe
from trialgraph.release.facts import ReleaseFacts
from trialgraph.release.grouping import Passage
from trialgraph.release.score import Subject, measure
from trialgraph.release.sheet import expand
from trialgraph.release.statistics import GraphStatistics
from trialgraph.vocabulary import RESOURCE, Graph

TEXT = f"<{RESOURCE}NCT06095583> {terms.RDF_TYPE} <{expand('tg:Trial')}> .\n"


def subject(triples, fetch=None, today=date(2026, 11, 24)):
    store = ox.Store()
    store.load(
        "".join(map(terms.line, triples)).encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(Graph.DESCRIPTION)
    )

    def select(query):
        for row in store.query(query, use_default_graph_as_union=True):
            yield tuple(None if value is None else terms.from_oxigraph(value) for value in row)

    return Subject(frozenset(triples), select, "https://t.example.org", today, fetch)


@pytest.fixture(scope="module")
def triples():
    statistics = {"registry": GraphStatistics.of(Passage(TEXT))}
    dump = {"path": "dumps/a.nq", "media_type": "application/n-quads", "format": "nquads", "compression": "none"}
    dumps = ({**dump, "bytes": 9, "sha256": "0f" * 32, "graph": None, "triples": 1},)
    return describe(
        ReleaseFacts("2026-11-23", "2026-11-23", "https://t.example.org", "0.1.0", statistics, "2026-10-01", dumps)
    )


def test_the_description_meets_every_must(triples):
    assert measure(subject(triples), HCLS).by_source()["HCLS MUST"] == 100.0


def test_nothing_meets_nothing_and_each_failure_has_a_remedy():
    score = measure(subject([]), CRITERIA)
    assert score.by_source()["SIB"] == 0.0
    assert all(result.remedy for result in score.results if result.value == 0)


def test_what_needs_a_server_is_not_measured_without_one_and_is_with_one(triples):
    live = {criterion.id for criterion in CRITERIA if criterion.live}
    offline = measure(subject(triples), CRITERIA).results
    assert {result.id for result in offline if result.value is None} == live

    def fetch(_url, headers):
        return (
            200,
            {"Content-Type": headers["Accept"], "Access-Control-Allow-Origin": "*"},
            b"void: sd: NCT06095583 dataset application/ld+json",
        )

    online = {result.id: result.value for result in measure(subject(triples, fetch), CRITERIA).results}
    assert all(online[name] == 1 for name in live)


def test_a_release_that_ages_loses_freshness(triples):
    def freshness(today):
        results = measure(subject(triples, today=today), CRITERIA).results
        return next(result.value for result in results if result.id == "freshness")

    assert freshness(date(2026, 12, 23)) == 1
    assert freshness(date(2027, 11, 23)) == pytest.approx(0.3)


def test_the_json_names_each_criterion_once_a_source(triples):
    told = measure(subject(triples), CRITERIA).to_json()
    assert len({(result["source"], result["id"]) for result in told["results"]}) == len(told["results"])
