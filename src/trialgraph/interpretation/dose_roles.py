"""The role of each amount: given, a ceiling, or what a product contains (rule 10 of the guide)."""

import re
from itertools import pairwise
from typing import Final

from trialgraph.interpretation.dose_amounts import LISTED, Amount
from trialgraph.interpretation.dose_forms import FORM_BEHIND
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.regimen_state import Agent, RegimenText
from trialgraph.interpretation.stored_text import StoredText

_MAXIMUM: Final = GuardedPattern(
    r"(?:\bmax(?:imum|imal|\.)?(?: (?:daily|single|total|dose|dosage|"
    r"of|is|was|allowed|permitted|tolerated|rate|infusion|per|a|day|oral|given|to be|"
    r"recommended|cumulative|volume|up|to|amount|starting)){0,6}(?: "
    r"?[:=,(])?|not (?:to )?(?:be )?exceed(?:ed|ing)?|not exceeding|"
    r"(?:no|not)(?: take| use| receive| inject| exceed)? more than|not (?:be )?(?:over|above|greater than)|never "
    r"exceed|up to|upper limit of|ceiling(?: dose)? of|capped at|cap "
    r"of|limited to|without exceeding|at most|≤|<=)\s?(?:a |the )?(?:total "
    r"|max(?:imum|imal)? |daily |dose |single |of |approximately |target "
    r"|\()*[≤<]?\s?(?:[\[(][a-z]{2,5}[\])]\s)?$"
)
_MAXIMUM_IS: Final = GuardedPattern(
    r"\bmax(?:imum|imal)? (?:daily |total )?(?:dose|dosage)\b[^.;,:]{0,50}\b(?:is|of|was|will be)\s$"
)
_STEP: Final = re.compile(r"(?:titrat|increas|escalat|uptitrat|rais|adjust|advanc|doubl)\w*[^.;]{0,40}$")
_MAXIMUM_AFTER: Final = re.compile(
    r"\s?(?:/day |daily |per day )?\(?(?:max(?:imum)?|at (?:most|maximum)"
    r"|as (?:a )?maximum)(?: (?:daily )?dose)?\)?\s?(?:$|[.,;)]|per "
    r"|a day|daily)"
)


def is_maximum(text: StoredText, amount: Amount, floor: int) -> bool:
    """Return whether an amount is a ceiling ("up to a maximum of 50 mg")."""
    before = text.folded[max(floor, amount.start - 70) : amount.start]
    hit = _MAXIMUM.search(before)
    if hit is None and _MAXIMUM_IS.search(before):
        return True
    if hit:
        if amount.kind == "absorbed dose" and "max" not in hit.group():
            return False  # radiation "up to 50 Gy" is given up to there
        return "max" in hit.group() or "exceed" in hit.group() or not _STEP.search(before[: hit.start()])
    after = text.folded[amount.end : amount.end + 30]
    return bool(_MAXIMUM_AFTER.match(after)) or (before.endswith("(") and after.startswith(" cap)"))


_LISTED: Final = re.compile(r"\d{1,2}[.)]\s")
_LIST_ONLY: Final = re.compile(r"\s*(?:[*•-][^\n]*\n\s*)*")
_CONTAINS: Final = GuardedPattern(
    r"(?:contain(?:s|ing|ed)?|compris(?:es|ing)|composed of|consist(?:s|"
    r"ing)? of|with a strength of|strengths?(?: of)?:?|in strengths "
    r"of|available (?:as|in)|supplied as|provided as|formulated as|packaged "
    r"in|made up of|composition(?: is| of|:)|(?:reconstituted|prepared) to deliver"
    r"|this (?:daily )?(?:dose|dosage|amount|portion|volume) (?:provides|"
    r"supplies|delivers))(?:[^.;\n]|(?<=\d)\.(?=\d)){0,60}$"
)
_EACH: Final = re.compile(
    r"(?:each|every|per|one|a) (?:film-coated |coated |single )?(?:tablet|"
    r"capsule|sachet|vial|syringe|puff|pill|ml|suppository|ampoule|actuation|"
    r"spray)s?(?: \w)?(?: of [\w-]+)? (?:contain(?:s|ing)?|consist|compris|"
    r"has|have|is|=|:|delivers?)"
)
_STRENGTH_BEHIND: Final = re.compile(r"\s?(?:dose )?strengths?\b|\sunits?(?=\s?(?:;|,|\.|$))")
CONTAINING: Final = re.compile(r"contain(?:s|ing|ed)?\b")


def contained(text: StoredText, amount: Amount, floor: int) -> bool:
    """Return whether an amount is what a product contains."""
    before = text.folded[max(floor, amount.start - 90) : amount.start]
    if text.plain[floor : floor + 1] in ("*", "-", "•") or _LISTED.match(text.plain, floor):
        heading = text.folded.rfind(":\n", max(0, floor - 900), floor)
        if heading >= 0 and floor - heading < 900 and _LIST_ONLY.fullmatch(text.plain, heading + 1, floor):
            line = text.folded[
                max(text.folded.rfind("\n", max(0, heading - 90), heading) + 1, heading - 80) : heading
            ]
            if re.search(r"\bcontain(?:s|ing)?\b|composition", line):
                return True
    hit = _CONTAINS.search(before)
    if hit is None or before.startswith("consist", hit.start()):
        return False
    return ")" not in _BRACKETS.sub("", before[hit.start() :])  # "A (composed of 9 herbs), 5 g"


_BRACKETS: Final = re.compile(r"\([^()]*\)")
_LISTED_ON: Final = re.compile(
    r"[^.;()\n]{0,50}(?:,|\band\b|\+|/|\([^()]{0,40}[:,])\s?(?:and )?"
    r"(?:[\w-]{1,24}\s){0,5}(?:\([^()]{1,12}\)\s)?"
)


def _goes_on_containing(text: StoredText, previous: Amount, amount: Amount) -> bool:
    """Return whether an amount goes on with a list of what a product contains."""
    if previous.rule != "strength/contained" or amount.start - previous.end > 90:
        return False
    between = text.folded[previous.end : amount.start]
    return _LISTED_ON.fullmatch(between) is not None and _GIVING.search(between) is None


_GIVING: Final = re.compile(
    r"\b(?:receiv|administ|giv(?:e|en|ing)\b|(?<!previously )tak(?:e|en|ing)\b|took\b|"
    r"inject(?:ed|ing)\b|infus(?:ed|ing|e|ion)\b|appl(?:y|ied)\b|treated|"
    r"treatment with|us(?:e|ed|ing)\b|inhaled\b|dosed\b|dos(?:e|age|"
    r"ing)s?\b|start|titrat|ingest|swallow|prescribed|instilled|consum|"
    r"supplement|to be taken|drink|continu(?!ous)|initiat|undergo|rinse|chew)"
)


def giving(text: StoredText, start: int, end: int) -> bool:
    """Return whether a stretch of text has a verb of giving."""
    return bool(_GIVING.search(text.folded, start, end))


_FORM_BEFORE: Final = re.compile(
    r"(?:tablets?|tabs?|capsules?|caps?|pills?|sachets?|vials?|patch(?:es)?|"
    r"syringes?|cream|gel|ointment|solution|suspension|suppositor(?:y|"
    r"ies))\s?(?:of |,|\(|:|-)?\s?$"
)


def form_beside(text: StoredText, amount: Amount) -> bool:
    """Return whether a product's form stands beside an amount ("75 mg capsule", "tablet (5 mg)")."""
    return bool(FORM_BEHIND.match(text.folded, amount.end, amount.end + 80)) or bool(
        _FORM_BEFORE.search(text.folded[max(0, amount.start - 16) : amount.start])
    )


_SUPPLIED: Final = re.compile(
    r"(?:tablets?|capsules?|caplets?)(?: of [\w-]{3,24})? (?:will be|are|were)"
    r" (?:dispensed|supplied|provided|available)\b"
    r"|(?:tablets?|capsules?|caplets?) containing \d"
)
_OF_FORM: Final = re.compile(r"\s?(?:[\w®™-]{2,20}\s){0,2}?(?:tablets?|capsules?|caplets?|pills?)(?![a-z])")
_NEAR: Final = 60


def _is_supplied(text: StoredText, amount: Amount) -> bool:
    """Return whether an amount is that of a product which is handed out: "120 mg tablets will be dispensed"."""
    form = FORM_BEHIND.match(text.folded, amount.end, amount.end + _NEAR)
    if form is None or ". " in text.folded[amount.end : form.start("form")]:
        return False
    return _SUPPLIED.match(text.folded, form.start("form")) is not None


_OF_FORMS: Final = re.compile(r"\b(?:tablets|capsules|caplets|pills)\s(?:of )?$")


def _is_taken_by_number(inside: list[Amount], index: int, text: StoredText) -> bool:
    """Return whether the dose is told by number behind a product: "250 mg capsules oral, 2 capsules on day 1"."""
    amount = inside[index]
    if amount.kind not in ("mass", "activity") or amount.per or index + 1 == len(inside):
        return False
    counts = (one for one in inside[index + 1 : index + 6] if one.kind == "form")
    count = next(counts, inside[index + 1])  # what a bracket tells of the product may stand between
    counted = count.kind == "form" and not count.reason and count.value not in ("1", amount.value)
    between = _BRACKETS.sub("", text.folded[amount.end : count.start])
    if not counted or len(between) > _NEAR:
        return False
    if not _OF_FORM.match(text.folded, amount.end) and not _OF_FORMS.search(text.folded, 0, amount.start):
        return False
    return re.search(r"[.;\n(+]|\b(?:and|or|plus|with|then|placebo)\b", between) is None


_AT_DOSE: Final = re.compile(
    r"\s?-?\s?(?:film-coated |coated |oral |strength )?(?:tablets?|capsules?|caplets?)\s"
    r"(?:will be |are |were |is |was )?(?:taken|given|administered|received)\b[^.;,:\d]{0,40}"
    r"\b(?:at|to|for|as|in) an? (?:total |daily |total daily |single )?dose of\s$"
)
"""Between what products hold and the dose made up of them: "150 mg tablets taken by mouth at a dose of 300 mg"."""


def _make_up_dose(text: StoredText, inside: list[Amount]) -> None:
    """Mark what the products hold that a dose is made up of as strengths."""
    for index, amount in enumerate(inside[1:], 1):
        before = inside[index - 1]
        if before.unit != amount.unit or amount.start - before.end > _AT_MOST:
            continue
        if before.reason or not _AT_DOSE.fullmatch(text.folded, before.end, amount.start):
            continue
        for number in range(index - 1, -1, -1):
            one, later = inside[number], inside[number + 1]
            listed = later is amount or _ALSO.fullmatch(text.folded, one.end, later.start)
            if one.reason or one.unit != amount.unit or not listed:
                break
            one.role, one.rule = "strength", "strength/of-several"


_AT_MOST: Final = 120
_ALSO: Final = re.compile(r"\s?(?:,|or|and|/|, or|, and)\s?")


_NAMED_FORM: Final = re.compile(
    r"(?:^|[:\n(]\s?|\band |\+ ?)(?:tablets?|tabs?\.?|capsules?|caps?\.?|syrup)\s(?:[\w®™-]{2,24}\s?,?\s?){1,3}\(?$"
)


def _is_behind_named_form(text: StoredText, amount: Amount) -> bool:
    """Return whether a form heads the name before an amount: "Tablet X, 500 mg"."""
    begin = max(0, amount.start - _NEAR)
    line = max(text.folded.rfind("\n", begin, amount.start), text.folded.rfind(":", begin, amount.start), begin - 1)
    head = _NAMED_FORM.search(text.folded, max(0, line), amount.start)
    return head is not None and (head.start() > begin or begin == 0)


def _is_product(text: StoredText, inside: list[Amount], index: int) -> bool:
    """Return whether an amount is that of a product: "75 mg capsule", "tablets - 50 mg, 100 mg or 300 mg"."""
    amount, before = inside[index], inside[index - 1] if index else None
    if form_beside(text, amount) or _is_behind_named_form(text, amount):
        return True
    listed = before is not None and before.rule == "strength/product" and before.unit == amount.unit
    return listed and _ALSO.fullmatch(text.folded[before.end : amount.start][:12] if before else "") is not None


_PERCENT_PRODUCT: Final = re.compile(
    r"\s?(?:\(?w/[wv]\)?|\(?v/v\)?|strength|topical|viscous|isobaric|"
    r"hyperbaric|heavy|plain|oral|preservative|ophthalmic|inhaled|intravenous|"
    r"hypertonic|nasal|aqueous|active|concentrat\w*|normal|sterile|isotonic|"
    r"by (?:volume|weight)|solution|of |with |[\w-]{0,14}? ?(?:gel|cream|ointment|solution|"
    r"saline|lotion|foam|suspension|drops?|eye|spray|shampoo|paste|patch|"
    r"emulsion|mouthwash|oxygen|gargle|rinse|varnish|toothpaste|soap|"
    r"wash|serum|syrup|oil|powder|vehicle|peel|acid|peroxide|alcohol|"
    r"ethanol|iodine|hypochlorite))"
)
_PERCENT_DRUG: Final = re.compile(
    r"\s?(?:of )?(?:[a-z-]{1,16} )?[a-z-]*(?:caine|nacl|saline|chloride|glucose|dextrose|albumin|chlorhexidine"
    r"|povidone"
    r"|iodine|minoxidil|timolol|atropine|pilocarpine|brimonidine|tretinoin|hydroquinone|urea|imiquimod|fluorouracil"
    r"|5-fu|flurane|oxygen|o2|sucrose|oxide|peroxide|phenol|tropicamide|ketorolac|latanoprost|dorzolamide|fluoride"
    r"|cyclosporine|diclofenac|permethrin|ivermectin|nitroglycerin|bicarbonate|sulfate|ethanol|lipid|intralipid"
    r"|mannitol|sone|solone|sonide|tacrolimus|pimecrolimus|acetate|azole|mycin|cillin|ic acid|idine|amine)\b"
)


_FORM_OF_PERCENT: Final = re.compile(
    r"\b(?:solution|cream|gel|ointment|lotion|drops?|spray|suspension|foam|shampoo|mouthwash|emulsion|patch|inhaler)"
    r"\s?,?\s?\(?$"
)


_BESIDE_DOSE: Final = re.compile(r"\s?\+\s?[a-z][\w-]{2,20} \d[\d. ]{0,6}(?:mg|ug|mcg|g|ml|iu)(?![a-z])")
"""Behind a share of a drug that is given with the dose of another: "A 0.1%+ B 5 mg"."""


def percent_is_strength(text: StoredText, amount: Amount, known: bool) -> bool:
    """Return whether a share in percent is the strength of a product: a product or a drug's name stands beside it."""
    after = text.folded[amount.end : amount.end + 40]
    before = text.folded[max(0, amount.start - 40) : amount.start]
    if re.match(r"\s?(?:of|in|\+|-)?\s?$", after) and known:
        return True
    if _FORM_OF_PERCENT.search(before) and not after.startswith(" of "):
        return True
    if _PERCENT_DRUG.search(before) and re.search(r"[a-z]\s?\(?$", before) and not after.startswith(" of"):
        return True
    if _BESIDE_DOSE.match(after) and re.search(r"[a-z]\s?$", before):
        return True
    return (
        bool(
            _PERCENT_PRODUCT.match(after)
            and not re.match(
                r"\s?of (?!(?:[a-z-]{1,16} )?[a-z-]*(?:caine|ine|saline|chloride|acid|ol|one|ide)\b)", after
            )
        )
        or bool(_PERCENT_DRUG.match(after))
        or (known and bool(re.search(r"[a-z0-9®)]\s?\(?$", before)) and not after.startswith(" of "))
    )


def _is_right_behind(text: StoredText, agent: Agent, amount: Amount) -> bool:
    """Return whether an amount stands right behind a name: "5 ml magnesium sulphate 10%"."""
    return agent.end is not None and agent.end <= amount.start and not text.plain[agent.end : amount.start].strip()


def _said(state: RegimenText) -> set[int]:
    """Return the numbers of the sentences that say how something is given."""
    found: set[int] = set()
    number = 0
    for mark in state.marks:
        while number + 1 < len(state.sentences) and state.sentences[number + 1][0] <= mark.start:
            number += 1
        if mark.slot in ("route", "frequency", "duration", "days", "until"):
            found.add(number)
            if number and number not in state.located and mark.slot == "frequency":
                found.add(number - 1)  # "Losartan capsules, 100 mg. One time daily"
    return found


def assign_roles(state: RegimenText) -> None:
    """Decide each amount's role: dose, maximum, strength (rule 10)."""
    text, path, context = state.text, state.path, state.context
    by_sentence = _said(state)
    for number, inside in state.located.items():
        floor, ceiling = state.sentences[number]
        said = number in by_sentence
        _make_up_dose(text, inside)
        gives = giving(text, floor, ceiling) or any(amount.frequency for amount in inside)
        for index, amount in enumerate(inside):
            if amount.reason:
                continue
            left = inside[index - 1].end if index else floor
            agent = state.agents[id(amount)]
            if amount.unit == "%":
                known = (
                    context.names.knows(agent.name)
                    if agent.start is not None
                    and (agent.how != "agent/carried" or _is_right_behind(text, agent, amount))
                    else path.endswith("name") and len(text.plain) < 80
                )
                if not percent_is_strength(text, amount, known):
                    amount.reason = "a share in percent is no dose"
                continue
            if amount.role == "strength":
                continue
            if is_maximum(text, amount, left):
                amount.role, amount.rule = "maximum", "maximum/said"
            elif (
                contained(text, amount, floor)
                or (index and _goes_on_containing(text, inside[index - 1], amount))
                or _STRENGTH_BEHIND.match(text.folded, amount.end)
            ) and (amount.kind != "form" and not _of_body(amount)):
                amount.role, amount.rule = "strength", "strength/contained"
            elif _is_taken_by_number(inside, index, text):
                amount.role, amount.rule = "strength", "strength/of-several"
            elif (
                amount.kind != "form"
                and not _of_body(amount)
                and (_is_supplied(text, amount) or (not said and not gives and _is_product(text, inside, index)))
            ):
                amount.role, amount.rule = "strength", "strength/product"
        _combinations(state, inside)
        for amount, before in pairwise(reversed(inside)):
            if LISTED in before.notes and amount.role == "strength" and not before.reason:
                before.role, before.rule = amount.role, amount.rule  # "tablets of 10 and 5 mg strength"


def _of_body(amount: Amount) -> bool:
    """Return whether an amount is told for a body, which no product is: "a drink containing 0.3 g/kg"."""
    return bool(amount.per) and amount.per[0] in ("kg", "m2")


_COMBINED: Final = re.compile(r"\s?(?:\([^()]{0,20}\))?\s?[/+]\s?(?:[\w®-]{2,24} ?){1,3}\(?")


def _combinations(state: RegimenText, inside: list[Amount]) -> None:
    """Give the parts of a combination product one role: "A 50 mg/B 5 mg tablets", "A 5 mg and A 10 mg capsules"."""
    for amount, following in zip(reversed(inside[:-1]), reversed(inside[1:]), strict=True):
        between = state.text.plain[amount.end : following.start]
        product = following.rule == "strength/product" and amount.role == "dose" and not amount.reason
        listed = re.fullmatch(r"\s?(?:,|and|or|&)\s([\w-]{3,24})\s?", between)
        agent = state.agents.get(id(amount))  # none where the amount is no dose
        same = listed is not None and agent is not None and listed[1].lower() == agent.name.lower()
        if product and len(between) < 60 and (same or _COMBINED.fullmatch(between)):
            amount.role, amount.rule = "strength", "strength/product"
