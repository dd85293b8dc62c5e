"""UNII: names of substances by FDA and NCATS (`UNII_Names_DATE.txt`, `UNII_Records_DATE.txt`).

A name has a type: `of` official, `cn` common, `bn` brand, `cd` code, `sys` systematic. A tag behind it says whose
name it is (`PEMBROLIZUMAB [INN]`); it is no part of the name.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Edition, Item, Name, Term

NAMES_FILE: Final = re.compile(r"UNII[_ ]?Names.*\.txt", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{1,2}[A-Za-z]{3}\d{4}|\d{4}-\d{2}-\d{2})")
_COLUMNS: Final = ("Name", "TYPE", "UNII", "Display Name")
_SCOPES: Final = {"of": "exact", "cn": "exact", "sys": "exact", "bn": "brand", "cd": "code"}
TAG: Final = re.compile(r" \[[^\[\]]{1,60}\]$")
_UNII: Final = re.compile(r"[0-9A-Z]{10}")


def read_unii(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the substances of a names file, each with its names. Raises SourceError."""
    for member in files:
        if NAMES_FILE.fullmatch(member.basename) or not member.archived:
            if dated := _DATE.search(member.basename):
                yield Edition(version=dated[1])
            yield from _substances(member)


def _substances(member: Member) -> Iterator[Item]:
    lines = member.lines()
    header = [name.strip() for name in next(lines, "").lstrip("\ufeff").split("\t")]
    columns = {name.casefold(): place for place, name in enumerate(header)}
    aliases = {"display name": "pt"} if "display name" not in columns and "pt" in columns else {}
    try:
        name, type_, unii, display = (columns[aliases.get(n.casefold(), n.casefold())] for n in _COLUMNS)
    except KeyError as missing:
        raise member.error(f"it has no column {missing}", f"its columns are {', '.join(_COLUMNS)}") from None
    rows = (cells for line in lines if len(cells := line.split("\t")) == len(header))
    for id_, group in groupby(rows, key=lambda cells: cells[unii]):
        if not _UNII.fullmatch(id_):
            continue
        named = [(cells[name], cells[type_], cells[display]) for cells in group]
        names = {Name(TAG.sub("", text), _SCOPES.get(kind, "unknown")) for text, kind, _ in named}
        yield Term(f"UNII:{id_}", named[0][2] or named[0][0], "drug", tuple(sorted(names, key=lambda n: n.text)))
