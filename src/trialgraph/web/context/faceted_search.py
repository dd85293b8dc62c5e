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
from typing import Final

import numpy as np

from trialgraph.resource.search_terms import search_terms
from trialgraph.store import Release
from trialgraph.web.context.country_words import CountryWords, without_ends
from trialgraph.web.context.facet_values import (
    FACETS_NAME,
    FILE_NAME,
    FacetCounts,
    FacetValues,
    Flags,
    Integers,
    narrowed,
    open_index,
)
from trialgraph.web.context.nearest_word import nearest_word
from trialgraph.web.context.search_phrases import LONGEST_TEXT, without_phrases

ON_A_PAGE: Final = 25
SORTS: Final = ("relevance", "newest", "start", "enrollment")
_MOST_WORDS: Final = 16
_SAY_NOTHING: Final = frozenset(
    "about an and are by for from in into of on or that the to trial study which who with".split()
)
"""Terms that people write between others; each is in so many texts, or so few, that it finds nothing more."""
_WRITTEN: Final = re.compile(r"[^\s,;()\[\]]+")
_FEWEST_BESIDE: Final = 2
"""Words of a text from which on one of them may be a slip though it is a word."""
_NEAREST: Final = "title intervention condition"
"""Columns in which words say what a trial is about; those of a sponsor's name do not."""


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


class TrialIndex:
    """The index of one release, opened for reading; any thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self.facets: Final = FacetValues(folder)
        self._countries = CountryWords(self.facets)
        self._hits = lru_cache(maxsize=64)(self._find)

    def search(self, query: TrialQuery, on_a_page: int = ON_A_PAGE, *, found_alone: bool = False) -> TrialList:
        """Return the trials that have all the words and a chosen value of each facet, and what narrows them more.

        A facet with a choice is counted as if that were not made, since one more value of it widens the list; with
        `found_alone` it is counted among what was found, like the others.
        """
        read = self._read(query)
        open_ = {} if found_alone else read.masks
        facets = tuple(
            self.facets.counted(facet, read.hits, open_, read.found, read.chosen.get(facet.name, ()))
            for facet in self.facets.facets
        )
        start = (query.page - 1) * on_a_page
        rows = self._rows(self._in_order(read.found, read.nearest, query.sort)[start : start + on_a_page])
        return TrialList(len(read.found), rows, facets, read.text, read.chosen, read.corrected)

    def described(self, numbers: Sequence[str]) -> dict[str, TrialRow]:
        """Return what a list shows of trials, by number; those that are not here are left out."""
        with closing(open_index(self._path)) as index:
            asked = f"SELECT id FROM trial WHERE nct IN ({','.join('?' * len(numbers))})"  # noqa: S608 - marks alone
            found = [row[0] for row in index.execute(asked, numbers)]
        return {row.nct: row for row in self._rows(np.array(found, dtype=np.int32))}

    def fewer(self, query: TrialQuery) -> dict[str, int]:
        """Return texts with one word less than one that finds nothing, and how many trials each finds, most first.

        Where all of the rest find nothing either, none is returned; the words are those that are left when filters
        are taken out, so that the rest can be asked for with the same filters.
        """
        words = self._read(query).text.split()[:_MOST_WORDS]
        fewer = (without_ends(" ".join((*words[:at], *words[at + 1 :]))) for at in range(len(words)))
        texts = set(filter(None, fewer))
        counts = {text: len(self._read(replace(query, text=text)).found) for text in texts}
        return dict(sorted(((text, n) for text, n in counts.items() if n), key=lambda item: (-item[1], item[0])))

    def numbers(self, query: TrialQuery, most: int) -> tuple[str, ...] | None:
        """Return the numbers of the trials that the words find, or that filters leave of them; None beyond `most`."""
        read = self._read(query)
        trials = next((each for each in (read.hits, read.found) if len(each) <= most), None)
        if trials is None:
            return None
        with closing(open_index(self._path)) as index:
            asked = ",".join(str(trial) for trial in trials)
            rows = index.execute(f"SELECT nct FROM trial WHERE id IN ({asked}) ORDER BY id")  # noqa: S608 - integers
            return tuple(row[0] for row in rows)

    def crossed(self, query: TrialQuery, one: str, other: str) -> dict[tuple[str, str], int]:
        """Return how many of the trials found have a value of each of two facets, by the labels of both."""
        return self.facets.crossed(self._read(query).found, one, other)

    def _read(self, query: TrialQuery) -> "_Read":
        text, understood = without_phrases(query.text)
        words = self._countries
        ways = dict.fromkeys((words.without(text), (text, ()), words.without(text, in_names=True)))
        reads: list[_Read] = []
        for left, countries in ways:
            more = {**understood, "country": countries} if countries else understood
            read = self._fitting(left, query.chosen, more)
            if len(read.found) and not (reads and read.corrected):
                return read
            reads.append(read)
        return reads[0]

    def _fitting(
        self, text: str, asked: Mapping[str, tuple[str, ...]], understood: Mapping[str, tuple[str, ...]]
    ) -> "_Read":
        """Return the trials that fit words and filters, those that were asked for and those found in the words."""
        names = dict.fromkeys((*asked, *understood))
        chosen = self.facets.known({name: (*asked.get(name, ()), *understood.get(name, ())) for name in names})
        terms = _telling(dict.fromkeys(search_terms(text[:LONGEST_TEXT])))[:_MOST_WORDS]
        if understood and _SAY_NOTHING.issuperset(terms):
            text, terms = "", ()
        corrected: dict[str, str] = {}
        hits, nearest = self._hits(terms)
        if terms and not len(hits):  # a word that is not whole yet, then one that is misspelt
            hits, nearest = self._hits((*terms[:-1], terms[-1] + "*"))
        if terms and not len(hits):
            terms, corrected = self._corrected(text)
            if not corrected:
                terms, corrected = self._corrected_once(text)
            hits, nearest = self._hits(terms) if corrected else (hits, nearest)
        masks = {name: self.facets.mask(name, values) for name, values in chosen.items()}
        return _Read(text, chosen, corrected, hits, nearest, masks, narrowed(hits, masks))

    # ---- words ----

    def _find(self, terms: tuple[str, ...]) -> tuple[Integers, Integers]:
        """Return the trials that have all the terms, and those that have them where it says what they are about."""
        if not terms:
            everything = np.arange(self.facets.size, dtype=np.int32)
            return everything, everything
        with closing(open_index(self._path)) as index:
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
        with closing(open_index(self._path)) as index:
            for word in _WRITTEN.findall(text[:LONGEST_TEXT])[:_MOST_WORDS]:
                of_word = search_terms(word)
                if of_word and not all(len(self._matching(index, f'"{term}"')) for term in of_word):
                    better = nearest_word(index, word.lower())
                    if better:
                        corrected[word] = better
                        of_word = search_terms(better)
                terms += of_word
        return _telling(dict.fromkeys(terms)), corrected

    def _corrected_once(self, text: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return terms with the one word changed that lets most be found: a slip may be a word, as `hart`."""
        words = _WRITTEN.findall(text[:LONGEST_TEXT])[:_MOST_WORDS]
        best: tuple[int, tuple[str, ...], dict[str, str]] = 0, (), {}
        if len(words) < _FEWEST_BESIDE:
            return best[1:]
        with closing(open_index(self._path)) as index:
            for at, word in enumerate(words):
                better = nearest_word(index, word.lower(), another=True)
                changed = " ".join((*words[:at], better, *words[at + 1 :]))
                terms = _telling(dict.fromkeys(search_terms(changed)))[:_MOST_WORDS]
                found = len(self._hits(terms)[0]) if better else 0
                if found > best[0]:
                    best = found, terms, {word: better}
        return best[1:]

    # ---- rows ----

    def _in_order(self, found: Integers, nearest: Integers, sort: str) -> Integers:
        if sort in {"start", "enrollment"}:
            found = found[np.argsort(self._rankings[sort][found], kind="stable")]
        elif sort == "relevance" and len(nearest) < self.facets.size:
            near = np.isin(found, nearest, assume_unique=True)
            found = np.concatenate([found[near], found[~near]])
        return found

    @cached_property
    def _rankings(self) -> dict[str, Integers]:
        with closing(open_index(self._path)) as index:
            return {
                name: self.facets.slice(place, self.facets.size)
                for name, place in index.execute("SELECT * FROM ranking")
            }

    def _rows(self, trials: Integers) -> tuple[TrialRow, ...]:
        asked = [int(trial) for trial in trials]
        query = f"SELECT * FROM trial WHERE id IN ({','.join('?' * len(asked))})"  # noqa: S608
        with closing(open_index(self._path)) as index:
            rows = {row[0]: row[1:] for row in index.execute(query, asked)}
        made = []
        for trial in asked:
            nct, title, start, enrollment, sponsor = rows[trial]
            count = int(enrollment) if str(enrollment or "").isdecimal() else None
            made.append(TrialRow(nct, title or nct, start or "", count, sponsor or "", self.facets.of_trial(trial)))
        return tuple(made)


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
