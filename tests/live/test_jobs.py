"""Eleven jobs that people come for, each by the keyboard alone in at most four steps, from the start page."""

import json
import re
from datetime import date

import pytest
from tests import building, curated
from tests.live.browser import browser, needs_browser, silent_page

from trialgraph.settings import packaged
from trialgraph.web.context.bundles import read_bundles

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.live, needs_browser]
needs_bundles = pytest.mark.skipif(
    not read_bundles().bundles, reason="the bundles of pictures were not made: scripts/assets.py says why"
)
MOST_STEPS = 4
MOST_TABS = 150
RESULTS = "NCT00000006"
PLACES = [("Oslo", "Norway", 59.9, 10.7), ("Lyon", "France", 45.8, 4.8), ("Suva", "Fiji", -18.1, 178.4)]


def trial(number, title, status, phase, start, *, condition="Breast Cancer"):
    """Return a record of a trial that gives pembrolizumab, with doses in words and sites on three continents."""
    made = building.record(number, briefTitle=title, overallStatus=status, conditions=[condition])
    section = made["protocolSection"]
    section["designModule"]["phases"] = [phase]
    section["statusModule"]["startDateStruct"] = {"date": start, "type": "ACTUAL"}
    section["armsInterventionsModule"] = {
        "armGroups": [
            {"label": "Pembrolizumab arm", "type": "EXPERIMENTAL", "interventionNames": ["Drug: Pembrolizumab"],
             "description": "Pembrolizumab 200 mg intravenously every 3 weeks"},
            {"label": "Placebo arm", "type": "PLACEBO_COMPARATOR", "interventionNames": ["Drug: Placebo"]},
        ],
        "interventions": [
            {"type": "DRUG", "name": "Pembrolizumab", "armGroupLabels": ["Pembrolizumab arm"]},
            {"type": "DRUG", "name": "Placebo", "armGroupLabels": ["Placebo arm"]},
        ],
    }  # fmt: skip
    section["contactsLocationsModule"] = {
        "locations": [
            {"facility": f"Hospital {city}", "city": city, "country": country, "status": "RECRUITING",
             "geoPoint": {"lat": lat, "lon": lon}}
            for city, country, lat, lon in PLACES
        ]
    }  # fmt: skip
    return made


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    results = json.loads((curated.HERE / "cases" / "mapping" / "flow-and-events" / "record.json").read_text())
    wanted = trial(7, "The one that is wanted", "RECRUITING", "PHASE3", "2024-03")
    others = [
        trial(8, "One that is completed", "COMPLETED", "PHASE3", "2020-03"),
        trial(9, "One of another phase", "RECRUITING", "PHASE2", "2024-05"),
        trial(10, "One of another disease", "RECRUITING", "PHASE3", "2022-05", condition="Heart Failure"),
    ]
    path = building.write_records(folder / "records.jsonl", [results, wanted, *others])
    (folder / "words").mkdir()
    curated.small_index(folder / "words")
    how = {"link": True, "interpret": True, "vocabularies": folder / "words"}
    (folder / "data").symlink_to(packaged("data"))
    building.quick_build(folder, folder / "release", path, **how)
    newer = building.revised(trial(9, "One of another phase", "COMPLETED", "PHASE2", "2024-05"), date="2026-03-01")
    update = building.write_records(folder / "newer.jsonl", [newer])
    building.quick_update(folder, folder / "release", update, issued=date(2026, 11, 24), **how)
    return serve(folder / "release")


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


class Person:
    """Someone who has only a keyboard; counts what they do."""

    def __init__(self, page, address):
        self.page, self.start, self.steps = page, address, 0
        page.goto(address)

    def search(self, words):
        """Type into the field that has the focus when the site opens."""
        self._step()
        expect(self.page.locator("[autofocus]")).to_be_focused()
        self.page.keyboard.type(words)
        self._leave("Enter")

    def search_again(self, words):
        """Type into the field at the head of every page."""
        self._step()
        self.page.reload()
        self._reach("Search trials")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)
        self._leave("Enter")

    def address(self, name):
        """Tab to a link of this name, and return what it leads to, as one who saves it."""
        self._step()
        self._reach(name)
        return self.page.request.get(self.page.evaluate("document.activeElement.href"))

    def follow(self, name):
        """Tab to a link of this name, and follow it."""
        self._step()
        self._reach(name)
        self._leave("Enter")

    def press(self, name, key="Enter"):
        """Tab to what has this name, and press a key that stays on the page."""
        self._step()
        self._reach(name)
        self.page.keyboard.press(key)

    def fill(self, button, **fields):
        """Fill fields of a form by their labels, and press its button: one step in all."""
        self._step()
        for label, text in fields.items():
            self._reach(label.replace("_", " "))
            self.page.keyboard.type(text)
        self._reach(button)
        self._leave("Enter")

    def sees(self, *words, within="main"):
        for said in words:
            expect(self.page.locator(within).first).to_contain_text(said)

    def _leave(self, key):
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.page.bring_to_front()

    def _step(self):
        self.steps += 1
        assert self.steps <= MOST_STEPS

    def _reach(self, name):
        for _ in range(MOST_TABS):
            if self.page.evaluate(IN_EDITOR):  # where Tab indents, as the page says beside it
                self.page.keyboard.press("Escape")
            self.page.keyboard.press("Tab")
            if name in self.page.evaluate(NAME):
                return
        pytest.fail(f"{MOST_TABS} tabs do not reach {name!r}")


IN_EDITOR = "Boolean(document.activeElement && document.activeElement.closest('.code'))"
NAME = """(() => { let at = document.activeElement; if (!at || at === document.body) return "";
    while (at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
    if (at.getAttribute("aria-label")) return at.getAttribute("aria-label");
    return at.labels && at.labels.length ? at.labels[0].textContent : at.textContent; })()"""


@pytest.fixture
def person(chromium, site):
    with silent_page(chromium) as page:
        yield Person(page, site.url + "/")


def test_a_recruiting_trials_of_a_drug_in_a_disease_and_their_doses(person):
    person.search("recruiting phase 3 breast pembrolizumab")
    person.sees("1 trial")
    person.follow("The one that is wanted")
    person.sees("200 mg", "every 3 weeks", "intravenous", within="#arms")


def test_b_trials_by_year_and_phase_as_a_picture(person):
    person.follow("Trials")
    person.follow("by year and phase")
    expect(person.page.locator(".year-chart svg[role=img] rect")).not_to_have_count(0)
    person.press("The same as a table")
    person.sees("2024", "Phase 3", within=".year-chart table")


def test_c_arms_compared(person):
    person.search("NCT00000007")
    person.sees("Pembrolizumab arm", "Placebo arm", "every 3 weeks", within=".lanes")
    lanes = person.page.locator(".lane")
    expect(lanes).to_have_count(2)
    expect(lanes.first.locator(".strip .giving")).to_have_count(4)
    expect(lanes.last.locator(".strip.untold")).to_have_count(1)


@needs_bundles
def test_d_a_map_of_the_sites(person):
    person.search("NCT00000007")
    person.follow("On a map")
    expect(person.page.locator("figure svg")).to_be_in_viewport()
    person.press("Table", key="Space")
    person.sees("Lyon", "Norway", "-18.1", within="#answer")


def test_e_a_question_without_knowing_the_model(person):
    person.follow("Ask")
    person.fill("Ask", Condition="breast cancer", Drug="pembrolizumab", Phase="Phase 3", Status="Recruiting")
    person.sees("NCT00000007", "1 row")
    assert "NCT00000008" not in person.page.content()


def test_f_a_query_and_its_answer_are_shared(person):
    person.follow("Query")
    person.press("SPARQL query", key="Control+Enter")
    person.page.wait_for_selector("#answer tbody tr")
    rows = person.page.locator("#answer tbody tr").all_inner_texts()
    shared = person.page.get_by_role("link", name="Link to this query").get_attribute("href")
    assert person.page.url.endswith(shared)
    person.page.goto("about:blank")
    person.page.goto(person.start.rstrip("/") + shared)
    person.page.wait_for_selector("#answer tbody tr")
    assert person.page.locator("#answer tbody tr").all_inner_texts() == rows


def test_g_turtle_of_a_trial_and_of_a_search(person):
    person.search("NCT00000007")
    trial_data = person.address("Turtle")
    assert trial_data.headers["content-type"].startswith("text/turtle")
    assert "The one that is wanted" in trial_data.text()
    person.search_again("breast pembrolizumab")
    list_data = person.address("Turtle")
    assert list_data.headers["content-type"].startswith("text/turtle")
    assert "One that is completed" in list_data.text()


def test_h_a_drug_its_target_and_what_stands_around_it(person):
    person.search("pembrolizumab")
    person.follow("pembrolizumab")
    around = person.page.locator("svg.around")
    expect(around).to_contain_text("Acts on")
    expect(around).to_contain_text("breast cancer")
    person.follow("PD-1")
    expect(person.page.locator("h1")).to_have_text("PD-1")
    expect(person.page.locator("svg.around")).to_contain_text("pembrolizumab")


def test_i_adverse_events_by_arm(person):
    person.search(RESULTS)
    person.follow("Each event by organ system")
    person.sees("Nausea", "General disorders")


def test_j_what_changed_since_the_last_release(person):
    person.follow("Changes")
    person.sees("NCT00000009", "RECRUITING → COMPLETED")
    person.follow("NCT00000009")
    person.sees("RECRUITING", "COMPLETED", within="table")


def test_k_a_trial_is_cited_and_embedded(person):
    person.search("NCT00000007")
    cited = person.address("BibTeX")
    assert "@misc{NCT00000007" in cited.text()
    person.press("Link or embed")
    person.sees("<iframe src=", "/r/2026-11-24/NCT00000007", within="details.elsewhere")


QUESTIONS = {
    "which trials give pembrolizumab": (["?t ", "drug>tg:givesDrug", "pembro>pembrolizumab"], "The one that is wanted"),
    "which recruit in phase 3": (
        ["?t ", "status>tg:overallStatus", "recr>RECRUITING", " ; ", "phase>tg:phase", "phase 3>PHASE3"], "The one that is wanted"
    ),
    "which are about breast cancer": (["?t ", "disease>tg:studiesDisease", "breast canc>breast cancer"], "One that is completed"),
    "the same, in quotation marks": (["?t ", "disease>tg:studiesDisease", '"breast canc>breast cancer'], "One that is completed"),
    "what is given in which dose": (
        ["?t ", "arm>tg:arm", "?a . ?a ", "dose>tg:doseSpecification", "?d . ?d ", "dose>tg:dose", "?q . ?q ", "value>tg:value", "?n"],
        "The one that is wanted",
    ),
    "who runs them": (["?t ", "sponsor>tg:leadSponsorName", "?who"], "The one that is wanted"),
    "which have sites in Norway": (["?t ", "site>tg:site", "?s . ?s ", "country>tg:country", '"Norway"'], "The one that is wanted"),
    "which act on PD-1, by its name": (
        ["?t ", "gives>tg:givesDrug", "<", "/", "target>tg:target", "<", "/", "label>rdfs:label", '"PD>PD-1'], "The one that is wanted"
    ),
    "which are of phase 2, by its code": (["?t ", "phase>tg:phase", "<", "/", "nota>skos:notation", '"PHASE2>"PHASE2"'], "One of another phase"),
    "how many took part": (["?t ", "enrol>tg:enrollmentCount", "?n"], "The one that is wanted"),
}  # fmt: skip
"""Each as keys to press: words that are typed, `typed>chosen` what the editor then offers, `<` a letter taken back."""


@needs_bundles
@pytest.mark.parametrize("about", QUESTIONS)
def test_a_question_is_written_with_the_help_of_the_editor_alone(chromium, site, about):
    keys, found = QUESTIONS[about]
    with silent_page(chromium) as page:
        page.goto(f"{site.url}/sparql")
        page.wait_for_selector("form[data-model]")
        page.get_by_label("SPARQL query").last.click()
        for key in ("Control+Home", *["ArrowDown"] * 4, "End", "Enter"):
            page.keyboard.press(key)
        for each in keys:
            typed, _, chosen = each.partition(">")
            if each == "<":
                page.keyboard.press("Backspace")
            elif not chosen:
                page.keyboard.type(each)
            else:
                page.keyboard.type(typed)
                _choose(page, chosen)
        page.keyboard.press("Escape")
        page.keyboard.type(" .")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#answer tbody").first).to_contain_text(found)


def _choose(page, chosen):
    """Take what the editor offers under this very name."""
    name = re.compile(rf"(?<!\w){re.escape(chosen)}(?!\w)")
    label = page.locator(".cm-tooltip-autocomplete .cm-completionLabel").filter(has_text=name)
    label.first.click()
