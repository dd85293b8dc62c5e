"""Stages of cancer by number: `stage IIIB`, `stages II-IV`, `stage IB to IIIA`.

>>> [code for code, _, _ in stages("Stage IIIB/IV NSCLC")], [code for code, _, _ in stages("stage I-III disease")]
(['STAGE_IIIB', 'STAGE_IV'], ['STAGE_I', 'STAGE_II', 'STAGE_III'])
"""

import re
from collections.abc import Iterator
from typing import Final

_ONE: Final = r"(?:IV|I{1,3}|0|[1-4])(?:[A-Ca-c]\d?)?(?![\w])"
_STAGES: Final = re.compile(
    rf"\b[Ss](?:tage|TAGE)s?\s{{0,2}}(?P<first>{_ONE})(?P<rest>(?:\s{{0,2}}(?:-|/|,|to|or|and"
    rf"|through|&)\s{{0,2}}(?:or\s)?(?:[Ss]tages?\s)?(?:{_ONE}|[ABC]\b)){{0,6}})"
)
_PART: Final = re.compile(
    rf"(?P<link>-|/|,|to|or|and|through|&)\s{{0,2}}(?:or\s)?(?:[Ss]tages?\s)?(?P<stage>{_ONE}|[ABC]\b)"
)
_ORDER: Final = ("0", "I", "II", "III", "IV")
_ARABIC: Final = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_OTHERS: Final = re.compile(
    r"(?:ckd|kidney disease|gold|ulcer|hypertension|failure|renal disease|fibrosis|heart|c)\s?\(?$", re.IGNORECASE
)


def stages(plain: str) -> Iterator[tuple[str, int, int]]:
    """Yield code (`STAGE_IIIB`) and place of the stages of a text; ranges are taken apart."""
    for match in _STAGES.finditer(plain):
        if _OTHERS.search(plain[max(0, match.start() - 20) : match.start()].rstrip()):
            continue
        previous = _roman(match["first"])
        found = [previous]
        for part in _PART.finditer(match["rest"]):
            written = part["stage"]
            stage = _main(previous) + written if written in "ABC" else _roman(written)
            if part["link"] in ("-", "to", "through"):
                low, high = _ORDER.index(_main(previous)), _ORDER.index(_main(stage))
                found += list(_ORDER[low + 1 : high])
            found.append(stage)
            previous = stage
        for stage in dict.fromkeys(
            one.rstrip("123456789") if one[-1].isdigit() and len(one) > 1 else one for one in found
        ):
            yield f"STAGE_{stage}", match.start(), match.end()


def _roman(written: str) -> str:
    return _ARABIC.get(written[0], written[0]) + written[1:].upper() if written[0].isdigit() else written.upper()


def _main(stage: str) -> str:
    return stage.rstrip("ABC0123456789") or "0"
