"""Records of our own making stand for the real ones where these are absent: the same fields, the same oddities."""

import json
import re

import pytest
from tests.building import quick_build
from tests.made_records import PATH, made_records
from tests.test_mapping import FIELDS, ONTOLOGY, PLAN, exact, through_store

from trialgraph.pipeline import record_export
from trialgraph.settings import packaged
from trialgraph.store import open_release
from trialgraph.validation import compile_shapes, read_shapes

RECORDS = made_records()
TEXT = PATH.read_text(encoding="utf-8")
STATUS = "statusModule"

# What is odd in real records, as a pattern of the JSON text of one of ours.
ODD_TEXTS = {
    "a paragraph break": r"\\n\\n",
    "a bulleted list": r"\\n\* ",
    "a numbered list": r"\\n1\. ",
    "a nested list": r"\\n   \* ",
    "CommonMark escapes": r"\\\\[>\[\]~*^<&_]",
    "a backslash that escapes nothing": r"a\\\\b",
    "an HTML entity": "&amp;",
    "an HTML tag": "<b>",
    "a quotation mark": r'\\"',
    "two spaces": r",  two",
    "an address": "https://",
    "text like the end of a line of N-Quads": re.escape('< 2020\\" <https://w3id.org/trialgraph/graph/seed> .'),
    "a very long text": r"(?:long\. ){2500}",
    "signs of comparison": "≥.*≤",
    "superscripts and subscripts": "⁹.*₂",
    "fractions and circled numbers": "½.*①",
    "Roman numerals of their own": "Ⅲ",
    "full-width brackets": "（x）",
    "Chinese": "研究",
    "a combining mark": "x\u0302|1\u0307",
    "curly quotes": "‘single’",
    "beyond the basic plane": "𝛼.*🧪",
    "a dotted capital I": "İ",
    "a month": r'"date":"\d{4}-\d\d"',
    "a minute": r'T\d\d:\d\d"',
    "NA as a number": '"value":"NA"',
    "a comma in a number": '"1,204.50"',
    "an exponent": '"1e3"',
    "a negative number": r'"-3\.0"',
    "more digits than a float holds": r'"12\.345678901234567"',
    "a p-value with a sign": '"pValue":"<0',
    "a coordinate without decimals": r'"lat":51\.0,"lon":0\.0',
    "a coordinate in the south": '"lat":-',
    "two phases": r'"phases":\["PHASE1","PHASE2"\]',
    "no phase by name": r'"phases":\["NA"\]',
    "nobody enrolled": '"count":0',
    "an alias": r'"nctIdAliases":\["NCT',
    "a descriptor with zeros too many": '"D000007172"',
    "countries that were removed": '"removedCountries"',
    "months as an age": '"6 Months"',
    "expanded access": '"EXPANDED_ACCESS"',
    "a withdrawn trial": '"WITHDRAWN"',
    "an unknown status": '"overallStatus":"UNKNOWN"',
    "a value that nobody declared": "SUSPENDED_FOR_TEST",
    "a key that nobody declared": "modelPredictions",
}


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path


def test_they_use_every_field():
    assert len(RECORDS) >= 40
    used = {path for record in RECORDS for path in leaves(record)}
    assert set(FIELDS) <= used


@pytest.mark.parametrize("oddity", ODD_TEXTS)
def test_they_hold_every_oddity(oddity):
    assert re.search(ODD_TEXTS[oddity], TEXT)


def test_they_hold_every_odd_shape():
    sections = [record["protocolSection"] for record in RECORDS]
    assert max(len(s.get("contactsLocationsModule", {}).get("locations", ())) for s in sections) >= 60
    assert any("armsInterventionsModule" not in s for s in sections)
    arms = [[a["label"] for a in s.get("armsInterventionsModule", {}).get("armGroups", ())] for s in sections]
    assert any(len({label.lower() for label in labels}) < len(labels) for labels in arms)
    assert any("type" not in s[STATUS]["startDateStruct"] for s in sections if "startDateStruct" in s[STATUS])
    assert {record["hasResults"] for record in RECORDS} == {True, False}
    assert len({record["protocolSection"]["identificationModule"]["nctId"] for record in RECORDS}) == len(RECORDS)


@pytest.mark.parametrize("number", range(len(RECORDS)))
def test_they_come_back_exactly(number):
    record = RECORDS[number]
    triples = PLAN.to_triples(record)
    assert len(set(triples)) == len(triples)
    assert exact(PLAN.to_record(reversed(triples))) == exact(record)
    if number % 8 == 0:
        assert exact(PLAN.to_record(through_store(triples))) == exact(record)


def test_none_is_in_violation():
    files = [*sorted(packaged("shapes").glob("registry*.ttl")), *sorted(packaged("shapes").glob("registry/*.ttl"))]
    checker = compile_shapes(read_shapes(*files), background=ONTOLOGY)
    found = [result for record in RECORDS for result in checker.check(PLAN.to_triples(record))]
    assert found
    assert not [result for result in found if result.severity.endswith("#Violation>")]


def test_a_release_gives_them_back(tmp_path):
    report = quick_build(tmp_path, tmp_path / "root", PATH, validate=True)
    assert (report.records, report.rejected) == (len(RECORDS), 0)
    back = [json.loads(line) for line in record_export.records(open_release(tmp_path / "root"))]
    assert list(map(exact, back)) == list(map(exact, RECORDS))
