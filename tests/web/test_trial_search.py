"""Trials are found by everything they are known by, and narrowed by facets whose counts are true."""

import csv
import io
import itertools
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from tests import building
from tests.patience import patient
from tests.web.conftest import Client

from trialgraph.query import open_engine
from trialgraph.resource.search_terms import search_terms
from trialgraph.web import create_app
from trialgraph.web.context.faceted_search import ON_A_PAGE, TrialQuery, trial_index
from trialgraph.web.context.search_phrases import without_phrases
from trialgraph.web.site import search_page

# number, title, conditions, interventions with other names, sponsor, status, phases
TRIALS = [
    (1, "Study in the bowel", ["Crohn Disease"], [("Vedolizumab", ["Entyvio", "MLN-0002"])], "Takeda", "RECRUITING", ["PHASE3"]),
    (2, "An old one", ["Crohn's disease"], [("Placebo", [])], "Takeda", "COMPLETED", ["PHASE3"]),
    (3, "MK-3475 alone", ["Melanoma"], [("Pembrolizumab", ["Keytruda", "MK-3475"])], "Merck Sharp & Dohme", "RECRUITING", ["PHASE2", "PHASE3"]),
    (4, "Tumour board", ["Brain Tumor"], [("Radiotherapy", [])], "Charité", "TERMINATED", ["NA"]),
    (5, "Leukaemia in children of Hart", ["Acute Leukemia"], [("Methotrexate", ["MTX"])], "COG", "ACTIVE_NOT_RECRUITING", ["PHASE1"]),
    (6, "Heart and statins", ["Heart Failure"], [("Atorvastatin", ["Lipitor"])], "Pfizer", "NOT_YET_RECRUITING", ["PHASE4"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trials")
    records = []
    for number, title, conditions, drugs, sponsor, status, phases in TRIALS:
        interventions = [{"type": "DRUG", "name": name, "otherNames": other} for name, other in drugs]
        made = building.record(
            number, briefTitle=title, conditions=conditions, interventions=interventions, overallStatus=status
        )
        made["protocolSection"]["designModule"]["phases"] = phases
        made["protocolSection"]["sponsorCollaboratorsModule"] = {
            "leadSponsor": {"name": sponsor, "class": "INDUSTRY"}
        }
        made["protocolSection"]["armsInterventionsModule"]["armGroups"] = []
        records.append(made)
    path = building.write_records(folder / "records.jsonl", records)
    return trial_index(building.quick_build(folder, folder / "release", path).release)


def found(index, text, **chosen):
    return {int(row.nct[3:]) for row in index.search(TrialQuery(text, chosen)).rows if row.nct < "NCT06"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("vedolizumab", {1}), ("Entyvio", {1}), ("MLN0002", {1}), ("mln-0002", {1}),
        ("Crohn's disease", {1, 2}), ("crohn’s DISEASES", {1, 2}), ("crohn", {1, 2}),
        ("keytruda", {3}), ("mk3475", {3}), ("merck", {3}), ("pembrol", {3}),
        ("tumor", {4}), ("tumours", {4}), ("leukaemias", {5}), ("leukemia", {5}), ("charite", {4}),
        ("NCT0000000", {1, 2, 3, 4, 5, 6}),
        ("melanoma placebo", set()),
    ],
)  # fmt: skip
def test_a_trial_is_found_by(index, text, numbers):
    assert found(index, text) == numbers


@pytest.mark.parametrize(
    ("wrong", "right", "number"),
    [
        ("pembrolizumb", "pembrolizumab", 3), ("pembrolizumaab", "pembrolizumab", 3), ("vedolizmuab", "vedolizumab", 1),
        ("melanona", "melanoma", 3), ("methotrexat", "methotrexate", 5), ("ketruda", "keytruda", 3),
        ("lipitr", "lipitor", 6), ("atorvastatine", "atorvastatin", 6),
        ("bwoel", "bowel", 1),
    ],
)  # fmt: skip
def test_a_slip_is_forgiven_and_said(index, wrong, right, number):
    answer = index.search(TrialQuery(wrong))
    assert [int(row.nct[3:]) for row in answer.rows] == [number]
    assert answer.corrected in ({wrong: right}, {})  # the beginning of a word is no slip


def test_a_slip_that_is_a_word_is_forgiven_where_nothing_else_is_found(index):
    answer = index.search(TrialQuery("hart statins"))
    assert [int(row.nct[3:]) for row in answer.rows] == [6]
    assert answer.corrected == {"hart": "heart"}
    assert found(index, "hart") == {5}
    none = index.search(TrialQuery("old vedolizumab"))  # both are words, of two trials
    assert (none.total, none.corrected) == (0, {})


def test_words_that_mean_a_filter_are_filters(index):
    answer = index.search(TrialQuery("recruiting phase 3 crohn"))
    assert [int(row.nct[3:]) for row in answer.rows] == [1]
    assert answer.chosen == {"status": ("RECRUITING",), "phase": ("PHASE3",)}
    assert answer.text == "crohn"


@pytest.mark.parametrize(
    ("text", "left", "filters"),
    [
        ("not yet recruiting asthma", "asthma", {"status": ("NOT_YET_RECRUITING",)}),
        ("Phase2 asthma", "asthma", {"phase": ("PHASE2",)}),
        ("phase I/II", "", {"phase": ("PHASE1", "PHASE2")}),
        ("active, not recruiting", "", {"status": ("ACTIVE_NOT_RECRUITING",)}),
        ("phase-in of insulin", "phase-in of insulin", {}),
        ("phase iiib", "phase iiib", {}),
    ],
)
def test_phrases(text, left, filters):
    assert without_phrases(text) == (left, filters)


def test_a_filter_never_raises_a_count_and_the_counts_are_true(index):
    everything = index.search(TrialQuery())
    for facet in everything.facets:
        for value in facet.values:
            narrowed = index.search(TrialQuery(chosen={facet.name: (value.value,)}))
            assert narrowed.total == value.trials <= everything.total
            for other in narrowed.facets:
                if other.name != facet.name:
                    assert all(each.trials <= narrowed.total for each in other.values)


def test_two_values_of_a_facet_widen_and_two_facets_narrow(index):
    one = {row.nct for row in index.search(TrialQuery(chosen={"status": ("RECRUITING",)})).rows}
    other = {row.nct for row in index.search(TrialQuery(chosen={"status": ("COMPLETED",)})).rows}
    both = index.search(TrialQuery(chosen={"status": ("RECRUITING", "COMPLETED")}))
    assert {row.nct for row in both.rows} == one | other
    narrowed = index.search(TrialQuery(chosen={"status": ("RECRUITING",), "phase": ("PHASE2",)}))
    assert [row.nct for row in narrowed.rows] == ["NCT00000003"]


def test_each_order_is_one_of_the_same_trials(index):
    lists = [index.search(TrialQuery(sort=sort)) for sort in ("relevance", "newest", "start", "enrollment")]
    assert len({frozenset(row.nct for row in each.rows) for each in lists}) == 1
    assert lists[0].total <= ON_A_PAGE
    sizes = [row.enrollment for row in lists[3].rows if row.enrollment is not None]
    assert sizes == sorted(sizes, reverse=True)
    starts = [row.start for row in lists[2].rows if row.start]
    assert all(one >= other for one, other in itertools.pairwise(starts))


def test_a_list_is_taken_away(client):
    whole = client.get("/search?q=lung&format=json").json
    assert whole["total"] == whole["given"] == len(whole["trials"]) > 0
    rows = list(csv.DictReader(io.StringIO(client.get("/search?q=lung&format=csv").text)))
    assert [row["nct"] for row in rows] == [trial["nct"] for trial in whole["trials"]]
    turtle = client.get("/search?q=lung&format=turtle")
    assert turtle.headers["Content-Type"].startswith("text/turtle")
    assert all(trial["nct"] in turtle.text for trial in whole["trials"])
    assert client.get("/search?q=lung&format=xlsx").status_code == 400


@pytest.mark.parametrize("path", ["/search?q=lung", "/ask?phase=PHASE3", "/cite/NCT06095583"])
@pytest.mark.parametrize(
    ("accept", "given"),
    [("application/json", "json"), ("text/csv", "csv"), ("text/turtle;q=0.9, image/png", "turtle"), ("*/*", ""),
     ("text/html,application/xhtml+xml,*/*;q=0.8", ""), ("application/x-bibtex", "bibtex"), ("image/png", "")],
)  # fmt: skip
def test_what_a_client_accepts_is_what_its_parameter_names(client, path, accept, given):
    named = client.get(f"{path}{'&' if '?' in path else '?'}format={given}" if given else path)
    answer = client.get(path, headers={"Accept": accept})
    assert "Accept" in answer.headers["Vary"].split(", ")
    if named.status_code == 400:
        named = client.get(path)
    assert answer.headers["Content-Type"] == named.headers["Content-Type"]
    assert answer.data == named.data


LISTS = [
    "", "q=lung", "q=lung&status=RECRUITING&type=INTERVENTIONAL", "q=cancer", "q=tumours", "q=breast", "q=heart+failure",
    "q=pembrolizumab", "q=pembrolizumb", "q=diabet", "q=erectile", "q=sildenafil", "q=phase+3", "q=recruiting+phase+2+cancer",
    "q=crohn%27s", "q=MK-3475", "q=PD-1", "q=zzzz", "q=%22completed%22", "q=pfizer", "q=!!", "q=NCT0",
    "status=RECRUITING&status=COMPLETED", "phase=PHASE2&phase=PHASE3&sort=start", "type=OBSERVATIONAL&sort=enrollment",
    "country=France", "country=South+Korea", "country=Nowhere", "year=2020", "results=true", "results=false&q=trial",
    "unit=mg", "age=CHILD", "condition=disease/MONDO:0007254", "drug=drug/tifcemalimab", "target=target/PD-1&q=lung",
    "endpoint=endpoint/OS", "sponsor=organization/Pfizer", "sort=newest&q=study",
]  # fmt: skip


@pytest.fixture(scope="module", params=["small records of our own", "real records"])
def asked(request, app):
    if request.param.startswith("small"):
        yield Client(app, app.response_class)
        return
    settings = patient(release=request.getfixturevalue("real_root"), public_url="http://localhost")
    with open_engine(settings) as engine:
        app = create_app(settings, engine)
        yield Client(app, app.response_class)


@pytest.mark.parametrize("query", LISTS)
def test_a_list_and_its_sparql_are_the_same_trials(asked, query):
    listed = asked.get(f"/search?{query}&format=json").json["trials"]
    leads = asked.get(f"/search?{query}&format=sparql")
    assert leads.status_code == 303
    answer = asked.get(leads.headers["Location"], headers={"Accept": "application/sparql-results+json"})
    found = [row["trial"]["value"] for row in answer.json["results"]["bindings"]]
    assert sorted(found) == sorted(each["iri"] for each in listed)
    assert "format=sparql" in asked.get(f"/search?{query}").text


def test_where_too_many_are_found_to_name_them_the_query_says_that_it_differs(client, monkeypatch):
    monkeypatch.setattr(search_page, "_MOST_NAMED", 0)
    asked = parse_qs(urlsplit(client.get("/search?q=lung&format=sparql").headers["Location"]).query)["query"][0]
    assert asked.startswith('# Texts with "lung", by letters')
    assert client.get("/sparql", query_string={"query": asked}, headers={"Accept": "text/csv"}).status_code == 200


@pytest.mark.parametrize("facet", ["condition", "country", "drug", "unit"])
def test_no_two_values_of_a_facet_read_alike(asked, facet):
    whole = asked.get("/search?format=json").json["trials"]
    labels = {label for trial in whole for label in trial[facet]}
    assert len({" ".join(sorted(search_terms(label))) for label in labels}) == len(labels)


def test_unknown_values_find_nothing_and_break_nothing(client):
    assert client.get("/search?status=NOSUCH&format=json").json["total"] == 0


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("page=abc", 400, "count from 1"), ("page=0", 400, "count from 1"), ("page=-1", 400, "count from 1"),
        ("page=1.5", 400, "count from 1"), ("page=%D9%A3", 400, "count from 1"), ("page=99999999999", 400, "count from 1"),
        ("page=99999", 404, "no page 99999: this list has"), ("q=lung&page=9", 404, "no page 9"), ("kind=Drug&q=t&page=7", 404, "no page 7"),
        ("kind=Nope", 400, "kind may be Drug, "), ("sort=x", 400, "sort may be "), ("view=map", 400, "view may be years"),
        ("page=", 200, ""), ("page=1&kind=&sort=&view=", 200, ""), ("q=zzzzzz&page=1", 200, ""),
    ],
)  # fmt: skip
def test_what_is_no_page_order_or_kind_is_told(client, asked, status, said):
    answer = client.get(f"/search?{asked}")
    assert answer.status_code == status
    assert said in answer.text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("/page/drug/tifcemalimab?by=https://w3id.org/trialgraph/ontology%23drug&page=99", 404),
        ("/page/drug/tifcemalimab?by=https://w3id.org/trialgraph/ontology%23drug&page=x", 400),
        ("/page/drug/tifcemalimab?by=https://w3id.org/trialgraph/ontology%23drug&page=1", 200),
    ],
)
def test_what_leads_to_a_thing_has_so_many_pages(client, asked, status):
    assert client.get(asked).status_code == status


@pytest.mark.parametrize(
    "asked",
    [
        "trials of tifcemalimab",
        "the study that gives tifcemalimab in lung",
        "tifcemalimab and toripalimab for cancer",
    ],
)
def test_words_between_others_keep_no_trial_out(client, asked):
    telling = " ".join(
        word for word in asked.split() if word in {"tifcemalimab", "toripalimab", "lung", "gives", "cancer"}
    )
    found = client.get("/search", query_string={"q": asked, "format": "json"}).json["trials"]
    assert found == client.get("/search", query_string={"q": telling, "format": "json"}).json["trials"]


def test_words_beside_a_filter_that_say_nothing_are_no_words(client):
    filtered, said = (
        client.get(f"/search?q={text}&format=json").json for text in ("recruiting", "recruiting trials")
    )
    assert said["trials"] == filtered["trials"]
    assert said["total"]


def test_things_are_found_beside_words_that_are_filters(client):
    """Where trials are sought, only a thing of that very name comes before them."""
    assert 'href="/page/drug/tifcemalimab"' in client.get("/search?q=recruiting tifcemalimab").text
    assert 'href="/page/drug/tifcemalimab"' in client.get("/search?q=tifcemal").text
    assert 'href="/page/drug/tifcemalimab"' not in client.get("/search?q=recruiting tifcemal").text


def test_where_nothing_is_found_texts_with_a_word_less_are_offered(client):
    page = client.get("/search?q=tifcemalimab walrus")
    assert '<a href="/search?q=tifcemalimab">tifcemalimab</a> <span class="count">2</span>' in page.text
    assert "With one word less" not in client.get("/search?q=walrus").text
    assert "With one word less" not in client.get("/search?q=tifcemalimab").text
    asked = client.get("/search?q=tifcemalimab walrus&status=RECRUITING").text
    assert "/search?q=tifcemalimab&amp;status=RECRUITING" in asked, "filters stay"


def test_a_value_of_a_facet_may_be_given_as_it_reads(client):
    coded = client.get("/search?status=RECRUITING&format=json").json
    assert coded["total"]
    for asked in ("status=Recruiting", "status=recruiting", "status=RECRUITING&status=Recruiting"):
        assert client.get(f"/search?{asked}&format=json").json == coded


@pytest.mark.parametrize(
    ("path", "leads"), [("/results/NCT06095583", True), ("/results/NCT99999999", False), ("/results/x", False)]
)
def test_only_a_page_that_is_here_is_led_to(client, path, leads):
    answer = client.get(path)
    assert answer.status_code == 404
    assert ("its page is" in answer.text) is leads


def test_a_list_is_drawn_by_year_and_phase(client):
    text = client.get("/search?view=years").text
    rows = re.findall(r'<tr><th scope="row"><a href="[^"]*year=(\d{4})">', text)
    assert rows == sorted(rows)
    cells = sum(int(number) for number in re.findall(r'<td class="number">(\d+)</td>', text))
    bars = re.findall(r"<title>\d{4}, [^:]*: ([\d,]+)</title>", text)
    assert sum(int(number) for number in bars) == cells > 0
    assert "view=years" in client.get("/search").text
    assert "None of these trials says both" in client.get("/search?q=zzzzzz&view=years").text


def test_values_are_counted_alike_among_few_and_most_trials(index):
    every = np.arange(index.facets.size, dtype=np.int32)
    for facet in index.facets.facets:
        for most in range(index.facets.size + 1):
            among = every[:most]
            expected = np.bincount(
                np.concatenate(
                    [facet.values[facet.starts[at] : facet.starts[at + 1]] for at in among] or [[]]
                ).astype(int),
                minlength=len(facet.inverse_starts) - 1,
            )
            assert facet.counts(among).tolist() == expected.tolist()
