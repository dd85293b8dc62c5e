"""Drawings of trials and things: arms as lanes, neighbours to walk along; each says no more than its sources."""

import re
from xml.etree import ElementTree

import pytest

from trialgraph.resource.bounded_description import Description
from trialgraph.terms import RDFS_LABEL, iri, string
from trialgraph.vocabulary import RESOURCE, TG
from trialgraph.web.context.node import Facts
from trialgraph.web.context.ontology_terms import Ontology
from trialgraph.web.things.arm_lanes import Schedule, lane_charts
from trialgraph.web.things.trial_page import trial_view

CURATED, ONE_ARM = "NCT06095583", "NCT06732258"
TRIAL = RESOURCE + "NCT00000001"


def drawings(text, kind):
    """Return the SVG elements of a class, parsed: what is not well-formed fails."""
    found = re.findall(rf'<svg class="{kind}[^"]*".*?</svg>', text, re.DOTALL)
    return [ElementTree.fromstring(svg) for svg in found]  # noqa: S314 - our own


def test_lanes_have_a_strip_for_each_thing_given(client):
    text = client.get(f"/page/{CURATED}").text
    strips = drawings(text, "strip")
    assert len(strips) == 6
    given = [len(strip.findall("rect[@class='giving']")) for strip in strips]
    assert given == [4, 4, 4, 0, 4, 4], "the arm whose placebo has no interval has no marks for it"
    assert text.index('class="lanes"') < text.index('<table class="arms">'), "the table stands behind the drawing"


def test_cycles_that_may_be_given_are_pale(client):
    strips = drawings(client.get(f"/page/{ONE_ARM}").text, "strip")
    sure = strips[0].findall("rect[@class='giving']")
    perhaps = strips[0].findall("rect[@class='giving perhaps']")
    assert (len(sure), len(perhaps)) == (4, 2)


def facts_of(statements):
    """Return the facts of a trial from triples of names: `("arm/1", "armDescription", '"x"')`."""

    def term(name):
        return name if name.startswith(('"', "<")) else iri(f"{TRIAL}/{name}" if name else TRIAL)

    quads = [
        (term(s), RDFS_LABEL if p == "label" else iri(getattr(TG, p)), term(o), "<urn:g>") for s, p, o in statements
    ]
    return Facts(Description(iri(TRIAL), sorted(quads), {}), Ontology({}, {}))


ARM = [("", "arm", "arm/1"), ("arm/1", "label", string("Arm"))]


def strips_of(*doses, extra=()):
    """Return the strips of one arm; a dose is its name, properties and schedule."""
    statements, schedules = list(ARM), {}
    for name, properties, schedule in doses:
        statements += [("arm/1", "doseSpecification", name), (name, "agentName", string("x"))]
        statements += [(name, p, o) for p, o in properties]
        schedules[iri(f"{TRIAL}/{name}")] = schedule
    (chart,) = lane_charts([trial_view(facts_of([*statements, *extra]))], schedules)
    return chart, chart.lanes[0].strips


def test_days_of_a_cycle_are_repeated():
    days = [("dayOfCycle", f'"{day}"') for day in (1, 8)]
    chart, (strip,) = strips_of(("arm/1/dose/1", days, Schedule(cycle=21)))
    assert [round(span.start * 84 / 100) for span in strip.spans] == [0, 7, 21, 28, 42, 49, 63, 70]
    assert strip.open_end
    assert chart.ticks[0] == (0.0, "start")


def test_steps_follow_each_other_and_one_of_unknown_start_has_no_marks():
    def step(number):
        return [("doseStage", iri(RESOURCE + "scheme/dose-stage/STEP")), ("position", f'"{number}"')]

    daily = Schedule(interval=1, length=28)
    _, (first, second, third) = strips_of(
        ("arm/1/dose/1", step(1), daily),
        ("arm/1/dose/2", step(2), Schedule(interval=1)),
        ("arm/1/dose/3", step(3), daily),
    )
    assert [span.start for span in first.spans] == [0.0]
    assert second.spans[0].start == pytest.approx(first.spans[0].width, abs=0.1)
    assert third.spans == ()


def test_what_is_said_in_words_alone_is_drawn_as_such():
    other = [("arm/1", "intervention", "intervention/1"), ("intervention/1", "label", string("Exercise"))]
    words = [("arm/1", "armDescription", string("Three times a week, as tolerated."))]
    chart, (strip,) = strips_of(extra=[*other, *words])
    assert strip.spans == ()
    assert chart.ticks == ()
    assert chart.lanes[0].words == "Three times a week, as tolerated."


def test_a_trial_that_says_nothing_of_its_arms_has_no_drawing():
    assert lane_charts([trial_view(facts_of([]))], {}) == [None]


def test_trials_side_by_side_share_axis_and_colours(client):
    text = client.get(f"/compare?trial={CURATED}&trial={ONE_ARM}").text
    ticks = [[line.text for line in axis.iter("text")] for axis in drawings(text, "axis")]
    assert len(ticks) == 2
    assert ticks[0] == ticks[1]
    colours = re.findall(r'<li class="given-(\d)">\s*<span class="given"><a[^>]*>(\w+)</a>', text)
    assert len({colour for colour, name in colours if name == "toripalimab"}) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("drug/tifcemalimab", {"Acts on": "BTLA", "Given with": "toripalimab"}),
        ("target/BTLA", {"Drugs that act on it": "tifcemalimab"}),
    ],
)
def test_neighbours_are_drawn_and_listed(client, parse, path, said):
    text = client.get(f"/page/{path}").text
    (drawing,) = drawings(text, "map around")
    heads = [node.text for node in drawing.iter("text") if node.get("class") == "head"]
    links = {link.find("title").text.split(",")[0]: link.get("href") for link in drawing.iter("a")}
    for title, label in said.items():
        assert title in heads
        assert client.get(links[label]).status_code == 200
        assert parse(text).all("a", "href").count(links[label]) >= 2, "the table has it too"


def test_a_drug_has_the_doses_it_is_given_in(client):
    page = client.get("/page/drug/tifcemalimab").text
    doses = page[page.index("Doses used") :]
    assert re.search(r"200 mg</th><td>intravenous infusion</td><td>every 3 weeks</td>", doses)


def test_other_drugs_are_counted_within_the_trials_of_a_drug(client):
    page = client.get("/page/drug/tifcemalimab").text
    total = int(re.search(r">(\d+) trials?</a>", page)[1])
    beside = page[page.index("Other drugs") :]
    counts = [
        int(number) for number in re.findall(r'class="count"[^>]*>(\d+)<', beside[: beside.index("</section>")])
    ]
    assert counts
    assert max(counts) <= total


def test_no_bar_covers_the_numbers_of_the_scale(client):
    text = client.get("/search?view=years").text
    ends = [float(x) + float(width) for x, width in re.findall(r'x="([\d.]+)%" y="[\d.]+" width="([\d.]+)%"', text)]
    assert ends
    assert max(ends) <= 94
