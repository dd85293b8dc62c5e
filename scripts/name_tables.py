"""Writes `disease-names.tsv` and `drug-names.tsv` of data/links: what is known by name without any vocabulary.

`uv run scripts/name_tables.py INDEX UNII_NAMES MET`: INDEX is a file of `trialgraph vocabularies`,
UNII_NAMES the owner's `UNII_Names_DATE.txt` (also zipped, or in a wheel), MET names that trials give their conditions
and drugs, one a line after `condition` or `drug` and a tab. Facts only, each row with its source: labels of Mondo as
its own mapping tables give them (CC0), headings and entry terms of MeSH (NLM), names of medicines by FDA and NCATS
(public domain). Of other names only those that were met are taken; the rest is left to the owners' files.
"""
# ruff: noqa: INP001

import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from trialgraph.linking.concept_choice import is_obsolete
from trialgraph.linking.label_index import LabelIndex
from trialgraph.linking.link_result import NO_RECORD
from trialgraph.linking.readers.unii_reader import NAMES_FILE, TAG
from trialgraph.linking.string_linker import StringLinker
from trialgraph.linking.vocabulary_files import members
from trialgraph.resource.name_key import bag_key, code_key, exact_key

OUT = Path(__file__).parents[1] / "data" / "links"
HEADER: Final = "id\tlabel\tnames\tbrands\tcodes\tsource"
LISTS: Final = frozenset(("INN", "USAN", "ORANGE BOOK", "GREEN BOOK", "PURPLE BOOK CDER", "VANDF", "JAN", "EMA EPAR"))
"""Whose name a substance must have: it is, or was to become, a medicine."""

INN: Final = frozenset(("INN", "USAN"))
"""The lists of names that nothing but a medicine has."""

PLAIN = re.compile(r"[^\W_][^(){}\[\];|\t]{1,39}")
CHEMICAL = re.compile(r"\d,\d|-\d-|\d'|\.|, ")
"""Signs of a systematic name, or of one turned round, which nobody writes in a record."""

Row = tuple[str, str, list[str], list[str], list[str], str]


CODE = re.compile(r"[A-Z]{1,6}[- ]?\d{3,}[A-Z]{0,2}|[A-Z]{2,6}-\d{2,}")
"""A company's code for a substance that has no name yet."""

Met = dict[str, set[str]]
"""The names by which terms were met, by identifier."""


def met_names(path: Path, names: Path) -> Met:
    """Return the names of an index by which names that trials give are linked, by the identifier they lead to."""
    found: Met = {}
    with LabelIndex.open(path) as index:
        linker = StringLinker(index)
        for line in names.read_text(encoding="utf-8").splitlines():
            kind, _, name = line.partition("\t")
            for link in linker.link(kind, name, NO_RECORD).links:
                for entry in index.lookup(link.matched):
                    if entry.id == link.id and not link.via:
                        found.setdefault(entry.id, set()).add(entry.matched)
                found.setdefault(link.id, set())
    return found


def diseases(index: sqlite3.Connection, met: Met) -> Iterator[Row]:
    """Yield the diseases of Mondo with their labels, and those of MeSH with their names, one of each bag of words."""
    rows = index.execute(
        "SELECT DISTINCT m.subject, m.subject_label, v.version FROM mapping m JOIN vocabulary v"
        " ON v.number = m.vocabulary WHERE v.name = 'mondo' AND m.subject_label <> '' ORDER BY 1"
    )
    for id_, label, version in rows:
        if id_.startswith("MONDO:") and not is_obsolete(label):
            own, seen = met.get(id_, ()), {exact_key(label)}
            kept = [name for name in sorted(own) if (key := exact_key(name)) and not (key in seen or seen.add(key))]
            yield id_, label, [name for name in kept if "|" not in name], [], [], f"Mondo {version}"
    mapped = {mesh for (mesh,) in index.execute("SELECT object FROM mapping WHERE object LIKE 'MESH:C%'")}
    for id_, label, names in _terms(index, "disease"):
        if id_.startswith("MESH:D") or id_ in mapped:
            seen = {bag_key(label)}
            kept = [name for name in names if (key := bag_key(name)) and not (key in seen or seen.add(key))]
            yield id_, label, kept if id_.startswith("MESH:D") else [], [], [], "MeSH 2025"


def drugs(index: sqlite3.Connection, unii: Path, met: Met) -> Iterator[Row]:
    """Yield medicines with their names, brands and codes by UNII, then the terms of MeSH for them."""
    known: set[str] = set()
    for id_, label, named, source in _substances(unii, met):
        seen, groups = {exact_key(label)}, {"of": [], "cn": [], "bn": [], "cd": []}
        for name, type_ in sorted(named):
            key = exact_key(name)
            spellings = {key, "#" + code if (code := code_key(name)) else key}
            latin = key.endswith("um") and key[:-2] in seen
            fit = PLAIN.fullmatch(name) and not CHEMICAL.search(name) and not name.startswith("NSC")
            fit = fit or (name in met.get(id_, ()) and "|" not in name)
            if type_ in groups and key and fit and not latin and not spellings & seen:
                groups[type_].append(name)
                seen |= spellings
        known |= seen
        names = sorted((*groups["of"], *groups["cn"]))
        yield id_, label, names, groups["bn"], groups["cd"], source
    for id_, label, names in _terms(index, "drug"):
        if id_.startswith("MESH:D"):
            seen = {exact_key(label)}
            fit = (name for name in names if PLAIN.fullmatch(name) and not CHEMICAL.search(name))
            kept = [name for name in fit if (key := exact_key(name)) and not (key in seen or seen.add(key))]
            yield id_, label, kept, [], [], "MeSH 2025"
        elif exact_key(label) in known or id_ in met:
            more = sorted(
                name for name in met.get(id_, ()) if exact_key(name) != exact_key(label) and "|" not in name
            )
            yield id_, label, more, [], [], "MeSH 2025"


def _substances(path: Path, met: Met) -> Iterator[tuple[str, str, set[tuple[str, str]], str]]:
    """Yield identifier, label, typed names and source of each substance that is on a list, has a code, or was met."""
    found: dict[str, tuple[str, set[tuple[str, str]], set[str]]] = {}
    for member in members([path]):
        if not NAMES_FILE.fullmatch(member.basename):
            continue
        for line in member.lines():
            cells = line.split("\t")
            if len(cells) == len(HEADER.split("\t")) - 2 and cells[1] != "TYPE":
                label, names, tags = found.setdefault(cells[2], (cells[3], set(), set()))
                names.add((TAG.sub("", cells[0]), cells[1]))
                tags.update(tag[0][2:-1] for tag in TAG.finditer(cells[0]))
    for unii in sorted(found):
        label, names, tags = found[unii]
        if tags & LISTS or CODE.fullmatch(label) or f"UNII:{unii}" in met:
            yield f"UNII:{unii}", label, names, "UNII 2025, INN" if tags & INN else "UNII 2025"


def _terms(index: sqlite3.Connection, kind: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the terms of MeSH of a kind with their entry terms."""
    rows = index.execute(
        "SELECT t.id, t.label, n.text FROM name n JOIN term t ON t.number = n.term JOIN vocabulary v"
        " ON v.number = t.vocabulary WHERE v.name = 'mesh' AND t.kind = ? ORDER BY 1, 3",
        (kind,),
    )
    found: dict[tuple[str, str], list[str]] = {}
    for id_, label, text in rows:
        found.setdefault((id_, label), []).append(text)
    for (id_, label), names in found.items():
        yield id_, label, names


def write(name: str, rows: Iterable[Row]) -> None:
    """Write one table."""
    lines = ("\t".join((row[0], row[1], *map("|".join, row[2:5]), row[5])) for row in rows)
    (OUT / name).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def main(index_path: str, unii: str, names: str) -> None:
    """Write the tables."""
    met = met_names(Path(index_path), Path(names))
    index = sqlite3.connect(f"{Path(index_path).absolute().as_uri()}?mode=ro", uri=True)
    write("disease-names.tsv", diseases(index, met))
    write("drug-names.tsv", drugs(index, Path(unii), met))


if __name__ == "__main__":
    main(*sys.argv[1:])
