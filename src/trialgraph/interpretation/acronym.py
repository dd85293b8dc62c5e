"""What an acronym stands for where a text says so: `Brief Assessment of Recovery Capital (BARC-10)`.

>>> expansion("barc", "score of the brief assessment of recovery capital (barc-10)")
'brief assessment of recovery capital'
>>> expansion("barc", "type 3 by barc (bleeding academic research consortium)")
'bleeding academic research consortium'
"""

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["expansion"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_SMALL: Final = frozenset("a an and at by for from in of on or the to with".split())
_LENGTHS: Final = range(3, 7)
"""Letters of an acronym: two are too few to know it by."""
_FAR: Final = 120
"""Characters beside an acronym in which its words stand."""


def expansion(acronym: str, folded: str) -> str | None:
    """Return the words that an acronym is made of the first letters of, None where none stand by it in brackets.

    Both are in small letters; only a name of three to six letters is looked for.

    >>> expansion("pfs", "progression-free survival (pfs)"), expansion("pfs", "pfs (months)")
    ('progression-free survival', None)
    """
    if len(acronym) not in _LENGTHS or not acronym.isalpha() or "(" not in folded:
        return None
    at = folded.find(f"({acronym}")
    after = at + len(acronym) + 1
    if at >= 0 and not folded[after : after + 1].isalpha():
        begin = max(0, at - _FAR)
        words = list(_WORD.finditer(folded, begin, at))
        for first in range(len(words) - 1, -1, -1):
            if _spells([word[0] for word in words[first:]], acronym):
                return folded[words[first].start() : words[-1].end()]
    at = folded.find(f"{acronym} (")
    if at >= 0 and not folded[at - 1 : at].isalpha():
        begin = at + len(acronym) + 2
        close = folded.find(")", begin, begin + _FAR)
        words = list(_WORD.finditer(folded, begin, close)) if close >= 0 else []
        if words and _spells([word[0] for word in words], acronym):
            return folded[words[0].start() : words[-1].end()]
    return None


def _spells(words: Sequence[str], acronym: str) -> bool:
    """Return whether first letters spell an acronym, with or without small words."""
    return words[0] not in _SMALL and acronym in (
        "".join(word[0] for word in words),
        "".join(word[0] for word in words if word not in _SMALL),
    )
