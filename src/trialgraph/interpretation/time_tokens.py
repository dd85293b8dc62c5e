"""Words, numbers and units of a time frame, with the values of numbers in words and the UCUM of units."""

import re
from functools import cache
from typing import Final, NamedTuple

from trialgraph.interpretation.durations import UNITS
from trialgraph.interpretation.lexicon_groups import word_group
from trialgraph.interpretation.quantities import WORDS

TABLE: Final = "time-frame-words"
"""The table of words that the grammar of time frames tells apart."""

_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|\.\d+|[a-z]+|\+/-|\+-|[^\sa-z\d]")
_ORDINAL: Final = re.compile(r"\. ?(?:minute|hour|day|week|month|year)\b(?!\s?\d)")
"""A full stop that makes an ordinal of the number before it (`10. minute`)."""
_ONE: Final = re.compile(
    r"(?:^\s*|(?:within|after|up to|for|over|during|until|about|approximately|around|than) )an? $"
)
_SINGULAR: Final = re.compile(r"(?:minute|hour|day|week|month|year)\b")
"""What an article counts (`within a year`), but behind `once` or `times`."""
_TENS: Final = frozenset(("twenty", "thirty", "forty", "fifty", "sixty", "ninety"))
_FOLD: Final = str.maketrans("[]，、；：（）", "(),,;:()") | dict.fromkeys(map(ord, "~～〜"), "-")


class Token(NamedTuple):
    """A piece of a frame: `kind` is `n` number, `o` ordinal, `u` unit or `w` any other word or sign."""

    kind: str
    word: str
    value: str
    """Of a number its digits, of a unit its UCUM code, else the word."""
    start: int
    end: int


def fold(text: str) -> str:
    """Return a plain text in small letters with one kind of bracket; no character is added or lost.

    >>> fold("Weeks 4~12 [±3 d]")
    'weeks 4-12 (±3 d)'
    """
    lower = text.lower()
    return (lower if len(lower) == len(text) else text).translate(_FOLD)


@cache
def _units() -> dict[str, str]:
    """Return UCUM codes by spelling: those of durations, and what only time frames write."""
    own = {word: code for code in ("d", "wk", "mo", "a", "{cycle}") for word in word_group(TABLE, f"unit {code}")}
    return {**UNITS, **own}


@cache
def _ordinals() -> dict[str, str]:
    names = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
    return {name: str(number) for number, name in enumerate(names, start=1)}


def tokens_of(folded: str) -> list[Token]:
    """Return the tokens of a folded text; single letters are units only where they touch a number.

    >>> [token.kind for token in tokens_of("6m, the 4th week")]
    ['n', 'u', 'w', 'w', 'o', 'u']
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(folded):
        word, start, end = match[0], match.start(), match.end()
        last = found[-1] if found else None
        if word in ("st", "nd", "rd", "th") and last is not None and last.kind == "n" and start - last.end <= 1:
            found[-1] = Token("o", last.word + word, last.value, last.start, end)
            continue
        if word == "." and last is not None and last.kind == "n" and _ORDINAL.match(folded, start):
            if start == last.end and (len(found) < 2 or found[-2].kind != "u"):
                found[-1] = Token("o", last.word + word, last.value, last.start, end)
                continue
        elif word == "+" and last is not None and last.kind == "u" and folded[end : end + 1].isdigit():
            continue  # `Day +100` is counted from the event, as `Day 100` is
        tens = found[-2] if len(found) > 1 and last is not None and last.word == "-" else last
        if tens is not None and tens.word in _TENS and len(WORDS.get(word, "10")) == 1:
            del found[found.index(tens) :]
            found.append(Token("n", tens.word, str(int(tens.value) + int(WORDS[word])), tens.start, end))
            continue
        if word == "half" and _add_half(found):
            continue
        if word in ("a", "an") and _is_one(folded, start, end):
            found.append(Token("n", word, "1", start, end))
            continue
        kind, value = _classified(word, last, before_digit=end < len(folded) and folded[end].isdigit())
        found.append(Token(kind, word, value, start, end))
    return found


def _is_one(folded: str, start: int, end: int) -> bool:
    """Tell whether an article stands for a number before the unit behind it.

    >>> [_is_one(f"{text} day", len(text) - 1, len(text)) for text in ("within a", "3 times a", "hours a")]
    [True, False, False]
    """
    return bool(_SINGULAR.match(folded, end + 1) and _ONE.search(folded[max(0, start - 16) : end + 1]))


def _add_half(found: list[Token]) -> bool:
    """Add a half to the number that `and a half` follows, with its unit or without; tell whether there is one.

    >>> [token.value for token in tokens_of("two and a half years, one year and a half")]
    ['2.5', 'a', ',', '1.5', 'a']
    """
    if [token.word for token in found[-2:]] not in (["and", "a"], ["and", "one"]):
        return False
    at = -4 if len(found) > 3 and found[-3].kind == "u" else -3
    if len(found) < -at or found[at].kind != "n" or not found[at].value.isdigit():
        return False
    number = found[at]
    found[at] = number._replace(value=number.value + ".5")
    del found[-2:]
    return True


def _classified(word: str, last: Token | None, *, before_digit: bool) -> tuple[str, str]:
    """Return kind and value of a word by itself and the token before it."""
    if word[-1].isdigit():
        return "n", word if word[0] != "." else "0" + word
    after_number = last is not None and last.kind in "no"
    if word in ("second", "seconds", "sec", "secs", "s"):
        if last is not None and last.kind == "n":
            return "u", "s"
        return ("o", "2") if word == "second" else ("w", word)
    for kind, values in (("n", WORDS), ("o", _ordinals())):
        if word in values:
            return kind, values[word]
    unit = _units().get(word)
    touches = len(word) > 1 or before_digit or (after_number and word != "c")
    return ("u", unit) if unit and touches else ("w", word)


def word_at(tokens: list[Token], at: int) -> str:
    """Return the word at a place, empty beyond either end."""
    return tokens[at].word if 0 <= at < len(tokens) else ""
