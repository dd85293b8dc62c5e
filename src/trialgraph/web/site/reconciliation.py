"""Look-up without SPARQL: labels, and the Reconciliation Service API 0.2 (W3C).

Clients such as OpenRefine match the cells of a table to things by name, suggest while a person types, preview, and
add columns from the properties of what was matched. An entity's id is its path below `/id/`, a type or property is
the name of a term of the ontology.
"""

import json
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.resource.bounded_description import Bounds
from trialgraph.resource.search_terms import identifier_words, is_identifier, written_name
from trialgraph.terms import RDFS_LABEL, XSD, Quad, Term, datatype, iri, is_literal, lexical
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, RESOURCE
from trialgraph.web.context.name_search import KIND_TITLES, Found, SearchIndex, search_index, similarity
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.canonical_url import canonical
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation

blueprint = Blueprint("lookup", __name__)

_BATCH: Final = 50
_MOST_RESULTS: Final = 100
_CANDIDATES: Final = 30
_LONGEST_NAME: Final = 200
"""What is longer is cut: to compare texts takes time that grows with the square of their lengths."""
_WORTH_SHOWING: Final = 25.0
_SHARE_OF_PROPERTIES: Final = 0.3
_TG: Final = ONTOLOGY + "#"
_FRAMED: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""A preview is made to be shown in the page of a client; nothing on it does anything."""
_MATCHES: Final = frozenset(iri(PREFIXES["skos"] + name) for name in ("exactMatch", "relatedMatch"))
_NAMES: Final = {RDFS_LABEL, iri(PREFIXES["skos"] + "altLabel")} | {
    iri(_TG + name)
    for name in ("fullName", "abbreviation", "alternativeName", "acronym", "briefTitle", "nctId", "nctIdAlias")
}


@blueprint.get("/lookup")
def lookup() -> Response:
    """Return the things whose names have the words of `q`, as JSON; where none has, those that have the nearest."""
    text, kind = request.args.get("q", ""), _kind(request.args.get("kind", ""))
    taken = _taken(text, kind)
    found = _index().find(taken, kind, _number("limit", 20), _number("offset", 0, 10**6))
    root = request.url_root
    listed = [
        {
            "iri": thing.iri,
            "label": thing.label,
            "kind": thing.kind,
            "page": f"{root}page/{thing.path}",
            "data": f"{root}data/{thing.path}.jsonld",
        }
        for thing in found
    ]
    said = {"query": text} if taken == text else {"query": text, "corrected": taken}
    body = json.dumps({**said, "results": listed}, indent=1, ensure_ascii=False)
    return representation(body, "application/json", reading().release)


@blueprint.route("/reconcile", methods=["GET", "POST"])
def reconcile() -> Response:
    """Return the manifest of the service, or the matches of queries, or the values of properties."""
    if "queries" in request.values:
        return jsonify(_answers(_json(request.values["queries"])))
    if "extend" in request.values:
        return jsonify(_extended(_json(request.values["extend"])))
    return jsonify(_manifest(request.url_root.rstrip("/")))


def _manifest(root: str) -> dict[str, Any]:
    """Return the service manifest (section 3)."""
    return {
        "versions": ["0.2"],
        "name": "trialgraph",
        "identifierSpace": RESOURCE,
        "schemaSpace": _TG,
        "documentation": f"{root}/use-it-from#openrefine",
        "batchSize": _BATCH,
        "defaultTypes": [_type(kind) for kind in _index().kinds()],
        "view": {"url": f"{root}/reconcile/view?id={{{{id}}}}"},
        "preview": {"url": f"{root}/reconcile/preview?id={{{{id}}}}", "width": 430, "height": 300},
        "suggest": {
            name: {"service_url": root, "service_path": f"/reconcile/suggest/{name}"}
            for name in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/reconcile/properties"},
            "property_settings": [],
        },
    }


def _answers(queries: Any) -> dict[str, Any]:
    """Return the candidates of each query of a batch (section 5).

    Raises RequestError: 413 for a batch that is too large, 400 for one that is no batch.
    """
    if not isinstance(queries, dict):
        raise RequestError(400, "queries is not a JSON object of queries by key.")
    if len(queries) > _BATCH:
        raise RequestError(413, f"A batch holds at most {_BATCH} queries; this one holds {len(queries)}.")
    return {key: {"result": _candidates(query)} for key, query in queries.items()}


def _candidates(query: Any) -> list[dict[str, Any]]:
    if not isinstance(query, dict):
        raise RequestError(400, "A query is a JSON object.")
    text, limit = str(query.get("query", ""))[:_LONGEST_NAME], query.get("limit", 5)
    limit = limit if isinstance(limit, int) and 0 < limit <= _MOST_RESULTS else 5
    types = query.get("type") or ""
    kind = _kind(str(types[0] if isinstance(types, list) and types else types))
    index = _index()
    found = index.find(_taken(text, kind), kind, _CANDIDATES)
    # An identifier is right or wrong: what looks like it is another thing.
    least = 100.0 if is_identifier(text) else _WORTH_SHOWING
    if not found and not is_identifier(text):
        found = index.find(text, kind, _CANDIDATES, any_word=True)
    scored = _scored(text, found, _objects(query.get("properties")))
    exact = [score for score, _ in scored if score == 100.0]
    return [
        {
            "id": thing.path,
            "name": thing.label,
            "description": thing.path if thing.kind == "Trial" else "",
            "type": [_type(thing.kind)],
            "score": score,
            "match": score == 100.0 and len(exact) == 1,
        }
        for score, thing in scored[:limit]
        if score >= least
    ]


def _taken(text: str, kind: str) -> str:
    """Return a text as it is when something has its words or it is an identifier, else respelled."""
    index = _index()
    return text if is_identifier(text) or index.find(text, kind, 1) else index.respelled(text[:_LONGEST_NAME])


def _scored(text: str, found: list[Found], wanted: list[dict[str, Any]]) -> list[tuple[float, Found]]:
    """Return candidates with how well they fit, best first: by the likeliest of their names, and by properties."""
    said = _said([iri(thing.iri) for thing in found])
    forms = dict.fromkeys((text, written_name(text)))
    scored = []
    for thing in found:
        quads = said.get(iri(thing.iri), [])
        names = [thing.label, thing.iri, *(lexical(o) for _, p, o, _ in quads if p in _NAMES and is_literal(o))]
        names += [name for _, p, o, _ in quads if p in _MATCHES for name in _identifiers(o[1:-1])]
        score = max(similarity(form, name) for name in names for form in forms)
        if wanted:
            share = _SHARE_OF_PROPERTIES
            score = round((1 - share) * score + share * _fit(quads, wanted), 1)
        scored.append((score, thing))
    return sorted(scored, key=lambda item: -item[0])


def _identifiers(outside: str) -> tuple[str, ...]:
    """Return how people write a term of another vocabulary: its IRI, CURIE, identifier alone, and its words.

    >>> _identifiers("http://purl.obolibrary.org/obo/MONDO_0005252")[1:]
    ('MONDO:0005252', '0005252', 'MONDO 0005252')
    >>> _identifiers("http://purl.uniprot.org/uniprot/Q15116")[1:]
    ('uniprot:Q15116', 'Q15116', 'uniprot Q15116')
    """
    before, last = ["", *outside.replace("#", "/").split("/")][-2:]
    prefix, _, local = last.rpartition("_")
    written = identifier_words(outside)
    return (outside, *((f"{prefix}:{local}", local) if prefix else (f"{before}:{last}", last)), written)


def _fit(quads: list[Quad], wanted: list[dict[str, Any]]) -> float:
    """Return how many of the property values asked for there are, from 0 to 100."""
    labels = reading().asking.labels(o for _, _, o, _ in quads if o.startswith("<"))
    hits = 0
    for condition in wanted:
        property_, value = str(condition.get("pid", "")), condition.get("v")
        value = value.get("id") or value.get("name") if isinstance(value, dict) else value
        values = {o for _, p, o, _ in quads if p == iri(_TG + property_)} if property_.isidentifier() else set()
        texts = {(lexical(o) if is_literal(o) else labels.get(o, "")).casefold() for o in values}
        paths = {o[1 + len(RESOURCE) : -1] for o in values if o.startswith("<" + RESOURCE)}
        hits += str(value).casefold() in texts or str(value) in paths
    return 100 * hits / len(wanted)


def _said(subjects: list[Term]) -> dict[Term, list[Quad]]:
    said: dict[Term, list[Quad]] = {}
    for quad in reading().asking.quads(subjects) if subjects else []:
        said.setdefault(quad[0], []).append(quad)
    return said


def _extended(asked: Any) -> dict[str, Any]:
    """Return the values that properties of entities have (section 8).

    Raises RequestError (400, 413).
    """
    if not isinstance(asked, dict) or not isinstance(asked.get("ids"), list):
        raise RequestError(400, "extend is not a JSON object with ids and properties.")
    if len(asked["ids"]) > _BATCH * 10:
        raise RequestError(413, f"At most {_BATCH * 10} entities are extended at a time.")
    names = [str(property_.get("id", "")) for property_ in _objects(asked.get("properties"))]
    words = reading().words
    subjects = {str(path): iri(RESOURCE + canonical(str(path))) for path in asked["ids"]}
    said = _said(sorted(set(subjects.values())))
    labels = reading().asking.labels(o for quads in said.values() for _, _, o, _ in quads if o.startswith("<"))

    def values(subject: Term, name: str) -> list[dict[str, Any]]:
        predicate = next((p for p, known in words.properties.items() if known.name == name), "")
        objects = {o for _, p, o, _ in said.get(subject, []) if p == predicate}
        return [_cell(o, labels) for o in sorted(objects)]

    return {
        "meta": [{"id": name, "name": words.label(f"<{_TG}{name}>")} for name in names],
        "rows": {path: {name: values(subject, name) for name in names} for path, subject in subjects.items()},
    }


def _cell(term: Term, labels: dict[Term, str]) -> dict[str, Any]:
    """Return a value as a cell (section 8.3)."""
    if not is_literal(term):
        if term.startswith("<" + RESOURCE):
            return {"id": term[1 + len(RESOURCE) : -1], "name": labels.get(term) or term[1:-1]}
        return {"str": labels.get(term) or term[1:-1]}
    text, kind = lexical(term), datatype(term)
    if kind == XSD + "integer":
        return {"int": int(text)}
    if kind == XSD + "decimal":
        return {"float": float(text)}
    if kind == XSD + "boolean":
        return {"bool": text == "true"}
    return {"date": text} if kind == XSD + "date" else {"str": text}


@blueprint.get("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Return the things whose names begin like what is typed."""
    found = _index().find(request.args.get("prefix", ""), "", _number("limit", 10), _number("cursor", 0, 10**6))
    return jsonify(
        result=[{"id": t.path, "name": t.label, "description": t.path, "notable": [_type(t.kind)]} for t in found]
    )


@blueprint.get("/reconcile/suggest/type")
def suggest_type() -> Response:
    """Return the types whose names have what is typed."""
    typed = request.args.get("prefix", "").casefold()
    types = [_type(kind) for kind in _index().kinds()]
    return jsonify(result=[type_ for type_ in types if typed in f"{type_['id']} {type_['name']}".casefold()])


@blueprint.get("/reconcile/suggest/property")
def suggest_property() -> Response:
    """Return the properties whose names have what is typed."""
    typed = request.args.get("prefix", "").casefold()
    found = [
        {"id": known.name, "name": known.label, "description": known.definition}
        for known in reading().words.properties.values()
        if known.kind != "note" and typed in f"{known.name} {known.label}".casefold()
    ]
    start = _number("cursor", 0, 10**6)
    return jsonify(result=found[start : start + _number("limit", 20)])


@blueprint.get("/reconcile/properties")
def propose_properties() -> Response:
    """Return the properties that things of a type may have (section 8.1)."""
    kind = request.args.get("type", "")
    found = [
        {"id": known.name, "name": known.label}
        for known in reading().words.properties.values()
        if known.kind != "note" and (not kind or iri(_TG + kind) in known.domains)
    ] if not kind or kind.isidentifier() else []  # fmt: skip
    return jsonify(type=kind, properties=found[: _number("limit", 100, 1000)])


@blueprint.get("/reconcile/view")
def view() -> AnyResponse:
    """Lead from an entity's id to its page."""
    return redirect("/page/" + canonical(request.args.get("id", "")), 303)


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """Return a small page about an entity, to show in a frame."""
    path = canonical(request.args.get("id", ""))
    root = reading().facts(iri(RESOURCE + path), Bounds(parts=1)).root
    response = Response(render_template("preview.html", node=root, page=f"/page/{path}"), content_type="text/html")
    response.headers["Content-Security-Policy"] = _FRAMED
    return response


def _index() -> SearchIndex:
    """Return the search index.

    Raises RequestError (503) when the release was made without one.
    """
    index = search_index(reading().release)
    if index is None:
        raise RequestError(503, "The release that is served was made without a search index.")
    return index


def _type(kind: str) -> dict[str, str]:
    return {"id": kind, "name": reading().words.label(f"<{_TG}{kind}>") or kind}


def _kind(name: str) -> str:
    """Return the kind of a type given by name or IRI; empty for one that is not searched."""
    name = name.removeprefix(_TG)
    return name if name in KIND_TITLES else ""


def _number(name: str, default: int, most: int = _MOST_RESULTS) -> int:
    text = request.args.get(name, "")
    return min(int(text), most) if text.isdecimal() and len(text) < 9 else default


def _objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of what should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise RequestError(400, f"That is not JSON: {error}.") from None
    return value
