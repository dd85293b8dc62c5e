"""The ontology as a page to learn the model from, and as RDF."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from trialgraph.errors import FormatError
from trialgraph.formats import RDF_FORMATS, RdfFormat, by_extension
from trialgraph.resource.bounded_description import Bounds, describe
from trialgraph.syntaxes.document import document
from trialgraph.terms import Term, iri
from trialgraph.vocabulary import ONTOLOGY, Graph
from trialgraph.web.context.node import Facts, Node
from trialgraph.web.context.ontology_terms import Class, Ontology, Property
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import HTML, Page, by_parameter_or_accept
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import moved, of_document, representation
from trialgraph.web.http.signposting import CC0, HEADER_FORMATS, Link
from trialgraph.web.vocabulary import ontology_diagram
from trialgraph.web.vocabulary.graph_page import uses

blueprint = Blueprint("reference", __name__)

_OFFERS: Final[tuple[Page | RdfFormat, ...]] = (HTML, *RDF_FORMATS)
_EXAMPLE_TRIALS: Final = (
    "SELECT ?trial { { SELECT ?trial { ?trial <https://w3id.org/trialgraph/ontology#arm>/"
    "<https://w3id.org/trialgraph/ontology#doseSpecification> ?dose } LIMIT 200 } UNION { SELECT ?trial { "
    "?trial <https://w3id.org/trialgraph/ontology#outcomeResult> ?result } LIMIT 1 } }"
)
_EXAMPLE_PARTS: Final = 600
_MODEL: Final = "model"
_MODULE: Final = re.compile(r"(?:\w+Section\.)?(\w+?)(?:Module)?[.\[]")


@dataclass(frozen=True)
class Entry:
    """A class with the properties its members may have, in groups."""

    class_: Class
    groups: list[tuple[str, list[Property]]]
    """By module of the registry record; those of the model itself come first."""


@dataclass(frozen=True)
class Reference:
    """All that the page shows."""

    words: Ontology
    entries: list[Entry]
    general: list[Property]
    """Those that anything may have."""
    notes: list[Property]
    """Those by which the ontology speaks of itself."""
    home: dict[str, str]
    """For each property the class under which it is explained, which bears its anchor."""
    examples: dict[Term, tuple[Node, Node]]
    """For some properties a subject and a value."""
    uses: dict[Term, list[tuple[str, int]]]
    """For each class and property that the release uses, in which graphs and how often."""
    graphs: list[str]
    """Names of the graphs that the release has."""


def reference_of(
    words: Ontology,
    examples: dict[Term, tuple[Node, Node]],
    uses: dict[Term, list[tuple[str, int]]],
    graphs: list[str],
) -> Reference:
    """Return the reference of an ontology: classes in the order in which one is met from the trial onwards."""
    by_domain: dict[Term, list[Property]] = defaultdict(list)
    for known in words.properties.values():
        for domain in known.domains:
            by_domain[domain].append(known)
    entries = [Entry(words.classes[term], _groups(by_domain[term])) for term in _order(words, by_domain)]
    covered = {known.term for entry in entries for _, group in entry.groups for known in group}
    rest = [known for known in words.properties.values() if known.term not in covered]
    home: dict[str, str] = {}
    for entry in entries:
        for _, group in entry.groups:
            for known in group:
                home.setdefault(known.name, entry.class_.name)
    return Reference(
        words=words,
        entries=entries,
        general=[known for known in rest if known.kind != "note"],
        notes=[known for known in rest if known.kind == "note"],
        home=home,
        examples=examples,
        uses=uses,
        graphs=graphs,
    )


def _order(words: Ontology, by_domain: dict[Term, list[Property]]) -> list[Term]:
    """Return the classes: those of the map, then what their properties lead to, then whatever is left."""
    order = [term for name in ontology_diagram.READING_ORDER if (term := iri(f"{ONTOLOGY}#{name}")) in words.classes]
    rest = sorted(words.classes, key=lambda term: words.classes[term].label)
    for term in order:
        led_to = [range_ for known in by_domain[term] for range_ in known.ranges]
        led_to += [child for child, known in words.classes.items() if term in known.parents]
        order += [found for found in dict.fromkeys(led_to) if found in words.classes and found not in order]
    return order + [term for term in rest if term not in order]


def _groups(properties: list[Property]) -> list[tuple[str, list[Property]]]:
    groups: dict[str, list[Property]] = defaultdict(list)
    for known in sorted(properties, key=lambda known: (known.fields[:1], known.kind != "thing", known.label)):
        groups[_module(known)].append(known)
    return sorted(groups.items(), key=lambda group: group[0] != _MODEL)


def _module(known: Property) -> str:
    """Return the module of the record that a property comes from, in words.

    >>> _module(Property("", "", "", "", "", (), (), (), None, ("protocolSection.armsInterventionsModule.x",), False))
    'arms interventions'
    """
    match = _MODULE.match(known.fields[0]) if known.fields else None
    if match is None:
        return _MODEL if not known.fields else "record"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", match[1]).lower()


@blueprint.get("/ontology")
def ontology() -> Response:
    """Return the ontology, as a page or as RDF."""
    named = request.args.get("format", "")
    form = by_parameter_or_accept(named, request.headers.get("Accept", ""), _OFFERS)
    if form is None:
        raise RequestError(406, "The ontology is not in that format.", available=[o.media_type for o in _OFFERS])
    return _page() if isinstance(form, Page) else _data(form, by=("Accept",))


@blueprint.get("/ontology.<extension>")
def ontology_file(extension: str) -> Response:
    """Return the ontology in the format of an extension."""
    if extension == "owl":  # as ontology editors look for it
        return moved("/ontology.rdf")
    try:
        return _data(by_extension(extension), by=())
    except FormatError as error:
        raise NotFound(str(error)) from None


def _page() -> Response:
    here = reading()
    body = here.once("ontology page", _rendered)
    links = [
        Link("cite-as", ONTOLOGY),
        Link("type", "https://schema.org/AboutPage"),
        Link("license", CC0),
        *(Link("describedby", f"/ontology.{f.extension}", {"type": f.media_type}) for f in HEADER_FORMATS),
    ]
    return representation(body, HTML.media_type, here.release, links=links, by=("Accept",))


def _data(form: RdfFormat, *, by: tuple[str, ...]) -> Response:
    here = reading()
    made = here.once(
        f"ontology {form.name}", lambda: document(here.asking.graph(Graph.ONTOLOGY), form, iri(ONTOLOGY))
    )
    links = [Link("describes", "/ontology", {"type": HTML.media_type}), Link("license", CC0)]
    where = f"/ontology.{form.extension}"
    return of_document(made, here.release, links=links, location=where, by=by)


def _rendered() -> str:
    here = reading()
    return render_template(
        "ontology.html",
        reference=reference_of(here.words, _examples(), uses(here.asking), here.graphs),
        diagram=ontology_diagram,
        formats=RDF_FORMATS,
        namespace=ONTOLOGY + "#",
        release=here.release,
    )


def _examples() -> dict[Term, tuple[Node, Node]]:
    """Return a statement for each property that the trials with doses, or a trial with results, have."""
    here = reading()
    found: dict[Term, tuple[Node, Node]] = {}
    for trial in sorted({row["trial"] for row in here.asking.rows(_EXAMPLE_TRIALS)})[:4]:
        facts = Facts(describe(here.asking, trial, Bounds(_EXAMPLE_PARTS, alike=3)), here.words)
        for s, p, o, _ in facts.description.quads:
            found.setdefault(p, (facts.node(s), facts.node(o)))
        shared = sorted({o for _, p, o, _ in facts.description.quads if p in here.words.properties})
        for s, p, o, _ in here.asking.quads([o for o in shared if o.startswith("<") and o not in here.words.labels]):
            found.setdefault(p, (facts.node(s), facts.node(o)))
    return found
