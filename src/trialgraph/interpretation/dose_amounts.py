"""Amounts in a text that may be doses: which are, and in which role (dose, maximum, strength).

What an amount is depends on the words around it; each rule stands beside the clause of the guide it follows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.quantities import (
    NUMBER,
    NUMBERED,
    POWER,
    Quantity,
    divisors,
    plain_number,
    quantities,
    unit_of,
    with_power_of,
)
from trialgraph.interpretation.stored_text import StoredText


@dataclass(slots=True)
class Amount:
    """An amount of something; positions are of the plain text."""

    start: int
    end: int
    value: str
    high: str | None
    unit: str
    kind: str
    per: tuple[str, ...] = ()
    role: str = "dose"
    rule: str = ""
    reason: str = ""
    """Why it is no entry; empty where it is one."""
    fractions: str | None = None
    frequency: tuple[str | None, str | None, str | None] | None = None
    """How often, where the unit says it: `mg/day`."""
    notes: list[str] = field(default_factory=list)


_ELIGIBLE: Final = frozenset(
    "mass volume substance concentration activity radioactivity fraction form count exposure".split()
) | {"absorbed dose"}
_NO_CODES: Final = frozenset(
    {
        "kg",
        "[lb_av]",
        "[oz_av]",
        "{injection}",
        "{application}",
        "{bag}",
        "{piece}",
        "{copies}",
        "{bottle}",
        "{cup}",
        "{pump}",
        "{pen}",
    }
)
_AUC: Final = GuardedPattern(
    r"(?<![a-z0-9])(?:auc|area under (?:the )?(?:[a-z-]{1,20} ){0,4}curve)"
    r"(?: [(\[]auc[)\]])?\s?(?:0-\w+ )?(?:of|=|:|at|dose|target(?:ed)?|\(|"
    rf"value)?\s?(?:of|=)?\s?[≤<>≥]?\s?(?P<low>{NUMBER})(?:\s?(?:-|to|"
    rf"or)\s?(?P<high>{NUMBER}))?(?![\d%]|/\s?\d|\s?(?:x|uln))(?:\s?(?:mg/ml/min|"
    r"mg/ml\s?[·.*x]?\s?min|mg\*min/ml|mg[·.x /-]?min/ml|mg/ml per min|"
    r"min\*mg/ml|mg/ml/minute)(?![a-z]))?"
    rf"|(?<![\w.])(?P<low2>{NUMBER})(?:\s?-\s?(?P<high2>{NUMBER}))?\s?auc(?![a-z])"
)
_EXPOSURE: Final = re.compile(r"\s?mg/l\s?[x*·.]?\s?(?:hours?|hrs?|h)(?![a-z])")
"""What makes an area under the curve an exposure: "AUC 70-100 mg/L x hr"."""
_COMBINATION: Final = GuardedPattern(
    rf"(?<![\w./])(?<!\d,)(?P<a>{NUMBER})\s?(?P<u1>mg|ug|mcg|g|iu)?\s?/\s?(?P<b>{NUMBER})"
    rf"(?:\s?(?P<u2>mg|ug|mcg|g|iu)?\s?/\s?(?P<c>{NUMBER}))?(?:\s?(?:mg|"
    rf"ug|mcg|g)?\s?/\s?(?P<d>{NUMBER}))?\s?-?(?P<u>mg|ug|mcg|g|iu|grams?|"
    r"milligrams?|micrograms?)(?P<of>\s?/\s?(?:tab(?:let)?|cap(?:sule)?|puff|inhalation|actuation|spray)s?\b)?(?![a-z0-9/])"
)
_BROKEN: Final = re.compile(r"(?<![\w.])\d{1,3}\.\d{1,3} $|(?<![\w/])[1-9]/$")
"""Before an amount: digits that a blank parts from it, or another number and a stroke."""
_PARTED: Final = re.compile(r"(?:(?P<word>[a-z]{2,})[ ]|(?<![\w.,]))(?P<whole>\d)\. $")
_NO_NAMES: Final = frozenset(
    "dose doses and or to of for in with than about from is was are were by over last first".split()
)
_BREATHED: Final = frozenset({"{puff}", "{inhalation}", "{spray}", "{drop}"})
_COUNTED_FORM: Final = GuardedPattern(
    r"(?<![\w./,%-])(?P<n>one|two|three|four|[1-6])"
    r"(?:\s?x\s|\sdaily\s(?=(?:tablet|capsule|pill|sachet|caplet))"
    r"|\s(?!(?:tablets?|capsules?|pills?|sachets?|caplets?|sprays|puffs|drops|inhalations)\b))(?:(?!(?:or|and|to|times?|x|days?|weeks?|months?|hours?|doses?|mg|g|ug|mcg|ml|iu"
    r"|cycles?|arms?|groups?|different|of|per|in|at|hour|bottles?|strips?|types?|minutes?|years?|daily|year|single)\b)"
    r"[a-z][a-z-]{2,20}[®™]?\s){0,3}(?P<u>tablets?|capsules?|pills?|sachets?|caplets?|sprays|puffs|drops|inhalations)(?![a-z])"
)
_HALF: Final = GuardedPattern(
    r"(?<![\w./])(?P<w>\d\s)?(?P<a>[123])/(?P<b>[234])\s?(?:of )?(?:an? "
    r")?(?P<u>tablets?|tabs?|pills?|capsules?|sachets?|vials?)(?![a-z])"
)


def _exposures(text: StoredText, taken: bytearray) -> list[Amount]:
    """Return the areas under a curve, and exposures told so ("AUC 70-100 mg/L x hr")."""
    found: list[Amount] = []
    for match in _AUC.finditer(text.folded):
        low, high = match["low"] or match["low2"], match["high"] or match["high2"]
        if match["high"] and text.folded[match.end("low") : match.start("high")].strip() == "or":
            end = match.end("low")  # alternatives are one each
            found.append(Amount(match.start(), end, plain_number(low), None, "AUC", "exposure", notes=[LISTED]))
            found.append(Amount(match.start("high"), match.end(), plain_number(high), None, "AUC", "exposure"))
            taken[match.start() : match.end()] = b"\1" * len(match.group())
            continue
        found.append(
            Amount(
                match.start(), match.end(), plain_number(low), plain_number(high) if high else None, "AUC", "exposure"
            )
        )
        taken[match.start() : match.end()] = b"\1" * len(match.group())
    for amount in found:
        exposure = _EXPOSURE.match(text.folded, amount.end)
        if exposure:
            amount.unit, amount.end = "mg.h/L", exposure.end()
    return found


def amounts(text: StoredText) -> list[Amount]:
    """Return the amounts of a text in order, with the reason where one is certainly no dose."""
    taken = bytearray(len(text.plain) + 1)
    found = _exposures(text, taken)
    found += [*_combinations(text, taken), *_crowded(text, taken)]
    for match in _HALF.finditer(text.folded):
        unit = unit_of(match["u"])
        value = Decimal(int(match["a"])) / Decimal(int(match["b"])) + int((match["w"] or "0").strip())
        if unit and int(match["a"]) < int(match["b"]):
            found.append(
                Amount(match.start(), match.end(), plain_number(str(round(value, 2))), None, unit[0], unit[1])
            )
            taken[match.start() : match.end()] = b"\1" * len(match.group())
    for match in _COUNTED_FORM.finditer(text.folded):
        unit = unit_of(match["u"])
        before = text.folded[max(0, match.start() - 12) : match.start()]
        if unit and not NUMBERED.search(before) and not any(taken[match.start() : match.end()]):
            found.append(Amount(match.start(), match.end("n"), plain_number(match["n"]), None, unit[0], unit[1]))
            taken[match.start() : match.end("n")] = b"\1" * len(match["n"])
    for written in quantities(text):
        quantity = _with_whole_part(text, written)
        broken = _BROKEN.search(text.folded, max(0, quantity.start - 8), quantity.start)
        if broken and (broken.group().endswith(" ") or quantity.numerator in _BREATHED):
            continue  # "14.5 5 g" is neither; "1/2 inhalations" is a half or "1 or 2"
        glued = quantity.kind == "mass" and text.folded[max(0, quantity.start - 2) : quantity.start][-1:] == "/"
        if glued and text.folded[max(0, quantity.start - 2) : quantity.start - 1].isdigit():
            pass  # "TMC114600/100 mg" is no amount of 100 mg
        elif not any(taken[quantity.start : quantity.end]):
            found += [*_listed(text, quantity), *_of_range(text, _divided_behind_agent(text, quantity))]
        else:
            continue
        taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
    found += [*_cells(text, taken), *_shares_with_sign_ahead(text, taken)]
    found.sort(key=lambda amount: amount.start)
    listed = {one.start for one in found if LISTED in one.notes}
    return [one for one in found if one.start not in listed or LISTED in one.notes]


def _with_whole_part(text: StoredText, quantity: Quantity) -> Quantity:
    """Return a quantity with the digit that a blank behind its point parts from it: "0. 25%", "drug 1. 5 ug/kg"."""
    parted = _PARTED.search(text.folded, max(0, quantity.start - 24), quantity.start)
    if parted is None or quantity.high is not None or not quantity.value.isdigit():
        return quantity
    word, whole = parted["word"] or "", parted["whole"]
    named = word and word not in _NO_NAMES and not NUMBERED.search(word)
    if whole != "0" and not named:
        return quantity  # "on day 1. 5 mg are given"
    value = plain_number(f"{whole}.{text.plain[quantity.start : quantity.number_end]}")
    return replace(quantity, start=parted.start("whole"), value=value)


def _combinations(text: StoredText, taken: bytearray) -> Iterator[Amount]:
    """Yield fixed combinations ("24/26 mg"), and the steps of one drug that are written so."""
    for match in _COMBINATION.finditer(text.folded):
        parts = [plain_number(match[name]) for name in "abcd" if match[name]]
        unit = unit_of(text.plain[match.start("u") : match.end("u")])
        other = [unit_of(text.plain[match.start(name) : match.end(name)]) for name in ("u1", "u2") if match[name]]
        if unit is None or any(one != unit for one in other):
            continue
        if _is_titration(parts):
            yield from _steps_of(match, parts, unit)
        else:
            one = Amount(match.start(), match.end(), "/".join(parts), None, unit[0], unit[1])
            if match["of"]:
                one.role, one.rule = "strength", "strength/per-product"
            yield one
        taken[match.start() : match.end()] = b"\1" * len(match.group())


_CROWDED: Final = GuardedPattern(
    r"(?<![\w./,-])(?P<list>\d{1,4}(?:,\d{1,4}){2,8})\s?(?P<u>mg|ug|mcg|g|iu|units?)(?![a-z0-9/])"
)
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+")


def _crowded(text: StoredText, taken: bytearray) -> Iterator[Amount]:
    """Yield the amounts of a list without blanks: "5,10,15 mg"."""
    for match in _CROWDED.finditer(text.folded):
        unit = unit_of(text.plain[match.start("u") : match.end("u")])
        if unit is None or _GROUPED.fullmatch(match["list"]) or any(taken[match.start() : match.end()]):
            continue
        numbers = list(re.finditer(r"\d+", match["list"]))
        for number in numbers:
            last = number is numbers[-1]
            start, end = match.start() + number.start(), match.end() if last else match.start() + number.end()
            value = plain_number(number.group())
            yield Amount(start, end, value, None, unit[0], unit[1], notes=[] if last else [LISTED])
        taken[match.start() : match.end()] = b"\1" * len(match.group())


_MOST_COMBINED: Final = 3
"""More rising numbers than these are steps, not the parts of one product."""


def _is_titration(parts: list[str]) -> bool:
    """Return whether numbers between strokes are steps of one drug, each doubled or as much more: 25/50/100 mg."""
    values = [Decimal(part) for part in parts]
    steps = {later - value for value, later in pairwise(values)}
    even = (len(steps) == 1 or len(values) > _MOST_COMBINED) and min(steps) > 0
    return len(values) > 2 and (even or all(later == 2 * value for value, later in pairwise(values)))


def _steps_of(match: re.Match[str], parts: list[str], unit: tuple[str, str]) -> Iterator[Amount]:
    """Yield the steps of "25/50/100 mg" as amounts of their own; all but the last share its unit."""
    for name, value in zip("abcd", parts, strict=False):
        last = value == parts[-1]
        start, end = match.start(name), match.end() if last else match.end(name)
        yield Amount(start, end, value, None, unit[0], unit[1], notes=[] if last else [LISTED])


_BEHIND_AGENT: Final = re.compile(
    r"\s(?:of )?(?!per\b)[a-z][a-z-]{2,30}(?:/|\sper\s)(?P<unit>hour|hr|h|day|d|minute|min|kg|week|wk)(?![a-z0-9])"
)


_PER_VOLUME: Final = re.compile(
    r"\s(?:of )?(?!per\b)[a-z][a-z-]{2,24}(?:\s[a-z-]{3,24})?(?:\s?\([a-z0-9 -]{2,12}\))?"
    r"(?:/|\sper\s)\s?(?P<unit>ml|l|dl)(?![a-z0-9])"
)
"""The volume that an amount is told for behind its agent: "10 mg phospholipid (TPL)/mL"."""
_OF_ELEMENT: Final = re.compile(
    r"\s(?:of )?(?:gd|fe|pt|zn|cu|se|li|na|ca|mg|k)(?:/|\sper\s)\s?(?P<unit>kg|m2|m\^2|day|d)(?![a-z0-9])"
)
"""What a quantity is divided by behind the element that it counts: "0.1 mmol Gd/kg"."""


def _divided_behind_agent(text: StoredText, quantity: Quantity) -> Quantity:
    """Return a quantity with what stands behind its agent: "20 mg of levodopa/hour"."""
    element = _OF_ELEMENT.match(text.folded, quantity.end) if quantity.kind in ("mass", "substance") else None
    if element is not None and not quantity.per:
        per = tuple(divisors(f"/{element['unit']}"))
        return replace(quantity, end=element.end(), unit="/".join((quantity.numerator, *per)), per=per)
    if quantity.kind != "mass" or quantity.per:
        return quantity
    match = _BEHIND_AGENT.match(text.folded, quantity.end) or _PER_VOLUME.match(text.folded, quantity.end)
    if match is None:
        return quantity
    per = tuple(divisors(f"/{match['unit']}"))
    return replace(quantity, unit="/".join((quantity.numerator, *per)), per=per)


_CELLS: Final = GuardedPattern(
    rf"(?<![\w.,^/-])(?:(?P<low>{NUMBER}(?:{POWER})?)\s?(?:-|to)\s?)?"
    rf"(?P<n>{NUMBER}\s?(?:million|billion)|{NUMBER}{POWER})\s(?:\([^()]{{1,20}}\)\s)?(?:of )?"
    r"(?:(?!and\b|or\b|per\b|to\b|in\b|cells)[a-z0-9+/-]{1,24}\s){0,5}(?P<u>cells|[a-z-]{0,12}(?:mscs?|mncs?|cms|-t-cells?))(?![a-z])"
    r"(?P<kg>\s?/\s?kg\b| per (?:kg|kilogram)\b)?"
)
"""Cells by number, whatever their kind: "100 million bone marrow mononucleated cells"."""


def _cells(text: StoredText, taken: bytearray) -> Iterator[Amount]:
    """Yield numbers of cells of a kind that no unit names."""
    for match in _CELLS.finditer(text.folded):
        end = match.end("n")
        if not any(taken[match.start() : end]):
            taken[match.start() : end] = b"\1" * (end - match.start())
            value, high = plain_number(match["n"]), None
            if match["low"]:
                scale = match["n"].rpartition(" ")[2] if match["n"][-1] == "n" else ""
                low = plain_number(f"{match['low']} {scale}") if scale else plain_number(match["low"])
                value, high = with_power_of(low, match["low"], match["n"]), value
            unit, per = ("{cells}/kg", ("kg",)) if match["kg"] else ("{cells}", ())
            counted = Quantity(match.start(), end, value, high, unit, "count", "{cells}", per, end)
            yield from _listed(text, counted)
            yield _of_quantity(counted)


_SIGN_AHEAD: Final = GuardedPattern(rf"(?:(?<=[\s(,;:])|^)%\s?(?P<n>{NUMBER})(?![\d%/-]|\s?%|[.,]\d)(?=\s[a-z])")


def _shares_with_sign_ahead(text: StoredText, taken: bytearray) -> Iterator[Amount]:
    """Yield shares in percent whose sign stands before the number: "%0.25 bupivacaine"."""
    for match in _SIGN_AHEAD.finditer(text.folded):
        if not any(taken[match.start() : match.end()]) and text.folded[match.start() - 1 : match.start()] != "%":
            value = plain_number(match["n"])
            yield Amount(match.start(), match.end(), value, None, "%", "fraction", (), "strength", "strength/percent")


_STEPS: Final = re.compile(
    r"(?:increas|titrat|escal|up-?titrat|stepwise|rais)\w*[^.;,]{0,30}\bfrom\s"
    r"(?:an? |the )?(?:initial |starting |start |first ){0,2}(?:daily )?(?:dose )?(?:of )?"
    r"(?P<chain>(?:[\d.]{1,8}\s(?:to|then)\s){0,4})$"
    r"|\b(?:up-?)?titrat(?:ion|ing) of [a-z][\w-]{2,24}\s$"
    r"|(?<![\w.,/-])(?P<dashes>(?:\d{1,4}(?:\.\d{1,3})?-){1,4})$"
)


_COMBINED: Final = frozenset((("24", "26"), ("49", "51"), ("97", "103")))
"""The strengths of sacubitril/valsartan, which texts write with a hyphen too (EMA, Entresto, product information)."""


def _of_range(text: StoredText, quantity: Quantity) -> list[Amount]:
    """Return a quantity as one amount; the ends of "increasing from 0.5 to 1 to 2 mg" or "1-2-4 mg" are one each."""
    if (quantity.value, quantity.high) in _COMBINED:
        return [replace(_of_quantity(quantity), value=f"{quantity.value}/{quantity.high}", high=None)]
    if quantity.high is None or quantity.kind not in ("mass", "activity", "volume"):
        return [_of_quantity(quantity)]
    steps = _STEPS.search(text.folded[max(0, quantity.start - 80) : quantity.start])
    if steps is None:
        return [_of_quantity(quantity)]
    start = quantity.start - len(steps["chain"] or steps["dashes"] or "")
    found = []
    for number in _LISTED_NUMBER.finditer(text.folded, start, quantity.number_end):
        last = number.end() == quantity.number_end
        # A unit of its own belongs to the step: "from 5 U/day to 40 U/day".
        own = _STEP_UNIT.match(text.folded, number.end(), quantity.end)
        end = quantity.end if last or own is None else own.end()
        alone = replace(quantity, start=number.start(), end=end, value=plain_number(number.group()), high=None)
        amount = _of_quantity(alone)
        amount.rule = amount.rule or "dose/step"
        found.append(amount)
    return found


_STEP_UNIT: Final = re.compile(r"(?:\s?[a-z%][a-z0-9%/^.]*?)?(?=\s{0,2}(?:-|~|to\b|then\b|and\b|,))")
_COUNTED_BEFORE: Final = re.compile(
    r"(?:days?|weeks?|cycles?|visits?|levels?|grades?|arms?|cohorts?|months?|parts?|phases?|hours?|aged?|groups?"
    r"|steps?|cmax|factor|stages?)\s?$"
)
_SCALED: Final = rf"(?:10\^\(?\d{{1,2}}\)?(?!\d)|{NUMBER}(?:{POWER})?(?:\s(?:million|billion))?)"
_LIST: Final = GuardedPattern(
    rf"(?<![\w.,/%^-])(?:{_SCALED}\s?,(?:\s|(?<!\D0,)|(?=\d+\.\d))){{0,9}}"
    rf"{_SCALED}\s?(?:,|,?\s?\bor\b|,?\s?\band\b)(?: finally)?\s{{0,2}}$"
)
NOTHING: Final = "nothing is no dose"
EYE: Final = "per eye"
WHOLE: Final = "whole"
"""Note of an amount whose parts are told beside it: it is the dose."""
LISTED: Final = "listed"
"""Note of a number that shares unit and agent with the amount behind it."""
_LISTED_NUMBER: Final = re.compile(_SCALED)


_CODE_BEFORE: Final = re.compile(r"\b[A-Z]{2,5}[ -]?$")
_DIGITS: Final = 3


def _listed(text: StoredText, quantity: Quantity) -> Iterator[Amount]:
    """Yield the numbers before a quantity that share its unit: "0.5, 1.0 or 2.0 mg"."""
    if quantity.kind not in ("mass", "volume", "activity", "count", "absorbed dose", "substance", "radioactivity"):
        return
    floor = max(0, quantity.start - 60)
    match = _LIST.search(text.folded, floor, quantity.start)
    if match is None or _COUNTED_BEFORE.search(text.folded[max(0, match.start() - 12) : match.start()]):
        return
    code = _CODE_BEFORE.search(text.plain, max(0, match.start() - 8), match.start())
    if code and text.plain.count(text.plain[code.start() : match.start() + _DIGITS]) > 1:
        return  # "AB 154, 10 mg/kg" where the text names "AB 154" elsewhere
    for number in _LISTED_NUMBER.finditer(text.folded, match.start(), quantity.start):
        # "50,100 or 200 mg" is a list without blanks, not fifty thousand
        crowded = "," in number.group() and len(quantity.value) < 4 and number.group()[:2] != "0,"
        for piece in re.finditer(r"[^,]+" if crowded else r".+", number.group()):
            start, end = number.start() + piece.start(), number.start() + piece.end()
            alone = replace(quantity, start=start, end=end, value=plain_number(piece.group()), high=None)
            amount = _of_quantity(alone)
            amount.notes.append(LISTED)
            yield amount


def _of_quantity(quantity: Quantity) -> Amount:
    """Return a quantity as an amount: what it is divided by tells frequency, strength, fractions."""
    per = [code for code in quantity.per if code not in ("{dose}", "{patient}", "{time}", "{meal}", "{eye}")]
    per = ["d" if code == "(24.h)" else code for code in per]
    amount = Amount(quantity.start, quantity.end, quantity.value, quantity.high, "", quantity.kind)
    if "{eye}" in quantity.per:
        amount.notes.append(EYE)
    for code, frequency in _FREQUENCIES.items():
        if code in per:
            per.remove(code)
            amount.frequency = frequency
    if quantity.kind == "absorbed dose" and ("{fraction}" in per or "{dose}" in quantity.per):
        per = [code for code in per if code != "{fraction}"]
        amount.notes.append("per fraction")
    if any(code in _PRODUCT for code in per):
        amount.role, amount.rule = "strength", "strength/per-product"
        per = [code for code in per if code not in _PRODUCT]
    elif any(code in _VOLUMES or (code.startswith("(") and not code.endswith((".kg)", ".h)"))) for code in per):
        amount.role, amount.rule = "strength", "strength/concentration"
    amount.per = tuple(per)
    amount.unit = "/".join((quantity.numerator, *per))
    if quantity.kind == "concentration":
        amount.unit = quantity.numerator.removesuffix("/L")  # "10 mM of KCl" is given as an amount
    if quantity.high is None and quantity.value == "0":
        amount.reason = NOTHING
    elif quantity.kind not in _ELIGIBLE or quantity.numerator in _NO_CODES or "{cycle}" in per:
        amount.reason = f"a {quantity.kind} is no dose"
    elif quantity.numerator in _SWALLOWED and float(quantity.value) > _MOST_SWALLOWED:
        amount.reason = "what a package holds is no dose"
    elif "mm2" in per and quantity.kind == "mass":
        amount.reason = "what coats a device is no dose"
    elif quantity.numerator == "%":
        amount.role, amount.rule = "strength", "strength/percent"
    return amount


_FREQUENCIES: Final[dict[str, tuple[str | None, str | None, str | None]]] = {
    "d": ("1", "1", "d"),
    "wk": ("1", "1", "wk"),
    "mo": ("1", "1", "mo"),
    "{cycle}": ("1", "1", "{cycle}"),
}
_SWALLOWED: Final = frozenset(("{tablet}", "{capsule}", "{pill}"))
_MOST_SWALLOWED: Final = 60
"""More tablets than these nobody takes at once or in a day."""
_PRODUCT: Final = frozenset(
    (
        "{bottle} {ampoule} {syringe} {bag} {tablet} {capsule} {pill} {puff} {actuation} {vial} {drop} {patch} "
        "{sachet}"
    ).split()
)
_VOLUMES: Final = frozenset("mL L dL uL mm3 mm2 cm2 g mg".split())
