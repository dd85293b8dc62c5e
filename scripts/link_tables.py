"""Writes tables of facts in data/links/: `mesh-to-mondo.tsv`, `equal-labels.tsv`, `anchors.tsv`.

`uv run scripts/link_tables.py INDEX RECORDS...`: INDEX is a file of `trialgraph vocabularies`, RECORDS are records of
the registry. Facts only, each row with its source; run it again to follow a new version of Mondo.
"""
# ruff: noqa: INP001

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from trialgraph.linking.concept_choice import is_obsolete
from trialgraph.linking.label_index import key_hash
from trialgraph.linking.vocabulary_catalog import not_exact
from trialgraph.resource.name_key import bag_key

OUT = Path(__file__).parents[1] / "data" / "links"
ANCHORS_EACH = 300


def mesh_ids(paths: list[Path]) -> Iterator[str]:
    """Yield the MeSH ids that occur in records, one JSON object a line."""
    for path in paths:
        for line in path.open("rb"):
            derived = msgspec.json.decode(line).get("derivedSection", {})
            for module in ("conditionBrowseModule", "interventionBrowseModule"):
                for key in ("meshes", "ancestors"):
                    for term in derived.get(module, {}).get(key, ()):
                        yield "MESH:" + unpadded(term["id"])


def unpadded(id_: str) -> str:
    """Return a MeSH id without the zeros that the registry put before it until November 2024."""
    return id_[0] + id_[4:] if id_[1:4] == "000" and len(id_) == 10 and int(id_[1:]) < 66000 else id_


def mesh_to_mondo(index: sqlite3.Connection) -> Iterator[str]:
    """Yield the exact matches of Mondo to MeSH."""
    rows = index.execute(
        "SELECT m.object, m.subject, m.subject_label, v.version FROM mapping m JOIN vocabulary v"
        " ON v.number = m.vocabulary WHERE v.name = 'mondo' AND m.predicate = 'skos:exactMatch'"
        " AND m.object LIKE 'MESH:%' ORDER BY m.object, m.subject"
    )
    for mesh, mondo, label, version in rows:
        if not is_obsolete(label) and (mesh, mondo) not in not_exact():
            yield f"{mesh}\t{mondo}\t{label}\tmondo_exactmatch_mesh.sssom.tsv of Mondo {version}"


def equal_labels(index: sqlite3.Connection) -> Iterator[str]:
    """Yield descriptors of diseases that Mondo does not map, with the one term of Mondo that has their label."""
    mapped = {
        object_
        for (object_,) in index.execute(
            "SELECT m.object FROM mapping m JOIN vocabulary v ON v.number = m.vocabulary"
            " WHERE v.name = 'mondo' AND m.predicate = 'skos:exactMatch' AND m.object LIKE 'MESH:%'"
        )
    }
    named = (
        "SELECT t.id, t.label, v.version FROM term t JOIN vocabulary v ON v.number = t.vocabulary WHERE v.name = ?"
    )
    by_label: dict[str, list[tuple[str, str, str]]] = {}
    for id_, label, version in index.execute(named + " AND t.kind = 'disease'", ("mondo",)):
        if not is_obsolete(label):
            by_label.setdefault(bag_key(label), []).append((id_, label, version))
    old = (OUT / "equal-labels.tsv").read_text(encoding="utf-8").splitlines()
    read = (line for line in old if "\tread: " in line)
    yield from read
    for mesh, label, _ in sorted(index.execute(named + " AND t.kind = 'disease'", ("mesh",))):
        same = by_label.get(bag_key(label), [])
        if mesh.startswith("MESH:D") and mesh not in mapped and len(same) == 1:
            yield f"{mesh}\t{same[0][0]}\t{same[0][1]}\tequal labels of MeSH and Mondo {same[0][2]}"


def anchors(index: sqlite3.Connection, met: set[str]) -> Iterator[str]:
    """Yield some hundred terms of each vocabulary with their labels, spread over all by a hash."""
    vocabularies = index.execute("SELECT number, name, title, version FROM vocabulary WHERE terms > 0 ORDER BY rank")
    for number, name, title, version in vocabularies.fetchall():
        terms = index.execute("SELECT id, label FROM term WHERE vocabulary = ? AND label <> ''", (number,)).fetchall()
        if name == "mesh":
            terms = [term for term in terms if term[0] in met]
        chosen = sorted(terms, key=lambda term: key_hash(term[0]))[:ANCHORS_EACH]
        for id_, label in sorted(chosen):
            yield f"{id_}\t{label}\t{title} {version}".rstrip()


def main(index_path: str, *records: str) -> None:
    """Write the tables."""
    met = set(mesh_ids([Path(path) for path in records]))
    index = sqlite3.connect(f"{Path(index_path).absolute().as_uri()}?mode=ro", uri=True)
    tables = {
        "mesh-to-mondo.tsv": ("mesh\tmondo\tmondo label\tsource", mesh_to_mondo(index)),
        "equal-labels.tsv": ("mesh\tmondo\tmondo label\tsource", sorted(equal_labels(index))),
        "anchors.tsv": ("id\tlabel\tsource", anchors(index, met)),
    }
    for name, (header, rows) in tables.items():
        (OUT / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
