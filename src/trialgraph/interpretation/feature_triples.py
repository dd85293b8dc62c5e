"""Concepts of a trial as RDF: its kinds, each with a node that tells the words and the rule."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.record_texts import Line, nct_of
from trialgraph.interpretation.trial_concepts import trial_concepts
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, integer, iri, string
from trialgraph.vocabulary import TG, concept_iri, trial_iri

SECTION: Final = "protocolSection"


def feature_triples(line: Line, origin: Origin, drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:  # noqa: ARG001 - one call for all kinds
    """Yield the kinds that a record's trial is of (`line` holds the record), and how many arms are tested."""
    trial = trial_iri(nct_of(line["document"]) or "")
    for found in trial_concepts(line["document"]):
        words = Finding(path=found.path, start=found.start, end=found.end, exact=found.exact, rule=found.rule)
        name = found.concept.lower().replace("_", "-")
        node = iri(f"{trial}/interpretation/feature/{name}")
        yield iri(trial), iri(TG.trialFeature), node
        yield node, RDF_TYPE, iri(TG.TrialFeature)
        yield node, RDFS_LABEL, string(name.replace("-", " "))
        if found.value is None:
            kind = iri(concept_iri("trial-kind", found.concept))
            yield iri(trial), iri(TG.trialKind), kind
            yield node, iri(TG.trialKind), kind
        else:
            yield iri(trial), iri(TG.testArmCount), integer(found.value)
        yield from origin.triples(node, [words], SECTION)
