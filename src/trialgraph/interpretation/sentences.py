"""Sentences and list items of a plain text, as stretches of positions.

>>> plain = "Drug 5 mg p.o. b.i.d. for 3 days. Then 1.5 mg.\\n* Cisplatin i.v."
>>> [plain[start:end] for start, end in sentences(plain)]
['Drug 5 mg p.o. b.i.d. for 3 days.', 'Then 1.5 mg.', '* Cisplatin i.v.']
"""

import re
from typing import Final

_BREAK: Final = re.compile(
    r"\n+|(?<=[.!?])\s+(?=[A-Z0-9(\[*•\"'-])|(?<=[a-z)])\.(?=[A-Z][a-z])|;(?=\S)|;\s+|(?<=[.)])\s?(?=•)"
)
_SHORT: Final = re.compile(
    r"\b(?:i\.v|s\.c|p\.o|i\.m|i\.p|e\.g|i\.e|vs|approx|ca|no|nr|dr|"
    r"st|fig|b\.i\.d|t\.i\.d|q\.d|q\.i\.d|o\.d|max|min|resp"
    r"|inc|incl|co|ltd|u\.s|a\.m|p\.m|amp|tab|cap|inj|sol|vol|etc)\.$",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"[\s(*•-]{0,4}\d{1,2}[.)]")


_FAR: Final = 60
"""A bracket that is longer than this may hold sentences."""


def _within_brackets(plain: str, start: int, match: re.Match[str]) -> bool:
    """Return whether a semicolon stands in a short bracket: "drug (10 mg per day; per os)"."""
    floor = max(start, match.start() - _FAR)
    opening = plain.rfind("(", floor, match.start())
    if opening < 0 or ")" in plain[opening : match.start()]:
        return False
    return plain.find(")", match.end(), opening + _FAR) >= 0


def sentences(plain: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence, line or part before a semicolon, in order."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(plain):
        if match.group()[0] == ";" and _within_brackets(plain, start, match):
            continue
        if (
            "\n" not in match.group()
            and ";" not in match.group()
            and (
                _SHORT.search(plain[max(start, match.start() - 8) : match.start()])
                or _NUMBER.fullmatch(plain, start, match.start())
            )
        ):
            continue
        end = match.start() + (1 if match.group()[:1] in ".;" else 0)
        if plain[start:end].strip():
            found.append((start, end))
        start = match.end()
    if plain[start:].strip():
        found.append((start, len(plain.rstrip())))
    return found
