"""Facets of trials: their values with labels and aliases, and how many trials have each."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FILE_NAME: Final = "trials.sqlite"
FACETS_NAME: Final = "trials.facets"
MOST_VALUES: Final = 12
"""Values of a facet on the page; the chosen ones are always there."""
Integers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value of a facet, and how many trials there would be with it."""

    value: str
    label: str
    trials: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """A facet with the counts of its values, most frequent first; `more` counts those that are not shown."""

    name: str
    title: str
    values: tuple[ValueCount, ...]
    more: int


@dataclass(frozen=True, slots=True)
class FacetArrays:
    """One facet: the values of each trial, and the trials of each value."""

    number: int
    name: str
    title: str
    starts: Integers
    values: Integers
    inverse_starts: Integers
    trials: Integers

    def counts(self, among: Integers) -> NDArray[np.int64]:
        """Return for each value how many of the trials have it; of most trials, by those that are not among them."""
        size = len(self.starts) - 1
        if 2 * len(among) > size:
            others = np.ones(size, dtype=np.bool_)
            others[among] = False
            return np.diff(self.inverse_starts) - self._counted(np.flatnonzero(others))
        return self._counted(among)

    def _counted(self, among: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        sizes = self.starts[among + 1] - self.starts[among]
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[among] - (ends - sizes), sizes)
        return np.bincount(self.values[places], minlength=len(self.inverse_starts) - 1)

    def members(self, value: int) -> Integers:
        """Return the trials that have a value."""
        return self.trials[self.inverse_starts[value] : self.inverse_starts[value + 1]]


class FacetValues:
    """The facets of the index of one release, opened for reading; any thread may ask them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._arrays: Integers = np.memmap(folder / FACETS_NAME, dtype="<i4", mode="r")

    @cached_property
    def size(self) -> int:
        """How many trials there are."""
        with closing(open_index(self._path)) as index:
            return int(index.execute("SELECT count(*) FROM trial").fetchone()[0])

    def value_counts(self) -> dict[str, int]:
        """Return by name of facet how many of its values some trial has."""
        return {facet.name: int(np.count_nonzero(np.diff(facet.inverse_starts))) for facet in self.facets}

    def same(self, facet: str, value: str) -> tuple[str, ...]:
        """Return a value and all that it is called too."""
        return (value, *(alias for alias, known in self._aliases.get(facet, {}).items() if known == value))

    def label(self, facet: str, value: str) -> str:
        """Return the label of a value, the value itself when it is not there."""
        found = self._values(facet).get(value)
        return found[1] if found else value

    def named(self, facet: str, text: str) -> str:
        """Return the value of a facet that has this label or alias, whatever its capitals; empty when none has."""
        names = {label.casefold(): value for value, label in self._listed.get(facet, ())}
        names |= {alias.casefold(): value for alias, value in self._aliases.get(facet, {}).items()}
        return names.get(text.casefold(), "")

    def names(self, facet: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the values of a facet, each with its label and all that it is called too."""
        aliases: dict[str, list[str]] = {}
        for alias, value in self._aliases.get(facet, {}).items():
            aliases.setdefault(value, []).append(alias)
        return [(value, (label, *aliases.get(value, ()))) for value, label in self._listed.get(facet, ())]

    def labelled(self, facet: str, words: str) -> list[tuple[str, str]]:
        """Return the values, with labels, that have words in their label, whatever their capitals."""
        return [each for each in self._listed.get(facet, ()) if words.casefold() in each[1].casefold()]

    def value_of(self, facet: str, text: str) -> str:
        """Return the value of a facet that a text is or reads as; the text itself where there is none."""
        return text if text in self._values(facet) else self.named(facet, text) or text

    def of_trial(self, trial: int) -> dict[str, tuple[str, ...]]:
        """Return the labels of a trial's values by name of facet."""
        return {
            facet.name: tuple(
                self._listed[facet.name][int(value)][1]
                for value in facet.values[facet.starts[trial] : facet.starts[trial + 1]]
            )
            for facet in self.facets
        }

    def crossed(self, found: Integers, one: str, other: str) -> dict[tuple[str, str], int]:
        """Return how many of some trials have a value of each of two facets, by the labels of both."""
        first, second = self._facet(one), self._facet(other)
        among = np.zeros(self.size, dtype=np.bool_)
        among[found] = True
        counted: dict[tuple[str, str], int] = {}
        for at, (_, label) in enumerate(self._listed[one]):
            members = first.members(at)
            counts = second.counts(members[among[members]])
            counted |= {(label, self._listed[other][int(to)][1]): int(counts[to]) for to in np.flatnonzero(counts)}
        return counted

    def known(self, chosen: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """Return choices by name of facet, each value once and by the name that stands for all that it is called."""
        names = {facet.name for facet in self.facets}
        return {
            name: tuple(dict.fromkeys(self._aliases[name].get(value, value) for value in values))
            for name, values in chosen.items()
            if values and name in names
        }

    def mask(self, name: str, values: Sequence[str]) -> Flags:
        """Return which trials have one of the values of a facet."""
        mask = np.zeros(self.size, dtype=np.bool_)
        for value in values:
            known = self._values(name).get(value)
            if known:
                mask[self._facet(name).members(known[0])] = True
        return mask

    def counted(
        self, facet: FacetArrays, hits: Integers, masks: Mapping[str, Flags], found: Integers, chosen: Sequence[str]
    ) -> FacetCounts:
        """Return the counts of a facet: of the trials that its own choice does not narrow, as a choice widens it."""
        among = narrowed(hits, masks, facet.name) if facet.name in masks else found
        counts = facet.counts(among)
        order = np.argsort(-counts, kind="stable")[:MOST_VALUES]
        listed = self._listed[facet.name]
        picked = [self._values(facet.name)[value][0] for value in chosen if value in self._values(facet.name)]
        shown = list(dict.fromkeys([*picked, *(int(at) for at in order if counts[at])]))
        values = tuple(ValueCount(*listed[at], int(counts[at]), at in picked) for at in shown)
        return FacetCounts(facet.name, facet.title, values, max(0, int(np.count_nonzero(counts)) - len(shown)))

    @cached_property
    def facets(self) -> tuple[FacetArrays, ...]:
        """The facets in the order of a page."""
        with closing(open_index(self._path)) as index:
            rows = index.execute("SELECT * FROM facet ORDER BY number").fetchall()
            sizes = dict(index.execute("SELECT facet, count(*) FROM value GROUP BY facet"))
        made = []
        for number, name, title, *places in rows:
            starts = self.slice(places[0], self.size + 1)
            inverse = self.slice(places[2], sizes.get(number, 0) + 1)
            values, trials = self.slice(places[1], int(starts[-1])), self.slice(places[3], int(inverse[-1]))
            made.append(FacetArrays(number, name, title, starts, values, inverse, trials))
        return tuple(made)

    @cached_property
    def _known(self) -> dict[str, dict[str, tuple[int, str]]]:
        names = {facet.number: facet.name for facet in self.facets}
        known: dict[str, dict[str, tuple[int, str]]] = {name: {} for name in names.values()}
        with closing(open_index(self._path)) as index:
            for facet, number, value, label in index.execute("SELECT facet, number, value, label FROM value"):
                known[names[facet]][value] = (number, label)
        return known

    @cached_property
    def _aliases(self) -> dict[str, dict[str, str]]:
        """Return by facet the value that stands for each alias; an older release has none."""
        known: dict[str, dict[str, str]] = {facet.name: {} for facet in self.facets}
        names = {facet.number: facet.name for facet in self.facets}
        with closing(open_index(self._path)) as index:
            if index.execute("SELECT 1 FROM sqlite_master WHERE name = 'alias'").fetchone():
                for facet, alias, number in index.execute("SELECT facet, alias, number FROM alias"):
                    known[names[facet]][alias] = self._listed[names[facet]][number][0]
        return known

    def _values(self, facet: str) -> dict[str, tuple[int, str]]:
        return self._known.get(facet, {})

    @cached_property
    def _listed(self) -> dict[str, list[tuple[str, str]]]:
        return {
            name: [(value, label) for value, (_, label) in sorted(known.items(), key=lambda item: item[1][0])]
            for name, known in self._known.items()
        }

    def _facet(self, name: str) -> FacetArrays:
        return next(facet for facet in self.facets if facet.name == name)

    def slice(self, place: int, length: int) -> Integers:
        """Return a piece of the array file."""
        return self._arrays[place : place + length]


def narrowed(hits: Integers, masks: Mapping[str, Flags], but: str = "") -> Integers:
    """Return the trials that every mask has, but that of one facet."""
    for name, mask in masks.items():
        if name != but:
            hits = hits[mask[hits]]
    return hits


def open_index(path: Path) -> sqlite3.Connection:
    """Open the index for one question."""
    # A release never changes, so nothing need be locked; a connection for each question is cheap then.
    return sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
