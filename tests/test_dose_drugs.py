"""A dose is of the drug that its agent is called, not of whatever its intervention is linked to."""

import pytest

from trialgraph.interpretation.interpretation_triples import interpretation_triples
from trialgraph.linking.record_links import RecordLinker
from trialgraph.pipeline.dose_drugs import with_dose_drugs
from trialgraph.terms import iri
from trialgraph.vocabulary import TG

VERSION = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"


def drugs(name: str, description: str, kind: str = "DRUG") -> dict[str, set[str]]:
    """Return the labels of the drugs of each dose, by its agent."""
    arm = {"label": "Arm", "interventionNames": [f"Drug: {name}"]}
    given = {"type": kind, "name": name, "description": description, "armGroupLabels": ["Arm"]}
    document = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001"},
            "armsInterventionsModule": {"armGroups": [arm], "interventions": [given]},
        }
    }
    linker = RecordLinker(None)
    linked: dict[str, list[str]] = {}
    for intervention, drug in linker.drugs(document):
        linked.setdefault(intervention, []).append(drug)
    read = list(with_dose_drugs(list(interpretation_triples(document, VERSION, linked)), document, linker))
    agents = {s: o.strip('"').lower() for s, p, o in read if p == iri(TG.agentName)}
    labels = {s: o.strip('"').lower() for s, p, o in linker_labels(read, document, linker)}
    found: dict[str, set[str]] = {agent: set() for agent in agents.values()}
    for subject, predicate, value in read:
        if predicate == iri(TG.drug) and subject in agents:
            found[agents[subject]].add(
                labels.get(value) or value.strip("<>").rpartition("/")[2]
            )  # the curated have their name there
    return found


def linker_labels(read, document, linker):
    """Return the triples that label drugs: of what was read, and of the record's links."""
    both = [*read, *(triple for _, triple in linker.triples(document))]
    return [triple for triple in both if triple[1].endswith("label>")]


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("Pembrolizumab", "Pembrolizumab 200 mg every 3 weeks", {"pembrolizumab": {"pembrolizumab"}}),
        # One that no vocabulary knows, beside one that is linked.
        ("QX-917 + Pembrolizumab", "QX-917 40 mg once daily", {"qx-917": set()}),
        ("QX-917 + Pembrolizumab", "Pembrolizumab 200 mg every 3 weeks", {"pembrolizumab": {"pembrolizumab"}}),
        # Another name of what the intervention alone is.
        ("Pembrolizumab", "Keytruda 200 mg every 3 weeks", {"keytruda": {"pembrolizumab"}}),
        # Each of several, and one that only the text names.
        (
            "Carboplatin and paclitaxel",
            "Carboplatin 400 mg on day 1; paclitaxel 80 mg/m2 on day 1",
            {"carboplatin": {"carboplatin"}, "paclitaxel": {"paclitaxel"}},
        ),
        ("Sildenafil", "Sildenafil 20 mg or tadalafil 40 mg once daily", {"sildenafil": {"sildenafil"}, "tadalafil": {"tadalafil"}}),
        ("Standard chemotherapy", "Docetaxel 75 mg/m2 every 3 weeks", {"docetaxel": {"docetaxel"}}),
        ("Placebo for sildenafil", "Placebo 20 mg once daily", {"placebo": set()}),
    ],
)  # fmt: skip
def test_a_dose_is_of_what_its_agent_is(name, description, expected):
    assert drugs(name, description) == expected


def test_what_a_dose_is_of_is_described():
    assert drugs("Supportive care", "Ondansetron 8 mg twice daily") == {"ondansetron": {"ondansetron"}}
