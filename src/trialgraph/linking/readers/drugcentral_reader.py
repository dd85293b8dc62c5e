"""DrugCentral: its table of drugs and targets (`drug.target.interaction.tsv`); mechanisms of action only.

A row without the mark of a mechanism (`MOA` = 1) is a measurement, not what the drug works by. A target of several
proteins has accessions and genes parted by `|`, in one order.
"""

import csv
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item, Mechanism, Term

_COLUMNS: Final = ("DRUG_NAME", "STRUCT_ID", "TARGET_NAME", "ACCESSION", "GENE", "MOA", "ACTION_TYPE", "ORGANISM")


def read_drugcentral(files: Sequence[Member]) -> Iterator[Item]:
    """Yield drugs, each once, and the mechanisms by which they act on proteins. Raises SourceError."""
    for member in files:
        if member.basename.endswith((".tsv", ".csv", ".txt")):
            yield from _rows(member)


def _rows(member: Member) -> Iterator[Item]:
    delimiter = "," if member.basename.endswith(".csv") else "\t"
    rows = csv.DictReader(member.lines(), delimiter=delimiter)
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise member.error(
            f"it has no column {', '.join(missing)}", "take drug.target.interaction.tsv of DrugCentral"
        )
    seen: set[str] = set()
    for row in rows:
        drug = f"DRUGCENTRAL:{row['STRUCT_ID']}"
        if drug not in seen:
            seen.add(drug)
            yield Term(drug, row["DRUG_NAME"], "drug")
        if row["MOA"] == "1":
            genes = (row["GENE"] or "").split("|")
            for accession, gene in zip_longest((row["ACCESSION"] or "").split("|"), genes, fillvalue=""):
                if accession:
                    yield Mechanism(
                        drug,
                        f"UNIPROT:{accession}",
                        gene,
                        row["TARGET_NAME"],
                        row["ACTION_TYPE"] or "",
                        row["ORGANISM"] or "",
                    )
