"""Fixed addresses for machines: dataset description, contexts, robots.txt, sitemaps, OpenAPI."""

import json
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from trialgraph.errors import FormatError
from trialgraph.formats import JSON_LD, RDF_FORMATS, TURTLE, RdfFormat, by_extension
from trialgraph.settings import packaged
from trialgraph.syntaxes.document import document
from trialgraph.syntaxes.xml_text import shown
from trialgraph.terms import Quad
from trialgraph.vocabulary import PREFIXES, Graph
from trialgraph.web.context.name_search import search_index
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import by_parameter_or_accept
from trialgraph.web.http.representation import issued, of_document, representation
from trialgraph.web.http.signposting import CC0, Link
from trialgraph.web.sparql.openapi import openapi

blueprint = Blueprint("wellknown", __name__)

_PER_SITEMAP: Final = 50_000
"""The most addresses that sitemaps.org allows in one file."""
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES: Final = ("/", "/ontology", "/downloads/", "/examples", "/use-it-from", "/status", "/limits", "/links")
_ROBOTS: Final = """\
# Pages and data of single things may be crawled. Searches and queries may not: each costs what many pages cost, and
# whoever wants everything is served better by a dump from /downloads/.
User-agent: *
Disallow: /sparql?
Disallow: /search
Disallow: /lookup
Disallow: /reconcile
Disallow: /api/examples/
Disallow: /linkset/
Disallow: /*?by=
Disallow: /metrics
Crawl-delay: 1

Sitemap: {root}sitemap.xml
"""


@blueprint.get("/.well-known/void")
@blueprint.get("/sparql/.well-known/void")
@blueprint.get("/void")
def void() -> Response:
    """Return the description of the dataset: VoID, DCAT, HCLS, PROV and DQV."""
    named = request.args.get("format", "")
    # Whoever looks here wants the description and has no other choice: Turtle for those who accept none of ours.
    form = by_parameter_or_accept(named, request.headers.get("Accept", ""), RDF_FORMATS)
    return _void(form or TURTLE, by=("Accept",))


@blueprint.get("/void.<extension>")
def void_file(extension: str) -> Response:
    """Return the description of the dataset in the format of an extension."""
    try:
        return _void(by_extension(extension), by=())
    except FormatError as error:
        raise NotFound(str(error)) from None


def _void(form: RdfFormat, *, by: tuple[str, ...]) -> Response:
    here = reading()
    made = here.once(f"void {form.name}", lambda: document(_description(), form))
    links = [
        Link("describes", "/", {"type": "text/html"}),
        Link("license", CC0),
        Link("collection", "/downloads/", {"type": "text/html"}),
    ]
    where = f"/void.{form.extension}"
    return of_document(made, here.release, links=links, location=where, by=by)


def _description() -> list[Quad]:
    # The document is the graph: clients that like N-Quads best, such as Comunica, look into the default graph only.
    return [(s, p, o, "") for s, p, o, _ in reading().asking.graph(Graph.DESCRIPTION)]


@blueprint.get("/openapi.json")
def openapi_document() -> Response:
    """Return what the REST calls are, as OpenAPI."""
    here = reading()
    root = request.url_root.rstrip("/")
    body = here.once(f"openapi {root}", lambda: openapi(root, here.release.version, here.examples))
    return representation(body, "application/vnd.oai.openapi+json;version=3.1", here.release)


@blueprint.get("/context.jsonld")
def context() -> Response:
    """Return the JSON-LD context of the ontology: each property under its own name, for JSON of one's own."""
    text = (packaged("ontology") / "context.jsonld").read_bytes()
    return representation(text, JSON_LD.media_type, reading().release)


@blueprint.get("/prefixes.jsonld")
def prefixes() -> Response:
    """Return the prefixes of pages, dumps and examples, as a JSON-LD context that `curies` reads."""
    return representation(json.dumps({"@context": PREFIXES}, indent=1) + "\n", JSON_LD.media_type, reading().release)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Return what crawlers are asked to leave alone."""
    return representation(_ROBOTS.format(root=request.url_root), "text/plain", reading().release)


@blueprint.get("/sitemap.xml")
def sitemap_index() -> Response:
    """Return the index of the sitemaps: one for the site, and as many of each kind of thing as it takes."""
    here = reading()
    index = search_index(here.release)
    names = ["site"]
    for kind in index.kinds() if index else []:
        names += [f"{kind}-{number + 1}" for number in range(-(-index.count(kind) // _PER_SITEMAP))] if index else []
    modified = issued(here.release).date().isoformat()
    entries = "".join(
        f"<sitemap><loc>{shown(request.url_root)}sitemap/{name}.xml</loc><lastmod>{modified}</lastmod></sitemap>\n"
        for name in names
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{_SITEMAP}">\n{entries}</sitemapindex>\n'
    return representation(text, "application/xml", here.release)


@blueprint.get("/sitemap/<name>.xml")
def sitemap(name: str) -> Response:
    """Return one sitemap."""
    here = reading()
    paths = _PAGES if name == "site" else _pages_of(name)
    modified = issued(here.release).date().isoformat()
    root = shown(request.url_root.rstrip("/"))
    entries = "".join(f"<url><loc>{root}{shown(path)}</loc><lastmod>{modified}</lastmod></url>\n" for path in paths)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SITEMAP}">\n{entries}</urlset>\n'
    return representation(text, "application/xml", here.release)


def _pages_of(name: str) -> list[str]:
    kind, _, number = name.partition("-")
    index = search_index(reading().release)
    if index is None or kind not in index.kinds() or not (number.isdecimal() and 0 < int(number) < 10**6):
        raise NotFound(f"There is no sitemap {name}; /sitemap.xml lists those there are.")
    paths = index.paths(kind, _PER_SITEMAP, (int(number) - 1) * _PER_SITEMAP)
    if not paths:
        raise NotFound(f"There is no sitemap {name}; /sitemap.xml lists those there are.")
    return [f"/page/{path}" for path in paths]
