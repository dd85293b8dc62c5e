"""The trials of one thing: how many by phase, status and year, and the things that occur with it."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from trialgraph.web.context.facet_values import FacetCounts
from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery, TrialRow
from trialgraph.web.context.year_chart import YearChart, year_chart

FACET_OF: Final = {
    "Drug": "drug",
    "Target": "target",
    "Disease": "condition",
    "Condition": "condition",
    "Endpoint": "endpoint",
    "Organization": "sponsor",
    "Country": "country",
}
"""The facet that has the things of a class as its values."""
_BARS: Final = ("phase", "status")
_NEIGHBOURS: Final = {
    "condition": "Conditions",
    "drug": "Drugs",
    "target": "Targets of these drugs",
    "endpoint": "Endpoints",
    "sponsor": "Sponsors",
    "country": "Countries",
}
"""Facets whose values stand beside a thing, with their titles there."""
_ROWS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class TrialGroup:
    """The trials of a thing."""

    total: int
    address: str
    """Of the list with its facets."""
    rows: tuple[TrialRow, ...]
    bars: tuple[FacetCounts, ...]
    neighbours: tuple[FacetCounts, ...]
    facet: str
    value: str
    label: str
    chart: YearChart | None

    def narrowed(self, facet: str, value: str) -> str:
        """Return the address of the list narrowed by one more value."""
        return f"{self.address}&{urlencode({facet: value})}"


def trial_group(index: TrialIndex, facet: str, value: str, label: str) -> TrialGroup | None:
    """Return the trials whose facet has a value, which has a label; None where no trial has it."""
    query = TrialQuery(chosen={facet: (value,)}, sort="newest")
    found = index.search(query, found_alone=True)
    by_name = {counts.name: counts for counts in found.facets}
    if not found.total or facet not in by_name:  # the index of an older release may have fewer facets
        return None
    beside = {name: title for name, title in _NEIGHBOURS.items() if name != facet and name in by_name}
    others = (replace(by_name[name], title=title) for name, title in beside.items())
    return TrialGroup(
        total=found.total,
        address=f"/search?{urlencode({facet: value})}",
        rows=found.rows[:_ROWS_SHOWN],
        bars=tuple(by_name[name] for name in _BARS if by_name[name].values),
        neighbours=tuple(counts for counts in (*others, _partners(by_name[facet], value)) if counts.values),
        facet=facet,
        value=value,
        label=label,
        chart=year_chart(index, query),
    )


def _partners(counts: FacetCounts, value: str) -> FacetCounts:
    """Return the values that occur beside one of the same facet, such as other drugs of the same trials."""
    title = {"drug": "Other drugs", "condition": "Other conditions", "target": "Other targets"}.get(counts.name, "")
    kept = tuple(each for each in counts.values if each.value != value) if title else ()
    return FacetCounts(counts.name, title, kept, 0)
