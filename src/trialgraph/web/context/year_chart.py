"""The trials of a list by start year and phase: a stacked bar for each year, and the table behind it."""

from dataclasses import dataclass
from typing import Final

from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery

HEIGHT: Final = 220
"""Of the tallest bar, in pixels."""
_MOST_YEARS: Final = 60
_YEAR_LABELS: Final = 6
_PHASES: Final = ("Early phase 1", "Phase 1", "Phase 2", "Phase 3", "Phase 4")


@dataclass(frozen=True, slots=True)
class YearBar:
    """The part of a bar that one phase has: place and size, x and width in percent, y and height in pixels."""

    series: int
    x: float
    y: float
    width: float
    height: float
    about: str


@dataclass(frozen=True, slots=True)
class YearChart:
    """Counts by year and phase, and the bars that show them."""

    phases: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Each year with its count for each phase."""
    bars: tuple[YearBar, ...]
    years: tuple[tuple[float, str], ...]
    """Where on the axis, in percent, and the year."""
    most: int
    """What the tallest bar counts."""
    height: int = HEIGHT


def year_chart(index: TrialIndex, query: TrialQuery) -> YearChart | None:
    """Return the trials that fit a query by start year and phase; None where none has both."""
    counted = index.crossed(query, "year", "phase")
    if not counted:
        return None
    found = {phase for _, phase in counted}
    phases = (*(name for name in _PHASES if name in found), *sorted(found - set(_PHASES)))
    numbers = sorted({int(year) for year, _ in counted if year.isdecimal()})
    span = [str(year) for year in range(numbers[0], numbers[-1] + 1)] if numbers else []
    years = span[-_MOST_YEARS:]
    rows = tuple((year, tuple(counted.get((year, phase), 0) for phase in phases)) for year in years)
    most = max((sum(counts) for _, counts in rows), default=0)
    if not most:
        return None
    return YearChart(phases, rows, tuple(_bars(rows, phases, most)), tuple(_axis(years)), most)


def _bars(rows: tuple[tuple[str, tuple[int, ...]], ...], phases: tuple[str, ...], most: int) -> list[YearBar]:
    step, bars = 100 / len(rows), []
    for at, (year, counts) in enumerate(rows):
        bottom = float(HEIGHT)
        for series, count in enumerate(counts):
            if not count:
                continue
            height = HEIGHT * count / most
            bottom -= height
            about = f"{year}, {phases[series]}: {count:,}"
            bars.append(
                YearBar(series, round(at * step, 3), round(bottom, 1), round(step * 0.8, 3), round(height, 1), about)
            )
    return bars


def _axis(years: list[str]) -> list[tuple[float, str]]:
    """Return the years that are written below the bars, some steps apart.

    >>> _axis(["2019", "2020"])
    [(0.0, '2019'), (50.0, '2020')]
    """
    apart = -(-len(years) // _YEAR_LABELS)
    return [
        (round(100 * at / len(years), 3), year)
        for at, year in enumerate(years)
        if at % apart == 0 and (at == 0 or at < len(years) * 0.93)
    ]
