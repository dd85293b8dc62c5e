"""Doses in texts of arms and interventions: what, how much, by which route, how often, until when.

A pure function from texts to doses with the keys of the guide, each with `start`, `end` and `rule`.

>>> texts = {"interventions[0].description": "Pembrolizumab 200 mg IV every 3 weeks for up to 2 years."}
>>> (dose,) = doses_of({"texts": texts, "arms": [], "interventions": [{"type": "DRUG", "name": "Pembrolizumab"}]})
>>> dose["agent"], dose["amount"], dose["unit"], dose["route"], dose["every"], dose["duration"]
('Pembrolizumab', '200', 'mg', 'intravenous', 3, '<=2 a')
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from trialgraph.interpretation.dose_agents import assign_agents, restore_doses_of_arm
from trialgraph.interpretation.dose_alternatives import split_alternatives
from trialgraph.interpretation.dose_amounts import LISTED, Amount, amounts
from trialgraph.interpretation.dose_entry import entry, fill
from trialgraph.interpretation.dose_exclusions import exclude
from trialgraph.interpretation.dose_forms import forms_beside_amounts, multiples
from trialgraph.interpretation.dose_roles import assign_roles
from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.dose_stages import mark_stages
from trialgraph.interpretation.dose_totals import cumulative, totals
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.regimen_marks import marks
from trialgraph.interpretation.regimen_state import RecordContext, RegimenText
from trialgraph.interpretation.schedule_scope import assign
from trialgraph.interpretation.sentences import sentences
from trialgraph.interpretation.stored_text import StoredText, abbreviations

VERSION: Final = "7"
"""The version of the rules as a whole; it changes with any change of what they read."""
_DIGIT: Final = re.compile(r"[\d½¼¾]")
_NUMBER_WORD: Final = GuardedPattern(r"\b(?:one|two|three|four|five|six|half|single)\b|auc", ignore_case=True)


def doses_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the doses in the texts of a record, in the order of its texts.

    `record` has `texts` (path to text), `arms` (`label`, `interventions`), `interventions` (`type`, `name`).
    """
    return [dose for reading in readings_of(record) for dose in reading.doses]


def readings_of(record: Mapping[str, Any]) -> Iterator[RegimenText]:
    """Yield what was read in each text of a record that may hold a dose."""
    context = RecordContext.of(record)
    for path, text in record["texts"].items():
        if text and (_DIGIT.search(text) or _NUMBER_WORD.search(text)):
            yield read(path, text, context)


def read(path: str, stored: str, context: RecordContext) -> RegimenText:
    """Return what one text says."""
    state = RegimenText(path, StoredText(stored), context)
    state.amounts = amounts(state.text)
    if not state.amounts:
        return state
    state.sentences = sentences(state.text.plain)
    state.locate()
    for number, inside in state.located.items():
        exclude(state.text, inside, state.sentences[number])
        extra = list(multiples(state.text, inside))
        inside.extend(extra)
        state.amounts += extra
        inside.sort(key=lambda amount: amount.start)
        forms_beside_amounts(state.text, inside)
        totals(state.text, inside)
    state.amounts.sort(key=lambda amount: amount.start)
    cumulative(state.text, state.amounts)
    restore_doses_of_arm(state)
    if all(amount.reason for amount in state.amounts):
        return state
    state.marks = _consistent(marks(state.text), state.amounts, state.text)
    assign_agents(state)
    state.marks = _without_routes_of_names(state)
    split_alternatives(state)
    assign_roles(state)
    _make_scopes(state)
    assign(
        sorted(state.scopes.values(), key=lambda scope: (scope.start, scope.amount_start)),
        _without_increments(state),
        state.sentences,
        state.text.folded,
    )
    _share_schedules(state)
    state.doses = _entries(state)
    return state


def _without_routes_of_names(state: RegimenText) -> list[Mark]:
    """Return the marks without routes in names of what has no amount: "5 mg of A. Oral feeding begins then"."""
    used = {agent.start for agent in state.agents.values()}
    called = {agent.name.lower() for agent in state.agents.values()}
    names = [
        agent
        for agent in state.mentions[:_MOST]
        if agent.start not in used
        and agent.end is not None
        and not any(name in agent.name.lower() for name in called)
    ]

    def named(mark: Mark) -> bool:
        return any((one.start or 0) < mark.start and mark.end < (one.end or 0) for one in names)

    return [mark for mark in state.marks if mark.slot != "route" or not named(mark)]


def _without_increments(state: RegimenText) -> list[Mark]:
    """Return the marks without those that tell how often a dose is changed: "Then taper 5 mg every 4 weeks."."""
    spans = [
        state.sentences[number]
        for number, inside in state.located.items()
        if all(amount.reason == "an increment is no dose" for amount in inside)
    ]
    if not spans:
        return state.marks
    starts = [start for start, _ in spans]

    def changes(mark: Mark) -> bool:
        index = bisect_right(starts, mark.start) - 1
        return mark.slot == "frequency" and index >= 0 and mark.start < spans[index][1]

    return [mark for mark in state.marks if not changes(mark)]


def _share_schedules(state: RegimenText) -> None:
    """Give numbers that share a unit ("20 or 40 mg daily", "5 mg or 10 mg per day") the schedule behind them."""
    for amount, before in pairwise(reversed(state.amounts)):
        listed = amount.frequency and not before.frequency and amount.unit == before.unit and not before.reason
        if listed and _OR.fullmatch(state.text.folded, before.end, max(before.end, amount.start)):
            scope = state.scopes.get(id(before))
            if scope is not None and "frequency" not in scope.own:
                before.frequency = amount.frequency
        if LISTED in before.notes and id(amount) in state.scopes and id(before) in state.scopes:
            state.scopes[id(before)].given = state.scopes[id(amount)].given


_OR: Final = re.compile(r"\s?(?:,\s?(?:or |and )?|(?:or|and)\s)")


def _entries(state: RegimenText) -> list[dict[str, Any]]:
    """Return one entry for each distinct agent, amount and unit, the first mention filled from later ones."""
    short = abbreviations(state.text.plain) if "(" in state.text.plain else {}
    aliases = {_letters(name): _letters(long) for name, long in short.items()}
    seen: dict[tuple[object, ...], dict[str, Any]] = {}
    places: dict[int, Amount] = {}
    for amount in state.amounts:
        if amount.reason or id(amount) not in state.scopes:
            continue
        dose = entry(state, amount)
        places.setdefault(id(dose), amount)
        name = _letters(dose["agent"])
        key = (aliases.get(name, name), dose["amount"], dose["amount_high"], dose["unit"], dose["role"])
        if key in seen:
            fill(seen[key], dose)
        else:
            seen[key] = dose
        state.entries[id(amount)] = seen[key]
    mark_stages(state, [(dose, places[id(dose)]) for dose in seen.values()])
    as_dose = {
        (_letters(dose["agent"]), dose["amount"], dose["unit"]) for dose in seen.values() if dose["role"] == "dose"
    }
    given = {_letters(dose["agent"]) for dose in seen.values() if dose["role"] == "dose" and dose["unit"] in _BY_MASS}
    kept: list[dict[str, Any]] = []
    for dose in seen.values():
        name = _letters(dose["agent"])
        if dose["role"] == "strength" and (name, dose["amount"], dose["unit"]) in as_dose:
            continue
        if dose["rule"] == "dose/form" and dose["amount"] == "1" and name in given:
            same = [one for one in kept if _letters(one["agent"]) == name and one["role"] == "dose"]
            if len(same) == 1 and _is_near(state, places[id(same[0])], places[id(dose)]):
                fill(same[0], dose)
            continue  # "one tablet a day" of a dose that is told
        kept.append(dose)
    return kept


def _is_near(state: RegimenText, amount: Amount, count: Amount) -> bool:
    """Return whether a count of forms stands in the sentence of an amount or the next."""
    numbers = [bisect_right(state.sentences, (one.start, len(state.text.plain) + 1)) for one in (amount, count)]
    return abs(numbers[1] - numbers[0]) <= 1


_BY_MASS: Final = frozenset(("mg", "g", "ug", "[iU]"))


def _letters(name: str) -> str:
    """Return a name as one key for its spellings: "A / B" and "a/b" are one agent."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _consistent(found: list[Mark], inside: list[Amount], text: StoredText) -> list[Mark]:
    """Leave out marks within amounts and within longer marks that say the same place otherwise."""
    cycles, off, spans = bytearray(len(text.plain)), bytearray(len(text.plain)), bytearray(len(text.plain))
    for mark in found:
        if mark.slot == "cycle":
            cycles[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
        if mark.rule.endswith("on-off"):
            off[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
    for amount in inside:
        if amount.reason.startswith("a form"):
            continue
        spans[amount.start : amount.end] = b"\1" * (amount.end - amount.start)
    allergen = any(amount.unit == "{SQ}" for amount in inside)
    if allergen:  # "SQ" is the unit there, not under the skin
        found = [mark for mark in found if mark.slot != "route" or text.folded[mark.start : mark.end] != "sq"]
    return [mark for mark in found if not _within(mark, spans, cycles, off) and not _misread(mark, text.folded)]


def _within(mark: Mark, spans: bytearray, cycles: bytearray, off: bytearray) -> bool:
    """Return whether a mark lies within an amount, or a longer mark tells its place otherwise."""
    if spans[mark.start] and spans[mark.end - 1]:
        return True
    if mark.slot == "cycles":
        return bool(cycles[mark.start])  # "four cycles of 3 weeks" tells both
    if mark.slot in ("frequency", "duration", "infusion") and any(cycles[mark.start : mark.end]):
        return True
    return mark.slot in ("duration", "infusion") and any(off[mark.start : mark.end])


def _misread(mark: Mark, folded: str) -> bool:
    """Return whether the words beside a mark say that it is none: "titrated as needed", "IV line", "1 cycle"."""
    if mark.slot in ("route", "cycles"):
        before = folded[max(0, mark.start - 30) : mark.start]
        event = mark.value[0] in ("intrathecal", "epidural", "perineural") and _EVENT.search(before) is not None
        through = _THROUGH.search(before) is not None  # "injected through the epidural catheter"
        return mark.value == ("1",) or (
            mark.slot == "route" and (event or (_ROUTE_NO.match(folded, mark.end) is not None and not through))
        )
    before = folded[max(0, mark.start - 24) : mark.start]
    if mark.slot == "days":
        return (
            _WILL.match(folded, mark.end) is not None
            and _STATE.search(folded, max(0, mark.start - 60), mark.start) is not None
        )
    done = _DONE.search(before) or (mark.rule in ("frequency/daily", "frequency/weekly") and _DOSES_A.search(before))
    if mark.slot == "frequency" and (
        (mark.rule == "frequency/n-unit-intervals" and before.endswith(("followed by a ", "followed by an ")))
        or _NO_FREQUENCY.match(folded, mark.end)
        or (mark.value[-1] == "once" and _PART.match(folded, mark.end))
    ):
        return True
    if mark.slot == "frequency" and (done or (mark.rule == "frequency/weekly" and _DAYS_OF.search(before))):
        return True
    if mark.value[-1] == "prn":
        return _ADJUSTED.search(before) is not None or _FURTHER.match(folded, mark.end) is not None
    return mark.value[-1] == "{cycle}" and mark.slot == "frequency" and _OF_CYCLE.search(before) is not None


_WILL: Final = re.compile(r"\s(?:will|may|are|can)\b")
_STATE: Final = re.compile(r"\b(?:that|who|with|remain\w*|are)\b[^,.;]{0,40}$")
_DONE: Final = re.compile(r"\b(?:after|completion of|prior to|completing)\s(?:the )?(?:\d{1,2} )?$")
_DOSES_A: Final = re.compile(r"(?:doses|times|days|more than \w+)\s$")
_NO_FREQUENCY: Final = re.compile(r"\s(?:increments?|up-?titration|visits?|monitoring|assessments?)\b")
_PART: Final = re.compile(r"\s(?:treatment )?(?:period|phase|stage|part)\b")
"""Behind "single dose": it names a part of the study."""
_EVENT: Final = re.compile(
    r"\b(?:after|before|under|following|during|undergoing"
    r"|(?:conduction|induction|start|time|prior|onset|performance) (?:of|to))"
    r"\s(?:the )?$"
)
"""Before a block or a spinal anaesthesia: it is an event, not the route of a drug."""
_DAYS_OF: Final = re.compile(r"\b(?:days? of|over|within)\s$")
_OF_CYCLE: Final = re.compile(r"\b(?:of|in|on|during|for)\s$")
_FURTHER: Final = re.compile(r",? (?:a |an |the )?(?:further|additional|another|second|repeat|dose|doses)\b")
"""Behind "if required": it says when there is more, not how often the dose is given."""
_ADJUSTED: Final = re.compile(r"titrat|increas|adjust|reduc")
_THROUGH: Final = re.compile(r"\b(?:inject\w*|infus\w*|administ\w*|given|deliver\w*) (?:through|via) (?:the |an? )?$")
_ROUTE_NO: Final = re.compile(
    r"\s?(?:line|access|catheter|fluids? (?:for|as|will)|cannula|antibiotic|contrast|hydration|premed)"
)


def _make_scopes(state: RegimenText) -> None:
    """Make the scopes of the amounts that are entries."""
    for number, inside in state.located.items():
        previous_end = state.sentences[number][0]
        used: set[int] = set()
        previous: Amount | None = None
        for amount in inside:
            if amount.reason and amount.kind == "absorbed dose" and amount.reason.startswith("a total"):
                barrier = Scope(amount.start, amount.start, amount.end, number, "", real=False, barrier=True)
                state.scopes[id(amount)] = barrier
            if amount.reason or id(amount) not in state.agents:
                continue
            agent = state.agents[id(amount)]
            begin, end = amount.start, amount.end
            if previous is not None and previous.rule == "strength/of-several" and amount.rule == "dose/forms":
                previous_end = state.scopes[id(previous)].start  # "A (5 ug) 2 puffs" begins with the name
                used.discard(agent.start or 0)
            previous = amount
            if agent.start is not None and agent.end is not None:
                named = state.text.folded[max(0, agent.start - 24) : agent.start]
                if agent.start not in used and previous_end <= agent.start < amount.start:
                    begin = amount.start if _LIKENED.search(named) else agent.start
                elif amount.end <= agent.start < amount.end + 60:
                    end = agent.end
                used.add(agent.start)
            real = amount.role != "strength"
            state.scopes[id(amount)] = Scope(
                begin,
                amount.start,
                end,
                number if real else -1,
                agent.name.lower(),
                real=real,
                radiation=amount.kind == "absorbed dose",
                unit=amount.unit,
                timed=amount.frequency is not None,
            )
            previous_end = amount.end
        _add_unmeasured(state, number)


_LIKENED: Final = re.compile(r"\b(?:match\w*|identical|placebo|similar) (?:to|for|of|with) (?:the )?$")
"""Before the name of what a placebo looks like: what is said behind it is not of the next dose."""
_JOINED: Final = re.compile(r"\bplus\b|\band\b|\+|\bcombin|\bfollowed\b|\bwith\b|;")


_MOST: Final = 60
"""More agents or amounts than this no sentence of a real text has."""
_OF_ANOTHER: Final = re.compile(
    r"\b(?:before|after|to|of|the|each|1st|for|following|than|during|"
    r"on|last|first|every|match\w*|prior|between|in|from|(?<!followed )by|receiving|"
    r"until)\s(?:the |each |first |last |1st )?$"
)


_GROUP: Final = re.compile(
    r"\s?(?:\([^)]*\) ?)?(?:-?arm|group|cohort|treatment|therapy|dose|"
    r"level|:|phase|period|is\b|will\b|was\b)"
)


def _same(one: str, other: str) -> bool:
    first, second = set(one.lower().split()), set(other.lower().split())
    return first <= second or second <= first


def _add_unmeasured(state: RegimenText, number: int) -> None:
    """Add scopes for agents that a sentence names without an amount: what is said beside them is theirs."""
    floor, ceiling = state.sentences[number]
    amounts_here = state.located[number]
    inside = [state.scopes[id(amount)] for amount in amounts_here[:_MOST] if id(amount) in state.scopes]
    inside = [scope for scope in inside if scope.sentence == number]
    if not inside or not state.mentions:
        return
    named = {state.agents[id(amount)].start for amount in state.located[number] if id(amount) in state.agents}
    first = bisect_left(state.mentions, floor, key=lambda one: one.start or 0)
    for mention in state.mentions[first : first + _MOST]:
        start, end = mention.start or 0, mention.end or 0
        if start >= ceiling:
            break
        if start in named:
            continue
        if any(scope.start <= start < scope.amount_end for scope in inside):
            continue
        if state.text.plain[start - 1 : start] in ("(", "[") or _OF_ANOTHER.search(
            state.text.folded[max(floor, start - 24) : start]
        ):
            continue
        following = min(
            (scope for scope in inside if scope.start >= end), key=lambda scope: scope.start, default=None
        )
        before = max(
            (scope for scope in inside if scope.amount_end <= start), key=lambda scope: scope.start, default=None
        )
        if following is not None and (_same(following.agent, mention.name) or _GROUP.match(state.text.folded, end)):
            continue
        if following is None and (
            before is None
            or _same(before.agent, mention.name)
            or not _JOINED.search(state.text.folded, before.amount_end, start)
        ):
            continue
        state.scopes[-start - 1] = Scope(start, start, end, number, mention.name.lower(), real=False)
