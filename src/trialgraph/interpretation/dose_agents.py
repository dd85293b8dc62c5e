"""Which agent an amount belongs to: a name beside it, or one that the text or record speaks of."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from trialgraph.interpretation.agent_finder import CLASS, Finder
from trialgraph.interpretation.agent_names import is_common, words_of
from trialgraph.interpretation.dose_amounts import LISTED, WHOLE, Amount
from trialgraph.interpretation.dose_roles import contained
from trialgraph.interpretation.lexicon import normal
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.regimen_state import PLACEBO, Agent, RegimenText

_RADIATION: Final = re.compile(
    r"(?<![\w-])(?:[\w-]{2,20} ){0,3}(?:radiotherapy|irradiation|radiation(?: "
    r"therapy| treatment)?|boost|brachytherapy|chemoradiation"
    r"|chemoradiotherapy|imrt|sbrt|sabr|wbrt|tbi|vmat|srs|pci|rt)\b"
)


_BETWEEN_PARTS: Final = re.compile(r"[\s-]+")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def _mentions(folded: str, parts: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where words stand one after another, apart by blanks or hyphens, not within longer words.

    A pattern for each name of each record would take longer to compile than to search for.
    """
    start = folded.find(parts[0])
    while start >= 0:
        end = start + len(parts[0])
        for part in parts[1:]:
            between = _BETWEEN_PARTS.match(folded, end)
            if between is None or not folded.startswith(part, between.end()):
                end = start
                break
            end = between.end() + len(part)
        if end > start and folded[start - 1 : start] not in _LETTERS and folded[end : end + 1] not in _LETTERS:
            yield start, end
        else:
            end = start + 1
        start = folded.find(parts[0], end)


def known_mentions(state: RegimenText) -> list[Agent]:
    """Return where a text names the record's interventions or a placebo, in order."""
    text = state.text
    found = []
    for name in sorted(state.context.names.known):
        parts = name.split()
        if all(part in text.folded for part in parts):
            places = _mentions(text.folded, parts)
            found += [
                Agent(text.plain[start:end], start, end, "agent/known")
                for start, end in places
                if not text.folded.startswith("-match", end)  # "X-matched tablets" are of a placebo
            ]
    found.sort(key=lambda agent: (agent.start or 0, -(agent.end or 0)))
    kept: list[Agent] = []
    for agent in found:
        # A second name in brackets behind the first is the same agent.
        between = text.plain[kept[-1].end or 0 : agent.start or 0] if kept else ""
        bracketed = bool(kept) and len(between) < 4 and between.strip() in ("(", "[")
        if not kept or ((agent.start or 0) >= (kept[-1].end or 0) and not bracketed):
            kept.append(agent)
    return kept


_SAME: Final = ("a total", "the dose of", "a form", "the same amount", "a volume that")
"""Beginnings of reasons that leave an amount its agent."""


def assign_agents(state: RegimenText) -> None:
    """Find the agent of each amount of a text, in `agents`."""
    finder = Finder(state)
    state.mentions = known_mentions(state)
    default = state.context.defaults.get(state.path)
    last: Agent | None = None
    last_sentence = -1
    for number, inside in state.located.items():
        floor, ceiling = state.sentences[number]
        several = _names_several(state, last_sentence)
        previous: Amount | None = None
        for index, amount in enumerate(inside):
            if LISTED in amount.notes:
                continue
            if amount.reason and not amount.reason.startswith(_SAME):
                # The name before a body weight is that of what is given for it: "A (> 12 kg 1.2 mg/m2)".
                previous = previous if amount.unit == "kg" else amount
                continue
            start = _name_floor(state, previous, floor, amount)
            if amount.kind == "form" and previous is not None:
                start = min(start, _before_bracket(state, inside[:index], floor, amount))
            following = [one for one in inside[index + 1 : index + 4] if one.start >= amount.end][:2]
            if following and following[0].unit == "%":
                following = following[1:]
            agent = finder.lettered(amount) or finder.beside(
                amount, start, following[0].start if following else ceiling, following[0].start if following else None
            )
            if agent is None and previous is None:
                agent = _heading(state, number)
            agent = agent or _of_share_before(state, previous, amount) or _of_strength_before(state, previous, amount)
            within = bool(number) and state.text.plain[max(0, floor - 3) : floor].rstrip().endswith(";")
            if (
                agent is None
                and amount.kind != "absorbed dose"
                and last is not None
                and (number == last_sentence or within or not (several and default))
            ):
                carried = number == last_sentence or amount.start - (last.end or 0) < 400
                agent = Agent(last.name, last.start, last.end, "agent/carried") if carried else None
            if amount.kind == "absorbed dose" and not _radiates(state, agent):
                agent = _radiation(state, amount, floor, ceiling) or agent
                rays = state.context.rays.get(state.path) if agent is None else None
                agent = Agent(rays) if rays else agent
            agent = agent or _named_by_form(finder, amount)
            agent = agent or _cells(state, amount) or _spoken_of(state, amount, floor, default)
            agent = _known_instead(state, agent, start, amount)
            agent = _placebo_instead(state, agent, amount)
            if WHOLE in amount.notes and previous is not None and previous.rule == "strength/of-several":
                agent = state.agents.get(id(previous), agent)
            agent = Agent(default) if default and _is_class(state, agent) else agent
            state.agents[id(amount)] = agent
            amount.reason = amount.reason or _not_given(state, agent)
            leads = amount.role != "strength" or amount.rule == "strength/per-product"
            held = contained(state.text, amount, floor) or _is_held(state, amount)
            if agent.start is not None and leads and not held:
                last, last_sentence = agent, number
            previous = amount
        _pair(state, inside)
        _share_listed(state, inside)
        _share_from_behind(state, inside, floor)


def _names_several(state: RegimenText, sentence: int) -> bool:
    """Return whether the amounts of a sentence are of several agents."""
    known = (one for one in state.located.get(sentence, ()) if id(one) in state.agents)
    return len({normal(state.agents[id(one)].name) for one in known}) > 1


_FIRST_OF_TWO: Final = re.compile(r"(?P<name>[A-Za-z][\w-]{3,30})(?:\s?\([A-Za-z]{2,8}\))?\s?(?:\+|/|&|\band\b)\s?$")


def _pair(state: RegimenText, inside: list[Amount]) -> None:
    """Give the first of two amounts that a stroke joins the first of two names: "A + B, 12.5 mg/10 mEq"."""
    plain = state.text.plain
    for before, amount in pairwise(inside):
        agent = state.agents.get(id(before))
        if agent is None or agent.start is None or before.unit == amount.unit or before.per or amount.per:
            continue
        if plain[before.end : amount.start].strip() != "/" or plain[agent.end : before.start].strip() not in (
            "",
            ",",
        ):
            continue
        named = _FIRST_OF_TWO.search(plain, max(0, agent.start - 50), agent.start)
        if named is not None and not is_common(named["name"]):
            start = named.start("name")
            state.agents[id(before)] = Agent(named["name"], start, named.end("name"), "agent/adjacent")
            state.agents[id(amount)] = agent


_NEXT_IN_BRACKETS: Final = re.compile(r"\)\s?,?\s?(?:(?:and|or|then)\s)?(?:[a-z-]{1,14}\s){0,3}\(", re.IGNORECASE)
"""Between two amounts in brackets of one list: "low (3 mg), middle (7.5 mg)"."""


def _share_from_behind(state: RegimenText, inside: list[Amount], floor: int) -> None:
    """Give amounts in brackets the agent behind the last: "low (3 mg), middle (7 mg) and high dose (12 mg) of it"."""
    for amount, before in pairwise(reversed(inside)):
        agent, earlier = state.agents.get(id(amount)), state.agents.get(id(before))
        if agent is None or earlier is None or agent.how != "agent/of" or (agent.start or 0) < amount.start:
            continue
        named = earlier.start is not None and earlier.start >= floor
        if not named and _NEXT_IN_BRACKETS.fullmatch(state.text.plain, before.end, amount.start):
            state.agents[id(before)] = agent


_EARLIER: Final = "a dose of an earlier therapy defines the population"
_WHO_RECEIVED: Final = re.compile(r"\bwho (?:will |were )?(?:be )?(?:receiv\w+|given)\s")
_NEAR_NAME: Final = 80
_OF: Final = 8


def restore_doses_of_arm(state: RegimenText) -> None:
    """Take back that a dose is of an earlier therapy where the arm is told by it: "Men who received drug 5 mg".

    That is so where the drug is one that the record gives.
    """
    if not state.path.startswith("armGroups"):
        return
    for number, inside in state.located.items():
        floor = state.sentences[number][0]
        for amount in inside:
            if amount.reason != _EARLIER:
                continue
            begin = max(floor, amount.start - _NEAR_NAME)
            told = _WHO_RECEIVED.search(state.text.folded, begin, amount.start)
            words = state.text.folded[told.end() : amount.end + _NEAR_NAME] if told else ""
            near = amount.end + _OF - (told.end() if told else 0)
            if any(0 <= words.find(name) <= near for name in state.context.names.known):
                amount.reason = ""


_SAMPLING: Final = re.compile(
    r"\b(?:blood|urine|stool|saliva|plasma|serum|tissue|bone marrow)\b.{0,20}\b(?:sampl|collect|draw|test|biops)"
)
"""The name of an intervention that takes something of a patient, and gives nothing."""


def _not_given(state: RegimenText, agent: Agent) -> str:
    """Return why what an agent names is not given; empty where it is."""
    if agent.start is None and _SAMPLING.search(agent.name.lower()):
        return "what is drawn is no dose"
    if agent.start is None and state.path in state.context.devices:
        return "a device's setting is no dose"
    if _is_of_population(state, agent):
        return _EARLIER
    return ""


_RECEIVE: Final = re.compile(r"\b(?:patients|subjects|volunteers|people)\b[^.;:]{0,160},? receiving\s$")


def _is_of_population(state: RegimenText, agent: Agent) -> bool:
    """Return whether patients are told by what they receive, which is no intervention of the record."""
    if agent.start is None or state.context.names.knows(agent.name):
        return False
    return _RECEIVE.search(state.text.folded[max(0, agent.start - 200) : agent.start]) is not None


_PAIRED: Final = re.compile(r"\s?(?:and|or|,)\s?")


def _shares_unit(state: RegimenText, before: Amount, amount: Amount) -> bool:
    """Return whether a bare number has the unit of the amount behind it: "10 and 20 mL"."""
    plain = state.text.plain
    bare = plain[before.start : before.end].strip().replace(".", "").isdigit() and before.unit == amount.unit
    same = before.start == amount.start  # a number can be found with each of its neighbours
    return bare and (same or _PAIRED.fullmatch(plain, before.end, max(before.end, amount.start)) is not None)


def _share_listed(state: RegimenText, inside: list[Amount]) -> None:
    """Give numbers that share a unit ("20 or 40 mg of it") the agent of the amount behind them."""
    for amount, before in pairwise(reversed(inside)):
        if amount.reason and (LISTED in before.notes or _shares_unit(state, before, amount)):
            before.reason = before.reason or amount.reason  # "5 or 10 mg of its equivalent": neither is a dose
        if LISTED in before.notes and id(amount) in state.agents:
            state.agents[id(before)] = state.agents[id(amount)]


def _radiates(state: RegimenText, agent: Agent | None) -> bool:
    """Return whether a name is the record's, or has words for radiation."""
    return agent is not None and (
        state.context.names.knows(agent.name) or _RADIATION.search(agent.name.lower()) is not None
    )


_NEAR_RADIATION: Final = 600
"""Characters before and behind an amount; a sentence can be as long as its text."""


def _radiation(state: RegimenText, amount: Amount, floor: int, ceiling: int) -> Agent | None:
    """Return the words for radiation nearest to an amount of Gy in its sentence."""
    nearest: Agent | None = None
    least = 2 * _NEAR_RADIATION
    floor, ceiling = max(floor, amount.start - _NEAR_RADIATION), min(ceiling, amount.end + _NEAR_RADIATION)
    for match in _RADIATION.finditer(state.text.folded, floor, ceiling):
        start = match.start()
        for word in words_of(state.text.plain, match.start(), match.end()):
            if not is_common(word.text) and state.text.plain[word.start].isalpha():
                break
            if word.end < match.end():
                start = word.end + 1
        gap = amount.start - match.end() if match.end() <= amount.start else match.start() - amount.end
        if gap < least:
            least = gap
            nearest = Agent(state.text.plain[start : match.end()], start, match.end(), "agent/radiation")
    return _whole_name(state, nearest)


def _whole_name(state: RegimenText, agent: Agent | None) -> Agent | None:
    """Return the name of the record that words for radiation are a part of where they stand."""
    if agent is None or agent.start is None:
        return agent
    index = bisect_right(state.mentions, agent.start, key=lambda one: one.start or 0)
    known = state.mentions[index - 1] if index else None
    return known if known is not None and (known.end or 0) >= (agent.end or 0) else agent


_KIND_OF_CELL: Final = re.compile(r"(?:\S*[a-z0-9+-])?(?:mscs?|mncs?)$|[\w+-]+ (?:t |nk )?cells$", re.IGNORECASE)


def _cells(state: RegimenText, amount: Amount) -> Agent | None:
    """Return the kind of cells that a number counts, where its unit names one: "150 million MSCs"."""
    if amount.unit != "{cells}":
        return None
    words = re.sub(r"^[\d.,x^* ]*(?:million|billion)?\s*", "", state.text.plain[amount.start : amount.end])
    if not _KIND_OF_CELL.match(words):
        return None
    return Agent(words, amount.end - len(words), amount.end, "agent/cells")


def _name_floor(state: RegimenText, previous: Amount | None, floor: int, amount: Amount) -> int:
    """Return from where the name before an amount may begin, behind the name that the amount before has."""
    start = _floor(state, previous, floor, amount)
    earlier = state.agents.get(id(previous)) if previous is not None else None
    if earlier is not None and earlier.how in ("agent/of", "agent/behind"):
        between = state.text.plain[earlier.end or 0 : amount.start]
        if not re.fullmatch(r"\s?\(\s?", between):
            start = max(start, min(earlier.end or 0, amount.start))
    return start


_CLOSED: Final = re.compile(r"\)\s?,?\s?$")


def _before_bracket(state: RegimenText, before: list[Amount], floor: int, amount: Amount) -> int:
    """Return from where the name of a count may begin behind a bracket: "A inhaler (each dose holds 9 ug) 1 puff"."""
    text = state.text.plain
    closed = _CLOSED.search(text, max(floor, amount.start - 4), amount.start)
    opening = text.rfind("(", max(floor, amount.start - 400), amount.start) if closed else -1
    first = next((one for one in before if one.start > opening), None) if opening >= 0 else None
    if first is None or text.count(")", opening, amount.start) != 1 or not contained(state.text, first, opening):
        return amount.start
    return max([floor, *(one.end for one in before if one.end <= opening)])


def _of_share_before(state: RegimenText, previous: Amount | None, amount: Amount) -> Agent | None:
    """Return the agent of a share in percent right before an amount: "saline 0.9% 2 mL/kg", "(20%, 62 ml/h)"."""
    earlier = state.agents.get(id(previous)) if previous is not None and previous.unit == "%" else None
    between = state.text.plain[previous.end : amount.start].strip(", ") if previous is not None else ""
    if earlier is None or between not in ("", earlier.name):
        return None
    return earlier


def _is_held(state: RegimenText, amount: Amount) -> bool:
    """Return whether an amount stands in a bracket that tells what a product holds."""
    return _HOLDING.search(state.text.folded, max(0, amount.start - 400), amount.start) is not None


_HOLDING: Final = GuardedPattern(r"\([^()]{0,40}\bcontain[^()]*$")
_GOES_ON: Final = re.compile(r"\s?[;,/=]\s?")
_COUNTED: Final = re.compile(r"\s?[)\]]?,?\s?(?:[x*]\s?)?")


def _of_strength_before(state: RegimenText, previous: Amount | None, amount: Amount) -> Agent | None:
    """Return the agent of a strength right before an amount: "A (20 mg/5 mL; 0.2 mg/kg)", "A (6/125 ug) 2 puffs"."""
    if previous is None or previous.role != "strength":
        return None
    counted = amount.kind == "form" and previous.rule == "strength/of-several"
    if counted and _is_held(state, previous):
        return None  # "A (1 capsule contains: B 5 mg, C 3 mg) 2 capsules"
    goes_on = _COUNTED if counted else _GOES_ON if previous.rule == "strength/concentration" else None
    beside = goes_on is not None and goes_on.fullmatch(state.text.plain, previous.end, amount.start)
    return state.agents.get(id(previous)) if beside else None


def _floor(state: RegimenText, previous: Amount | None, floor: int, amount: Amount) -> int:
    """Return from where the name before an amount may begin: behind the amount before, and what carries it."""
    if previous is None:
        return floor
    if not previous.reason.startswith("what carries"):
        return previous.end
    words = state.text.plain[previous.end : amount.start]
    match = re.match(r"[\s\w-]{0,40}?(?=\s(?:and|over|at|for)\b|[,.;)(]|$)", words)
    return previous.end + (match.end() if match else 0)


_NAMED_BY_FORM: Final = re.compile(
    r"(?:\boral\s|\badminister(?:ed|ing)?\s|\breceiv(?:e|ed|ing)\s|\btak(?:e|en|ing)\s|\bgiven\s|\bof\s)"
    r"(?P<name>[A-Za-z][\w-]{4,30}(?:\s(?:sodium|hydrochloride|sulfate|sulphate|calcium|maleate|mesylate|tartrate"
    r"|acetate|citrate|phosphate|potassium|hcl))?)\s(?:tablets?|capsules?|granules|injections?)\b"
)


def _named_by_form(finder: Finder, amount: Amount) -> Agent | None:
    """Return what a text without any name of the record calls what it gives: "oral levothyroxine sodium tablets"."""
    if any(not _is_placebo(one) for one in finder.state.mentions):
        return None
    for match in _NAMED_BY_FORM.finditer(finder.plain, max(0, amount.start - 400), amount.start):
        index = bisect_left(finder.starts, match.start("name"))
        if index < len(finder.words) and finder.is_name(index):
            return Agent(match["name"], match.start("name"), match.end("name"), "agent/form")
    return None


def _is_placebo(agent: Agent) -> bool:
    return PLACEBO.search(agent.name.lower()) is not None


def _spoken_of(state: RegimenText, amount: Amount, floor: int, default: str | None) -> Agent:
    """Return whom a text without a name beside the amount speaks of: named before in it, or the record's default."""
    index = bisect_left(state.mentions, amount.start, key=lambda one: one.start or 0)
    named = (one for one in reversed(state.mentions[max(0, index - 20) : index]) if not _is_placebo(one))
    before = next((one for one in named if not _is_event(state, one)), None)
    here = before if before is not None and (before.start or 0) >= floor else None
    if here is None and default and (state.path.startswith("interventions") or before is None):
        return Agent(default)
    chosen = here or before
    return Agent(chosen.name, chosen.start, chosen.end, "agent/known") if chosen else Agent(default or "")


_AFTER: Final = re.compile(r"\b(?:after|before|following|prior to) [^.;:,\n]{0,40}$")


def _is_event(state: RegimenText, agent: Agent) -> bool:
    """Return whether a name tells when something is given: "After surgery and chemotherapy: 840 mg"."""
    return _AFTER.search(state.text.folded, max(0, (agent.start or 0) - 60), agent.start or 0) is not None


def _is_agent(state: RegimenText, name: str) -> bool:
    """Return whether a name is one of the record's, or was found beside an amount of this text."""
    named = name.lower()
    return state.context.names.knows(name) or any(agent.name.lower() == named for agent in state.agents.values())


def _is_class(state: RegimenText, agent: Agent) -> bool:
    """Return whether words tell a class of drugs, not a name: "A carbonic anhydrase inhibitor, 500 mg"."""
    if agent.start is None or not state.path.startswith("interventions") or not CLASS.fullmatch(agent.name):
        return False
    return re.search(r"(?:^|[.\n]\s*)an?\s$", state.text.folded[max(0, agent.start - 4) : agent.start]) is not None


_OR_PLACEBO: Final = re.compile(r"(?P<name>[A-Za-z][\w/-]{3,30})\s(?:or|/)\s(?:matching )?$")


def _known_instead(state: RegimenText, agent: Agent, floor: int, amount: Amount) -> Agent:
    """Return the drug of "drug or placebo", and a name of the record where an unknown one stands farther off."""
    if agent.start is None or not floor <= agent.start < amount.start:
        return agent
    if _is_placebo(agent):
        other = _OR_PLACEBO.search(state.text.plain, max(floor, agent.start - 50), agent.start)
        if other is not None and _is_agent(state, other["name"]):
            return Agent(other["name"], other.start("name"), other.end("name"), "agent/known")
        return agent
    between = state.text.plain[agent.end or 0 : amount.start]
    if state.context.names.knows(agent.name) or not re.search(r",\s\w|\([^()]{2,40}\),\s$", between):
        return agent
    index = bisect_left(state.mentions, agent.start, key=lambda one: one.start or 0)
    known = state.mentions[index - 1] if index else None
    return known if known and (known.start or 0) >= floor and not _is_placebo(known) else agent


_PLACEBO_TO: Final = re.compile(r"\bplacebo (?:to|for|of) (?:the )?$")


def _placebo_instead(state: RegimenText, agent: Agent, amount: Amount) -> Agent:
    """Return the placebo that is told by what it stands for: "placebo to drug was dosed at 75 mg"."""
    if agent.start is None or agent.start > amount.start:
        return agent
    told = _PLACEBO_TO.search(state.text.folded, max(0, agent.start - 20), agent.start)
    if told is None:
        return agent
    end = told.start() + len("placebo")
    return Agent(state.text.plain[told.start() : end], told.start(), end, agent.how)


def _heading(state: RegimenText, number: int) -> Agent | None:
    """Return the agent that a heading line before names ("Pembrolizumab:"), where it is one of the record's."""
    if not number:
        return None
    start, end = state.sentences[number - 1]
    written = state.text.plain[start:end].rstrip()
    words = written.strip(" *:-•\n")
    if written.endswith(":") and len(words) < 60 and state.context.names.knows(words):
        return Agent(words, start, end, "agent/heading")
    return None
