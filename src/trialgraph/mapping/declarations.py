"""What the ontology declares about the registry: properties, classes, schemes, read from its triples.

Nothing here knows a record; it is the ontology as values, from which the map, the shapes and the JSON-LD
context are made. `tg:registryField` and the annotations beside it are defined in `ontology/registry.ttl`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote, unquote

from trialgraph import vocabulary
from trialgraph.errors import MappingError
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, XSD, Term, Triple, iri_value, lexical

TG: Final = vocabulary.ONTOLOGY + "#"
_RDF: Final = vocabulary.PREFIXES["rdf"]
_RDFS: Final = vocabulary.PREFIXES["rdfs"]
_OWL: Final = vocabulary.PREFIXES["owl"]
_SKOS: Final = vocabulary.PREFIXES["skos"]

PARTIAL_DATE: Final = TG + "PartialDate"
DATATYPES: Final = frozenset(
    [PARTIAL_DATE, *(XSD + name for name in ("string", "integer", "boolean", "decimal", "date"))]
)
"""The ranges of fields that are literals."""


_LONGEST_NOTATION: Final = 200


@dataclass(frozen=True)
class Concept:
    """A concept of a scheme: one literal of an enumeration, or (`combines`) several taken together."""

    iri: str
    notation: str
    label: str
    position: int
    combines: frozenset[str]
    """IRIs of the concepts it combines; empty for a literal of the registry."""


@dataclass(frozen=True)
class Scheme:
    """An enumeration: its concepts in the registry's order, then the combined ones."""

    iri: str
    concepts: tuple[Concept, ...]

    @property
    def literals(self) -> tuple[Concept, ...]:
        """The concepts that stand for a literal of the registry."""
        return tuple(concept for concept in self.concepts if not concept.combines)

    def undeclared(self, value: str) -> str | None:
        """Return the IRI of a literal that no concept is declared for, None where it cannot be one.

        A registry adds values to its enumerations before we declare them. `notation_of` gives the literal back.
        """
        if not value.isprintable() or len(value) > _LONGEST_NOTATION or not value.strip(" ."):
            return None
        iri = f"{self.iri}/{quote(value, safe='')}"
        return None if iri in self._declared else iri

    def notation_of(self, iri: str) -> str | None:
        """Return the literal that a concept without a declaration stands for, None where it is of another scheme."""
        name = iri.removeprefix(self.iri + "/")
        return unquote(name) if name != iri and "/" not in name and iri not in self._declared else None

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(concept.iri for concept in self.concepts)


@dataclass(frozen=True)
class Property:
    """A property of the ontology; a registry field when it has `paths`, a shortcut when it has a `rule`."""

    iri: str
    label: str
    definition: str
    domains: tuple[str, ...]
    range: str
    supers: tuple[str, ...]
    paths: tuple[str, ...]
    segment: str
    scheme: Scheme | None
    role: str
    also_label: bool
    rule: str
    shortcut_from: tuple[str, ...]
    shortcut_to: tuple[str, ...]
    is_annotation: bool

    @property
    def name(self) -> str:
        """The local name, as JSON-LD and messages use it."""
        return self.iri.rsplit("#", 1)[-1]


@dataclass(frozen=True)
class Declarations:
    """Everything declared, by IRI, in the order of the ontology file."""

    properties: dict[str, Property]
    schemes: dict[str, Scheme]
    supers: dict[str, tuple[str, ...]]
    """Superclasses of each class, as stated."""
    class_labels: dict[str, str]
    label_patterns: dict[str, str]
    """How things of a class are labelled, by class; see `tg:labelPattern`."""

    @cached_property
    def concepts(self) -> frozenset[Term]:
        """All concepts of all schemes, as terms."""
        return frozenset(f"<{concept.iri}>" for scheme in self.schemes.values() for concept in scheme.concepts)

    def ancestors(self, class_: str) -> set[str]:
        """Return the class and all classes above it."""
        found, todo = set[str](), [class_]
        while todo:
            current = todo.pop()
            if current not in found:
                found.add(current)
                todo += self.supers.get(current, ())
        return found

    def applies(self, property_: Property, class_: str) -> bool:
        """Tell whether things of a class can have the property, by its domain."""
        return not self.ancestors(class_).isdisjoint(property_.domains)


def read(triples: Iterable[Triple]) -> Declarations:
    """Return the declarations of an ontology, given as triples.

    Raises MappingError for a property whose scheme or range is not declared.
    """
    graph = _Graph(triples)
    schemes = {iri: _scheme(graph, iri) for iri in graph.of_type(_SKOS + "ConceptScheme")}
    classes = graph.of_type(_OWL + "Class")
    kinds = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
    names = [iri for kind in kinds for iri in graph.of_type(_OWL + kind) if iri.startswith(TG)]
    order = {subject: number for number, subject in enumerate(graph.by_subject)}
    names.sort(key=lambda iri: order[f"<{iri}>"])
    return Declarations(
        {iri: _property(graph, iri, schemes) for iri in names},
        schemes,
        {iri: tuple(graph.iris(iri, _RDFS + "subClassOf")) for iri in classes},
        {iri: graph.text(iri, iri_value(RDFS_LABEL)) for iri in classes},
        {iri: pattern for iri in classes if (pattern := graph.text(iri, TG + "labelPattern"))},
    )


class _Graph:
    """The triples by subject and predicate; keys are terms."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.by_subject: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, object_ in triples:
            # What a term matches elsewhere declares nothing, and must not decide the order of declarations.
            if not predicate.endswith("Match>"):
                self.by_subject[subject][predicate].append(object_)

    def of_type(self, class_: str) -> list[str]:
        wanted = f"<{class_}>"
        return [
            iri_value(subject)
            for subject, about in self.by_subject.items()
            if subject[0] == "<" and wanted in about.get(RDF_TYPE, ())
        ]

    def terms(self, subject: str, predicate: str) -> list[Term]:
        key = subject if subject.startswith("_:") else f"<{subject}>"
        about = self.by_subject.get(key)
        return about.get(f"<{predicate}>", []) if about else []

    def iris(self, subject: str, predicate: str) -> list[str]:
        return [iri_value(term) for term in self.terms(subject, predicate) if term[0] == "<"]

    def texts(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(lexical(term) for term in self.terms(subject, predicate) if term[0] == '"')

    def text(self, subject: str, predicate: str) -> str:
        return next(iter(self.texts(subject, predicate)), "")

    def iri(self, subject: str, predicate: str) -> str:
        return next(iter(self.iris(subject, predicate)), "")

    def classes(self, subject: str, predicate: str) -> Iterator[str]:
        """Yield the classes named, those of an `owl:unionOf` one by one."""
        for term in self.terms(subject, predicate):
            if term[0] == "<":
                yield iri_value(term)
            for head in self.terms(term, _OWL + "unionOf") if term.startswith("_:") else ():
                yield from self.members(head)

    def members(self, head: Term) -> Iterator[str]:
        while head.startswith("_:"):
            yield from self.iris(head, _RDF + "first")
            head = next(iter(self.terms(head, _RDF + "rest")), "")


def _scheme(graph: _Graph, iri: str) -> Scheme:
    members = [
        iri_value(subject)
        for subject, about in graph.by_subject.items()
        if f"<{iri}>" in about.get(f"<{_SKOS}inScheme>", ())
    ]
    concepts = sorted((_concept(graph, member) for member in members), key=lambda c: (bool(c.combines), c.position))
    return Scheme(iri, tuple(concepts))


def _concept(graph: _Graph, iri: str) -> Concept:
    return Concept(
        iri,
        graph.text(iri, _SKOS + "notation"),
        graph.text(iri, _SKOS + "prefLabel"),
        int(graph.text(iri, TG + "position") or 0),
        frozenset(graph.iris(iri, TG + "combines")),
    )


def _property(graph: _Graph, iri: str, schemes: dict[str, Scheme]) -> Property:
    scheme = graph.iri(iri, TG + "scheme")
    if scheme and not (scheme in schemes and schemes[scheme].concepts):
        raise MappingError(iri, f"tg:scheme names {scheme}, of which no concept is declared")
    declared = Property(
        iri=iri,
        label=graph.text(iri, iri_value(RDFS_LABEL)),
        definition=graph.text(iri, _SKOS + "definition"),
        domains=tuple(graph.classes(iri, _RDFS + "domain")),
        range=graph.iri(iri, TG + "valueDatatype") or graph.iri(iri, _RDFS + "range"),
        supers=tuple(graph.iris(iri, _RDFS + "subPropertyOf")),
        paths=graph.texts(iri, TG + "registryField"),
        segment=graph.text(iri, TG + "segment"),
        scheme=schemes.get(scheme),
        role=graph.iri(iri, TG + "elementRole"),
        also_label=graph.text(iri, TG + "alsoLabel") == "true",
        rule=graph.text(iri, TG + "shortcutRule"),
        shortcut_from=graph.texts(iri, TG + "shortcutFrom"),
        shortcut_to=graph.texts(iri, TG + "shortcutTo"),
        is_annotation=_OWL + "AnnotationProperty" in graph.iris(iri, iri_value(RDF_TYPE)),
    )
    if declared.paths and not (declared.domains and declared.range):
        raise MappingError(iri, "a registry field needs rdfs:domain and rdfs:range")
    return declared
