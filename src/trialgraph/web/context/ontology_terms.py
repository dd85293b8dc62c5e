"""The ontology of a release as pages use it: labels, definitions, what goes where.

It is read once from the graph of a release and kept, because every page speaks of its terms.

>>> from trialgraph.vocabulary import TG
>>> words = ontology_of([(f"<{TG.Trial}>", "<http://www.w3.org/2000/01/rdf-schema#label>", '"trial"', "")])
>>> words.label(f"<{TG.Trial}>")
'trial'
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Quad, Term, iri, is_iri, is_literal, lexical
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, SCHEME, unslug

_OWL: Final = PREFIXES["owl"]
_RDFS: Final = PREFIXES["rdfs"]
_SKOS: Final = PREFIXES["skos"]
_RDF: Final = PREFIXES["rdf"]
_TG: Final = ONTOLOGY + "#"
_COMMON: Final = {
    _RDF + "type": "kind",
    _RDFS + "label": "label",
    _RDFS + "seeAlso": "see also",
    _RDFS + "comment": "comment",
    _RDFS + "isDefinedBy": "defined by",
    _SKOS + "altLabel": "other name",
    _SKOS + "prefLabel": "preferred name",
    _SKOS + "notation": "notation",
    _SKOS + "definition": "definition",
    _SKOS + "exactMatch": "exact match",
    _SKOS + "closeMatch": "close match",
    _SKOS + "broadMatch": "broader match",
    _SKOS + "narrowMatch": "narrower match",
    _SKOS + "relatedMatch": "related match",
    _SKOS + "inScheme": "scheme",
    _SKOS + "topConceptOf": "top concept of",
    _SKOS + "broader": "broader",
    _SKOS + "narrower": "narrower",
    PREFIXES["dcterms"] + "license": "licence",
    PREFIXES["dcterms"] + "source": "source",
    PREFIXES["dcterms"] + "title": "title",
    PREFIXES["dcterms"] + "description": "description",
}
"""Words for terms of other vocabularies that pages often show."""
_MATCHES: Final = ("exact", "close", "broad", "narrow", "related")
_CLASSES: Final = {iri(_OWL + "Class"), iri(_RDFS + "Datatype")}
_KINDS: Final = {
    iri(_OWL + "ObjectProperty"): "thing",
    iri(_OWL + "DatatypeProperty"): "value",
    iri(_OWL + "AnnotationProperty"): "note",
}


@dataclass(frozen=True)
class Concept:
    """A concept of one of our schemes."""

    term: Term
    label: str
    notation: str
    definition: str
    broader: tuple[Term, ...]
    matches: tuple[tuple[str, Term], ...]
    """How it matches a concept elsewhere (`exact`, `close`, `broad`, `narrow`), and which."""


@dataclass(frozen=True)
class Scheme:
    """One of our schemes with its concepts in order."""

    term: Term
    name: str
    """The last part of its IRI, such as `arm-type`."""
    label: str
    definition: str
    enumeration: str
    """What the registry calls it, or empty."""
    concepts: tuple[Concept, ...]


@dataclass(frozen=True)
class Class:
    """A class of the ontology, or a datatype."""

    term: Term
    name: str
    label: str
    definition: str
    parents: tuple[Term, ...]
    matches: tuple[tuple[str, Term], ...]
    """How it matches a class elsewhere (`exact`, `close`, `broad`, `narrow`, `related`), and which."""


@dataclass(frozen=True)
class Property:
    """A property of the ontology."""

    term: Term
    name: str
    label: str
    definition: str
    kind: str
    """`thing`, `value` or `note`: what its values are."""
    domains: tuple[Term, ...]
    ranges: tuple[Term, ...]
    parents: tuple[Term, ...]
    scheme: Term | None
    fields: tuple[str, ...]
    """Paths of the registry record that it holds."""
    markdown: bool


@dataclass(frozen=True)
class Ontology:
    """The words of a release."""

    classes: dict[Term, Class] = field(default_factory=dict)
    properties: dict[Term, Property] = field(default_factory=dict)
    schemes: dict[Term, Scheme] = field(default_factory=dict)
    labels: dict[Term, str] = field(default_factory=dict)
    version: str = ""

    def label(self, term: Term) -> str:
        """Return the label of a term, or words made from its name."""
        return self.labels.get(term) or _COMMON.get(term[1:-1]) or readable(term)

    def is_markdown(self, predicate: Term) -> bool:
        """Whether the values of a property are CommonMark."""
        known = self.properties.get(predicate)
        return known is not None and known.markdown


def readable(term: Term) -> str:
    """Return words for a term that has no label: a prefixed name, or the end of its path.

    >>> readable("<http://purl.obolibrary.org/obo/NCIT_C1909>"), readable("<https://e.org/some/drug/Co.,_Ltd.>")
    ('ncit:C1909', 'Co., Ltd.')
    """
    if is_literal(term):
        return lexical(term)
    name = term[1:-1]
    for prefix, namespace in PREFIXES.items():
        rest = name[len(namespace) :]
        if prefix not in ("tg", "tgid") and name.startswith(namespace) and rest and "/" not in rest:
            return f"{prefix}:{rest}"
    if name.startswith(_TG) and name != _TG:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name[len(_TG) :]).lower()
    tail = name.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    return unslug(tail) or name.rstrip("#")


def ontology_of(quads: Iterable[Quad]) -> Ontology:
    """Return what the quads of the ontology graph declare, in the order of their labels."""
    facts: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for s, p, o, _ in quads:
        facts[s][p].append(o)
    reader = _Reader(facts)
    kinds = {term: reader.types(term) for term in facts}
    return Ontology(
        classes={t: reader.class_(t) for t in facts if _CLASSES.intersection(kinds[t]) and _is_ours(t)},
        properties={
            t: reader.property_(t, kind)
            for t in sorted(facts)
            for type_, kind in _KINDS.items()
            if type_ in kinds[t] and _is_ours(t)
        },
        schemes=reader.schemes(t for t in sorted(facts) if iri(_SKOS + "ConceptScheme") in kinds[t]),
        labels={t: label for t in facts if (label := reader.text(t, RDFS_LABEL))},
        version=reader.text(iri(ONTOLOGY), iri(_OWL + "versionInfo")),
    )


def _is_ours(term: Term) -> bool:
    return term.startswith("<" + _TG)


class _Reader:
    """Finds its way in the triples of the ontology."""

    def __init__(self, facts: dict[Term, dict[Term, list[Term]]]) -> None:
        self._facts = facts

    def types(self, term: Term) -> list[Term]:
        return self._facts[term].get(RDF_TYPE, [])

    def all(self, term: Term, predicate: Term) -> list[Term]:
        return self._facts[term].get(predicate, []) if term in self._facts else []

    def text(self, term: Term, predicate: Term) -> str:
        return next((lexical(o) for o in sorted(self.all(term, predicate)) if is_literal(o)), "")

    def named(self, term: Term, predicate: Term) -> tuple[Term, ...]:
        """Return the named things a term points to; those of a union stand for the union."""
        found: list[Term] = []
        for o in self.all(term, predicate):
            found += [o] if is_iri(o) else self._members(o)
        return tuple(found)

    def _members(self, union: Term) -> list[Term]:
        members: list[Term] = []
        for rest in self.all(union, iri(_OWL + "unionOf")):
            seen: set[Term] = set()
            while rest in self._facts and rest not in seen:
                seen.add(rest)
                members += [o for o in self.all(rest, iri(_RDF + "first")) if is_iri(o)]
                rest = next(iter(self.all(rest, iri(_RDF + "rest"))), "")  # noqa: PLW2901 - walking the list
        return members

    def definition(self, term: Term) -> str:
        return self.text(term, iri(_SKOS + "definition")) or self.text(term, iri(_RDFS + "comment"))

    def class_(self, term: Term) -> Class:
        parents = self.named(term, iri(_RDFS + "subClassOf"))
        name, label = term[1 + len(_TG) : -1], self.text(term, RDFS_LABEL)
        return Class(term, name, label, self.definition(term), parents, self.matches(term))

    def matches(self, term: Term) -> tuple[tuple[str, Term], ...]:
        return tuple(
            (kind, o) for kind in _MATCHES for o in sorted(self.all(term, iri(f"{_SKOS}{kind}Match"))) if is_iri(o)
        )

    def property_(self, term: Term, kind: str) -> Property:
        return Property(
            term=term,
            name=term[1 + len(_TG) : -1],
            label=self.text(term, RDFS_LABEL),
            definition=self.definition(term),
            kind=kind,
            domains=self.named(term, iri(_RDFS + "domain")),
            ranges=self.named(term, iri(_TG + "valueDatatype")) or self.named(term, iri(_RDFS + "range")),
            parents=self.named(term, iri(_RDFS + "subPropertyOf")),
            scheme=next(iter(self.all(term, iri(_TG + "scheme"))), None),
            fields=tuple(sorted(lexical(o) for o in self.all(term, iri(_TG + "registryField")))),
            markdown=self.text(term, iri(_TG + "markdown")) == "true",
        )

    def schemes(self, terms: Iterable[Term]) -> dict[Term, Scheme]:
        members: dict[Term, list[Term]] = defaultdict(list)
        for term, properties in self._facts.items():
            for scheme in properties.get(iri(_SKOS + "inScheme"), []):
                members[scheme].append(term)
        return {term: self._scheme(term, members[term]) for term in terms}

    def _scheme(self, term: Term, members: list[Term]) -> Scheme:
        def place(concept: Term) -> tuple[int, str]:
            position = self.text(concept, iri(_TG + "position"))
            return int(position) if position.isdigit() else 0, self.text(concept, RDFS_LABEL)

        name = term[1:-1]
        return Scheme(
            term=term,
            name=name[len(SCHEME) :] if name.startswith(SCHEME) else name,
            label=self.text(term, RDFS_LABEL),
            definition=self.definition(term),
            enumeration=self.text(term, iri(_TG + "registryEnumeration")),
            concepts=tuple(self._concept(member) for member in sorted(members, key=place)),
        )

    def _concept(self, term: Term) -> Concept:
        return Concept(
            term=term,
            label=self.text(term, RDFS_LABEL),
            notation=self.text(term, iri(_SKOS + "notation")),
            definition=self.definition(term),
            broader=self.named(term, iri(_SKOS + "broader")),
            matches=self.matches(term),
        )
