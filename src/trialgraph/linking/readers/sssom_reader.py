"""SSSOM/TSV of any owner: mappings, with the labels of both ends, against which names are held.

Of an archive, sets of predictions and of denied matches are left out. Rows that deny a match (`predicate_modifier`
`Not`) are left out, and so are predicates that are none of SKOS.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from trialgraph.linking.readers.curie_spelling import spelled
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Edition, Item, TermMapping

_PREDICATES: Final = {f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related")}
_IRI_PREFIX: Final = "http://www.w3.org/2004/02/skos/core#"
_HEADER: Final = re.compile(
    r"#\s*(mapping_set_version|mapping_date|license|mapping_set_title|mapping_set_id):\s*(.+)"
)
_RELEASE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLUMNS: Final = ("subject_id", "predicate_id", "object_id")
_LEFT_OUT: Final = re.compile("predict|negative|unsure")
SUFFIX: Final = ".sssom.tsv"
"""How the name of a table of SSSOM ends."""


def read_sssom_sets(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the mappings of every table among the files. Raises SourceError."""
    for member in files:
        if member.basename.endswith(SUFFIX) and not (member.archived and _LEFT_OUT.match(member.basename)):
            yield from read_mappings(member)


def read_mappings(member: Member) -> Iterator[Item]:
    """Yield the edition and the mappings of one table. Raises SourceError for one without the columns of SSSOM."""
    lines = member.lines()
    header: dict[str, str] = {}
    first = ""
    for line in lines:
        if not line.startswith("#"):
            first = line
            break
        if found := _HEADER.match(line):
            header[found[1]] = found[2].strip().strip('"')
    version = header.get("mapping_set_version", "")
    released = _RELEASE.search(version)
    date = header.get("mapping_date", "") or (released[0] if released else "")
    version = version if not version.startswith("http") else date
    yield Edition(version, date, header.get("mapping_set_title", ""), header.get("license", ""))
    rows = csv.DictReader(chain([first], lines), delimiter="\t")
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise member.error(f"it has no column {', '.join(missing)}", "give a table of SSSOM")
    for row in rows:
        predicate = (row["predicate_id"] or "").replace(_IRI_PREFIX, "skos:")
        subject, object_ = spelled(row["subject_id"] or ""), spelled(row["object_id"] or "")
        if row.get("predicate_modifier") or predicate not in _PREDICATES or not subject or not object_:
            continue
        yield TermMapping(subject, predicate, object_, row.get("subject_label") or "", row.get("object_label") or "")
