"""Writes `disease-names.tsv` and `drug-names.tsv` of data/links: what is known by name without any vocabulary.

`uv run scripts/name_tables.py INDEX UNII_NAMES MET`: INDEX is a file of `trialgraph vocabularies`,
UNII_NAMES the owner's `UNII_Names_DATE.txt` (also zipped, or in a wheel), MET names that trials give their conditions
and drugs, one a line after `condition` or `drug` and a tab; what the tables have stays. Facts only, each row with its
source: labels of Mondo as its own mapping tables give them, with the labels of the terms of NCIT, DOID, Orphanet and
ICD-10-CM that these tables say are the same (CC0), other names of Mondo (CC BY 4.0), headings and entry terms of MeSH
(NLM), names of medicines by FDA and NCATS (public domain). Only names by which the linker finds the term are taken.
"""
# ruff: noqa: INP001

import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from trialgraph.linking.concept_choice import is_obsolete, is_unlike
from trialgraph.linking.label_index import Entry, LabelIndex
from trialgraph.linking.link_result import NO_RECORD
from trialgraph.linking.name_rules import rules
from trialgraph.linking.readers.unii_reader import NAMES_FILE, TAG
from trialgraph.linking.string_linker import StringLinker
from trialgraph.linking.vocabulary_files import members
from trialgraph.resource.name_key import bag_key, code_key, exact_key, words

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

STUDY_CODE = re.compile(r"[A-Za-z]{1,6}[- ]?\d{3,}[A-Za-z]{0,2}|[A-Za-z]{2,6}-\d{2,}")
"""The same as MeSH writes it."""

LABELLED = re.compile(
    r"\b(?:F-18|C-11|I-12[345]|I-131|GA-6[78]|TC-99M|LU-177|IN-111|ZR-89|CU-6\d|Y-90|AC-225|N-13|O-15|RB-82|SM-153|"
    r"RE-18[68]|AT-211|PB-212|TB-161|SN-117M)\b|\((?:18F|11C|123I)\)"
)
"""An isotope in the label of a substance that is injected to see or to destroy."""

STUDIED: Final = "UNII 2025*"
"""Source of a substance on no list; of its names only those are taken that MeSH has, brands and codes."""

Met = dict[str, set[str]]
"""The names by which terms were met, by identifier."""


def met_names(path: Path, names: Path) -> Met:
    """Return the names of an index by which names that trials give are linked, by the identifier they lead to.

    Also those of the tables as they are, and those of Mondo and of what it says is the same.
    """
    found: Met = {}
    with LabelIndex.open(path) as index:
        linker = StringLinker(index)
        met = [line.partition("\t")[::2] for line in names.read_text(encoding="utf-8").splitlines()]
        for kind, name in (*dict.fromkeys((*met, *table_names(), *mondo_names(path))),):
            for link in linker.link(kind, name, NO_RECORD).links:
                for entry in index.lookup(link.matched):
                    if entry.id == link.id and not link.via:
                        found.setdefault(entry.id, set()).add(entry.matched)
                found.setdefault(link.id, set())
    return found


def table_names() -> Iterator[tuple[str, str]]:
    """Yield the names that the tables have, each with its kind."""
    for table, kind in (("disease-names.tsv", "condition"), ("drug-names.tsv", "drug")):
        for line in (OUT / table).read_text(encoding="utf-8").splitlines()[1:]:
            for cell in line.split("\t")[1:-1]:
                yield from ((kind, name) for name in cell.split("|") if name)


def mondo_names(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the names of Mondo, and the labels of the terms that it says are the same, each with its kind."""
    index = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    rows = index.execute(
        "SELECT n.text FROM name n JOIN term t ON t.number = n.term JOIN vocabulary v ON v.number = t.vocabulary"
        " WHERE v.name = 'mondo' UNION SELECT m.object_label FROM mapping m JOIN vocabulary v"
        " ON v.number = m.vocabulary WHERE v.name = 'mondo' AND m.object_label <> '' ORDER BY 1"
    )
    yield from (("condition", name) for (name,) in rows)


def diseases(index: sqlite3.Connection, met: Met) -> Iterator[Row]:
    """Yield the diseases of Mondo with their labels, and those of MeSH with their names, one of each bag of words."""
    rows = index.execute(
        "SELECT DISTINCT m.subject, m.subject_label, v.version FROM mapping m JOIN vocabulary v"
        " ON v.number = m.vocabulary WHERE v.name = 'mondo' AND m.subject_label <> '' ORDER BY 1"
    ).fetchall()
    same = _same_labels(index, {id_: label for id_, label, _ in rows})
    for id_, label, version in rows:
        if id_.startswith("MONDO:") and not is_obsolete(label):
            seen = {bag_key(label)}
            kept = [
                name
                for name in sorted({*met.get(id_, ()), *same.get(id_, ())})
                if "|" not in name and (key := bag_key(name)) and not (key in seen or seen.add(key))
            ]
            yield id_, label, kept, [], [], f"Mondo {version}"
    findings = _findings(index)
    for id_, label, names in _terms(index, "disease", "other"):
        if id_ in findings:
            seen = {bag_key(label)}
            kept = [name for name in names if (key := bag_key(name)) and not (key in seen or seen.add(key))]
            yield id_, label, kept if id_.startswith("MESH:D") else [], [], [], "MeSH 2025"


def _same_labels(index: sqlite3.Connection, own: dict[str, str]) -> Met:
    """Return the labels of terms elsewhere that Mondo says are the same as one of its own, and as no other.

    `own` are the labels of Mondo.
    """
    taken = {bag_key(label) for label in own.values()}
    rows = index.execute(
        "SELECT m.subject, m.object_label FROM mapping m JOIN vocabulary v ON v.number = m.vocabulary"
        " WHERE v.name = 'mondo' AND m.predicate = 'skos:exactMatch' AND m.object_label <> ''"
        " AND (m.object LIKE 'NCIT:%' OR m.object LIKE 'DOID:%' OR m.object LIKE 'ORPHANET:%') ORDER BY 2, 1"
    ).fetchall()
    wide = {word for name in rules().generic for word in name.split()} | {"chronic", "acute"}
    meant: dict[str, set[str]] = {}
    for id_, label in rows:
        meant.setdefault(bag_key(label), set()).add(id_)
    found: Met = {}
    for id_, label in rows:
        # A mapping by a short form that two things share (CAN) has no word in common with the term.
        entry = Entry(id_, own.get(id_, ""), "unknown", "mondo", "disease", label)
        told = set(words(entry.label)) & set(words(label)) - wide and not is_unlike(entry)
        if told and len(meant[bag_key(label)]) == 1 and bag_key(label) not in taken and not is_obsolete(label):
            found.setdefault(id_, set()).add(label)
    return found


def _findings(index: sqlite3.Connection) -> set[str]:
    """Return the terms of MeSH for diseases, and its headings elsewhere that have the label of a finding of HP."""
    rows = index.execute(
        "SELECT v.name, t.id, t.label, t.kind FROM term t JOIN vocabulary v ON v.number = t.vocabulary"
        " WHERE v.name IN ('mesh', 'hp') ORDER BY 1, 2"
    ).fetchall()
    signs = {exact_key(label) for vocabulary, _, label, kind in rows if vocabulary == "hp" and kind == "disease"}
    mesh = [(id_, label, kind) for vocabulary, id_, label, kind in rows if vocabulary == "mesh"]
    found: set[str] = {id_ for id_, _, kind in mesh if kind == "disease"}
    return found | {id_ for id_, label, kind in mesh if kind == "other" and exact_key(label) in signs}


def drugs(index: sqlite3.Connection, unii: Path, met: Met) -> Iterator[Row]:
    """Yield medicines with their names, brands and codes by UNII, then the terms of MeSH for them."""
    known: set[str] = set()
    terms = _terms(index, "drug")
    written = {exact_key(name) for _, label, names in terms for name in (label, *names)}
    for id_, label, named, source in _substances(unii, met, {exact_key(label) for _, label, _ in terms}):
        seen, groups = {exact_key(label)}, {"of": [], "cn": [], "bn": [], "cd": []}
        for name, type_ in sorted(named):
            key = exact_key(name)
            spellings = {key, "#" + code if (code := code_key(name)) else key}
            latin = key.endswith("um") and key[:-2] in seen
            fit = PLAIN.fullmatch(name) and not CHEMICAL.search(name) and not name.startswith("NSC")
            fit = fit and (source != STUDIED or key in written or type_ == "bn" or CODE.fullmatch(name))
            fit = fit or (name in met.get(id_, ()) and "|" not in name)
            if type_ in groups and key and fit and not latin and not spellings & seen:
                groups[type_].append(name)
                seen |= spellings
        known |= seen
        names = sorted((*groups["of"], *groups["cn"]))
        yield id_, label, names, groups["bn"], groups["cd"], source.removesuffix("*")
    for id_, label, names in terms:
        if id_.startswith("MESH:D"):
            seen = {exact_key(label)}
            fit = (name for name in names if PLAIN.fullmatch(name) and not CHEMICAL.search(name))
            kept = [name for name in fit if (key := exact_key(name)) and not (key in seen or seen.add(key))]
            yield id_, label, kept, [], [], "MeSH 2025"
        elif exact_key(label) in known or id_ in met or STUDY_CODE.fullmatch(label) or "vaccine" in label.casefold():
            more = sorted(
                name for name in met.get(id_, ()) if exact_key(name) != exact_key(label) and "|" not in name
            )
            yield id_, label, more, [], [], "MeSH 2025"


def _substances(path: Path, met: Met, studied: set[str]) -> Iterator[tuple[str, str, set[tuple[str, str]], str]]:
    """Yield identifier, label, typed names and source of each substance that is on a list, has a code, or was met.

    Also of those that MeSH has too, `studied` being the keys of its labels, and of those that are labelled.
    """
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
        plain = PLAIN.fullmatch(label) and not CHEMICAL.search(label)
        if tags & LISTS or CODE.fullmatch(label) or f"UNII:{unii}" in met:
            yield f"UNII:{unii}", label, names, "UNII 2025, INN" if tags & INN else "UNII 2025"
        elif (plain and exact_key(label) in studied) or LABELLED.search(label):
            yield f"UNII:{unii}", label, names, STUDIED


def _terms(index: sqlite3.Connection, *kinds: str) -> list[tuple[str, str, list[str]]]:
    """Return the terms of MeSH of some kinds with their entry terms."""
    rows = index.execute(
        "SELECT t.id, t.label, n.text, t.kind FROM name n JOIN term t ON t.number = n.term JOIN vocabulary v"
        " ON v.number = t.vocabulary WHERE v.name = 'mesh' ORDER BY 1, 3"
    )
    found: dict[tuple[str, str], list[str]] = {}
    for id_, label, text, kind in rows:
        if kind in kinds:
            found.setdefault((id_, label), []).append(text)
    return [(id_, label, names) for (id_, label), names in found.items()]


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
