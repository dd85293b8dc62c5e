"""Vocabularies compiled into one index: a new file beside the old one, then put in its place.

Memory does not grow with the number of names: SQLite spills what does not fit its cache, and sorts on the disk.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trialgraph.linking.label_index import FORMAT, INDEX_FILE, key_fingerprint, key_hash
from trialgraph.linking.vocabulary_items import SCOPES, Edition, Item, Mechanism, Name, Term, TermMapping
from trialgraph.resource.name_key import keys

LONGEST_FILED: Final = 200
"""Names longer than this many characters are left out: systematic names of chemistry, in no record."""

_CACHE_KIB: Final = 65536
_SCOPE_NUMBER: Final = {scope: number for number, scope in enumerate(SCOPES)}
_SCHEMA: Final = """
CREATE TABLE vocabulary (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL,
  version TEXT NOT NULL, date TEXT NOT NULL, license TEXT NOT NULL, publish TEXT NOT NULL, homepage TEXT NOT NULL,
  rank INTEGER NOT NULL, files TEXT NOT NULL, terms INTEGER NOT NULL, names INTEGER NOT NULL,
  mappings INTEGER NOT NULL, mechanisms INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  pairs INTEGER NOT NULL, agreeing INTEGER NOT NULL);
CREATE TABLE term (number INTEGER PRIMARY KEY, id TEXT NOT NULL, vocabulary INTEGER NOT NULL, label TEXT NOT NULL,
  kind TEXT NOT NULL, UNIQUE (id, vocabulary));
CREATE TABLE name (number INTEGER PRIMARY KEY, term INTEGER NOT NULL, scope INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX name_of_term ON name (term);
CREATE TABLE filed (hash INTEGER NOT NULL, name INTEGER NOT NULL, PRIMARY KEY (hash, name)) WITHOUT ROWID;
CREATE TABLE parent (child TEXT NOT NULL, parent TEXT NOT NULL, vocabulary INTEGER NOT NULL,
  PRIMARY KEY (child, parent, vocabulary)) WITHOUT ROWID;
CREATE TABLE mapping (subject TEXT NOT NULL, object TEXT NOT NULL, predicate TEXT NOT NULL,
  vocabulary INTEGER NOT NULL, subject_label TEXT NOT NULL, object_label TEXT NOT NULL,
  PRIMARY KEY (subject, object, predicate, vocabulary)) WITHOUT ROWID;
CREATE INDEX mapping_back ON mapping (object);
CREATE TABLE mechanism (drug TEXT NOT NULL, target TEXT NOT NULL, gene TEXT NOT NULL, target_name TEXT NOT NULL,
  action TEXT NOT NULL, organism TEXT NOT NULL, vocabulary INTEGER NOT NULL);
CREATE INDEX mechanism_of_drug ON mechanism (drug);
CREATE TABLE filing (fingerprint TEXT NOT NULL);
CREATE TABLE inverse (predicate TEXT PRIMARY KEY, back TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO inverse VALUES ('skos:exactMatch', 'skos:exactMatch'), ('skos:closeMatch', 'skos:closeMatch'),
  ('skos:relatedMatch', 'skos:relatedMatch'), ('skos:broadMatch', 'skos:narrowMatch'),
  ('skos:narrowMatch', 'skos:broadMatch'), ('biolink:has_gene_product', 'biolink:gene_product_of');
"""


@dataclass(frozen=True)
class VocabularySource:
    """One vocabulary to compile: what is known of it, and its items."""

    name: str
    kind: str
    items: Iterable[Item]
    title: str = ""
    license: str = ""
    publish: str = "all"
    homepage: str = ""
    rank: int = 99
    version: str = ""
    date: str = ""
    files: str = "[]"


def create_index(path: Path) -> sqlite3.Connection:
    """Create an empty index at a path that does not exist, and return it open for `add_vocabulary`."""
    connection = writable(path)
    connection.executescript(_SCHEMA)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("INSERT INTO filing VALUES (?)", (key_fingerprint(),))
    return connection


def writable(path: Path) -> sqlite3.Connection:
    """Open an index for changing. Only ever a copy that nobody reads: what is read is replaced whole."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}", "temp_store = FILE"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def add_vocabulary(connection: sqlite3.Connection, source: VocabularySource) -> None:
    """Compile one vocabulary into an index, in place of one of the same name."""
    remove_vocabulary(connection, source.name)
    connection.execute("BEGIN")
    (number,) = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM vocabulary").fetchone()
    writer = _Writer(connection, number)
    for item in source.items:
        writer.write(item)
    writer.flush()
    edition = writer.edition
    connection.execute(
        f"INSERT INTO vocabulary VALUES ({', '.join('?' * 19)})",  # noqa: S608
        (
            number,
            source.name,
            source.kind,
            source.title or edition.title or source.name,
            source.version or edition.version,
            source.date or edition.date,
            source.license or edition.license,
            source.publish if source.license else _publishable(edition.license),
            source.homepage,
            source.rank,
            source.files,
            *_counts(connection, number),
            "active",
            "",
            0,
            0,
        ),
    )
    connection.execute("COMMIT")


def _publishable(license_: str) -> str:
    """Return what may be published of a set that states its licence.

    >>> _publishable("https://creativecommons.org/publicdomain/zero/1.0/"), _publishable("")
    ('all', 'ids')
    """
    if "/by-sa/" in license_:
        return "share-alike"
    return "all" if "creativecommons.org/publicdomain/" in license_ or "/licenses/by/" in license_ else "ids"


def file_again(connection: sqlite3.Connection) -> bool:
    """File all names of an index by the rules of this version; False when they are filed so already."""
    fingerprint = key_fingerprint()
    if connection.execute("SELECT fingerprint FROM filing").fetchone() == (fingerprint,):
        return False
    connection.execute("BEGIN")
    connection.execute("DELETE FROM filed")
    connection.execute("CREATE TEMP TABLE unsorted (hash INTEGER NOT NULL, name INTEGER NOT NULL)")
    names = connection.execute("SELECT n.number, n.text, t.kind FROM name n JOIN term t ON t.number = n.term")
    hashes = ((key_hash(key), number) for number, text, kind in names for key in keys(text, kind))
    connection.cursor().executemany("INSERT INTO unsorted VALUES (?, ?)", hashes)
    _file(connection)
    connection.execute("UPDATE filing SET fingerprint = ?", (fingerprint,))
    connection.execute("COMMIT")
    return True


def _file(connection: sqlite3.Connection | sqlite3.Cursor) -> None:
    """Move the hashes that were gathered to their place, in order."""
    connection.execute("INSERT OR IGNORE INTO filed SELECT hash, name FROM temp.unsorted ORDER BY hash, name")
    connection.execute("DROP TABLE temp.unsorted")


def remove_vocabulary(connection: sqlite3.Connection, name: str) -> bool:
    """Take one vocabulary out of an index; False when it was not in."""
    row = connection.execute("SELECT number FROM vocabulary WHERE name = ?", (name,)).fetchone()
    if row is None:
        return False
    of_terms = "(SELECT number FROM term WHERE vocabulary = ?)"
    connection.execute("BEGIN")
    for statement in (
        f"DELETE FROM filed WHERE name IN (SELECT number FROM name WHERE term IN {of_terms})",  # noqa: S608
        f"DELETE FROM name WHERE term IN {of_terms}",  # noqa: S608
        "DELETE FROM term WHERE vocabulary = ?",
        "DELETE FROM parent WHERE vocabulary = ?",
        "DELETE FROM mapping WHERE vocabulary = ?",
        "DELETE FROM mechanism WHERE vocabulary = ?",
        "DELETE FROM vocabulary WHERE number = ?",
    ):
        connection.execute(statement, row)
    connection.execute("COMMIT")
    return True


def build_index(path: Path, sources: Iterable[VocabularySource]) -> None:
    """Write an index of vocabularies, in place of what is there."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with closing(create_index(new)) as connection:
        for source in sources:
            add_vocabulary(connection, source)
    new.replace(path)


def example_index() -> Path:
    """Return a small index in a temporary folder, for the examples in docstrings."""
    path = Path(tempfile.mkdtemp()) / INDEX_FILE
    cancer = Term("MONDO:0004992", "cancer", "disease")
    breast = Term(
        "MONDO:0007254", "breast cancer", "disease", (Name("breast carcinoma", "exact"),), ("MONDO:0004992",)
    )
    mapped = TermMapping("MONDO:0007254", "skos:exactMatch", "MESH:D001943")
    build_index(path, [VocabularySource("mondo", "mondo", [cancer, breast, mapped])])
    return path


def _counts(connection: sqlite3.Connection, number: int) -> Iterator[int]:
    for statement in (
        "SELECT count(*) FROM term WHERE vocabulary = ?",
        "SELECT count(*) FROM name JOIN term ON term.number = name.term WHERE term.vocabulary = ?",
        "SELECT count(*) FROM mapping WHERE vocabulary = ?",
        "SELECT count(*) FROM mechanism WHERE vocabulary = ?",
    ):
        yield connection.execute(statement, (number,)).fetchone()[0]


@dataclass
class _Writer:
    connection: sqlite3.Connection
    number: int
    edition: Edition = field(default_factory=Edition)

    def __post_init__(self) -> None:
        self._cursor = self.connection.cursor()
        self._cursor.execute("CREATE TEMP TABLE unsorted (hash INTEGER NOT NULL, name INTEGER NOT NULL)")
        (self._term,) = self._cursor.execute("SELECT coalesce(max(number), 0) FROM term").fetchone()
        (self._name,) = self._cursor.execute("SELECT coalesce(max(number), 0) FROM name").fetchone()

    def write(self, item: Item) -> None:
        match item:
            case Term():
                self._write_term(item)
            case TermMapping():
                row = item.subject, item.object, item.predicate, self.number, item.subject_label, item.object_label
                self._cursor.execute("INSERT OR IGNORE INTO mapping VALUES (?, ?, ?, ?, ?, ?)", row)
            case Mechanism():
                mechanism = item.drug, item.target, item.gene, item.target_name, item.action, item.organism
                self._cursor.execute("INSERT INTO mechanism VALUES (?, ?, ?, ?, ?, ?, ?)", (*mechanism, self.number))
            case Edition():
                self.edition = Edition(
                    self.edition.version or item.version,
                    self.edition.date or item.date,
                    self.edition.title or item.title,
                    self.edition.license or item.license,
                )

    def flush(self) -> None:
        """File the names, in the order of their hashes."""
        _file(self._cursor)

    def _write_term(self, item: Term) -> None:
        self._cursor.execute(
            "INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?, ?)",
            (self._term + 1, item.id, self.number, item.label, item.kind),
        )
        if self._cursor.rowcount:
            self._term += 1
            term = self._term
            self._write_names(term, item.kind, _names(item))
        else:
            row = "SELECT number FROM term WHERE id = ? AND vocabulary = ?"
            (term,) = self._cursor.execute(row, (item.id, self.number)).fetchone()
            if item.label:
                labelled = "UPDATE term SET label = ?, kind = ? WHERE number = ? AND label = ''"
                self._cursor.execute(labelled, (item.label, item.kind, term))
            self._write_names(term, item.kind, self._new_names(term, item))
        rows = ((item.id, parent, self.number) for parent in item.parents)
        self._cursor.executemany("INSERT OR IGNORE INTO parent VALUES (?, ?, ?)", rows)

    def _new_names(self, term: int, item: Term) -> Iterator[Name]:
        known = {text for (text,) in self._cursor.execute("SELECT text FROM name WHERE term = ?", (term,))}
        return (name for name in _names(item) if name.text not in known)

    def _write_names(self, term: int, kind: str, names: Iterable[Name]) -> None:
        for name in names:
            self._name += 1
            row = self._name, term, _SCOPE_NUMBER[name.scope], name.text
            self._cursor.execute("INSERT INTO name VALUES (?, ?, ?, ?)", row)
            hashes = ((key_hash(key), self._name) for key in keys(name.text, kind))
            self._cursor.executemany("INSERT INTO unsorted VALUES (?, ?)", hashes)


def _names(item: Term) -> Iterator[Name]:
    """Yield label and names of a term, each text once, by its surest scope; names too long are left out."""
    found: dict[str, Name] = {item.label: Name(item.label, "label")}
    for name in sorted(item.names, key=lambda name: (_SCOPE_NUMBER[name.scope], name.text)):
        found.setdefault(name.text, name)
    return (name for name in found.values() if name.text and len(name.text) <= LONGEST_FILED)
