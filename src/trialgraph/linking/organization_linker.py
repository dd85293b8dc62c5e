"""Organizations by ROR: the name as it is, without abbreviation in brackets, without legal form.

An acronym alone links nothing, and a name that several organizations bear links none of them.

>>> from trialgraph.linking.index_builder import build_index, VocabularySource
>>> from trialgraph.linking.vocabulary_items import Term
>>> import pathlib, tempfile
>>> path = pathlib.Path(tempfile.mkdtemp()) / "i.sqlite"
>>> build_index(path, [VocabularySource("ror", "ror", [Term("ROR:09tea0001", "University of Tea", "organization")])])
>>> with LabelIndex.open(path) as index:
...     link_organization(index, "The University of Tea (UoT)")
OrganizationLink(id='ROR:09tea0001', label='University of Tea', matched='University of Tea', tier='bracket')
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from trialgraph.linking.label_index import LabelIndex
from trialgraph.resource.name_key import exact_key
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple, iri, string
from trialgraph.vocabulary import PREFIXES, TG, unslug

_KIND: Final = "organization"
_NAMES: Final = ("label", "exact")
_BRACKET: Final = re.compile(r"^(.{3,}?)\s*\([^()]{1,40}\)$")
_ARTICLE: Final = re.compile(r"^the\s+", re.IGNORECASE)
_LEGAL: Final = re.compile(
    r"[,\s]+(?:inc|incorporated|llc|l\.l\.c|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|kg|kgaa|se|sa|s\.a"
    r"|sas|s\.a\.s|srl|s\.r\.l|spa|s\.p\.a|bv|b\.v|nv|n\.v|ab|a/s|as|oy|oyj|aps|pty|kk|k\.k)\.?$",
    re.IGNORECASE,
)
_MOST_FORMS: Final = 3
_ROR: Final = "https://ror.org/"
_TYPES: Final = (iri(TG.sponsor), iri(TG.collaborator))


@dataclass(frozen=True, slots=True)
class OrganizationLink:
    """What an organization is in ROR."""

    id: str
    label: str
    matched: str
    """The name that was looked up."""
    tier: str
    """`name`, `bracket` or `legal form`."""


def link_organization(index: LabelIndex, name: str) -> OrganizationLink | None:
    """Return the one organization that bears a name, or None where there is none, or several."""
    for tried, tier in _forms(name):
        entries = [e for e in index.lookup(exact_key(tried)) if e.kind == _KIND and e.scope in _NAMES]
        for scope in _NAMES:
            ids = {entry.id: entry.label for entry in entries if entry.scope == scope}
            if len(ids) == 1:
                (id_, label), *_ = ids.items()
                return OrganizationLink(id_, label, tried, tier)
            if ids:
                return None
    return None


def _forms(name: str) -> Iterator[tuple[str, str]]:
    yield name, "name"
    bare = _ARTICLE.sub("", name)
    if found := _BRACKET.match(bare):
        bare = found[1]
        yield bare, "bracket"
    elif bare != name:
        yield bare, "name"
    for _ in range(_MOST_FORMS):
        shorter = _LEGAL.sub("", bare)
        if shorter == bare:
            return
        bare = shorter
        yield bare, "legal form"


def organization_triples(index: LabelIndex, triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield what the sponsors and collaborators among the triples of a record are in ROR."""
    for _, predicate, object_ in triples:
        if predicate in _TYPES and (link := link_organization(index, unslug(object_[1:-1].rpartition("/")[2]))):
            there = iri(_ROR + link.id.removeprefix("ROR:"))
            yield object_, iri(PREFIXES["skos"] + "exactMatch"), there
            yield there, RDF_TYPE, iri(TG.Organization)
            yield there, RDFS_LABEL, string(link.label)
