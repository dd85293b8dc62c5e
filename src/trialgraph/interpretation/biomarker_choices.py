"""Biomarkers of one text that are told with "or": having one of them is enough.

>>> from trialgraph.interpretation.biomarker_states import stated
>>> words = "BRCA1, BRCA2 or PALB2 mutation, and PD-L1 TPS >= 1%"
>>> [(each.marker, each.or_another) for each in with_choices(words, list(stated(words)))]
[('BRCA1', True), ('BRCA2', True), ('PALB2', True), ('PD-L1', False)]
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.biomarker_changes import REQUIRED, Biomarker

ONE_OF: Final = re.compile(
    r"\b(?:any|one|either|some)(?: or (?:more|both))?(?: of)?(?: the)? following\b"
    r"|\bat least one of\b(?: the following)?|\bone of (?:the )?(?:[\w-]+ ){0,4}?(?:listed )?below\b"
    r"|\bor (?:(?:must|other|have|has|with|those|high|risk|features?|[\w-]{3,12}) ){0,7}?(?:including|such as)\b",
    re.IGNORECASE,
)
"""A lead below or behind which one of what is listed is enough."""
_OR: Final = re.compile(r"\bor\b", re.IGNORECASE)
"""A slash tells nothing: `BRCA1/BRCA2 mutation` is a choice, `HR+/HER2-` is none."""
_AND: Final = re.compile(
    r"(?<![/-])\band\b(?!/)|(?<!\bor )\bwith(?:out)?\b|\bbut\b|\bplus\b|\bas well as\b|&", re.IGNORECASE
)
_END: Final = re.compile(r"[.;:](?:\s|$)|\n")
_ASIDE: Final = re.compile(r"\([^()]{0,80}\)")
_LONGEST_GAP: Final = 90


def with_choices(words: str, markers: Sequence[Biomarker], *, below_one_of: bool = False) -> list[Biomarker]:
    """Return the markers of a text, with `or_another` at those that are required and of which one is enough.

    `below_one_of` tells that the whole text is one of several points of such a list.
    """
    required = [each for each in markers if each.requirement == REQUIRED]
    lead = ONE_OF.search(words, 0, required[0].start) if required else None
    if below_one_of or (lead is not None and not _END.search(words[lead.end() : required[-1].start].lstrip(" :"))):
        chosen = {(each.start, each.marker) for each in required}
    else:
        chosen = {(each.start, each.marker) for run in _runs(words, required) for each in run}
    return [
        replace(each, or_another=True)
        if each.requirement == REQUIRED and (each.start, each.marker) in chosen
        else each
        for each in markers
    ]


def _runs(words: str, required: Sequence[Biomarker]) -> list[list[Biomarker]]:
    """Return the lists of which some members are parted by "or"."""
    runs: list[list[Biomarker]] = []
    choices: list[int] = []
    for before, each in zip([None, *required], required, strict=False):
        same = before is not None and before.start == each.start
        # Members of a list share its end, where their state stands; between them are then the names before the next.
        gap = (
            words[before.start if before.end > each.start else before.end : each.end if same else each.start]
            if before
            else ""
        )
        gap = _ASIDE.sub("", gap)
        if before is None or len(gap) > _LONGEST_GAP or (not same and (_END.search(gap) or _AND.search(gap))):
            runs.append([each])
            choices.append(0)
        else:
            runs[-1].append(each)
            if _OR.search(gap):
                choices[-1] = len(runs[-1])
    # What follows the last "or" by a comma is asked for beside (`ER+ or PR+, HER2-`).
    return [run[:count] for run, count in zip(runs, choices, strict=True) if count]
