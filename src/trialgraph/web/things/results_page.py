"""`/results/NCT…`: a trial's results as tables: flow, baseline, outcomes, adverse events.

Every figure stands as the record has it; only rates of events are worked out, as affected of those at risk.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request

from trialgraph.formats import SPARQL_CSV
from trialgraph.resource.bounded_description import describe
from trialgraph.resource.select import Asking
from trialgraph.terms import Term, iri, lexical
from trialgraph.vocabulary import NCT_ID, RESOURCE, prologue
from trialgraph.web.context.node import Facts, Node
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import HTML
from trialgraph.web.http.page_parameters import asked_format
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation

blueprint = Blueprint("results_page", __name__)

_PROLOGUE: Final = prologue("tg", "rdfs")
_PARTS: Final = (
    "tg:flowGroup|tg:flowPeriod|tg:baselineGroup|tg:baselineDenominator|tg:baselineMeasure"
    "|tg:outcomeResult|tg:eventGroup"
)
_ANALYSIS: Final = """
    analysisParamType paramValue dispersionType dispersionValue ciPctValue ciNumSides ciLowerLimit ciUpperLimit pValue
    pValueComment statisticalMethod statisticalComment testedNonInferiority nonInferiorityType nonInferiorityComment
    estimateComment analysisGroupDescription otherAnalysisDescription
    """.split()
"""What an analysis says, in the order of the page."""
_EVENT_COLUMNS: Final = ("kind", "term", "organ", "id", "affected", "risk", "events")
SERIOUS, OTHER = "serious", "other"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a column for each group."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """A heading and a cell for each column; a heading without cells is that of the rows after it."""
    under: frozenset[int] = frozenset()
    """Which rows stand under such a heading, counted from 0."""


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """A statistical analysis: the groups it compares, and each thing it says as name and value."""

    groups: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OutcomeResultView:
    """An outcome with its numbers."""

    result: Node
    kind: str
    times: str
    description: str
    population: str
    grid: Grid
    analyses: tuple[AnalysisView, ...]


@dataclass(frozen=True, slots=True)
class EventCell:
    """How many of a group had an event, of how many at risk; the share is of these, 0 to 1."""

    affected: str
    at_risk: str
    events: str
    share: float


@dataclass(frozen=True, slots=True)
class EventTermRow:
    """An adverse event by its term."""

    iri: str
    term: str
    organ: str
    kind: str
    cells: tuple[EventCell | None, ...]

    @property
    def highest(self) -> float:
        """The highest share of any group."""
        return max((cell.share for cell in self.cells if cell), default=0.0)


@dataclass(frozen=True, slots=True)
class EventTables:
    """The adverse events of a trial; groups by their ids in the record."""

    groups: tuple[tuple[str, str], ...]
    rows: tuple[EventTermRow, ...]

    def organs(self, kind: str) -> list[tuple[str, list[EventTermRow]]]:
        """Return the rows of a kind by organ system, each with the most frequent first."""
        found: dict[str, list[EventTermRow]] = defaultdict(list)
        for row in self.rows:
            if row.kind == kind:
                found[row.organ].append(row)
        ordered = {organ: sorted(rows, key=lambda row: (-row.highest, row.term)) for organ, rows in found.items()}
        return sorted(ordered.items())

    def to_csv(self) -> str:
        """Return the rows as CSV, three columns for each group."""
        text = io.StringIO()
        table = csv.writer(text)
        names = [
            f"{title} ({name}) {what}" for name, title in self.groups for what in ("affected", "at risk", "events")
        ]
        table.writerow(["kind", "organ system", "term", *names])
        for row in self.rows:
            cells = [
                part
                for cell in row.cells
                for part in ((cell.affected, cell.at_risk, cell.events) if cell else ("",) * 3)
            ]
            table.writerow([row.kind, row.organ, row.term, *cells])
        return text.getvalue()


@blueprint.get("/results/<nct>")
def results(nct: str) -> Response:
    """Return the results of a trial as a page, or, by `format=csv` or Accept, its adverse events.

    Raises RequestError: 404 where the trial has no results, 400 for another format.
    """
    here = reading()
    number = nct.upper()
    root = iri(RESOURCE + number)
    if not NCT_ID.fullmatch(number) or not here.asking.holds(f"{_PROLOGUE}ASK {{ {root} {_PARTS} ?part }}"):
        is_here = NCT_ID.fullmatch(number) and here.asking.holds(f"ASK {{ {root} ?p ?o }}")
        reason = (
            f"has no results in this release; its page is /page/{number}" if is_here else "is not in this release"
        )
        raise RequestError(404, f"{nct} {reason}")
    form = asked_format(request.args, request.headers.get("Accept", ""), (HTML, SPARQL_CSV), "results")
    if form == SPARQL_CSV:
        table = adverse_events(here.asking, root).to_csv()
        response = representation(table, form.media_type, here.release, by=("Accept",))
        response.headers["Content-Disposition"] = f'attachment; filename="{number}-adverse-events.csv"'
        return response
    body = here.once(f"results {number}", lambda: _page(number, root))
    return representation(body, HTML.media_type, here.release, by=("Accept",))


def _page(number: str, root: Term) -> str:
    here = reading()
    rows = here.asking.rows(f"{_PROLOGUE}SELECT ?part {{ {root} {_PARTS} ?part }}")
    description = describe(here.asking, root, beginning=sorted({row["part"] for row in rows}))
    facts = Facts(description, here.words)
    parts = [facts.node(part) for part in sorted({row["part"] for row in rows})]
    titles = here.asking.rows(f"{_PROLOGUE}SELECT ?title {{ {root} tg:briefTitle|rdfs:label ?title }} LIMIT 1")
    return render_template(
        "results.html",
        nct_id=number,
        title=lexical(titles[0]["title"]) if titles else number,
        flow=_flow(parts),
        baseline=_baseline(parts),
        outcomes=[_outcome(node) for node in _ordered(parts, "OutcomeResult")],
        groups=_ordered([node for node in parts if "/event-group/" in node.iri], "ResultGroup"),
        events=adverse_events(here.asking, root),
        release=here.release,
    )


def _ordered(parts: Iterable[Node], kind: str) -> list[Node]:
    return sorted((node for node in parts if node.is_a(kind)), key=lambda node: (node.position, node.term))


def _columns(groups: list[Node]) -> tuple[str, ...]:
    return tuple(group.text("groupTitle") or group.label for group in groups)


def _flow(parts: list[Node]) -> list[Grid]:
    groups = [node for node in _ordered(parts, "ResultGroup") if "/flow/" in node.iri]
    grids = []
    for period in _ordered(parts, "FlowPeriod"):
        rows = []
        for milestone in period.many("milestone"):
            counts = {each.text("groupRef"): _counted(each) for each in milestone.many("achievement")}
            rows.append((milestone.text("milestoneType").capitalize(), _cells_of(counts, groups)))
        for leaving in period.many("dropWithdrawal"):
            counts = {each.text("groupRef"): _counted(each) for each in leaving.many("dropWithdrawalCount")}
            rows.append((f"Left: {leaving.text('dropWithdrawalType')}", _cells_of(counts, groups)))
        grids.append(Grid(period.text("periodTitle"), "", _columns(groups), tuple(rows)))
    return grids


def _counted(count: Node) -> str:
    comment = count.text("flowComment")
    return " ".join(filter(None, (count.text("numSubjects"), comment and f"({comment})")))


def _cells_of(counts: dict[str, str], groups: list[Node]) -> tuple[str, ...]:
    return tuple(counts.get(group.text("groupId"), "") for group in groups)


def _denominators(nodes: Iterable[Node], groups: list[Node]) -> list[tuple[str, tuple[str, ...]]]:
    rows = []
    for node in nodes:
        counts = {each.text("groupRef"): each.text("countValue") for each in node.many("denominatorCount")}
        rows.append((f"number of {node.text('denominatorUnits').lower()} analysed", _cells_of(counts, groups)))
    return rows


def _measured(node: Node, groups: list[Node]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the rows of a measure: one for each class and category."""
    rows = []
    for class_ in node.many("measureClass"):
        rows += _denominators(class_.many("denominator"), groups)
        for category in class_.many("category"):
            title = " · ".join(filter(None, (class_.text("classTitle"), category.text("categoryTitle"))))
            cells = {each.text("groupRef"): _cell(each) for each in category.many("measurement")}
            rows.append((title, _cells_of(cells, groups)))
    return rows


def _cell(measurement: Node) -> str:
    value, spread = measurement.text("measuredValue"), measurement.text("spread")
    limits = " to ".join(filter(None, (measurement.text("lowerLimit"), measurement.text("upperLimit"))))
    comment = measurement.text("measurementComment")
    return " ".join(
        filter(None, (value, spread and f"± {spread}", limits and f"({limits})", comment and f"[{comment}]"))
    )


def _baseline(parts: list[Node]) -> Grid | None:
    groups = [node for node in _ordered(parts, "ResultGroup") if "/baseline/" in node.iri]
    measures = _ordered(parts, "BaselineMeasure")
    if not measures:
        return None
    overall = [node for node in _ordered(parts, "Denominator") if "/baseline/denominator/" in node.iri]
    everyone = _denominators(overall, groups)
    rows, under = list(everyone), set()
    for measure in measures:
        listed = _under(_heading(measure), [row for row in _measured(measure, groups) if row not in everyone])
        under |= {len(rows) + at for at in range(1, len(listed))}
        rows += listed
    return Grid("Baseline", "", _columns(groups), tuple(rows), frozenset(under))


def _heading(measure: Node) -> str:
    """Return the title of a measure with its unit: a count of participants is one of participants, said once."""
    kind, unit = measure.text("paramType"), measure.text("unitOfMeasure")
    said = kind if unit.lower() in kind.lower() else f"{kind}, {unit}" if kind else unit
    return f"{measure.text('measureTitle')} ({said})" if said else measure.text("measureTitle")


def _under(heading: str, rows: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    """Return rows under a heading, or one row that has it where it needs no other.

    >>> _under("Age", [("", ("61", "62"))]), _under("Sex", [("Female", ("3",)), ("Male", ("4",))])
    ([('Age', ('61', '62'))], [('Sex', ()), ('Female', ('3',)), ('Male', ('4',))])
    >>> _under("Weight", [("participants analysed", ("9",)), ("", ("71.5",))])
    [('Weight', ()), ('participants analysed', ('9',)), ('value', ('71.5',))]
    """
    if len(rows) == 1 and not rows[0][0]:
        return [(heading, rows[0][1])]
    return [(heading, ()), *((title or "value", cells) for title, cells in rows)] if rows else []


def _outcome(result: Node) -> OutcomeResultView:
    groups = result.many("outcomeGroup")
    rows = _denominators(result.many("denominator"), groups) + _measured(result, groups)
    unit = ", ".join(
        dict.fromkeys(
            filter(None, (result.text("paramType"), result.text("dispersionType"), result.text("unitOfMeasure")))
        )
    )
    return OutcomeResultView(
        result=result,
        kind=result.text("outcomeResultType"),
        times=result.text("resultTimeFrame"),
        description=result.text("measureDescription"),
        population=result.text("populationDescription"),
        grid=Grid(result.text("measureTitle") or result.label, unit, _columns(groups), tuple(rows)),
        analyses=tuple(_analysis(node) for node in result.many("analysis")),
    )


def _analysis(analysis: Node) -> AnalysisView:
    groups = tuple(group.text("groupTitle") or group.label for group in analysis.many("group"))
    values = ((_words(name), analysis.text(name)) for name in _ANALYSIS)
    return AnalysisView(groups, tuple((name, value) for name, value in values if value))


def _words(name: str) -> str:
    """Return the name of a property in words, for a heading.

    >>> _words("ciLowerLimit"), _words("pValue")
    ('CI lower limit', 'p-value')
    """
    if name.startswith("pValue"):
        return "p-value" + name[6:].lower().replace("comment", ", comment")
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("ci ", "CI ", 1).replace("param", "parameter").replace("num sides", "sides")


def adverse_events(asking: Asking, root: Term) -> EventTables:
    """Return the adverse events of a trial, in two questions however many there are.

    Raises QueryError.
    """
    groups = asking.rows(
        f"{_PROLOGUE}SELECT ?id ?title {{ {root} tg:eventGroup ?group . "
        "?group tg:groupId ?id ; tg:groupTitle ?title } ORDER BY ?id"
    )
    ids = tuple(dict.fromkeys((lexical(row["id"]), lexical(row["title"])) for row in groups))
    rows = asking.rows(f"""{_PROLOGUE}SELECT ?event ?kind ?term ?organ ?id ?affected ?risk ?events {{
      VALUES (?leads ?kind) {{ (tg:seriousEvent "{SERIOUS}") (tg:otherEvent "{OTHER}") }}
      {root} ?leads ?event .
      ?event tg:eventTerm ?term ; tg:eventCount ?count . ?count tg:groupRef ?id .
      OPTIONAL {{ ?event tg:organSystem ?organ }} OPTIONAL {{ ?count tg:numAffected ?affected }}
      OPTIONAL {{ ?count tg:numAtRisk ?risk }} OPTIONAL {{ ?count tg:numEvents ?events }} }}""")
    cells: dict[tuple[str, ...], dict[str, EventCell]] = defaultdict(dict)
    for row in rows:
        text = {name: lexical(row[name]) if name in row else "" for name in _EVENT_COLUMNS}
        key = (text["kind"], text["organ"] or "organ system not stated", text["term"], row["event"][1:-1])
        at_risk = int(text["risk"]) if text["risk"].isdecimal() else 0
        share = int(text["affected"]) / at_risk if at_risk and text["affected"].isdecimal() else 0.0
        cells[key][text["id"]] = EventCell(text["affected"], text["risk"], text["events"], min(1.0, share))
    found = (
        EventTermRow(event, term, organ, kind, tuple(by_group.get(name) for name, _ in ids))
        for (kind, organ, term, event), by_group in sorted(cells.items())
    )
    return EventTables(ids, tuple(found))
