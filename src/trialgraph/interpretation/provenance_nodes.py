"""Where an interpreted node comes from: version of the record, field, characters, rule.

Every node that a reader makes has `tg:readFrom` a selector for each piece of text it rests on (Web Annotation Data
Model, section 4.2.4: `oa:start`, `oa:end`), and `prov:wasDerivedFrom` the record version.

>>> origin = Origin("<https://w3id.org/trialgraph/id/NCT06095583/record/version/2024-11-26>", "1")
>>> words = Finding(path="armGroups[0].label", start=0, end=5, exact="20 mg", rule="dose/mass")
>>> node = "<https://w3id.org/trialgraph/id/NCT06095583/interpretation/arm/1/dose/1>"
>>> len(list(origin.triples(node, [words], "protocolSection.armsInterventionsModule")))
10
"""

from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.value_class import value_class
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, integer, iri, string
from trialgraph.vocabulary import PREFIXES, TG

_FIELD_PATH: Final = iri(TG.fieldPath)
_READ_FROM: Final = iri(TG.readFrom)
_RULE: Final = iri(TG.rule)
_RULES_VERSION: Final = iri(TG.rulesVersion)
_DERIVED: Final = iri(PREFIXES["prov"] + "wasDerivedFrom")
_SELECTOR: Final = iri(PREFIXES["oa"] + "TextPositionSelector")
_START: Final = iri(PREFIXES["oa"] + "start")
_END: Final = iri(PREFIXES["oa"] + "end")
_EXACT: Final = iri(PREFIXES["oa"] + "exact")


@value_class(frozen=True, slots=True)
class Origin:
    """What all nodes of a record have in common: its version (a term), and the version of the rules."""

    version: Term
    rules: str

    def triples(self, node: Term, findings: Sequence[Finding], module: str) -> Iterator[Triple]:
        """Yield what is said of a node's origin; `module` is the path that findings' paths are below.

        The same words for the same rule are told once; selectors are numbered in their order.
        """
        yield node, _DERIVED, self.version
        for number, finding in enumerate(dict.fromkeys(findings), 1):
            selector = f"{node[:-1]}/words/{number}>"
            yield node, _READ_FROM, selector
            yield from self.words(selector, finding, module)

    def words(self, selector: Term, finding: Finding, module: str) -> Iterator[Triple]:
        """Yield what is said of the selector of one piece of text."""
        yield selector, RDF_TYPE, _SELECTOR
        yield selector, _FIELD_PATH, string(f"{module}.{finding.path}")
        yield selector, _START, integer(finding.start)
        yield selector, _END, integer(finding.end)
        yield selector, _EXACT, string(finding.exact)
        yield selector, RDFS_LABEL, string(finding.exact)
        yield selector, _RULE, string(finding.rule)
        yield selector, _RULES_VERSION, string(self.rules)
