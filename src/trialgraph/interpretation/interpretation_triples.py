"""What a record's texts say, as triples of the graph `interpretation`: one row for each kind of text.

>>> arms = {"armGroups": [{"label": "Aspirin 81 mg daily"}]}
>>> protocol = {"identificationModule": {"nctId": "NCT00000001"}, "armsInterventionsModule": arms}
>>> version = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"
>>> any("81 mg" in triple[2] for triple in interpretation_triples({"protocolSection": protocol}, version))
True
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from trialgraph.interpretation import endpoint_reader
from trialgraph.interpretation.concepts_reader import concepts_line
from trialgraph.interpretation.criteria_triples import criteria_triples
from trialgraph.interpretation.dose_triples import dose_triples
from trialgraph.interpretation.eligibility_reader import eligibility_line
from trialgraph.interpretation.feature_triples import feature_triples
from trialgraph.interpretation.outcome_triples import outcome_triples
from trialgraph.interpretation.population_reader import population_line
from trialgraph.interpretation.population_triples import population_triples
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.record_texts import Document, Line, nct_of, regimen_line
from trialgraph.interpretation.regimen import VERSION
from trialgraph.interpretation.result_triples import result_triples, results_line
from trialgraph.settings import packaged
from trialgraph.terms import Term, Triple

ToTriples = Callable[[Line, Origin, Mapping[Term, Sequence[Term]]], Iterator[Triple]]
"""From what a reader takes of a record, its origin and the drugs of its interventions to triples."""

TRIPLES: Final[tuple[tuple[Callable[[Document], Line], ToTriples], ...]] = (
    (regimen_line, dose_triples),
    (endpoint_reader.line_of, outcome_triples),
    (results_line, result_triples),
    (concepts_line, feature_triples),
    (eligibility_line, criteria_triples),
    (population_line, population_triples),
)
"""The texts of a record and who says them in RDF."""


def interpretation_triples(
    document: Document, version: Term, drugs: Mapping[Term, Sequence[Term]] | None = None
) -> Iterator[Triple]:
    """Yield what the texts of a record say; nothing for a record without an NCT id.

    `version` is the node of the record's version; `drugs` has the node of the drug that an intervention's node is.
    """
    if nct_of(document) is None:
        return
    origin = Origin(version, VERSION)
    for line_of, triples in TRIPLES:
        yield from triples(line_of(document), origin, drugs or {})


@cache
def digest() -> str:
    """Return a digest of the rules: their version and the lexicons; what it decides is read again when it changes."""
    found = hashlib.sha256(VERSION.encode())
    for path in sorted((packaged("data") / "lexicons").glob("*.tsv")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()
