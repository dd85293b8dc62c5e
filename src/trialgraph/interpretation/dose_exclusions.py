"""Why an amount is no dose: drawn, measured, an increment, an equivalent, a carrier, a total."""

import re
from decimal import Decimal
from functools import cache
from typing import Final

from trialgraph.interpretation.agent_names import is_common
from trialgraph.interpretation.dose_amounts import LISTED, NOTHING, Amount
from trialgraph.interpretation.lexicon import alternatives, rows
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.quantities import NUMBER, plain_number
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

_LAB: Final = GuardedPattern(
    r"\b(?:creatinine|crcl|clcr|egfr|gfr|clearance|h(?:a?)emoglobin|hb\b|"
    r"hba1c|glucose level|blood glucose|glyc?emi\w*|sugar|ldl|hdl|cholesterol|"
    r"triglycerid\w*|psa\b|platelets?|neutrophils?|\banc\b|bilirubin|"
    r"serum|plasma(?! protein)|ferritin|(?<!dose )levels?|trough|threshold|testosterone "
    r"(?:of|<|≤|below)|urine output|urine volume|ph\b|(?<!molecular )weigh(?:ing|s|"
    r"t)?|blood loss|residual|hematocrit"
    r"|(?<!ringer )(?<!ringer's )(?<!ringers )lactate(?!d)(?! ringer)|potassium (?:level|"
    r"<|>)|target (?:ptt|aptt|inr)|spo2|saturation|fio2|fraction of "
    r"inspired|ejection fraction|lvef|stenosis|blasts|tps|cps|expression|"
    r"viral load|lv mass|mass indexe?d?|aged?\b|concentration of the|bmi)[^.;\n]{0,28}$"
)
_GAS: Final = re.compile(r"oxygen|\bo2\b|air\b|heliox|hfn|cannula|mask|high[- ]flow")
_WITH_WATER: Final = re.compile(
    r"(?:with (?:a glass of )?|(?:in|drink\w*|dissolved in|and)\s)(?:approximately |about |a |at least |~ ?)?$"
)
_AFTER_WATER: Final = re.compile(
    r"\s?(?:\([^)]{0,20}\) )?(?:of )?(?:(?:room temperature |still |hot |boiled |boiling |"
    r"plain |non-carbonated |tap |mineral |drinking |cold |warm |sterile "
    r"|noncarbonated |potable |ambient |lukewarm )*water|juice|milk)|\s?(?:glass|cup)"
)
_LEVEL_UNITS: Final = frozenset(
    (
        "mg/dL g/dL ng/mL pg/mL ng/dL mmol/L umol/L nmol/L ug/L ug/dL {cells}/uL "
        "{cells}/mm3 {cells}/L {cells}/mL ng/L [iU]/L m[iU]/mL m[iU]/L "
        "{copies}/mL pmol/L nmol/mL meq/L g/L mg/g mg/mmol ug/g pg/dL g/mL "
        "mg/mg {cells}/dL mg/L"
    ).split()
)


_IGE: Final = re.compile(r"\b(?:s?ige|immunoglobulin e)\b[^.;\n]{0,40}$")
_CELLS_OF_A_PRODUCT: Final = 100_000
"""From so many cells per mL on they are what is given, not what is counted in blood."""
_DRAWN: Final = GuardedPattern(
    r"blood (?:was |is |will be |samples? )?(?:collect|drawn|with|taken|"
    r"sampl)|draw(?:n|ing)? |primed with|priming|urine collect"
)
_ADDED_TO: Final = GuardedPattern(
    r"\b(?:added to"
    r"|(?:dilut(?:ed|ing)|dissolv(?:ed|ing)|reconstituted|suspended|prepared|pre-?mixed) (?:in|into|with|to))"
    r"\s(?:a |an |the )?(?:total of |total volume of |approximately |about )?$"
)


_IN: Final = re.compile(r"\bin (?:a total of |a volume of |about |approximately )?$")
"""Before the volume of a vehicle: what is given is in it."""


@cache
def _vehicle() -> re.Pattern[str]:
    words = alternatives(row["word"] for row in rows("vehicles"))
    return re.compile(
        r"\s{0,2}(?:\(?(?:of|with)?\)?\s)?(?:(?:a|the|total|sterile|normal|"
        rf"{NUMBER}\s?%|isotonic|physiological|physiologic|phosphate buffered|"
        rf"compatible) ){{0,3}}(?:{words})(?![a-z])"
    )


_VEHICLE_BEFORE: Final = re.compile(
    r"\b(?:in|with)\s(?:sterile |normal |distilled |isotonic |physiological )?"
    r"(?:water|saline|dextrose|glucose|nacl|sodium chloride|ringer'?s?(?: lactate)?)\s?[:,]?\s?$"
)
"""What carries the doses before it, told before its volume: "in sterile water 73 mL"."""
_CARRIER: Final = re.compile(
    r"(?:\b(?:in|into|with|to|diluted (?:in|to|with|up to)|dissolved "
    r"in|suspend(?:ed|ing) (?:in|with)|mixed (?:in|with)|reconstituted (?:in|with)|made up to|prepared "
    r"in|up to|volume(?: of)?|total volume of|added to|per|via|solution "
    r"of|(?:injections?|aliquots|boluses) of(?: approximately)?"
    r"|total volume(?: of (?:the )?[a-z]+)? (?:is|was|will be|=|:))\b|\()"
    r"\s?(?:a |the |an )?(?:total (?:volume )?(?:of )?|final "
    r"volume of |volume of |solution of |approximately |about |bag of "
    r"|equal volume of |\()*$"
)


def exclude(text: StoredText, found: list[Amount], sentence: tuple[int, int]) -> None:
    """Give each amount of a sentence that is no dose its reason."""
    folded = text.folded
    for number, amount in enumerate(found):
        if amount.reason:
            continue
        floor = max(sentence[0], amount.start - 90, found[number - 1].end if number else 0)
        before, after = folded[floor : amount.start], folded[amount.end : amount.end + 60].removeprefix("%")
        amount.reason = _reason(amount, before, after)
        if amount.reason == _EQUIVALENT and number and _is_made_up(folded, found[number - 1], amount):
            amount.reason = ""
        if (
            not amount.reason
            and amount.kind == "volume"
            and _DRAWN.search(folded, max(sentence[0], amount.start - 110), amount.start)
        ):
            amount.reason = "what is drawn is no dose"
        if (
            not amount.reason
            and amount.kind == "volume"
            and (_ADDED_TO.search(before) or _IN.search(before))
            and _vehicle().match(after)
        ):
            amount.reason = "a volume that carries a dose"
        if (
            amount.kind == "form"
            and not amount.reason
            and _DUMMY.match(after)
            and _BESIDE_ACTIVE.search(folded, max(sentence[0], amount.start - 60), amount.start)
        ):
            amount.reason = "the number of dummies is no dose"
        if amount.unit == "L" and not amount.reason and _is_line(text, amount):
            amount.reason = "a line of therapy is no dose"
        if amount.unit == "uL/min" and _PROBE.search(folded, max(sentence[0], amount.start - 240), amount.start):
            amount.reason = "a device's setting is no dose"
        if not amount.reason and number and _goes_on(text, found[number - 1], amount):
            amount.reason = found[number - 1].reason
        amount.reason = amount.reason or _told_before(folded, amount, sentence[0])
        if not amount.reason and _of_a_diet(folded, amount, sentence):
            amount.reason = "what a diet holds is no dose"
        if not amount.reason and number:
            earlier = found[max(0, number - 12) : number]
            carries = amount.unit in ("mL/h", "mL/min") and _is_rate_of_diluted(text, earlier, amount)
            amount.reason = "a volume that carries a dose" if carries else _reason_by_previous(text, earlier, amount)


_EQUIVALENT: Final = "an equivalent is no dose"
_COUNT_AHEAD: Final = re.compile(
    r"(?<![\w.])(?P<n>two|three|four|five|six|[2-9]) (?:x )?(?:[a-z][\w-]{2,20}[®™]? ){0,2}$"
)
_FORMS: Final = re.compile(
    r" ?(?:\(mg\) )?(?:tablets|capsules|pills|vials|caplets|sachets),? "
    r"(?:which is |being )?equivalent to (?:a dose of )?"
)


def _is_made_up(folded: str, previous: Amount, amount: Amount) -> bool:
    """Return whether an amount is what products come to: "four 100 mg capsules, equivalent to 400 mg"."""
    count = _COUNT_AHEAD.search(folded, max(0, previous.start - 60), previous.start)
    if count is None or previous.unit != amount.unit or not _FORMS.fullmatch(folded, previous.end, amount.start):
        return False
    return Decimal(previous.value) * int(plain_number(count["n"])) == Decimal(amount.value)


_GROUP_OF: Final = re.compile(
    r"\b(?:group|arm|cohort)\b(?: \w{1,9})? (?:includ|consist|compris)\w*[^.;]{0,40} who "
    r"(?:have |had )?received\b[^.;]*$"
)
"""What the patients of a group received is what the group is given."""
_MATCHING: Final = re.compile(r"\s?-?(?:matching|matched)[ -]placebos?\b")
_LAST_WORD: Final = re.compile(r"([a-z][\w-]+)\s$")


def _is_behind_name(before: str) -> bool:
    """Return whether the last word before an amount may be a name: "X 2 mg matching placebo"."""
    word = _LAST_WORD.search(before)
    return word is not None and not is_common(word[1])


def _told_before(folded: str, amount: Amount, floor: int) -> str:
    """Return why words farther before an amount deny it; empty where none do."""
    if _PORTION.search(folded, max(floor, amount.start - 44), amount.start):
        return "a portion of what is given is no dose"
    if _EQUALS.search(folded, max(floor, amount.start - 240), amount.start):
        return "an equivalent is no dose"
    if amount.kind in ("absorbed dose", "volume") and _CONSTRAINT.search(
        folded, max(0, amount.start - 300), amount.start
    ):
        return _OF_ORGAN
    return ""


_CONSTRAINT: Final = GuardedPattern(r"\bconstraints\b(?!.{0,280}\b(?:receive|given|prescribed|total dose)\b)")
_LINE: Final = re.compile(r"[1-4](?:L|-?L)")
_LINE_BEFORE: Final = re.compile(
    r"\b(?:lines?|negative|positive|mutant|mutated|advanced|metastatic|recurrent|cancer|n?sclc|carcinoma|melanoma|lymphoma"
    r"|tumou?rs?|disease|untreated|naive|refractory|eligible)\b(?: [a-z]{2,4} \w{1,9})?[ ,(]{1,3}(?:in |for |as )?$"
)
_LINE_BEHIND: Final = re.compile(
    r"\s?\+(?!\s?\d)|[\s-](?:treatment|therapy|setting|maintenance|n?sclc|soc|patients|cancer|regimen|chemo\w*)\b"
)


_AS_LINE: Final = re.compile(r"\b(?:in|for|as|of) (?:the )?(?:[1-3]/)?$")
_LITRE_OF: Final = re.compile(
    r"\s?(?:$|[.,;)/]|of\b|per\b|(?:normal |0\.\d+ ?% |half |lactated |isotonic |sterile |warm )?"
    r"(?:saline|ringer|dextrose|glucose|water|peg|ns\b|d5|bags?|crystalloid|fluids?|solution|o2|oxygen|sodium|nacl))"
)
"""Behind litres that are meant as such: "in 1L saline", "for 1 L of fluid"."""


def _is_line(text: StoredText, amount: Amount) -> bool:
    """Return whether a number before an "L" counts lines of therapy: "second-line plus (2L+)"."""
    if _LINE.fullmatch(text.plain[amount.start : amount.end]) is None:
        return False
    before = text.folded[max(0, amount.start - 40) : amount.start]
    if _LINE_BEFORE.search(before) or _LINE_BEHIND.match(text.folded, amount.end):
        return True
    return _AS_LINE.search(before) is not None and not _LITRE_OF.match(text.folded, amount.end)


_DUMMY: Final = re.compile(r"\s?of (?:the )?matching placebos?\b")
_BESIDE_ACTIVE: Final = GuardedPattern(
    r"\b(?:tablets?|capsules?) of (?!placebo|matching)[^.;]{3,40} (?:and|plus|\+) $"
)
_PROBE: Final = GuardedPattern(r"\b(?:probes?|microdialysis)\b")
_PORTION: Final = GuardedPattern(
    r"\bdivided in(?:to)? (?:\w+ )?(?:injections?|portions?|parts?|aliquots?|sites?) of $"
)
_EQUALS: Final = GuardedPattern(r"\bequivalents?\b[^.;]*=")


def _goes_on(text: StoredText, previous: Amount, amount: Amount) -> bool:
    """Return whether what an amount before is told of holds for this one too: a list of numbers, "200 mg = 97 mg"."""
    if previous.reason == NOTHING:
        return False  # "0, 5 and 10 mg": the next is something
    if previous.reason.startswith("a dose of an earlier") and previous.unit == amount.unit:
        return _OTHERWISE.fullmatch(text.folded, previous.end, amount.start) is not None
    if previous.reason == _OF_MIXTURE and amount.unit == "%":
        return text.folded[previous.end : amount.start] in (" and ", ", ", " to ", ":")
    if previous.reason == _OF_ORGAN and amount.kind == previous.kind:
        return text.folded[previous.end : amount.start] in (" and ", ", ", ", and ")
    if previous.reason == "an equivalent is no dose" and _SAME_AS.fullmatch(
        text.folded[previous.end : min(amount.start, previous.end + 40)]
    ):
        return True
    likened = previous.reason.startswith("the dose of what") and text.folded[previous.end : amount.start].strip()
    return LISTED in previous.notes or likened in ("=", "/", "(")


_OTHERWISE: Final = re.compile(r"\s?,?\s?(?:or|to|and|/|-)\s?")
_SAME_AS: Final = re.compile(r"\sor\s|\s?(?:is|are) (?:approximately|about|roughly|equal to|equivalent to)\s")
"""Between an equivalent and what goes on with it: "1 meq is approximately 84 mg"."""
_OF_ORGAN: Final = "a limit of an organ is no dose"
_OF_MIXTURE: Final = "a share of a mixture is no dose"
_DIET: Final = re.compile(r"\bkcal|calori|\bmeals?\b|\bdiets?\b|\bdietary\b|\bnutrients?\b|\bfoods?\b")
_NUTRIENT: Final = re.compile(
    r"\b(?:sodium|salt|potassium|phosph\w+|proteins?|carbohydrates?|fats?|sterols?|nuts|peanuts|fib(?:er|re)|sugars?|energy)\b"
)
_SUPPLEMENT: Final = re.compile(
    r"supplement|capsule|tablet|\bdrink|powder|shake|\bbars?\b|sachet|formula\b|starch|whey|infus|inject"
)


def _of_a_diet(folded: str, amount: Amount, sentence: tuple[int, int]) -> bool:
    """Return whether an amount is what a diet holds of a nutrient: "meals of 600-800 mg sodium each"."""
    if amount.kind != "mass":
        return False
    near = folded[max(sentence[0], amount.start - 50) : min(sentence[1], amount.end + 25)]
    words = folded[max(0, amount.start - 300) : amount.end + 120]
    return bool(_NUTRIENT.search(near) and _DIET.search(words)) and not _SUPPLEMENT.search(words)


def _measured(amount: Amount, before: str, after: str) -> str:
    """Return why an amount is a measurement; empty where it is none."""
    product = amount.unit == "{cells}/mL" and float(amount.value) >= _CELLS_OF_A_PRODUCT
    if amount.unit in _LEVEL_UNITS and not (
        (product or amount.unit in ("mg/L", "mg/g", "g/L", "mg/mg")) and not _LAB.search(before)
    ):
        return "a level in blood is no dose"
    lab = _LAB.search(before) if amount.kind != "form" else None
    by_weight = lab is not None and lab.group().startswith("weigh") and "kg" in amount.per
    if lab and not by_weight and (amount.unit in ("mL/min", "%", "mL", "L", "mmol", "g") or amount.per):
        return "a measurement is no dose"
    if amount.unit == "[iU]/mL" and _IGE.search(before):
        return "a level in blood is no dose"
    if amount.unit in ("mL/min",) and re.match(r"\s?(?:/1\.73|creatinine|crcl|per 1\.73)", after):
        return "a measurement is no dose"
    return ""


@value_class(frozen=True, slots=True)
class _Words:
    """Words beside an amount that deny it: for which amounts, and why."""

    behind: bool
    holds: str
    reason: str
    pattern: GuardedPattern

    def deny(self, amount: Amount, before: str, after: str) -> bool:
        """Return whether the words stand beside an amount that they are for."""
        if self.holds.startswith("!"):
            fits = self.holds[1:] not in amount.per
        else:
            fits = self.holds in ("-", amount.kind, amount.unit)
        return fits and bool(self.pattern.match(after) if self.behind else self.pattern.search(before))


@cache
def _denying() -> tuple[_Words, ...]:
    """Return the rows of `data/lexicons/dose-exclusions.tsv`."""
    return tuple(
        _Words(row["side"] == "after", row["for"], row["reason"], GuardedPattern(row["pattern"]))
        for row in rows("dose-exclusions")
    )


def _reason(amount: Amount, before: str, after: str) -> str:
    """Return why the words beside an amount deny that it is a dose; empty where none do."""
    if amount.unit == "L/min" and not _GAS.search(before + after):
        return "a flow of gas without its name is no dose"
    measured = _measured(amount, before, after)
    if measured:
        return measured
    if amount.unit == "{syringe}" and "." in amount.value:
        return "the size of a vessel is no dose"
    drunk = amount.kind == "volume" and _AFTER_WATER.match(after) and _WITH_WATER.search(before)
    if drunk:
        return "water to swallow with is no dose"
    if _MATCHING.match(after) and _is_behind_name(before):
        return "the dose of what a placebo looks like is none of its own"
    reason = next((words.reason for words in _denying() if words.deny(amount, before, after)), "")
    return "" if reason.startswith("a dose of an earlier") and _GROUP_OF.search(before) else reason


_OPENED: Final = re.compile(r"\((?:about |approx\.? )?$")
_THAT_IS: Final = re.compile(r"\((?:i\.e\.|that is),? (?:approximately |about )?$")
_ANOTHER_NAME: Final = re.compile(r"[^().;,\n]{0,30}\([^().;,\n]{3,30}")
"""Between an amount and the same once more under another name: "30 mg capsules (ferric maltol 30 mg)"."""


_TOLD_TWICE: Final = re.compile(
    r"\s?(?:[\[(][a-z]{1,4}[\])]; ?"
    r"|\s?\((?:a )?total of\s"
    r"|\((?:[a-z][a-z -]{2,30}, ?)?\s?(?:=|~|≈|i\.e\.,? |or |approximately |about |\+/- ?\d+%? "
    r"?)?|=|/|or\s\(|,? ?\+/?-\s?\d+\s?%\s?\(?|\["
    r"|\s?of (?!the\b|saline|normal|water|sterile)(?:[a-z][\w-]{3,24} ){1,2}\("
    r"|\s?of the (?:product|solution|drug|mixture|suspension) \((?:a )?(?:total of )?"
    r"|\s?(?:per (?:injection|site) )?(?:x ?\d{1,3} (?:injections?|sites?) )?for a total (?:dose )?of)\s?"
)
"""Between an amount and the same in other units, or the volume that carries it."""


_TOLERANCE: Final = re.compile(r"\s?(?:±|\+/?-)\s?\d[\d.]*\s?%?\s?[(\[]")
"""Between an amount and the range that its tolerance makes of it: "60 Gy ± 10% (54 to 66 Gy)"."""


def _is_tolerance(text: StoredText, before: list[Amount], amount: Amount) -> bool:
    """Return whether a range tells how far the amount before it may be missed."""
    whole = next((one for one in reversed(before) if one.unit == amount.unit), None)
    return (
        amount.high is not None
        and whole is not None
        and amount.start - whole.end < _NEAR
        and _TOLERANCE.fullmatch(text.folded, whole.end, amount.start) is not None
    )


def _may_carry(previous: Amount, amount: Amount) -> bool:
    """Return whether the first of two amounts is a volume and the second one of what it can hold."""
    held = amount.kind in ("mass", "activity", "substance", "count")
    return held and previous.kind == "volume" and not (previous.per or amount.per)


_HOLDING: Final = re.compile(
    r" (?:injections?|infusions?|suspension|solution|aliquots?) (?:of|with|containing) "
    r"(?:approximately |about |a total of )?"
)
"""Between a volume and what it carries."""
_NEAR: Final = 24


def _is_said_again(previous: Amount, amount: Amount, between: str, *, near: bool) -> bool:
    """Return whether an amount tells an earlier one once more, under another name or in other terms."""
    if previous.role == amount.role == "strength" and _THAT_IS.search(between[-24:]):
        return True
    alike = previous.value == amount.value and previous.unit == amount.unit
    return near and alike and _ANOTHER_NAME.fullmatch(between) is not None


_DILUTED: Final = GuardedPattern(r"\b(?:dilut|dissolv|reconstitut)")


def _is_rate_of_diluted(text: StoredText, before: list[Amount], amount: Amount) -> bool:
    """Return whether a rate is that of a dose which is diluted: "210 ug are diluted and given at 10 mL/h"."""
    given = next((one for one in reversed(before) if one.kind == "mass" and not one.per and not one.reason), None)
    return given is not None and _DILUTED.search(text.folded, given.end, amount.start) is not None


def _reason_by_previous(text: StoredText, before: list[Amount], amount: Amount) -> str:
    """Return why an amount beside an earlier one is none of its own: the same in other units, or what carries it."""
    previous = next((one for one in reversed(before) if one.unit != "{injection}"), before[-1])
    between = text.folded[previous.end : amount.start]
    after = text.folded[amount.end : amount.end + 45]
    near = not previous.reason or previous.reason.startswith("a volume")
    bracketed = (
        between == ", "
        and previous.kind == "volume"
        and amount.kind in ("count", "mass", "activity")
        and not amount.per
    )
    if bracketed and not previous.reason and _OPENED.search(text.folded, max(0, previous.start - 9), previous.start):
        previous.reason = "a volume that carries a dose"  # "1 ampoule (about 2 ml, 10^7 cells)"
    if _is_said_again(previous, amount, between, near=near) or _is_tolerance(text, before, amount):
        return "an equivalent is no dose"
    # "spike protein 0.04 mg, 1.0 mL"
    if near and _HOLDING.fullmatch(between) and _may_carry(previous, amount):
        previous.reason = "a volume that carries a dose"  # "2 mL injection of about 6 million cells"
    beside = between == ", " and amount.kind == "volume" and previous.role == "dose" and not after.startswith(" of")
    if near and (beside or _TOLD_TWICE.fullmatch(between)):
        amounts = {previous.kind, amount.kind} == {"mass", "substance"} and "(" in between
        same = (previous.kind == amount.kind or amounts) and previous.per == amount.per
        if same and previous.unit != amount.unit:
            return "the same amount in another unit"
        if (
            amount.kind == "volume"
            and previous.kind in ("mass", "activity", "substance", "count", "radioactivity")
            and not amount.per
        ):
            return "a volume that carries a dose"
        if (
            previous.kind in ("volume",)
            and previous.per == amount.per
            and amount.kind in ("mass", "activity", "substance", "count", "radioactivity")
            and not previous.reason
            and amount.role == "dose"
        ):
            previous.reason = "a volume that carries a dose"
    if (
        amount.kind == "volume"
        and not amount.per
        and any(
            one.kind in ("mass", "activity", "substance", "count", "radioactivity", "exposure") and not one.reason
            for one in before
        )
    ):
        head = text.folded[max(previous.end, amount.start - 60) : amount.start]
        carried = _CARRIER.search(head) and not re.search(r"mixed with\s*$", head)
        diluted = (
            _vehicle().match(after)
            and re.search(r"(?:in|with|dilut|dissol|reconst|mix|made up|added|into|plus|\+|\()[^.;]{0,40}$", head)
            and "mixed with" not in head
        )
        if _VEHICLE_BEFORE.search(head) or carried or diluted:
            return "a volume that carries a dose"
    if (
        amount.unit == "%"
        and (previous.reason.startswith("a volume") or _CARRIER.search(between))
        and (
            _vehicle().match(after)
            or re.search(r"(?:d/?w|saline|dextrose|glucose|nacl|sodium chloride|water|d/w)\s?\(?$", between)
        )
    ):
        return "what carries a drug is no dose"
    return ""
