"""A reader for each form in which owners give vocabularies; each yields `vocabulary_items`.

>>> sorted(READERS)[:3]
['any_ontology', 'chembl', 'drugbank']
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from trialgraph.linking.readers.chembl_reader import read_chembl
from trialgraph.linking.readers.drugbank_reader import read_drugbank
from trialgraph.linking.readers.drugcentral_reader import read_drugcentral
from trialgraph.linking.readers.hgnc_reader import read_hgnc
from trialgraph.linking.readers.mesh_reader import read_mesh
from trialgraph.linking.readers.obo_reader import read_any_ontology, read_ontology
from trialgraph.linking.readers.ror_reader import read_ror
from trialgraph.linking.readers.rxnorm_reader import read_rxnorm
from trialgraph.linking.readers.ssslm_reader import read_ssslm
from trialgraph.linking.readers.sssom_reader import read_sssom_sets
from trialgraph.linking.readers.unii_reader import read_unii
from trialgraph.linking.vocabulary_catalog import VocabularyKind
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item

Reader = Callable[[Sequence[Member]], Iterator[Item]]

READERS: Final[dict[str, Reader]] = {
    "any_ontology": read_any_ontology,
    "chembl": read_chembl,
    "drugbank": read_drugbank,
    "drugcentral": read_drugcentral,
    "hgnc": read_hgnc,
    "mesh": read_mesh,
    "ror": read_ror,
    "rxnorm": read_rxnorm,
    "sssom": read_sssom_sets,
    "ssslm": read_ssslm,
    "unii": read_unii,
}


def reader_of(kind: VocabularyKind) -> Reader:
    """Return what reads the files of a kind of vocabulary."""
    return READERS.get(kind.reader) or partial(read_ontology, prefix=kind.prefix)
