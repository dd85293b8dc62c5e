"""Outcomes of a record: concept, type, instrument, criteria, assessor, percent, times, baseline.

A pure function from the measure, description and time frame of one outcome to what they say, each with the words
it rests on. What no rule reads stays out.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from trialgraph.interpretation.endpoint_concepts import concepts
from trialgraph.interpretation.endpoint_phrases import COMPOSITES, ConceptFound, concept_of, members_of
from trialgraph.interpretation.instrument import InstrumentText, concept_of_instrument, instrument_of
from trialgraph.interpretation.measure_type import is_percent_change, measure_type
from trialgraph.interpretation.outcome_judgement import assessor_of, criteria_of
from trialgraph.interpretation.phrase_index import Words
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.time_frame import Time, TimeFrame, is_baseline, read_frame
from trialgraph.interpretation.value_class import value_class

LONGEST_TEXT = 20_000
"""Characters of a field that are read."""
FIELDS = ("measure", "description", "timeFrame")
"""Fields of an outcome that are read, by their names in the registry."""


@value_class(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Words that a value rests on: characters `start` to `end` of the stored string of `field`, and the rule."""

    field: str
    start: int
    end: int
    exact: str
    rule: str


class Coded(NamedTuple):
    """A value and the words it rests on."""

    value: str
    evidence: Evidence


@value_class(frozen=True, slots=True, kw_only=True)
class OutcomeFound:
    """What one outcome measures; `concept` is `other` without evidence where nothing names one."""

    concept: str
    concept_evidence: Evidence | None
    members: tuple[str, ...]
    """Concepts of the events that a composite names, in their order."""
    type: str
    type_rule: str
    percent_change: bool
    instrument: Coded | None
    instrument_known: str | None
    criteria: tuple[Coded, ...]
    assessor: Coded | None
    times: tuple[tuple[Time, Evidence], ...]
    baseline: bool


@lru_cache(maxsize=256)
def read_outcome(measure: str, description: str, frame: str) -> OutcomeFound:
    """Return what an outcome says; empty strings stand for fields that are absent.

    >>> found = read_outcome("Change in HbA1c", "", "Baseline and week 24")
    >>> (found.concept, found.type, found.baseline, found.times[0][0].value, found.times[0][1].exact)
    ('HbA1c', 'change', True, '24', 'week 24')
    """
    given = {"measure": measure, "description": description, "timeFrame": frame}
    texts = {field: StoredText(text[:LONGEST_TEXT]) for field, text in given.items()}
    title, body, time = texts["measure"], texts["description"], texts["timeFrame"]
    words = {field: Words(text.folded) for field, text in texts.items()}
    named = (
        InstrumentText("measure", title.plain, words["measure"]),
        InstrumentText("description", body.plain, words["description"]),
    )
    concept = _concept(words, named)
    code = concept.code if concept else "other"
    kind = measure_type(code, title.folded, body.folded, time.folded)
    instrument = instrument_of(*named, concepts()[code].group)
    times, source = _frame(time, title)
    return OutcomeFound(
        concept=code,
        concept_evidence=_evidence(texts, concept.field, concept.start, concept.end, concept.rule)
        if concept
        else None,
        members=members_of(words["measure"]) if code in COMPOSITES else (),
        type=kind.name,
        type_rule=kind.rule,
        percent_change=is_percent_change(kind.name, title.folded, body.folded),
        instrument=Coded(
            instrument.name, _evidence(texts, instrument.field, instrument.start, instrument.end, "instrument/name")
        )
        if instrument
        else None,
        instrument_known=instrument.known if instrument else None,
        criteria=tuple(_criteria(texts, words)),
        assessor=_assessor(texts, words),
        times=tuple(
            (found, _evidence(texts, source, found.start, found.end, "time-frame/" + found.kind.replace(" ", "-")))
            for found in times.times
        ),
        baseline=times.baseline,
    )


def _concept(words: dict[str, Words], texts: tuple[InstrumentText, InstrumentText]) -> ConceptFound | None:
    """Return what a measure names; else what its instrument measures, or what the description names."""
    found = concept_of(words["measure"], words["description"])
    if found is not None and found.field == "measure":
        return found
    title, body = texts
    for text in (title,) if found else (title, body):
        measured = concept_of_instrument(text)
        if measured:
            code, start, end = measured
            return ConceptFound(code, text.field, start, end, "endpoint/instrument")
    return found


def _frame(frame: StoredText, measure: StoredText) -> tuple[TimeFrame, str]:
    """Return the times of the time frame, of the measure where the frame says none, and which of them it is."""
    if frame.plain.strip():
        found = read_frame(frame.plain)
        if found.times or found.baseline:
            return found, "timeFrame"
        return TimeFrame(read_frame(measure.plain).times, baseline=False) if _says_when(measure) else found, "measure"
    return TimeFrame(read_frame(measure.plain).times, is_baseline(measure.folded)), "measure"


def _says_when(measure: StoredText) -> bool:
    return any(word in measure.folded for word in (" at ", " after ", " within ", "week ", "month ", " up to "))


def _evidence(texts: dict[str, StoredText], field: str, start: int, end: int, rule: str) -> Evidence:
    first, last, exact = texts[field].span(start, end)
    return Evidence(field=field, start=first, end=last, exact=exact, rule=rule)


def _criteria(texts: dict[str, StoredText], words: dict[str, Words]) -> Iterable[Coded]:
    """Yield the criteria of all fields, each once, with its version where any field says one."""
    best: dict[str, Coded] = {}
    for field, text in texts.items():
        for found in criteria_of(text.folded, words[field].raw):
            base = found.name.split(" ")[0].rstrip("0123456789")
            kept = best.get(base)
            if kept is None or (len(found.name) > len(kept.value) and kept.value == base):
                best[base] = Coded(found.name, _evidence(texts, field, found.start, found.end, "criteria/name"))
    return best.values()


def _assessor(texts: dict[str, StoredText], words: dict[str, Words]) -> Coded | None:
    for field, text in texts.items():
        found = assessor_of(text.folded, words[field].raw)
        if found:
            return Coded(
                found.name,
                _evidence(texts, field, found.start, found.end, "assessor/" + found.name.replace(" ", "-")),
            )
    return None


def as_json(found: OutcomeFound) -> dict[str, object]:
    """Return an outcome with the keys that `trialgraph interpret` writes."""
    evidence = found.concept_evidence
    broader = concepts()[found.concept].broader
    return {
        "concept": broader or found.concept,
        "instrument": found.instrument.value if found.instrument else None,
        "criteria": [criterion.value for criterion in found.criteria],
        "assessor": found.assessor.value if found.assessor else None,
        "type": found.type,
        "percent_change": found.percent_change,
        "times": [_time_json(time, place) for time, place in found.times],
        "baseline": found.baseline,
        "field": evidence.field if evidence else None,
        "start": evidence.start if evidence else None,
        "end": evidence.end if evidence else None,
        "rule": evidence.rule if evidence else "endpoint/none",
        **({"narrower": found.concept} if broader else {}),
        **({"members": list(found.members)} if found.members else {}),
    }


def _time_json(time: Time, place: Evidence) -> dict[str, object]:
    high = {"value_high": time.value_high} if time.value_high is not None else {}
    origin = {"origin": time.origin} if time.origin is not None else {}
    where = {"field": place.field, "start": place.start, "end": place.end, "rule": place.rule}
    return {"kind": time.kind, "value": time.value, **high, "unit": time.unit, **origin, **where}
