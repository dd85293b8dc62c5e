"""Results on the page of a trial: what was measured for an outcome, and how many had adverse events."""

from dataclasses import dataclass
from typing import Final

from trialgraph.web.context.node import Node

_ROWS_SHOWN: Final = 12


@dataclass(frozen=True)
class ResultTable:
    """What was measured for an outcome, by group."""

    result: Node
    groups: list[Node]
    rows: list[tuple[str, list[str]]]
    """A class or category with one cell for each group."""
    shown_in_part: bool


@dataclass(frozen=True)
class EventRow:
    """How many participants of a group had adverse events, out of how many."""

    group: Node
    serious: str
    other: str
    deaths: str


def result_table(result: Node, most: int | None = _ROWS_SHOWN) -> ResultTable:
    """Return what was measured for an outcome: the first rows of it, or all with None."""
    groups = result.many("outcomeGroup")
    rows = [
        (" · ".join(filter(None, (class_.text("classTitle"), category.text("categoryTitle")))), category)
        for class_ in result.many("measureClass")
        for category in class_.many("category")
    ]
    return ResultTable(
        result=result,
        groups=groups,
        rows=[(title, _cells(category, groups)) for title, category in rows[:most]],
        shown_in_part=most is not None and len(rows) > most,
    )


def _cells(category: Node, groups: list[Node]) -> list[str]:
    cells = {m.text("groupRef"): _cell(m) for m in category.many("measurement")}
    return [cells.get(group.text("groupId"), "") for group in groups]


def _cell(measurement: Node) -> str:
    value, spread = measurement.text("measuredValue"), measurement.text("spread")
    limits = " to ".join(filter(None, (measurement.text("lowerLimit"), measurement.text("upperLimit"))))
    return " ".join(filter(None, (value, spread and f"± {spread}", limits and f"({limits})")))


def event_row(group: Node) -> EventRow:
    """Return how many of a group had adverse events."""

    def counted(kind: str) -> str:
        affected, at_risk = group.text(f"{kind}NumAffected"), group.text(f"{kind}NumAtRisk")
        return f"{affected} of {at_risk}" if affected and at_risk else affected

    return EventRow(group, counted("serious"), counted("other"), counted("deaths"))
