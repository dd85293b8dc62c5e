"""Facts of a population and the terms that name them: stages, settings, states, treatments.

>>> text = StoredText("Adjuvant therapy of locally advanced cancer")
>>> [(scheme, code) for scheme, code, _, _ in named_terms(text, tokens(text.plain), True)]
[('treatment-context', 'ADJUVANT'), ('stage', 'LOCALLY_ADVANCED')]
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from trialgraph.interpretation.criterion_tokenizer import PhraseTrie, Token, tokens
from trialgraph.interpretation.criterion_type import is_drug
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

__all__ = ["CONDITIONAL", "WASHOUT", "PopulationFact", "fact_of", "named_terms", "named_therapies", "tokens"]

CONDITIONAL: Final = "conditional"
"""Forbidden unless treated or stable."""
WASHOUT: Final = "washout"
"""Forbidden within a time before the start."""


@value_class(frozen=True, slots=True, kw_only=True)
class PopulationFact(Finding):
    """One fact of the population: `kind` says of what, `code` names the concept."""

    kind: str
    """`stage`, `treatment-context`, `disease-status`, `metastasis`, `biomarker`, `prior-therapy`, `prior-lines`."""
    code: str
    requirement: str
    sign: str | None = None
    state: str | None = None
    variant: str | None = None
    outcome: str | None = None
    op: str | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    anchor: str | None = None
    direction: str | None = None
    or_another: bool | None = None
    """True where another biomarker that the text names suffices instead of this one."""

    def as_json(self) -> dict[str, Any]:
        """Return the fact with only the keys that say something."""
        keys = (
            "kind",
            "code",
            "requirement",
            "sign",
            "state",
            "variant",
            "outcome",
            "op",
            "low",
            "high",
            "unit",
            "anchor",
            "direction",
            "or_another",
        )
        said = {key: getattr(self, key) for key in keys if getattr(self, key) is not None}
        return {
            **said,
            "path": self.path,
            "start": self.start,
            "end": self.end,
            "exact": self.exact,
            "rule": self.rule,
        }


_NOT_ADVANCED: Final = frozenset(
    "practice age maternal care glycation imaging technology directive directives trauma "
    "life planning hybrid cardiac airway fibrosis nurse heart stage stages navigation technique techniques "
    "technologies endoscopy endoscopic practitioner provider nursing therapeutics analytics mri bronchoscopy "
    "molecular genomic".split()
)
_OF_NODES: Final = re.compile(r"\bnodes?\b[^.;]{0,25}\b(?:involved (?:by|with)|positive for|containing)\s$")
"""Before what lymph nodes hold, which is no spread beyond them."""
_RISK_OF: Final = re.compile(
    r"\b(?:risks?|rates?|likelihood|probability|prevention|free) (?:of|for|from) (?:\w+ ){0,2}$"
    r"|\bpredict\w+ (?:\w+ ){0,2}$"
)
"""Before a relapse that has not come."""
_NO_RELAPSE: Final = frozenset("score scores risk rate rates free prevention prediction assay".split())
"""What a recurrence is spoken of for, though nobody has one (`Recurrence Score`)."""
_STAGING: Final = re.compile(r"(?:\bm ?[=:]|\bnodes?(?: involvement)?,(?: and)?) ?$")
"""Before a metastasis that only explains a system of stages (`regional nodes, metastasis (TNM)`)."""
_SITE: Final = re.compile(
    r"\b(?:brain|cns|system\)?(?: \(cns\))?|cerebral|intracranial|leptomeningeal|liver|hepatic"
    r"|bone|lung|node|nodal|nodes)\s$"
)


@cache
def _terms() -> PhraseTrie[tuple[str, str]]:
    return PhraseTrie((row["phrase"], (row["scheme"], row["code"])) for row in rows("population_terms"))


@cache
def _therapies() -> PhraseTrie[str]:
    return PhraseTrie((row["phrase"], row["code"]) for row in rows("therapies"))


def fact_of(text: StoredText, path: str, start: int, end: int, offset: int = 0, **said: Any) -> PopulationFact:
    """Return a fact that stands in a text; `offset` is where the text begins in the stored string."""
    first, last, exact = text.span(start, end)
    return PopulationFact(path=path, start=first + offset, end=last + offset, exact=exact, **said)


def named_terms(text: StoredText, sequence: Sequence[Token], oncology: bool) -> Iterator[tuple[str, str, int, int]]:
    """Yield scheme, code and place of the terms of a text."""
    for first, last, (scheme, code) in _terms().all(sequence):
        start, end = sequence[first].start, sequence[last - 1].end
        if (
            not oncology
            and not (scheme == "treatment-context" and code in ("FIRST_LINE", "SECOND_LINE"))
            and code not in ("DECOMPENSATED", "NEWLY_DIAGNOSED")
        ):
            continue
        following = sequence[last].text if last < len(sequence) else ""
        if code == "ADVANCED" and following in _NOT_ADVANCED:
            continue
        if (
            code in ("LIMITED_STAGE", "EXTENSIVE_STAGE")
            and "small" not in text.folded
            and "sclc" not in text.folded
            and "stage" not in text.folded[start:end]
        ):
            continue
        if code in ("ADVANCED", "RESECTABLE", "LOCALIZED") and text.folded[max(0, start - 4) : start] in (
            "non-",
            "non ",
        ):
            continue
        if code == "METASTATIC" and text.folded[start:end] == "mbc" and "blast" in text.folded:
            continue
        if code == "METASTATIC" and (
            _SITE.search(text.folded[max(0, start - 32) : start])
            or _OF_NODES.search(text.folded[max(0, start - 60) : start])
        ):
            continue
        if code == "METASTATIC" and (
            _STAGING.search(text.folded[max(0, start - 30) : start]) or text.folded.startswith(" (tnm", end)
        ):
            continue
        if code == "RELAPSED" and (
            following in _NO_RELAPSE or _RISK_OF.search(text.folded[max(0, start - 40) : start])
        ):
            continue
        if code == "PROGRESSIVE" and re.match(r"[\s-](?:free|survival)", text.folded[end : end + 10]):
            continue
        yield scheme, code, start, end


def named_therapies(sequence: Sequence[Token]) -> Iterator[tuple[str, str | None, int, int]]:
    """Yield code, drug name and place of the treatments named: kinds, and drugs by the ending of their name."""
    taken = -1
    hits = {first: (last, code) for first, last, code in _therapies().all(sequence)}
    for index, token in enumerate(sequence):
        if index < taken:
            continue
        if index in hits:
            taken, code = hits[index]
            if token.text == "cytotoxic" and taken < len(sequence) and sequence[taken].text in _KILLERS:
                continue
            yield code, None, token.start, sequence[taken - 1].end
        elif token.kind == "word" and len(token.text) > 5 and is_drug(token.text) and not _target(sequence, index):
            yield f"drug:{token.text}", token.text, token.start, token.end


_KILLERS: Final = frozenset("t t-cell t-cells t-lymphocyte t-lymphocytes lymphocyte lymphocytes".split())
"""Behind `cytotoxic` where cells of the body are meant."""


def _target(sequence: Sequence[Token], index: int) -> bool:
    """Tell whether a word is that of a target (`mammalian target of rapamycin`), so that no drug is meant."""
    return index > 1 and [each.text for each in sequence[index - 2 : index]] == ["target", "of"]


@cache
def therapy_labels() -> dict[str, str]:
    """Return the labels of the kinds of treatment by code."""
    return {row["code"]: row["label"] for row in rows("therapies")}
