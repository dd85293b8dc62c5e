"""What is wrong with readable mappings: impossible identifiers, matches that exclude each other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from trialgraph.linking.prefixes import converter, pattern
from trialgraph.linking.sssom import Mapping, MappingSet
from trialgraph.vocabulary import PREFIXES

_EXACT: Final = PREFIXES["skos"] + "exactMatch"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend in a mapping table."""

    path: str
    line: int
    term: str
    """The identifier it is about, as a CURIE."""
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.term} {self.reason}"


def check(mapping_sets: Iterable[MappingSet]) -> list[Finding]:
    """Return what is wrong, in the order of the tables.

    Identifiers must look as the Bioregistry says those of their prefix look; and nothing is exactly the same as two
    terms of one vocabulary.
    """
    return [finding for mapping_set in mapping_sets for finding in _of_set(mapping_set)]


def malformed(iris: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the IRIs whose identifiers do not look as those of their prefix do, each with the reason.

    An IRI that begins with none of the known prefixes is passed over, and so is one with nothing behind its prefix.

    >>> [iri for iri, _ in malformed(["http://purl.obolibrary.org/obo/MONDO_84", "https://example.org/x"])]
    ['http://purl.obolibrary.org/obo/MONDO_84']
    """
    for iri in iris:
        identifier = (converter().compress(iri) or "").partition(":")[2]
        if identifier and (reason := _malformed(iri)):
            yield iri, reason


def _of_set(mapping_set: MappingSet) -> Iterator[Finding]:
    exact: dict[tuple[str, str], str] = {}
    for mapping in mapping_set.mappings:
        for term in (mapping.subject, mapping.predicate, mapping.object, mapping.justification):
            if reason := _malformed(term):
                yield _finding(mapping_set, mapping, term, reason)
        if mapping.predicate != _EXACT:
            continue
        key = mapping.subject, _curie(mapping.object).partition(":")[0]
        if key in exact:
            yield _finding(mapping_set, mapping, mapping.object, f"is exactly what {exact[key]} already is")
        exact[key] = _curie(mapping.object)


def _finding(mapping_set: MappingSet, mapping: Mapping, term: str, reason: str) -> Finding:
    return Finding(str(mapping_set.path), mapping.line, _curie(term), reason)


def _curie(term: str) -> str:
    return converter().compress(term) or term


def _malformed(term: str) -> str | None:
    prefix, _, identifier = _curie(term).partition(":")
    expected = pattern(prefix)
    return None if expected.fullmatch(identifier) else f"does not look like {expected.pattern}"
