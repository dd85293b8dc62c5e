"""What changed: `/history/NCT…` of one trial, `/changes` of all lately, and `/changes.atom` as a feed."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request

from trialgraph.resource.select import Asking
from trialgraph.syntaxes.xml_text import shown
from trialgraph.terms import iri, lexical
from trialgraph.vocabulary import NCT_ID, RESOURCE, Graph, prologue
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation

blueprint = Blueprint("history_page", __name__)

_MOST: Final = 2000
_IN_FEED: Final = 100
_LONGEST: Final = 600
WEIGHTY: Final = {
    "protocolSection.statusModule.overallStatus": "Status",
    "protocolSection.statusModule.whyStopped": "Why stopped",
    "protocolSection.designModule.enrollmentInfo.count": "Enrolment",
    "protocolSection.statusModule.startDateStruct.date": "Start",
    "protocolSection.statusModule.primaryCompletionDateStruct.date": "Primary completion",
    "protocolSection.statusModule.completionDateStruct.date": "Completion",
    "hasResults": "Results",
    "protocolSection.outcomesModule.primaryOutcomes[].measure": "Primary outcome",
    "protocolSection.outcomesModule.primaryOutcomes[].timeFrame": "Time of the primary outcome",
    "protocolSection.armsInterventionsModule.interventions[].name": "Intervention",
}
"""Fields whose changes people follow, each with a name; the page of all changes has only these unless asked."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A change of one value of a record: empty where there was, or is, none."""

    nct: str
    title: str
    when: str
    field: str
    place: str
    old: str
    new: str

    @property
    def name(self) -> str:
        """The field in words, or its path."""
        return WEIGHTY.get(self.field, self.field)


@blueprint.get("/history/<nct>")
def history(nct: str) -> Response:
    """Return the changes of a trial, newest first.

    Raises RequestError: 404 for a trial that is not here.
    """
    here, number = reading(), nct.upper()
    root = iri(RESOURCE + number) if NCT_ID.fullmatch(number) else ""
    if not root or not here.asking.holds(f"ASK {{ {root} ?p ?o }}"):
        raise RequestError(404, f"{nct} is not in this release")
    found = changes(here.asking, number)
    body = render_template("history.html", nct_id=number, versions=by_version(found), release=here.release)
    return representation(body, "text/html", here.release)


@blueprint.get("/changes")
def latest() -> Response:
    """Return the changes of all trials, newest first: those that people follow, or with `all` every one."""
    here = reading()
    found = changes(here.asking)
    shown = found if request.args.get("all") else [change for change in found if change.field in WEIGHTY]
    trials: dict[str, list[FieldChange]] = defaultdict(list)
    for change in shown:
        trials[change.nct].append(change)
    body = render_template(
        "changes.html", trials=list(trials.items())[:200], total=len(shown), every=len(found), most=_MOST,
        manifest=here.release.manifest, release=here.release,
    )  # fmt: skip
    return representation(body, "text/html", here.release)


@blueprint.get("/changes.atom")
def feed() -> Response:
    """Return the changes that people follow as an Atom feed (RFC 4287), one entry a trial and version."""
    here = reading()
    found = [change for change in changes(here.asking) if change.field in WEIGHTY]
    versions: dict[tuple[str, str], list[FieldChange]] = defaultdict(list)
    for change in found:
        versions[change.nct, change.when].append(change)
    root = request.url_root
    updated = f"{here.release.version[:10]}T00:00:00Z"
    entries = (_entry(root, here.release.version[:10], group) for group in list(versions.values())[:_IN_FEED])
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>Changes of trials</title><id>{shown(root)}changes</id><updated>{updated}</updated>\n"
        f'<link rel="self" href="{shown(root)}changes.atom"/><link href="{shown(root)}changes"/>\n'
        f"<author><name>trialgraph</name></author>\n{''.join(entries)}</feed>\n"
    )
    return representation(body, "application/atom+xml", here.release)


def _entry(root: str, issued: str, group: list[FieldChange]) -> str:
    first = group[0]
    when = f"{f'{first.when}-01-01'[:10] if first.when else issued}T00:00:00Z"
    names = ", ".join(dict.fromkeys(change.name for change in group))
    lines = "; ".join(f"{change.name}: {change.old or 'nothing'} → {change.new or 'nothing'}" for change in group)
    identifier = f"{root}history/{first.nct}#{first.when}"
    return (
        f"<entry><title>{shown(f'{first.nct}: {names}')}</title><id>{shown(identifier)}</id>"
        f'<updated>{when}</updated><link href="{shown(f"{root}history/{first.nct}")}"/>'
        f"<summary>{shown(f'{first.title}. {lines}')}</summary></entry>\n"
    )


def changes(asking: Asking, nct: str = "") -> list[FieldChange]:
    """Return the changes of a trial, or the latest of all, newest first.

    Raises QueryError.
    """
    one = f'FILTER(?nct = "{nct}")' if nct else ""
    rows = asking.rows(f"""{prologue("tg")}
      SELECT ?nct ?title ?when ?field ?place ?old ?new {{
        GRAPH <{Graph.HISTORY}> {{
          ?version tg:change ?change ; tg:versionOf ?record .
          ?change tg:changedField ?field ; tg:changedPlace ?place .
          OPTIONAL {{ ?version tg:versionDate ?when }}
          OPTIONAL {{ ?change tg:oldValue ?old }} OPTIONAL {{ ?change tg:newValue ?new }} }}
        ?trial tg:record ?record ; tg:nctId ?nct . {one}
        OPTIONAL {{ ?trial tg:briefTitle ?title }}
      }} ORDER BY DESC(?when) ?nct ?field ?place LIMIT {_MOST}""")
    return [
        FieldChange(*(_shortened(lexical(row[name])) if name in row else "" for name in FieldChange.__slots__))
        for row in rows
    ]


def by_version(found: list[FieldChange]) -> list[tuple[str, list[FieldChange]]]:
    """Return changes by the date of the version that has them, in their order."""
    versions: dict[str, list[FieldChange]] = defaultdict(list)
    for change in found:
        versions[change.when].append(change)
    return list(versions.items())


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
