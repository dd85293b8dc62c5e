"""Nothing that a request says comes back as markup or script, on any page."""

from html.parser import HTMLParser
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.live

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></title></script><svg onload=alert(1)>",
    "javascript:alert(1)",
)
PLACES = (
    "/sparql?query={}",
    "/sparql?query={}&format=html",
    "/sparql?format={}&query=ASK%7B%7D",
    "/sparql?query=SELECT%20(%22{}%22%20AS%20%3Fx)%20%7B%7D&format=html",
    "/sparql?query=ASK%7B%7D&timeout={}",
    "/search?q={}",
    "/search?q=x&kind={}&page={}",
    "/lookup?q={}",
    "/examples?search={}",
    "/api/examples/{}",
    "/ontology?q={}",
    "/ontology#{}",
    "/id/{}",
    "/page/{}",
    "/page/NCT90000066/{}",
    "/data/{}",
    "/data/NCT90000066?format={}",
    "/data/NCT90000066?_profile={}",
    "/profile/{}",
    "/linkset/{}",
    "/graph/{}",
    "/downloads/{}/",
    "/downloads/latest/{}",
    "/static/{}",
    "/sitemap/{}.xml",
    "/reconcile/preview?id={}",
    "/reconcile/view?id={}",
    "/reconcile?callback={}",
    "/reconcile/suggest/entity?prefix={}",
    "/.well-known/{}",
    "/{}",
)


class Scripts(HTMLParser):
    """What could run on a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            is_address = name in {"href", "src", "action", "formaction"}
            if name.startswith("on") or (is_address and (value or "").strip().lower().startswith("javascript:")):
                self.found.append((tag, name, value))
            if tag == "img" and name == "src" and value == "x":
                self.found.append((tag, name, value))
        if tag in {"svg", "iframe", "object"} and dict(attributes).keys() & {"onload"}:
            self.found.append((tag, "", ""))
        if tag == "script" and "src" not in dict(attributes) and "json" not in (dict(attributes).get("type") or ""):
            self.found.append((tag, "inline", ""))


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_reflected_as_markup(site, place, evil):
    filled = place.replace("{}", quote(evil, safe=""))
    response = site.get(filled, headers={"Accept": "text/html", "Referer": evil, "User-Agent": evil})
    assert response.status_code < 500
    headers = str(response.headers)
    assert "<script>" not in headers
    assert "onerror=alert" not in headers
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert not Scripts(response.text).found
    elif "json" in response.headers.get("Content-Type", ""):
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "value",
    [
        'x" } SELECT * { ?s ?p ?o } #',
        "x> <x:p> ?o . ?a ?b <x",
        "x } UNION { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } #",
        '\\" . ?s ?p ?o #',
        "\n}\nLIMIT 1 #",
        "1e9999",
        "' OR 1=1 --",
        "",
        "x" * 20_000,
    ],
)
def test_a_parameter_of_an_example_stays_a_value(site, value):
    examples = [one for one in site.get("/api/examples").json() if one["parameters"]]
    assert examples
    for example in examples:
        for name in example["parameters"]:
            response = site.get(f"/api/examples/{example['name']}", params={name: value, "format": "json"})
            assert response.status_code in {200, 400, 406}, (example["name"], name, response.text)
            if response.status_code == 200 and "results" in response.json():
                assert len(response.json()["results"]["bindings"]) < 3, (example["name"], name)
