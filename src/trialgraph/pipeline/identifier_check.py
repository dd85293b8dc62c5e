"""Identifiers of others, held against how the Bioregistry says they look; nothing is asked of the web."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from trialgraph.linking import check, malformed, read_sssom
from trialgraph.pipeline.sources import read_files
from trialgraph.store import Reader, Release
from trialgraph.terms import iri_value, is_iri
from trialgraph.vocabulary import BASE

_OUTSIDE: Final = f'SELECT DISTINCT ?o {{ ?s ?p ?o FILTER(isIRI(?o) && !STRSTARTS(STR(?o), "{BASE}")) }}'


def malformed_in_files(paths: Iterable[Path]) -> Iterator[str]:
    """Yield what is wrong in mapping tables (`.sssom.tsv`), with the line, and in RDF files.

    Raises FormatError for an unknown extension, SourceError for a file that cannot be read.
    """
    for path in paths:
        if path.name.endswith(".sssom.tsv"):
            yield from map(str, check([read_sssom(path)]))
        else:
            iris = {iri_value(term) for triple in read_files([path]) for term in triple if is_iri(term)}
            yield from (f"{path}: {iri} {reason}" for iri, reason in malformed(sorted(iris)))


def malformed_in_release(release: Release) -> Iterator[str]:
    """Yield what is wrong with the identifiers that a release points to."""
    found = Reader(release).select(_OUTSIDE)
    iris = sorted(iri_value(term) for (term,) in found if term)
    yield from (f"{iri} {reason}" for iri, reason in malformed(iris))
