"""DrugCentral: `drug.target.interaction.tsv`, drugs and targets; mechanisms of action only.

A row without the mark of a mechanism (`MOA` = 1) is a measurement, not what the drug works by. A target of several
proteins has accessions and genes parted by `|`, each list in an order of its own: which gene is whose is known from
the rows of one protein.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.linking.readers.tables import rows
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item, Mechanism, Term

_FILE: Final = re.compile(r"drug\.target\.interaction\.(tsv|csv)")
_COLUMNS: Final = ("DRUG_NAME", "STRUCT_ID", "TARGET_NAME", "ACCESSION", "GENE", "MOA", "ACTION_TYPE", "ORGANISM")


def read_drugcentral(files: Sequence[Member]) -> Iterator[Item]:
    """Yield drugs, each once, and the mechanisms by which they act on proteins. Raises SourceError."""
    for member in files:
        if not member.archived or _FILE.fullmatch(member.basename):
            yield from _drugs(member)


def _drugs(member: Member) -> Iterator[Item]:
    genes = {row["ACCESSION"]: row["GENE"] for row in _rows(member) if "|" not in row["ACCESSION"] + row["GENE"]}
    seen: set[str] = set()
    for row in _rows(member):
        drug = f"DRUGCENTRAL:{row['STRUCT_ID']}"
        if drug not in seen:
            seen.add(drug)
            yield Term(drug, row["DRUG_NAME"], "drug")
        if row["MOA"] == "1":
            among = set(row["GENE"].split("|"))
            for accession in filter(None, row["ACCESSION"].split("|")):
                gene = genes.get(accession, "")
                yield Mechanism(
                    drug,
                    f"UNIPROT:{accession}",
                    gene if gene in among else "",
                    row["TARGET_NAME"],
                    row["ACTION_TYPE"],
                    row["ORGANISM"],
                )


def _rows(member: Member) -> Iterator[dict[str, str]]:
    delimiter = "," if member.basename.endswith(".csv") else "\t"
    return rows(member, _COLUMNS, "take drug.target.interaction.tsv", delimiter=delimiter)
