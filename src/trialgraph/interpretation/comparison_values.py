"""What a criterion says of a value before it is known of which measurement: bounds, units, place.

>>> words = "between 7.0 and 10.0 %, or 18 years and older"
>>> values = Values(atoms(words, words.lower(), tokens(words)))
>>> values.at(0).bounds, values.at(0).units, values.at(6).bounds
([('>=', 7.0), ('<=', 10.0)], ('%',), [('>=', 18.0)])
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from trialgraph.interpretation.comparison_atoms import Atom, atoms, tokens
from trialgraph.interpretation.measurement_terms import ROMAN_SCORES, TIMES

__all__ = ["Constraint", "Values", "atoms", "tokens"]

FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
DENIED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_DAYS: Final = {"a": 365.25, "mo": 30.4, "wk": 7.0, "d": 1.0, "h": 1 / 24}
_BEFORE_NUMBER: Final = frozenset(
    "of to a an the than equal about approximately be is age score class value approx".split()
)
_INCLUSIVE: Final = ("inclusive", "included", "including", "exclusive")


@dataclass(slots=True)
class Constraint:
    """Bounds with their units; `after` is the index of the atom behind, `first` that of the first atom."""

    bounds: list[tuple[str, float]]
    units: tuple[str, ...]
    start: int
    end: int
    after: int
    rule: str
    first: int
    signed: bool = True
    """Whether something says how to compare; a number alone is not."""
    roman: bool = False
    second: float | None = None
    """The lower of a pair (`160/100`), or the upper bound of a range in another unit of time."""
    top: str = "<="
    """The sign at the upper end of a range in two units of time."""
    other: tuple[float, float, tuple[str, ...]] | None = None
    """The same range in another unit, in brackets."""


class Values:
    """Reads values among the atoms of one criterion."""

    def __init__(self, found: Sequence[Atom]) -> None:
        self.atoms = found

    def kind(self, index: int) -> str:
        """Return the kind of an atom, "" beyond the ends."""
        return self.atoms[index].kind if 0 <= index < len(self.atoms) else ""

    def text(self, index: int) -> str:
        """Return the text of an atom, "" beyond the ends."""
        return self.atoms[index].text if 0 <= index < len(self.atoms) else ""

    def at(self, index: int) -> Constraint | None:
        """Return what is said of a value from this atom on, None where nothing is."""
        kind = self.kind(index)
        if kind == "B" or (kind == "W" and self.kind(index + 1) == "N" and self.kind(index + 2) == "R"):
            return self._between(index)
        if kind == "O":
            return self._signed(index)
        return None if kind != "N" or self._labelled(index) else self._bare(index)

    def _labelled(self, index: int) -> bool:
        """Return whether a number is only a name (`grade 2`, `Visit 1-3`), and no class of a score named before."""
        at = index - 1
        if self.kind(at) in ("R", "/", "L") and self.kind(at - 1) == "N":
            at -= 2
        if self.kind(at) != "X":
            return False
        return not any(atom.kind == "M" and atom.text in ROMAN_SCORES for atom in self.atoms[max(0, at - 3) : at])

    def number_at(self, index: int, skip: int = 3) -> int | None:
        """Return the index of the number that stands here, after at most `skip` small words, signs or brackets."""
        for at in range(index, min(index + skip, len(self.atoms))):
            atom = self.atoms[at]
            if atom.kind == "N":
                return at
            small = atom.kind == "W" and atom.text in _BEFORE_NUMBER
            sign = atom.kind in "():A=\"'" or (atom.kind == "R" and atom.text == "to")
            name = atom.kind == "M" and atom.text in ("age", "nyha")
            equal = atom.kind == "L" and atom.text == "or" and self.kind(at + 1) == "="
            if not (small or sign or name or equal):
                return None
        return None

    def past(self, index: int) -> int:
        """Return the index after what only repeats or explains a number: `(3)`, `years of age`, `(inclusive)`."""
        while True:
            kind = self.kind(index)
            if kind == "A" or (kind == "M" and self.text(index) == "age" and self.kind(index - 1) == "N"):
                index += 1
            elif (kind in ("(", "[") and self.kind(index + 1) == "N" and self.kind(index + 2) in (")", "]")) or (
                kind == "(" and self.text(index + 1) in _INCLUSIVE and self.kind(index + 2) == ")"
            ):
                index += 3
            else:
                return index

    # -------------------------------------------------------------------------------- ranges

    def _between(self, index: int) -> Constraint | None:
        """Read `between 18 and 65`, `from 18 to 65`, and the same in another unit in brackets."""
        low = self.number_at(index + 1, 5)
        if low is None:
            return None
        link = self.past(low + 1)
        if self.text(link) == ",":
            link += 1
        while self.text(link) in ("inclusive", "years", "the", "ages", "age") and link < low + 4:
            link += 1
        if self.kind(link) not in ("L", "R"):
            return None
        high = self.number_at(link + (2 if self.kind(link + 1) == "O" else 1), 5)
        if high is None:
            return None
        made = self._range(index, low, high, "between")
        if made is not None and self.kind(link + 1) == "O" and self.text(link + 1) in ("<", "<="):
            made = self._opened(made, self.text(link + 1))
        if made is not None and self._bracketed(low) and self._bracketed(high):
            first, last = self.atoms[low + 2], self.atoms[high + 2]
            if last.units and first.number < last.number:
                made.other, made.after = (first.number, last.number, last.units), high + 4
        return made

    @staticmethod
    def _opened(made: Constraint, sign: str) -> Constraint:
        """Return a range with the sign that stands at its upper end (`between 6 months and < 16 years`)."""
        if len(made.bounds) == 2:
            made.bounds = [made.bounds[0], (sign, made.bounds[1][1])]
        made.top = sign
        return made

    def _bracketed(self, index: int) -> bool:
        return self.kind(index + 1) in ("(", "[") and self.kind(index + 2) == "N"

    def _range(self, index: int, low: int, high: int, rule: str) -> Constraint | None:
        """Return the range of two numbers, None where they make none."""
        first, last = self.atoms[low], self.atoms[high]
        a, b, start = first.number, last.number, self.atoms[index].start
        if first.units and last.units and not set(first.units) & set(last.units):
            if not set(first.units) | set(last.units) <= TIMES:
                return None
            if a * _DAYS.get(first.units[0], 1) >= b * _DAYS.get(last.units[0], 1):
                return None
            made = Constraint([(">=", a)], first.units, start, last.end, high + 1, rule, index)
            made.second = b
            return made
        if a >= b:
            return None
        made = Constraint([(">=", a), ("<=", b)], last.units or first.units, start, last.end, high + 1, rule, index)
        made.roman = first.roman and last.roman
        return made

    # -------------------------------------------------------------------------------- a sign before the number

    def _signed(self, index: int) -> Constraint | None:
        """Read `>= 18`, `at least 18`, `> 18 to 65`, `> 160/100`."""
        op, at = self._operator(index)
        number = self.number_at(at + 1)
        if number is None:
            return None
        before = [atom.text for atom in self.atoms[max(0, index - 2) : index]]
        if before[-1:] == ["not"] or before == ["not", "be"]:
            op = DENIED[op]
        first, start = self.atoms[number], self.atoms[index].start
        after = self.past(number + 1)
        if self.kind(after) == "R" and op in (">", ">="):
            made = self._signed_range(index, op, number, after)
            if made is not None:
                return made
        if self.kind(after) == "P":
            if op in ("<", ">") and self.text(after)[:1] != op:
                return None
            after += op not in ("<", ">")
        if not first.units and self._counts(after):
            return None
        if self.text(after) == "/" and self.kind(after + 1) == "N":
            second = self.atoms[after + 1]
            made = Constraint(
                [(op, first.number)], second.units or first.units, start, second.end, after + 2, "pair", index
            )
            made.second = second.number
            return made
        units = first.units or self._borrowed(after)
        end = max(first.end, self.atoms[after - 1].end)
        return Constraint([(op, first.number)], units, start, end, after, "signed", index, roman=first.roman)

    def _counts(self, index: int) -> bool:
        """Return whether a number tells how many of a list are meant (`at least one of the following`)."""
        words = [self.text(at) for at in range(index, index + 3)]
        return words[:1] == ["following"] or words[:2] in (
            ["of", "the"],
            ["of", "these"],
            ["of", "following"],
            ["the", "following"],
        )

    def _operator(self, index: int) -> tuple[str, int]:
        """Return the operator of the signs that begin here (`> or =`, `at least (>=)`), and the last of them."""
        op = self.text(index)
        wider = {"<": "<=", ">": ">="}.get(op, op)
        if self.kind(index + 1) == "(" and self.kind(index + 2) == "O":
            return op, index + 2
        if self.kind(index + 1) == "O":
            other = self.text(index + 1)
            return (other if other[0] == op[0] and len(op) == 1 else op), index + 1
        if self.kind(index + 1) == "=":
            return wider, index + 1
        if self.text(index + 1) == "or" and self.kind(index + 2) == "=":
            return wider, index + 2
        return op, index

    def _signed_range(self, index: int, op: str, number: int, link: int) -> Constraint | None:
        first = self.atoms[number]
        signed = self.kind(link + 1) == "O"
        high = link + 2 if signed else link + 1
        if self.kind(high) != "N":
            return None
        last = self.atoms[high]
        if first.units and last.units and set(first.units) | set(last.units) <= TIMES and first.units != last.units:
            made = self._range(index, number, high, "range")
            return made if made is None or signed else replace(made, bounds=[(op, first.number)])
        if last.number <= first.number:
            return None
        units = last.units or first.units
        if first.units and not set(first.units) & set(units):
            return None
        top = self.text(link + 1) if signed and self.text(link + 1) in ("<", "<=") else "<="
        bounds = [(op, first.number), (top, last.number)]
        return Constraint(bounds, units, self.atoms[index].start, last.end, high + 1, "signed-range", index)

    def _borrowed(self, after: int) -> tuple[str, ...]:
        """Return the units of the other bound, where only that has them (`>= 18 and < 70 years`)."""
        if self.kind(after) == "L":
            after += 1
        if self.kind(after) != "O":
            return ()
        number = self.number_at(after + 1)
        return self.atoms[number].units if number is not None else ()

    # -------------------------------------------------------------------------------- no sign before the number

    def _bare(self, index: int) -> Constraint | None:
        """Read a number that no sign comes before: `18-65`, `18 or older`, `20% <= LVEF`, `0, 1 or 2`, `III`."""
        first = self.atoms[index]
        after = self.past(index + 1)
        kind = self.kind(after)
        comma = kind == "L" and self.text(after) == "," and self.kind(after + 1) == "P"
        if kind == "P" or comma:
            return self._signed_behind(index, after + comma)
        if kind == "R":
            return self._bare_range(index, after + 1)
        if kind == "O" and self.kind(after + 1) in ("M", "W", "("):
            return self._reversed(index, after)
        if kind == "L" and self.text(after) == "/" and self.kind(after + 1) == "N" and not first.roman:
            return self._pair(index, after + 1)
        if kind == "L" and self.text(after) in ("and", "&") and self._ages(index, after):
            return self._range(index, index, after + 1, "range")
        return self._list(index)

    def _signed_behind(self, index: int, sign: int) -> Constraint | None:
        """Read `18 or older`: the sign stands behind the number."""
        first = self.atoms[index]
        if not first.units and self._counts(sign + 1):
            return None
        bounds, end = [(self.text(sign), first.number)], self.atoms[sign].end
        return Constraint(bounds, first.units, first.start, end, sign + 1, "after", index, roman=first.roman)

    def _bare_range(self, index: int, high: int) -> Constraint | None:
        first = self.atoms[index]
        if self.kind(high) == "O":
            top = self.text(high)
            if self.kind(high + 1) != "N" or top not in ("<", "<=") or self.atoms[high + 1].number <= first.number:
                return None
            last = self.atoms[high + 1]
            bounds = [(">=", first.number), (top, last.number)]
            return Constraint(bounds, last.units or first.units, first.start, last.end, high + 2, "range", index)
        number = self.number_at(high, 2)
        if number is None or self.atoms[number].roman != first.roman:
            return None
        made = self._range(index, index, number, "range")
        return None if made is not None and self.text(made.after) == ">=" and self.kind(made.after) == "P" else made

    def _ages(self, index: int, link: int) -> bool:
        """Return whether two numbers joined by `and` are a range of ages (`ages of 7 and 75 years`)."""
        if self.kind(link + 1) != "N" or self.kind(link + 2) == "P":
            return False
        named = any(atom.kind == "M" and atom.text == "age" for atom in self.atoms[max(0, index - 3) : index])
        return named and bool(set(self.atoms[link + 1].units or ("a",)) & {"a", "mo"})

    def _reversed(self, index: int, sign: int) -> Constraint | None:
        """Read `20% <= LVEF <= 40%`: the sign is turned, the measurement follows."""
        first = self.atoms[index]
        for at in range(sign + 1, min(sign + 3, len(self.atoms))):
            if self.kind(at) == "M":
                bounds = [(FLIPPED[self.text(sign)], first.number)]
                return Constraint(bounds, first.units, first.start, self.atoms[at].end, sign + 1, "reversed", index)
            if self.kind(at) not in "W(":
                break
        return None

    def _pair(self, index: int, at: int) -> Constraint:
        first, second = self.atoms[index], self.atoms[at]
        made = Constraint(
            [("=", first.number)],
            second.units or first.units,
            first.start,
            second.end,
            at + 1,
            "pair",
            index,
            signed=False,
        )
        made.second = second.number
        if self.kind(made.after) == "P":
            made.bounds, made.signed, made.after = [(self.text(made.after), first.number)], True, made.after + 1
        return made

    def _list(self, index: int) -> Constraint:
        """Read one class or several: `III`, `0, 1 or 2`, `II/III`."""
        first = last = self.atoms[index]
        values, at = [first.number], index + 1
        while self.kind(at) in ("L", "R"):
            step = at + 1 + (self.kind(at + 1) == "L")
            step += self.text(step) in ("class", "grade", "ambulatory")
            if self.kind(step) != "N" or self.atoms[step].units or self.atoms[step].roman != first.roman:
                break
            if self.kind(step + 1) == "P":
                break
            last = self.atoms[step]
            values.append(last.number)
            at = step + 1
        bounds = [("=", first.number)] if len(set(values)) == 1 else [(">=", min(values)), ("<=", max(values))]
        return Constraint(
            bounds, last.units, first.start, last.end, at, "class", index, signed=False, roman=first.roman
        )
