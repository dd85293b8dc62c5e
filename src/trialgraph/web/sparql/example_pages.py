"""The examples as a page, as data, as REST calls, and the OpenAPI document of these calls."""

import json
from collections import Counter
from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.formats import RDF_FORMATS, RESULT_FORMATS, Format, RdfFormat, ResultFormat
from trialgraph.query import QueryRequest
from trialgraph.syntaxes.document import document
from trialgraph.terms import iri
from trialgraph.vocabulary import BASE, Graph, slug
from trialgraph.web.context.example_queries import Example, by_what_is_held
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import HTML, Page, by_parameter_or_accept
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import of_document, representation

blueprint = Blueprint("examples", __name__)

_KEYWORDS_SHOWN: Final = 24
_OWN_PARAMETERS: Final = {"format", "timeout"}
_TABLES: Final[tuple[Page | Format, ...]] = (*RESULT_FORMATS, HTML)
_GRAPHS: Final[tuple[Page | Format, ...]] = (*RDF_FORMATS, HTML)
_READ: Final[tuple[Page | RdfFormat, ...]] = (*RDF_FORMATS, HTML)
_NAMES: Final = BASE + "sparql/.well-known/sparql-examples/"
"""What the IRIs of the examples begin with."""


@blueprint.get("/examples")
def examples() -> Response:
    """Return the page of the examples."""
    here = reading()
    first, rest = by_what_is_held(here.examples.values(), here.graphs)
    asked, everything = request.args.get("search", "").strip(), [*first, *rest]
    shown = everything if asked or request.args.get("of") == "all" else first
    keywords = Counter(word for example in everything for word in example.keywords)
    body = render_template(
        "examples.html",
        examples=[example for example in shown if _is_about(example, asked)],
        hidden=len(everything) - len(shown),
        total=len(everything),
        asked=asked,
        keywords=sorted(keywords.most_common(_KEYWORDS_SHOWN)),
        release=here.release,
    )
    return representation(body, HTML.media_type, here.release)


def _is_about(example: Example, asked: str) -> bool:
    text = " ".join((example.name, example.label, example.question, *example.keywords)).casefold()
    return all(word in text for word in asked.casefold().split())


@blueprint.get("/.well-known/sparql-examples")
@blueprint.get("/sparql/.well-known/sparql-examples")
def examples_graph() -> AnyResponse:
    """Return the examples as RDF, or lead a browser to their page."""
    form = _rdf_or_page()
    if isinstance(form, Page):
        return redirect("/examples", 303)
    here = reading()
    made = here.once(f"examples {form.name}", lambda: document(here.asking.graph(Graph.EXAMPLES), form))
    return of_document(made, here.release, by=("Accept",))


@blueprint.get("/sparql/.well-known/sparql-examples/<name>")
def example_by_name(name: str) -> AnyResponse:
    """Return one example as RDF, or lead a browser to it; its name is an address below the endpoint."""
    here, form = reading(), _rdf_or_page()
    if isinstance(form, Page):
        return redirect(f"/examples#{quote(name)}", 303)
    about = iri(f"{_NAMES}{slug(name)}")
    quads = here.asking.quads([about])
    if not quads:
        raise NotFound(f"There is no example {name}; /api/examples lists those there are.")
    return of_document(document(quads, form, about), here.release, by=("Accept",))


def _rdf_or_page() -> Page | RdfFormat:
    """Return the form asked for.

    Raises RequestError (406).
    """
    named = request.args.get("format", "")
    form = by_parameter_or_accept(named, request.headers.get("Accept", ""), _READ)
    if form is None:
        raise RequestError(406, "The examples are not in that format.", available=[o.media_type for o in _READ])
    return form


@blueprint.get("/api/examples")
def listed() -> Response:
    """Return the names and questions of the examples as JSON."""
    here = reading()
    found = [
        {
            "name": example.name,
            "label": example.label,
            "question": example.question,
            "keywords": example.keywords,
            "parameters": {p.name: {"meaning": p.meaning, "default": p.default} for p in example.parameters},
            "call": f"{request.url_root}api/examples/{example.name}",
        }
        for example in here.examples.values()
    ]
    return representation(json.dumps(found, indent=1), "application/json", here.release)


@blueprint.get("/api/examples/<name>")
def call(name: str) -> AnyResponse:
    """Return the answer of an example, with the parameters given."""
    here = reading()
    example = here.examples.get(name)
    if example is None:
        raise NotFound(f"There is no example {name}; /api/examples lists those there are.")
    given = {key: value for key, value in request.args.items() if key not in _OWN_PARAMETERS}
    unknown = sorted(set(given) - {parameter.name for parameter in example.parameters})
    if unknown:
        known = ", ".join(parameter.name for parameter in example.parameters) or "none"
        raise RequestError(400, f"{name} has no parameter {', '.join(unknown)}; it has {known}.")
    query = example.with_values(given)
    form = _form(example)
    if isinstance(form, Page):
        return redirect(f"/sparql?{urlencode({'query': query})}", 303)
    result = here.run(_asked(query, form))
    return representation(result.read(), form.media_type, here.release, by=("Accept",))


def _asked(query: str, form: Format) -> QueryRequest:
    timeout = request.args.get("timeout", "")
    seconds = float(timeout) if timeout.replace(".", "", 1).isdecimal() else None
    if isinstance(form, ResultFormat):
        return QueryRequest(query, result_format=form, timeout_seconds=seconds)
    return QueryRequest(query, rdf_format=form, timeout_seconds=seconds)


def _form(example: Example) -> Page | Format:
    """Return the format asked for: of those for tables or of those for graphs, as the form of the query has it."""
    offers = _TABLES if example.form in ("select", "ask") else _GRAPHS
    named = request.args.get("format", "")
    form = by_parameter_or_accept(named, request.headers.get("Accept", ""), offers)
    if form is None:
        raise RequestError(406, "The answer is not in that format.", available=[o.media_type for o in offers])
    return form
