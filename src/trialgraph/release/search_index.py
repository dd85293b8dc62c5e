"""The search index of a release: names and titles in one SQLite file, for site and users.

Its order is made here, so that a search need not score what it finds: things come kind by kind, those with short
names first, trials last with the newest first. Table `kind` says which rows are of which kind; `words` is an FTS5
index of the rows of `thing`: its names as written and, but for trials, in one form each (`resource.search_terms`);
`spelling` has the words of things. The same names give the same bytes.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "search.sqlite"
>>> drug = "drug/tifcemalimab"
>>> write_index(path, [Name(drug, "Drug", "tifcemalimab"), Name(drug, "Drug", "JS004", 2)])
1
>>> find = "SELECT label FROM words JOIN thing ON thing.id = words.rowid WHERE words MATCH 'js004'"
>>> with closing(sqlite3.connect(path)) as index:
...     index.execute(find).fetchall()
[('tifcemalimab',)]
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trialgraph.resource.search_terms import identifier_words, search_terms, surface_words
from trialgraph.store import Reader
from trialgraph.terms import is_literal, lexical
from trialgraph.vocabulary import RESOURCE, prologue

FILE_NAME: Final = "search.sqlite"
KINDS: Final = (
    "Drug",
    "Target",
    "Condition",
    "Disease",
    "Endpoint",
    "TreatmentKind",
    "GradingSystem",
    "Organization",
    "TrialGroup",
    "Trial",
)
"""Classes whose members can be searched for, in the order of results."""
_TITLE, _LABEL, _OTHER = 0, 1, 2
_ROLES: Final = {
    "tg:briefTitle": _TITLE,
    "rdfs:label": _LABEL,
    "tg:fullName": _OTHER,
    "tg:abbreviation": _OTHER,
    "tg:alternativeName": _OTHER,
    "tg:acronym": _OTHER,
    "tg:nctIdAlias": _OTHER,
    "skos:altLabel": _OTHER,
}
_SCHEMA: Final = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TEMP TABLE name (path TEXT, kind INTEGER, role INTEGER, text TEXT, terms TEXT);
CREATE TABLE spelling (word TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE thing (id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL);
CREATE TABLE kind (kind TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
  text, content = '', columnsize = 0, detail = none, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
"""
# Of several names of one role the first in order is shown; trials are numbered as they were registered.
_FILL: Final = """
CREATE TEMP TABLE shown AS
  SELECT path, min(kind) AS kind, substr(min(role || text), 2) AS label, group_concat(DISTINCT text) AS text,
    group_concat(terms, ' ') AS terms
  FROM (SELECT * FROM name ORDER BY path, role, text) GROUP BY path;
INSERT INTO thing (path, kind, label)
  SELECT path, kind, label FROM shown
  ORDER BY kind, CASE WHEN kind = :trial THEN 0 ELSE length(label) END,
    CASE WHEN kind = :trial THEN path END DESC, label, path;
INSERT INTO words (rowid, text)
  SELECT thing.id, shown.path || ' ' || shown.text || ' ' || shown.terms FROM thing JOIN shown USING (path)
  ORDER BY thing.id;
"""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a thing."""

    path: str
    """What follows `/id/` in its IRI."""
    kind: str
    """The local name of its class; one of KINDS."""
    text: str
    role: int = _LABEL
    """0 a title, 1 a label, 2 any other name; the one with the lowest is shown."""


def names(reader: Reader) -> Iterator[Name]:
    """Yield the names that a release holds of what can be searched for."""
    for kind in KINDS:
        for predicate, role in _ROLES.items():
            for subject, text in reader.select(
                f"{prologue('tg', 'rdfs', 'skos')}"
                f"SELECT ?subject ?text {{ ?subject a tg:{kind} ; {predicate} ?text }}"
            ):
                if subject and text and subject.startswith("<" + RESOURCE) and is_literal(text):
                    yield Name(subject[1 + len(RESOURCE) : -1], kind, lexical(text), role)


def identifiers(reader: Reader) -> Iterator[Name]:
    """Yield the identifiers that other vocabularies have for drugs, targets and diseases, as further names."""
    for kind in ("Drug", "Target", "Disease"):
        for subject, outside in reader.select(
            f"{prologue('tg', 'skos')}SELECT ?subject ?outside "
            f"{{ ?subject a tg:{kind} ; skos:exactMatch|skos:relatedMatch ?outside }}"
        ):
            if subject and outside and subject.startswith("<" + RESOURCE) and outside.startswith("<"):
                yield Name(subject[1 + len(RESOURCE) : -1], kind, identifier_words(outside[1:-1]), _OTHER)


def _rows(of: Iterable[Name], spelling: Counter[str]) -> Iterator[tuple[str, int, int, str, str]]:
    """Yield the rows of names; count the words of things. Trials have an index of their own for their texts."""
    for name in of:
        terms: list[str] = []
        if name.kind != "Trial":
            terms = sorted({*search_terms(name.text, every=True)})
            spelling.update({*surface_words(name.text)})
        yield name.path, KINDS.index(name.kind), name.role, " ".join(name.text.split()), " ".join(terms)


def write_index(path: Path, of: Iterable[Name]) -> int:
    """Write the index of names to a new file; return how many things it holds."""
    with closing(sqlite3.connect(path)) as index:
        index.executescript(_SCHEMA)
        spelling: Counter[str] = Counter()
        index.executemany("INSERT INTO name VALUES (?, ?, ?, ?, ?)", _rows(of, spelling))
        index.executemany("INSERT INTO spelling VALUES (?, ?)", sorted(spelling.items()))
        for statement in _FILL.split(";\n"):
            index.execute(statement, {"trial": KINDS.index("Trial")} if ":trial" in statement else {})
        index.executemany(
            "INSERT INTO kind SELECT ?, min(id), max(id) FROM thing WHERE kind = ? HAVING count(*)",
            [(kind, number) for number, kind in enumerate(KINDS)],
        )
        index.executemany("UPDATE thing SET kind = ? WHERE kind = ?", [(k, str(n)) for n, k in enumerate(KINDS)])
        index.execute("CREATE INDEX thing_path ON thing (path)")
        index.execute("INSERT INTO words (words) VALUES ('optimize')")
        index.commit()
        index.execute("VACUUM")
        return int(index.execute("SELECT count(*) FROM thing").fetchone()[0])
