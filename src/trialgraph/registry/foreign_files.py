"""Files that may be mistaken for registry records: what they are, and what to get instead.

>>> foreign("studies.csv", b"NCT Number,Study Title")
Foreign(kind='CSV', remedy='download the studies as JSON', holds_trials=True)
>>> foreign("records.jsonl", b'{"protocolSection":')
"""

from collections.abc import Iterable
from typing import Final, NamedTuple


class Foreign(NamedTuple):
    """What a file of another kind is."""

    kind: str
    remedy: str
    holds_trials: bool
    """Whether its first bytes are those of an export of trials."""


_AS_JSON: Final = "download the studies as JSON"
_CONVERT: Final = "convert it to JSON lines, one record of the API v2 a line"
_UNPACK: Final = "unpack it first"
_MAGIC: Final = (
    (b"PAR1", "Parquet", _CONVERT),
    (b"SQLite format 3\0", "an SQLite database", _CONVERT),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"ARROW1", "an Arrow file", _CONVERT),
    (b"Obj\x01", "an Avro file", _CONVERT),
    (b"%PDF-", "PDF", _AS_JSON),
    (b"<?xml", "XML", _AS_JSON),
    (b"<!DOCTYPE", "a web page", _AS_JSON),
    (b"<!doctype", "a web page", _AS_JSON),
    (b"<html", "a web page", _AS_JSON),
    (b"NCT Number,", "CSV", _AS_JSON),
    (b'"NCT Number"', "CSV", _AS_JSON),
    (b"NCT Number\t", "a table", _AS_JSON),
)
_SUFFIXES: Final = {
    ".csv": ("CSV", _AS_JSON),
    ".tsv": ("a table", _AS_JSON),
    ".tab": ("a table", _AS_JSON),
    ".ods": ("a spreadsheet", _AS_JSON),
    ".xlsm": ("a spreadsheet", _AS_JSON),
    ".xlsx": ("a spreadsheet", _AS_JSON),
    ".xls": ("a spreadsheet", _AS_JSON),
    ".xml": ("XML", _AS_JSON),
    ".parquet": ("Parquet", _CONVERT),
    ".feather": ("an Arrow file", _CONVERT),
    ".arrow": ("an Arrow file", _CONVERT),
    ".avro": ("an Avro file", _CONVERT),
    ".orc": ("an ORC file", _CONVERT),
    ".sqlite": ("an SQLite database", _CONVERT),
    ".sqlite3": ("an SQLite database", _CONVERT),
    ".db": ("a database", _CONVERT),
    ".7z": ("a 7-Zip archive", _UNPACK),
    ".rar": ("a RAR archive", _UNPACK),
    ".lz4": ("an LZ4 file", _UNPACK),
    ".br": ("a Brotli file", _UNPACK),
    ".z": ("a compress file", _UNPACK),
    ".yaml": ("YAML", _AS_JSON),
    ".yml": ("YAML", _AS_JSON),
    ".ris": ("RIS", _AS_JSON),
    ".html": ("a web page", _AS_JSON),
    ".htm": ("a web page", _AS_JSON),
    ".pdf": ("PDF", _AS_JSON),
    ".docx": ("a text document", _AS_JSON),
    ".doc": ("a text document", _AS_JSON),
    ".rtf": ("a text document", _AS_JSON),
    ".pkl": ("a Python pickle", _CONVERT),
    ".pickle": ("a Python pickle", _CONVERT),
    ".rds": ("an R object", _CONVERT),
    ".rdata": ("R objects", _CONVERT),
    ".sas7bdat": ("a SAS table", _CONVERT),
    ".dta": ("a Stata table", _CONVERT),
    ".sav": ("an SPSS table", _CONVERT),
    ".bson": ("BSON", _CONVERT),
    ".duckdb": ("a database", _CONVERT),
    ".mdb": ("a database", _CONVERT),
    ".accdb": ("a database", _CONVERT),
    ".ttl": ("RDF", "give RDF to `trialgraph validate`; a build takes records"),
    ".nt": ("RDF", "give RDF to `trialgraph validate`; a build takes records"),
    ".nq": ("RDF", "give RDF to `trialgraph validate`; a build takes records"),
    ".rdf": ("RDF", "give RDF to `trialgraph validate`; a build takes records"),
}
_TRIALS: Final = (b"NCT Number", b"<clinical_study")
"""What exports of trials say near their start."""
_DOCUMENT_PARTS: Final = frozenset(("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"))
"""Members of zip files that are one document: of Office Open XML, OpenDocument and EPUB, Java."""
_DOCUMENTS: Final = frozenset(
    ".txt .md .rst .log .ini .cfg .toml .lock .py .ipynb .r .sh .bat .js .css .png .jpg .jpeg .gif .svg .ico"
    " .sha1 .sha256 .sha512 .md5 .sig .asc .bak .tmp .part".split()
)
"""Endings of what stands beside data: notes, programs, pictures, checksums."""


def is_document(name: str) -> bool:
    """Tell by its name whether a file stands beside data and is none itself: a note, a program, a checksum.

    >>> is_document("README.md"), is_document("LICENSE"), is_document("studies.tsv"), is_document("trials.dat")
    (True, True, False, False)
    """
    _, point, suffix = name.lower().rpartition("/")[2].rpartition(".")
    return not point or f".{suffix}" in _DOCUMENTS


def foreign(name: str, head: bytes) -> Foreign | None:
    """Return what a file is and what to do, by its first bytes or else its name; None of what may hold records."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    holds_trials = any(mark in start for mark in _TRIALS)
    for magic, kind, remedy in _MAGIC:
        if start.startswith(magic):
            return Foreign(kind, remedy, holds_trials)
    if start[:1] in (b"{", b"["):
        return None
    known = _SUFFIXES.get(f".{name.lower().rpartition('.')[2]}") if "." in name else None
    return Foreign(*known, holds_trials) if known else None


def foreign_archive(name: str, members: Iterable[str]) -> Foreign | None:
    """Return what a zip file is whose members make a document, such as a spreadsheet; None of any other.

    >>> foreign_archive("studies.xlsx", ["[Content_Types].xml", "xl/workbook.xml"]).kind
    'a spreadsheet'
    """
    if not _DOCUMENT_PARTS.intersection(members):
        return None
    kind, remedy = _SUFFIXES.get(f".{name.lower().rpartition('.')[2]}", ("an office document", _AS_JSON))
    return Foreign(kind, remedy, holds_trials=False)
