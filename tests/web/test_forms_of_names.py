"""Each form of a name, identifier or address finds its trials in the search, and the thing where names are asked."""

import json

import pytest
from tests import building, curated
from tests.patience import patient
from tests.web.conftest import Client

from trialgraph.query import open_engine
from trialgraph.settings import packaged
from trialgraph.vocabulary import RESOURCE
from trialgraph.web import create_app

DRUG, TARGET, HEART, CROHN = "drug/UNII:DPT0O3T46P", "target/PD-1", "disease/MONDO:0005252", "disease/MESH:D003424"
GIVEN, FAILING, BOWEL, BRAIN = {11, 12, 16}, {13, 14, 15}, {21}, {22}
"""Last digits of the numbers of trials."""
BLOCKING = GIVEN | {58, 83}
"""Those of toripalimab are curated."""
TRIAL = "NCT90000013"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    made = json.loads((curated.HERE / "questions" / "linked-records.json").read_text("utf-8"))
    for number, condition in ((90000021, "Crohn's disease"), (90000022, "Brain Tumor")):
        made.append(building.record(number, briefTitle=f"A study in {condition}", conditions=[condition]))
    curated.small_index(folder, license_="https://creativecommons.org/publicdomain/zero/1.0/")
    (folder / "data").symlink_to(packaged("data"))
    path = building.write_records(folder / "records.jsonl", made)
    building.quick_build(folder, folder / "release", path, link=True, vocabularies=folder)
    settings = patient(release=folder / "release", public_url="http://localhost")
    with open_engine(settings) as engine:
        app = create_app(settings, engine)
        yield Client(app, app.response_class)


# form, thing, trials: a slip is offered by the look-up and never matched
FORMS = [
    ("PD1", TARGET, BLOCKING), ("PDCD1", TARGET, BLOCKING), ("PD-1", TARGET, BLOCKING),
    ("HGNC:8760", TARGET, BLOCKING), ("http://identifiers.org/hgnc/8760", TARGET, BLOCKING),
    ("https://identifiers.org/hgnc:8760", TARGET, BLOCKING),
    ("Q15116", TARGET, BLOCKING), ("UniProt:Q15116", TARGET, BLOCKING), ("http://purl.uniprot.org/uniprot/Q15116", TARGET, BLOCKING),
    ("https://www.uniprot.org/uniprotkb/Q15116", TARGET, BLOCKING),
    ("https://www.uniprot.org/uniprotkb/Q15116/entry", TARGET, BLOCKING), (RESOURCE + TARGET, TARGET, BLOCKING),
    ("Keytruda", DRUG, GIVEN), ("pembrolizumab", DRUG, GIVEN), ("pembrolizumub", DRUG, GIVEN),
    ("UNII:DPT0O3T46P", DRUG, GIVEN), ("unii:dpt0o3t46p", DRUG, GIVEN), ("DPT0O3T46P", DRUG, GIVEN),
    ("https://identifiers.org/unii:DPT0O3T46P", DRUG, GIVEN), (RESOURCE + DRUG, DRUG, GIVEN),
    ("heart failure", HEART, FAILING), ("hart failure", HEART, FAILING), ("heart-failure", HEART, FAILING),
    ("pembro-lizumab", DRUG, GIVEN), ("pembro‑lizumab", DRUG, GIVEN), ("MONDO:0005252", HEART, FAILING),
    ("http://purl.obolibrary.org/obo/MONDO_0005252", HEART, FAILING), (RESOURCE + HEART, HEART, FAILING),
    ("MESH:D003424", CROHN, BOWEL), ("D003424", CROHN, BOWEL), ("http://id.nlm.nih.gov/mesh/D003424", CROHN, BOWEL),
    ("Crohn's disease", CROHN, BOWEL), ("Crohn’s disease", CROHN, BOWEL), ("crohn disease", CROHN, BOWEL),
    ("brain tumour", "condition/Brain_Tumor", BRAIN), ("brain tumors", "condition/Brain_Tumor", BRAIN),
]  # fmt: skip
NUMBERS = [
    TRIAL, TRIAL.lower(), "NCT 90000013", "nct:90000013", RESOURCE + TRIAL,
    f"https://clinicaltrials.gov/study/{TRIAL}", f"https://www.clinicaltrials.gov/study/{TRIAL}?cond=x#results",
    f"https://clinicaltrials.gov/ct2/show/{TRIAL}", f"http://clinicaltrials.gov/ct2/show/results/{TRIAL}?rank=2",
    f"clinicaltrials.gov/study/{TRIAL}", f"https://identifiers.org/clinicaltrials:{TRIAL}",
]  # fmt: skip
NOTHING = ["UNII:0000000000", "HGNC:876", "https://www.uniprot.org/uniprotkb/Q15117", "MONDO:000525"]


def looked_up(client, text):
    return [
        one["iri"].removeprefix(RESOURCE) for one in client.get("/lookup", query_string={"q": text}).json["results"]
    ]


def reconciled(client, text):
    asked = {"queries": json.dumps({"q": {"query": text}})}
    return client.get("/reconcile", query_string=asked).json["q"]["result"]


def searched(client, text):
    answer = client.get("/search", query_string={"q": text, "format": "json"})
    return {int(trial["nct"][-2:]) for trial in answer.json["trials"]} if answer.status_code == 200 else answer


@pytest.mark.parametrize(("form", "thing", "trials"), FORMS)
def test_a_form_finds_the_thing_and_its_trials(client, form, thing, trials):
    assert searched(client, form) == trials
    assert thing in looked_up(client, form)
    assert thing in [one["id"] for one in reconciled(client, form)]


@pytest.mark.parametrize("form", NUMBERS)
def test_a_form_finds_the_trial(client, form):
    assert client.get("/search", query_string={"q": form}).headers["Location"].endswith(f"/page/{TRIAL}")
    assert looked_up(client, form) == [TRIAL]
    assert [(one["id"], one["match"]) for one in reconciled(client, form)] == [(TRIAL, True)]


@pytest.mark.parametrize("form", NOTHING)
def test_an_identifier_of_nothing_here_finds_nothing(client, form):
    assert (searched(client, form), reconciled(client, form)) == (set(), [])


def test_a_list_by_an_identifier_says_what_it_was_narrowed_by(client):
    found = client.get("/search?q=UNII:DPT0O3T46P&format=json").json
    assert (found["filters"], found["total"]) == ({"drug": [DRUG]}, len(GIVEN))
    page = client.get("/search?q=UNII:DPT0O3T46P").text
    assert f'href="/page/{DRUG}"' in page
    assert "NCT90000016" in page
    leads = client.get("/search?q=UNII:DPT0O3T46P&format=sparql").headers["Location"]
    answer = client.get(leads, headers={"Accept": "application/sparql-results+json"}).json
    listed = {int(row["trial"]["value"][-2:]) for row in answer["results"]["bindings"]}
    assert listed == GIVEN
