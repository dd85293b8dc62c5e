"""Pages: what a person reads, and that nothing a record says can do anything there."""

import json
import re

import pytest
import rdflib

from trialgraph.terms import iri
from trialgraph.vocabulary import Graph
from trialgraph.web.context.example_queries import Example
from trialgraph.web.context.ontology_terms import ontology_of
from trialgraph.web.context.release_view import reading
from trialgraph.web.vocabulary import ontology_diagram

TRIALS = ("NCT06095583", "NCT06732258")
HOSTILE = "/page/NCT90000066"
PAGES = ("/", "/search", "/search?q=lung", "/ontology", "/downloads/", "/examples", "/status", "/use-it-from")


@pytest.mark.parametrize("path", [*PAGES, *(f"/page/{trial}" for trial in TRIALS), "/page/drug/tifcemalimab"])
def test_every_link_of_a_page_leads_somewhere(client, parse, path):
    page = parse(client.get(path).text)
    assert [tag for tag, _ in page.elements].count("h1") == 1
    local = {href.partition("#")[0] for href in page.all("a", "href") if href.startswith("/")} - {""}
    checked = sorted(local)[:: max(1, len(local) // 40)]
    statuses = {href: client.get(href, headers={"Accept": "text/html"}).status_code for href in checked}
    assert {href: status for href, status in statuses.items() if status not in (200, 302, 303)} == {}


@pytest.mark.parametrize("path", [*PAGES, *(f"/page/{trial}" for trial in TRIALS), HOSTILE])
def test_pages_load_nothing_from_elsewhere(client, parse, path):
    page = parse(client.get(path).text)
    loaded = [
        a.get("src") or a.get("href", "")
        for tag, a in page.elements
        if tag in ("script", "img", "link", "iframe") and a.get("rel") != "alternate"  # which is followed, not loaded
    ]
    rest = [address for address in loaded if address and not address.startswith("/")]
    assert rest == []
    assert not any("style" in attributes for _, attributes in page.elements), "the content security policy forbids it"


def test_anchors_within_a_page_exist(client, parse):
    for path in ("/ontology", "/use-it-from", "/page/NCT06095583"):
        page = parse(client.get(path).text)
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        assert {href[1:] for href in page.all("a", "href") if re.fullmatch("#.+", href)} <= set(ids), path


COUNTED = {
    "trials": "?x a tg:Trial",
    "drugs given": "?t tg:intervention/tg:drug ?x",
    "kinds of endpoint measured": "?t tg:outcome/tg:endpoint ?x",
    "sponsors": "?t a tg:Trial ; tg:sponsor ?x",
}


@pytest.mark.parametrize("title", COUNTED)
def test_the_start_page_counts_what_trials_have(client, title):
    """What a vocabulary lists and no trial has is not counted."""
    query = (
        f"PREFIX tg: <https://w3id.org/trialgraph/ontology#> SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {COUNTED[title]} }}"
    )
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "application/json"}).json
    number = answer["results"]["bindings"][0]["n"]["value"]
    assert f"<b>{int(number):,}</b> {title}" in client.get("/").text


def test_the_page_of_a_trial_tells_its_doses(client):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/page/NCT06732258").text))
    for said in (
        "75 mg/m²", "or carboplatin", "AUC = 5", "1, 2, 3", "4 to 6", "disease progression",
        "15 Gy", "in 5 fractions of",
        "tifcemalimab 100 mg", "3 + 3", "first 21 days after the first dose", "number of participants with DLTs",
    ):  # fmt: skip
        assert said in text, said


def test_a_dose_read_from_a_text_shows_its_words_to_mouse_and_keyboard(client, parse):
    page = parse(client.get("/page/NCT00000031").text)
    cells = [attributes for name, attributes in page.elements if name == "td" and "data-words" in attributes]
    words = "“Pembrolizumab 200 mg IV every 3 weeks” (armGroups[0].description)"
    assert len([cell for cell in cells if cell["data-words"] == words]) == 3
    assert all(cell["tabindex"] == "0" and cell["aria-description"].endswith(cell["data-words"]) for cell in cells)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/page/NCT00000033").text))
    for said in ("loading", "40 Gy", "in 15 fractions", "read by rule from the text"):
        assert said in text, said


def test_the_status_tells_how_texts_were_read(client):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/status").text))
    for said in ("hold a number with a unit", "gave a dose", "How far reading agrees with people", "dose found"):
        assert said in text, said


def test_the_page_of_a_trial_names_its_sources(client, parse):
    page = parse(client.get("/page/NCT06095583").text)
    cited = [href for href in page.all("a", "href") if "/citation/" in href]
    assert "/page/document/clinicaltrials.eu/tifcemalimab/citation/1" in cited


def test_what_links_to_a_thing_is_counted_and_paged(client):
    page = client.get("/page/drug/tifcemalimab").text
    assert "What links here" in page
    listed = client.get(
        "/page/drug/tifcemalimab", query_string={"by": "https://w3id.org/trialgraph/ontology#drug", "page": 1}
    )
    assert "tifcemalimab 200 mg IV every 3 weeks" in listed.text
    for odd, status in (
        ({"by": "nonsense", "page": -1}, 400),
        ({"by": "x:> ?p ?o } #", "page": 1}, 200),
        ({"by": "urn:none", "page": 10**9}, 400),
    ):
        assert client.get("/page/drug/tifcemalimab", query_string=odd).status_code == status


# ---- untrusted text ----


@pytest.mark.parametrize(
    "path",
    [
        HOSTILE,
        HOSTILE + "/arm/1",
        HOSTILE + "/intervention/1",
        HOSTILE + "/outcome/primary/1",
        "/page/condition/%3C%2Fscript%3E%3Cscript%3Ealert(5)%3C%2Fscript%3E",
        "/page/organization/%22%3E%3Csvg_onload%3Dalert(4)%3E",
        "/search?q=script",
        "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/examples?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/page/%3Cscript%3Ealert(1)%3C/script%3E",
        "/reconcile/preview?id=NCT90000066",
    ],
)
def test_nothing_a_record_or_a_client_says_can_run(client, parse, path):
    answer = client.get(path)
    page = parse(answer.text)
    assert answer.mimetype == "text/html"
    kinds = [attributes.get("type", "") for tag, attributes in page.elements if tag == "script"]
    assert set(kinds) <= {"application/ld+json"}
    for said in page.scripts:
        json.loads(said)
    attributes = [(name, value or "") for _, own in page.elements for name, value in own.items()]
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert not [
        value for name, value in attributes if name in ("href", "src", "action") and "javascript:" in value.lower()
    ]
    assert {"iframe", "img", "u", "i"} & {tag for tag, _ in page.elements} == set()
    drawings = [attributes.get("class", "") for tag, attributes in page.elements if tag == "svg"]
    assert {name.split()[0] for name in drawings} <= {"strip", "axis"}, "a drawing that is none of ours"


def test_text_is_shown_as_it_stands(client):
    page = client.get(HOSTILE).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Trial &amp; &#34;quotes&#34; &lt;/title&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "BMI &lt; 30" in page
    assert '<a href="https://example.org/a" rel="nofollow noopener ugc">safe</a>' in page


# ---- schema.org ----


def embedded(parse, answer):
    (said,) = parse(answer.text).scripts
    return json.loads(said)


def test_a_trial_is_a_medical_trial(client, parse):
    said = embedded(parse, client.get("/page/NCT06095583"))
    assert (said["@context"], said["@type"]) == ("https://schema.org", "MedicalTrial")
    assert said["identifier"] == "NCT06095583"
    assert said["status"] == "https://schema.org/Recruiting"
    designs = {"RandomizedTrial", "DoubleBlindedTrial", "PlaceboControlledTrial", "InternationalTrial"}
    assert {design.rsplit("/", 1)[-1] for design in said["trialDesign"]} == designs
    assert said["healthCondition"][0]["name"] == "LS-SCLC"


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser still uses it
def test_the_embedded_data_are_rdf(client, parse):
    said = embedded(parse, client.get("/page/NCT06732258"))
    said["@context"] = {"@vocab": "https://schema.org/"}
    read = rdflib.Graph().parse(data=json.dumps(said), format="json-ld")
    trial = rdflib.URIRef("https://w3id.org/trialgraph/id/NCT06732258")
    assert (trial, rdflib.RDF.type, rdflib.URIRef("https://schema.org/MedicalTrial")) in read


@pytest.mark.parametrize("path", ["/", "/downloads/"])
def test_the_dataset_is_described_as_bioschemas_asks(client, parse, path):
    said = embedded(parse, client.get(path))
    assert said["@type"] == "Dataset"
    required = {"description", "identifier", "keywords", "license", "name", "url"}
    recommended = {
        "alternateName", "creator", "datePublished", "distribution", "includedInDataCatalog", "isBasedOn",
        "measurementTechnique", "variableMeasured", "version",
    }  # fmt: skip
    assert not [name for name in required | recommended if not said.get(name)]
    for file in said["distribution"]:
        assert client.head(file["contentUrl"].removeprefix("http://localhost")).status_code == 200


# ---- the ontology ----


def test_every_term_of_the_ontology_has_its_place_on_the_page(app, client, parse):
    ids = {attributes.get("id") for _, attributes in parse(client.get("/ontology").text).elements}
    with app.test_request_context():
        words = ontology_of(reading().asking.graph(Graph.ONTOLOGY))
    terms = {known.name for known in (*words.classes.values(), *words.properties.values())}
    assert terms - ids == set()
    assert {f"scheme-{scheme.name}" for scheme in words.schemes.values()} - ids == set()


def test_the_map_is_of_the_ontology(app):
    with app.test_request_context():
        words = reading().words
    names = {known.name: known for known in words.properties.values()}
    ours = "https://w3id.org/trialgraph/ontology#"
    assert {box.name for box in ontology_diagram.boxes()} <= {known.name for known in words.classes.values()}
    for source, name, target in ontology_diagram.EDGES:
        assert iri(ours + source) in names[name].domains, (source, name)
        assert iri(ours + target) in names[name].ranges, (name, target)


def test_the_ontology_is_data_too(client):
    for extension in ("ttl", "nt", "nq", "trig", "rdf", "jsonld"):
        assert client.get(f"/ontology.{extension}").status_code == 200
    asked = client.get("/ontology", headers={"Accept": "text/turtle"})
    assert asked.data == client.get("/ontology.ttl").data
    assert asked.headers["Content-Location"] == "/ontology.ttl"


# ---- search ----


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tifcem", "drug/tifcemalimab"),
        ("js004", "drug/tifcemalimab"),
        ("small cell lung", "condition/SCLC"),
        ("pd-1", "target/PD-1"),
        ("alphamab", "NCT90000001"),
        ("NCT0673", "NCT06732258"),
        ("programmed death prot", "target/PD-1"),
    ],
)
def test_search_finds(client, parse, text, path):
    answer = client.get("/search", query_string={"q": text})
    found = [answer.headers["Location"]] if answer.status_code == 303 else parse(answer.text).all("a", "href")
    assert f"/page/{path}" in found


def test_what_is_named_exactly_so_comes_first(client, parse):
    found = parse(client.get("/search?q=lung+cancer").text).all("a", "href")
    conditions = [href for href in found if href.startswith("/page/condition/")]
    assert conditions[0] == "/page/condition/lung_cancer"
    assert len(conditions) > 1


def test_the_number_of_a_trial_leads_to_it(client):
    assert client.get("/search?q=nct06732258").headers["Location"] == "/page/NCT06732258"
    assert client.get("/?q=lung").headers["Location"] == "/search?q=lung"


@pytest.mark.parametrize(
    "text", ['"', "*", "a OR b", "NEAR(", "' --", "\x00", "²", "e\u0301", "\U0001e030", "x" * 5000]
)
def test_search_takes_any_text(client, text):
    assert client.get("/search", query_string={"q": text}).status_code in (200, 303)


def test_a_parameter_stands_only_where_it_is_declared():
    example = Example("X", "", "", 'SELECT * { VALUES ?x { "a" } ?s ?p ?x }', "select")
    assert example.parameters == ()
