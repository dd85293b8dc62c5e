"""The page of a named graph: its source, its figures, and how it is asked and taken away."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from trialgraph.formats import RDF_FORMATS
from trialgraph.resource.select import Asking
from trialgraph.store import Release
from trialgraph.terms import Term, iri, iri_value, lexical
from trialgraph.vocabulary import GRAPHS, Graph, prologue
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import HTML, Page, choose
from trialgraph.web.http.representation import representation
from trialgraph.web.http.signposting import Link

blueprint = Blueprint("graphs", __name__)

_NAMES: Final = {address: name for name, address in GRAPHS.items()}
_HEAD: Final = prologue("dcterms", "rdfs", "sd", "void")
_USED: Final = f"""{_HEAD}SELECT ?graph ?term ?n {{ GRAPH <{Graph.DESCRIPTION}> {{
  ?graph sd:graph ?figures .
  {{ ?figures void:propertyPartition [ void:property ?term ; void:triples ?n ] }}
  UNION {{ ?figures void:classPartition [ void:class ?term ; void:entities ?n ] }} }} }}"""
_SAID: Final = f"""{_HEAD}SELECT ?about ?value {{ GRAPH <{Graph.DESCRIPTION}> {{
  %s sd:graph ?figures . ?figures ?about ?value .
  VALUES ?about {{ dcterms:description dcterms:source dcterms:license void:triples void:distinctSubjects }} }} }}"""
_PARTS: Final = f"""{_HEAD}SELECT ?class ?property ?n {{ GRAPH <{Graph.DESCRIPTION}> {{
  %s sd:graph ?figures .
  {{ ?figures void:classPartition [ void:class ?class ; void:entities ?n ] }}
  UNION {{ ?figures void:propertyPartition [ void:property ?property ; void:triples ?n ] }} }} }}
ORDER BY DESC(?n) ?class ?property"""
_SHOWN: Final = 40


@dataclass(frozen=True)
class GraphView:
    """What the page of a graph shows."""

    name: str
    iri: str
    said: dict[str, list[str]]
    """By the last part of a property of the description: description, source, license, triples, distinctSubjects."""
    classes: list[tuple[Term, int]]
    properties: list[tuple[Term, int]]
    files: list[str]
    """Names of the dumps of this graph alone."""
    query: str
    """A query that asks this graph alone."""


def uses(asking: Asking) -> dict[Term, list[tuple[str, int]]]:
    """Return for each class and property in which graphs of the release it is used, and how often, the most first.

    The figures are those of the description of the release. Raises QueryError.
    """
    found: dict[Term, list[tuple[str, int]]] = defaultdict(list)
    for row in asking.rows(_USED):
        if (name := _NAMES.get(iri_value(row["graph"]))) is not None:
            found[row["term"]].append((name, int(lexical(row["n"]))))
    return {term: sorted(used, key=lambda use: (-use[1], use[0])) for term, used in found.items()}


@blueprint.get("/graph")
def graphs() -> Response:
    """Lead to the list of the graphs of the release; a program to their description."""
    form = choose(request.headers.get("Accept", ""), (HTML, *RDF_FORMATS)) or HTML
    return redirect("/ontology#graphs" if isinstance(form, Page) else f"/void.{form.extension}", 303)


@blueprint.get("/graph/<name>")
def graph(name: str) -> Response:
    """Return the page of a graph of the release; a program is led to the description."""
    here = reading()
    if name not in here.graphs:
        raise NotFound(f"This release has no graph {name}; it has {', '.join(here.graphs)}.")
    form = choose(request.headers.get("Accept", ""), (HTML, *RDF_FORMATS)) or HTML
    if not isinstance(form, Page):
        return redirect(f"/void.{form.extension}", 303)
    body = here.once(f"graph {name}", lambda: _rendered(name))
    links = [Link("cite-as", GRAPHS[name]), Link("describedby", "/void.ttl", {"type": "text/turtle"})]
    return representation(body, HTML.media_type, here.release, links=links, by=("Accept",))


def _rendered(name: str) -> str:
    here = reading()
    view = _view(name, here.asking, here.release)
    return render_template("graph.html", view=view, words=here.words, release=here.release)


def _view(name: str, asking: Asking, release: Release) -> GraphView:
    term = iri(GRAPHS[name])
    said: dict[str, list[str]] = defaultdict(list)
    for row in asking.rows(_SAID % term):
        value = row["value"]
        property_ = iri_value(row["about"]).replace("#", "/").rpartition("/")[2]
        said[property_].append(iri_value(value) if value.startswith("<") else lexical(value))
    parts = asking.rows(_PARTS % term)
    return GraphView(
        name=name,
        iri=GRAPHS[name],
        said=said,
        classes=[(row["class"], int(lexical(row["n"]))) for row in parts if "class" in row][:_SHOWN],
        properties=[(row["property"], int(lexical(row["n"]))) for row in parts if "property" in row][:_SHOWN],
        files=[
            dump["path"].rpartition("/")[2]
            for dump in release.manifest.get("dumps", [])
            if dump["graph"] == GRAPHS[name]
        ],
        query=f"SELECT ?class (COUNT(*) AS ?things)\nFROM <{GRAPHS[name]}>\nWHERE {{ ?thing a ?class }}\n"
        "GROUP BY ?class\nORDER BY DESC(?things)",
    )
