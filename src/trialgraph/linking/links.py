"""Mappings as triples: each link itself, and a node that says why and how surely it was made.

The node follows the RDF form of SSSOM, in which a mapping is an `owl:Axiom` with annotations.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from trialgraph.linking.prefixes import converter
from trialgraph.linking.sssom import Mapping, MappingSet
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, XSD, Triple, decimal, iri, string, typed
from trialgraph.vocabulary import PREFIXES, RESOURCE, shared_iri, slug

_SSSOM: Final = PREFIXES["sssom"]
_OWL: Final = PREFIXES["owl"]
_DCTERMS: Final = PREFIXES["dcterms"]
_MAPPING: Final = iri(_SSSOM + "Mapping")
_MAPPING_SET: Final = iri(_SSSOM + "MappingSet")
_COMMENT: Final = iri(PREFIXES["rdfs"] + "comment")


def link_triples(mapping_sets: Iterable[MappingSet]) -> list[Triple]:
    """Return the triples of mapping sets, sorted and without duplicates.

    A mapping gives subject, predicate and object as one triple, the label of the object, and a node of type
    `sssom:Mapping` with justification, confidence, comment, source and the set it belongs to.
    """
    triples = {triple for mapping_set in mapping_sets for triple in _of_set(mapping_set)}
    if triples:
        triples |= {(_MAPPING, RDFS_LABEL, string("mapping")), (_MAPPING_SET, RDFS_LABEL, string("mapping set"))}
    return sorted(triples)


def _of_set(mapping_set: MappingSet) -> Iterator[Triple]:
    node = iri(mapping_set.iri)
    yield node, RDF_TYPE, _MAPPING_SET
    yield node, RDFS_LABEL, string(mapping_set.title)
    yield node, iri(_DCTERMS + "title"), string(mapping_set.title)
    yield node, iri(_DCTERMS + "license"), iri(mapping_set.license)
    yield node, iri(_DCTERMS + "created"), typed(mapping_set.date.isoformat(), XSD + "date")
    if mapping_set.description:
        yield node, iri(_DCTERMS + "description"), string(mapping_set.description)
    if mapping_set.version:
        yield node, iri(_OWL + "versionInfo"), string(mapping_set.version)
    for mapping in mapping_set.mappings:
        yield from _of_mapping(mapping, mapping_set)


def _of_mapping(mapping: Mapping, mapping_set: MappingSet) -> Iterator[Triple]:
    subject, predicate, object_ = iri(mapping.subject), iri(mapping.predicate), iri(mapping.object)
    yield subject, predicate, object_
    if mapping.object_label:
        yield object_, RDFS_LABEL, string(mapping.object_label)
    node = iri(mapping_iri(mapping, mapping_set))
    yield node, RDF_TYPE, _MAPPING
    yield node, RDF_TYPE, iri(_OWL + "Axiom")
    yield node, iri(_OWL + "annotatedSource"), subject
    yield node, iri(_OWL + "annotatedProperty"), predicate
    yield node, iri(_OWL + "annotatedTarget"), object_
    yield node, iri(_SSSOM + "mapping_justification"), iri(mapping.justification)
    yield node, iri(_DCTERMS + "isPartOf"), iri(mapping_set.iri)
    if mapping.confidence is not None:
        yield node, iri(_SSSOM + "confidence"), decimal(mapping.confidence)
    if mapping.object_source:
        yield node, iri(_SSSOM + "object_source"), iri(mapping.object_source)
    if mapping.comment:
        yield node, _COMMENT, string(mapping.comment)


def mapping_iri(mapping: Mapping, mapping_set: MappingSet) -> str:
    """Return the IRI of a mapping: the name of its set, the subject and the object, readable.

    It holds no row number, so it stays when rows are moved.
    """
    tail = "/".join((_readable(mapping.subject), _readable(mapping.object)))
    return f"{shared_iri('mapping', mapping_set.iri.rstrip('/').rpartition('/')[2])}/{tail}"


def _readable(term: str) -> str:
    if term.startswith(RESOURCE):
        return term.removeprefix(RESOURCE)
    return slug(converter().compress(term) or term)
