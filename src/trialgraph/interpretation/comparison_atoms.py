"""Atoms of the grammar of comparisons: a criterion's tokens, with numbers, units and phrases joined.

>>> words = "AST < 2.5 x ULN"
>>> [(atom.kind, atom.text, atom.units) for atom in atoms(words, words.lower(), tokens(words))]
[('M', 'ast', ()), ('O', '<', ()), ('N', '2.5', ('[ULN]',))]
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trialgraph.interpretation.criterion_tokenizer import Token, tokens
from trialgraph.interpretation.measured_units import unit_after
from trialgraph.interpretation.measurement_terms import grammar
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.quantities import unit_of

__all__ = ["Atom", "atoms", "tokens"]

_NUMBERS: Final = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
} | {
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "seventy": 70.0,
    "eighty": 80.0,
    "ninety": 90.0,
    "twice": 2.0,
    "double": 2.0,
}
_ROMAN: Final = {"i": 1.0, "ii": 2.0, "iii": 3.0, "iv": 4.0, "v": 5.0, "vi": 6.0, "l": 1.0, "ll": 2.0, "lll": 3.0} | {
    "ⅰ": 1.0,
    "ⅱ": 2.0,
    "ⅲ": 3.0,
    "ⅳ": 4.0,
}
"""Roman numerals; `l` is how a capital I is often typed."""
_HALVED: Final = {"iiia": 3.0, "iiib": 3.0}
"""Halves of a class of the heart's function."""
_ONLY_CAPITALS: Final = frozenset(
    "got gpt pt ps asa k na ca cr ap ga ef tb tc tg vc rr mrs das quick cps tps ast alt hr acr pta".split()
)
"""Names that are other words in small letters."""
_MULTIPLE: Final = re.compile(rf"\d|\bx\b|\b(?:times|fold|folds|{'|'.join(_NUMBERS)})\b")
"""What says how many times the limit is meant."""
_LENGTH: Final = re.compile(
    r"\s(?:consecutive|calendar|full|complete|completed|continuous)\s(?=(?:day|week|month|year)s?\b)"
)
_UNIT_WORD: Final = re.compile(r"\s{0,2}([a-zµμ]{1,12})(?![a-z])")
_COMPOUND: Final = re.compile(r"[-\s](one|two|three|four|five|six|seven|eight|nine)\b")
_POST_LOAD: Final = re.compile(r"\s(?:value|level|post-?load|post-?challenge)")
"""After hours: glucose so long after a load, which is not fasting (`or 2-hour value of 7.8 mmol/L`)."""
_HIGHER: Final = re.compile(r"\b(?:higher|greater|more|above|over)\b")
"""What makes a multiple of the limit a lower bound, where nothing else compares (`2 times above the limit`)."""
_OR_HIGHER: Final = re.compile(r"\sor (?:higher|greater|more|above|over)\b")
_HALF: Final = GuardedPattern(r"\s?½|\s1/2(?![\d/])|\sand (?:a|one)[\s-]half\b")
"""What makes a number half more than it says (`two and a half times`)."""
_MANY_TIMES: Final = re.compile(r"[\s-]?(?:times|folds?)\b(?! (?:a|per|every|daily|weekly)\b)")
"""Behind a number that says how many times something that is no limit we know."""
_GROUPED_BY_POINT: Final = re.compile(r"\d{1,3}\.\d{3}")


@dataclass(slots=True)
class Atom:
    """A piece of the grammar: kind (see `grammar`; N a number, W a word, `.` an end), and what it stands for.

    A number has the units that its spelling may mean; `start` and `end` are positions in the words, unit included.
    """

    kind: str
    text: str
    start: int
    end: int
    number: float = 0.0
    units: tuple[str, ...] = ()
    roman: bool = False


class _Builder:
    """Puts the tokens of one criterion together."""

    def __init__(self, plain: str, folded: str, found: Sequence[Token]) -> None:
        self.plain = plain
        self.folded = folded
        self.found = found
        self.result: list[Atom] = []
        self.past = 0
        """Position up to which a unit has taken the words."""

    def build(self) -> list[Atom]:
        index, size, openings = 0, len(self.found), grammar().openings
        while index < size:
            token = self.found[index]
            text = token.text
            if token.start < self.past:
                index += 1
            elif token.kind == "number":
                index = self._number(index)
            elif text in openings:
                index = self._phrase(index) or self._word(index)
            else:
                index = self._word(index)
        return _repeated(self.folded, self.result)

    def _add(self, atom: Atom) -> None:
        self.result.append(atom)
        self.past = max(self.past, atom.end)

    def _phrase(self, index: int) -> int:
        """Take the longest known phrase; return the index after it, 0 where there is none."""
        trie, token = grammar(), self.found[index]
        hit = trie.longest(self.found, index)
        if hit is None:
            return 0
        after, (kind, value) = hit
        follows = self.found[after] if after < len(self.found) else None
        if (
            kind == "P"
            and follows
            and after > index + 1
            and (follows.text in ("than", "the") or follows.kind == "number")
        ):
            self._add(Atom("L", token.text, token.start, token.end))
            return index + 1
        start, end = token.start, self.found[after - 1].end
        if kind == "A" and value.startswith("of age") and follows and self._compares(after):
            kind, value = "M", "age"
        if kind == "M" and after == index + 1 and token.text in _ONLY_CAPITALS and self.plain[start:end].islower():
            kind, value = "W", token.text
        self._add(Atom(kind, value, start, end))
        if kind == "O":
            self._bare_limit(end)
        return after

    def _compares(self, index: int) -> bool:
        """Return whether a number or a word of comparison stands here."""
        hit = grammar().longest(self.found, index)
        return self.found[index].kind in ("number", "sign") or bool(hit and hit[1][0] in "OB")

    def _bare_limit(self, end: int) -> None:
        """After a word of comparison, a limit of normal without a number counts once."""
        after, units = unit_after(self.folded, end, len(self.folded))
        if units and units[0] in ("[ULN]", "[LLN]") and not _MULTIPLE.search(self.folded, end, after):
            self._add(Atom("N", "1", end, after, 1.0, units))

    def _number(self, index: int) -> int:
        """Take a number in digits and its unit; return the index after it."""
        token, after = self.found[index], index + 1
        text, end, size = token.text, token.end, len(self.folded)
        if after < len(self.found) and self.found[after].kind == "number" and len(text) <= 3 and text.isdigit():
            follows = self.found[after]
            grouped = follows.start == end + 1 and self.plain[end] == " " and len(follows.text) == 3
            if grouped and (follows.text == "000" or unit_after(self.folded, follows.end, size)[1]):
                text, end, after = text + follows.text, follows.end, after + 1
        value = _value(text)
        half = _HALF.match(self.folded, end)
        if half:
            value, end = value + 0.5, half.end()
        length = _LENGTH.match(self.folded, end)
        last, units = unit_after(self.folded, length.end() - 1 if length else end, size)
        if not units:
            word = _UNIT_WORD.match(self.folded, end)
            other = (word and unit_of(word[1]) is not None) or _MANY_TIMES.match(self.folded, end)
            units = ("other",) if other else ()
            last = end
        if set(units) & {"/uL", "/mm3"} and _GROUPED_BY_POINT.fullmatch(text):
            value *= 1000
        if units == ("h",) and _POST_LOAD.match(self.folded, last):
            self._add(Atom("M", "glucose", token.start, last))
            return after
        last = self._explained(last, units)
        if units[:1] == ("[ULN]",) and _HIGHER.search(self.folded, end, last) and not self._signed():
            self._add(Atom("O", ">=" if _OR_HIGHER.match(self.folded, end) else ">", token.start, token.start))
        self._add(Atom("N", text, token.start, last if units else end, value, units))
        return after

    def _explained(self, end: int, units: tuple[str, ...]) -> int:
        """Return where a unit ends that stands again in brackets (`kilograms per square metre (kg/m2)`)."""
        if not units or self.folded[end : end + 2] not in (" (", " ["):
            return end
        after, again = unit_after(self.folded, end + 2, len(self.folded))
        closed = bool(again) and self.folded[after : after + 1] in (")", "]")
        return after + 1 if closed and set(again) & set(units) else end

    def _signed(self) -> bool:
        """Return whether a word of comparison stands before what comes."""
        return any(atom.kind in "OBR" for atom in self.result[-2:])

    def _word(self, index: int) -> int:
        """Take a number in words, a Roman numeral, a sign or any other word; return the index after it."""
        token = self.found[index]
        if token.kind == "word" and token.text in _ROMAN:
            written = self.plain[token.start : token.end]
            roman = written.isupper() or written in ("l", "ll", "lll") or written[0] in "ⅰⅱⅲⅳ"
            self._add(Atom("N" if roman else "W", token.text, token.start, token.end, _ROMAN[token.text], (), roman))
        elif token.text in _HALVED and self._of_class(token):
            self._add(Atom("N", token.text, token.start, token.end, _HALVED[token.text], (), roman=True))
        elif token.kind == "word" and token.text in _NUMBERS:
            self._number_word(token)
        elif token.text == "-":
            self._add(Atom("R", "-", token.start, token.end))
        elif token.kind == "other":
            ends = token.text in ";.•" and (token.text != "." or _ends_sentence(self.plain, token.end))
            kind = "." if ends else "W" if token.text in ";.•" else token.text
            self._add(Atom(kind, token.text, token.start, token.end))
        else:
            self._add(Atom("W", token.text, token.start, token.end))
        return index + 1

    def _of_class(self, token: Token) -> bool:
        """Return whether half a class is named as such (`NYHA IIIb`); a bound at a half is none at the class."""
        near = self.result[-4:]
        named = any(atom.kind == "M" and atom.text == "nyha" for atom in near)
        bounded = any(atom.kind in "OB" for atom in near[-2:])
        return named and not bounded and self.plain.startswith("III", token.start)

    def _number_word(self, token: Token) -> None:
        value, end = _NUMBERS[token.text], token.end
        compound = _COMPOUND.match(self.folded, end)
        if value >= 20 and compound:
            value, end = value + _NUMBERS[compound[1]], compound.end()
        half = _HALF.match(self.folded, end)
        if half:
            value, end = value + 0.5, half.end()
        last, units = unit_after(self.folded, end, len(self.folded))
        if not units and _MANY_TIMES.match(self.folded, end):
            last, units = end, ("other",)
        self._add(Atom("N", token.text, token.start, last if units else end, value, units))


def _value(text: str) -> float:
    """Return a number in digits: a comma groups three digits, or is the decimal point."""
    written = text.replace("·", ".")
    whole, comma, rest = written.partition(",")
    return float(f"{whole}.{rest}" if comma and len(rest) != 3 and "," not in rest else written.replace(",", ""))


def _ends_sentence(plain: str, end: int) -> bool:
    following = plain[end : end + 3].lstrip()
    upper = not following or following[0].isupper() or following[0].isdigit()
    return end >= len(plain) or (plain[end].isspace() and upper)


def _repeated(folded: str, found: list[Atom]) -> list[Atom]:
    """Return the atoms with numbers said twice (`three (3) years`) as one."""
    result: list[Atom] = []
    index, size = 0, len(found)
    while index < size:
        atom = found[index]
        if atom.kind == "N" and index + 3 < size and found[index + 1].kind == "(" and found[index + 3].kind == ")":
            again = found[index + 2]
            if again.kind == "N" and again.number == atom.number and not again.units:
                last = found[index + 3].end
                end, units = unit_after(folded, last, len(folded))
                past = end if units else last
                result.append(Atom("N", atom.text, atom.start, past, atom.number, units or atom.units))
                index += 4
                while index < size and found[index].start < past:
                    index += 1
                continue
        result.append(atom)
        index += 1
    return result


def atoms(plain: str, folded: str, found: Sequence[Token]) -> list[Atom]:
    """Return the atoms of the tokens of a criterion; `folded` is `plain` in small letters."""
    return _Builder(plain, folded, found).build()
