"""SSSLM/TSV of any owner: labels and synonyms of terms, each with the scope that its predicate says."""

from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.linking.readers.curie_spelling import spelled
from trialgraph.linking.readers.tables import rows
from trialgraph.linking.vocabulary_catalog import kind_of_prefix
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item, Name, Term

_SCOPES: Final = {
    "rdfs:label": "label",
    "oboinowl:hasexactsynonym": "exact",
    "oboinowl:hasnarrowsynonym": "narrow",
    "oboinowl:hasbroadsynonym": "broad",
    "oboinowl:hasrelatedsynonym": "related",
    "skos:preflabel": "label",
    "skos:altlabel": "unknown",
}
_COLUMNS: Final = ("text", "curie")


def read_ssslm(files: Sequence[Member]) -> Iterator[Item]:
    """Yield a term for each row, with its one name. Raises SourceError."""
    for member in files:
        if member.basename.endswith(".tsv"):
            for row in rows(member, _COLUMNS, "give a table of SSSLM"):
                if id_ := spelled(row["curie"]):
                    scope = _SCOPES.get(row.get("predicate", "").lower(), "related")
                    label = row.get("name") or (row["text"] if scope == "label" else "")
                    kind = kind_of_prefix(id_.partition(":")[0])
                    yield Term(id_, label, kind, (Name(row["text"], scope),) if row["text"] else ())
