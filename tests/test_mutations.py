"""Real records, changed at random places as nobody foresaw: each comes back whole, or is refused for a true reason."""

import copy
import gzip
import json
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_mapping import CASES, ONTOLOGY, PLAN, exact, needs_shared, through_store

from trialgraph.errors import UnmappableRecord
from trialgraph.registry.json_decoder import ID_PATH, decode
from trialgraph.registry.record import RecordText
from trialgraph.settings import packaged
from trialgraph.validation import ValidationReport, compile_shapes, read_shapes

RECORDS = Path(__file__).parents[2] / "shared" / "records" / "ctgov-v2.jsonl.gz"
KEYS = st.sampled_from(["", ".", "a.b", "a/b", "..", "#", "?", "%2F", "<>", '"', "\\", "\x00", "\u2028", "@id", "x" * 999,
                        "nctId", "position", "unmapped", "protocolSection"]) | st.text(max_size=5)  # fmt: skip
NUMBERS = st.sampled_from(
    [0, -1, 1.0, 1e5, -0.0, 0.1, 1e16, 1e22, 1e-300, 5e-324, 1.7976931348623157e308, 10**18, 10**18 - 1, -(10**40)]
)
TEXTS = st.sampled_from(
    ["", " ", "\r\n", "\x00", "\x7f", "\ufffe", "2024-02-30", "0000-01-01", "2024-1", "NaN", "1.0", "true", "\\u0041"]
) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    """Yield the path of everything inside a JSON value."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(value[key], (*path, key))


def within(value, path):
    for key in path:
        value = value[key]
    return value


@st.composite
def mutated(draw, records):
    """Draw a record with some values deleted, replaced, wrapped, repeated, moved or added."""
    record = copy.deepcopy(draw(st.sampled_from(records)))
    for _ in range(draw(st.integers(1, 6))):
        *above, key = draw(st.sampled_from(list(places(record)) or [("hasResults",)]))
        around = within(record, above)
        change = draw(st.sampled_from(["delete", "replace", "list", "object", "add", "copy"]))
        if change == "delete":
            del around[key]
        elif change == "replace":
            around[key] = draw(VALUES)
        elif change == "list":
            around[key] = [around[key]]
        elif change == "object":
            around[key] = {draw(KEYS): around[key]}
        elif isinstance(around, list):
            around.insert(draw(st.integers(0, len(around))), draw(VALUES) if change == "add" else around[key])
        else:
            around[draw(KEYS)] = draw(VALUES) if change == "add" else copy.deepcopy(around[key])
        if not record:
            break
    return record


@cache
def checker():
    return compile_shapes(read_shapes(*sorted(packaged("shapes").glob("registry*.ttl"))), background=ONTOLOGY)


def read(record):
    """Return the document of a record, or why it is refused."""
    try:
        return decode(RecordText(json.dumps(record).encode(), "mutated.json")).document
    except UnmappableRecord as error:
        return error


def comes_back_or_is_refused(record):
    document = read(record)
    if isinstance(document, UnmappableRecord):
        # Nothing but the identification can be so wrong that no graph holds the record.
        assert "NCT id" in document.reason or "not an object" in document.reason
        assert document.field_path in (None, *(".".join(ID_PATH[:depth]) for depth in (1, 2, 3)))
        assert document.remedy
        return
    triples = PLAN.to_triples(document)
    assert exact(PLAN.to_record(through_store(triples))) == exact(record)
    violations = ValidationReport.of(checker().check(triples)).violations
    assert {result.path for result in violations} <= enrollment(record), violations


def enrollment(record):
    """The one path at which a record can break a rule: a number of people below zero."""
    count = within_or_none(record, ("protocolSection", "designModule", "enrollmentInfo", "count"))
    below = type(count) is int and count < 0
    return {"<https://w3id.org/trialgraph/ontology#enrollmentCount>"} if below else set()


def within_or_none(value, path):
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


@given(mutated([json.loads((case / "record.json").read_text()) for case in CASES]))
@settings(max_examples=80, deadline=None)
def test_a_mutated_case_comes_back_or_is_refused(record):
    comes_back_or_is_refused(record)


@needs_shared
def test_mutated_real_records_come_back_or_are_refused():
    with gzip.open(RECORDS) as file:
        lines = [line for line in file if len(line) < 8000][::25]

    @given(mutated([json.loads(line) for line in lines]))
    @settings(max_examples=30, deadline=None)
    def check(record):
        comes_back_or_is_refused(record)

    check()
