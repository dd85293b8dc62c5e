"""Mapping tables in SSSOM/TSV (https://mapping-commons.github.io/sssom/), read strictly.

A table is a block of YAML in comment lines, then rows. What a row says must be understood whole: a column or a prefix
that is not known, or a row that says nothing of its justification, is an error, not a row that is left out.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import curies
import msgspec

from trialgraph.errors import SourceError
from trialgraph.linking.prefixes import converter

_REQUIRED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_OPTIONAL: Final = ("subject_label", "object_label", "object_source", "confidence", "comment")
_CONFIDENCE: Final = re.compile(r"0(\.[0-9]+)?|1(\.0+)?")
_JUSTIFICATIONS: Final = "https://w3id.org/semapv/vocab/"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row: a subject of ours, how it relates to an outside term, and why we say so. Terms are IRIs."""

    subject: str
    predicate: str
    object: str
    justification: str
    line: int
    """Line of the table, counted from 1."""
    subject_label: str = ""
    object_label: str = ""
    """Empty where the source of the mapping gives none; labels are not guessed."""
    object_source: str = ""
    confidence: Decimal | None = None
    """From 0 to 1."""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A table of mappings, and what it says about itself."""

    path: Path
    iri: str
    title: str
    description: str
    license: str
    version: str
    date: date
    mappings: tuple[Mapping, ...]


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    mapping_set_id: str
    mapping_set_title: str
    license: str
    mapping_date: date
    curie_map: dict[str, str]
    mapping_set_description: str = ""
    mapping_set_version: str = ""
    subject_source: str = ""
    sssom_version: str = ""


def read_sssom(path: Path) -> MappingSet:
    """Return the mapping set of a table.

    Raises SourceError, with the line, for what is not SSSOM/TSV, not understood, or said twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"it cannot be read: {error}", "check the file") from None
    above = sum(1 for _ in _header_lines(lines))
    header = _header(path, lines[:above])
    table = _Table(path, _with_prefixes_of(path, header.curie_map))
    mappings = tuple(table.mappings(lines[above:], above))
    return MappingSet(
        path,
        header.mapping_set_id,
        header.mapping_set_title,
        header.mapping_set_description,
        header.license,
        header.mapping_set_version,
        header.mapping_date,
        mappings,
    )


def _header_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#"):
            return
        yield line


def _header(path: Path, lines: list[str]) -> _Header:
    text = "\n".join(line.removeprefix("#") for line in lines)
    try:
        return msgspec.yaml.decode(text, type=_Header)
    except msgspec.DecodeError as error:
        raise SourceError(str(path), f"its header is not as expected: {error}", "see the other tables") from None


def _with_prefixes_of(path: Path, curie_map: dict[str, str]) -> curies.Converter:
    ours = converter()
    for prefix, iri in curie_map.items():
        if ours.expand(f"{prefix}:") != iri:
            reason = (
                f"its curie_map says {prefix}: is {iri}, data/links/prefixes.json says {ours.expand(f'{prefix}:')}"
            )
            raise SourceError(str(path), reason, "make them agree, with scripts/prefixes.py")
    return ours.get_subconverter(list(curie_map))


@dataclass(frozen=True)
class _Table:
    path: Path
    prefixes: curies.Converter

    def mappings(self, lines: list[str], above: int) -> Iterator[Mapping]:
        rows = csv.reader(lines, delimiter="\t", strict=True)
        columns = self._columns(next(rows, []))
        seen: dict[tuple[str, str], int] = {}
        for row in rows:
            line = above + rows.line_num
            if len(row) != len(columns):
                raise self._error(line, f"{len(row)} cells in a table of {len(columns)} columns")
            mapping = self._mapping(dict(zip(columns, row, strict=True)), line)
            pair = mapping.subject, mapping.object
            if pair in seen:
                raise self._error(line, f"subject and object are those of line {seen[pair]}")
            seen[pair] = line
            yield mapping

    def _columns(self, names: list[str]) -> list[str]:
        unknown = [name for name in names if name not in _REQUIRED + _OPTIONAL]
        missing = [name for name in _REQUIRED if name not in names]
        if unknown or missing or len(set(names)) < len(names):
            reason = f"columns unknown: {unknown}, missing: {missing}, or one stands twice"
            raise SourceError(str(self.path), reason, f"use {', '.join(_REQUIRED + _OPTIONAL)}")
        return names

    def _mapping(self, row: dict[str, str], line: int) -> Mapping:
        subject, predicate, object_, justification = (self._iri(row[name], name, line) for name in _REQUIRED)
        if not justification.startswith(_JUSTIFICATIONS):
            raise self._error(line, f"{row['mapping_justification']!r} is no justification of semapv")
        source = row.get("object_source", "")
        return Mapping(
            subject,
            predicate,
            object_,
            justification,
            line,
            row.get("subject_label", ""),
            row.get("object_label", ""),
            self._iri(source, "object_source", line) if source else "",
            self._confidence(row.get("confidence", ""), line),
            row.get("comment", ""),
        )

    def _iri(self, curie: str, name: str, line: int) -> str:
        identifier = curie.partition(":")[2]
        iri = self.prefixes.expand(curie) if identifier else None
        if iri is None:
            raise self._error(line, f"{name} {curie!r} has no prefix of the table's curie_map, or nothing behind it")
        return iri

    def _confidence(self, text: str, line: int) -> Decimal | None:
        if not text:
            return None
        if not _CONFIDENCE.fullmatch(text):
            raise self._error(line, f"confidence {text!r} is no number from 0 to 1")
        return Decimal(text)

    def _error(self, line: int, reason: str) -> SourceError:
        return SourceError(f"{self.path}, line {line}", reason, "mend the row")
