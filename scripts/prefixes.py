"""Writes data/links/prefixes.json: the prefixes, IRIs and identifier patterns that our mapping tables may use.

An extended prefix map (https://cthoyt.com/curies), taken from the Bioregistry as it is installed, without the
network: `uv run --with bioregistry scripts/prefixes.py`. Run it again to add a prefix or to follow the Bioregistry.
"""
# ruff: noqa: INP001

import json
import re
from pathlib import Path
from typing import Any

import bioregistry

FROM_BIOREGISTRY = """
    atc bioregistry biolink cas chebi chembl.compound cto doid drugbank efo ensembl gard hgnc hp icd10 icd11 icdo
    inchikey iuphar.ligand medgen mesh mondo ncbigene ncit obi omim oncotree orphanet pharmgkb.drug prov
    pubchem.compound rxnorm schema semapv skos snomedct umls unii uniprot wikidata
""".split()
# Forms that other linked data use, where the Bioregistry's own choice is an address for browsers.
CHOSEN = {
    "bioregistry": "https://bioregistry.io/registry/",
    "hgnc": "http://identifiers.org/hgnc/",
    "ncbigene": "http://identifiers.org/ncbigene/",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
OURS = {
    "tg": ("https://w3id.org/trialgraph/ontology#", r"^[A-Za-z]+$"),
    "tgid": ("https://w3id.org/trialgraph/id/", r"^\S+$"),
}
OUT = Path(__file__).parents[1] / "data" / "links" / "prefixes.json"


def record(prefix: str) -> dict[str, Any]:
    """Return what the Bioregistry says of a prefix, as an entry of an extended prefix map."""
    entry = bioregistry.get_resource(prefix)
    if entry is None:
        raise SystemExit(f"the Bioregistry has no prefix {prefix!r}")
    miriam = entry.get_identifiers_org_prefix()
    iri = (
        CHOSEN.get(prefix)
        or entry.get_rdf_uri_prefix()
        or (f"http://identifiers.org/{miriam}/" if miriam else f"https://bioregistry.io/{prefix}:")
    )
    others = {entry.get_uri_prefix(), f"https://bioregistry.io/{prefix}:"} - {iri, None}
    preferred = {entry.get_preferred_prefix()} - {prefix, None}
    return {
        "prefix": prefix,
        "prefix_synonyms": sorted(preferred),
        "uri_prefix": iri,
        "uri_prefix_synonyms": sorted(other for other in others if other),
        "pattern": entry.get_pattern() or r"^\S+$",
    }


def ours(prefix: str) -> dict[str, Any]:
    """Return the entry of a prefix of our own."""
    iri, pattern = OURS[prefix]
    return {
        "prefix": prefix,
        "prefix_synonyms": [],
        "uri_prefix": iri,
        "uri_prefix_synonyms": [],
        "pattern": pattern,
    }


def main() -> None:
    """Write the file."""
    entries = sorted([*map(record, FROM_BIOREGISTRY), *map(ours, OURS)], key=lambda entry: str(entry["prefix"]))
    for entry in entries:
        re.compile(entry["pattern"])
    OUT.write_text(json.dumps(entries, indent=1) + "\n")


if __name__ == "__main__":
    main()
