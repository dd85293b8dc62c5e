"""IRIs of shared things: curated ones keep theirs, others go by their first vocabulary.

>>> thing_iri("disease", "MONDO:0007254")
'https://w3id.org/trialgraph/id/disease/MONDO:0007254'
>>> thing_iri("drug", "DRUGBANK:DB15043"), thing_iri("disease", "MONDO:0008433")
('https://w3id.org/trialgraph/id/drug/toripalimab', 'https://w3id.org/trialgraph/id/condition/SCLC')
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from trialgraph.linking.prefixes import converter
from trialgraph.linking.sssom import read_sssom
from trialgraph.settings import packaged
from trialgraph.vocabulary import PREFIXES, RESOURCE, shared_iri

DISEASE, DRUG, TARGET = "disease", "drug", "target"
_ORDER: Final = {
    DISEASE: ("MONDO", "MESH", "HP", "EFO", "DOID", "NCIT"),
    DRUG: ("UNII", "MESH", "CHEMBL.COMPOUND", "CHEBI", "DRUGBANK", "DRUGCENTRAL", "RXNORM", "NCIT"),
    TARGET: ("HGNC", "UNIPROT"),
}
"""Prefixes of the vocabularies that name a thing of each kind, the first one first."""

_FILES: Final = {DISEASE: "conditions", DRUG: "drugs", TARGET: "targets"}
_SAME: Final = frozenset((PREFIXES["skos"] + "exactMatch",))
_NAMES: Final = {DRUG: "unii:", TARGET: "hgnc:"}
"""Curated drugs are close matches of the substance of UNII, targets related ones of their gene; both name them."""


def primary(kind: str, ids: Iterable[str]) -> str | None:
    """Return the identifier that names a thing with these: that of the first vocabulary, or None for none known.

    >>> primary("drug", ["CHEBI:9139", "UNII:3M7OB98Y7H"])
    'UNII:3M7OB98Y7H'
    """
    order = _ORDER[kind]
    ranked = sorted((order.index(id_.partition(":")[0]), id_) for id_ in ids if id_.partition(":")[0] in order)
    return ranked[0][1] if ranked else None


@lru_cache(maxsize=1 << 16)
def thing_iri(kind: str, id_: str) -> str:
    """Return the IRI of the thing of this kind with this identifier."""
    return curated_things(kind).get(id_.upper()) or shared_iri(kind, id_)


@lru_cache(maxsize=1 << 16)
def outside_iri(id_: str) -> str | None:
    """Return the IRI of a term in its own vocabulary, or None when its prefix is not known.

    >>> outside_iri("MESH:D001943"), outside_iri("NOWHERE:1")
    ('http://id.nlm.nih.gov/mesh/D001943', None)
    """
    prefix, _, local = id_.partition(":")
    return converter().expand(f"{prefix.lower()}:{local}")


@lru_cache(maxsize=4)
def curated_things(kind: str) -> dict[str, str]:
    """Return the IRIs of the curated things of a kind by the identifiers that are exact matches of theirs."""
    found: dict[str, str] = {}
    for mapping in read_sssom(packaged("data") / "links" / f"{_FILES[kind]}.sssom.tsv").mappings:
        curie = converter().compress(mapping.object) or ""
        same = mapping.predicate in _SAME or curie.startswith(_NAMES.get(kind, "-"))
        if same and curie and mapping.subject.startswith(RESOURCE):
            found.setdefault(curie.upper(), mapping.subject)
    return found
