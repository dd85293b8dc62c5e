"""Earlier treatments that a criterion requires, forbids, allows, or wants over for a time.

A treatment that is only named beside something else is none: what somebody recovered from, what is still to come,
what a disease needs, a number of lines that is too many.

>>> from trialgraph.interpretation.eligibility import read_criteria
>>> [criterion] = read_criteria("Inclusion Criteria:\\n\\n* Progressed on osimertinib; may have received insulin")
>>> text = StoredText(criterion.exact)
>>> [(one.code, one.requirement) for one in earlier_treatments(criterion, text, tokens(text.plain))]
[('drug:osimertinib', 'required'), ('INSULIN', 'allowed')]
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.biomarker import ALLOWED, FORBIDDEN
from trialgraph.interpretation.biomarker_changes import REQUIRED
from trialgraph.interpretation.criterion_tokenizer import Token, tokens
from trialgraph.interpretation.eligibility import FIELD, Criterion, CriterionWindow
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.population_terms import WASHOUT, PopulationFact, fact_of, named_therapies
from trialgraph.interpretation.prior_therapy import prior_outcome
from trialgraph.interpretation.stored_text import StoredText

__all__ = ["PERMITTED", "PLANNED", "earlier_treatments", "tokens"]

PERMITTED: Final = re.compile(
    r"\b(?:is|are|will be|may be|was|were)\s(?:also\s)?(?:allowed|permitted|acceptable"
    r"|eligible)\b|\ballowed\b|\bpermitted\b|\bmay have (?:had|received)\b|\bare eligible\b"
    r"|\bacceptable\b"
)
PLANNED: Final = re.compile(
    r"\b(?:planned|planning|plan to|will receive|scheduled|optional|upon|until|time of|if|unless)\b[^.;]{0,60}$"
)
_ALREADY: Final = re.compile(
    r"\b(?:prior|previous|previously|received|treated with|treatment with|progress\w*|failed"
    r"|failure|refractory|undergone|underwent|history of|completed|relaps\w+ (?:after"
    r"|following)|after|following|intoleran\w+|exposure to|therapy with|administration of"
    r"|since|washout|wash-out|last dose|pretreated|naive)\b"
)
_ELAPSED: Final = re.compile(
    r"\bsince\b|\belapsed\b|\bwash-?out\b|\blast dose\b|\bprior to\b|\bbefore\b"
    r"|\bafter (?:the )?last\b|\bcompleted\b"
)
_STARTING: Final = GuardedPattern(
    r"\b(?:start\w*|initiat\w+|first dose|dosing|beginning|(?:before|prior to|first|of) (?:the )?"
    r"(?:infusion|administration))\s(?:of\s|with\s|study\s|treatment\s|therapy\s|the\s){0,4}$"
)
_TO_COME: Final = re.compile(
    r"\b(?:candidates? for|(?:in)?eligible for|suitable for|amenable to|indicat(?:ed|ions?) for"
    r"|(?<!or )(?<!and )(?<!/)(?:concomitant|concurrent) (?:treatment|therapy|use|participation))\b[^.;,]{0,50}$"
)
"""Before a treatment that is meant to be given, or goes on."""
_AFTER_EFFECTS: Final = re.compile(
    r"\b(?:recover(?:ed|y)?|toxicit(?:y|ies)|(?:toxic|acute|side) effects?|adverse (?:events?|effects?|reactions?)"
    r"|sequelae|complications?)\b[^.;]{0,50}\b(?:from|of|to|with|due to|by|after|following)\b[^.;]{0,60}$"
)
"""Before a treatment whose effects alone are spoken of."""
_NOT_RECOVERED: Final = re.compile(
    r"^(?:(?!\bor\b)[^.;\d]){0,120}\b(?:who|that|which)\b[^.;]{0,70}\bnot (?:\w+ ){0,2}recover"
)
_NEEDED: Final = re.compile(
    r"\b(?:requir(?:e[sd]?|ing)(?! to have)|need(?:s|ed|ing)?(?! to (?:be|have))|necessitat\w+)\b[^.;,)]{0,60}$"
)
"""Before a treatment that a state needs: the state counts."""
_DURING: Final = re.compile(r"\W*(?:during|while on)\b[^.;,]{0,40}$")
"""Before a treatment under which something happened (`During prior chemotherapy, ...`)."""
_HAD: Final = re.compile(r"\b(?:has|have|had) (?:received|had|undergone)\b")
_AT_HAND: Final = re.compile(r"\b(?:prior|previous|previously|received|undergone)\b")
_COUNT: Final = r"(?:\d{1,2}|one|two|three|four|five|six)"
_TOO_MANY: Final = re.compile(
    rf"(?:\b(?:more than|greater than|over|at least|exceed\w*)|[>≥]=?)\s?{_COUNT}\s(?:or more\s)?"
    rf"(?:[\w/-]+\s){{0,3}}?(?:lines?|regimens?|cycles?|courses?|types?|doses?"
    rf"|(?:days?|weeks?|months?|years?) of)\b[^.;]{{0,50}}$"
    rf"|\b{_COUNT} or more\s(?:[\w/-]+\s){{0,3}}(?:lines?|regimens?|cycles?|courses?)\b[^.;]{{0,50}}$"
)
_COUNTED: Final = re.compile(
    rf"(?:(?:\b(?:more than|greater than|at least)|[>≥]=?)\s?{_COUNT}|\b{_COUNT} or more)\s"
    r"(?:(?:prior|previous|different|earlier)\s)?(?:[\w/-]+\s){0,2}$"
)
_UNITS: Final = re.compile(r"^\W*(?:\w+\s)?(?:lines?|regimens?|cycles?|courses?)\b")
"""Behind a treatment of which too many lines are excluded, not any of it."""
_LIMIT: Final = re.compile(
    r"\b(?:no (?:limits?|restrictions?|maximum)|regardless of|irrespective of)\b[^.;)]{0,200}$"
    r"|\bmay (?:also )?(?:have|receive|continue)\b[^.;]{0,60}$|\bwith(?: or |/)without\b[^,;.]{0,40}$"
)
"""Before a treatment that is left open."""
_EARLIER_TYPES: Final = frozenset(
    ("prior-therapy", "diagnosis", "disease-extent", "other-study", "concomitant-therapy")
)
_LASTING: Final = re.compile(
    r"\b(?:days?|weeks?|months?|years?) of "
    r"(?!(?:the |study |first |last )*(?:start|end|first|last|dose|dosing|entry|enrol|random))"
)
_FOR: Final = re.compile(r" for (?:[\w-]+,? (?:or |and |and/or )?){0,4}")
"""Between a length of time and the treatment that it is for (`6 weeks for mitomycin`)."""
_OVER: Final = ("last-dose", "procedure", "other")
"""What a treatment is over after; a time after anything else is still to come."""


def earlier_treatments(criterion: Criterion, text: StoredText, sequence: Sequence[Token]) -> Iterator[PopulationFact]:
    """Yield the earlier treatments that a criterion requires, forbids, allows, or wants over for a time."""
    timed = criterion.type == "prior-therapy" and bool(criterion.windows)
    if criterion.type not in _EARLIER_TYPES or not (timed or _ALREADY.search(text.folded)):
        return
    for code, _, start, end in named_therapies(sequence):
        clause = max(text.folded.rfind(". ", 0, start), text.folded.rfind("; ", 0, start)) + 1
        stop = text.folded.find(". ", end)
        before, after = text.folded[clause:start], text.folded[end : stop if stop > 0 else len(text.folded)][:160]
        if _only_named(criterion, before, after):
            continue
        requirement = _requirement(criterion, before, after)
        outcome = (
            prior_outcome(before[-90:] + text.folded[start:end] + after[:60]) if requirement == REQUIRED else None
        )
        fact = fact_of(
            text, FIELD, start, end, criterion.start, kind="prior-therapy", code=code, requirement=requirement,
            outcome=outcome, rule="prior-therapy/criterion",
        )  # fmt: skip
        window = _window(criterion, fact)
        over = (
            requirement == REQUIRED
            and window is not None
            and window.op in (">=", ">")
            and bool(_ELAPSED.search(text.folded))
        )
        if window is not None and (over or requirement == FORBIDDEN) and criterion.type != "diagnosis":
            fact = replace(
                fact, requirement=WASHOUT, outcome=None, op=window.op, low=window.value, unit=window.unit,
                anchor=window.anchor, direction=window.direction,
            )  # fmt: skip
        yield fact


def _only_named(criterion: Criterion, before: str, after: str) -> bool:
    """Tell whether a treatment is named, but nothing is asked of having had it."""
    if PLANNED.search(before[-80:]) or "optional" in after[:60] or _STARTING.search(before[-60:]):
        return True
    if not _ALREADY.search(before[-140:]) and not re.search(
        r"\b(?:within|naive|failure|since|prior to|before|(?:days|weeks|months) (?:from|of))\b", after[:90]
    ):
        return True
    if _TO_COME.search(before[-90:]) or _NOT_RECOVERED.search(after) or _DURING.match(before):
        return True
    effects = _AFTER_EFFECTS.search(before[-140:])
    if effects and not _HAD.search(effects.group()):
        return True
    needed = _NEEDED.search(before[-100:])
    if needed and not _AT_HAND.search(needed.group()):
        return True
    many = _TOO_MANY.search(before[-110:]) or (_COUNTED.search(before[-60:]) and _UNITS.search(after))
    return criterion.side == "exclusion" and bool(many)


def _window(criterion: Criterion, fact: PopulationFact) -> CriterionWindow | None:
    """Return the window of a criterion that is a treatment's: the nearest of those that may be.

    How long a treatment lasted (`7 days of`) is none.
    """
    stored = criterion.exact
    windows = [
        each
        for each in criterion.windows
        if (each.direction != "after" or each.anchor in _OVER)
        and not (
            each.op in (">=", ">")
            and _LASTING.search(stored, each.start - criterion.start, each.end - criterion.start + 20)
        )
    ]
    own = [
        each
        for each in windows
        if _FOR.fullmatch(stored[each.end - criterion.start : max(0, fact.start - criterion.start)])
    ]
    return min(own or windows, key=lambda each: max(each.start - fact.end, fact.start - each.end), default=None)


def _requirement(criterion: Criterion, before: str, after: str) -> str:  # noqa: PLR0911
    """Return whether an earlier treatment is required, forbidden or allowed."""
    if PERMITTED.search(after.partition(";")[0][:110]) and not re.search(
        r"\bnot (?:allowed|permitted)\b", after[:110]
    ):
        return ALLOWED
    if _LIMIT.search(before):
        return ALLOWED
    if re.search(r"\b(?:other than|except(?:ion)?(?: of| for)?|unless|excluding)\b[^.;]{0,60}$", before[-80:]):
        return ALLOWED
    denied = bool(
        re.search(
            r"\b(?:no|not|(?<!or )without|never|naive|must not|has not|have not)\b(?! more| less| longer"
            r"| fewer)[^.;)]{0,70}$",
            before[-110:],
        )
    ) or after[:12].lstrip(" -").startswith(("naive", "naïve"))
    if denied and re.search(r"\b(?:after|following|since)\b[^,;.]{0,40}$", before[-60:]):
        return ALLOWED if criterion.side == "exclusion" else REQUIRED
    if criterion.side == "exclusion":
        return ALLOWED if denied else FORBIDDEN
    if denied or (criterion.negated and not before.strip()):
        return FORBIDDEN
    if re.search(r"\b(?:if|for|in) (?:patients|participants|subjects|those|prior|previously)\b|\bif\b", before[-80:]):
        return ALLOWED
    if _ENDED.search(before[-90:]):
        return REQUIRED
    return REQUIRED if criterion.type in ("prior-therapy", "diagnosis", "disease-extent") else ALLOWED


_ENDED: Final = re.compile(
    r"\b(?:progress(?:ed|ion|ing)|relapsed|refractory|resistant|failed|failure|intolerant)\s(?:\w+\s){0,2}"
    r"(?:on|during|after|following|to|of|with|while)\b[^.;,]{0,60}$"
)
"""Before a treatment that a disease went on under, whatever else the criterion is about."""
