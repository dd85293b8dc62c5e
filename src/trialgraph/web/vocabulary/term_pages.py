"""`/ontology/NAME`, a page for each class and property; `/ontology/terms`, all with a filter."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from trialgraph.formats import RDF_FORMATS, RdfFormat
from trialgraph.resource.bounded_description import Bounds
from trialgraph.syntaxes.document import document
from trialgraph.terms import RDF_TYPE, Term, iri
from trialgraph.vocabulary import ONTOLOGY, prologue
from trialgraph.web.context.example_queries import Example
from trialgraph.web.context.node import Facts, Node
from trialgraph.web.context.ontology_terms import Class, Ontology, Property
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import HTML, Page, by_parameter_or_accept
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import of_document, representation

blueprint = Blueprint("term_pages", __name__)

_OFFERS: Final[tuple[Page | RdfFormat, ...]] = (HTML, *RDF_FORMATS)
_MOST_SHOWN: Final = 6
"""Statements that show a term in use."""
_PREFIXES: Final = prologue("tg", "rdfs")


@dataclass(frozen=True, slots=True)
class ListedTerm:
    """A class, property or scheme in the list of all."""

    name: str
    label: str
    kind: str
    definition: str
    address: str

    @property
    def letter(self) -> str:
        """What it begins with, by which it is found in a long list."""
        return self.name[:1].upper()

    def has(self, words: list[str]) -> bool:
        """Whether every word stands in its name, label or definition."""
        text = f"{self.name} {self.label} {self.definition}".casefold()
        return all(word in text for word in words)


def listed_terms(words: Ontology) -> list[ListedTerm]:
    """Return every class, property and scheme, by name."""
    kinds = {"thing": "property", "value": "property", "note": "annotation"}
    found = [
        ListedTerm(known.name, known.label, "class", known.definition, f"/ontology/{known.name}")
        for known in words.classes.values()
    ]
    found += [
        ListedTerm(known.name, known.label, kinds[known.kind], known.definition, f"/ontology/{known.name}")
        for known in words.properties.values()
    ]
    found += [
        ListedTerm(
            known.name, known.label or known.name, "scheme", known.definition, f"/ontology#scheme-{known.name}"
        )
        for known in words.schemes.values()
    ]
    return sorted(found, key=lambda each: (each.name.casefold(), each.kind))


@blueprint.get("/ontology/terms")
def terms() -> Response:
    """Return the list of classes, properties and schemes that have all the words of `q`."""
    here = reading()
    asked = request.args.get("q", "").strip()[:200]
    words = asked.casefold().split()
    every = listed_terms(here.words)
    body = render_template(
        "ontology-terms.html",
        asked=asked,
        found=[each for each in every if each.has(words)],
        every=len(every),
        release=here.release,
    )
    return representation(body, HTML.media_type, here.release)


@blueprint.get("/ontology/<name>")
def term_page(name: str) -> Response:
    """Return the page of a class or property, or what is said of it as RDF.

    Raises NotFound for a name that the ontology does not have.
    """
    here = reading()
    term = iri(f"{ONTOLOGY}#{name}") if name.isidentifier() else ""
    known = here.words.classes.get(term) or here.words.properties.get(term)
    if known is None:
        raise NotFound(f"The ontology has no term {name}; /ontology/terms lists those it has.")
    form = by_parameter_or_accept(request.args.get("format", ""), request.headers.get("Accept", ""), _OFFERS)
    if form is None:
        raise RequestError(406, "The term is not in that format.", available=[o.media_type for o in _OFFERS])
    if isinstance(form, RdfFormat):
        return of_document(document(here.asking.quads([term]), form, term), here.release, by=("Accept",))
    page = here.once(f"term {name}", lambda: _rendered(known))
    return representation(page, HTML.media_type, here.release, by=("Accept",))


def _rendered(known: Class | Property) -> str:
    here = reading()
    words = here.words
    is_class = isinstance(known, Class)
    return render_template(
        "ontology-term.html",
        known=known,
        is_class=is_class,
        words=words,
        properties=_of_class(words, known) if isinstance(known, Class) else [],
        leading=_leading_to(words, known.term) if is_class else [],
        narrower=_narrower(words, known.term),
        scheme=words.schemes.get(known.scheme) if isinstance(known, Property) and known.scheme else None,
        shown=_in_use(known),
        examples=_examples(known.name, list(here.examples.values())),
        query="/sparql?" + urlencode({"query": _query(known)}),
        formats=RDF_FORMATS,
        release=here.release,
    )


def _of_class(words: Ontology, known: Class) -> list[Property]:
    """Return the properties that members of a class may have, those of the classes above it too."""
    above, waiting = [known.term], [known.term]
    while waiting:
        parents = words.classes[waiting[0]].parents if waiting[0] in words.classes else ()
        waiting = [*waiting[1:], *(parent for parent in parents if parent not in above)]
        above += [parent for parent in parents if parent not in above]
    found = [each for each in words.properties.values() if set(each.domains) & set(above)]
    return sorted(found, key=lambda each: each.name.casefold())


def _leading_to(words: Ontology, term: Term) -> list[Property]:
    return sorted((each for each in words.properties.values() if term in each.ranges), key=lambda each: each.name)


def _narrower(words: Ontology, term: Term) -> list[Term]:
    every: list[Class | Property] = [*words.classes.values(), *words.properties.values()]
    return [each.term for each in sorted(every, key=lambda each: each.name) if term in each.parents]


def _in_use(known: Class | Property) -> list[tuple[Node, Node | None]]:
    """Return some subjects that show a term in use, each with its value for a property."""
    here = reading()
    pattern = f"?s {RDF_TYPE} {known.term}" if isinstance(known, Class) else f"?s {known.term} ?o"
    rows = here.asking.rows(f"SELECT ?s ?o {{ {pattern} }} LIMIT {_MOST_SHOWN}")
    empty = here.facts(known.term, Bounds(parts=1)).description
    labels = here.asking.labels(term for row in rows for term in row.values() if term.startswith("<"))
    empty.labels.update(labels)
    facts = Facts(empty, here.words)
    return [(facts.node(row["s"]), facts.node(row["o"]) if "o" in row else None) for row in rows]


def _examples(name: str, examples: list[Example]) -> list[Example]:
    """Return the example queries that use a term."""
    used = f"tg:{name}"
    found = [each for each in examples if used in each.query and _is_whole(each.query, used)]
    return found[:_MOST_SHOWN]


def _is_whole(query: str, used: str) -> bool:
    """Whether a name stands in a query as a whole name.

    >>> _is_whole("?x tg:armType ?y", "tg:arm"), _is_whole("?x tg:arm ?y", "tg:arm")
    (False, True)
    """
    rest = query.split(used)[1:]
    return any(not after[:1].isalnum() for after in rest)


def _query(known: Class | Property) -> str:
    if isinstance(known, Class):
        return f"{_PREFIXES}SELECT ?thing ?label {{\n  ?thing a tg:{known.name} ; rdfs:label ?label .\n}} LIMIT 100"
    return f"{_PREFIXES}SELECT ?subject ?value {{\n  ?subject tg:{known.name} ?value .\n}} LIMIT 100"
