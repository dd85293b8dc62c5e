"""Comparisons of a criterion: a measurement, an operator, one or two values and a unit, as written.

Measurements, words of comparison and units are tables (`data/lexicons/measurements.tsv`, `comparators.tsv`,
`measurement_units.tsv`). A value is coded only where its measurement is named, its unit is one that the
measurement has, and it lies in the range that the table believes.

>>> found = comparisons("Platelets >= 100 x 10^9/L; AST and ALT < 2.5 x ULN")
>>> [(each.what, each.op, each.low, each.high, each.unit) for each in found]
[('platelets', '>=', 100.0, None, '10*9/L'), ('ast', '<', None, 2.5, '[ULN]'), ('alt', '<', None, 2.5, '[ULN]')]
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.comparison_atoms import Atom, atoms
from trialgraph.interpretation.comparison_values import Constraint, Values
from trialgraph.interpretation.criterion_tokenizer import tokens
from trialgraph.interpretation.measured_units import unit_after
from trialgraph.interpretation.measurement_terms import ROMAN_SCORES, TIMES, measurements
from trialgraph.interpretation.unnamed_ages import AFTER_AGE, UnnamedAges
from trialgraph.interpretation.value_class import value_class

_CENTILE: Final = re.compile(r"\s?-?(?:st|nd|rd|th)?\s?-?(?:per)?centiles?\b|\s?(?:sd|standard deviations?)\b")
"""What makes a number a place among the values of others, which is no value of the measurement."""
_PRESSURES: Final = ("bp", "systolic-bp", "diastolic-bp")
_LIMITS: Final = frozenset(("[ULN]", "[LLN]"))
_COMMON: Final = TIMES | {"%", "{score}", "1", "kg", "g", "mm", "cm", "s", "mg", "mL", "L"}
"""Units that many things have, so that the value must stand near its measurement."""
_WINDOW_WORDS: Final = frozenset("for within after since during every past last previous prior".split())
_NOT_AHEAD: Final = frozenset("with and who without if at after before within due despite from".split())
_SHARED: Final = 40
"""Characters within which a unit behind a value is that of the value before it too."""
_FAR: Final = 80
"""Atoms beyond which nothing belongs together; keeps the time linear."""
_HIGHEST: Final = {"pain-score": (10, 100)}
"""Highest points of a score that has several, written behind a value (`4/10`)."""
_SCALES: Final = ("karnofsky", "lansky")
_NEVER_ALONE: Final = ("pain-score", "phq-9", "hamd", "madrs", "das28", "pd-l1", "lansky", "mrs", "edss")
"""Scores that a single number beside their name does not mean (version, item, year)."""


@value_class(frozen=True, slots=True)
class Comparison:
    """One entry: `start` and `end` are positions in the plain text."""

    what: str
    op: str
    low: float | None
    high: float | None
    unit: str | None
    start: int
    end: int
    rule: str


class Reader:
    """Reads the comparisons of one criterion; `context` holds measurements named by the headings above it."""

    def __init__(self, plain: str, found: Sequence[Atom], context: Sequence[str] = ()) -> None:
        self.plain = plain
        self.folded = plain.lower()
        self.atoms = found
        self.values = Values(found)
        self.ages = UnnamedAges(plain, self.values)
        self.context = list(context)
        self.result: list[Comparison] = []
        self.seen: dict[tuple[str, str, float | None, float | None], set[str | None]] = {}
        self.taken: list[tuple[int, int]] = []
        """Where values are that were read."""
        self.group: list[int] = []
        """Indices of the measurements that were named last, together."""
        self.consumed = -1
        """Index after the last value of the group."""
        self.last_op = ""
        self.aged = 0
        """Index after the last age that was read without the word."""

    def read(self) -> None:
        """Read all comparisons into `result`."""
        index, size = 0, len(self.atoms)
        while index < size:
            atom = self.atoms[index]
            if atom.kind == "M":
                self._grow(index)
            elif atom.kind == ".":
                if atom.text == "." or self.values.kind(index + 1) != "O":
                    self.group, self.consumed = [], -1
            elif atom.kind in "BON" or (atom.kind == "W" and atom.text == "from"):
                constraint = self.values.at(index)
                if constraint is not None:
                    index = max(index + 1, self._take(constraint))
                    continue
            index += 1
        self._share_units()

    def _share_units(self) -> None:
        """Give a value without a unit that of the next of the same measurement (`< 100/60 or > 180/100 mmHg`)."""
        for at, entry in enumerate(self.result):
            if entry.unit is not None:
                continue
            for later in self.result[at + 1 : at + 4]:
                same = later.what == entry.what or {later.what, entry.what} <= set(_PRESSURES)
                near = later.start - entry.end < _SHARED
                if same and near and later.unit is not None and later.unit not in TIMES:
                    self.result[at] = replace(entry, unit=later.unit)
                    break

    def _take(self, constraint: Constraint) -> int:
        """Add what a value says, if its measurement is found; return the index to go on from."""
        placed = not constraint.units and _CENTILE.match(self.folded, constraint.end)
        used = None if placed else self._attach(constraint)
        if used is None:
            return constraint.after
        self.group = used or self.group
        self.consumed = max(constraint.after, self.group[-1] + 1 if self.group else 0)
        ops = [op for op, _ in constraint.bounds]
        self.last_op = ops[0] if len(ops) == 1 and ops[0] != "=" else ""
        self.taken.append((constraint.start, constraint.end))
        return max(constraint.after, used[-1] + 1) if used else constraint.after

    def _grow(self, index: int) -> None:
        """Take a measurement: into the group if nothing but links and brackets is between, else as a new one."""
        if self.group and self.consumed <= self.group[-1]:
            between = self.atoms[self.group[-1] + 1 : index]
            light = sum(atom.kind == "W" for atom in between)
            linked = any(atom.kind in "L()/[" for atom in between)
            broken = any(atom.kind in "NOPB.X" for atom in between)
            if light <= 4 and not broken and (not light or linked):
                self.group = [*self.group, index]
                return
        self.group, self.consumed = [index], -1

    # -------------------------------------------------------------------------------- which measurement

    def _attach(self, constraint: Constraint) -> list[int] | None:
        """Find the measurement of a value and add the entries; return the group that it used, None if none."""
        ahead = self._ahead(constraint)
        if not constraint.signed and self._inherits(constraint):
            constraint.bounds = [(self.last_op, constraint.bounds[0][1])]
            constraint.signed, constraint.rule = True, "inherited"
        if not constraint.units and ahead is not None and constraint.second is None:
            constraint.units = unit_after(self.folded, self.atoms[ahead].end, len(self.plain))[1]
        if ahead is not None and self._prefers_ahead(constraint, ahead):
            listed = self._listed(ahead)
            if self._add(constraint, listed):
                return listed
        if self._aged(constraint) and self._add_codes(constraint, ["age"]):
            return []
        if self.group and self._near(constraint) and self._add(constraint, self.group):
            if self.atoms[self.group[-1]].text in _SCALES:
                self._performance(constraint)
            return self.group
        if self.ages.holds(constraint) and self._add_codes(constraint, ["age"]):
            self.aged = constraint.after
            return []
        if ahead is not None and self._add(constraint, listed := self._listed(ahead)):
            return listed
        return [] if self._without_name(constraint) or self._performance(constraint) else None

    def _performance(self, constraint: Constraint) -> bool:
        """Add a score of performance to the scales named before (`Lansky (children) or Karnofsky score ≥ 70`)."""
        if not self.group or self.atoms[self.group[-1]].text not in ("ecog", *_SCALES):
            return False
        read = {entry.what for entry in self.result}
        before = self.atoms[max(0, constraint.first - _FAR // 2) : constraint.first]
        scales = [atom.text for atom in before if atom.kind == "M" and atom.text in _SCALES and atom.text not in read]
        return constraint.signed and self._add_codes(constraint, scales)

    def _without_name(self, constraint: Constraint) -> bool:
        """Add a value that a heading, or its unit alone, gives a measurement."""
        if not self.group and self.context and constraint.first <= 3 and self._add_codes(constraint, self.context):
            return True
        if constraint.rule == "pair" and not self.group and self._add_codes(constraint, []):
            return True
        return "kg/m2" in constraint.units and self._add_codes(constraint, ["bmi"])

    def _aged(self, constraint: Constraint) -> bool:
        """Return whether it bounds an age read before, or says age itself (`between the ages of`)."""
        between = self.atoms[self.aged : self.aged + 4] if constraint.first - self.aged <= 3 else []
        between = between[: constraint.first - self.aged]
        timed = bool(set(constraint.units or ("a",)) & TIMES)
        follows = constraint.first - self.aged <= 3 and all(atom.kind in "L(A" for atom in between)
        if self.aged and not self.group and constraint.signed and timed and follows:
            self.aged = constraint.after
            return True
        if constraint.rule == "between" and "age" in self.atoms[constraint.first].text:
            return True
        if constraint.second is not None and timed and not self.group and self._says_age(constraint.after):
            return True
        inside = self.atoms[constraint.first : constraint.after]
        named = any(atom.kind == "M" and atom.text == "age" for atom in inside)
        return constraint.rule == "signed" and not self.group and named

    def _says_age(self, index: int) -> bool:
        """Return whether `of age` stands at an atom, behind a range in two units (`6 months to 5 years of age`)."""
        return index < len(self.atoms) and self.atoms[index].kind == "A"

    def _inherits(self, constraint: Constraint) -> bool:
        """Return whether a number without a sign is the same limit in other units or cases (`(5 x ULN if ...)`)."""
        if not self.group or self.consumed <= self.group[-1] or not self.last_op or len(constraint.bounds) != 1:
            return False
        if not constraint.units or set(constraint.units) & (TIMES | {"{score}"}):
            return False
        between = self.atoms[self.consumed : min(constraint.first, self.consumed + _FAR)]
        if set(constraint.units) & _LIMITS:
            marked = any(atom.kind in "([L" or atom.text == ";" for atom in between)
            return marked and sum(atom.kind == "W" for atom in between) <= 12
        if len(between) > 1 and any(atom.kind == "Q" for atom in between):
            return all(atom.kind in "QL()" or atom.text in ("for", "in") for atom in between)
        return len(between) == 1 and (between[0].kind in "([=" or between[0].text in ("/", "or"))

    def _ahead(self, constraint: Constraint) -> int | None:
        """Return the index of a measurement named just after the value."""
        allowed = 7 if constraint.rule == "reversed" else 5
        for index in range(constraint.after, min(constraint.after + allowed, len(self.atoms))):
            atom = self.atoms[index]
            if atom.kind == "M":
                return index
            limit = atom.kind in "[]()" and bool(set(constraint.units) & _LIMITS)
            if atom.text != "/" and not limit and (atom.kind not in "WA(" or atom.text in _NOT_AHEAD):
                return None
        return None

    def _listed(self, ahead: int) -> list[int]:
        """Return the measurements listed from here on, up to one that has a value of its own."""
        listed, at = [ahead], ahead + 1
        while at < min(len(self.atoms), ahead + 24):
            atom = self.atoms[at]
            if atom.kind == "M":
                following = next((one for one in self.atoms[at + 1 : at + 4] if one.kind not in "WM)]"), None)
                if following is not None and following.kind in "ONB":
                    break
                listed.append(at)
            elif atom.kind not in "L()[]":
                break
            at += 1
        return listed

    def _prefers_ahead(self, constraint: Constraint, ahead: int) -> bool:
        """Return whether a measurement after the value wins: none before it is left, or it follows at once."""
        if constraint.rule == "reversed":
            return True
        target = self.atoms[ahead].text
        between = self.atoms[constraint.after : ahead]
        close = sum(atom.kind not in "[])" and atom.text not in ("uln", "lln") for atom in between)
        timed = bool(set(constraint.units) & TIMES)
        if not self.group or self.consumed > self.group[-1]:
            return close <= 3 and (target != "age" or timed)
        if target in _PRESSURES and any(self.atoms[each].text == "bp" for each in self.group):
            return close <= 1
        if target in ("age", "gestational-age", "life-expectancy") and close <= 1:
            return timed and self.atoms[self.group[-1]].text not in ("age", "gestational-age", "life-expectancy")
        return False

    def _near(self, constraint: Constraint) -> bool:  # noqa: PLR0911
        """Return whether the group is near enough to be what the value is of."""
        units = set(constraint.units)
        if constraint.first - max(self.group[-1], self.consumed) > _FAR:
            return False
        between = self.atoms[max(self.group[-1], self.consumed - 1) + 1 : constraint.first]
        words = sum(atom.kind in "WXCQ" for atom in between)
        texts = {atom.text for atom in between}
        timed = bool(units & TIMES)
        if between and between[-1].kind == "X" and self.atoms[self.group[-1]].text not in ROMAN_SCORES:
            return False
        if self._changes(constraint) and not units & _LIMITS:
            return False
        if units and not units & _COMMON:
            return words <= 32
        if self.consumed > self.group[-1]:
            if constraint.signed and len(between) <= 2 and all(atom.kind in "L(" for atom in between):
                return True
            lasting = texts & _WINDOW_WORDS and not self._of_people(between)
            return constraint.signed and not timed and words <= 6 and not lasting and not self._counted(constraint)
        if not constraint.signed or timed:
            return words <= 6 and not (timed and texts & _WINDOW_WORDS)
        return words <= (14 if units else 9) and not texts & {"every", "dose"}

    @staticmethod
    def _of_people(between: Sequence[Atom]) -> bool:
        """Return whether the words since the last value only say whose it was (`50 kg for males and`)."""
        return all(atom.kind in "QL" or atom.text == "for" for atom in between) and any(
            atom.kind == "Q" for atom in between
        )

    def _counted(self, constraint: Constraint) -> bool:
        """Return whether a number after an age counts things (`aged 30 to 55 years with minimum 20 teeth`)."""
        following = self.atoms[constraint.after : constraint.after + 1]
        aged = self.atoms[self.group[-1]].text == "age"
        return (
            aged
            and not constraint.units
            and any(atom.kind == "W" and len(atom.text) > 3 and atom.text not in AFTER_AGE for atom in following)
        )

    def _changes(self, constraint: Constraint) -> bool:
        """Return whether a change of the measurement is spoken of (`weight loss`, `increase in creatinine`)."""
        start = max(self.group[-1] + 1, constraint.first - _FAR)
        if any(atom.kind == "C" for atom in self.atoms[start : constraint.first]):
            return True
        before = self.atoms[max(0, self.group[0] - 3) : self.group[0]]
        return any(atom.kind == "C" for atom in before) and any(atom.text in ("in", "of") for atom in before)

    # -------------------------------------------------------------------------------- entries

    def _add(self, constraint: Constraint, group: Sequence[int]) -> bool:
        return self._add_codes(constraint, [self.atoms[each].text for each in group])

    def _add_codes(self, constraint: Constraint, codes: Sequence[str]) -> bool:
        """Add the entries of a value for the measurements that it fits."""
        if constraint.second is not None and constraint.rule == "pair":
            return self._add_pair(constraint, codes)
        added = False
        for code in dict.fromkeys(codes):
            unit = self._unit(constraint, code)
            if unit is None:
                continue
            self._entry(constraint, code, constraint.bounds, unit or None)
            self._in_other_units(constraint, code)
            added = True
        return added

    def _unit(self, constraint: Constraint, code: str) -> str | None:
        """Return the unit of a value of this measurement, "" for none, None where the value is not of it."""
        measurement = measurements().get(code)
        if measurement is None or (constraint.roman and code not in ROMAN_SCORES):
            return None
        unit = measurement.unit(constraint.units, [value for _, value in constraint.bounds])
        if unit is None or constraint.signed:
            return unit
        scored = measurement.scored and constraint.rule == "class"
        fits = scored and (unit == "{score}" or code in ("karnofsky", "lansky"))
        return unit if fits and self._class_fits(code, constraint) else None

    def _in_other_units(self, constraint: Constraint, code: str) -> None:
        """Add a range said in another unit too, and the upper end of one of two units of time."""
        measurement = measurements()[code]
        if constraint.other is not None:
            low, high, units = constraint.other
            another = measurement.unit(units, (low, high))
            if another:
                self._entry(constraint, code, [(">=", low), ("<=", high)], another)
        if constraint.rule in ("between", "range") and constraint.second is not None:
            last = [unit for unit in self.atoms[constraint.after - 1].units if unit in measurement.ranges]
            if last:
                self._entry(constraint, code, [(constraint.top, constraint.second)], last[0])

    def _add_pair(self, constraint: Constraint, codes: Sequence[str]) -> bool:
        """Add both pressures of `160/100 mmHg`."""
        op, first = constraint.bounds[0]
        second = constraint.second or 0.0
        if second in (10, 15, 30, 100) and first <= second:
            constraint.second, constraint.rule = None, "signed" if constraint.signed else "class"
            scores = [code for code in codes if code in measurements() and measurements()[code].scored]
            if scores and second in (_HIGHEST.get(scores[0]) or measurements()[scores[0]].ranges["{score}"][1:]):
                return self._add_codes(constraint, scores)
        named = any(code in _PRESSURES for code in codes)
        if not named and (codes or not constraint.signed or "mm[Hg]" not in constraint.units):
            return False
        if op == "=" or not first > second or not (60 <= first <= 260 and 30 <= second <= 160):
            return False
        unit = "mm[Hg]" if constraint.units else None
        self._entry(constraint, "systolic-bp", [(op, first)], unit)
        self._entry(constraint, "diastolic-bp", [(op, second)], unit)
        return True

    def _class_fits(self, code: str, constraint: Constraint) -> bool:
        """Return whether a number without a sign stands by the name of its score."""
        before = self.atoms[max(0, constraint.first - 6) : constraint.first]
        near = [atom for atom in before if atom.kind == "M" and atom.text == code]
        following = self.atoms[constraint.after : constraint.after + 6]
        if not near and code in ROMAN_SCORES and any(atom.text == "class" for atom in following):
            return any(atom.kind == "M" and atom.text == code for atom in following)
        if not near and code in ROMAN_SCORES:
            return any(atom.text in ("class", "classes", "classification") for atom in before[-2:])
        if not near:
            return bool(self.context)
        if code in _NEVER_ALONE and len(constraint.bounds) == 1:
            return code in ("mrs", "edss") and before[::-1].index(near[-1]) <= 2
        return True

    def _entry(self, constraint: Constraint, code: str, bounds: list[tuple[str, float]], unit: str | None) -> None:
        """Add one entry, or two where a range has an open end."""
        place = constraint.start, constraint.end, constraint.rule
        if [op for op, _ in bounds] == [">=", "<="]:
            self._put(Comparison(code, "range", bounds[0][1], bounds[1][1], unit, *place))
            return
        for op, value in bounds:
            low = value if op in (">", ">=", "=") else None
            high = value if op in ("<", "<=", "=") else None
            self._put(Comparison(code, op, low, high, unit, *place))

    def _put(self, entry: Comparison) -> None:
        key = (entry.what, entry.op, entry.low, entry.high)
        units = self.seen.setdefault(key, set())
        if entry.unit in units or (units and entry.unit is None):
            return
        units.add(entry.unit)
        self.result.append(entry)


def comparisons(plain: str, context: Sequence[str] = ()) -> list[Comparison]:
    """Return the comparisons of one criterion in plain text."""
    reader = Reader(plain, atoms(plain, plain.lower(), tokens(plain)), context)
    reader.read()
    return reader.result
