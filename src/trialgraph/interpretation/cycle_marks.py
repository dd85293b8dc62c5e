"""Lengths and numbers of cycles, weeks on and off, numbers of fractions."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from trialgraph.interpretation.durations import SMALL, UNITS, small_number
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.pattern_set import GuardedPattern, PatternSet
from trialgraph.interpretation.stored_text import StoredText

_LENGTH: Final = rf"(?P<n>{SMALL})[\s-]{{0,2}}(?P<u>day|d|week|wk|w|month|mo)s?"
_CYCLE: Final = PatternSet(
    part.replace("<len>", _LENGTH)
    for part in (
        (
            r"(?:(?:of|in|on|for|per|during|at) )?(?:each|every|a|the|an)? ?(?<![a-z0-9.])"
            r"<len>[\s-]{0,2}(?:\((?:±|\+/?-|within)\s?\d{1,2} [a-z]{1,8}\) )?"
            r"(?:treatment |chemotherapy |maintenance |dosing "
            r"|therapy |long |repeating |repeated )?(?:cycles?|courses?)(?![a-z])"
        ),
        (
            r"(?:of|in|on|per)? ?(?:each|every|a|the|an|one)? ?cycles? (?:length "
            r")?(?:will be |are |is )?(?:repeated |repeats? |given |administered "
            r"|repeating )?(?:of|is|was|=|:|every|lasts?|lasting|consists? of|will "
            r"be|will last|duration of|duration:?|length of|length:?|defined "
            r"as|\() ?(?:approximately )?<len>(?![a-z])"
        ),
        (
            r"(?:\(|\bq|every )?(?<![a-z0-9.])<len>\s?(?:as|is|per|for|=|/|constitutes?|"
            r"comprises?|are|being|equals|each|a|\((?!(?:one|1|each|a) cycle (?:=|is|lasts)))\s?\(?"
            r"(?:for |as )?(?:one|each|a|1|every|per|treatment|the)?\s?(?:treatment |complete |full "
            r")?cycles?(?![a-z]|\s\d)"
        ),
        (
            r"(?:treatment|regimen|cycles?|courses?|therapy|chemotherapy|dosing)"
            r" ?(?:will be |is |are |to be )?(?:repeat(?:s|ed)?|recycled|cycled|"
            r"administered) ?(?:in )?(?:every|q|each) ?<len>(?![a-z])"
        ),
        r"(?:repeat(?:ed|s)?|recycled)(?: the cycle)?(?: in)? (?:every|q|each) ?<len>(?![a-z])",
        (
            r"(?:(?:1|one|a|each|per) (?:treatment )?cycle|cycle)(?: of treatment)?\s?(?:=|"
            r":|every|,|is|lasts|\()\s?\(?<len>(?![a-z])"
        ),
        r"<len>[\s-]{0,2}(?:ly)?[\s-]cycles?(?![a-z])",
        r"cycles? (?:are|is|being|were|was|will be) <len>(?: in (?:length|duration)| long| each)?(?![a-z])",
    )
)


_EITHER: Final = GuardedPattern(
    r"(?<![a-z0-9.-])(?P<a>\d{1,2})(?:[\s-]{0,2}(?:day|week|wk)s?)?[\s-]?(?:cycles?)?\s?(?:or|/)\s?"
    r"(?P<b>\d{1,2})[\s-]{0,2}(?P<u>day|week|wk)s?[\s-](?:treatment |dosing )?cycles?(?![a-z])"
)
"""Alternatives of a cycle's length (rule 24): "14- or 21-day cycles"."""
_TREATMENT: Final = 3
"""Months from which on what "the dosing cycle lasts" is the treatment."""


def cycle_lengths(text: StoredText) -> Iterator[Mark]:
    """Yield the lengths of cycles.

    >>> [mark.value[0] for mark in cycle_lengths(StoredText("of each 21-day cycle; repeated every 4 weeks"))]
    ['21 d', '4 wk']
    """
    either = [match for match in _EITHER.finditer(text.folded) if match["a"] != match["b"]]
    for match in either:
        value = f"{match['a']}/{match['b']} {UNITS[match['u']]}"
        yield Mark("cycle", match.start(), match.end(), (value,), "cycle/either")
    for match, _ in _CYCLE.finditer(text.folded):
        index = bisect_left(either, match.end(), key=re.Match.start) - 1
        if index >= 0 and either[index].end() > match.start():
            continue
        number, unit = small_number(match["n"]), UNITS[match["u"]]
        lasts = unit == "mo" and number.isdigit() and int(number) >= _TREATMENT and "last" in match.group()
        slot, rule = ("duration", "duration/said") if lasts else ("cycle", "cycle/length")
        yield Mark(slot, match.start(), match.end(), (f"{number} {unit}",), rule)


_COUNT: Final = PatternSet.of_pattern(
    r"(?P<cap>(?:up to|maximum(?: of)?|max(?:\.| of)?|at most|no more "
    r"than|≤|<=?|to a maximum of|until a maximum of)\s(?:a )?(?:total "
    r"of |maximum of )?)?"
    rf"(?<![a-z0-9.-])(?P<low>{SMALL.replace('|an?', '')})(?:\s?(?:-|"
    rf"to|or|~)\s?(?P<high>{SMALL.replace('|an?', '')}))?\s?(?:\(\w{{1,5}}\)"
    r" )?"
    r"(?:[- ](?:more|additional|treatment|planned|further|full|consecutive|"
    r"chemotherapy|induction|maintenance|consolidation|total|adjuvant|"
    r"neoadjuvant|identical|standard|repeated|complete)){0,2}"
    r"(?:,?[- ]\d{1,2}[- ](?:day|week))?[- ]?(?:cycles?|courses?)(?P<cap_after> (?:maximum|max|at most)"
    r")?(?![a-z]|\s?(?:/|per\s|a\s)\s?(?:min|sec|second))"
)


def cycle_counts(text: StoredText) -> Iterator[Mark]:
    """Yield how many cycles.

    >>> [mark.value[0] for mark in cycle_counts(StoredText("for up to 6 cycles; 4-6 cycles; eight cycles"))]
    ['<=6', '4-6', '8']
    """
    for match, _ in _COUNT.finditer(text.folded):
        before = text.folded[max(0, match.start() - 22) : match.start()]
        if re.search(
            (
                r"(?:(?:after|following)(?: [a-z]{4,12} and)?|every|each|per|before|prior|between|completed|"
                r"completing|at least|of|=|end of|a further|an additional)\s(?:the )?$"
            ),
            before,
        ) and not re.search(r"(?:total|maximum|period|minimum|course|consists?|consisting) of $", before):
            continue
        if "." in match["low"] or "," in match["low"]:
            continue  # "days 1,15 Cycles repeat" counts none
        if before.endswith("(") and _OF_ALL.match(text.folded, match.end()):
            continue  # "for 4 cycles (8 cycles of chemotherapy in total)"
        low, high = small_number(match["low"]), match["high"]
        if match["cap"] or match["cap_after"]:
            value = f"<={small_number(high) if high else low}"
        else:
            value = f"{low}-{small_number(high)}" if high else low
        yield Mark("cycles", match.start(), match.end(), (value,), "cycles/count")


_OF_ALL: Final = re.compile(r"[^().;]{0,40}\b(?:in total|total|altogether|overall)\b")
"""Behind a count in brackets that is of all parts of a treatment."""
_FRACTIONS: Final = GuardedPattern(
    rf"(?P<n>{SMALL.replace('|an?', '')})\s?(?:-\s?)?(?:\(\d{{1,2}}\)"
    r" )?(?:once[ -])?(?:daily |equal |consecutive |weekday |week-day |"
    r"weekly |single |total |treatment |daily consecutive |hypofractionated "
    r"){0,2}"
    r"(?:fractions?|fx|fr|fxs|f|frs|fractionations?|sessions?|#)(?![a-z\d]| ?(?:per|a|each|/) ?week)"
)


_OVER_STROKE: Final = GuardedPattern(
    r"(?<=gy)\s?/\s?(?P<n>[1-9]\d?)(?![\d.,#]|\s?(?:-|to\b|kg|m2|min|h\b|gy|fr|fx|f\b))"
)
"""Fractions behind a stroke: "37.5 Gy/15"."""
_RANGED: Final = re.compile(r"\d\s?-\s?$")


def fractions(text: StoredText) -> Iterator[Mark]:
    """Yield numbers of fractions of radiation.

    >>> [mark.value[0] for mark in fractions(StoredText("40 Gy in 15 fractions, 18Gy/10fx"))]
    ['15', '10']
    """
    for match in _FRACTIONS.finditer(text.folded):
        if match.group()[-1] == "#" and _RANGED.search(text.folded, max(0, match.start() - 4), match.start()):
            number = None  # "8 Gy x 2-3#" is no certain number
        else:
            number = small_number(match["n"])
        yield Mark("fractions", match.start(), match.end(), (number,), "fractions/count")
    for match in _OVER_STROKE.finditer(text.folded):
        yield Mark("fractions", match.start("n"), match.end(), (match["n"],), "fractions/behind-stroke")


_ON_OFF: Final = GuardedPattern(
    rf"(?P<on>{SMALL})(?:\s?\(\d\))?[\s-]?(?:continuous |consecutive "
    r"|successive )?(?P<onu>weeks?|wks?|w|days?|d|months?)(?:[ -](?:on|"
    r"of (?:treatment|therapy|dosing|drug)|consecutive|treatment))?"
    r"(?:\s?\((?:days? )?[\d, ]{1,12}(?:days?)?\))?"
    r"(?: (?:beginning|starting) (?:on|from) day 1(?: of (?:each|every|the|a) cycle)?)?"
    r"(?:\s?(?:on|,|/|and|then|followed by|drug)?\s?(?:then )?(?:stop(?:ped)? "
    r"(?:for )?|followed by |rest(?:ing)? (?:for )?|off (?:for )?|with "
    r")?(?:by )?(?:an? )?(?:the )?)"
    rf"(?P<off>{SMALL})(?:\s?\(\d\))?[\s-]?(?P<offu>weeks?|wks?|w|days?|"
    r"d|months?)(?P<tail>[ -]?(?:off|rest|break|without|pause|of rest|"
    r"drug holiday|treatment-free|free|interval|no treatment)\w*)?"
)

_RESTING: Final = ("off", "rest", "stop", "break", "without", "pause", "holiday", "free", "interval", "no treatment")
"""What a text must hold to speak of time without treatment."""
_PARTED: Final = re.compile(r"\bon\b|,|/|\band\b|then|follow|of (?:treat|ther|dos|drug)|stop|\boff\b|-")
_FREE: Final = GuardedPattern(
    rf"(?:for|over|x) (?P<on>{SMALL})[\s-](?:consecutive )?(?P<onu>days?|weeks?),? followed by an? "
    r"(?:(?:infusion|treatment|drug|dose|medication|therapy)-?\s?free (?:period|interval|rest)"
    rf"|rest(?:ing)? (?:period|interval)|break|rest) of (?P<off>{SMALL})[\s-](?P<offu>days?|weeks?)(?![a-z])"
)
"""Days of a cycle and the rest of it: "over 28 days followed by an infusion-free period of 14 days"."""
_OF_A_CYCLE: Final = GuardedPattern(
    rf"(?:for )?(?P<on>{SMALL})[\s-](?:consecutive )?(?P<onu>weeks?|wks?|days?) (?:(?:out )?of|in|every) "
    rf"(?:the |each |every |a |an )?(?P<off>{SMALL})[\s-](?P<offu>week|wk|day)s?[\s-]"
    r"(?:long )?(?:treatment |chemotherapy )?"
    r"(?:cycles?|courses?)(?![a-z])"
)
"""The days of a cycle that are told by their number: "for 2 weeks of the 3-week course"."""


_WEEKS_OF: Final = GuardedPattern(r"(?<![\w/.-])(?P<on>[1-7])\s?w/(?P<off>[2-8])\s?w(?![\w/])")
"""Weeks of a cycle in short: "2W/3W"."""


def _of_a_cycle(text: StoredText) -> Iterator[Mark]:
    """Yield days and cycle of "2 weeks of each 3-week cycle"."""
    for match in _OF_A_CYCLE.finditer(text.folded):
        on, length = small_number(match["on"]), small_number(match["off"])
        size = {"d": 1, "wk": 7}[UNITS[match["onu"]]]
        if on.isdigit():
            yield Mark("days", match.start(), match.end(), (f"1-{int(on) * size}",), "days/on-off")
            yield Mark("cycle", match.start(), match.end(), (f"{length} {UNITS[match['offu']]}",), "cycle/on-off")
    for match in _WEEKS_OF.finditer(text.folded):
        if match["on"] < match["off"]:
            yield Mark("days", match.start(), match.end(), (f"1-{int(match['on']) * 7}",), "days/on-off")
            yield Mark("cycle", match.start(), match.end(), (f"{match['off']} wk",), "cycle/on-off")


_FIRST_OF: Final = GuardedPattern(
    r"(?:for|on|during|in) the first (?P<n>\d{1,2}|two|three|four|five|six) (?P<u>days?|weeks?) (?:of|in) "
    r"(?:each|every|the|a) (?:(?P<week>week)|(?:treatment |chemotherapy )?cycles?)(?![a-z])"
)
"""The days that something is given on in each week or cycle: "for the first 5 days of each week"."""


def _first_of(text: StoredText) -> Iterator[Mark]:
    """Yield the days, and the week as cycle, of "the first 5 days of each week"."""
    for match in _FIRST_OF.finditer(text.folded):
        days = int(small_number(match["n"])) * (7 if match["u"].startswith("week") else 1)
        yield Mark("days", match.start(), match.end(), (f"1-{days}",), "days/on-off")
        if match["week"]:
            yield Mark("cycle", match.start(), match.end(), ("1 wk",), "cycle/on-off")


def _whole_of(lengths: list[int], sizes: list[int]) -> str:
    """Return the length of a cycle of days on and off, in weeks where both are told so."""
    weeks = set(sizes) == {7}
    return f"{sum(lengths) // 7} wk" if weeks else f"{sum(lengths)} d"


def on_off(text: StoredText) -> Iterator[Mark]:
    """Yield days and cycle of schedules of weeks on and off.

    >>> [(mark.slot, mark.value[0]) for mark in on_off(StoredText("3 weeks on, 1 week off"))]
    [('days', '1-21'), ('cycle', '4 wk')]
    """
    yield from _of_a_cycle(text)
    yield from _first_of(text)
    for match in _FREE.finditer(text.folded):
        numbers = [small_number(match[name]) for name in ("on", "off")]
        if not all(number.isdigit() for number in numbers):
            continue
        sizes = [{"d": 1, "wk": 7}[UNITS[match[f"{name}u"]]] for name in ("on", "off")]
        lengths = [int(number) * size for number, size in zip(numbers, sizes, strict=True)]
        yield Mark("days", match.start(), match.end(), (f"1-{lengths[0]}",), "days/on-off")
        yield Mark("cycle", match.start(), match.end(), (_whole_of(lengths, sizes),), "cycle/on-off")
    if not any(word in text.folded for word in _RESTING):
        return
    for match in _ON_OFF.finditer(text.folded):
        words = match.group()
        if text.folded.endswith(("over ", "for "), 0, match.start()) and "wee" in words and not _PARTED.search(words):
            continue  # "30 Gy over 1 week Two week rest period" tells two things
        if not (match["tail"] or re.search(r"stop|rest|\boff\b", words)):
            continue
        on, off = UNITS[match["onu"]], UNITS[match["offu"]]
        try:
            first, second = int(small_number(match["on"])), int(small_number(match["off"]))
        except ValueError:
            continue
        size = {"d": 1, "wk": 7}
        if on not in size or off not in size:
            continue
        total = f"{first + second} {on}" if on == off else f"{first * size[on] + second * size[off]} d"
        yield Mark("days", match.start(), match.end(), (f"1-{first * size[on]}",), "days/on-off")
        yield Mark("cycle", match.start(), match.end(), (total,), "cycle/on-off")
