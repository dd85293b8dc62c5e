"""Why an amount is no dose: drawn, measured, an increment, an equivalent, a carrier, a total."""

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

from trialgraph.interpretation.dose_amounts import LISTED, Amount
from trialgraph.interpretation.lexicon import alternatives, rows
from trialgraph.interpretation.quantities import NUMBER
from trialgraph.interpretation.stored_text import StoredText

_LAB: Final = re.compile(
    r"\b(?:creatinine|crcl|clcr|egfr|gfr|clearance|h(?:a?)emoglobin|hb\b|"
    r"hba1c|glucose level|blood glucose|glyc?emi\w*|sugar|ldl|hdl|cholesterol|"
    r"triglycerid\w*|psa\b|platelets?|neutrophils?|\banc\b|bilirubin|"
    r"serum|plasma|ferritin|(?<!dose )levels?|trough|threshold|testosterone "
    r"(?:of|<|≤|below)|urine output|urine volume|ph\b|(?<!molecular )weigh(?:ing|s|"
    r"t)?|blood loss|residual|hematocrit|lactate|potassium (?:level|"
    r"<|>)|target (?:ptt|aptt|inr)|spo2|saturation|fio2|fraction of "
    r"inspired|ejection fraction|lvef|stenosis|blasts|tps|cps|expression|"
    r"viral load|aged?|concentration of the|bmi)[^.;\n]{0,28}$"
)
_BEFORE_NO: Final = (
    (
        "the dose of what a placebo looks like is none of its own",
        re.compile(
            r"(?:identical|match(?:es|ed|ing)?|mimic(?:king|s)?|similar|indistinguishable|"
            r"resembl(?:ing|es)|look(?:s|ing)? like|substitut\w* (?:of|for))"
            r" (?:in [a-z ]{3,40} )?(?:to |for |with |from )?(?:the )?(?!placebo)[a-z][\w-]{2,30}\s?\(?$"
            r"|\bplacebos? (?:to|for) (?!match)(?:the )?[a-z][\w/-]{2,30}\s?\(?$"
            r"|\b(?:match(?:ing|ed)?|identical|corresponding) (?:placebo )?"
            r"(?:tablets?|capsules?|pills?|injections?|placebos?)?\s?(?:for|to|of) (?:the )?$"
        ),
    ),
    ("a limit of what is drunk is no dose", re.compile(r"fluid (?:intake|restriction)(?: of| to| limited to)?\s$")),
    (
        "an increment is no dose",
        re.compile(
            r"(?:(?:increas|decreas|reduc|rais|titrat|taper|escalat|adjust|lower|up|"
            r"down)\w*(?: \w+){0,4} (?:by|in)|increments?(?: of)?|(?:incremental )?steps(?: \([^()]{0,40}\))? of|every "
            r"\d+ days? by)\s(?:a "
            r"|an )?(?:maximum of |increments? of |additional |approximately "
            r"|steps of |at least )?$"
        ),
    ),
    ("the usual dose elsewhere is no dose", re.compile(r"\busual (?:doses?|dosages?)\b[^.;]{0,50}$")),
    ("what a package holds is no dose", re.compile(r"\bfill(?:ing)? volume (?:of |is )?$")),
    ("a device's setting is no dose", re.compile(r"\b(?:ultra-? ?filtration|ufnet)\b[^.;]{0,60}$")),
    ("what is not given is no dose", re.compile(r"\b(?:instead of|rather than|in place of)\s(?:the )?$")),
    (
        "a need of a drug defines the population",
        re.compile(
            r"\b(?:dependent|dependenc[ey]|requirements?|needs?)\s(?:of |on |at |for )?(?:[≥>≤<]=?|at least) ?$"
        ),
    ),
    ("a share of a mixture is no dose", re.compile(r"\bratio of (?:\d{1,3} ?% (?:and|to|:) )?$")),
    (
        "an equivalent is no dose",
        re.compile(
            r"(?:equivalent (?:to|of|doses? of)|equivalents? ?(?:of|\()|corresponding "
            r"to|correspond(?:s)? to|equals|equivalence to|≈|equal to|or the "
            r"equivalent of)\s?(?:about |approximately |an? |the )?(?:[a-z]{3,20} "
            r")?\(?$"
        ),
    ),
    (
        "what is drawn is no dose",
        re.compile(
            r"(?:blood|urine|sample|samples|aspirat\w*|csf|saliva|venipuncture|"
            r"collect\w*|drawn|withdraw\w*|biops\w*|drain\w*|remov\w*|loss)[^.;\n]{0,34}$"
        ),
    ),
    (
        "a dose of an earlier therapy defines the population",
        re.compile(
            r"(?:previously|prior (?:use|treatment|therapy)|history of|who (?:have "
            r"|had )?(?:been )?(?:received|taking|on)|(?:patients|subjects|participants)"
            r" (?:already |currently )?(?:on|taking|requiring|using|treated "
            r"with)(?: a| stable)* (?:dose )?(?:of )?[≥>≤<]|already (?:on|taking|"
            r"receiving)|stable dose of|minimum stable)[^.;\n]{0,40}$"
        ),
    ),
    (
        "water to swallow with is no dose",
        re.compile(
            r"(?:swallowed |taken |administered |ingested )?with (?:approximately "
            r"|about |at least |a glass of |~ ?)?$"
        ),
    ),
)
_AFTER_WATER: Final = re.compile(
    r"\s?(?:\([^)]{0,20}\) )?(?:of )?(?:(?:room temperature |still |hot |boiled |boiling |"
    r"plain |non-carbonated |tap |mineral |drinking |cold |warm |sterile "
    r"|noncarbonated |potable |ambient |lukewarm )*water|juice|milk)"
)
_AFTER_NO: Final = (
    (
        "what is drawn is no dose",
        re.compile(
            r"\s?(?:of )?(?:\w+ )?(?:whole |peripheral |venous |arterial |autologous "
            r")?(?:blood\b|urine|bone marrow aspirat|saliva|csf\b|aspirate|serum "
            r"sample|samples?\b)(?! cells| plasma)"
        ),
    ),
    (
        "an equivalent is no dose",
        re.compile(
            r"\s?(?:of )?(?:oral )?(?:morphine|prednis(?:ol)?one|dexamethasone|diazepam|\w{4,20}) equivalents?(?! doses?\b)"
        ),
    ),
    (
        "alcohol or blood products are no doses",
        re.compile(r"\s?(?:of )?(?:alcohol|packed|prbc|red blood|red cell|fresh frozen|ffp|exercise)\b"),
    ),
    (
        "a size or weight is no dose",
        re.compile(
            r"\s?(?:needle|gauge|weight loss|of body weight|body weight (?:loss|"
            r"gain)|predicted|of predicted|confidence|power|of (?:the )?(?:patients|"
            r"participants|subjects|cases|women|men|maximum|max|baseline|predicted|"
            r"their|energy|total energy|daily|estimated|one|initial|full|calories|"
            r"heart|peak|target|children|total|calor\w*|the total|individuals|maximal|all|tumou?r|cells|"
            r"1rm|normal|usual|dose)|(?:dose )?(?:reduction|increase|decrease|"
            r"improvement|change|loss|chance|risk|of (?:the )?dose)|higher|lower|"
            r"response|reduced|relative|isodose|increment|bolus insulin|confiden)"
        ),
    ),
    ("a level in blood is no dose", re.compile(r"\s?(?:trough|serum|plasma)")),
    ("what a diet holds is no dose", re.compile(r"[^.;,()]{0,40}(?:/|per )\s?[\d,]+ ?kcal")),
    ("a test is no dose", re.compile(r"\s?(?:\w+ )?(?:ogtt|oral glucose tolerance|glucose tolerance test)\b")),
    (
        "the size of a vessel is no dose",
        re.compile(
            r"\s?(?:[a-z]+ )?(?:pouch|balloon|catheter|(?:k?[2-3]? ?-?edta|citrate|heparin|serum)(?: [a-z]+){0,3} tubes?|container|tube|cuvette)\b|\s?,? ?(?:1[5-9]|2\d|3\d) ?g\b"
        ),
    ),
)
_LEVEL_UNITS: Final = frozenset(
    (
        "mg/dL g/dL ng/mL pg/mL ng/dL mmol/L umol/L nmol/L ug/L ug/dL {cells}/uL "
        "{cells}/mm3 {cells}/L {cells}/mL ng/L [iU]/L m[iU]/mL m[iU]/L "
        "{copies}/mL pmol/L nmol/mL meq/L g/L mg/g mg/mmol ug/g pg/dL g/mL "
        "mg/mg {cells}/dL mg/L"
    ).split()
)


_CELLS_OF_A_PRODUCT: Final = 100_000
"""From so many cells per mL on they are what is given, not what is counted in blood."""
_DRAWN: Final = re.compile(
    r"blood (?:was |is |will be |samples? )?(?:collect|drawn|with|taken|"
    r"sampl)|draw(?:n|ing)? |primed with|priming|urine collect"
)
_PACKED: Final = re.compile(
    r"(?:includes?|components of|comes in|supply of|kit of|box(?:es)? "
    r"of|packages? of|packed in|bottles? of|packs? of|dispensed|supplied "
    r"with)\s(?:a |the )?(?:[a-z]+ )?$"
)
_DILUTED: Final = re.compile(
    r"(?:dilut|dissolv|reconstitut|suspend)[^.;]{0,60}$|(?:syringe|bag|bottle)s? (?:filled with|containing) $"
)
_ADDED_TO: Final = re.compile(
    r"\b(?:added to|(?:diluted|dissolved|reconstituted|suspended|prepared) (?:in|into|with|to))"
    r"\s(?:a |an |the )?(?:total of |total volume of |approximately |about )?$"
)


@cache
def _vehicle() -> re.Pattern[str]:
    words = alternatives(row["word"] for row in rows("vehicles"))
    return re.compile(
        r"\s{0,2}(?:\(?(?:of|with)?\)?\s)?(?:(?:a|the|total|sterile|normal|"
        rf"{NUMBER}\s?%|isotonic|physiological|physiologic|phosphate buffered|"
        rf"compatible) ){{0,3}}(?:{words})(?![a-z])"
    )


_CARRIER: Final = re.compile(
    r"(?:\b(?:in|into|with|to|diluted (?:in|to|with|up to)|dissolved "
    r"in|mixed (?:in|with)|reconstituted (?:in|with)|made up to|prepared "
    r"in|up to|volume(?: of)?|total volume of|added to|per|via|solution "
    r"of)\b|\()\s?(?:a |the |an )?(?:total (?:volume )?(?:of )?|final "
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
        before, after = folded[floor : amount.start], folded[amount.end : amount.end + 60]
        amount.reason = _reason(amount, before, after)
        if (
            not amount.reason
            and amount.kind == "volume"
            and _DRAWN.search(folded, max(sentence[0], amount.start - 110), amount.start)
        ):
            amount.reason = "what is drawn is no dose"
        if not amount.reason and amount.kind == "form" and _PACKED.search(before):
            amount.reason = "what a package holds is no dose"
        if not amount.reason and amount.unit == "%" and _DILUTED.search(before):
            amount.reason = "what carries a drug is no dose"
        if not amount.reason and amount.kind == "volume" and _ADDED_TO.search(before) and _vehicle().match(after):
            amount.reason = "a volume that carries a dose"
        if not amount.reason and number and _goes_on(text, found[number - 1], amount):
            amount.reason = found[number - 1].reason
        if not amount.reason and _PORTION.search(folded, max(sentence[0], amount.start - 44), amount.start):
            amount.reason = "a portion of what is given is no dose"
        if not amount.reason and _EQUALS.search(folded, sentence[0], amount.start):
            amount.reason = "an equivalent is no dose"
        if not amount.reason and _of_a_diet(folded, amount, sentence):
            amount.reason = "what a diet holds is no dose"
        if not amount.reason and number:
            amount.reason = _reason_by_previous(text, found[max(0, number - 12) : number], amount)


_PORTION: Final = re.compile(r"\bdivided in(?:to)? (?:\w+ )?(?:injections?|portions?|parts?|aliquots?|sites?) of $")
_EQUALS: Final = re.compile(r"\bequivalents?\b[^.;]*=")


def _goes_on(text: StoredText, previous: Amount, amount: Amount) -> bool:
    """Return whether what an amount before is told of holds for this one too: a list of numbers, "200 mg = 97 mg"."""
    likened = previous.reason.startswith("the dose of what") and text.folded[previous.end : amount.start].strip()
    return LISTED in previous.notes or likened in ("=", "/", "(")


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
    words = folded[max(sentence[0], amount.start - 200) : min(sentence[1], amount.end + 120)]
    return bool(_NUTRIENT.search(near) and _DIET.search(words)) and not _SUPPLEMENT.search(words)


def _measured(amount: Amount, before: str, after: str) -> str:
    """Return why an amount is a measurement; empty where it is none."""
    product = amount.unit == "{cells}/mL" and float(amount.value) >= _CELLS_OF_A_PRODUCT
    if amount.unit in _LEVEL_UNITS and not (
        (product or amount.unit in ("mg/L", "mg/g", "g/L", "mg/mg")) and not _LAB.search(before)
    ):
        return "a level in blood is no dose"
    if (
        amount.kind != "form"
        and _LAB.search(before)
        and (amount.unit in ("mL/min", "%", "mL", "L", "mmol", "g") or amount.per)
    ):
        return "a measurement is no dose"
    if amount.unit in ("mL/min",) and re.match(r"\s?(?:/1\.73|creatinine|crcl|per 1\.73)", after):
        return "a measurement is no dose"
    return ""


_BOUND: Final = re.compile(
    r"\b(?:exceed\w*|within|fluctuat\w*|deviat\w*|(?:more|less|greater|higher|lower) than|at least|(?:by|of) at least)\s$"
)
_GAS_FLOW: Final = re.compile(r"\bgas flow[^.;]{0,16}$")


def _reason(amount: Amount, before: str, after: str) -> str:
    """Return why the words beside an amount deny that it is a dose; empty where none do."""
    if amount.unit == "L/min" and not re.search(
        r"oxygen|\bo2\b|air\b|heliox|hfn|cannula|mask|high[- ]flow", before + after
    ):
        return "a flow of gas without its name is no dose"
    measured = _measured(amount, before, after)
    if measured:
        return measured
    if amount.unit == "%" and _BOUND.search(before):
        return "a share in percent is no dose"
    if amount.unit == "L/min" and _GAS_FLOW.search(before):
        return "a flow of gas without its name is no dose"
    if amount.kind == "concentration" and re.search(r"[≥>≤<]\s?$", before):
        return "a level in blood is no dose"
    if amount.unit == "{syringe}" and "." in amount.value:
        return "the size of a vessel is no dose"
    for reason, pattern in _BEFORE_NO[:-1]:
        if pattern.search(before) and not (reason.startswith("what is drawn") and amount.kind not in ("volume",)):
            return reason
    if (
        amount.kind == "volume"
        and (_AFTER_WATER.match(after) or re.match(r"\s?(?:glass|cup)", after))
        and (
            _BEFORE_NO[-1][1].search(before)
            or re.search(
                r"(?:with|in|drink\w*|dissolved in|and)\s(?:approximately |about |a |at least |~ ?)?$", before
            )
        )
    ):
        return "water to swallow with is no dose"
    for reason, pattern in _AFTER_NO:
        if reason.startswith("alcohol") and "kg" in amount.per:
            continue
        if not pattern.match(after) or (reason.startswith("the size") and amount.kind != "volume"):
            continue
        if amount.unit == "%" or not reason.startswith("a size"):
            return reason
    return ""


def _reason_by_previous(text: StoredText, before: list[Amount], amount: Amount) -> str:
    """Return why an amount beside an earlier one is none of its own: the same in other units, or what carries it."""
    previous = before[-1]
    between = text.folded[previous.end : amount.start]
    after = text.folded[amount.end : amount.end + 45]
    near = not previous.reason or previous.reason.startswith("a volume")
    if near and re.fullmatch(
        (
            r"\s?(?:\(\s?(?:=|~|≈|i\.e\.,? |or |approximately |about |\+/- ?\d+%? "
            r"?)?|=|/|or\s\(|,? ?\+/?-\s?\d+\s?%\s?\(?|\[)\s?"
        ),
        between,
    ):
        same = previous.kind == amount.kind and (previous.per == amount.per)
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
        if _CARRIER.search(head) and not re.search(r"mixed with\s*$", head):
            return "a volume that carries a dose"
        if (
            _vehicle().match(after)
            and re.search(r"(?:in|with|dilut|dissol|reconst|mix|made up|added|into|plus|\+|\()[^.;]{0,40}$", head)
            and "mixed with" not in head
        ):
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
