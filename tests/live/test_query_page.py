"""The query page in a real browser: nothing typed is lost, answers become pictures, and it works without its bundles."""

from urllib.parse import urlencode

import pytest
from tests import building
from tests.live.browser import browser, needs_browser, silent_page

from trialgraph.settings import packaged
from trialgraph.web.context.bundles import read_bundles

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.live, needs_browser]
needs_bundles = pytest.mark.skipif(
    not read_bundles().bundles, reason="the bundles of the editor were not made: scripts/assets.py says why"
)
PREFIX = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
COUNTS = PREFIX + "SELECT ?status (COUNT(*) AS ?trials) { ?t tg:overallStatus/rdfs:label ?status } GROUP BY ?status"
PLACES = "SELECT * { VALUES (?place ?lat ?long) { ('Bern' 46.9 7.4) ('Suva' -18.1 178.4) ('Lima' -12.0 -77.0) } }"
PAIRS = PREFIX + "SELECT ?trial ?condition { ?trial tg:condition ?condition }"
TIMES = "SELECT * { VALUES (?name ?start ?end) { ('a' '2020-01' '2021-03-04') ('b' '2019-05-06' '2022') } }"


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    path = building.write_records(folder / "records.jsonl", [building.record(number) for number in range(1, 9)])
    building.quick_build(folder, folder / "release", path, data=packaged("data"))
    return serve(folder / "release")


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium):
    with silent_page(chromium) as opened:
        yield opened


def visit(page, site, **asked):
    page.goto(f"{site.url}/sparql?{urlencode(asked)}" if asked else f"{site.url}/sparql")
    page.wait_for_selector("form[data-ready]")


def text_of(page):
    return page.eval_on_selector("#query", "area => area.value")


@needs_bundles
@pytest.mark.parametrize(
    ("view", "query"), [("chart", COUNTS), ("map", PLACES), ("graph", PAIRS), ("timeline", TIMES)]
)
def test_an_answer_is_a_picture_that_the_address_keeps(page, site, view, query):
    visit(page, site, query=query)
    page.wait_for_selector("#answer table tbody tr")
    page.get_by_role("button", name=view.capitalize(), exact=True).click()
    page.wait_for_selector("figure svg")
    assert f"view={view}" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    assert download.value.suggested_filename == f"trialgraph-{view}.svg"
    page.reload()
    page.wait_for_selector("figure svg")


@needs_bundles
def test_the_editor_completes_classes_and_properties_in_their_place(page, site):
    visit(page, site)
    page.wait_for_selector("form[data-model]")
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT * { ?t a tg:Trial ; tg:overallS")
    page.get_by_role("option").filter(has_text="tg:overallStatus").first.click()
    assert text_of(page).startswith("PREFIX tg: <https://w3id.org/trialgraph/ontology#>\n")
    assert "?t a tg:Trial ; tg:overallStatus" in text_of(page)


@needs_bundles
def test_the_keyboard_leaves_the_editor(page, site):
    visit(page, site)
    page.get_by_label("SPARQL query").last.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.code') === null")


def test_nothing_typed_is_lost(page, site):
    visit(page, site)
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("# mine", delay=5)
    page.get_by_role("button", name="Examples").click()
    page.locator(".picks button").first.click()
    assert text_of(page) != "# mine"
    page.get_by_role("button", name="History").click()
    page.locator(".picks button").filter(has_text="# mine").click()
    assert text_of(page) == "# mine"
    page.goto(f"{site.url}/limits")
    visit(page, site)
    assert text_of(page) == "# mine"


def test_each_run_has_its_place_in_the_history_of_the_browser(page, site):
    visit(page, site, query="ASK { ?s ?p ?o }")
    expect(page.locator("#answer")).to_contain_text("Yes")
    visit(page, site, query="ASK { <http://e.org/none> ?p ?o }")
    expect(page.locator("#answer")).to_contain_text("No")
    page.go_back()
    expect(page.locator("#answer")).to_contain_text("Yes")


def test_a_table_is_sorted_filtered_and_taken_away(page, site):
    visit(page, site, query="SELECT ?n ?word { VALUES (?n ?word) { (10 'ten') (9 'nine') (2 'two') } }")
    page.wait_for_selector("#answer tbody tr")
    page.get_by_role("button", name="n", exact=True).click()
    expect(page.locator("#answer tbody tr").first).to_contain_text("two")
    page.get_by_label("Filter rows").fill("ni")
    expect(page.locator("#answer tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of what is shown").click()
    assert download.value.path().read_text() == "n,word\n9,nine\n"


def test_formats_fit_the_form_of_the_query(page, site):
    visit(page, site, query="CONSTRUCT WHERE { ?s ?p ?o }")
    offered = page.eval_on_selector_all("#format option:not([disabled])", "all => all.map(each => each.value)")
    assert "turtle" in offered
    assert "csv" not in offered


def test_the_page_does_not_scroll_sideways_on_a_phone(page, site):
    page.set_viewport_size({"width": 320, "height": 700})
    visit(page, site, query=COUNTS)
    page.wait_for_selector("#answer tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_empty_answer_says_what_is_used_nowhere(page, site):
    visit(page, site, query=PREFIX + "SELECT ?t { ?t tg:phse ?p }")
    expect(page.locator(".hints")).to_contain_text("tg:phse is used nowhere in this release")


@needs_bundles
def test_a_missing_prefix_is_mended_by_the_keyboard(page, site):
    visit(page, site)
    page.wait_for_selector("form[data-model]")
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?t { ?t a tg:Trial }")
    page.locator(".cm-lint-marker-error").wait_for()
    mend = page.locator("#problems button").first
    expect(page.locator("#problems")).to_contain_text("tg: is not declared")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(mend).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#problems li")).to_have_count(0)
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    assert text_of(page).startswith("PREFIX tg: <https://w3id.org/trialgraph/ontology#>")


def test_the_page_explains_how_a_query_is_answered(page, site):
    visit(page, site, query=COUNTS)
    page.wait_for_selector("#answer tbody tr")
    page.get_by_role("button", name="Explain").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("SELECT, answered by")
    expect(panel).to_contain_text("?t tg:overallStatus/rdfs:label ?status")
    expect(panel.locator("table").last).to_contain_text("All of the last run")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_query_that_does_not_parse_is_not_explained(page, site):
    visit(page, site)
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?x WHERE")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#panel .error")).not_to_be_empty()
    expect(page.locator("#problems li.error")).to_have_count(1)


def test_an_example_that_is_chosen_runs_and_can_be_undone(page, site):
    visit(page, site)
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("# mine", delay=5)
    page.get_by_role("button", name="Examples").click()
    page.get_by_label("Search examples").fill("each phase began in each year")
    page.locator(".picks button").first.click()
    page.wait_for_selector("#answer tbody tr, #status:not(:empty)")
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+z")
    assert text_of(page) == "# mine"


@pytest.mark.parametrize("way", ["link", "reload", "closed"])
def test_a_draft_survives(chromium, site, way):
    context = chromium.new_context()
    page = context.new_page()
    visit(page, site)
    page.get_by_label("SPARQL query").last.click()
    page.keyboard.press("Control+a")
    text = "# " + "x" * 10_000
    page.keyboard.insert_text(text)
    if way == "link":
        page.get_by_role("link", name="Ontology").click()
        page.go_back()
    elif way == "reload":
        page.reload()
    else:
        page.close()
        page = context.new_page()
        visit(page, site)
    page.wait_for_selector("form[data-ready]")
    assert text_of(page) == text
    context.close()
