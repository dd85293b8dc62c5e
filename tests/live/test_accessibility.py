"""Every type of page as people meet it: nothing that axe finds, no sideways scroll at 320 pixels, a silent console."""

import json

import pytest
from tests import building, curated
from tests.live.browser import browser, needs_browser, silent_page

from trialgraph.settings import packaged

axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.live, needs_browser]

PAGES = [
    "/", "/search", "/search?q=lung", "/search?q=pembrolizumb", "/search?q=zzzzzz", "/page/NCT06095583",
    "/page/NCT06732258", "/page/NCT00000006", "/page/NCT00000007", "/results/NCT00000006", "/history/NCT00000007",
    "/changes", "/compare?trial=NCT06095583&trial=NCT06732258", "/compare", "/embed/NCT06095583",
    "/page/drug/tifcemalimab", "/page/target/BTLA", "/page/condition/SCLC", "/page/organization/A_sponsor",
    "/page/NCT00000007/site/1", "/page/NCT06095583/arm/1", "/page/NCT00000006/result/serious-event/1",
    "/search?view=years", "/ask", "/links", "/ontology/terms", "/ontology/terms?q=dose", "/ontology/dose", "/ontology/Trial",
    "/r/2020-01-01/NCT06095583", "/page/endpoint/OS",
    "/page/scheme/phase", "/page/scheme/phase/PHASE3", "/sparql", "/examples", "/ontology", "/downloads/", "/status",
    "/limits", "/use-it-from", "/nothing-of-the-kind", "/page/NCT99999999",
]  # fmt: skip


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
    return serve(folder / "release")


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


def missing(path):
    return path in {"/nothing-of-the-kind", "/page/NCT99999999", "/r/2020-01-01/NCT06095583"}


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(chromium, site, path):
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(site.url + path)
    found = axe.Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += axe.Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    told = {each["id"]: [node["html"][:140] for node in each["nodes"][:3]] for each in found}
    context.close()
    assert not told


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_or_complains(chromium, site, path):
    if missing(path):  # the browser itself complains of a 404
        page = chromium.new_context(viewport={"width": 320, "height": 700}).new_page()
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.context.close()
        return
    with silent_page(chromium, 320) as page:
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
