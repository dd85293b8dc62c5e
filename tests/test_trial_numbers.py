"""Numbers of other registries: recognized by their form, spelled as the registry does, linked to it."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.linking.trial_number_links import trial_number_triples
from trialgraph.terms import iri, string
from trialgraph.trial_numbers import LONGEST, recognize, registries
from trialgraph.vocabulary import TG, shared_iri

RECORDS = Path(__file__).parents[2] / "shared" / "records" / "ctgov-v2.jsonl.gz"


@pytest.mark.parametrize("registry", registries().values(), ids=lambda registry: registry.key)
def test_the_example_of_a_registry_is_its_own(registry):
    for text in (
        registry.example,
        registry.example.lower(),
        f"{registry.key} no.: {registry.example}",
        f"({registry.example})",
    ):
        found = recognize(text)
        assert (found.registry, found.id) == (registry.key, registry.example)
        assert found.address.startswith("https://")


SPELLINGS = [
    ("2006-000284-28", "eudract", "2006-000284-28"),
    ("EudraCT-No.:2006-000284-28", "eudract", "2006-000284-28"),
    ("EUCTR2006-000284-28-DE", "eudract", "2006-000284-28"),
    ("EUCTR2006-000284-28-Outside-EU/EEA", "eudract", "2006-000284-28"),
    ("EU CT Number: 2022-501234-12-00", "ctis", "2022-501234-12-00"),
    ("2022-501234-12", "ctis", "2022-501234-12"),
    ("ISRCTN: ISRCTN10175490", "isrctn", "ISRCTN10175490"),
    ("ChiCTR-TRC-08000123", "chictr", "ChiCTR-TRC-08000123"),
    ("CHICTR2300070727", "chictr", "ChiCTR2300070727"),
    ("JRCTS041220087", "jrct", "jRCTs041220087"),
    ("JRCT2080220087", "jrct", "jRCT2080220087"),
    ("RBR6QVDFTM", "rebec", "RBR-6qvdftm"),
    ("JapicCTI142639", "japic", "JapicCTI-142639"),
    ("CTRI/2010/091/000123", "ctri", "CTRI/2010/091/000123"),
    ("IRCT138811193306N1", "irct", "IRCT138811193306N1"),
]


@pytest.mark.parametrize(("text", "registry", "number"), SPELLINGS)
def test_a_number_is_spelled_as_its_registry_does(text, registry, number):
    found = recognize(text)
    assert (found.registry, found.id) == (registry, number)


NO_NUMBERS = [
    "", "MSKCC-00005", "NCT123", "2006-000284", "12006-000284-28", "2006-000284-281", "2006-000284-28-1", "NL65432.058.18",
    "R01AG027518-01", "ISRCTN1234567", "ISRCTN123456789", "XISRCTN12345678", "drug/NTR1234", "CTRI/2010/091",
    "2006-000284-28; 2007-000284-28", "NTR", "KCT00083945", "2006-900284-28", "a" * 10**6,
]  # fmt: skip


@pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: text[:30])
def test_what_only_looks_alike_is_none(text):
    assert recognize(text) is None


@given(st.text(max_size=LONGEST + 5))
def test_what_is_recognized_is_recognized_again(text):
    found = recognize(text)
    assert found is None or recognize(found.id) == found


def test_a_secondary_identifier_leads_to_its_registry():
    node = iri("https://w3id.org/trialgraph/id/NCT06095583/secondary-id/1")
    said = [(node, iri(TG.secondaryId), string("UMIN000049383")), (node, iri(TG.orgStudyId), string("UMIN000049384"))]
    told = list(trial_number_triples(said))
    found = {predicate: object_ for subject, predicate, object_ in told if subject == node}
    assert found[iri(TG.numberedBy)] == iri(shared_iri("registry", "umin"))
    assert found[iri(TG.registryNumber)] == string("UMIN000049383")
    assert len(found) == 3
    assert {subject for subject, _, _ in told} == {node, found[iri(TG.numberedBy)]}


@pytest.mark.skipif(not RECORDS.is_file(), reason="the records to measure with are not here")
def test_in_real_records_what_is_called_a_number_is_one():
    typed = Counter()
    with gzip.open(RECORDS, "rt") as records:
        for record in map(json.loads, records):
            for identifier in record["protocolSection"]["identificationModule"].get("secondaryIdInfos", ()):
                if identifier.get("type") in {"EUDRACT_NUMBER", "CTIS"}:
                    found = recognize(identifier["id"])
                    typed[found.registry if found else identifier["id"]] += 1
    assert typed["eudract"] + typed["ctis"] >= 0.99 * typed.total(), typed
