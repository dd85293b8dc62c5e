"""Numbers, dates, ages and MeSH identifiers as records write them, and the typed values beside them."""

import copy
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.made_records import made_records

from trialgraph import formats, terms
from trialgraph.mapping import Plan
from trialgraph.mapping.typed_values import age_in_days, age_in_years, days_of, mesh_descriptor, number_written
from trialgraph.settings import packaged

NUMBERS = {
    "0": ("EQ", "0"),
    "12.50": ("EQ", "12.5"),
    "-3": ("EQ", "-3"),
    "\u22123": ("EQ", "-3"),
    "+3.1": ("EQ", "3.1"),
    ".9": ("EQ", "0.9"),
    "7.": ("EQ", "7"),
    " 4 ": ("EQ", "4"),
    "2.5E-3": ("EQ", "0.0025"),
    "1,000": ("EQ", "1000"),
    "12,345,678.9": ("EQ", "12345678.9"),
    "-3,613": ("EQ", "-3613"),
    "0,031": ("EQ", "0.031"),
    "9,9": ("EQ", "9.9"),
    "3,1415": ("EQ", "3.1415"),
    "<0.001": ("LT", "0.001"),
    "< .05": ("LT", "0.05"),
    "<=0.05": ("LE", "0.05"),
    "≤ 0.05": ("LE", "0.05"),
    ">0.999": ("GT", "0.999"),
    ">= 100": ("GE", "100"),
    "≥100": ("GE", "100"),
    "= 0.0062": ("EQ", "0.0062"),
    "<11": ("LT", "11"),
    "NA": ("NA", None),
    "n/a": ("NA", None),
    "Not reached": ("NA", None),
    "NR": ("NA", None),
    "N.E.": ("NA", None),
    "\u20131.2": ("EQ", "-1.2"),
    "0.05 (two sided)": ("EQ", "0.05"),
    "<0.001 (2-tailed)": ("LT", "0.001"),
    "\u2266 0.05": ("LE", "0.05"),
    "\uff1c0.001": ("LT", "0.001"),
}
NOT_PLAIN = [
    "", " ", "-", "<", "1,23,4", "1,,000", "12,34.5", "1.2.3", "5 mg", "12 (3.4)", "12 ± 3", "<>5", "><5", "=<=5", "1 2",
    "1e400", "9" * 30, "x", "0x10", "²", "١٢", "Infinity", "nan", "9-3", "0.05 (", "5 (3 sided)",
    "\u2013\u20131", "+\u20131", "- 1.2", "NS", "0.001*",
]  # fmt: skip
RANGES = {
    "10-12": ("10", "12"),
    "0.2 to 0.5": ("0.2", "0.5"),
    "-3 \u2013 -1": ("-3", "-1"),
    "(1,000 - 2,000)": ("1000", "2000"),
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_read_with_its_comparator(text):
    found = number_written(text)
    comparator, value = NUMBERS[text]
    assert (found.comparator, found.value) == (comparator, None if value is None else Decimal(value))
    assert found.low is found.high is None


@pytest.mark.parametrize("text", RANGES)
def test_a_range_has_two_ends_and_no_number(text):
    found = number_written(text)
    assert (found.comparator, found.value, found.low, found.high) == ("RANGE", None, *map(Decimal, RANGES[text]))


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_is_not_plain_is_not_read(text):
    assert number_written(text) is None


@given(st.decimals(-(10**9), 10**9, places=3))
def test_any_number_is_read_as_what_it_is_with_and_without_commas(value):
    for text in (str(value), f"{value:,}", f"<{value}", f"= {value:,}"):
        assert number_written(text).value == value


@given(st.text(alphabet="0123456789,.<>=≤≥- eENAto+()", max_size=60))
def test_any_text_is_read_or_not_in_no_time_and_a_range_is_in_order(text):
    found = number_written(text)
    if found and found.comparator == "RANGE":
        assert found.low <= found.high


@given(st.dates())
def test_a_day_lies_within_its_month_and_its_year(day):
    text = day.isoformat()
    assert days_of(text) == (text, text)
    for part in (text[:7], text[:4]):
        first, last = days_of(part)
        assert first <= text <= last
        assert first[: len(part)] == last[: len(part)] == part


@pytest.mark.parametrize(
    "text", ["", "0000", "2020-13", "2020-00", "2021-02-29", "2020-1", "1900-02-29", "٢٠٢٠", "2020-01-01T"]
)
def test_what_is_no_date_has_no_days(text):
    assert days_of(text) is None


def test_ages_are_in_the_order_of_their_length_whatever_their_unit():
    texts = [
        "1 Minute",
        "1 Hour",
        "1 Day",
        "1 Week",
        "1 Month",
        "12 Weeks",
        "6 Months",
        "1 Year",
        "18 Months",
        "2 Years",
    ]
    for read in (age_in_days, age_in_years):
        ages = [read(text) for text in texts]
        assert ages == sorted(ages)
        assert len(set(ages)) == len(ages)
    assert age_in_years("12 Months") == age_in_years("1 Year")
    assert age_in_days("12 Months") == age_in_days("1 Year")


@pytest.mark.parametrize(
    "text", ["", "N/A", "18", "18 years", "18 Years old", "eighteen Years", "-1 Years", "1 Years Months"]
)
def test_what_is_no_age_has_none(text):
    assert age_in_days(text) is None
    assert age_in_years(text) is None


MESH = {
    "D003920": "D003920", "D000003920": "D003920", "D000065310": "D065310", "D000066387": "D066387",
    "D000066388": "D000066388", "D000099060": "D000099060", "C024352": "C024352", "C000024352": "C024352",
    "C000586849": "C586849", "C000589651": "C000589651", "C000729921": "C000729921",
    "C000588000": None, "M7115": None, "D03920": None, "D0003920": None, "": None, "d003920": None,
}  # fmt: skip


@pytest.mark.parametrize("text", MESH)
def test_zeros_that_fill_a_mesh_identifier_are_left_away(text):
    assert mesh_descriptor(text) == MESH[text]


PLAN = Plan.compile(
    triple
    for file in sorted(packaged("ontology").glob("*.ttl"))
    for triple, _ in terms.parse(file.read_bytes(), formats.TURTLE.oxigraph)
)
TG = "https://w3id.org/trialgraph/ontology#"


def graph_of(**sections):
    record = {"protocolSection": {"identificationModule": {"nctId": "NCT77000001"}}}
    for path, value in sections.items():
        target = record
        *around, last = path.split("__")
        for key in around:
            target = target.setdefault(key, {})
        target[last] = value
    triples = PLAN.to_triples(record)
    assert PLAN.to_record(triples) == record
    return triples


def objects(triples, name):
    return {o for _, p, o in triples if p == f"<{TG}{name}>"}


@pytest.mark.parametrize(
    "name", sorted(declared.name for declared in PLAN.declarations.properties.values() if declared.rule == "number")
)
def test_every_number_has_a_comparator_and_the_ends_of_a_range(name):
    base = name.removesuffix("Number")
    for suffix in ("Comparator", "Low", "High"):
        assert (
            PLAN.declarations.properties[f"{TG}{base}{suffix}"].shortcut_from
            == PLAN.declarations.properties[TG + name].shortcut_from
        )


def test_every_date_field_has_an_earliest_and_a_latest_day():
    for path, leaf in PLAN.tree.leaves.items():
        if leaf.declared.range.endswith(("#date", "#PartialDate")) or path.endswith("uploadDate"):
            for suffix in ("Earliest", "Latest"):
                assert path in PLAN.declarations.properties[leaf.declared.iri + suffix].shortcut_from


def test_a_new_status_stays_and_a_new_phase_leaves_the_others_alone():
    triples = graph_of(
        protocolSection__statusModule={"overallStatus": "RESTING"},
        protocolSection__designModule={"phases": ["PHASE3", "PHASE2B", "PHASE2", "PHASE1/b"]},
    )
    scheme = "https://w3id.org/trialgraph/id/scheme"
    assert objects(triples, "overallStatus") == {f"<{scheme}/overall-status/RESTING>"}
    assert objects(triples, "phase") == {
        f"<{scheme}/phase/{name}>" for name in ("PHASE2", "PHASE3", "PHASE2B", "PHASE1%2Fb")
    }
    assert PLAN.undeclared(triples) == {
        (TG + "overallStatus", f"{scheme}/overall-status/RESTING"): 1,
        (TG + "phase", f"{scheme}/phase/PHASE2B"): 1,
        (TG + "phase", f"{scheme}/phase/PHASE1%2Fb"): 1,
    }
    assert not objects(triples, "unmapped")


def coded_places():
    """Return of each coded field that a made record fills the record and the way to one of its values."""
    found = {}
    for record in made_records():
        for path, way, value in places(record):
            if path in CODED and isinstance(value, str):
                found.setdefault(path, (record, way))
    return found


def places(value, path="", way=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, f"{path}.{key}".removeprefix("."), (*way, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from places(inner, path + "[]", (*way, position))
    else:
        yield path, way, value


CODED = {path for declared in PLAN.declarations.properties.values() if declared.scheme for path in declared.paths}


@pytest.mark.parametrize("path", sorted(CODED))
def test_a_new_value_of_any_coded_field_is_a_concept_that_is_told(path):
    record, way = coded_places()[path]
    given = copy.deepcopy(record)
    *around, last = way
    holder = given
    for key in around:
        holder = holder[key]
    holder[last] = "Never seen 2b/3"
    triples = PLAN.to_triples(given)
    assert PLAN.to_record(triples) == given
    assert any(concept.endswith("Never%20seen%202b%2F3") for _, concept in PLAN.undeclared(triples))


@pytest.mark.parametrize("value", ["PHASE1_PHASE2", "", " ", "..", "x" * 500, 5, None, {"a": 1}, "line\nend"])
def test_what_cannot_be_a_concept_of_its_own_stays_json(value):
    triples = graph_of(
        protocolSection__designModule={"designInfo": {"allocation": value}, "phases": ["PHASE2", value]}
    )
    assert json.loads(terms.lexical(next(o for _, p, o in triples if p == f"<{TG}jsonValue>"))) in (
        value,
        ["PHASE2", value],
    )


def test_the_dates_of_the_record_are_beside_the_dates_on_the_record():
    triples = graph_of(
        protocolSection__statusModule={"statusVerifiedDate": "2004-02", "startDateStruct": {"date": "1998"}}
    )
    found = {
        (s.rsplit("/", 1)[-1], p.rsplit("#", 1)[-1][:-1], terms.lexical(o))
        for s, p, o in triples
        if "Earliest" in p or "Latest" in p
    }
    assert found == {
        ("record>", "statusVerifiedDateEarliest", "2004-02-01"), ("record>", "statusVerifiedDateLatest", "2004-02-29"),
        ("NCT77000001>", "startDateEarliest", "1998-01-01"), ("NCT77000001>", "startDateLatest", "1998-12-31"),
    }  # fmt: skip
