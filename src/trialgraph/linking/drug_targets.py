"""What medicines act on, by a table of common knowledge: `data/links/drug-targets.tsv`.

The table was written from general pharmacology and held against other lists (`data/README.md`); its last column says
where a row can be checked, not that it was read there.

>>> [(fact.symbol, fact.action) for fact in listed_targets("UNII:DPT0O3T46P")]
[('PDCD1', 'inhibitor')]
>>> listed_targets("UNII:none")
()
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from trialgraph.settings import packaged


@dataclass(frozen=True, slots=True)
class TargetFact:
    """One gene whose product a drug acts on."""

    gene: str
    """CURIE of HGNC."""
    symbol: str
    action: str
    """What the drug does to it, in lower case: inhibitor, agonist ..."""
    source: str
    """What it rests on, and where it can be checked."""


def listed_targets(drug: str) -> tuple[TargetFact, ...]:
    """Return what the table says of a drug by its CURIE, sorted by gene; nothing for one that it has not."""
    return _facts().get(drug, ())


@cache
def _facts() -> dict[str, tuple[TargetFact, ...]]:
    found: dict[str, list[TargetFact]] = defaultdict(list)
    for line in (packaged("data") / "links" / "drug-targets.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        drug, _, gene, symbol, action, check = line.split("\t")
        found[drug].append(TargetFact(gene, symbol, action, f"table of trialgraph; to be checked in: {check}"))
    return {drug: tuple(sorted(facts, key=lambda fact: fact.gene)) for drug, facts in found.items()}
