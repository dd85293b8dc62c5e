"""Why a resource is not here: never in the release, set aside, withdrawn, or not a name at all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from trialgraph.resource.select import Asking
from trialgraph.store import Release
from trialgraph.terms import RDF_TYPE, XSD, Quad, iri, lexical, string, typed
from trialgraph.trial_numbers import TrialNumber, recognize, registries
from trialgraph.vocabulary import NCT_ID, PREFIXES, RESOURCE, TG, nct_id
from trialgraph.web.context.name_search import Found
from trialgraph.web.context.named_things import NOBODY, Meant

INVALIDATED: Final = iri(PREFIXES["prov"] + "invalidatedAtTime")
_COMMENT: Final = iri(PREFIXES["rdfs"] + "comment")
_MOST_TRIALS: Final = 20
"""Trials with one number of another registry that are told."""
_REJECTED_READ: Final = 64 * 2**20
"""Bytes of rejected.jsonl that are searched."""


@dataclass(frozen=True)
class Absence:
    """What to tell someone who asks for a resource that is not here."""

    path: str
    reason: str
    remedy: str
    gone: bool = False
    """Whether it was here once."""
    since: str = ""
    instead: str = ""
    """Path of the resource to see instead, or empty."""
    registry: str = ""
    """Address of the registry's page, or empty."""
    words: str = ""
    """The name that the path has, to search for; empty for a number."""
    meant: tuple[Found, ...] = ()
    """Things that search knows by that name."""

    @property
    def name(self) -> str:
        """The path as a person reads it.

        >>> Absence("drug/%C3%A9", "", "").name
        'drug/é'
        """
        return unquote(self.path)

    def tombstone(self) -> list[Quad]:
        """Return what remains to be said of a withdrawn resource."""
        subject = iri(RESOURCE + self.path)
        quads = [
            (subject, RDF_TYPE, iri(PREFIXES["prov"] + "Entity"), ""),
            (subject, _COMMENT, string(self.reason), ""),
            (subject, iri(PREFIXES["owl"] + "deprecated"), typed("true", XSD + "boolean"), ""),
        ]
        if self.since:
            when = typed(f"{self.since}T00:00:00Z", XSD + "dateTime")
            quads.append((subject, INVALIDATED, when, ""))
        if self.registry:
            quads.append((subject, iri(PREFIXES["rdfs"] + "seeAlso"), iri(self.registry), ""))
        return quads


def absence(
    path: str, release: Release, asking: Asking, trials: Sequence[str] = (), meant: Meant = NOBODY
) -> Absence:
    """Return why there is no resource at a path below `/id/`, and what its name may mean.

    `trials` have the path as a number of another registry.

    Raises QueryError.
    """
    head, _, rest = path.partition("/")
    if not NCT_ID.fullmatch(head):
        number = recognize(path)
        return _elsewhere(path, number, release, trials) if number else _no_name(path, release, meant)
    registry = f"https://clinicaltrials.gov/study/{head}"
    if rest and asking.holds(f"ASK {{ {iri(RESOURCE + head)} ?p ?o }}"):
        return Absence(
            path, f"The trial {head} has no part {rest}.", "See the trial for the parts it has.", instead=head
        )
    withdrawn = _withdrawn(head, asking)
    if withdrawn is not None:
        since, reason = withdrawn
        return Absence(path, reason, "Earlier releases keep it; see the downloads.", True, since, "", registry)
    rejected = _rejected(release, head)
    if rejected is not None:
        reason = f"The record of {head} was set aside when release {release.version} was made: {rejected['reason']}."
        return Absence(path, reason, str(rejected.get("remedy", "")), registry=registry)
    return Absence(
        path,
        f"No record of {head} went into release {release.version}. That says nothing about the trial itself.",
        f"Fetch it with `trialgraph fetch {head}` and update the release, or see the registry.",
        registry=registry,
    )


def _elsewhere(path: str, number: TrialNumber, release: Release, trials: Sequence[str]) -> Absence:
    name = registries()[number.registry].name
    if trials:
        reason = f"{number.id} is a number of {name}; several trials have it: {', '.join(trials)}."
        return Absence(path, reason, "See one of them.", instead=trials[0], registry=number.address)
    return Absence(
        path,
        f"{number.id} is a number of {name}; no trial of release {release.version} says that it has it.",
        "See that registry, or search for the trial by its title.",
        registry=number.address,
    )


def _no_name(path: str, release: Release, meant: Meant) -> Absence:
    head = path.partition("/")[0]
    if head.upper().startswith("NCT"):
        reason = f"{head} is not the number of a trial: that is NCT and eight digits, such as NCT06095583."
        return Absence(path, reason, "Check the number.")
    return Absence(
        path,
        f"Release {release.version} says nothing about {unquote(path)}.",
        "Things go by codes; one of these may be meant."
        if meant.things
        else "Search for it, or browse the examples.",
        words=meant.words,
        meant=meant.things,
    )


def is_gone(nct_id: str, asking: Asking) -> bool:
    """Tell whether all that is left of a trial is a tombstone.

    Raises QueryError.
    """
    trial = iri(RESOURCE + nct_id)
    return asking.holds(f"ASK {{ {trial} {INVALIDATED} ?when FILTER NOT EXISTS {{ {trial} a {iri(TG.Trial)} }} }}")


def _withdrawn(nct_id: str, asking: Asking) -> tuple[str, str] | None:
    """Return since when a trial is gone, and why, as its tombstone or the history of its record says."""
    trial, record = iri(RESOURCE + nct_id), iri(f"{RESOURCE}{nct_id}/record")
    rows = asking.rows(
        f"SELECT ?when ?reason {{ {{ {trial} {INVALIDATED} ?when OPTIONAL {{ {trial} {_COMMENT} ?reason }} }} "
        f"UNION {{ ?version {iri(TG.versionOf)} {record} ; {INVALIDATED} ?when }} }} "
        "ORDER BY DESC(BOUND(?reason)) DESC(?when) LIMIT 1"
    )
    if not rows:
        return None
    since = lexical(rows[0]["when"])[:10]
    reason = f"The record of {nct_id} was here, and was found gone from the registry on {since}."
    return since, lexical(rows[0]["reason"]) if "reason" in rows[0] else reason


def _rejected(release: Release, nct_id: str) -> dict[str, Any] | None:
    """Return the line of `rejected.jsonl` about a trial."""
    path: Path = release.path / "rejected.jsonl"
    if not path.is_file():
        return None
    with path.open("rb") as lines:
        for line in lines:
            if lines.tell() > _REJECTED_READ:
                break
            if nct_id.encode() in line:
                found = json.loads(line)
                if found.get("nctId") == nct_id:
                    return {"reason": "no reason is given", **found}
    return None


def numbered(path: str, asking: Asking) -> list[str]:
    """Return the NCT ids of the trials that have this number of another registry, as far as their records say.

    Raises QueryError.
    """
    number = recognize(path)
    if number is None:
        return []
    texts = " ".join(dict.fromkeys(map(string, (number.id, path))))
    rows = asking.rows(
        f"SELECT DISTINCT ?trial {{ VALUES ?number {{ {texts} }} {{ ?trial {iri(TG.orgStudyId)} ?number }} UNION "
        f"{{ ?trial {iri(TG.secondaryIdentifier)} ?identifier . ?identifier {iri(TG.secondaryId)} ?number }} UNION "
        f"{{ ?trial {iri(TG.secondaryIdentifier)} ?identifier . ?identifier {iri(TG.registryNumber)} ?number }} }} "
        f"ORDER BY ?trial LIMIT {_MOST_TRIALS}"
    )
    return [found for row in rows if (found := nct_id(row["trial"][1:-1]))]


def moved_to(nct_id: str, asking: Asking) -> str | None:
    """Return the path of the trial that a former number now stands for.

    Raises QueryError.
    """
    if not NCT_ID.fullmatch(nct_id):
        return None
    former = iri(PREFIXES["tg"] + "nctIdAlias")
    rows = asking.rows(f"SELECT ?trial {{ ?trial {former} {string(nct_id)} }} ORDER BY ?trial LIMIT 1")
    return rows[0]["trial"][1 + len(RESOURCE) : -1] if rows else None
