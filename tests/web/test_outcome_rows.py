"""Rows of outcomes: one for an endpoint that several documents tell of, and never one for two that differ."""

import pytest
from tests.web.test_drawings import facts_of

from trialgraph.terms import iri, string
from trialgraph.vocabulary import GRAPHS, TG
from trialgraph.web.things.outcome_rows import endpoint_names, endpoints_pattern, outcome_views

NAMES = endpoint_names(
    {"endpoint": f"<x:{short}>", "name": string(name)}
    for short, name in [
        ("os", "OS"),
        ("os", "overall survival"),
        ("pfs", "PFS"),
        ("pfs", "progression-free survival"),
    ]
)


def rows(*outcomes, names=NAMES):
    """Return how many outcomes stand in each row; an outcome is its label and what else is said of it."""
    said = []
    for number, (label, more) in enumerate(outcomes, 1):
        said += [("", "outcome", f"outcome/{number}"), (f"outcome/{number}", "label", string(label))]
        said += [(f"outcome/{number}", name, value) for name, value in more.items()]
    return [1 + len(view.also) for view in outcome_views(facts_of(said).root.many("outcome"), names)]


OS = {"endpoint": "<x:os>", "outcomeRole": "<x:PRIMARY>"}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([("OS", OS), ("overall survival", OS)], [2]),
        ([("Overall Survival (OS)", OS), ("OS", OS), ("overall survival", OS)], [3]),
        ([("OS", OS), ("overall survival", OS | {"timeFrame": '"3 years"'})], [2]),
        ([("OS", OS | {"timeFrame": '"2 years"'}), ("overall survival", OS | {"timeFrame": '"3 years"'})], [1, 1]),
        ([("OS", OS | {"comparison": "<x:a>"}), ("overall survival", OS)], [2]),
        ([("OS", OS | {"comparison": "<x:a>"}), ("overall survival", OS | {"comparison": "<x:b>"})], [1, 1]),
        ([("OS in cohort A", OS), ("OS", OS)], [1, 1]),
        ([("Overall survival (cohort A)", OS), ("OS", OS)], [1, 1]),
        ([("OS", OS), ("OS", OS | {"outcomeRole": "<x:SECONDARY>"})], [1, 1]),
        ([("OS", OS), ("overall survival", {"endpoint": "<x:os>"})], [1, 1]),
        ([("PFS", {"endpoint": "<x:pfs>"}), ("PFS", {"endpoint": "<x:pfs>", "assessor": "<x:BIRC>"})], [1, 1]),
        ([("OS", OS), ("overall survival", OS | {"outcomeDescription": '"in all"'})], [1, 1]),
        ([("OS", OS), ("PFS", OS | {"endpoint": "<x:pfs>"})], [1, 1]),
        ([("OS", {}), ("OS", {})], [1, 1]),
        ([("OS", OS), ("overall survival", OS | {"fromBaseline": '"true"'})], [1, 1]),
    ],
)
def test_outcomes_of_one_key_and_no_words_of_their_own_are_one_row(outcomes, expected):
    assert rows(*outcomes) == expected


def test_without_names_each_outcome_has_its_row():
    assert rows(("OS", OS), ("OS", OS), names={}) == [1, 1]


def test_the_curated_trial_tells_each_endpoint_once_and_who_tells_it(client):
    text = client.get("/page/NCT06095583").text
    part = text[text.index('id="outcomes"') : text.index('id="safety"')]
    primary = [row for row in part.split("<tr>") if "role-primary" in row]
    assert len(primary) == 2
    survival = next(row for row in primary if "overall survival" in row)
    assert "mirrors, seed" in survival
    assert "up to 3 years" in survival
    assert "/page/NCT06095583/outcome/primary/2" in survival


@pytest.mark.parametrize(("graph", "asked"), [("seed", True), ("registry", False), ("links", False)])
def test_names_are_asked_for_where_documents_speak_beside_records(graph, asked):
    """What one record lists twice, it means twice."""
    told = [("<x:t/outcome/1>", iri(TG.endpoint), "<x:os>", iri(GRAPHS[graph]))]
    assert bool(endpoints_pattern(told)) is asked
