"""CURIEs in one spelling: the prefixes that files use for one vocabulary, and the index's own.

>>> spelled("mesh:D001943"), spelled("OMIMPS:114480"), spelled("Orphanet:227535"), spelled("no curie")
('MESH:D001943', 'OMIMPS:114480', 'ORPHANET:227535', '')
>>> spelled("http://purl.obolibrary.org/obo/MONDO_0007254")
'MONDO:0007254'
"""

import re
from typing import Final

_CURIE: Final = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(\S+)")
_OBO: Final = re.compile(r"(?:https?://purl\.obolibrary\.org/obo/|https?://www\.ebi\.ac\.uk/efo/)([A-Za-z]+)_(\w+)")
_IRIS: Final = {
    "http://www.orpha.net/ORDO/Orphanet_": "ORPHANET",
    "http://identifiers.org/mesh/": "MESH",
    "http://id.nlm.nih.gov/mesh/": "MESH",
    "https://omim.org/entry/": "OMIM",
    "http://identifiers.org/hgnc/": "HGNC",
}
_PREFIXES: Final = {
    "MSH": "MESH",
    "MESHD": "MESH",
    "NCI": "NCIT",
    "MIM": "OMIM",
    "ORDO": "ORPHANET",
    "ORPHA": "ORPHANET",
    "UMLS_CUI": "UMLS",
    "SCTID": "SNOMEDCT",
    "SNOMEDCT_US": "SNOMEDCT",
    "SNOMED": "SNOMEDCT",
    "ICD10CM": "ICD10CM",
    "CHEMBL": "CHEMBL.COMPOUND",
    "CHEMBL.COMPOUND": "CHEMBL.COMPOUND",
    "RXCUI": "RXNORM",
    "CTD": "MESH",
}
_DATED: Final = re.compile(r"_\d{4}_\d{2}_\d{2}$")


def spelled(curie: str) -> str:
    """Return a CURIE or IRI in the index's spelling; empty for what is neither."""
    for iri, prefix in _IRIS.items():
        if curie.startswith(iri):
            return f"{prefix}:{curie.removeprefix(iri)}"
    if found := _OBO.fullmatch(curie) or _CURIE.fullmatch(curie):
        prefix = _DATED.sub("", found[1].upper())
        identifier = found[2]
        return f"{_PREFIXES.get(prefix, prefix)}:{identifier}" if not identifier.startswith("//") else ""
    return ""
