"""The score: true of what is there, and it falls when something is taken away."""

from datetime import date

import pyoxigraph as ox
import pytest

from trialgraph import terms
from trialgraph.release.description import describe
from trialgraph.release.description_input import ReleaseFacts
from trialgraph.release.graph_builder import expand
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.score import CRITERIA, Subject, measure
from trialgraph.score.criteria import SERVER, Answer
from trialgraph.score.hcls_profile import HCLS
from trialgraph.score.umaka import UMAKA
from trialgraph.syntaxes.subject_groups import Passage
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
    statistics = {"registry": GraphStatistics.of(Passage(TEXT.encode()))}
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


def test_what_needs_a_server_is_not_measured_without_one(triples):
    live = {(criterion.source, criterion.id) for criterion in CRITERIA if criterion.needs == SERVER}
    results = [result for result in measure(subject(triples), CRITERIA).results if result.needs == SERVER]
    assert {(result.source, result.id) for result in results} == live
    assert all(result.value is None for result in results)


def umaka(triples, seconds, site="https://t.example.org"):
    """Measure performance of a server that takes `seconds` for a list of classes and 1 ms for an ASK."""
    asked = []

    def fetch(_url, _accept, form):
        asked.append(form["query"])
        return Answer(200, {}, b"", 0.001 if form["query"].startswith("ASK") else seconds + 0.001)

    rows = [criterion for criterion in UMAKA if criterion.id == "performance"]
    measured = measure(Subject(frozenset(triples), lambda _query: [], site, date(2026, 11, 24), fetch), rows)
    return measured.results[0].value, asked


def test_performance_is_by_the_formula_of_umaka(triples):
    void = expand("void:triples")
    datasets = {
        s
        for s, p, o in triples
        if p == terms.RDF_TYPE and o in (f"<{expand('void:Dataset')}>", f"<{expand('sd:Graph')}>")
    }
    number = sum(int(terms.lexical(o)) for s, p, o in triples if p == f"<{void}>" and s in datasets)
    value, asked = umaka(triples, seconds=0.0001)
    assert value == pytest.approx(1 - 1e6 * 0.0001 / number)
    assert [query.partition("OFFSET ")[2] for query in asked] == ["", "0", "100", "200"]
    assert umaka(triples, seconds=1.0)[0] == 0.0


def test_only_a_public_host_name_is_out_of_reach():
    def cool(site):
        rows = [criterion for criterion in UMAKA if criterion.id.startswith("cool")]
        results = measure(Subject(frozenset(), lambda _query: [], site, date(2026, 1, 1)), rows).results
        return {result.id for result in results if result.value == 0}, measure_of(results)

    def measure_of(results):
        return {result.id for result in results if result.is_out_of_reach}

    assert cool("http://127.0.0.1:8000") == ({"cool-host", "cool-port"},) * 2
    assert cool("http://[::1]:8000")[0] == {"cool-host", "cool-port"}
    assert cool("https://t.example.org") == (set(), set())
    assert cool("https://a-long-name.example.org")[0] == {"cool-length"}


def test_a_first_version_has_none_before_it(triples):
    first = [(s, p, o) for s, p, o in triples if "previous" not in p.lower() and not p.endswith("first>")]
    first.append((f"<{RESOURCE}dataset>", f"<{expand('dcat:first')}>", f"<{RESOURCE}dataset/2026-11-23>"))
    values = {result.id: result.value for result in measure(subject(first), HCLS).results}
    assert values["HCLS version previous version"] is None
    assert values["HCLS summary previous version"] == 1
    unnamed = {result.id: result.value for result in measure(subject(first[:-1]), HCLS).results}
    assert unnamed["HCLS version previous version"] == 0


def test_a_release_that_ages_loses_freshness(triples):
    def freshness(today):
        results = measure(subject(triples, today=today), CRITERIA).results
        return next(result.value for result in results if result.id == "freshness")

    assert freshness(date(2026, 12, 23)) == 1
    assert freshness(date(2027, 11, 23)) == pytest.approx(0.3)


def test_the_json_names_each_criterion_once_a_source(triples):
    told = measure(subject(triples), CRITERIA).to_json()
    assert len({(result["source"], result["id"]) for result in told["results"]}) == len(told["results"])
