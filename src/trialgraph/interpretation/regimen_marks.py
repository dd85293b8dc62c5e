"""What an arm's text says of giving: routes, days, cycles, durations, stops, fractions, in place.

Positions are of the plain text. Which dose each belongs to is decided in `schedule_scope`.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Final

from trialgraph.interpretation.cycle_marks import cycle_counts, cycle_lengths, fractions, on_off
from trialgraph.interpretation.duration_marks import durations
from trialgraph.interpretation.durations import intervals
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.pattern_set import GuardedPattern, PatternSet
from trialgraph.interpretation.quantities import plain_number
from trialgraph.interpretation.required_literals import split_alternatives
from trialgraph.interpretation.stored_text import StoredText

BLANK: Final = r"(?:[\s-]{1,3})"


@cache
def _table_patterns(name: str) -> tuple[PatternSet, tuple[str, ...]]:
    """Return the patterns of a lexicon's rows, and the codes of each."""
    parts = [(part, row["code"]) for row in rows(name) for part in split_alternatives(row["pattern"])]
    patterns = PatternSet(rf"(?<![a-z0-9])(?:{part.replace(' ', BLANK)})(?![a-z0-9])" for part, _ in parts)
    return patterns, tuple(code for _, code in parts)


def table_hits(name: str, folded: str, start: int = 0, end: int = sys.maxsize) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and code of each hit of a lexicon of patterns, from one position to another."""
    patterns, codes = _table_patterns(name)
    for match, number in patterns.finditer(folded, start, end):
        yield match.start(), match.end(), codes[number]


_IT: Final = re.compile(r"(?<=[,;(] )IT(?=[,;.)]| on\b| days?\b)")
"""Intrathecal; in small letters it is a pronoun."""


def routes(text: StoredText) -> Iterator[Mark]:
    """Yield the routes that a text names.

    >>> [mark.value for mark in routes(StoredText("500 mg IV, then by mouth"))]
    [('intravenous',), ('oral',)]
    """
    for match in _IT.finditer(text.plain):
        yield Mark("route", match.start(), match.end(), ("intrathecal",), "route/intrathecal")
    for start, end, code in table_hits("routes", text.folded):
        yield Mark("route", start, end, (code,), f"route/{code}")


_BOTH: Final = GuardedPattern(
    r"(?<![\w.])(?P<n>\d{1,2}|one|two|three|four)\s"
    r"(?:capsules?|caps?|tablets?|tabs?|pills?|drops?|puffs?|sachets?|sprays?) "
    r"(?P<often>(?:in|every|each) (?:the )?morning,? (?:and|plus) (?P<m>\d{1,2}|one|two|three|four)"
    r"(?: (?:capsules?|caps?|tablets?|tabs?|pills?|drops?|puffs?|sachets?|sprays?))? "
    r"(?:(?:in|every|each) (?:the )?(?:afternoon|evening)|at (?:night|bedtime)))(?![a-z])"
)
"""The same number twice a day: "2 capsules in the morning and 2 in the afternoon"."""
_NOWHERE: Final = (sys.maxsize, sys.maxsize)


def frequencies(text: StoredText) -> Iterator[Mark]:
    """Yield how often, as times, every and unit."""
    both = [match for match in _BOTH.finditer(text.folded) if plain_number(match["n"]) == plain_number(match["m"])]
    taken = iter([match.span("often") for match in both])
    start, end = next(taken, _NOWHERE)
    for match in both:
        yield Mark("frequency", *match.span("often"), ("2", "1", "d"), "frequency/morning-and-evening")
    for found in intervals(text):
        while found.start >= end:
            start, end = next(taken, _NOWHERE)
        if start <= found.start:
            continue
        yield Mark(
            "frequency", found.start, found.end, (found.times, found.every, found.unit), f"frequency/{found.rule}"
        )


_DAY: Final = r"[+-]?\d{1,3}"
_DAYS: Final = re.compile(
    r"(?<![a-z0-9])(?:(?:study )?days?\s?\.?:?\s?|(?<!vitamin )(?<!vit )(?<!vit\. )(?<!/)"
    r"d\s?(?=[\d-])(?!\s?\d{1,2}\s?(?:days?|weeks?|x\b))"
    rf")(?P<list>\(?{_DAY}(?!\d|\.\d|\s?(?:cm|cc\b)|,\d{{1,3}}\s?(?:ml|mg|mcg|ug|g|iu)\b|\s?(?:mg|min(?:ute)?s?\b|ml\b|g\b|ug\b|mcg|%|iu\b|units?\b|st\b|nd\b|rd\b|h\b|hours?|weeks?\b|months?\b))"
    r"(?:(?:\s?(?:,|&|/|-|\+(?=\s?(?:d|\d))|\band\b|\bto\b|\bthrough\b|"
    r"\bthru\b|\btill\b|\buntil\b|\bor\b|~)\s?){1,3}"
    rf"(?:(?:study )?(?:days?|d)\s?)?(?:-\d{{1,3}}(?= days?\b)|{_DAY}(?!\d|\.\d|-?fu\b|-[a-z]{{3}}"
    r"|\s?(?:mg|ug|g\b|ml|"
    r"gy|%|weeks?|months?|cycles?\b(?! (?:are |will be |to be )?repeat)|hours?|-?day|-?week)))){0,30})"
)
_NOT_DAYS: Final = re.compile(
    r"(?:(?:in|within|over|for|during) (?:the |a )?(?:period|window|interval)(?: from| of| between)?|between"
    r"|(?:start|begin)\w*(?: on| at| from| with)?(?: cycle \d{1,2},?| treatment| study)?"
    r"|(?:until|till|through)(?: at least| about| approximately)?|before|after|since|prior to|by|within"
    r"|up to|than|visit on|repeat\w*(?: (?:on|at|from))?|visit \d{1,2},? ?\("
    r"|follow(?:ed|ing)? .{0,12}|\bfrom(?: (?:menstrual )?cycle)?|assess\w*(?: on| at)?|measured "
    r"(?:on|at)|collected (?:on|at)|discharge\w*(?: on)?|beyond|return(?:ed|ing)? "
    r"on|(?:[a-z]ectomy|surgery|operation|resection|transplantation|biopsy|scan) (?:on|at))\s?(?:the )?$"
)


def days(text: StoredText) -> Iterator[Mark]:
    """Yield the days that a text names, as the guide writes them.

    >>> [mark.value[0] for mark in days(StoredText("on Days 1, 8 and 15; day 1 to 5; Day -4, and Day -3; D1-D3"))]
    ['1,8,15', '1-5', '-4,-3', '1-3']
    """
    for match in _DAY_IN_WORDS.finditer(text.folded):
        yield Mark("days", match.start(), match.end(), (plain_number(match["n"]),), "days/words")
    for match in _CYCLE_DAY.finditer(text.folded):
        if not _NOT_DAYS.search(text.folded[max(0, match.start() - 30) : match.start()]):
            yield Mark("days", match.start(), match.end(), (match["n"],), "days/of-cycle")
    for match in _DAYS.finditer(text.folded):
        before = text.folded[max(0, match.start() - 30) : match.start()]
        if ("." in match.group() or "(" in match.group()) and _PER.search(before):
            continue  # "once a day. 4 weeks of treatment"
        if match.group()[:3] == "day" and _A_DAY.search(before):
            continue  # "twice per day 2,5 ml"
        if _UNMEASURED.search(before):
            continue  # "500 mg on the first day and 250 from day 2 to 5"
        written = _listed(match["list"])
        excluded = _NOT_DAYS.search(before)
        if excluded and written and written.isdigit() and excluded.group().strip() in ("from", "from the"):
            # "from day 15 to discharge" is no list of days, and those told before it are not its own
            yield Mark("days", match.start(), match.end(), (None,), "days/open")
        if not written or (
            excluded and not (_RANGE.search(written) and excluded.group().strip() in ("from", "from the"))
        ):
            continue
        if (
            re.match(
                r",? ?(?:and )?(?:thereafter|onwards?|forward|afterwards|until|\+$)",
                text.folded[match.end() : match.end() + 16],
            )
            and "," not in written
        ):
            continue
        if before.endswith("(") and _VISITS.match(text.folded, match.end()):
            continue  # "every 4 weeks (day 1, week 4 and week 8)": times of a study, not days of a cycle
        if re.search(r"\bcycle \d{1,2},? ?$", before) and re.search(
            r"(?:until|to|through|than|before|after|from) cycle", before
        ):
            continue
        yield Mark("days", match.start(), match.end(), (written,), "days/numbered")


_RANGE: Final = re.compile(r"\d-| to ")
"""In a list of days, a range: "1-5", "-30 to 90"."""
_VISITS: Final = re.compile(r"\s?,\s?(?:and )?(?:week|month|wk|w|m)s?\s?\d")
_UNMEASURED: Final = re.compile(r"\b(?:and|then|followed by) \d[\d.]{0,6} (?:from|on|for)?\s?(?:the )?$")
_DAY_IN_WORDS: Final = GuardedPattern(
    r"(?<![a-z])(?:on |at )(?:study |treatment )?day "
    r"(?P<n>one|two|three|four|five|six|seven|eight|nine|ten|fifteen)(?![a-z])"
)
_CYCLE_DAY: Final = re.compile(r"(?<![a-z0-9\[])c\d{1,2}[ ,]?d(?P<n>\d{1,2})(?![\w.]|-\d)")
"""A day with its cycle in short: "C1D8"."""
_A_DAY: Final = re.compile(r"\b(?:times a|times|per)\s(?:per )?$")
_PER: Final = re.compile(r"(?:\b(?:a|per|each|every|one|twice)\s|/|\d[\s-])$")
_DAY_PARTS: Final = re.compile(r"(to|through|thru|till|until|~)|(-)|([+]?\d{1,3})|(,|;|&|/|\+|and|or)")


def _listed(written: str) -> str | None:
    """Return a list of days as the guide writes it: commas between, a hyphen where the text has a range."""
    found: list[str] = []
    joined = sign = False
    fresh = True
    for match in _DAY_PARTS.finditer(written):
        if match[1]:
            joined = True
        elif match[2]:
            if fresh or joined:
                sign = True
            else:
                joined = True
        elif match[4]:
            fresh = True
        else:
            day = ("-" if sign else "") + match[3]
            if joined and found:
                low = found[-1]
                link = " to " if low.startswith("-") or day.startswith("-") else "-"
                found[-1] = f"{low}{link}{day}"
            else:
                found.append(day)
            joined = sign = fresh = False
    return ",".join(found) or None


_UNTIL: Final = GuardedPattern(
    r"(?<![a-z])(?:until|till|unless|up to|in (?:the )?absence of|stop(?:ped)? "
    r"(?:if|at|upon)|discontinued (?:for|if|at|upon)|to (?:the )?(?:time "
    r"of )?(?=disease progression|progression|unacceptable)|through "
    r"(?=disease progression)|or until|as long as (?:there is )?no)(?![a-z])"
)
_UNTIL_ENDS: Final = re.compile(
    r"[.;\n](?!\d)|\b(?:followed by|thereafter|then\b|patients (?:will|who)|participants (?:will|who))"
)
_UNTIL_NO: Final = re.compile(
    r"\s?(?:the |a |at least )?(?:first \d|week|month|day|\d|max|approximately|about|cycle|"
    r"visit|one|two|three|four|five|six|year|a total|total|twelve|end of (?:\d|one|the first))|\s?(?:the "
    r")?(?:inr|target|maximum|desired|pain|dose|next|morning|age)"
)
_RAISED: Final = re.compile(r"\b(?:increas|escalat|up-?titrat|titrat|rais|doubl)\w*\b(?:[^.;]|\.\d){0,60}$")
_REACHED: Final = re.compile(
    r"(?:[^.;,]|\.\d){0,50}?(?:\b(?:dose|dosage)|\d ?(?:mg|g|ug|mcg|ml|iu|units?|puffs?|drops?|tablets?|capsules?))\b"
    r"(?:\([^()]{0,120}\)|[^.;,(]|\((?![^()]{0,120}\))|\.\d){0,60}?\b(?:reached|achieved|attained)\b"
    r"|\s(?:they|he|she|it|(?:the )?(?:patient|subject|participant|child)s?) (?:reach|attain|achieve|tolerate)"
    r"(?:es|s)? [^.;,]{0,30}\bdose"
)
_HANDED_OUT: Final = re.compile(r"\b(?:supplied|provided|dispensed)\b[^.;]{0,50}$")
_OTHER_STOP: Final = re.compile(
    r"(?:the )?(?:end|completion|last|final|study|discharge|delivery|"
    r"birth|pregnan|ovulation|closure|trial|investigator|physician|procedure|"
    r"engraft|extubation|recovery|resolution|healing|healed|menses|day "
    r"of|initiation|administration of|randomi|physician|other|discontinuation|"
    r"start of|radio|chemo|biopsy|egg|oocyte|embryo|hcg|trigger|colonoscopy|"
    r"disappear|cure|labor|onset|commercial|approval|new|any|one of|"
    r"conversion|closing|treatment|therapy|negative|full|icu|hospital|"
    r"ambulat|weaning|platelet|normal)"
)


def stops(text: StoredText) -> Iterator[Mark]:
    """Yield what ends the treatment.

    >>> [mark.value for mark in stops(StoredText("until disease progression, unacceptable toxicity or death."))]
    [('progression,toxicity,death',)]
    """
    folded = text.folded
    order = ("progression", "toxicity", "withdrawal", "death", "response", "surgery", "other")
    for match in _UNTIL.finditer(folded):
        end_of = _UNTIL_ENDS.search(folded, match.end(), match.end() + 400)
        end = end_of.start() if end_of else min(len(folded), match.end() + 400)
        found = {code for _, _, code in table_hits("stop-rules", folded, match.end(), end)}
        rest = folded[match.end() : end]
        if match.group() == "up to" and _UNTIL_NO.match(rest):
            continue  # "up to 2 years if there is no recurrence" tells how long
        if _HANDED_OUT.search(folded, max(0, match.start() - 60), match.start()):
            continue  # "is supplied until it is on the market" ends no treatment
        if _REACHED.match(rest):
            continue  # "until the maintenance dose is reached" ends a titration, not the treatment
        if match.group().startswith("stop") and rest.lstrip()[:1].isdigit():
            continue  # "may be stopped at 35 days or continued after transplantation"
        if "absence" in match.group() and _RAISED.search(folded, max(0, match.start() - 80), match.start()):
            continue  # what allows a dose to be raised ends no treatment
        if "absence" in match.group() and not found & {"progression", "toxicity"}:
            continue
        if re.search(
            (
                r"end of (?:the )?(?:study|trial|treatment)|study (?:completion|"
                r"end|closure|termination)|(?:investigator|physician)(?:'s)?(?: "
                r"or \w+)? (?:decision|decides|discretion)|discharge|other (?:reason|"
                r"criteria|criterion|discontinuation)|another discontinuation|"
                r"initiation of (?:a )?(?:new|another)|start of (?:a )?new|"
                r"pregnan|whatever reason|end of follow|last "
            ),
            rest,
        ) and match.group() in ("until", "till", "or until"):
            found.add("other")
        if not found and match.group() in ("until", "till", "or until") and not _UNTIL_NO.match(rest):
            found = {"other"}
        if found and not (match.group() == "up to" and not found & {"progression", "toxicity", "death"}):
            yield Mark(
                "until", match.start(), end, (",".join(code for code in order if code in found),), "until/listed"
            )


def marks(text: StoredText) -> list[Mark]:
    """Return everything that is said about giving, in order."""
    found = [*routes(text), *frequencies(text), *days(text), *cycle_lengths(text), *cycle_counts(text)]
    found += [*fractions(text), *on_off(text), *durations(text), *stops(text)]
    return sorted(found, key=lambda mark: (mark.start, mark.end, mark.slot))
