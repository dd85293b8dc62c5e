"""Search for trials by words and facets, in the index of `release/trial_index.py`.

Everything is counted in arrays, so that half a million trials are narrowed and counted in milliseconds.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trialgraph.resource.search_terms import search_terms
from trialgraph.store import Release
from trialgraph.web.context.nearest_word import nearest_word
from trialgraph.web.context.search_phrases import LONGEST_TEXT, without_phrases

FILE_NAME: Final = "trials.sqlite"
FACETS_NAME: Final = "trials.facets"
ON_A_PAGE: Final = 25
MOST_VALUES: Final = 12
"""Values of a facet on the page; the chosen ones are always there."""
SORTS: Final = ("relevance", "newest", "start", "enrollment")
_MOST_WORDS: Final = 16
_SAY_NOTHING: Final = frozenset(
    "about an and are by for from in into of on or that the to trial study which who with".split()
)
"""Terms that people write between others; each is in so many texts, or so few, that it finds nothing more."""
_NEAREST: Final = "title intervention condition"
"""Columns in which words say what a trial is about; those of a sponsor's name do not."""
Integers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as a list shows it."""

    nct: str
    title: str
    start: str
    enrollment: int | None
    sponsor: str
    values: Mapping[str, tuple[str, ...]]
    """Labels by name of facet."""


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
class TrialQuery:
    """Words, values by name of facet (any of one facet, each of several), an order, and a page from 1."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1


@dataclass(frozen=True, slots=True)
class TrialList:
    """What was found."""

    total: int
    rows: tuple[TrialRow, ...]
    facets: tuple[FacetCounts, ...]
    text: str
    """The words that were searched for, after what was understood as a filter was taken out."""
    chosen: Mapping[str, tuple[str, ...]]
    corrected: Mapping[str, str]
    """Words that no trial has, each with the one that was searched for instead."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A query as it was understood, and the trials that fit it."""

    text: str
    chosen: Mapping[str, tuple[str, ...]]
    corrected: Mapping[str, str]
    hits: Integers
    nearest: Integers
    masks: Mapping[str, Flags]
    found: Integers


@dataclass(frozen=True, slots=True)
class _Facet:
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
        return self.trials[self.inverse_starts[value] : self.inverse_starts[value + 1]]


class TrialIndex:
    """The index of one release, opened for reading; any thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._arrays: Integers = np.memmap(folder / FACETS_NAME, dtype="<i4", mode="r")
        self._hits = lru_cache(maxsize=64)(self._find)

    @cached_property
    def size(self) -> int:
        """How many trials there are."""
        with closing(self._open()) as index:
            return int(index.execute("SELECT count(*) FROM trial").fetchone()[0])

    def value_counts(self) -> dict[str, int]:
        """Return by name of facet how many of its values some trial has."""
        return {facet.name: int(np.count_nonzero(np.diff(facet.inverse_starts))) for facet in self._facets}

    def search(self, query: TrialQuery, on_a_page: int = ON_A_PAGE, *, found_alone: bool = False) -> TrialList:
        """Return the trials that have all the words and a chosen value of each facet, and what narrows them more.

        A facet with a choice is counted as if that were not made, since one more value of it widens the list; with
        `found_alone` it is counted among what was found, like the others.
        """
        read = self._read(query)
        open_ = {} if found_alone else read.masks
        facets = tuple(
            self._counted(facet, read.hits, open_, read.found, read.chosen.get(facet.name, ()))
            for facet in self._facets
        )
        start = (query.page - 1) * on_a_page
        rows = self._rows(self._in_order(read.found, read.nearest, query.sort)[start : start + on_a_page])
        return TrialList(len(read.found), rows, facets, read.text, read.chosen, read.corrected)

    def described(self, numbers: Sequence[str]) -> dict[str, TrialRow]:
        """Return what a list shows of trials, by number; those that are not here are left out."""
        with closing(self._open()) as index:
            asked = f"SELECT id FROM trial WHERE nct IN ({','.join('?' * len(numbers))})"  # noqa: S608 - marks alone
            found = [row[0] for row in index.execute(asked, numbers)]
        return {row.nct: row for row in self._rows(np.array(found, dtype=np.int32))}

    def fewer(self, query: TrialQuery) -> dict[str, int]:
        """Return texts with one word less than one that finds nothing, and how many trials each finds, most first.

        Where all of the rest find nothing either, none is returned; the words are those that are left when filters
        are taken out, so that the rest can be asked for with the same filters.
        """
        words = self._read(query).text.split()[:_MOST_WORDS]
        texts = {" ".join((*words[:at], *words[at + 1 :])) for at in range(len(words))} if len(words) > 1 else set()
        counts = {text: len(self._read(replace(query, text=text)).found) for text in texts}
        return dict(sorted(((text, n) for text, n in counts.items() if n), key=lambda item: (-item[1], item[0])))

    def numbers(self, query: TrialQuery, most: int) -> tuple[str, ...] | None:
        """Return the numbers of the trials that the words find, or that filters leave of them; None beyond `most`."""
        read = self._read(query)
        trials = next((each for each in (read.hits, read.found) if len(each) <= most), None)
        if trials is None:
            return None
        with closing(self._open()) as index:
            asked = ",".join(str(trial) for trial in trials)
            rows = index.execute(f"SELECT nct FROM trial WHERE id IN ({asked}) ORDER BY id")  # noqa: S608 - integers
            return tuple(row[0] for row in rows)

    def crossed(self, query: TrialQuery, one: str, other: str) -> dict[tuple[str, str], int]:
        """Return how many of the trials found have a value of each of two facets, by the labels of both."""
        found = self._read(query).found
        first, second = (next(facet for facet in self._facets if facet.name == name) for name in (one, other))
        among = np.zeros(self.size, dtype=np.bool_)
        among[found] = True
        counted: dict[tuple[str, str], int] = {}
        for at, (_, label) in enumerate(self._listed[one]):
            members = first.members(at)
            counts = second.counts(members[among[members]])
            counted |= {(label, self._listed[other][int(to)][1]): int(counts[to]) for to in np.flatnonzero(counts)}
        return counted

    def _read(self, query: TrialQuery) -> "_Read":
        text, understood = without_phrases(query.text)
        names = {facet.name for facet in self._facets}
        chosen = {name: tuple(values) for name, values in query.chosen.items() if values and name in names}
        for name, values in understood.items():
            chosen[name] = (*chosen.get(name, ()), *values)
        chosen = {
            name: tuple(dict.fromkeys(self._aliases[name].get(value, value) for value in values))
            for name, values in chosen.items()
        }
        terms = _telling(dict.fromkeys(search_terms(text[:LONGEST_TEXT])))[:_MOST_WORDS]
        corrected: dict[str, str] = {}
        hits, nearest = self._hits(terms)
        if terms and not len(hits):  # a word that is not whole yet, then one that is misspelt
            hits, nearest = self._hits((*terms[:-1], terms[-1] + "*"))
        if terms and not len(hits):
            terms, corrected = self._corrected(text)
            hits, nearest = self._hits(terms) if corrected else (hits, nearest)
        masks = {name: self._mask(name, values) for name, values in chosen.items()}
        return _Read(text, chosen, corrected, hits, nearest, masks, self._narrowed(hits, masks))

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

    def value_of(self, facet: str, text: str) -> str:
        """Return the value of a facet that a text is or reads as; the text itself where there is none."""
        return text if text in self._values(facet) else self.named(facet, text) or text

    # ---- words ----

    def _find(self, terms: tuple[str, ...]) -> tuple[Integers, Integers]:
        """Return the trials that have all the terms, and those that have them where it says what they are about."""
        if not terms:
            everything = np.arange(self.size, dtype=np.int32)
            return everything, everything
        with closing(self._open()) as index:
            matched = " ".join(f'"{term[:-1]}"*' if term.endswith("*") else f'"{term}"' for term in terms)
            every = self._matching(index, matched)
            return every, self._matching(index, f"{{{_NEAREST}}} : ({matched})")

    @staticmethod
    def _matching(index: sqlite3.Connection, matched: str) -> Integers:
        rows = index.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", (matched,))
        return np.fromiter((row[0] for row in rows), dtype=np.int32)

    def _corrected(self, text: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return terms for a text of which nothing was found: words that nobody writes give way to the nearest."""
        corrected: dict[str, str] = {}
        terms: list[str] = []
        with closing(self._open()) as index:
            for word in re.findall(r"[^\s,;()\[\]]+", text[:LONGEST_TEXT])[:_MOST_WORDS]:
                of_word = search_terms(word)
                if of_word and not all(len(self._matching(index, f'"{term}"')) for term in of_word):
                    better = nearest_word(index, word.lower())
                    if better:
                        corrected[word] = better
                        of_word = search_terms(better)
                terms += of_word
        return _telling(dict.fromkeys(terms)), corrected

    # ---- facets ----

    @cached_property
    def _facets(self) -> tuple[_Facet, ...]:
        with closing(self._open()) as index:
            rows = index.execute("SELECT * FROM facet ORDER BY number").fetchall()
            sizes = dict(index.execute("SELECT facet, count(*) FROM value GROUP BY facet"))
        made = []
        for number, name, title, *places in rows:
            starts = self._slice(places[0], self.size + 1)
            inverse = self._slice(places[2], sizes.get(number, 0) + 1)
            values, trials = self._slice(places[1], int(starts[-1])), self._slice(places[3], int(inverse[-1]))
            made.append(_Facet(number, name, title, starts, values, inverse, trials))
        return tuple(made)

    def _slice(self, place: int, length: int) -> Integers:
        return self._arrays[place : place + length]

    @cached_property
    def _known(self) -> dict[str, dict[str, tuple[int, str]]]:
        names = {facet.number: facet.name for facet in self._facets}
        known: dict[str, dict[str, tuple[int, str]]] = {name: {} for name in names.values()}
        with closing(self._open()) as index:
            for facet, number, value, label in index.execute("SELECT facet, number, value, label FROM value"):
                known[names[facet]][value] = (number, label)
        return known

    @cached_property
    def _aliases(self) -> dict[str, dict[str, str]]:
        """Return by facet the value that stands for each alias; an older release has none."""
        known: dict[str, dict[str, str]] = {facet.name: {} for facet in self._facets}
        names = {facet.number: facet.name for facet in self._facets}
        with closing(self._open()) as index:
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

    def _mask(self, name: str, values: Sequence[str]) -> Flags:
        mask = np.zeros(self.size, dtype=np.bool_)
        facet = next(facet for facet in self._facets if facet.name == name)
        for value in values:
            known = self._values(name).get(value)
            if known:
                mask[facet.members(known[0])] = True
        return mask

    @staticmethod
    def _narrowed(hits: Integers, masks: Mapping[str, Flags], but: str = "") -> Integers:
        for name, mask in masks.items():
            if name != but:
                hits = hits[mask[hits]]
        return hits

    def _counted(
        self, facet: _Facet, hits: Integers, masks: Mapping[str, Flags], found: Integers, chosen: Sequence[str]
    ) -> FacetCounts:
        """Return the counts of a facet: of the trials that its own choice does not narrow, as a choice widens it."""
        among = self._narrowed(hits, masks, facet.name) if facet.name in masks else found
        counts = facet.counts(among)
        order = np.argsort(-counts, kind="stable")[:MOST_VALUES]
        listed = self._listed[facet.name]
        picked = [self._values(facet.name)[value][0] for value in chosen if value in self._values(facet.name)]
        shown = list(dict.fromkeys([*picked, *(int(at) for at in order if counts[at])]))
        values = tuple(ValueCount(*listed[at], int(counts[at]), at in picked) for at in shown)
        return FacetCounts(facet.name, facet.title, values, max(0, int(np.count_nonzero(counts)) - len(shown)))

    # ---- rows ----

    def _in_order(self, found: Integers, nearest: Integers, sort: str) -> Integers:
        if sort in {"start", "enrollment"}:
            found = found[np.argsort(self._rankings[sort][found], kind="stable")]
        elif sort == "relevance" and len(nearest) < self.size:
            near = np.isin(found, nearest, assume_unique=True)
            found = np.concatenate([found[near], found[~near]])
        return found

    @cached_property
    def _rankings(self) -> dict[str, Integers]:
        with closing(self._open()) as index:
            return {name: self._slice(place, self.size) for name, place in index.execute("SELECT * FROM ranking")}

    def _rows(self, trials: Integers) -> tuple[TrialRow, ...]:
        asked = [int(trial) for trial in trials]
        query = f"SELECT * FROM trial WHERE id IN ({','.join('?' * len(asked))})"  # noqa: S608
        with closing(self._open()) as index:
            rows = {row[0]: row[1:] for row in index.execute(query, asked)}
        made = []
        for trial in asked:
            nct, title, start, enrollment, sponsor = rows[trial]
            values = {
                facet.name: tuple(
                    self._listed[facet.name][int(value)][1]
                    for value in facet.values[facet.starts[trial] : facet.starts[trial + 1]]
                )
                for facet in self._facets
            }
            count = int(enrollment) if str(enrollment or "").isdecimal() else None
            made.append(TrialRow(nct, title or nct, start or "", count, sponsor or "", values))
        return tuple(made)

    def _open(self) -> sqlite3.Connection:
        # A release never changes, so nothing need be locked; a connection for each question is cheap then.
        return sqlite3.connect(f"{self._path.as_uri()}?mode=ro&immutable=1", uri=True)


def _telling(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the terms without those that say nothing of what is sought, where others are left.

    >>> _telling(["trial", "in", "asthma"]), _telling(["in"])
    (('asthma',), ('in',))
    """
    listed = tuple(terms)
    return tuple(term for term in listed if term not in _SAY_NOTHING) or listed


def trial_index(release: Release) -> TrialIndex | None:
    """Return the index of a release, or None when it was made without one."""
    return _opened(release.path) if (release.path / FACETS_NAME).is_file() else None


@lru_cache(maxsize=4)
def _opened(folder: Path) -> TrialIndex:
    return TrialIndex(folder)
