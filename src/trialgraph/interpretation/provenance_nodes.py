"""Where an interpreted node comes from: version of the record, field, characters, rule.

Every node that a reader makes has `tg:readFrom` a selector for each piece of text it rests on (Web Annotation Data
Model, section 4.2.4: `oa:start`, `oa:end`), and `prov:wasDerivedFrom` the record version.

>>> origin = Origin("<https://w3id.org/trialgraph/id/NCT06095583/record/version/2024-11-26>", "1")
>>> words = Finding(path="armGroups[0].label", start=0, end=5, exact="20 mg", rule="dose/mass")
>>> node = "<https://w3id.org/trialgraph/id/NCT06095583/interpretation/arm/1/dose/1>"
>>> len(list(origin.triples(node, [words], "protocolSection.armsInterventionsModule")))
10
"""

from collections.abc import Sequence
from functools import lru_cache
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

    def triples(self, node: Term, findings: Sequence[Finding], module: str) -> list[Triple]:
        """Return what is said of a node's origin; `module` is the path that findings' paths are below.

        The same words for the same rule are told once; selectors are numbered in their order.
        """
        said: list[Triple] = [(node, _DERIVED, self.version)]
        for number, finding in enumerate(dict.fromkeys(findings) if len(findings) > 1 else findings, 1):
            selector = f"{node[:-1]}/words/{number}>"
            said.append((node, _READ_FROM, selector))
            said += self.words(selector, finding, module)
        return said

    def words(self, selector: Term, finding: Finding, module: str) -> tuple[Triple, ...]:
        """Return what is said of the selector of one piece of text."""
        exact = string(finding.exact)
        return (
            (selector, RDF_TYPE, _SELECTOR),
            (selector, _FIELD_PATH, _known(f"{module}.{finding.path}")),
            (selector, _START, integer(finding.start)),
            (selector, _END, integer(finding.end)),
            (selector, _EXACT, exact),
            (selector, RDFS_LABEL, exact),
            (selector, _RULE, _known(finding.rule)),
            (selector, _RULES_VERSION, _known(self.rules)),
        )


@lru_cache(maxsize=8192)
def _known(words: str) -> Term:
    """Return the literal of a string that many selectors have: a path, a rule."""
    return string(words)
