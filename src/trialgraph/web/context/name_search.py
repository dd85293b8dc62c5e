"""Finding things by name: in the search index of the release, which is made for it and read only.

>>> words_of('Tifcemalimab "(JS004)" a_b*')
['tifcemalimab', 'js004', 'a', 'b']
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from trialgraph.resource.search_terms import search_terms, written_name
from trialgraph.store import Release
from trialgraph.vocabulary import NCT_ID, RESOURCE
from trialgraph.web.context.nearest_word import nearest_word

KIND_TITLES: Final = {
    "Drug": "Drugs",
    "Target": "Targets",
    "Disease": "Diseases",
    "Condition": "Conditions",
    "Endpoint": "Endpoints",
    "TreatmentKind": "Treatments",
    "GradingSystem": "Grading systems",
    "Organization": "Organizations",
    "TrialGroup": "Groups of trials",
    "Trial": "Trials",
}
"""Kinds of things that can be searched for, each with its heading."""
_FILE: Final = "search.sqlite"
_MOST_WORDS: Final = 12
_WORD: Final = re.compile(r"[^\W_]+")
_INNER_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W\d_])")
"""A hyphen between letters, as in `carbo-platin`: names are written with and without it."""
_NUMBER: Final = re.compile(r"nct\d{0,8}", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A thing that was found."""

    path: str
    kind: str
    """The local name of its class."""
    label: str

    @property
    def iri(self) -> str:
        """Its IRI."""
        return RESOURCE + self.path

    @property
    def page(self) -> str:
        """Where its page is."""
        return f"/page/{self.path}"


def words_of(text: str) -> list[str]:
    """Return the words of a query, in lower case, without anything that means something to the index."""
    return [word.lower() for word in _WORD.findall(text)][:_MOST_WORDS]


@dataclass(frozen=True)
class SearchIndex:
    """The index of one release."""

    path: Path

    def kinds(self) -> list[str]:
        """Return the kinds there are, in the order of the index."""
        with closing(self._open()) as index:
            return [kind for (kind,) in index.execute("SELECT kind FROM kind ORDER BY first")]

    def find(
        self,
        text: str,
        kind: str = "",
        limit: int = 10,
        offset: int = 0,
        *,
        any_word: bool = False,
        whole: bool = False,
    ) -> list[Found]:
        """Return the things that have all the words in their names, the last word as a beginning.

        The words are taken as written, in one form each, so that tumours are tumors and PD1 is PD-1, and without
        the hyphens in them; of an IRI its end is taken. They come in the order of the index. A number of a trial, or
        its beginning, finds trials by number; a former number is one of their names. With `any_word` one word is
        enough; with `whole` the last word is no beginning.
        """
        written = written_name(text.strip())
        if _NUMBER.fullmatch(written) and (found := self._by_number(written.upper(), limit, offset)):
            return found
        words, terms = words_of(written), [term for term in search_terms(written) if term.isalnum()][:_MOST_WORDS]
        if not words:
            return []
        joined = words_of(_INNER_HYPHEN.sub("", written))
        ways = [way for way in (words, terms, joined) if way]
        ways = [way for at, way in enumerate(ways) if way not in ways[:at]]
        matched = " OR ".join(f"({_matched(way, any_word=any_word, whole=whole)})" for way in ways)
        query = (
            "SELECT thing.path, thing.kind, thing.label FROM words JOIN thing ON thing.id = words.rowid "
            "WHERE words MATCH :words AND words.rowid BETWEEN :first AND :last "
            "ORDER BY words.rowid LIMIT :limit OFFSET :offset"
        )
        with closing(self._open()) as index:
            first, last = self._range(index, kind)
            asked = {"words": matched, "first": first, "last": last, "limit": limit, "offset": offset}
            try:
                return [Found(*row) for row in index.execute(query, asked)]
            except sqlite3.OperationalError:
                # SQLite knows an older Unicode: what it does not take for one word it takes for a phrase, which
                # this index does not have.
                return []

    def respelled(self, text: str) -> str:
        """Return a text with each word that no thing has in its names as the nearest word that one has.

        Where things have each of several words but none all, one word is changed, so that something is found.
        """
        found = []
        with closing(self._open()) as index:
            if not index.execute("SELECT 1 FROM sqlite_master WHERE name = 'spelling'").fetchone():
                return text  # a release of an older version
            for word in words_of(text):
                known = index.execute("SELECT 1 FROM spelling WHERE word = ?", (word,)).fetchone()
                found.append(word if known or not word.isalpha() else nearest_word(index, word) or word)
            if found == words_of(text) and len(found) > 1 and not self.find(text, limit=1):
                others = (
                    " ".join((*found[:at], nearest_word(index, word, another=True) or word, *found[at + 1 :]))
                    for at, word in enumerate(found)
                    if word.isalpha()
                )
                return next((other for other in others if self.find(other, limit=1)), text)
        return " ".join(found)

    def by_kind(self, text: str, limit: int = 10) -> Iterator[tuple[str, list[Found]]]:
        """Yield what is found of each kind, some of each; what is named exactly so comes first."""
        for kind in self.kinds():
            found = self.find(text, kind, limit)
            found = [thing for thing in found if thing.kind == kind]
            if found:
                yield kind, sorted(found, key=lambda thing: similarity(text, thing.label) < 100)

    def things(self, paths: list[str]) -> list[Found]:
        """Return the things at these paths, as far as they are in the index."""
        query = f"SELECT path, kind, label FROM thing WHERE path IN ({','.join('?' * len(paths))})"  # noqa: S608
        with closing(self._open()) as index:
            by_path = {row[0]: Found(*row) for row in index.execute(query, paths)}
        return [by_path[path] for path in paths if path in by_path]

    def paths(self, kind: str, limit: int, offset: int) -> list[str]:
        """Return the paths of things of a kind, in the order of the index."""
        query = "SELECT path FROM thing WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ? OFFSET ?"
        with closing(self._open()) as index:
            return [path for (path,) in index.execute(query, (*self._range(index, kind), limit, offset))]

    def count(self, kind: str) -> int:
        """Return how many things of a kind there are."""
        with closing(self._open()) as index:
            first, last = self._range(index, kind)
            return max(0, last - first + 1)

    def _by_number(self, start: str, limit: int, offset: int) -> list[Found]:
        query = (
            "SELECT path, kind, label FROM thing WHERE path >= ? AND path < ? AND kind = 'Trial' "
            "ORDER BY path DESC LIMIT ? OFFSET ?"
        )
        with closing(self._open()) as index:
            return [Found(*row) for row in index.execute(query, (start, start + "~", limit, offset))]

    def _range(self, index: sqlite3.Connection, kind: str) -> tuple[int, int]:
        if not kind:
            return 0, 2**62
        row = index.execute("SELECT first, last FROM kind WHERE kind = ?", (kind,)).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, -1)

    def _open(self) -> sqlite3.Connection:
        # A release never changes, so nothing need be locked; a connection for each question is cheap then.
        return sqlite3.connect(f"{self.path.as_uri()}?mode=ro&immutable=1", uri=True)


def _matched(words: list[str], *, any_word: bool, whole: bool) -> str:
    last = f'"{words[-1]}"' if whole else f'"{words[-1]}"*'
    return (" OR " if any_word else " AND ").join([*(f'"{word}"' for word in words[:-1]), last])


def search_index(release: Release) -> SearchIndex | None:
    """Return the index of a release, or None when it was made without one."""
    path = release.path / _FILE
    return SearchIndex(path) if path.is_file() else None


def similarity(text: str, label: str) -> float:
    """Return how alike a query and a label are, from 0 to 100; 100 when they differ at most in case.

    >>> similarity("Tifcemalimab", "tifcemalimab"), similarity("x", "tifcemalimab")
    (100.0, 0.0)
    """
    one, other = text.strip().casefold(), label.strip().casefold()
    return 100.0 if one == other else round(99 * SequenceMatcher(None, one, other).ratio(), 1)


def is_number(text: str) -> bool:
    """Whether a text is the whole number of a trial."""
    return NCT_ID.fullmatch(text.strip().upper()) is not None
