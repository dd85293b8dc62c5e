"""Secondary identifiers of other registries: which registry, the number, and where it leads.

>>> node = "<https://w3id.org/trialgraph/id/NCT06095583/secondary-id/1>"
>>> number = (node, iri(TG.secondaryId), '"EudraCT 2006-001109-28"')
>>> for _, predicate, object_ in trial_number_triples([number]):
...     print(object_)
<https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:2006-001109-28>
<https://w3id.org/trialgraph/id/registry/eudract>
"2006-001109-28"
<https://w3id.org/trialgraph/ontology#TrialRegistry>
"EudraCT, EU Clinical Trials Register"
<https://www.clinicaltrialsregister.eu/>
"""

from collections.abc import Iterable, Iterator
from typing import Final

from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple, iri, lexical, string
from trialgraph.trial_numbers import TrialRegistry, recognize, registries
from trialgraph.vocabulary import PREFIXES, TG, shared_iri

_SECONDARY_ID: Final = iri(TG.secondaryId)
_NUMBERED_BY: Final = iri(TG.numberedBy)
_NUMBER: Final = iri(TG.registryNumber)
_SEE_ALSO: Final = iri(PREFIXES["rdfs"] + "seeAlso")


def trial_number_triples(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield what the secondary identifiers among the triples of a record are, where their form tells."""
    for subject, predicate, object_ in triples:
        if predicate == _SECONDARY_ID and (number := recognize(lexical(object_))):
            yield subject, _SEE_ALSO, iri(number.address)
            yield subject, _NUMBERED_BY, iri(shared_iri("registry", number.registry))
            yield subject, _NUMBER, string(number.id)
            yield from _registry(registries()[number.registry])


def _registry(registry: TrialRegistry) -> Iterator[Triple]:
    node = iri(shared_iri("registry", registry.key))
    yield node, RDF_TYPE, iri(TG.TrialRegistry)
    yield node, RDFS_LABEL, string(registry.name)
    yield node, iri(PREFIXES["foaf"] + "homepage"), iri(registry.homepage)
