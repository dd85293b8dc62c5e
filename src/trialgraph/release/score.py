"""The score of a release and of its server, by the criteria of those who measure others.

Each criterion is a row: where it comes from, what it asks, how that is checked, and what to do when it is not met.
The rows stand in `criteria.py`, one table a source. Nothing here opens a store or a connection: queries and addresses
go through functions given in, so a running server, a test client or a release on disk can be measured alike.

>>> met, unknown = Result("a", "HCLS", "a title", 1.0, "there", ""), Result("b", "SIB", "prefixes", None, "", "")
>>> score = Score([met, unknown])
>>> score.by_source()
{'HCLS': 100.0}
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from trialgraph.terms import Term, Triple

Row = tuple[Term | None, ...]
Select = Callable[[str], Iterable[Row]]
"""Runs a SELECT over the union of all graphs, as `store.Reader.select` does."""
Fetch = Callable[[str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""Gets an address with headers, following redirects; gives status, headers and body."""


@dataclass(frozen=True)
class Subject:
    """What is measured."""

    description: frozenset[Triple]
    """The triples of the description graph."""
    select: Select
    site: str
    """Address of the server, without a slash at the end."""
    today: date
    fetch: Fetch | None = None
    """None: no server; what needs one is not measured."""

    def values(self, subject: str, predicate: str) -> set[Term]:
        """Return what the description says of a thing."""
        return {o for s, p, o in self.description if s == f"<{subject}>" and p == f"<{predicate}>"}


Outcome = tuple[float, str]
"""From 0 (not met) to 1 (met), and what was found."""


@dataclass(frozen=True)
class Criterion:
    """Something that somebody asks of a dataset or its server."""

    id: str
    source: str
    requirement: str
    check: Callable[[Subject], Outcome]
    remedy: str
    live: bool = False
    """Whether it needs a server."""
    weight: float = 1.0


@dataclass(frozen=True)
class Result:
    """How a criterion came out."""

    id: str
    source: str
    requirement: str
    value: float | None
    """From 0 (not met) to 1 (met); None: not measured, since it needs a server."""
    found: str
    remedy: str
    """What to do; empty when the criterion is met."""
    weight: float = 1.0


@dataclass(frozen=True)
class Score:
    """All results."""

    results: list[Result]

    def by_source(self) -> dict[str, float]:
        """Return the weighted mean of what was measured, from 0 to 100, for each source."""
        sums: dict[str, tuple[float, float]] = {}
        for result in self.results:
            if result.value is not None and result.weight:
                value, weight = sums.get(result.source, (0.0, 0.0))
                sums[result.source] = (value + result.value * result.weight, weight + result.weight)
        return {source: round(100 * value / weight, 1) for source, (value, weight) in sums.items()}

    def to_json(self) -> dict[str, Any]:
        """Return scores and results for `--json`."""
        return {"scores": self.by_source(), "results": [asdict(result) for result in self.results]}


def measure(subject: Subject, criteria: Iterable[Criterion]) -> Score:
    """Check each criterion, in the order of the rows.

    Whatever `select` and `fetch` raise comes through.
    """
    return Score([_result(subject, criterion) for criterion in criteria])


def _result(subject: Subject, criterion: Criterion) -> Result:
    told = (criterion.id, criterion.source, criterion.requirement)
    if criterion.live and subject.fetch is None:
        return Result(*told, None, "not measured: no server is given", "", criterion.weight)
    value, found = criterion.check(subject)
    return Result(*told, value, found, "" if value >= 1 else criterion.remedy, criterion.weight)
