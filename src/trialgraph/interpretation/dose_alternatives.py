"""Two doses of one drug that a text writes like a combination: "amlodipine 5/10 mg"."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from trialgraph.interpretation.dose_amounts import LISTED, Amount
from trialgraph.interpretation.regimen_state import RegimenText

_SEVERAL: Final = re.compile(r"[/+&®™]|\b(?:and|with|plus)\b|[a-z]{4,}-[a-z]{4,}", re.IGNORECASE)
_TWO_UNITS: Final = re.compile(r"\d\s?(?:mg|g|mcg|ug)\s?/")
_SUBSTANCE: Final = re.compile(
    r"[a-z]{3,20}(?:ib|mab|olol|azole|pril|sartan|statin|gliptin|gliflozin|glutide|xaban|afil|dronate|setron|triptan)",
    re.IGNORECASE,
)
"""Names of substances by their ends (INN stems); a brand may be that of a combination."""
_STROKE: Final = re.compile(r"\s?(?:mg|g|mcg|ug)?\s?/\s?")


def split_alternatives(state: RegimenText) -> None:
    """Replace an amount of two numbers that are alternatives of one drug of the record by two amounts."""
    for number, inside in state.located.items():
        kept: list[Amount] = []
        for amount in inside:
            stroke = _STROKE.search(state.text.folded, amount.start, amount.end)
            if stroke is None or not _is_of_one(state, amount):
                kept.append(amount)
                continue
            first, second = amount.value.split("/")
            low = replace(amount, end=stroke.start(), value=first, notes=[*amount.notes, LISTED])
            high = replace(amount, start=stroke.end(), value=second)
            state.agents[id(low)] = state.agents[id(high)] = state.agents[id(amount)]
            kept += low, high
        state.located[number] = kept
    state.amounts = [amount for inside in state.located.values() for amount in inside]


def _is_of_one(state: RegimenText, amount: Amount) -> bool:
    agent = state.agents.get(id(amount))
    if amount.reason or amount.value.count("/") != 1 or agent is None or _SEVERAL.search(agent.name):
        return False
    first, second = map(Decimal, amount.value.split("/"))
    told = state.text.folded[amount.start : amount.end]
    # "320 mg/ 400 mg" of a drug that bears the name of a substance
    apart = first < second and _TWO_UNITS.search(told) is not None and _SUBSTANCE.fullmatch(agent.name) is not None
    doubled = max(first, second) == 2 * min(first, second)
    return (doubled or apart) and state.context.names.knows(agent.name)
