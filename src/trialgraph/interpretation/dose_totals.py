"""Totals that follow from single doses, parts of a dose, and doses of a fraction beside a total."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from trialgraph.interpretation.dose_amounts import Amount
from trialgraph.interpretation.stored_text import StoredText


def totals(text: StoredText, inside: list[Amount]) -> None:
    """Mark totals that follow from single doses (rule 3), and doses per fraction beside a total of Gy."""
    _summed(text, inside)
    _parts(text, inside)
    for number, amount in enumerate(inside):
        if amount.reason or _WHOLE in amount.notes:
            continue
        near = inside[max(0, number - 12) : number + 13]
        others = [one for one in near if one is not amount and not one.reason and one.unit == amount.unit]
        earlier = inside[number - 1].end if number and amount.kind != "absorbed dose" else 0
        before = text.folded[max(earlier, amount.start - 44) : amount.start]
        after = text.folded[amount.end : amount.end + 24]
        if amount.kind == "absorbed dose":
            per_fraction = (
                "per fraction" in amount.notes
                or re.search(
                    (
                        r"\b(?:fractions? of|fraction size(?: of)?|per fraction|daily fractions? "
                        r"of|each fraction|daily doses? of|fraction dose(?: of)?|@|fractions "
                        r"\(|x)\s?\(?$"
                    ),
                    before,
                )
                or re.match(
                    (
                        r"\s?(?:\(\w{1,6}\) )?(?:per|/|each|daily|in each|a)\s?(?:fraction|"
                        r"fx|day|fractions|session|treatment)"
                    ),
                    after,
                )
            )
            bigger = [
                one
                for one in inside
                if one is not amount
                and one.kind == "absorbed dose"
                and not one.reason
                and "per fraction" not in one.notes
            ]
            if per_fraction:
                amount.notes.append("per fraction")
                if bigger:
                    amount.reason = "the dose of a fraction beside the total"
            continue
        if not others:
            continue
        bracketed = re.search(
            (
                r"(?:\(|=|i\.e\.|,|;)\s?(?:i\.e\.,? )?(?:for |a |making |to )?(?:total|"
                r"for a total|cumulative|daily|per|up to|overall|final|a total)?"
                r"(?:\s?\b(?:doses?|dosage|amount|per|day|week|of|for|the|a|total|daily|overall|all|in|is|equals)\b){0,5}"
                r"\s?[:=]?\s?$"
            ),
            before,
        )
        said = re.search(r"total|cumulative|overall", before[-40:]) or re.match(
            r"\s?(?:daily |/day |per day )?(?:in )?total", after
        )
        if (
            (said and any(_multiple(amount, one) for one in others))
            or (
                bracketed
                and amount.frequency == ("1", "1", "d")
                and any(_multiple(amount, one) and one.start < amount.start for one in others)
                and "(" in bracketed.group()
            )
            or (
                number
                and "(" in before[-3:]
                and re.match(r"\s?(?:daily|per day|/day|a day|total)", after)
                and any(_multiple(amount, one) and one.start < amount.start for one in others)
            )
        ):
            amount.reason = "a total that follows from single doses"


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
                whole.notes.append(_WHOLE)
                first.reason = second.reason = "a part of the dose before it"


_WHOLE: Final = "whole"


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
