"""What a reader says of a vocabulary: edition, terms, names, parents, mappings, mechanisms.

Identifiers are CURIEs in the spelling that the house uses (`MESH:D001943`, `MONDO:0007254`, `UNII:DPT0O3T46P`).

>>> Term("MONDO:0007254", "breast cancer", "disease", names=(Name("breast carcinoma", "related"),)).label
'breast cancer'
"""

from dataclasses import dataclass
from typing import Final

SCOPES: Final = ("label", "exact", "brand", "code", "narrow", "broad", "related", "unknown")
"""How a name relates to its term, surest first: its label; a synonym of the same meaning; a brand of the substance;
a code of its maker; a name of something narrower, broader or related; one whose scope the file does not keep."""

KINDS: Final = ("disease", "drug", "target", "organization", "other")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a term beside its label, with its scope."""

    text: str
    scope: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term. A term may come in several pieces; their names and parents add up, the first label stays."""

    id: str
    label: str
    kind: str
    names: tuple[Name, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermMapping:
    """One mapping between terms of two vocabularies, as its file states it; predicates are CURIEs of SKOS."""

    subject: str
    predicate: str
    object: str
    subject_label: str = ""
    object_label: str = ""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A drug acts on a target: what its file states of one protein of one mechanism."""

    drug: str
    target: str
    """CURIE of the protein (`UNIPROT:Q15116`)."""
    gene: str
    """Symbol of its gene (`PDCD1`); empty where the file has none."""
    target_name: str
    action: str
    """The file's word for the kind of action (`ANTAGONIST`); empty where it has none."""
    organism: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a file says of itself: version, date (ISO 8601), title, IRI of the licence."""

    version: str = ""
    date: str = ""
    title: str = ""
    license: str = ""


Item = Edition | Term | TermMapping | Mechanism
