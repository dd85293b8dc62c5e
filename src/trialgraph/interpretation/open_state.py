"""States of a disease that a text names beside their opposite, so that each may be and none must.

>>> left_open("operable or inoperable tumour", "UNRESECTABLE", 12, 22)
True
>>> left_open("treatment-naive or relapsed", "FIRST_LINE", 0, 15)
True
"""

import re
from typing import Final

__all__ = ["left_open"]

_EITHER_WAY: Final = re.compile(
    r"\b(?:in|un|non-?)?(?:operable|resectable)\b (?:or|and/or|and|/) ?\b(?:in|un|non-?)?(?:operable|resectable)\b"
)
_ANY_STAGE: Final = re.compile(
    r"\bany stages?\b|\blocali[sz]ed (?:or|and|and/or) metastatic\b|\bmetastatic (?:or|and) locali[sz]ed\b"
)
_OR_EVALUABLE: Final = re.compile(
    r"\bmeasurable(?: disease| lesions?)?,? (?:or|and/or|and|/) ?(?:non-?measurable|evaluable|assessable)\b"
    r"|\b(?:non-?measurable|evaluable|assessable)(?: disease)?,? (?:or|and/or|and|/) ?measurable\b"
)
"""Disease that may be measured, or need not."""
_WITH_OR_WITHOUT: Final = re.compile(
    r"\bwith(?: or | and/or |/)without (?:(?!in |for |of |as |to |on |with |versus |vs |and )[\w-]+ ){0,2}$"
)
_OR_TREATED: Final = re.compile(
    r"\W{0,2}(?:patients |participants |subjects |disease )?(?:or|and/or) (?:who |have |has |had ){0,2}"
    r"(?:progress|relaps|refractory|previously treated|pre-?treated|experienced|treated)"
)
"""Behind those who had no treatment yet, where others who had one are meant as well."""
_TREATED_OR: Final = re.compile(
    r"\b(?:progressed|relapsed|refractory|previously treated|pre-?treated|treated|experienced) (?:or|and/or) $"
)


def left_open(folded: str, code: str, start: int, end: int) -> bool:
    """Return whether a state at a place of a text stands beside its opposite (`operable or inoperable`)."""
    before = folded[max(0, start - 60) : start]
    if _WITH_OR_WITHOUT.search(before):
        return True
    if code == "MEASURABLE":
        return _OR_EVALUABLE.search(folded[max(0, start - 24) : end + 40]) is not None
    if code in ("LOCALIZED", "METASTATIC"):
        return _ANY_STAGE.search(folded[max(0, start - 70) : end + 40]) is not None
    if code == "FIRST_LINE":
        return _OR_TREATED.match(folded, end) is not None or _TREATED_OR.search(before) is not None
    near = folded[max(0, start - 18) : end + 22]
    return code in ("RESECTABLE", "UNRESECTABLE") and _EITHER_WAY.search(near) is not None
