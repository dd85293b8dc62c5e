"""Totals that follow from single doses, parts of a dose, and doses of a fraction beside a total."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from trialgraph.interpretation.dose_amounts import WHOLE, Amount
from trialgraph.interpretation.stored_text import StoredText

_OF_FRACTION_BEFORE: Final = re.compile(
    r"(?:\b|\d(?=gy))(?:fractions? of|fraction size(?: of)?|per fraction|daily fractions? "
    r"of|each fraction|daily doses? of|fraction dose(?: of)?|@|fractions "
    r"\(|x|gy\s?/)\s?\(?$"
)
_OF_FRACTION_AFTER: Final = re.compile(
    r"\s?(?:\(\w{1,6}\) )?(?:per|/|each|daily|in each|a)\s?(?:fraction|"
    r"fx|day|fractions|session|treatment|dose\b)"
)
_IN_BRACKETS: Final = re.compile(
    r"(?:\(|=|i\.e\.|,|;)\s?(?:i\.e\.,? )?(?:for |a |making |to )?(?:total|"
    r"for a total|cumulative|daily|per|up to|overall|final|a total)?"
    r"(?:\s?\b(?:doses?|dosage|amount|per|day|week|of|for|the|a|total|daily|overall|all|in|is|equals)\b){0,5}"
    r"\s?[:=]?\s?$"
)
_FOR_A_TOTAL: Final = re.compile(r"\bfor a total(?: dose)? of (?:about |approximately )?$")
_TOTAL_BEFORE: Final = re.compile(r"total|cumulative|overall")
_TOTAL_AFTER: Final = re.compile(r"\s?(?:daily |/day |per day )?(?:(?:in )?total|overall\b|altogether\b|in all\b)")
_OF_A_DAY_AFTER: Final = re.compile(r"\s?(?:daily|per day|/day|a day|total)")
_SINGLE_DOSE: Final = re.compile(
    r"(?P<often>\s?(?:daily|/ ?day|per day|a day)?)\s?[(,;]\s?(?:as )?(?:a |each )?(?:single|individual) dose"
    r"\s?(?:of|is|=|:)?\s?"
)
"""Between what is given in a day and the single dose: "24 g daily (single dose=8 g)"."""
_OFTEN_BEHIND: Final = re.compile(
    r"(?: (?:of|for) (?:an? |the )?[a-z][\w -]{2,60}?|[a-z ]{0,12})\s?\((?:i\.e\.,? |given as |as |taken as )?"
)
_OFTEN_TOLD: Final = re.compile(
    r",? (?P<n>bid|tid|qid|twice|thrice|(?:two|three|four|2|3|4)(?: times|x)?)\s?(?:daily|a day|per day|/day|/d)?\b"
    r"(?!\) (?:once|daily|every))"
)
"""How often the single dose behind a total is given: "100 mg of it (50 mg two times per day)"."""
_NEAR: Final = 12
"""Amounts before and behind one that may be its single doses."""
_FAR: Final = 90


def totals(text: StoredText, inside: list[Amount]) -> None:
    """Mark totals that follow from single doses (rule 3), and doses per fraction beside a total of Gy."""
    _summed(text, inside)
    _parts(text, inside)
    _combined(text, inside)
    courses = sum(map(_is_course, inside))
    for number, amount in enumerate(inside):
        if amount.reason or WHOLE in amount.notes:
            continue
        if amount.kind == "absorbed dose" and _SINGLE.search(text.folded, max(0, amount.start - 24), amount.start):
            amount.fractions = "1"
        elif amount.kind == "absorbed dose":
            is_course = _is_course(amount)
            if _is_of_fraction(text, amount):
                amount.notes.append("per fraction")
                if courses > is_course:
                    amount.reason = "the dose of a fraction beside the total"
                courses -= is_course
        elif _follows(text, inside, number) or _is_told_before(text, inside, number):
            amount.reason = "a total that follows from single doses"


_SINGLE: Final = re.compile(r"\b(?:a |one |1 )?(?:single|one|1) fraction of\s$")
_CUMULATIVE: Final = re.compile(
    r"\btotal (?:doses?|dosages?|amounts?|volumes?)(?: to be [a-z]{4,12})?(?: of [\w-]{3,24})?"
    r"(?: (?:administered|given|infused|received))?\s(?:will be|is|was|of|would be|=|:)\s?$"
)


def cumulative(text: StoredText, found: Iterable[Amount]) -> None:
    """Mark what an infusion told by its rate comes to: "0.01 mcg/kg/min ... the total dose will be 15 mcg/kg"."""
    rates: set[str] = set()
    for amount in found:
        if amount.reason:
            continue
        if amount.per and amount.per[-1] in ("min", "h"):
            rates.add(amount.unit.rpartition("/")[0])
        elif amount.unit in rates and _CUMULATIVE.search(text.folded, max(0, amount.start - 90), amount.start):
            amount.reason = "a total that follows from single doses"


def _is_course(amount: Amount) -> bool:
    return amount.kind == "absorbed dose" and not amount.reason and "per fraction" not in amount.notes


def _is_of_fraction(text: StoredText, amount: Amount) -> bool:
    before = text.folded[max(0, amount.start - 44) : amount.start]
    return (
        "per fraction" in amount.notes
        or _OF_FRACTION_BEFORE.search(before) is not None
        or _OF_FRACTION_AFTER.match(text.folded[amount.end : amount.end + 24]) is not None
    )


def _is_told_before(text: StoredText, inside: list[Amount], number: int) -> bool:
    """Whether an amount is what a day has, with the single dose behind it: "24 g daily (single dose=8 g)"."""
    amount, behind = inside[number], inside[number + 1] if number + 1 < len(inside) else None
    if behind is None or behind.reason or behind.unit != amount.unit or not _multiple(amount, behind):
        return False
    often = _OFTEN_TOLD.match(text.folded, behind.end)
    if (
        often
        and behind.start - amount.end < _FAR
        and _OFTEN_BEHIND.fullmatch(text.folded, amount.end, behind.start)
        and abs(float(amount.value) / float(behind.value) - _TIMES[often["n"].split()[0].rstrip("x")]) < 0.01
    ):
        return True
    single = _SINGLE_DOSE.fullmatch(text.folded, amount.end, behind.start)
    if single is None:
        return False
    amount.end = single.end("often")  # "daily" is told of the total
    return True


def _follows(text: StoredText, inside: list[Amount], number: int) -> bool:
    """Whether an amount is what single doses near it come to, and said to be so."""
    amount = inside[number]
    near = inside[max(0, number - _NEAR) : number + _NEAR + 1]
    singles = [
        one
        for one in near
        if one is not amount
        and not one.reason
        and one.unit == amount.unit
        and _multiple(amount, one)
        # "10 for a total of 20 million, or 50 for a total of 100 million": the first total is no single dose
        and not _FOR_A_TOTAL.search(text.folded, max(0, one.start - 24), one.start)
    ]
    if not singles:
        return False
    earlier = inside[number - 1].end if number else 0
    before = text.folded[max(earlier, amount.start - 44) : amount.start]
    after = text.folded[amount.end : amount.end + 24]
    if _TOTAL_BEFORE.search(before[-40:]) or _TOTAL_AFTER.match(after):
        return True
    if all(one.start > amount.start for one in singles):
        return False
    if amount.frequency == ("1", "1", "d") and inside[number - 1] in singles:
        often = _OFTEN_A_DAY.fullmatch(text.folded[earlier : amount.start])
        if often and abs(float(amount.value) / float(inside[number - 1].value) - _TIMES[often["n"]]) < 0.01:
            return True  # "4 g tid, 12 g a day"
    bracketed = _IN_BRACKETS.search(before)
    if bracketed and amount.frequency == ("1", "1", "d") and "(" in bracketed.group():
        return True
    return bool(number) and "(" in before[-3:] and _OF_A_DAY_AFTER.match(after) is not None


_TIMES: Final = {
    "bid": 2, "twice": 2, "two": 2, "2": 2, "tid": 3, "thrice": 3, "three": 3, "3": 3, "qid": 4, "four": 4, "4": 4
}  # fmt: skip
_OFTEN_A_DAY: Final = re.compile(
    rf"\s?(?P<n>{'|'.join(_TIMES)})(?: times)?(?: daily| a day| per day)?\s?,\s?", re.IGNORECASE
)
"""Between a single dose and what it comes to in a day."""


def _summed(text: StoredText, inside: list[Amount]) -> None:
    """Mark a total of Gy that is the sum of the courses before it."""
    total = 0.0
    for number, amount in enumerate(inside):
        if amount.kind != "absorbed dose" or amount.reason or not amount.value.replace(".", "").isdigit():
            continue
        said = re.search(r"total|cumulative", text.folded[max(0, amount.start - 40) : amount.start])
        if number and said and abs(total - float(amount.value)) < 0.01:
            amount.reason = "a total that follows from single doses"
        total += float(amount.value)


def _parts(text: StoredText, inside: list[Amount]) -> None:
    """Mark the parts of an amount that stand in brackets behind it: "15 mg (10 mg + 5 mg)"."""
    for whole, first, second in zip(inside, inside[1:], inside[2:], strict=False):
        told = text.folded[whole.end : first.start], text.folded[first.end : second.start]
        if whole.unit == first.unit == second.unit and told[0].strip() == "(" and told[1].strip() == "+":
            try:
                alike = Decimal(first.value) + Decimal(second.value) == Decimal(whole.value)
            except InvalidOperation:
                continue
            if alike:
                whole.notes.append(WHOLE)
                first.reason = second.reason = "a part of the dose before it"


def _combined(text: StoredText, inside: list[Amount]) -> None:
    """Mark a fixed combination beside the sum of its parts as told twice: "200 mg (A/B 97 mg/103 mg)"."""
    for first, second in pairwise(inside):
        told = text.folded[first.end : second.start]
        if first.unit != second.unit or second.reason or len(told) > _BESIDE or _NEXT.search(told):
            continue
        values = sorted((first.value, second.value), key=lambda value: "/" in value)
        alone, parts = Decimal(values[0].partition("/")[0]), values[1].split("/")
        one_of_each = "/" not in values[0] and len(parts) > 1 and not (first.high or second.high)
        if one_of_each and sum(map(Decimal, parts)) == alone:
            second.reason = "the same amount in another unit"


_BESIDE: Final = 48
_NEXT: Final = re.compile(r"[.;\n]|\bthen\b|\bfollowed\b|\band\b|\bto\b")


def _multiple(total: Amount, single: Amount) -> bool:
    parts, singles = total.value.split("/"), single.value.split("/")
    try:
        ratios = [float(one) / float(other) for one, other in zip(parts, singles, strict=True)]
    except (ValueError, ZeroDivisionError):
        return False
    ratio = ratios[0]
    if any(abs(one - ratio) > 0.01 for one in ratios):
        return False
    return ratio >= 2 and abs(ratio - round(ratio)) < 0.01 and ratio <= 40
