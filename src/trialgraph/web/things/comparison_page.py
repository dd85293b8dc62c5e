"""`/compare`: trials side by side, differences marked; `/embed/NCT…`: a card for other pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request

from trialgraph.resource.bounded_description import Bounds
from trialgraph.terms import Quad, Term, iri
from trialgraph.vocabulary import NCT_ID, RESOURCE
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation
from trialgraph.web.things.arm_lanes import lane_charts
from trialgraph.web.things.arm_schedules import Schedule, lengths_pattern, schedules
from trialgraph.web.things.outcome_rows import endpoints_pattern
from trialgraph.web.things.trial_page import DoseRow, TrialView, trial_view

blueprint = Blueprint("comparison_page", __name__)

MOST_COMPARED: Final = 4
_PARTS, _ALIKE = 1500, 60
_CARD_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""A card is made to stand in other people's pages; nothing on it does anything."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A property with what each trial says of it."""

    name: str
    cells: tuple[tuple[str, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the trials do not all say the same."""
        return len(set(self.cells)) > 1


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """Rows under a heading."""

    title: str
    rows: tuple[ComparedRow, ...]


@blueprint.get("/compare")
def compare() -> Response:
    """Return trials side by side, in the order they are asked for.

    Raises RequestError: 400 for what is no number of a trial, or too many; 404 for trials that are not here.
    """
    asked = list(
        dict.fromkeys(
            part.upper() for text in request.args.getlist("trial") for part in text.replace(",", " ").split()
        )
    )
    wrong = [text for text in asked if not NCT_ID.fullmatch(text)]
    if wrong:
        raise RequestError(400, f"{wrong[0]!r} is not the number of a trial, such as NCT06732258")
    if len(asked) > MOST_COMPARED:
        raise RequestError(400, f"{len(asked)} trials do not fit side by side; ask for at most {MOST_COMPARED}")
    views = [_view(number) for number in asked]
    given: dict[Term, Schedule] = {}
    for told in (view.trial.facts.description for view in views):
        given |= schedules(told.quads, told.beside.get("lengths", ()))
    body = render_template(
        "compare.html",
        trials=views,
        sections=compared(views) if len(views) > 1 else (),
        lanes=lane_charts(views, given),
        most=MOST_COMPARED,
        release=reading().release,
    )
    return representation(body, "text/html", reading().release)


@blueprint.get("/embed/<nct>")
def embed(nct: str) -> Response:
    """Return a small card about a trial, which other pages may frame.

    Raises RequestError: 404 for a trial that is not here.
    """
    number = nct.upper()
    view = _view(number) if NCT_ID.fullmatch(number) else None
    if view is None:
        raise RequestError(404, f"{nct} is not the number of a trial")
    body = render_template("embed.html", view=view, release=reading().release)
    response = representation(body, "text/html", reading().release)
    response.headers["Content-Security-Policy"] = _CARD_POLICY
    return response


def _view(number: str) -> TrialView:
    facts = reading().facts(iri(RESOURCE + number), Bounds(_PARTS, _ALIKE), _beside)
    if not facts.description.exists:
        raise RequestError(404, f"{number} is not in this release")
    return trial_view(facts)


def _beside(_root: Term, quads: Sequence[Quad]) -> Mapping[str, str]:
    patterns = {"endpoints": endpoints_pattern(quads), "lengths": lengths_pattern(quads)}
    return {name: pattern for name, pattern in patterns.items() if pattern}


def compared(views: list[TrialView]) -> tuple[ComparedSection, ...]:
    """Return what the trials say, property by property; properties that none of them has are left out."""
    sections = []
    titles = list(dict.fromkeys(title for view in views for title, _ in view.sections))
    for title in titles:
        fields = [
            {prop.label: tuple(node.label for node in nodes) for prop, nodes in dict(view.sections).get(title, ())}
            for view in views
        ]
        names = dict.fromkeys(name for each in fields for name in each)
        rows = (ComparedRow(name, tuple(each.get(name, ()) for each in fields)) for name in names)
        sections.append(ComparedSection(title, tuple(rows)))
    eligible = [
        {prop.label: tuple(node.label for node in nodes) for prop, nodes in view.eligibility} for view in views
    ]
    names = dict.fromkeys(name for each in eligible for name in each)
    rows = (ComparedRow(name, tuple(each.get(name, ()) for each in eligible)) for name in names)
    arms = tuple(
        tuple(
            line
            for arm in view.arms
            for line in _arm_lines(arm.arm.label, arm.doses, [n.label for n in arm.other_interventions])
        )
        for view in views
    )
    outcomes = []
    for role in ("PRIMARY", "SECONDARY"):
        cells = tuple(
            tuple(each.outcome.label for each in view.outcomes if each.role and each.role.name == role)
            for view in views
        )
        outcomes.append(ComparedRow(role.lower(), cells))
    sections += [
        ComparedSection("Arms", (ComparedRow("what is given", arms),)),
        ComparedSection("Outcomes", tuple(outcomes)),
        ComparedSection("Who can take part", tuple(rows)),
    ]
    return tuple(section for section in sections if any(any(row.cells) for row in section.rows))


def _arm_lines(label: str, doses: list[DoseRow], others: list[str]) -> list[str]:
    """Return a line for each thing that is given in an arm."""
    given = []
    for dose in doses:
        parts = (dose.given, dose.doses, dose.routes, dose.frequency)
        given.append(" ".join(", ".join(node.label for node in nodes) for nodes in parts if nodes))
    return [f"{label}: {each}" for each in (*given, *others)] or [label]
