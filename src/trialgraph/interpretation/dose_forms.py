"""Counts of forms beside amounts: "2 x 200 mg tablets", "4 capsules (100 mg)" (rules 10, 16, 22)."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from trialgraph.interpretation.dose_amounts import WHOLE, Amount
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.quantities import plain_number, unit_of
from trialgraph.interpretation.stored_text import StoredText

FORM_BEHIND: Final = re.compile(
    r"\s?-?\s?\)?(?:(?!(?:and|or|plus|with|in|by|to|for|at|per|daily|"
    r"once|twice|three|every|of|from|via|on|as|po|iv|sc|bid|tid|qd)\b)"
    r"[\w®™.()-]{1,24}\s){0,3}?(?P<form>tablets?|tabs?|caplets?|capsules?|"
    r"caps?|pills?|softgels?|lozenges?|sachets?|vials?|ampoules?|ampules?|"
    r"syringes?|cream|gel|ointment|lotion|foam|solution|suspension|syrup|"
    r"suppositor(?:y|ies)|patch(?:es)?|implant|powder|granules|gummies|"
    r"pen|emulsion|oral tablet|oral capsule)(?![a-z])"
)
_TIMES_BEFORE: Final = re.compile(
    r"(?<![\w.])(?P<n>\d{1,3}|one|two|three|four|five|six)\s?(?:x|\*|times|-)\s?(?:doses of |daily |of )?$"
)
_COUNT_BEFORE: Final = re.compile(r"(?<![\w.])(?P<n>\d{1,2}|one|two|three|four|five|six|seven|eight|ten)\s(?:x )?$")
_COUNT_OF_NAMED: Final = re.compile(
    r"(?:^|[\n:;(+]\s?|\b(?:take|takes|taking|taken|receive|receives|received|given|with|and|plus)\s)"
    r"(?P<n>[2-9]|two|three|four|five|six)\s"
    r"(?:(?!mg|g\b|ml|days?|weeks?|times|doses?|of|or|to|x\b)[a-z][\w-]{2,24}\s){1,3}$"
)
"""How many of a named product: "2 sildenafil citrate 50 mg capsules"."""
_TIMES_AFTER: Final = re.compile(
    r"\s?(?:x|\*)\s?(?P<n>\d{1,2})(?:\s?-\s?(?P<m>\d{1,2}))?(?!\s?(?:\d|"
    r"mg|days?|d\b|weeks?|/|daily|per|a\b|x?10|wk|w\b|months?|hours?|"
    r"h\b|ml))(?: fractions?| fx| fr\b)?"
)


def multiples(text: StoredText, found: list[Amount]) -> Iterator[Amount]:
    """Yield the counts of "2 x 200 mg tablets", mark what is a strength beside them, and read "5 x 7 Gy"."""
    for amount in found:
        if amount.reason or amount.kind == "form":
            continue
        before = text.folded[max(0, amount.start - 18) : amount.start]
        if amount.kind == "absorbed dose":
            hit = _TIMES_BEFORE.search(before)
            after = _TIMES_AFTER.match(text.folded, amount.end)
            if hit:
                amount.fractions = plain_number(hit["n"])
            elif after and not after["m"]:
                amount.fractions = after["n"]
            continue
        per_day = _TIMES_BEFORE.search(before) if amount.frequency == ("1", "1", "d") else None
        if per_day:
            amount.frequency = (plain_number(per_day["n"]), "1", "d")
        form = FORM_BEHIND.match(text.folded, amount.end, amount.end + 60)
        hit = _TIMES_BEFORE.search(before) or _COUNT_BEFORE.search(before)
        if hit is None and form and form["form"].endswith("s"):
            before = text.folded[max(0, amount.start - 48) : amount.start]
            hit = _COUNT_OF_NAMED.search(before)
        if form and hit and amount.role == "dose":
            unit = unit_of(form["form"].split()[-1])
            count = plain_number(hit["n"])
            if unit and count != "1" and Decimal(count) < 20 and unit[1] == "form":
                total = _times(amount.value, count)
                amount.role, amount.rule = "strength", "strength/of-several"
                if not any(other.value == total and other.unit == amount.unit for other in found):
                    start = amount.start - len(before) + hit.start()
                    yield Amount(start, form.end("form"), count, None, unit[0], "form", rule="dose/forms")


def _times(value: str, count: str) -> str | None:
    """Return so many times a number, or each part of a fixed combination."""
    try:
        parts = [format((Decimal(part) * Decimal(count)).normalize(), "f") for part in value.split("/")]
    except InvalidOperation:
        return None
    return "/".join(plain_number(part) for part in parts)


_NEAR: Final = 12
"""Amounts before and behind a count of forms that may be what it comes to."""
_INJECTIONS: Final = re.compile(r"(?<![\w.])(?:\d|two|three|four)\s(?:injections?|vials?|syringes?) of $")
_INJECTIONS_OF: Final = re.compile(
    r"(?<![\w.])(?:\d|two|three|four)\s(?:injections?|vials?|syringes?) of [a-z][\w-]{2,24} $"
)
"""Before the strength of a vial behind its name: "two injections of omalizumab 150 mg vials"."""
_OF_VIAL: Final = re.compile(r"\s(?:vials?|syringes?|pens?|ampoules?)\b")
_INJECTIONS_BEHIND: Final = re.compile(r"\s?injections\b")


def forms_beside_amounts(text: StoredText, found: list[Amount]) -> None:
    """Tell counts of forms and amounts beside them apart (rules 10 and 22 of the guide)."""
    _of_several(text, found)
    for number, amount in enumerate(found):
        if amount.kind != "form" or amount.reason or amount.rule:
            continue
        carried = number + 2 < len(found) and found[number + 1].reason.startswith("a volume that carries")
        for other in found[number + 1 : number + 2 + carried] + found[max(0, number - 1) : number]:
            if not (amount.rule or amount.reason):
                _beside(text, found[max(0, number - _NEAR) : number + _NEAR], amount, other)


def _of_several(text: StoredText, found: list[Amount]) -> None:
    """Mark what one of several holds: "2 injections of 250 mg", "(2 x 5 mL injections)", "200 mg each"."""
    counted = any(amount.kind == "form" for amount in found)
    for amount in found:
        if amount.reason or amount.kind == "form" or amount.role != "dose" or amount.per:
            continue
        before = text.folded[max(0, amount.start - 46) : amount.start]
        several = _TIMES_BEFORE.search(before) and _INJECTIONS_BEHIND.match(text.folded, amount.end)
        each = counted and re.match(
            r"\s?each\b(?! (?:day|time|morning|night|week|cycle|dose))", text.folded[amount.end : amount.end + 14]
        )
        vials = _INJECTIONS_OF.search(before) and _OF_VIAL.match(text.folded, amount.end)
        if _INJECTIONS.search(before) or several or each or vials:
            amount.role, amount.rule = "strength", "strength/of-several"


def _may_stand_for(other: Amount) -> bool:
    """Return whether an amount may be what a count of forms beside it holds."""
    held = other.kind in ("mass", "activity", "substance", "count") and not (other.per and other.per[0] == "mL")
    return held and not other.reason and other.rule != "strength/per-product"


def _beside(text: StoredText, found: list[Amount], amount: Amount, other: Amount) -> None:
    """Decide which of a count of forms and an amount beside it is the dose, and which a strength or none."""
    if not _may_stand_for(other):
        _is_filled(text, amount, other)
        return
    first, second = sorted((amount, other), key=lambda one: one.start)
    between = text.folded[first.end : second.start]
    held = ")" in between and _HOLDS.search(text.folded, max(0, first.start - 120), first.start)
    # Counted is what a bracket before it says to be held: "(each delivered dose contains 9 ug) 1 inhalation".
    if (
        (second is amount and held)
        or len(between) > 34
        or re.search(r"[.;\n]|\b(?:and|or|then|plus|followed)\b", between)
    ):
        return
    several = amount.value != "1"
    if second is not amount and several and _is_made_up(found, amount, other, between):
        amount.reason = "a form beside its amount"
        other.role, other.rule = "strength", "strength/of-several"
        return
    if not (_FORM_AFTER if second is amount else _FORM_FIRST).fullmatch(between):
        return
    together = text.folded.endswith("(", 0, first.start) and ")" not in between  # "(24 IU, 3 puffs)" is a dose of 24
    each_breath = amount.unit in _BREATHED and not together and _OF_EACH_BREATH.fullmatch(between)
    if second is amount and several and (each_breath or _OF_EACH.fullmatch(between)) and amount.value.isdigit():
        other.role, other.rule, amount.rule = "strength", "strength/of-several", "dose/forms"
        return
    each = re.match(r"\s?(?:each|per)\b", text.folded[other.end : other.end + 8])
    regular = _OFTEN.match(text.folded, other.end, other.end + 110) is not None
    holds = ("contain" in between and regular) or (several and _EACH_OF.search(between))
    own_form = _OWN_FORM.match(text.folded, other.end) if "(" in between else _OF_NAMED.fullmatch(between)
    holds = holds or (several and own_form)  # "3 capsules of A (1 g capsules)", "4 tablets of A 50 mg"
    if second is not amount and (holds or each):
        other.role, other.rule = "strength", "strength/of-several"
        amount.rule = "dose/forms"
        return
    amount.reason = "a form beside its amount"
    other.frequency = other.frequency or amount.frequency


def _is_filled(text: StoredText, amount: Amount, other: Amount) -> None:
    """Mark a vessel beside the volume that it holds: "one cartridge (1.8 mL)"."""
    vessel = amount.unit in _VESSELS and other.unit == "mL" and not other.reason
    if vessel and text.folded[amount.end : other.start].strip() == "(" and other.start > amount.end:
        amount.reason = "a form beside its amount"


_VESSELS: Final = frozenset(("{cartridge}", "{vial}", "{ampoule}", "{syringe}", "{carpule}"))


def _is_made_up(found: list[Amount], amount: Amount, other: Amount, between: str) -> bool:
    """Return whether what a count of forms comes to is told: "4 inhalations of A 100 ug: total dose 400 ug"."""
    total = _times(other.value, amount.value)
    told = next((one for one in found if one.value == total and one.unit == other.unit and not one.reason), None)
    if told is None or _FORM_FIRST.fullmatch(between.removeprefix(")")) is None:
        return False
    told.notes.append(WHOLE)
    return True


_HOLDS: Final = GuardedPattern(r"\bcontain(?:s|ing)?\b[^.;()]*$")
_OFTEN: Final = re.compile(
    r"[^.;\n]*?(?:\b(?:daily|per day|a day|every day|each day|once|twice|administered|taken)\b|/day)"
)
_FORM_AFTER: Final = re.compile(
    r"\)?(?:\s(?:of )?[\w-]{2,18} [\w-]{2,18}(?= \())?[\s,(:-]*"
    r"(?:as |in |of |one |per |x |each |via |administered as |given as |= ?)*[\w®™-]{0,18}[\s,(:-]*"
)
_FORM_FIRST: Final = re.compile(
    r"\s?\(?(?:[a-z]{0,3} )?[\w®™ -]{0,24}[\s(,:=-]*"
    r"(?:a total of |total |equivalent to |= ?|each containing |containing |of |at |each )*"
)
_OF_EACH: Final = re.compile(r"\)?\s?(?:x|\*)?\s?")
"""Between what one holds and how many: "8 mg x 3 capsules", "100 mg 2 tablets"."""
_BREATHED: Final = frozenset(("{inhalation}", "{puff}", "{spray}", "{actuation}"))
_OF_EACH_BREATH: Final = re.compile(r"\)?,?\s?(?:x|\*|as)?\s?")
"""Between what one breath holds and how many: "160/4.5 ug, 2 inhalations"."""
_OWN_FORM: Final = re.compile(r"\s?(?:tablets?|capsules?|caplets?|pills?)\b(?![^()]*[+&])")
_OF_NAMED: Final = re.compile(r"\sof (?!placebo)[a-z][\w-]{3,24}\s")
_EACH_OF: Final = re.compile(r"\bof\s*$|contain|\beach\b")
