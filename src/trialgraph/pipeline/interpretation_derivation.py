"""What texts say as a derivation: of a record, its version, and the drugs it is linked to."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from trialgraph.interpretation.dose_coverage import coverage_rows
from trialgraph.interpretation.interpretation_triples import digest, interpretation_triples
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.regimen import VERSION
from trialgraph.linking.label_index import INDEX_FILE
from trialgraph.linking.record_links import RecordLinker
from trialgraph.pipeline.criterion_links import criterion_links, prior_drug_links
from trialgraph.pipeline.derived_graphs import Derivation, Derive, Line
from trialgraph.pipeline.dose_drugs import with_dose_drugs
from trialgraph.pipeline.history import Version, described
from trialgraph.pipeline.interpretation_coverage import COVERAGE
from trialgraph.pipeline.link_derivation import link_derivation, record_linker
from trialgraph.pipeline.release_validation import FINDINGS, report_lines
from trialgraph.pipeline.sources import Sources, read_turtle
from trialgraph.registry.record import version_of
from trialgraph.store import sha256
from trialgraph.terms import Term, Triple, line
from trialgraph.validation import Checker, ValidationReport, compile_shapes, read_shapes

NAME: Final = "interpretation"


def interpretation_derivation(
    vocabularies: Path | None, *, link: bool, validated_by: Sources | None = None
) -> Derivation:
    """Return how texts are read; with `link` a dose has the drug that its intervention is linked to.

    What is read of a record is held against the shapes for interpretations of `validated_by`, where it is given.

    Raises SourceError for a damaged index, or one of another version.
    """
    index = vocabularies / INDEX_FILE if link and vocabularies else None
    index = index if index is not None and index.is_file() else None
    texts = [digest(), link_derivation(vocabularies).digest if link else ""]
    if validated_by:
        texts += map(sha256, (*validated_by.interpretation_shapes, *validated_by.ontology_files))
    key = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return Derivation(NAME, (NAME, COVERAGE, FINDINGS), key, partial(start_interpreting, index, link, validated_by))


def start_interpreting(index: Path | None, link: bool, validated_by: Sources | None = None) -> Derive:
    """Return what reads the texts of the records of one process."""
    return _Interpreting(record_linker(index) if link else None, _checker(validated_by) if validated_by else None)


def _checker(sources: Sources) -> Checker:
    ontology = read_turtle("ontology", sources.ontology_files)
    return compile_shapes(read_shapes(*sources.interpretation_shapes), background=ontology)


class _Interpreting:
    def __init__(self, linker: RecordLinker | None, checker: Checker | None) -> None:
        self._linker = linker
        self._checker = checker

    def __call__(self, record: bytes, triples: list[Triple]) -> Iterator[Line]:  # noqa: ARG002
        document = msgspec.json.decode(record)
        nct_id = document["protocolSection"]["identificationModule"]["nctId"]
        version = Version(nct_id, version_of(document) or "", 1)
        drugs = self._drugs(document)
        read = list(interpretation_triples(document, version.node, drugs))
        if self._linker:
            read = list(with_dose_drugs(read, document, self._linker))
            read += criterion_links(document, self._linker, Origin(version.node, VERSION))
            read += prior_drug_links(read, self._linker)
        # Whatever was read leads to the version, so the version has its label here, history or not.
        said = list(dict.fromkeys((*read, *(described(version) if read else ()))))
        yield from ((NAME, line(triple)) for triple in said)
        if self._checker:
            report = ValidationReport.of(self._checker.check(said))
            yield from ((FINDINGS, found) for found in report_lines(f"{nct_id}-{NAME}-", report))
        for number, row in enumerate(coverage_rows(document)):
            # The number keeps rows apart that are alike: rows of a part are a set.
            kind, what, words = (cell.replace("\t", " ") for cell in row)
            yield COVERAGE, f"{kind}\t{what}\t{words}\t{nct_id}#{number}\n"

    def _drugs(self, document: dict[str, Any]) -> dict[Term, list[Term]]:
        """Return the drugs that each intervention is linked to, in order."""
        found: dict[Term, set[Term]] = {}
        for intervention, drug in self._linker.drugs(document) if self._linker else ():
            found.setdefault(intervention, set()).add(drug)
        return {subject: sorted(drugs) for subject, drugs in found.items()}
