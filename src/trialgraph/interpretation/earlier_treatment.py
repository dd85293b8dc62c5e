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
_BEHIND: Final = re.compile(r"\b(?:within|naive|failure|since|prior to|before|(?:days|weeks|months) (?:from|of))\b")
_ELAPSED: Final = re.compile(
    r"\bsince\b|\belapsed\b|\bwash-?out\b|\blast dose\b|\bprior to\b|\bbefore\b"
    r"|\bafter (?:the )?last\b|\bcompleted\b"
)
_STARTING: Final = GuardedPattern(
    r"\b(?:start\w*|initiat\w+|first dose|dosing|beginning|(?:before|prior to|first|of) (?:the )?"
    r"(?:infusion|administration)|\bday 1)\s(?:of\s|with\s|study\s|treatment\s|therapy\s|the\s){0,4}$"
)
_TO_COME: Final = re.compile(
    r"\b(?:candidates? for|(?:in)?eligible for|suitable for|amenable to|indicat(?:ed|ions?) for|curable (?:by|with)"
    r"|(?<!or )(?<!and )(?<!/)(?:concomitant|concurrent) (?:treatment|therapy|use|participation))\b"
    r"(?:(?!\b(?:completed|received|having|had)\b)[^.;,]){0,50}$"
)
"""Before a treatment that is meant to be given, or goes on."""
_LATER: Final = re.compile(
    r"\b(?:until|for|within)\b[^.;]{0,40}\bafter (?:the )?(?:last|final) dose of (?:\w+ ){0,2}$"
)
"""Before the treatment of the trial, from which a time is counted that comes after it."""
_NOT_COUNTED: Final = re.compile(
    r"^[- ](?:related|induced|associated)\b"
    r"|^\W*(?:is|are|was|were|does|do) not (?:be )?(?:counted?|considered|indicated|appropriate)\b"
)
"""Behind a treatment that is no reason of its own."""
_ENROLLED: Final = re.compile(
    r"(?<!not )(?<!be )\b(?:permitted|allowed|eligible|may (?:participate|enrol\w*|be (?:included|enrolled|eligible))"
    r"|enrolled|included)\b[^.]{0,200}\b(?:if|after|provided|who|have|must)\b[^.]{0,120}$"
)
"""Before a treatment with which those may take part whom an exclusion would keep out."""
_STOPPED: Final = re.compile(
    r"\b(?:discontinu\w+|intoleran\w+|contraindicat\w+|benefit from continuing)\b"
    r"(?: \w+){0,2}? (?:to|of|from|such)?\s?(?:\w+ ){0,2}$"
)
"""Before a treatment that did harm, or none of which is hoped for: not having had it is excluded."""
_AFTER_EFFECTS: Final = re.compile(
    r"\b(?:recover(?:ed|y)?|toxicit(?:y|ies)|(?:toxic|acute|side) effects?|adverse (?:events?|effects?|reactions?)"
    r"|sequelae|complications?|alopecia)\b(?:[^.;]|\.(?=\d)){0,60}\b(?:from|of|to|with|due to|by|after|following)\b"
    r"[^.;]{0,60}$"
)
"""Before a treatment whose effects alone are spoken of."""
_NOT_RECOVERED: Final = re.compile(
    r"^(?:(?!\bor\b)[^.;\d]){0,120}\b(?:who|that|which)\b[^.;]{0,70}\bnot (?:\w+ ){0,2}recover"
    r"|^[^.;\d]{0,70}\b(?:must|should|needs? to) have (?:\w+ )?recovered\b"
    r"|^\W*and (?:\w+ )?(?:experienced|developed|had)\b[^.;]{0,40}\b(?:adverse|toxic\w*|reactions?|events?)\b"
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
_AT_MOST: Final = re.compile(
    rf"(?:\b(?:(?:no|not) more than|up to|at most|maximum of|fewer than|less than)|[<≤]=?)\s?{_COUNT}\b"
    r"(?!\s?(?:hours?|h|days?|weeks?|months?|years?)\b)[^.;]{0,60}$"
)
_AT_LEAST: Final = re.compile(
    rf"(?:\b(?:at least|minimum of|more than(?<!no more than)(?<!not more than))|[>≥]=?)\s?{_COUNT}\b"
)
"""Before a treatment of which only so much is asked: none at all may do."""
_DISALLOWED: Final = re.compile(
    r"\bnot (?:be )?(?:allowed|permitted|eligible|acceptable)\b|\b(?:is|are) prohibited\b"
)
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
        if requirement is None:
            continue
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
        if requirement == REQUIRED and not over and _SINCE.search(before[-90:]) and not _ENDED.search(before[-90:]):
            continue
        if window is not None and (over or requirement == FORBIDDEN) and criterion.type != "diagnosis":
            fact = replace(
                fact, requirement=WASHOUT, outcome=None, op=window.op, low=window.value, unit=window.unit,
                anchor=window.anchor, direction=window.direction,
            )  # fmt: skip
        yield fact


def _only_named(criterion: Criterion, before: str, after: str) -> bool:
    """Tell whether a treatment is named, but nothing is asked of having had it."""
    ahead = before[-90:]
    if PLANNED.search(before[-80:]) or "optional" in after[:60] or _STARTING.search(before[-60:]):
        return True
    if not _ALREADY.search(before[-140:]) and not _BEHIND.search(after[:90]):
        return True
    if _TO_COME.search(ahead) or _LATER.search(ahead) or _DURING.match(before):
        return True
    if _NOT_RECOVERED.search(after) or _NOT_COUNTED.match(after) or _beside_another(before):
        return True
    return criterion.side == "exclusion" and _excepted(before, after)


def _beside_another(before: str) -> bool:
    """Tell whether it is the effects of a treatment that count, or a state that needs it."""
    effects = _AFTER_EFFECTS.search(before[-140:])
    needed = _NEEDED.search(before[-100:])
    return bool(effects and not _HAD.search(effects.group())) or bool(needed and not _AT_HAND.search(needed.group()))


def _excepted(before: str, after: str) -> bool:
    """Tell whether an exclusion speaks of too much of a treatment, of one without use, or of others."""
    if _TOO_MANY.search(before[-110:]) or (_COUNTED.search(before[-60:]) and _UNITS.search(after)):
        return True
    return _STOPPED.search(before[-70:]) is not None or _ENROLLED.search(before[-320:]) is not None


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


def _requirement(criterion: Criterion, before: str, after: str) -> str | None:  # noqa: PLR0911
    """Return whether an earlier treatment is required, forbidden or allowed, None where it is only one of now."""
    behind = after.partition(";")[0][:110]
    if _DISALLOWED.search(behind):
        return FORBIDDEN
    if PERMITTED.search(behind):
        return ALLOWED
    if criterion.side == "inclusion" and _AT_MOST.search(before[-90:]) and not _AT_LEAST.search(before[-110:]):
        return ALLOWED
    if _LIMIT.search(before):
        return ALLOWED
    if re.search(r"\b(?:other than|except(?:ion)?(?: of| for)?|unless|excluding)\b[^.;]{0,60}$", before[-80:]):
        return ALLOWED
    denied = bool(
        re.search(
            r"\b(?:no|not|(?<!or )without|never|naive|untreated|must not|has not|have not)\b(?! more| less| longer"
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
    if _ENDED.search(before[-90:]) or criterion.type in ("prior-therapy", "diagnosis", "disease-extent"):
        return REQUIRED
    if _SINCE.search(before[-90:]):
        return REQUIRED
    return ALLOWED if criterion.type != "concomitant-therapy" or _AT_HAND.search(before[-80:]) else None


_SINCE: Final = re.compile(r"\b(?:since|elapsed|completion of|last dose of)\b[^.;,]{0,70}$")
_ENDED: Final = re.compile(
    r"\b(?:progress(?:ed|ion|ing)|relapsed|refractory|resistant|failed|failure|intolerant)\s(?:\w+\s){0,2}"
    r"(?:on|during|after|following|to|of|with|while)\b[^.;,]{0,60}$"
)
"""Before a treatment that a disease went on under, whatever else the criterion is about."""
