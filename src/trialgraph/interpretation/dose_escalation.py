"""Dose escalations: design, dose-limiting window, whether a recommended or maximum dose is sought.

>>> module = {"briefSummary": "A 3+3 design determines the RP2D; DLTs are observed for 28 days."}
>>> found = dose_escalation({"protocolSection": {"descriptionModule": module}})
>>> [(each.kind, each.code, each.value, each.unit) for each in found]
[('design', '3_PLUS_3', None, None), ('aim', 'RP2D', None, None), ('window', 'DLT', 28.0, 'd')]
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from trialgraph.interpretation.durations import lengths
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.record_texts import Document, items, section, text_of
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class


@value_class(frozen=True, slots=True, kw_only=True)
class EscalationFact(Finding):
    """One fact of a dose escalation: `design`, `escalation`, `aim` or `window` (with its length)."""

    kind: str
    code: str
    value: float | None = None
    unit: str | None = None


_SOUGHT: Final = GuardedPattern(
    r"\b(?:determin\w+|establish\w*|identif\w+|find\w*|defin\w+|evaluat\w+|estimat\w+"
    r"|select\w*|assess\w*|confirm\w*|explor\w+"
    r"|obtain\w*|recommend\w*|characteri[sz]\w+|investigat\w+|objective\w*|aims?)\b"
)
_TOXICITY: Final = GuardedPattern(r"\bdlts?\b|\bdose[- ]limiting toxicit(?:y|ies)\b")
_OBSERVED: Final = re.compile(
    r"\b(?:during|within|in|for|over|until|through|up to|first|initial|period|window|cycle 1"
    r"|evaluation|observation)\b"
)
_REACHED: Final = re.compile(r"\b(?:up to|titrat\w+|at|to|with|on)\s(?:the |their |a |an |his |her )?$")
"""Before a dose that participants reach or take, not one that the trial seeks."""
_FOUND: Final = re.compile(
    r"[^.;]{0,40}\b(?:will be|was|were|is|are)\s(?:determined|established|identified|defined|selected)\b"
)
_PERIOD: Final = re.compile(r"\b(?:observation|evaluation|assessment|period|window)\b")
_NUMBERED: Final = re.compile(r"\bday 1 (?:to|through|-|until) (?:day )?(?P<last>\d{1,2})\b")
_AFTER_LAST: Final = re.compile(r"[^.;]{0,20}\b(?:after|following|post)\s(?:the\s)?(?:last|final|end)\b")
_MOST_CYCLES: Final = 3
_UNITS: Final = ("d", "wk", "mo", "{cycle}", "h")


@cache
def _patterns() -> tuple[tuple[str, str, tuple[str, ...], GuardedPattern], ...]:
    """Return kind, code, hints and pattern of the rows of `dose_escalations.tsv`."""
    return tuple(
        (row["kind"], row["code"], tuple(row["hint"].split("|")), GuardedPattern(row["pattern"]))
        for row in rows("dose_escalations")
    )


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    """Yield path and text of the fields that speak of escalation; measures of outcomes come apart."""
    identification = section(document, "identificationModule")
    description = section(document, "descriptionModule")
    for module, keys in (
        (identification, ("briefTitle", "officialTitle")),
        (description, ("briefSummary", "detailedDescription")),
    ):
        for key in keys:
            text = text_of(module, key)
            if text:
                yield key, text
    for number, arm in enumerate(items(section(document, "armsInterventionsModule"), "armGroups")):
        for key in ("label", "description"):
            text = text_of(arm, key)
            if text:
                yield f"armGroups[{number}].{key}", text
    for kind in ("primaryOutcomes", "secondaryOutcomes"):
        for number, outcome in enumerate(items(section(document, "outcomesModule"), kind)):
            text = text_of(outcome, "measure")
            if text:
                yield f"{kind}[{number}].measure", text


def dose_escalation(document: Document) -> tuple[EscalationFact, ...]:
    """Return what a record says of its dose escalation, each fact once, where it is said first."""
    found: dict[tuple[str, str], EscalationFact] = {}
    texts = [(path, StoredText(stored)) for path, stored in _texts(document)]
    whole = "\n".join(text.folded for _, text in texts)
    hinted = [row for row in _patterns() if any(hint in whole for hint in row[2])]
    for path, text in texts if hinted else ():
        folded = text.folded
        for kind, code, hints, pattern in hinted:
            if (kind, code) not in found and any(hint in folded for hint in hints):
                fact = _first(text, path, kind, code, pattern)
                if fact is not None:
                    found[kind, code] = fact
    spoken = any(kind in ("design", "escalation", "aim") for kind, _ in found)
    window = next(_windows(document), None) if spoken or _early(document) else None
    if window is not None:
        found["window", "DLT"] = window
    return tuple(found.values())


def _early(document: Document) -> bool:
    """Return whether a trial is of phase 1, where a window of dose-limiting toxicity alone speaks of escalation."""
    phases = section(document, "designModule").get("phases")
    return isinstance(phases, list) and any(phase in ("PHASE1", "EARLY_PHASE1") for phase in phases)


def _first(text: StoredText, path: str, kind: str, code: str, pattern: GuardedPattern) -> EscalationFact | None:
    """Return the first place where a fact is said; an aim only where it is sought, not where it is used."""
    for match in pattern.finditer(text.folded):
        if kind == "aim" and not path.endswith(".measure"):
            before = text.folded[max(0, match.start() - 120) : match.start()].rsplit(". ", 1)[-1]
            after = text.folded[match.end() : match.end() + 60]
            named = re.match(r"\s(?:group|cohort|arm)\b", after)
            if named or _REACHED.search(before) or not (_SOUGHT.search(before) or _FOUND.match(after)):
                continue
        start, end, exact = text.span(match.start(), match.end())
        return EscalationFact(
            path=path, start=start, end=end, exact=exact, rule=f"escalation/{kind}", kind=kind, code=code
        )
    return None


def _windows(document: Document) -> Iterator[EscalationFact]:
    """Yield the window in which dose-limiting toxicities count: of an outcome's time frame, or as texts say it."""
    for kind in ("primaryOutcomes", "secondaryOutcomes"):
        for number, outcome in enumerate(items(section(document, "outcomesModule"), kind)):
            measure, frame = text_of(outcome, "measure"), text_of(outcome, "timeFrame")
            if measure and frame and _TOXICITY.search(measure.lower()):
                path, text = f"{kind}[{number}].timeFrame", StoredText(frame)
                yield from _numbered(text, path)
                yield from _lengths(text, path, 0)
    for path, stored in _texts(document):
        text = StoredText(stored)
        for match in _TOXICITY.finditer(text.folded):
            before = text.folded.rfind(". ", 0, match.start()) + 1
            near = max(before, match.start() - 50)
            if _PERIOD.search(text.folded, near, match.start()):
                yield from _lengths(text, path, near, match.start())
            stop = text.folded.find(". ", match.end())
            after = text.folded[match.end() : stop if stop > 0 else len(text.folded)][:140]
            if _OBSERVED.search(after):
                yield from _lengths(text, path, match.end(), match.end() + len(after))


def _numbered(text: StoredText, path: str) -> Iterator[EscalationFact]:
    """Yield the window of a time frame by numbered days (`Day 1 to Day 28`)."""
    for match in _NUMBERED.finditer(text.folded):
        start, end, exact = text.span(match.start(), match.end())
        yield EscalationFact(
            path=path, start=start, end=end, exact=exact, rule="escalation/window", kind="window", code="DLT",
            value=float(match["last"]), unit="d",
        )  # fmt: skip


def _lengths(text: StoredText, path: str, start: int, stop: int | None = None) -> Iterator[EscalationFact]:
    """Yield the lengths of time of a piece of text as windows; days come before cycles."""
    end = len(text.plain) if stop is None else stop
    found = [
        each
        for each in lengths(text)
        if start <= each.start < end
        and each.unit in _UNITS
        and each.high is None
        and not (each.unit == "{cycle}" and float(each.value) > _MOST_CYCLES)
        and not _AFTER_LAST.match(text.folded, each.end)
    ]
    for each in sorted(found, key=lambda one: (one.unit == "{cycle}", one.start)):
        first, last, exact = text.span(each.start, each.end)
        yield EscalationFact(
            path=path, start=first, end=last, exact=exact, rule="escalation/window", kind="window", code="DLT",
            value=float(each.value), unit=each.unit,
        )  # fmt: skip
