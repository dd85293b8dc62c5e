"""The type of an outcome: time to event, share, count, change, level, rate, description; percent.

Patterns are rows of `data/lexicons/outcome-patterns.tsv`; a type that no words give is the usual one of the concept.
"""

import re
from typing import NamedTuple

from trialgraph.interpretation.endpoint_concepts import concepts
from trialgraph.interpretation.lexicon_groups import pattern_group, pattern_set


class MeasureType(NamedTuple):
    """A type and the rule that gave it."""

    name: str
    rule: str


_DESCRIBED = frozenset(("other", "feasibility", "gene-expression", "biomarker", "satisfaction", "knowledge", "cost"))
_TITLE_START = 12
"""Characters that may stand before `time to` where it is the title's first word."""
_SHARE_LEAD = 120
"""Characters of a description that may begin with a share."""
_LEAD, _BODY = 300, 700
"""Characters of a description that may give the type, and that may speak of a change."""
_TIME_FROM = re.compile(r"\btime (?:to|from|until)")
_STRICT_SHARE = re.compile(r"\bproportion|\bpercent|\brate\b")
_AVERAGE = re.compile(r"\bmedian\b|\bmean\b")
_FEASIBILITY = re.compile(
    r"^\W*(?:to )?(?:acceptability and |assess(?:ment of)? |evaluat\w+ |determine )?(?:the )?feasib"
)
_STARTS_WITH_CHANGE = re.compile(r"\W*(?:[^:]{1,30}:\s)?(?:the )?(?:mean |absolute |percent )?change")
_STARTS_WITH_SHARE = re.compile(r"\W*(?:the )?(?:number|percent\w*|proportion|rate) of (?!days|weeks|months|years)")
_INCIDENCE = re.compile(
    r"\W*(?:incidence|occurrence|presence|prevalence|development) of|.{0,80}\b(?:the incidence of|developing)\b"
)
_SENTENCE_END = re.compile(r"[.;\n](?=\s|$)")


def _has(group: str, text: str) -> bool:
    return pattern_set("outcome-patterns", group).matches(text)


def measure_type(concept: str, measure: str, description: str, frame: str) -> MeasureType:
    """Return the type of an outcome of a concept; texts are folded.

    >>> measure_type("OS", "1-year overall survival rate", "", "").name
    'proportion'
    >>> measure_type("HbA1c", "change in hba1c", "", "24 weeks").name
    'change'
    >>> measure_type("AE", "number of participants with adverse events", "", "").name
    'proportion'
    """
    usual = concepts()[concept].usual
    lead = description[:_LEAD]
    survival = usual == "time-to-event" or (concept == "LRC" and "survival" in measure)
    if survival and not _has("relation", measure):
        return _of_survival(concept, measure, lead)
    found = _of_title(concept, measure) or _of_words(measure, usual)
    if found is None and usual == "proportion" and _has("value", measure):
        return MeasureType("level", "type/value")
    if found and found.rule == "type/change" and _explained_as_share(measure, lead):
        found = MeasureType("proportion", "type/share-in-description")
    if found is None:
        found = _of_event(lead) if usual == "proportion" else _of_value(concept, measure, description, frame)
    return found or MeasureType(usual, "type/usual")


def _of_survival(concept: str, measure: str, lead: str) -> MeasureType:
    """Return the type of a survival endpoint: a share where a time point or rate is named."""
    if concept in ("DoR", "TTR") or (_has("time to", measure) and not _STRICT_SHARE.search(measure)):
        return MeasureType("time-to-event", "type/time-to")
    if _has("event", measure) and not _has("survival", measure) and not _TIME_FROM.search(lead[:120]):
        return MeasureType("proportion", "type/event")
    without = pattern_group("outcome-patterns", "after a time").sub(" ", measure)
    if _has("rate of survival", without) and not _AVERAGE.search(measure):
        return MeasureType("proportion", "type/rate-at-a-time")
    if _STARTS_WITH_SHARE.match(lead) and "time" not in lead[:120]:
        return MeasureType("proportion", "type/share-in-description")
    return MeasureType("time-to-event", "type/usual")


def _of_title(concept: str, measure: str) -> MeasureType | None:
    """Return the type that only a title gives: a relation, feasibility in general, a time to something."""
    if _has("relation", measure):
        return MeasureType("level", "type/relation")
    if concept == "feasibility" and _FEASIBILITY.match(measure):
        return MeasureType("description", "type/feasibility")
    time_to = pattern_set("outcome-patterns", "time to").search(measure)
    if time_to is None or "change" in measure[: time_to.start()] or _has("time as a level", measure):
        return None
    return (
        None
        if time_to.start() > _TITLE_START and _is_share(measure)
        else MeasureType("time-to-event", "type/time-to")
    )


def _explained_as_share(measure: str, lead: str) -> bool:
    """Return whether a title that only speaks of a loss or gain is explained as a share of participants."""
    begins = pattern_set("outcome-patterns", "share of participants").search(lead[:_SHARE_LEAD])
    return begins is not None and begins.start() <= _TITLE_START and "chang" not in measure


def _is_share(text: str) -> bool:
    return _has("share of participants", text) or _has("share", text)


def _of_words(text: str, usual: str) -> MeasureType | None:
    """Return the type that the words of a text give, in the order share, rate, count, change."""
    participants = _has("share of participants", text)
    if not participants and _is_percent(text):
        return MeasureType("change", "type/percent-change")
    if participants or _has("success", text):
        return MeasureType("proportion", "type/share-of-participants")
    rate = pattern_set("outcome-patterns", "rate").search(text)
    if rate and (usual != "level" or "rate" in rate[0] or "annuali" in rate[0]):
        return MeasureType("rate", "type/rate")
    changes = _has("change", text)
    of_things = _has("share of things", text)
    if not of_things and _has("count", text):
        return MeasureType("change", "type/change") if changes else MeasureType("count", "type/count")
    return _of_change(text, usual, changes=changes, of_things=of_things)


def _of_change(text: str, usual: str, *, changes: bool, of_things: bool) -> MeasureType | None:
    """Return change, or the share or level that a text speaks of."""
    if of_things and not changes:
        return MeasureType("level", "type/share-of-things")
    changes = changes and not _has("not a change", text)
    if changes and (usual != "proportion" or _STARTS_WITH_CHANGE.match(text)):
        return MeasureType("change", "type/change")
    return MeasureType("proportion", "type/share") if not of_things and _has("share", text) else None


def _of_event(lead: str) -> MeasureType | None:
    """Return time to event where the description of an event is of the time until it."""
    if _TIME_FROM.search(lead) and not _has("time as a level", lead) and not _is_share(lead):
        return MeasureType("time-to-event", "type/time-to-in-description")
    return None


def _of_value(concept: str, measure: str, description: str, frame: str) -> MeasureType | None:
    """Return the type that time frame or description give to a value: a change, a share, or nothing but words."""
    if _has("change in time frame", frame):
        return MeasureType("change", "type/change-in-time-frame")
    first = first_sentence(description[:_LEAD])
    if "descriptive" in first or (concept in _DESCRIBED and _has("description", measure)):
        return MeasureType("description", "type/description")
    if (
        _has("share of participants", first)
        or _INCIDENCE.match(first)
        or _has("share described", description[:_LEAD])
    ):
        return MeasureType("proportion", "type/share-in-description")
    if _is_percent(first):
        return MeasureType("change", "type/percent-change-in-description")
    body = description[:_BODY]
    for match, _ in pattern_set("outcome-patterns", "change described").finditer(body):
        if not _has("explains a scale", body[max(0, match.start() - 60) : match.end() + 60]):
            return MeasureType("change", "type/change-in-description")
    return None


def first_sentence(text: str) -> str:
    """Return the first sentence of a description, up to 220 characters.

    >>> first_sentence("Change of the score from baseline to the end. Higher is better.")
    'Change of the score from baseline to the end'
    """
    end = _SENTENCE_END.search(text, 30)
    return text[: end.start()] if end else text[:220]


def is_percent_change(kind: str, measure: str, description: str) -> bool:
    """Tell whether a change is said to be in percent; texts are folded."""
    return kind == "change" and (_is_percent(measure) or _is_percent(first_sentence(description[:_LEAD])))


def _is_percent(text: str) -> bool:
    named = "percent" in text or "%" in text or "relative" in text or "proportional" in text
    return named and _has("percent change", text)
