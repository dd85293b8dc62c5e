"""The folder of vocabularies: added, held against the others, seen, removed; one index.

>>> import tempfile
>>> folder = Path(tempfile.mkdtemp())
>>> table = folder / "drug.target.interaction.tsv"
>>> columns = "DRUG_NAME STRUCT_ID TARGET_NAME ACCESSION GENE MOA ACTION_TYPE ORGANISM"
>>> row = "somedrug 1 receptor P30556 AGTR1 1 ANTAGONIST human"
>>> _ = table.write_text("\\n".join(line.replace(" ", "\\t") for line in (columns, row)))
>>> added, _ = add(folder, "drugcentral", [table], date="2026-01-02")
>>> added.state, added.terms, added.mechanisms
('active', 1, 1)
>>> with open_index(folder) as index:
...     [found.mechanism.gene for found in index.mechanisms("DRUGCENTRAL:1")]
['AGTR1']
>>> remove(folder, "drugcentral")
True
"""

import fcntl
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from trialgraph.errors import ReleaseBusy, SourceError
from trialgraph.linking.index_builder import (
    VocabularySource,
    add_vocabulary,
    create_index,
    file_again,
    remove_vocabulary,
    writable,
)
from trialgraph.linking.label_index import INDEX_FILE, LabelIndex, Vocabulary
from trialgraph.linking.readers import reader_of
from trialgraph.linking.vocabulary_catalog import VocabularyKind, vocabulary_kinds
from trialgraph.linking.vocabulary_checks import Evidence, check_vocabulary
from trialgraph.linking.vocabulary_files import members

_SETS: Final = ("obo", "sssom", "ssslm")
"""Kinds of which there may be several, each under the name of its file."""

_BLOCK: Final = 1 << 20


def open_index(folder: Path) -> LabelIndex:
    """Open the index of a folder. Raises SourceError when nothing is installed there, or it is damaged."""
    return LabelIndex.open(folder / INDEX_FILE)


def installed(folder: Path) -> list[Vocabulary]:
    """Return what is installed in a folder, by rank; nothing when it is empty or absent."""
    if not (folder / INDEX_FILE).is_file():
        return []
    with LabelIndex.open(folder / INDEX_FILE, any_filing=True) as index:
        return index.vocabularies()


def add(
    folder: Path, kind: str, files: Sequence[Path], *, name: str = "", version: str = "", date: str = ""
) -> tuple[Vocabulary, list[Evidence]]:
    """Compile the owner's files into the index of a folder, in place of a vocabulary of the same name.

    Its names are held against what is known; where too few agree it is quarantined. Returns what is then known of
    it, and the evidence. Raises SourceError for a kind that is not known, for files that are not as expected or hold
    nothing of it; ReleaseBusy when another one writes here.
    """
    row = vocabulary_kinds().get(kind)
    if row is None:
        raise SourceError(kind, "there is no such kind of vocabulary", f"one of {', '.join(vocabulary_kinds())}")
    name = name or (_stem(files[0]) if kind in _SETS else kind)
    with _changing(folder) as index:
        add_vocabulary(index, _source(row, name, files, version, date))
        terms, mappings = index.execute("SELECT terms, mappings FROM vocabulary WHERE name = ?", (name,)).fetchone()
        if not terms and not mappings:
            given = ", ".join(map(str, files))
            raise SourceError(given, f"nothing of the kind {kind} is in it", f"give {row.note}")
        evidence = check_vocabulary(index, name)
    return next(found for found in installed(folder) if found.name == name), evidence


def remove(folder: Path, name: str) -> bool:
    """Take a vocabulary out of a folder; False when it is not there."""
    if name not in {found.name for found in installed(folder)}:
        return False
    with _changing(folder) as index:
        return remove_vocabulary(index, name)


def check(folder: Path) -> dict[str, list[Evidence]]:
    """Look at the index for damage, and hold the names of every vocabulary against the others again, by rank.

    Raises SourceError for a damaged index.
    """
    names = [found.name for found in installed(folder)]
    if not names:
        return {}
    with _changing(folder) as index:
        try:
            problems = [text for (text,) in index.execute("PRAGMA quick_check")]
        except sqlite3.DatabaseError as error:
            problems = [str(error)]
        if problems != ["ok"]:
            remedy = "remove it and add the vocabularies again"
            raise SourceError(str(folder / INDEX_FILE), f"it is damaged: {problems[0]}", remedy)
        return {name: check_vocabulary(index, name) for name in names}


def _source(row: VocabularyKind, name: str, files: Sequence[Path], version: str, date: str) -> VocabularySource:
    items = reader_of(row)(members(files))
    return VocabularySource(
        name,
        row.kind,
        items,
        title=row.title,
        license=row.license,
        publish=row.publish,
        homepage=row.homepage,
        rank=row.rank,
        version=version,
        date=date,
        files=json.dumps([_fingerprint(path) for path in files]),
    )


def _fingerprint(path: Path) -> dict[str, str | int]:
    """Return name, size in bytes and SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _stem(path: Path) -> str:
    """Return the name of a file without its endings.

    >>> _stem(Path("a/mondo_exactmatch_mesh.sssom.tsv.gz")), _stem(Path("biomappings-0.6.0-py3-none-any.whl"))
    ('mondo_exactmatch_mesh', 'biomappings')
    """
    name = path.name.partition("-")[0] if path.suffix == ".whl" else path.name
    return name.partition(".")[0].lower()


@contextmanager
def _changing(folder: Path) -> Iterator[sqlite3.Connection]:
    """Give a copy of the index to change, and put it in the place of the index when that went well.

    Readers keep the one they have opened; a process that dies on the way leaves the index as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / INDEX_FILE
    new = path.with_name(path.name + ".new")
    with (folder / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            reason, remedy = "vocabularies are being changed here", "wait until that is done"
            raise ReleaseBusy(str(folder), reason, remedy) from None
        new.unlink(missing_ok=True)
        try:
            if path.is_file():
                with LabelIndex.open(path, any_filing=True):
                    shutil.copyfile(path, new)
            with closing(writable(new) if new.is_file() else create_index(new)) as index:
                file_again(index)
                yield index
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
