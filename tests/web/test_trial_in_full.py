"""A trial in full: results as tables, sites without a bound, history, citations, comparison, a card to embed."""

import csv
import html
import io
import json
import re
import socket
from datetime import date
from xml.etree import ElementTree

import pytest
from tests import building, curated
from tests.patience import patient
from tests.web.conftest import Client

from trialgraph.query import open_engine
from trialgraph.web import create_app
from trialgraph.web.things.citation import Citation

MANY = 300
NCT = "NCT00000006"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A client of a release with results, a trial of many sites, and a second version of one record."""
    folder = tmp_path_factory.mktemp("full")
    results = json.loads((curated.HERE / "cases" / "mapping" / "flow-and-events" / "record.json").read_text())
    results["resultsSection"]["outcomeMeasuresModule"] = {
        "outcomeMeasures": [
            {
                "type": "PRIMARY", "title": "Overall survival", "timeFrame": "2 years", "reportingStatus": "POSTED",
                "unitOfMeasure": "months", "paramType": "MEDIAN",
                "groups": [{"id": "OG000", "title": "Drug"}, {"id": "OG001", "title": "Placebo"}],
                "denoms": [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "7"}, {"groupId": "OG001", "value": "8"}]}],
                "classes": [{"categories": [{"measurements": [
                    {"groupId": "OG000", "value": "NA", "lowerLimit": "12.1", "comment": "not reached"},
                    {"groupId": "OG001", "value": "10.2", "lowerLimit": "8.0", "upperLimit": "12.5"}]}]}],
                "analyses": [{"groupIds": ["OG000", "OG001"], "paramType": "Hazard Ratio (HR)", "paramValue": "0.67",
                              "ciPctValue": "95", "ciLowerLimit": "0.5", "ciUpperLimit": "0.9", "pValue": "<0.001"}],
            }
        ]
    }  # fmt: skip
    sites = building.record(7, briefTitle="One of <many> sites & countries")
    places = [
        {"facility": f"Site {n}", "city": "Town", "country": "Chile" if n % 3 else "Norway"} for n in range(MANY)
    ]
    sites["protocolSection"]["contactsLocationsModule"] = {"locations": places}
    path = building.write_records(folder / "records.jsonl", [results, sites, building.record(8)])
    building.quick_build(folder, folder / "release", path)
    newer = building.revised(building.record(8), overallStatus="COMPLETED", date="2026-03-01")
    update = building.write_records(folder / "newer.jsonl", [newer])
    building.quick_update(folder, folder / "release", update, issued=date(2026, 11, 24))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = patient(release=folder / "release", port=port, public_url="http://localhost")
    with open_engine(settings) as engine:
        app = create_app(settings, engine)
        yield Client(app, app.response_class)


def words_of(answer):
    """Return what a page says, elements apart by blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def test_results_are_tables(asked):
    words = words_of(asked.get(f"/results/{NCT}"))
    for said in ("Started 7", "Left: death", "Overall survival", "number of participants analysed 7 8", "NA (12.1) [not reached]",
                 "10.2 (8.0 to 12.5)", "Hazard Ratio (HR)", "0.67", "<0.001", "Age (Mean) years 52 ± 8.1", "General disorders"):  # fmt: skip
        assert said.lower() in words.lower(), said
    assert asked.get("/results/NCT00000008").status_code == 404
    assert asked.get(f"/results/{NCT}?format=xlsx").status_code == 400


def test_the_page_of_one_result_has_its_values_by_group(asked):
    said = words_of(asked.get(f"/page/{NCT}/result/outcome/1"))
    assert "What was measured months Drug Placebo value NA (12.1) 10.2 (8.0 to 12.5)" in said


def test_an_adverse_event_is_called_by_its_term(asked):
    assert (
        "<h1>Nausea</h1>"
        in asked.get(f"/page/{NCT}/result/other-event/1").text + asked.get(f"/page/{NCT}/result/serious-event/1").text
    )


def test_adverse_events_are_taken_as_csv(asked):
    rows = list(csv.DictReader(io.StringIO(asked.get(f"/results/{NCT}?format=csv").text)))
    assert {(row["kind"], row["term"], row["All (EG000) affected"], row["All (EG000) at risk"]) for row in rows} == {
        ("serious", "Death", "1", "7"), ("other", "Nausea", "", ""),
    }  # fmt: skip


def test_every_site_stands_under_its_country(asked, parse):
    text = asked.get("/page/NCT00000007").text
    counts = dict(re.findall(r"<summary>(\w[\w ]*) <span class=\"count\">(\d+)", text))
    assert {name: counts[name] for name in ("Chile", "Norway")} == {"Chile": "200", "Norway": "100"}
    assert len({href for href in parse(text).all("a", "href") if "/page/NCT00000007/site/" in href}) == MANY
    assert "names no country" not in text


def test_what_changed_is_a_page_and_a_feed(asked):
    history = asked.get("/history/NCT00000008").text
    assert "RECRUITING" in history
    assert "COMPLETED" in history
    assert "NCT00000008" in asked.get("/changes").text
    assert "one version" in asked.get("/history/NCT00000007").text
    feed = ElementTree.fromstring(asked.get("/changes.atom").text)  # noqa: S314 - our own
    (entry,) = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert "Status: RECRUITING → COMPLETED" in entry.findtext("{http://www.w3.org/2005/Atom}summary")
    assert asked.get("/history/NCT99999999").status_code == asked.get("/history/x").status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [("text", "One of <many> sites & countries (NCT00000007)"), ("bibtex", r"{One of <many> sites \& countries}"),
     ("ris", "TI  - One of <many> sites & countries\r\n"), ("csl", '"title": "One of <many> sites & countries"')],
)  # fmt: skip
def test_a_trial_is_cited(asked, form, said):
    assert said in asked.get(f"/cite/nct00000007?format={form}").text
    assert asked.get(f"/cite/NCT99999999?format={form}").status_code == 404
    assert asked.get("/cite/NCT00000007?format=docx").status_code == 400


def test_a_title_does_not_end_a_record_of_ris():
    lines = Citation("NCT00000001", "a\r\nER  - \r\nTY  - x", "", "2026-01-01").to_ris().split("\r\n")
    assert [line[:2] for line in lines if line[:2] in {"TY", "ER"}] == ["TY", "ER"]


def test_trials_stand_side_by_side(asked):
    text = words_of(asked.get("/compare?trial=NCT00000007&trial=nct00000008"))
    assert "enrollment (differs) 7 8" in text
    assert "study type Interventional Interventional" in text
    assert asked.get("/compare?trial=NCT00000007&trial=x").status_code == 400
    assert asked.get("/compare?trial=NCT00000007&trial=NCT99999999").status_code == 404
    assert asked.get("/compare?" + "&".join(f"trial=NCT0000000{n}" for n in range(1, 7))).status_code == 400


def test_a_card_may_stand_in_other_pages(asked):
    card = asked.get("/embed/NCT00000007")
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    assert "script" not in card.text
    assert "One of &lt;many&gt; sites" in card.text


def test_the_page_of_a_thing_has_its_trials(client, parse):
    page = parse(client.get("/page/drug/tifcemalimab").text)
    assert any(href.startswith("/search?drug=drug%2Ftifcemalimab") for href in page.all("a", "href"))
    assert "/page/NCT06732258" in page.all("a", "href")


# ---- links tied to a release, and embedding ----

NOW, BEFORE = "2026-11-24", "2026-11-23"


def test_a_short_link_leads_to_the_release_it_names(asked):
    here = asked.get(f"/r/{NOW}/nct00000007")
    assert (here.status_code, here.headers["Location"]) == (302, "/page/NCT00000007")
    part = asked.get(f"/r/{NOW}/NCT00000007/site/3")
    assert part.headers["Location"] == "/page/NCT00000007/site/3"
    kept = asked.get(f"/r/{BEFORE}/NCT00000007")
    assert kept.status_code == 200
    assert f"/downloads/{BEFORE}/" in kept.text
    assert "/page/NCT00000007" in kept.text
    gone = asked.get("/r/2025-01-01/NCT00000007")
    assert gone.status_code == 410
    assert "2025-01-01 is gone" in gone.text
    assert asked.get("/r/2999-01-01/NCT00000007").status_code == asked.get("/r/x/NCT00000007").status_code == 404
    assert f"/r/{NOW}/NCT00000007" in asked.get("/page/NCT00000007").text


def test_other_sites_discover_how_to_embed_a_trial(asked, parse):
    page = parse(asked.get("/page/NCT00000007").text)
    (discovered,) = [
        about["href"]
        for tag, about in page.elements
        if tag == "link" and about.get("type") == "application/json+oembed"
    ]
    found = asked.get(discovered.removeprefix("http://localhost")).get_json()
    assert (found["version"], found["type"], found["provider_name"]) == ("1.0", "rich", "trialgraph")
    frame = dict(parse(found["html"]).elements[0][1])
    assert frame["title"] == "NCT00000007: One of <many> sites & countries"
    assert (frame["width"], frame["height"]) == (str(found["width"]), str(found["height"]))
    assert asked.get(frame["src"].removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("url=http://localhost/page/NCT99999999", 404), ("url=http://localhost/sparql", 404),
        ("url=http://elsewhere.example/page/NCT00000007", 404), ("url=javascript:alert(1)", 404),
        ("url=http://localhost/page/NCT00000007&format=xml", 501),
        ("url=http://localhost/page/NCT00000007&maxwidth=x", 400), ("url=http://[/page/NCT00000007", 404),
        ("url=https://w3id.org/trialgraph/id/NCT00000007", 200),
    ],
)  # fmt: skip
def test_what_cannot_be_embedded_is_told(asked, query, status):
    assert asked.get(f"/oembed?{query}").status_code == status


def test_a_card_is_no_larger_than_asked_for(asked):
    found = asked.get("/oembed?url=http://localhost/page/NCT00000007&maxwidth=300&maxheight=150").get_json()
    assert (found["width"], found["height"]) == (300, 150)


ON_SITE = re.compile(r'href="(/[^"#?]*)?(?:\?[^"#]*)?#([^"]+)"')


def test_a_link_into_a_page_leads_to_a_part_that_is_there(asked):
    parts = {}

    def of_page(path):
        if path not in parts:
            parts[path] = set(re.findall(r' id="([^"]+)"', asked.get(path).text))
        return parts[path]

    followed = 0
    for path in (
        f"/page/{NCT}",
        f"/results/{NCT}",
        "/page/NCT00000007",
        f"/history/{NCT}",
        "/search?q=trial",
        "/examples",
        "/",
    ):
        for there, part in set(ON_SITE.findall(asked.get(path).text)):
            assert html.unescape(part) in of_page(there or path), (path, there, part)
            followed += 1
    assert followed > 20
