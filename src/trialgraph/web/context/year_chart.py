"""The trials of a list by start year and phase: a stacked bar for each year, and the table behind it."""

from dataclasses import dataclass
from typing import Final

from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery

HEIGHT: Final = 220
"""Of the tallest bar, in pixels."""
_BARS_END: Final = 94.0
"""Where the last bar ends, in percent: behind it stand the numbers of the scale, which no bar covers."""
_MOST_YEARS: Final = 60
_YEAR_LABELS: Final = 6
_LINES: Final = 4
"""Lines of the scale at most, beside the one it begins with."""
_PHASES: Final = ("Early phase 1", "Phase 1", "Phase 2", "Phase 3", "Phase 4")


@dataclass(frozen=True, slots=True)
class YearBar:
    """The part of a bar that one phase has: place and size, x and width in percent, y and height in pixels."""

    colour: int
    """The number of its phase, the same in every chart."""
    x: float
    y: float
    width: float
    height: float
    about: str


@dataclass(frozen=True, slots=True)
class YearChart:
    """Counts by year and phase, and the bars that show them."""

    phases: tuple[str, ...]
    colours: tuple[int, ...]
    """The number of the colour of each phase."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Each year with its count for each phase."""
    bars: tuple[YearBar, ...]
    years: tuple[tuple[float, str], ...]
    """Where on the axis, in percent, and the year."""
    lines: tuple[tuple[float, int], ...]
    """The scale: how far from above, in pixels, and the number that is as tall."""
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
    colours = tuple(_PHASES.index(phase) if phase in _PHASES else len(_PHASES) for phase in phases)
    bars = _bars(rows, phases, colours, most)
    return YearChart(phases, colours, rows, tuple(bars), tuple(_axis(years)), tuple(_scale(most)), most)


def _bars(
    rows: tuple[tuple[str, tuple[int, ...]], ...], phases: tuple[str, ...], colours: tuple[int, ...], most: int
) -> list[YearBar]:
    step, bars = _BARS_END / len(rows), []
    for at, (year, counts) in enumerate(rows):
        bottom = float(HEIGHT)
        for series, count in enumerate(counts):
            if not count:
                continue
            height = HEIGHT * count / most
            bottom -= height
            about = f"{year}, {phases[series]}: {count:,}"
            x, width = round(at * step, 3), round(step * 0.8, 3)
            bars.append(YearBar(colours[series], x, round(bottom, 1), width, round(height, 1), about))
    return bars


def _scale(most: int) -> list[tuple[float, int]]:
    """Return the lines of the scale: steps of 1, 2 or 5 by powers of ten, few enough to be read.

    >>> _scale(7), _scale(1)
    ([(157.1, 2), (94.3, 4), (31.4, 6)], [(0.0, 1)])
    """
    steps = (factor * 10**power for power in range(12) for factor in (1, 2, 5))
    step = next(each for each in steps if most // each <= _LINES)
    return [(round(HEIGHT * (1 - count / most), 1), count) for count in range(step, most + 1, step)]


def _axis(years: list[str]) -> list[tuple[float, str]]:
    """Return the years that are written below the bars, some steps apart.

    >>> _axis(["2019", "2020"])
    [(0.0, '2019'), (47.0, '2020')]
    """
    apart = -(-len(years) // _YEAR_LABELS)
    return [
        (round(_BARS_END * at / len(years), 3), year)
        for at, year in enumerate(years)
        if at % apart == 0 and (at == 0 or at < len(years) * 0.93)
    ]
