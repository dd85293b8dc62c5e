"""Dereferencing: from the name of a thing to a page or data about it.

`/id/PATH` answers 303 to `/page/PATH` or `/data/PATH.ext`, by `?format=` or `Accept`; both answer 200 themselves.
`/data/PATH` without an extension negotiates on the spot; `/linkset/PATH` gives all links (Signposting level 2).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from trialgraph.errors import FormatError
from trialgraph.formats import RDF_FORMATS, TURTLE, RdfFormat, by_extension
from trialgraph.resource.bounded_description import ALL, Bounds, with_labels
from trialgraph.syntaxes.document import document
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Quad, Term, iri
from trialgraph.vocabulary import NCT_ID, PREFIXES, RESOURCE, TG
from trialgraph.web.context.faceted_search import TrialRow, trial_index
from trialgraph.web.context.named_things import NOBODY, meant_by
from trialgraph.web.context.node import Facts, Node
from trialgraph.web.context.release_view import reading
from trialgraph.web.context.trial_groups import FACET_OF, TrialGroup, trial_group
from trialgraph.web.http.canonical_url import canonical, path_below
from trialgraph.web.http.negotiation import HTML, Page, by_parameter_or_accept, choose
from trialgraph.web.http.page_parameters import asked_page, held_page
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.profile_negotiation import (
    ALTERNATES,
    FULL,
    LABELS,
    MINIMAL,
    PROFILES,
    SCHEMA,
    Profile,
    choose_profile,
)
from trialgraph.web.http.representation import moved, of_document, representation, see_other
from trialgraph.web.http.signposting import Addresses, Link, linkset, of_data, of_page
from trialgraph.web.things import schema_org
from trialgraph.web.things.arm_lanes import lane_charts
from trialgraph.web.things.arm_schedules import lengths_pattern, schedules
from trialgraph.web.things.citation import FORMATS
from trialgraph.web.things.incoming_links import backlinks, backlinks_by
from trialgraph.web.things.neighbours import doses_query, doses_used, neighbourhood
from trialgraph.web.things.not_found import INVALIDATED, Absence, absence, is_gone, moved_to, numbered
from trialgraph.web.things.outcome_rows import endpoints_pattern
from trialgraph.web.things.release_links import embedding, short_link
from trialgraph.web.things.trial_page import OF_TRIAL, ON_PAGE, trial_view
from trialgraph.web.things.trial_results import result_table
from trialgraph.web.things.trial_sites import map_address, sites_by_country, sites_pattern
from trialgraph.web.things.trial_sources import sources, statements_pattern, words_pattern

blueprint = Blueprint("resources", __name__)

_TO_SEE: Final[tuple[Page | RdfFormat, ...]] = (HTML, *RDF_FORMATS)
_TO_READ: Final[tuple[Page | RdfFormat, ...]] = RDF_FORMATS
_PAGE_ENDING: Final = ".html"
_NOT_FOUND, _GONE = 404, 410
_ABSENT: Final = "public, max-age=300"
"""A record may come with the next release."""


def _canonically(view: Callable[[str], Response]) -> Callable[..., Response]:
    """Give a view the canonical path below its prefix; other spellings are redirected there."""

    @wraps(view)
    def viewed(path: str) -> Response:  # noqa: ARG001 - decoded by the router, so it cannot be trusted
        prefix = f"/{request.path.split('/')[1]}/"
        sent = path_below(request.environ, prefix)
        right = canonical(sent)
        if right != sent:
            query = quote(request.query_string, safe="!$&'()*+,;=:@/?%-._~")
            return moved(prefix + right + (f"?{query}" if query else ""))
        return view(right)

    return viewed


@blueprint.get("/id/<path:path>")
@_canonically
def dereference(path: str) -> Response:
    """Redirect from a thing to a document about it; an ending such as `.ttl` says which."""
    if not _is_here(path):
        return _by_ending(path) or _absent(path, "/id/")
    addresses = _addresses(path)
    form = _asked(_TO_SEE)
    there = addresses.page if isinstance(form, Page) else addresses.data(form, _asked_profile())
    return see_other(there, _short_links(addresses))


@blueprint.get("/page/<path:path>")
@_canonically
def page(path: str) -> Response:
    """Return the page about a thing."""
    here = reading()
    is_trial = NCT_ID.fullmatch(path)
    facts = here.facts(iri(RESOURCE + path), OF_TRIAL if is_trial else ON_PAGE, _beside_trial)
    if not (_is_told(facts) or _is_here(path)):
        return _by_ending(path) or _absent(path, "/page/")
    addresses = _addresses(path)
    text = _trial_page(facts, addresses) if facts.root.is_a("Trial") else _resource_page(facts, addresses)
    links = of_page(addresses, schema_org.schema_types(facts.root))
    return representation(text, HTML.media_type, here.release, links=links)


@blueprint.get("/data/<path:path>")
@_canonically
def data(path: str) -> Response:
    """Return the data about a thing; the extension goes before `?format=`, and that before `Accept`."""
    stem, format_ = _extension(path)
    if format_ and not _is_here(stem) and _is_here(path):
        stem, format_ = path, None  # a thing whose own name ends like a file, such as a dump
    by = ("Accept-Profile",) if format_ else ("Accept", "Accept-Profile")
    if format_ is None:
        form = _asked(_TO_READ)
        format_ = form if isinstance(form, RdfFormat) else TURTLE
    if not _is_here(stem):
        return (_by_ending(stem) if stem.endswith(_PAGE_ENDING) else None) or _absent(stem, "/data/", format_)
    addresses, profile = _addresses(stem), _asked_profile()
    quads, note = _quads(iri(RESOURCE + stem), profile)
    rest = [Link("alternate", _all_of(stem), {"type": TURTLE.media_type, "title": "All statements"})] if note else []
    return of_document(
        document(quads, format_, iri(RESOURCE + stem)),
        reading().release,
        more=note,
        links=[*of_data(addresses, format_, profile), *rest],
        location=addresses.data(format_, profile),
        by=by,
    )


@blueprint.get("/linkset/<path:path>")
@_canonically
def links(path: str) -> Response:
    """Return every link of the page and of its data, in one document."""
    if not _is_here(path):
        return _absent(path, "/linkset/")
    here = reading()
    addresses = Addresses(path, RESOURCE + path, _server())
    root = here.facts(iri(RESOURCE + path), Bounds(parts=1)).root
    found: dict[str, list[Link]] = {addresses.page: of_page(addresses, schema_org.schema_types(root), every=True)}
    for format_ in RDF_FORMATS:
        found[addresses.data(format_)] = of_data(addresses, format_, FULL)
    return representation(linkset(found), "application/linkset+json", here.release)


def _beside_trial(root: Term, quads: Sequence[Quad]) -> Mapping[str, str]:
    """Return what the page of a trial asks beside the statements about it; of other things, nothing."""
    if (root, RDF_TYPE, iri(TG.Trial)) not in {quad[:3] for quad in quads}:
        return {}
    patterns = {
        "endpoints": endpoints_pattern(quads),
        "lengths": lengths_pattern(quads),
        "sites": sites_pattern(root),
        "statements": statements_pattern(root, quads),
        "words": words_pattern(quads),
    }
    return {name: pattern for name, pattern in patterns.items() if pattern}


def _trial_page(facts: Facts, addresses: Addresses) -> str:
    here, view, told = reading(), trial_view(facts), facts.description
    return render_template(
        "trial.html",
        view=view,
        lanes=lane_charts([view], schedules(told.quads, told.beside.get("lengths", ())))[0],
        sources=sources(facts, told.beside.get("statements", ())),
        sites=sites_by_country(told.beside["sites"]),
        map=map_address(facts.root.text("nctId") or facts.root.name),
        citations=FORMATS,
        short_link=short_link(here.release.version, view.nct_id),
        embedding=embedding(view.nct_id),
        root=_server(),
        addresses=addresses,
        formats=RDF_FORMATS,
        release=here.release,
        structured=_structured(facts),
    )


def _resource_page(facts: Facts, addresses: Addresses) -> str:
    here, root = reading(), facts.description.root
    predicate, number = _predicate(request.args.get("by", "")), asked_page(request.args)
    listed = backlinks_by(here.asking, here.words, root, predicate, number) if predicate else None
    if listed:
        held_page(number, listed.pages)
    trials = _trials_of(facts.root)
    linking = None if listed else backlinks(here.asking, here.words, root)
    sources = [
        source for group in ([listed] if listed else linking.groups if linking else []) for source in group.sources
    ]
    return render_template(
        "resource.html",
        node=facts.root,
        table=result_table(facts.root, None) if facts.root.is_a("OutcomeResult") else None,
        linking_trials=_trial_rows(sources),
        around=None if listed else neighbourhood(here.asking, facts.root, trials),
        doses=doses_used(here.asking, root) if facts.root.is_a("Drug") else (),
        doses_query=doses_query(facts.root.iri),
        backlinks=linking,
        listed=listed,
        trials=trials,
        addresses=addresses,
        formats=RDF_FORMATS,
        release=here.release,
        structured=_structured(facts),
        everything=_all_of(facts.root.iri.removeprefix(RESOURCE)),
    )


def _trial_rows(nodes: Iterable[Node]) -> dict[str, TrialRow]:
    """Return what a list shows of the trials among some things, by number."""
    numbers = {node.trial_number for node in nodes if node.iri == RESOURCE + node.trial_number}
    index = trial_index(reading().release)
    return index.described(sorted(numbers)) if index and numbers else {}


def _trials_of(node: Node) -> TrialGroup | None:
    """Return the trials of a thing that trials are searched by; of a name of a disease, those of that disease."""
    index = trial_index(reading().release)
    if index is None:
        return None
    kinds = (kind.iri.removeprefix(PREFIXES["tg"]) for kind in node.types)
    facets = [FACET_OF[kind] for kind in kinds if kind in FACET_OF]
    asked = ((facet, thing) for thing in (node, *node.many("denotes")) for facet in facets)
    groups = (trial_group(index, facet, thing.iri.removeprefix(RESOURCE), thing.label) for facet, thing in asked)
    return next(filter(None, groups), None)


def _predicate(name: str) -> Term | None:
    """Return the IRI of a property as a term, when it is an IRI."""
    try:
        return iri(name) if ":" in name else None
    except ValueError:
        return None


def _structured(facts: Facts) -> Markup:
    said = schema_org.structured(facts.root, reading().release.version)
    return schema_org.embedded(schema_org.document([said]))


def _quads(root: Term, profile: Profile) -> tuple[list[Quad], str]:
    """Return what a profile says of a resource, and what is missing from it, in a sentence."""
    if profile is ALTERNATES:
        return _alternates(root), ""
    here = reading()
    facts = here.facts(root, Bounds(parts=1) if profile is MINIMAL else ALL)
    note = facts.description.note
    if profile is MINIMAL:
        return facts.description.by_subject.get(root, []), "" if not facts.description.counted else note
    if profile is SCHEMA:
        return schema_org.quads(schema_org.structured(facts.root, here.release.version)), ""
    if profile is LABELS:
        kept = (RDFS_LABEL, RDF_TYPE)
        return [quad for quad in with_labels(here.asking, facts.description) if quad[1] in kept], note
    return with_labels(here.asking, facts.description), note


def _alternates(root: Term) -> list[Quad]:
    """Return the representations there are, in the words of the Alternate Representations Data Model."""
    altr, dcterms = ALTERNATES.iri + "#", PREFIXES["dcterms"]
    addresses = Addresses(root[1 + len(RESOURCE) : -1], root[1:-1], _server())
    found: list[Quad] = []
    for profile in PROFILES:
        for format_ in RDF_FORMATS:
            there = iri(addresses.data(format_, profile))
            is_default = profile is FULL and format_ is TURTLE
            relation = "hasDefaultRepresentation" if is_default else "hasRepresentation"
            found += [
                (root, iri(altr + relation), there, ""),
                (there, RDF_TYPE, iri(altr + "Representation"), ""),
                (there, iri(dcterms + "format"), f'"{format_.media_type}"', ""),
                (there, iri(dcterms + "conformsTo"), iri(profile.iri), ""),
            ]
    return found


def _all_of(path: str) -> str:
    """Return the address of the query that gives every statement about a thing, by portions."""
    name = iri(RESOURCE + path)
    query = f"CONSTRUCT {{ {name} ?p ?o }} WHERE {{ {name} ?p ?o }} ORDER BY ?p ?o LIMIT 100000 OFFSET 0"
    return f"/sparql?{urlencode({'query': query})}"


def _is_told(facts: Facts) -> bool:
    """Whether anything is said of a thing but that it was withdrawn: then nobody need ask whether it is here."""
    said = facts.description.by_subject.get(facts.description.root, ())
    return facts.root.is_a("Trial") or (bool(said) and not any(quad[1] == INVALIDATED for quad in said))


def _is_here(path: str) -> bool:
    """Whether anything is said of a thing, or leads to it; a withdrawn trial is not here."""
    name, asking = iri(RESOURCE + path), reading().asking
    if not path or not asking.holds(f"ASK {{ {{ {name} ?p ?o }} UNION {{ ?s ?q {name} }} }}"):
        return False
    return not (NCT_ID.fullmatch(path) and is_gone(path, asking))


def _absent(path: str, prefix: str, format_: RdfFormat | None = None) -> Response:
    """Say why there is nothing, or lead to where it is now."""
    here = reading()
    head, _, rest = path.partition("/")
    now = moved_to(head, here.asking) if NCT_ID.fullmatch(head) else None
    if now is not None:
        extension = f".{format_.extension}" if format_ else ""
        return moved(prefix + now + (f"/{rest}" if rest else "") + extension)
    trials = numbered(path, here.asking)
    if len(trials) == 1:
        extension = f".{format_.extension}" if format_ else ""
        return see_other(f"{prefix}{trials[0]}{extension}", [])
    meant = NOBODY if NCT_ID.fullmatch(head) or trials else meant_by(path)
    if prefix == "/page/" and meant.is_certain:
        return see_other(prefix + quote(meant.things[0].path, safe="%/:@!$&'()*+,;=~"), [])
    found = absence(path, here.release, here.asking, trials, meant)
    status = _GONE if found.gone else _NOT_FOUND
    form = format_ or (HTML if prefix == "/page/" else choose(request.headers.get("Accept", ""), _TO_SEE) or HTML)
    if isinstance(form, Page):
        kinds = {each.kind: here.words.label(iri(PREFIXES["tg"] + each.kind)) for each in found.meant}
        body = render_template("absent.html", absence=found, release=here.release, kinds=kinds)
        media_type = form.media_type
    elif found.gone:
        body, media_type = document(found.tombstone(), form, iri(RESOURCE + path)).data.decode(), form.media_type
    else:
        body, media_type = _problem(found), "application/problem+json"
    return representation(body, media_type, here.release, status=status, by=("Accept",), cache=_ABSENT)


def _by_ending(path: str) -> Response | None:
    """Lead from a name with the ending of a format to the document in it, where there is the thing or it is moved."""
    stem, format_ = _extension(path)
    is_page = path.endswith(_PAGE_ENDING)
    if is_page:
        stem = path.removesuffix(_PAGE_ENDING)
    elif format_ is None:
        return None
    if not _is_here(stem):
        return _absent(stem, "/id/", format_)
    addresses = _addresses(stem)
    return see_other(addresses.page if format_ is None else addresses.data(format_), _short_links(addresses))


def _problem(found: Absence) -> str:
    """Return the absence as problem details (RFC 9457)."""
    detail = f"{found.reason} {found.remedy}"
    links = {"registry": found.registry} if found.registry else {}
    meant = [{"iri": each.iri, "label": each.label, "kind": each.kind} for each in found.meant]
    more = {"meant": meant} if meant else {}
    return json.dumps({"title": "Not Found", "status": _NOT_FOUND, "detail": detail, **links, **more})


def _addresses(path: str) -> Addresses:
    return Addresses(path, RESOURCE + path)


def _short_links(addresses: Addresses) -> list[Link]:
    return [link for link in of_page(addresses, []) if link.relation in ("describedby", "alternate", "license")]


def _extension(path: str) -> tuple[str, RdfFormat | None]:
    """Split the extension of a format from a path; `.json` is JSON-LD."""
    stem, dot, extension = path.rpartition(".")
    if not dot:
        return path, None
    try:
        return stem, by_extension("jsonld" if extension == "json" else extension)
    except FormatError:
        return path, None


def _asked(offers: tuple[Page | RdfFormat, ...]) -> Page | RdfFormat:
    """Return the form asked for by `?format=`, or else by `Accept`.

    Raises RequestError (406) when there is none that the client takes.
    """
    named = request.args.get("format", "")
    form = by_parameter_or_accept(named, request.headers.get("Accept", ""), offers)
    if form is None:
        asked = f"format={named}" if named else "what Accept names"
        raise RequestError(406, f"There is no {asked}.", available=[offer.media_type for offer in offers])
    return form


def _asked_profile() -> Profile:
    return choose_profile(request.args.get("_profile", ""), request.headers.get("Accept-Profile", ""))


def _server() -> str:
    return request.url_root.rstrip("/")
