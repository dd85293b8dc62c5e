"""Every type of page against every demand on a page: accessible, whole at 320 pixels, on paper and without script."""

import gzip
import json

import pytest
from tests import building, curated
from tests.conftest import RECORDS, SAMPLE
from tests.live.browser import browser, needs_browser

from trialgraph.settings import packaged

axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.live, needs_browser]

PAGES = [
    "/", "/search", "/search?q=lung", "/search?q=pembrolizumb", "/search?q=zzzzzz", "/search?view=years", "/search?kind=Drug&q=a",
    "/page/NCT06095583", "/page/NCT06732258", "/page/NCT00000006", "/page/NCT00000007", "/results/NCT00000006",
    "/history/NCT00000007", "/changes", "/compare?trial=NCT06095583&trial=NCT06732258", "/compare", "/embed/NCT06095583",
    "/page/drug/tifcemalimab", "/page/target/BTLA", "/page/condition/SCLC", "/page/organization/A_sponsor", "/page/endpoint/OS",
    "/page/NCT00000007/site/1", "/page/NCT06095583/arm/1", "/page/NCT00000006/result/serious-event/1", "/ask", "/ask?phase=PHASE3",
    "/ask?drug=tifcemalimab", "/search?q=tifcemalimab+walrus",
    "/page/NCT06095583/outcome/os", "/downloads/latest/", "/search?page=x",
    "/links", "/ontology", "/ontology/terms", "/ontology/terms?q=dose", "/ontology/dose", "/ontology/Trial", "/graph/seed",
    "/page/scheme/phase", "/page/scheme/phase/PHASE3", "/sparql", "/examples", "/downloads/", "/status", "/limits", "/use-it-from",
    "/nothing-of-the-kind", "/page/NCT99999999", "/r/2020-01-01/NCT06095583",
]  # fmt: skip
WITHOUT = {"/search?page=x", "/nothing-of-the-kind", "/page/NCT99999999", "/r/2020-01-01/NCT06095583"}
"""Pages of status 404, of which a browser itself complains."""
SIDEWAYS = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
FOLDED = """() => [...document.querySelectorAll("main details")].filter(each => {
    const said = [...each.children].filter(child => child.tagName !== "SUMMARY" && child.textContent.trim());
    return each.getClientRects().length && said.length && !said.some(child => child.getClientRects().length && child.getBoundingClientRect().height > 0);
  }).map(each => each.textContent.trim().slice(0, 80))"""
HALF = """() => [...document.querySelectorAll("main svg:not(#map *)")].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && box.right > document.documentElement.clientWidth + 1;
  }).map(each => "a drawing of which one sees a part: " + each.getAttribute("aria-label"))"""
CUT = """() => [...document.querySelectorAll("main :is(h1, h2, h3, p, li, th, td, dd, pre, a)")].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && box.right > document.documentElement.clientWidth + 1;
  }).map(each => each.textContent.trim().slice(0, 80))"""
SCRIPTED = """() => [
    ...[...document.forms].filter(form => !form.getAttribute("action") || !form.querySelector("[type=submit], button:not([type])"))
      .map(form => "a form that only a script sends: " + form.textContent.trim().slice(0, 60)),
    ...[...document.querySelectorAll("button")].filter(each => !each.form && each.getClientRects().length)
      .map(each => "a button that only a script hears: " + each.textContent.trim()),
    ...[...document.querySelectorAll("main a[href='#'], main a:not([href])")].filter(each => each.getClientRects().length).map(each => "a link to nowhere: " + each.textContent),
  ]"""


def fits_320_pixels(page):
    page.set_viewport_size({"width": 320, "height": 800})
    past = page.evaluate(SIDEWAYS)
    return [*([f"{past} pixels past the edge"] if past else []), *page.evaluate(HALF)]


def is_accessible(page):
    page.set_viewport_size({"width": 1200, "height": 900})
    found = axe.Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:140] for node in each["nodes"][:3]]) for each in found]


def has_contrast_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    found = axe.Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    page.emulate_media(color_scheme="light")
    return [node["html"][:140] for each in found for node in each["nodes"][:3]]


def prints_whole(page):
    page.set_viewport_size({"width": 720, "height": 1000})
    page.emulate_media(media="print")
    faults = [f"folded away: {text}" for text in page.evaluate(FOLDED)]
    faults += [f"cut at the edge: {text}" for text in page.evaluate(CUT)]
    faults += ["the menu is printed"] if page.locator(".site-header").is_visible() else []
    page.emulate_media(media="screen")
    return faults[:5]


CHECKS = (fits_320_pixels, is_accessible, has_contrast_in_the_dark, prints_whole)
"""What is asked of a page with its scripts, in this order, on one visit."""


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    results = json.loads((curated.HERE / "cases" / "mapping" / "flow-and-events" / "record.json").read_text())
    places = building.record(7, briefTitle="A trial with sites")
    places["protocolSection"]["contactsLocationsModule"] = {
        "locations": [{"facility": f"Site {number}", "city": "Bergen", "country": "Norway"} for number in range(40)]
    }
    places["protocolSection"]["sponsorCollaboratorsModule"] = {"leadSponsor": {"name": "A sponsor", "class": "OTHER"}}
    path = building.write_records(folder / "records.jsonl", [results, places])
    building.quick_build(folder, folder / "release", path, data=packaged("data"))
    return serve(folder / "release").url


@pytest.fixture(scope="module")
def real_site(serve, real_root):
    return serve(real_root).url


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(chromium):
    with chromium.new_context() as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def plain_page(chromium):
    """A page in a browser whose scripts are off."""
    with chromium.new_context(java_script_enabled=False, viewport={"width": 1200, "height": 900}) as context:
        yield context.new_page()


def faults(page, address, *, is_there=True):
    """Return what is wrong with a page, by the check that says so."""
    said = []

    def hear(message):
        if message.type == "error":
            said.append(message.text)

    page.on("console", hear)
    page.goto(address)
    found = {check.__name__: check(page) for check in CHECKS}
    page.remove_listener("console", hear)
    return {name: wrong for name, wrong in (found | {"console": said if is_there else []}).items() if wrong}


def faults_without_script(page, address):
    page.goto(address)
    found = page.evaluate(SCRIPTED)
    return found if page.locator("main, body.preview").first.inner_text().strip() else [*found, "nothing is said"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_meets_every_demand(page, site, path):
    assert not faults(page, site + path, is_there=path not in WITHOUT)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_usable_without_script(plain_page, site, path):
    assert not faults_without_script(plain_page, site + path)


def measure(*path):
    def size(record):
        for name in path:
            record = record.get(name, {})
        return len(json.dumps(record))

    return size


EXTREMES = {
    "the largest": measure(),
    "the most sites": measure("protocolSection", "contactsLocationsModule"),
    "the longest arms": measure("protocolSection", "armsInterventionsModule"),
    "the longest conditions": measure("protocolSection", "conditionsModule"),
    "the longest criteria": measure("protocolSection", "eligibilityModule"),
    "the most outcomes": measure("protocolSection", "outcomesModule"),
    "the most references": measure("protocolSection", "referencesModule"),
    "the most results": measure("resultsSection"),
}
"""Records that a page has most to do with, by what is large in them."""


@pytest.fixture(scope="module")
def extremes():
    if not RECORDS.is_file():
        pytest.skip("the real records are not beside the checkout")
    with gzip.open(RECORDS, "rb") as lines:
        records = [json.loads(line) for at, line in enumerate(lines) if at % SAMPLE == 0]
    chosen = {name: max(records, key=size) for name, size in EXTREMES.items()}
    return {name: each["protocolSection"]["identificationModule"]["nctId"] for name, each in chosen.items()}


@pytest.mark.parametrize("which", EXTREMES)
def test_the_page_of_a_real_trial_meets_every_demand(page, real_site, extremes, which):
    assert not faults(page, f"{real_site}/page/{extremes[which]}")


REAL = [
    "/search",
    "/search?q=cancer",
    "/search?view=years",
    "/page/disease/MONDO:0005252",
    "/page/country/US",
    "/ontology",
    "/links",
]


@pytest.mark.parametrize("path", REAL)
def test_a_page_over_real_records_meets_every_demand(page, real_site, path):
    assert not faults(page, real_site + path)


def test_the_results_of_a_real_trial_meet_every_demand(page, real_site, extremes):
    assert not faults(page, f"{real_site}/results/{extremes['the most results']}")
