"""The score of a published release or its server, and what is not met, for a person."""

from datetime import date, datetime
from typing import Final

from trialgraph.release.description_input import DATASET
from trialgraph.score.criteria import Score, Subject, measure
from trialgraph.score.http_probe import Visitor, subject_of
from trialgraph.score.measured import CRITERIA
from trialgraph.store import Reader, Release
from trialgraph.vocabulary import PREFIXES, Graph

PAV_CURRENT: Final = PREFIXES["pav"] + "hasCurrentVersion"


def score_release(release: Release, site: str, today: date) -> Score:
    """Return how a release measures up to what HCLS, Umaka, FAIR-Checker, F-UJI and SIB ask, without a server."""
    reader = Reader(release)
    description = frozenset(reader.quads(Graph.DESCRIPTION))
    measured = {"release": release.version, "date": today.isoformat()}
    return measure(Subject(description, reader.select, site, today), CRITERIA, measured)


def score_server(site: str, now: datetime, *, at: str = "") -> Score:
    """Return how a running server measures up; `at` is where it is met, if that is not the address it goes by.

    Raises SettingError when it does not answer.
    """
    with Visitor(site, at) as visitor:
        subject = subject_of(visitor, now.date())
        versions = sorted(subject.values(DATASET, PAV_CURRENT))
        release = versions[0][1:-1].rsplit("/", 1)[-1] if versions else ""
        measured = {"release": release, "site": site, "date": now.isoformat(timespec="seconds")}
        return measure(subject, CRITERIA, measured)


def score_text(found: Score) -> str:
    """Return a score for a person: the figure of each source, then what is not met and what to do."""
    reach = found.by_source(within_reach=True)
    lines = []
    for source, value in found.by_source().items():
        more = f"; {reach[source]:.1f} without what needs a public host name" if reach[source] != value else ""
        lines.append(f"{source:<14} {value:5.1f} of 100{more}")
    for row in found.results:
        if row.value is None:
            lines.append(f"  {row.source} {row.id}: {row.found}")
        elif row.value < 1:
            needed = " (needs a public host name)" if row.is_out_of_reach else ""
            lines.append(f"  {row.source} {row.id}: {row.requirement}: {row.found}{needed}; {row.remedy}")
    return "\n".join(lines)
