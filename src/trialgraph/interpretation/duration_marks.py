"""How long something is given in all, and how long an infusion runs."""

import re
from collections.abc import Iterator
from typing import Final

from trialgraph.interpretation.durations import SMALL, UNIT, UNITS, small_number
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.stored_text import StoredText

_DURATION_HEAD: Final = (
    r"(?P<head>for(?: up to| the| a| an| about| approximately| at least|"
    r" more than| no more than| maximum| longer than| another| a maximum "
    r"of| a minimum of| over| ~| around| only| as long as| less than|"
    r" next| its| of)?"
    r"|over(?: the course of| a period of| a total of)?|during(?: the)?|"
    r"by|through|throughout|x|up to(?: a maximum of| the)?|(?:until|"
    r"to|through|up until|till|up to) (?:the )?(?:week|month|day|year)"
    r"|lasts?|lasting|will last|duration(?: of)?(?: the)?(?: study drug)?(?: treatment| therapy|"
    r" administration| infusion)?(?: is| was| will be| of|:| =)*|total(?: duration)?(?: "
    r"of)?|maximum(?: of)?|minimum(?: of)?|at least|complete|period "
    r"of|treatment:|within|first|next|additional"
    r"|course of|treatment of|treatment for|on(?: each of)?(?= [\w-]{1,6} "
    r"(?:consecutive|successive))|in|,|\(|:|;|or|to|and|then|-)"
)
_DURATION: Final = re.compile(
    rf"(?:(?<![a-z0-9])(?=[a-z])|(?=[,(:;-])){_DURATION_HEAD}\s{{0,2}}(?P<mid>(?:(?:a |an |the "
    r"|up to |first |next |total of |about |approximately |approx\.? "
    r"|at least |~ ?|≥ ?|>=? ?|<=? ?|≤ ?|subsequent |following |period "
    r"of |maximum of |minimum of |maximum |max\.? (?:of )?|initial |remaining |another "
    r"|additional |last |duration of |total |total duration of |median "
    r"of |mean of |average of |entire |more than |or |longer than |time "
    r"|over |further |of |course of |least ){0,4}))"
    rf"(?P<low>{SMALL})(?:\s?\(\w{{1,6}}\))?(?:\s?(?P<lowu>{UNIT}))?(?:\s?(?P<range>-|"
    rf"to|~|or|±)\s?(?P<high>{SMALL}))?(?:\s?\(\w{{1,6}}\))?[\s-]{{0,2}}"
    r"(?:consecutive |successive |additional |continuous |full |more |calendar |post-?operative |"
    rf"total |straight ){{0,2}}(?P<unit>{UNIT})(?![a-z0-9/])(?P<tail>(?: "
    r"\(?(?:maximum|max|or (?:more|longer|until)|treatment|period|duration|"
    r"course|in total|total|if)|-treatment| of (?:treatment|therapy)"
    r"|\+)*)"
)
_OF_TREATMENT: Final = GuardedPattern(
    rf"(?<![\w.,-])(?P<low>{SMALL})(?:\s?(?:-|to)\s?(?P<high>{SMALL}))?[\s-](?P<u>weeks?|months?|days?|years?)[\s-]"
    r"(?:\((?:±|\+/?-)\s?\d{1,2} [a-z]{1,8}\) )?"
    r"(?:in duration|of (?!radi|chemo|physi|exerc|standard|prior|previous|hormon|endocrin|immuno|follow|post|induct"
    r"|maint|concurr|anti|behav|cognit|compress|laser|light|oxygen|vacuum|speech|occup|manual|usual|conserv|concom"
    r"|adjuv|neoadj|convent|initial|initiat|psycho|group|home|dialy|replac)"
    r"[a-z][\w-]{4,24} (?:[a-z][\w-]{4,24} )?(?:\([^()]{2,30}\) )?(?:treatment|therapy)"
    r"(?=[.,;)]|$| at (?:a|the) (?:daily )?dos)"
    r"|(?:of )?(?:prn |oral |daily |continuous |active |double-blind |blinded |open-label "
    r"|once-daily |study |randomi[sz]ed |\([^()]{1,20}\) ){0,3}"
    r"(?:treatment|therapy|administration)(?: period| duration)?"
    r"(?! cycles?| course| arm| interval| break| visit| response| failure| free| phase \d))(?![a-z])"
)
"""How long, told of the treatment: "12 weeks of PRN treatment", "will be 6 weeks in duration"."""
_OF_PERIOD: Final = GuardedPattern(
    r"\b(?:treatment|dosing|therapy) period (?:\((?:of )?(?:up to )?|(?:will be|is|was|lasts?|will last)(?: for)? )"
    rf"(?P<low>{SMALL})(?:\s?(?:-|to)\s?(?P<high>{SMALL}))?[\s-](?P<u>weeks?|months?|days?|years?)(?![a-z])"
)
"""How long the period of treatment is: "until completion of the treatment period (2 years)"."""
_OF_STUDY: Final = GuardedPattern(
    r"\b(?:duration|course|length) of (?:the |this )?(?:study|trial|treatment|therapy|intervention)(?: period)? "
    r"\((?:approximately |about |approx\. |i\.e\.,? |a total of )?"
    rf"(?P<low>{SMALL})(?:\s?(?:-|to)\s?(?P<high>{SMALL}))?[\s-](?P<u>weeks?|months?|days?|years?)\)"
)
"""How long, in brackets behind what lasts so long: "for the duration of the study (two years)"."""
_SUPPLEMENTED: Final = GuardedPattern(
    rf"(?<![\w.,-])(?P<low>{SMALL})(?P<high>)[\s-](?P<u>weeks?|months?|days?)[\s-](?:of )?(?:oral |daily )?"
    r"(?!placebo)[a-z][\w-]{2,24} supplementation(?![a-z])"
)
"""How long, told of a supplement by its name: "8-week zinc supplementation"."""
_OF_DRUG: Final = GuardedPattern(
    rf"(?<![\w.,-])(?P<low>{SMALL})(?:\s?(?:-|to)\s?(?P<high>{SMALL}))?[\s-](?P<u>weeks?|months?|days?) of "
    r"(?!age|follow|rest|obs|the |an? |each|cycle|life|screen|random|enrol|surg|diagnos|birth|treatm|therap|gest|wash"
    r"|run|pregn|admis|hosp|stud|symp|onset|deliv|infu|chemo|radi)"
    r"(?=[a-z][^.;,\n(]{2,40}? \d[\d.,]{0,6} ?(?:mg|g|mcg|ug|ml|iu)\b)"
)
"""How long, told of what is given: "15 days of letrozole 2.5 mg daily"."""
_NOT_OF_TREATMENT: Final = re.compile(
    r"\b(?:after|following|until|till|every|each|at|by|prior|previous|first|last|with(?:in|out)?|from|than|week"
    r"|between|off|repeat\w*|post|pre|completed?|completion of|another|next|stable|end of)[\s-]?"
    r"(?:the |a |an |at least |of |initial ){0,2}$"
)
_CAPPED: Final = re.compile(r"\b(?:maximum|max\.?|up to|at most)(?: of)?\s$")
_BEHIND_FREQUENCY: Final = GuardedPattern(
    r"(?<![a-z0-9.])(?:[btq]\.?i\.?d\.?|(?:/|q\.?|once |twice )?d(?:aily|ay|\.)?|qw|q\dw|weekly)"
    r" (?P<n>\d{1,2}|one|two|three|four|six|eight|twelve) (?P<u>weeks?|months?|days?)(?![a-z/])"
    r"(?! (?:on|off|before|prior|after|apart|later|of|out|per|a|each|every|and \d|then \d|from|to)\b)"
)
"""How long, right behind how often: "300 mg twice daily 12 weeks"."""
_PER_LENGTH: Final = GuardedPattern(
    r"\b(?:daily|a day|per day|every day)\b[^.;\n\d]{0,50} per (?P<n>\d{1,2}) (?P<u>weeks|months|days)(?![a-z])"
)
"""How long, where "per" is for: "once daily with a meal per 8 weeks"."""
_OF_INFUSION: Final = GuardedPattern(
    rf"(?<![\w.,-])(?P<n>{SMALL})[\s-](?P<u>hours?|hr|h|minutes?|mins?)[\s-]"
    r"(?:continuous |constant |intravenous |iv |i\.v\. ){0,2}infusion(?![a-z])"
)
"""How long an infusion runs: "followed by a 24 hour intravenous infusion"."""
_ORDINAL: Final = GuardedPattern(
    r"(?<![a-z])(?:for|during) the (?:first|second|third|fourth|next|"
    r"following|last) (?P<u>day|week|month|year)(?![a-z])"
)
_WEEK_NUMBER: Final = GuardedPattern(
    r"(?<![a-z])(?:until|to|upto|through|up until|till|up to|thru|from (?:week|"
    r"day|month) [01] (?:to|through|until))\s(?:the )?(?:end of )?(?P<u>week|"
    r"month|day|year)\s(?P<n>\d{1,3})(?!\d|\.\d)"
)
_AFTER_DURATION: Final = re.compile(
    r"\s?(?:(?:per|a|each|/)\s?week\b|before|prior|after|apart|later|post|following (?:surgery|"
    r"the)|ago|old|of (?:age|follow|observation|rest)|follow|interval|"
    r"rest|off\b|washout|break|between|from|preceding|cycles?|cycle\b"
    r"|(?:(?:placebo|single-blind|dietary|drug|active|tobacco) )?(?:run|wash|lead)[ -]?(?:in|out)"
    r"|observation|pre|fast|half|intervals)"
)
_AFTER_STRONG: Final = re.compile(
    r"\s?(?:(?:in a row )?(?:(?:per|a|each|every|of each|of every)\s(?:week|month|cycle)|/\s?week)\b|old\b"
    r"|(?:of )?of (?:age|follow|observation|rest)|(?:of )?follow[- ]?up|"
    r"interval|(?:of )?(?:rest|washout|observation)|off\b|break|apart|"
    r"placebo (?:run|lead)[ -]?in|"
    r"cycles?|prior to (?:enrol|inclusion|screen|randomi|study)|before "
    r"(?:enrol|inclusion|screen|randomi|study)|(?:wash)[ -]?(?:out)|"
    r"surviv|post[- ]?(?:treat|dos|op|surg|vacc|inj|infus)|after (?:the "
    r")?(?:last|end|final|completion|discontinuation|vacc|inject|randomi|enrol)"
    r")"
)
_BEFORE_DURATION: Final = re.compile(
    r"(?:follow(?:ed)?(?:-| )?up(?: \w+)?|observed?|monitored|fasting|"
    r"fasted?|washout(?: period)?|every|each|wait\w*|assess\w*|evaluat\w*|"
    r"separated|spaced|who|rest(?:ing)?|hospitali[sz]ed|stay|supply|stable|surviv\w*|"
    r"history|hold|held|stop(?:ped)?|off|intervals?|once|relax|"
    r"delay\w*|remain\w*|storage|stored|after (?:taking|using|receiving)(?: it| them)?"
    r"|(?:after|following)(?: an?| the)?)\s?(?:treatment )?$"
)
_FAR: Final = 70
"""Letters before a length in which a follow-up is spoken of."""
_FOLLOWED_FOR: Final = re.compile(  # "followed for safety and survival for up to 5 years"
    r"\b(?:followed(?:[- ]up)?|follow[- ]up|monitored|observed)(?! by\b) (?:for|regarding|with regard to) [^.;:\n]*$"
)
_AFTER_EVENT: Final = re.compile(r"\s(?:after|before|following|prior to)\b")
_EXTENSION: Final = re.compile(r"\s?(?:open[- ]label|long[- ]term|single[- ]arm)?\s?(?:\(\w{2,4}\) )?extension\b")
"""Behind the length of an extension, which is not how long something is given in all."""
_STOPS: Final = re.compile(r"\b(?:until|till|absence of)\b[^.;]{0,160}$")
"""Before "or up to 2 years": the last of what ends a treatment."""
_SIGNS: Final = frozenset({",", "(", ":", ";"})
_SHORT: Final = frozenset({"s", "min", "h"})
_WEAK_HEADS: Final = frozenset(
    [",", "(", ":", ";", "or", "to", "and", "then", "-", "in", "by", "first", "next", "additional", "within", "x"]
)
"""Words before a length of time that do not say alone that something is given for so long."""


_LONG: Final = 56
"""A day from here on that something is given up to is no day of a cycle."""


_AFTER_PERIOD: Final = re.compile(r"\b(?:after|following) (?:an? |the )?(?:[a-z-]+ ){0,3}$")
_AND_UP_TO: Final = re.compile(
    rf",? (?:(?:and|but|to|up)(?: up)?(?: to| no more than| not more than| at most)?(?: a maximum of)?|a maximum of)"
    rf" (?P<high>{SMALL})"
    rf"[\s-]?(?P<unit>{UNIT})(?![a-z0-9])"
)
"""The most behind the least: "for at least 5 days and up to 14 days"."""
_LATER: Final = re.compile(r"\b(?:day|week|month)s?\s\+?\s?(?P<n>\d{1,3})\b,?\s?$")
_WHO: Final = re.compile(
    r"\b(?:who|remain(?:s|ed|ing)?|stable|observed|assessed|evaluated|followed(?! by))\b(?:[^.;,]|\.\d){0,80}$"
)
"""Before "until week 26": how long somebody is so, not how long something is given."""


def durations(text: StoredText) -> Iterator[Mark]:
    """Yield how long something is given in all; times of infusions have the slot `infusion`.

    >>> [mark.value[0] for mark in durations(StoredText("for 12 weeks; for up to 2 years; for more than 6 months"))]
    ['12 wk', '<=2 a', '>6 mo']
    """
    for match in _DURATION.finditer(text.folded):
        before = text.folded[max(0, match.start() - 26) : match.start()]
        after = text.folded[match.end() : match.end() + 24]
        if not _is_given(match, before, after):
            continue
        unit, low, high = UNITS[match["unit"]], small_number(match["low"]), match["high"]
        value = f"{low}-{small_number(high)}" if high and match["range"] != "±" else low
        slot = "infusion" if unit in _SHORT else "duration"
        most = _AND_UP_TO.match(text.folded, match.end()) if value == low else None
        if most and UNITS[most["unit"]] == unit and re.search(r"least|minimum", match.group()):
            value = f"{low}-{small_number(most['high'])}"
            yield Mark(slot, match.start(), most.end(), (f"{value} {unit}",), "duration/said")
            continue
        strength = "duration/weak" if match["head"] in _WEAK_HEADS else "duration/said"
        yield Mark(slot, match.start(), match.end(), (f"{_comparator(match, after)}{value} {unit}",), strength)
    yield from _of_treatment(text)
    for match in (*_BEHIND_FREQUENCY.finditer(text.folded), *_PER_LENGTH.finditer(text.folded)):
        behind = text.plain[match.end() : match.end() + 2].strip()
        if not behind or not behind[0].isalnum() or behind[0].isupper():
            length = f"{small_number(match['n'])} {UNITS[match['u']]}"
            yield Mark("duration", match.start("n"), match.end(), (length,), "duration/behind-frequency")
    for match in _OF_INFUSION.finditer(text.folded):
        run = f"{small_number(match['n'])} {UNITS[match['u']]}"
        yield Mark("infusion", match.start(), match.end(), (run,), "duration/of-infusion")
    for match in _ORDINAL.finditer(text.folded):
        yield Mark("duration", match.start(), match.end(), (f"1 {UNITS[match['u']]}",), "duration/ordinal")
    for match in _WEEK_NUMBER.finditer(text.folded):
        behind = text.folded[match.end() : match.end() + 14]
        ranged = _LATER.search(text.folded, max(0, match.start() - 24), match.start())
        if ranged and int(ranged["n"]) > 1:
            continue  # "in the period day 32 to day 90"
        if _WHO.search(text.folded, max(0, match.start() - 90), match.start()):
            continue
        counted = match["u"] == "day" and (int(match["n"]) < _LONG or "from" in match.group())
        if counted or re.match(r"\s?of (?:each|every|a |the|cycle)|,? ?\d", behind):
            continue
        value = f"{match['n']} {UNITS[match['u']]}"
        yield Mark("duration", match.start(), match.end(), (value,), "duration/until-week")


def _of_treatment(text: StoredText) -> Iterator[Mark]:
    """Yield lengths that a text tells of the treatment itself."""
    patterns = _OF_TREATMENT, _OF_DRUG, _SUPPLEMENTED
    found = [match for pattern in patterns for match in pattern.finditer(text.folded)]
    periods = [*_OF_PERIOD.finditer(text.folded), *_OF_STUDY.finditer(text.folded)]
    for match in sorted([*found, *periods], key=re.Match.start):
        if match not in periods and _NOT_OF_TREATMENT.search(text.folded[max(0, match.start() - 34) : match.start()]):
            continue
        low, high = small_number(match["low"]), match["high"]
        value = f"{low}-{small_number(high)}" if high else low
        capped = "<=" if _CAPPED.search(text.folded[max(0, match.start() - 14) : match.start()]) else ""
        length = f"{capped}{value} {UNITS[match['u']]}"
        yield Mark("duration", match.start(), match.end(), (length,), "duration/of-treatment")


def _is_of_another_time(match: re.Match[str], after: str) -> bool:
    """Return whether a length is that of a follow-up or an extension, or the time of an event."""
    followed = _FOLLOWED_FOR.search(match.string, max(0, match.start() - _FAR), match.start())
    timed = match["head"].startswith("duration") and _AFTER_EVENT.match(
        after
    )  # "mean duration 4 weeks after surgery"
    return bool(followed or timed or _EXTENSION.match(after))


def _is_given(match: re.Match[str], before: str, after: str) -> bool:
    """Return whether a length of time is how long something is given, by what stands around it."""
    head, unit = match["head"], UNITS[match["unit"]]
    if head in _SIGNS and (match["mid"] or "").startswith("over "):
        head = "over"  # "5 days a week, over 3 weeks"
    if unit == "{cycle}" or _BEFORE_DURATION.search(before.rstrip()):
        return False
    if head == "period of" and _AFTER_PERIOD.search(before):
        return False
    if _is_of_another_time(match, after) or (before and before[-1] in "+±"):
        return False  # "on day 4 (+up to 2 days)"
    strong = re.match(r"for|over|during|throughout|last|duration|on\b", head)
    if (_AFTER_STRONG if strong else _AFTER_DURATION).match(after) or re.search(r"\b(?:week|month|day|year)$", head):
        return False
    listed = head in ("or", ",") and "up to" in (match["mid"] or "") and _STOPS.search(match.string, 0, match.start())
    if head in _WEAK_HEADS and not listed and not _weak_duration(match, before, after, head):
        return False
    return not match["lowu"] or UNITS[match["lowu"]] == unit


def _comparator(match: re.Match[str], after: str) -> str:
    """Return `<=`, `>=`, `>` or nothing: how a length of time is bounded."""
    said, tail = f"{match['head']} {match['mid'] or ''}", match["tail"] or ""
    if said.startswith("duration") and match.string.endswith(("maximum ", "maximal ", "max. "), 0, match.start()):
        return "<="
    if re.search(r"up to|max|no more|≤|<|at most|within", said) or re.match(r"[\s(]*max", tail + after[:9]):
        return "<="
    if re.search(r"at least|min(?:imum)\b|≥", said) or re.match(
        r"\+(?!\s?[a-z])|\s?(?:or (?:more|longer))", tail + after[:12]
    ):
        return ">="
    if re.search(r"more than|longer than|>", said) or (re.search(r"\bover\b", said) and "for over" in said):
        return ">"
    return ""


def _weak_duration(match: re.Match[str], before: str, after: str, head: str) -> bool:
    """Return whether a length behind a comma, a bracket or "in" is how long something is given."""
    if match["unit"] in ("d", "h", "m", "w", "y", "min") and head != "x":
        return False
    if head == "x":
        return bool(re.search(r"[a-z)]\s?$", before))
    if head == "by":
        return bool(re.search(r"(?:daily|dose|day|week)\s?$", before)) or after[:1] in ("", ".", " ", ",")
    if head in ("(", ",", ":", ";", "-"):
        return (
            bool(
                re.match(
                    r"\n|\s?(?:[().,;]|$|(?:and|plus|followed|with)\b"
                    r"|(?:of )?(?:treatment|therapy|duration|in total|total))",
                    after,
                )
            )
            and not re.search(
                r"(?<!/)(?<!per )(?<!times a )(?:week|day|month|cycle|visit|at|interval|every)\s?\d{0,3}\s?$", before
            )
            and bool(
                re.search(
                    (
                        r"(?:dail?y|day|weeks?|months|weekly|once|twice|dose|bid|tid|qd|mg|oral(?:ly)?|"
                        r"bedtime|hours|times|demand|needed|prn|(?:intranasal|topical|subcutaneous|intravenous|sublingual)(?:ly)?|inhaled|p\.?o\.?|iv|im|sc|qw|treatment|duration|cycles|doses|infusions"
                        r"|/m\^?2|/kg|bs|bw|bsa|end of (?:the )?(?:study|trial))\)?\s?$"
                    ),
                    before,
                )
            )
        )
    if head in ("first", "next", "additional"):
        return bool(re.search(r"(?:for|during|over|in) (?:the )?$", before))
    return False
