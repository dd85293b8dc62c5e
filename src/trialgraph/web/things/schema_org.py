"""What schema.org has words for, as JSON-LD: for search engines, and as a profile of the data.

Terms were looked up at schema.org: `phase`, `outcome` and `population` are no longer there, so they are not said.

>>> embedded({"name": "</script><b>"})
Markup('{"name":"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e"}')
"""

import json
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from trialgraph.terms import Quad, from_oxigraph
from trialgraph.vocabulary import RESOURCE
from trialgraph.web.context.node import Node, web_address
from trialgraph.web.http.signposting import CC0

_SCHEMA: Final = "https://schema.org/"
_STATUS: Final = {
    "ACTIVE_NOT_RECRUITING": "ActiveNotRecruiting",
    "COMPLETED": "Completed",
    "ENROLLING_BY_INVITATION": "EnrollingByInvitation",
    "NOT_YET_RECRUITING": "NotYetRecruiting",
    "RECRUITING": "Recruiting",
    "SUSPENDED": "Suspended",
    "TERMINATED": "Terminated",
    "WITHDRAWN": "Withdrawn",
}
_DESIGNS: Final = {
    ("allocation", "RANDOMIZED"): "RandomizedTrial",
    ("blinding", "DOUBLE_BLIND"): "DoubleBlindedTrial",
    ("blinding", "OPEN_LABEL"): "OpenTrial",
    ("masking", "NONE"): "OpenTrial",
    ("masking", "SINGLE"): "SingleBlindedTrial",
    ("masking", "DOUBLE"): "DoubleBlindedTrial",
    ("masking", "TRIPLE"): "TripleBlindedTrial",
    ("control", "PLACEBO_CONTROLLED"): "PlaceboControlledTrial",
    ("geographicScope", "SINGLE_CENTER"): "SingleCenterTrial",
    ("geographicScope", "MULTI_CENTER"): "MultiCenterTrial",
    ("geographicScope", "MULTI_REGIONAL"): "InternationalTrial",
}
_CLASSES: Final = {
    "Trial": "MedicalTrial",
    "Drug": "Drug",
    "Condition": "MedicalCondition",
    "Organization": "Organization",
}


def schema_types(node: Node) -> list[str]:
    """Return the IRIs of what a page about the resource is, in schema.org's words."""
    return [_SCHEMA + "AboutPage", *(_SCHEMA + name for ours, name in _CLASSES.items() if node.is_a(ours))]


def structured(node: Node, version: str) -> dict[str, Any]:
    """Return what schema.org can say of a resource, as a JSON-LD object without context."""
    type_ = next((name for ours, name in _CLASSES.items() if node.is_a(ours)), "Thing")
    said: dict[str, Any] = {
        "@id": node.iri,
        "@type": type_,
        "name": node.label,
        "url": node.iri,
        "alternateName": [name.label for name in node.many("alternativeName", "fullName", "abbreviation")],
        "sameAs": sorted(_elsewhere(node)),
    }
    if type_ == "MedicalTrial":
        said |= _trial(node)
    said |= {"subjectOf": {"@type": "WebPage", "license": CC0, "version": version}}
    return {key: value for key, value in said.items() if value not in ("", [], None)}


def _trial(trial: Node) -> dict[str, Any]:
    status = trial.one("overallStatus")
    design = {_SCHEMA + word for (name, value), word in _DESIGNS.items() if value in _names(trial, name)}
    return {
        "name": trial.text("briefTitle", "officialTitle") or trial.label,
        "identifier": trial.text("nctId") or trial.name,
        "description": trial.text("briefSummary") or trial.text("population"),
        "status": _SCHEMA + _STATUS[status.name] if status and status.name in _STATUS else None,
        "trialDesign": sorted(design),
        "healthCondition": [_thing(node, "MedicalCondition") for node in trial.many("condition")],
        "sponsor": [_thing(node, "Organization") for node in trial.many("sponsor")],
        "studySubject": [_thing(drug, "Drug") for given in trial.many("intervention") for drug in given.many("drug")],
        "studyLocation": [
            {"@type": "AdministrativeArea", "name": country.label} for country in trial.many("country")
        ],
    }


def _names(node: Node, name: str) -> set[str]:
    return {value.name.replace(" ", "_") for value in node.many(name)}


def _thing(node: Node, type_: str) -> dict[str, Any]:
    return {"@type": type_, "@id": node.iri, "name": node.label}


def _elsewhere(node: Node) -> set[str]:
    """Return the addresses that stand for the same thing elsewhere."""
    found = set()
    for predicate, values in node.statements:
        if predicate.iri.rsplit("#", 1)[-1] in ("seeAlso", "exactMatch", "sameAs"):
            found |= {value.iri for value in values if not value.is_literal and web_address(value.iri)}
    return found


def document(objects: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return objects as one JSON-LD document with the context that search engines know."""
    listed = list(objects)
    return {"@context": "https://schema.org", **(listed[0] if len(listed) == 1 else {"@graph": listed})}


def quads(said: dict[str, Any]) -> list[Quad]:
    """Return a JSON-LD object of schema.org's words as triples in the default graph."""
    text = json.dumps({"@context": {"@vocab": _SCHEMA, **_LINKED}, **said})
    parsed = ox.Dataset(ox.parse(text.encode(), ox.RdfFormat.JSON_LD, base_iri=RESOURCE))
    # Blank nodes get new names at each parse; the same facts are to be the same bytes.
    parsed.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [(from_oxigraph(q.subject), from_oxigraph(q.predicate), from_oxigraph(q.object), "") for q in parsed]


_LINKED: Final = {name: {"@type": "@id"} for name in ("url", "sameAs", "status", "trialDesign", "license")}


def embedded(said: dict[str, Any]) -> Markup:
    """Return JSON for a script element: nothing in it can end the element or begin a tag."""
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - the characters that mean something in HTML are escaped
