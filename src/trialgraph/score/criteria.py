"""Criteria of a score: a row says its source, what it asks, how it is checked, what to do.

Nothing here opens a store or a connection: queries and addresses go through functions given in, so a running server,
a test client and a release on disk are measured alike.

>>> met, unknown = Result("a", "HCLS", "a title", 1.0, "there", ""), Result("b", "SIB", "prefixes", None, "", "")
>>> Score([met, unknown]).by_source()
{'HCLS': 100.0}
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from trialgraph.terms import Term, Triple

Row = tuple[Term | None, ...]
Select = Callable[[str], Iterable[Row]]
"""Runs a SELECT over all graphs, as `store.Reader.select` does."""

SERVER: Final = "a server"
PUBLIC_HOST: Final = "a public host name"
OTHERS: Final = "what others publish"


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    seconds: float = 0.0


class Fetch(Protocol):
    """Asks a server: GET, or with a form POST; redirects are followed."""

    def __call__(self, url: str, accept: str = "*/*", form: Mapping[str, str] | None = None) -> Answer:
        """Return the answer; an OSError of the connection comes through."""


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

    def ask(self, path: str, accept: str = "*/*", form: Mapping[str, str] | None = None) -> Answer:
        """Ask the server for a path; LookupError without a server."""
        if self.fetch is None:
            raise LookupError("no server is measured")
        return self.fetch(self.site + path, accept, form)


Outcome = tuple[float | None, str]
"""From 0 (not met) to 1 (met), None where it does not apply; and what was found."""


@dataclass(frozen=True)
class Criterion:
    """Something that somebody asks of a dataset or its server."""

    id: str
    source: str
    requirement: str
    check: Callable[[Subject], Outcome]
    remedy: str
    needs: str = ""
    """What it takes to be measured or met: SERVER, PUBLIC_HOST, OTHERS or nothing."""
    weight: float = 1.0
    """Share in the score of its source; 0: shown, not scored."""


@dataclass(frozen=True)
class Result:
    """How a criterion came out."""

    id: str
    source: str
    requirement: str
    value: float | None
    """From 0 (not met) to 1 (met); None: not measured, or it does not apply."""
    found: str
    remedy: str
    """What to do; empty when the criterion is met."""
    needs: str = ""
    weight: float = 1.0

    @property
    def is_out_of_reach(self) -> bool:
        """Whether it is unmet for want of a public host name."""
        return self.needs == PUBLIC_HOST and self.value is not None and self.value < 1


@dataclass(frozen=True)
class Score:
    """All results, and what was measured when."""

    results: list[Result]
    measured: Mapping[str, str] = field(default_factory=dict)
    """Site, release and time."""

    def by_source(self, *, within_reach: bool = False) -> dict[str, float]:
        """Return the weighted mean of what was measured, from 0 to 100, for each source.

        `within_reach` leaves out what is unmet for want of a public host name.
        """
        sums: dict[str, tuple[float, float]] = {}
        for result in self.results:
            if result.value is None or not result.weight or (within_reach and result.is_out_of_reach):
                continue
            value, weight = sums.get(result.source, (0.0, 0.0))
            sums[result.source] = (value + result.value * result.weight, weight + result.weight)
        return {source: round(100 * value / weight, 1) for source, (value, weight) in sums.items()}

    def to_json(self) -> dict[str, Any]:
        """Return scores and results for `--json`."""
        return {
            "scores": self.by_source(),
            "scores_within_reach": self.by_source(within_reach=True),
            "measured": dict(self.measured),
            "results": [asdict(result) for result in self.results],
        }


def measure(subject: Subject, criteria: Iterable[Criterion], measured: Mapping[str, str] | None = None) -> Score:
    """Check each criterion, in the order of the rows.

    Whatever `select` and `fetch` raise comes through.
    """
    return Score([_result(subject, criterion) for criterion in criteria], measured or {})


def _result(subject: Subject, criterion: Criterion) -> Result:
    told = (criterion.id, criterion.source, criterion.requirement)
    if criterion.needs == SERVER and subject.fetch is None:
        return Result(*told, None, "not measured: no server is given", "", criterion.needs, criterion.weight)
    value, found = criterion.check(subject)
    remedy = criterion.remedy if value is not None and value < 1 else ""
    return Result(*told, value, found, remedy, criterion.needs, criterion.weight)
