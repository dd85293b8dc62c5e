"""Which shared things the criteria of a record name: the links of their phrases, each with its words.

A phrase is linked only where it is an exact name, or a name of the record's own conditions and interventions.
"""

from collections.abc import Iterator
from typing import Any, Final

from trialgraph.interpretation.criteria_triples import MODULE
from trialgraph.interpretation.eligibility import FIELD, read_criteria
from trialgraph.interpretation.eligibility_reader import eligibility_line
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.linking.phrase_linker import Named
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.thing_iris import thing_iri
from trialgraph.terms import Term, Triple, iri
from trialgraph.vocabulary import TG, concept_iri, trial_iri

_OF_TREATMENT: Final = frozenset(
    "prior-therapy concomitant-therapy planned-treatment allergy-contraindication other-study substance-use".split()
)
"""Types of criteria in which a drug is given; in others it may be what is measured (testosterone)."""
_MENTION: Final = iri(TG.mention)
_MENTIONS: Final = iri(TG.mentions)
_NAMED_THING: Final = iri(TG.namedThing)
_LINK_TIER: Final = iri(TG.linkTier)
_PRIOR_DRUG_NAME: Final = iri(TG.priorDrugName)
_DRUG: Final = iri(TG.drug)


def criterion_links(document: dict[str, Any], linker: RecordLinker, origin: Origin) -> Iterator[Triple]:
    """Yield the things that each criterion of a record mentions, with the words, and what things they are.

    Raises KeyError for a record without an NCT id.
    """
    line = eligibility_line(document)
    own = linker.own_names(document)
    for position, criterion in enumerate(read_criteria(line["text"]) if line["text"] else (), 1):
        node = iri(f"{trial_iri(line['id'])}/interpretation/criterion/{position}")
        told: set[str] = set()
        for phrase in linker.phrases.phrases(criterion.exact, own, drugs=criterion.type in _OF_TREATMENT):
            if phrase.named.id in told:
                continue
            told.add(phrase.named.id)
            words = Finding(
                path=FIELD,
                start=criterion.start + phrase.start,
                end=criterion.start + phrase.end,
                exact=criterion.exact[phrase.start : phrase.end],
                rule=f"criterion/{phrase.named.kind}",
            )
            yield from _mention(node, f"{node[:-1]}/mention/{len(told)}>", phrase.named)
            yield from origin.words(f"{node[:-1]}/mention/{len(told)}>", words, MODULE)
            yield from linker.described(phrase.named)


def _mention(node: Term, mention: Term, named: Named) -> Iterator[Triple]:
    thing = iri(thing_iri(named.kind, named.id))
    yield node, _MENTIONS, thing
    yield node, _MENTION, mention
    yield mention, _NAMED_THING, thing
    yield mention, _LINK_TIER, iri(concept_iri("link-tier", named.tier.upper().replace("-", "_")))


def prior_drug_links(read: list[Triple], linker: RecordLinker) -> Iterator[Triple]:
    """Yield the drug of each requirement of earlier treatment whose name is that of one drug."""
    for subject, predicate, value in read:
        if predicate == _PRIOR_DRUG_NAME:
            named = linker.phrases.drug(value[1:-1])
            if named is not None:
                yield subject, _DRUG, iri(thing_iri(named.kind, named.id))
                yield from linker.described(named)
