"""The datasets our links lead into, known by the start of their IRIs, and the linksets of a release.

>>> target("<http://purl.uniprot.org/uniprot/Q7Z6A9>").title
'UniProt'
>>> target("<https://example.org/x>") is None
True
"""

import re
from dataclasses import dataclass
from typing import Final

from trialgraph.terms import Term


@dataclass(frozen=True)
class Target:
    """A dataset of others that we link to."""

    name: str
    """For file names and IRIs."""
    title: str
    namespace: str
    """How its IRIs begin."""
    homepage: str


TARGETS: Final = (
    Target("atc", "Anatomical Therapeutic Chemical Classification", "http://identifiers.org/atc/", "https://www.whocc.no/atc_ddd_index/"),
    Target("biolink", "Biolink Model", "https://w3id.org/biolink/vocab/", "https://biolink.github.io/biolink-model/"),
    Target("bioregistry", "Bioregistry", "https://bioregistry.io/", "https://bioregistry.io/"),
    Target("cas", "CAS Registry Numbers", "http://identifiers.org/cas/", "https://commonchemistry.cas.org/"),
    Target("chebi", "ChEBI", "http://purl.obolibrary.org/obo/CHEBI_", "https://www.ebi.ac.uk/chebi/"),
    Target("chembl", "ChEMBL", "http://identifiers.org/chembl.compound/", "https://www.ebi.ac.uk/chembl/"),
    Target("chembl-molecule", "ChEMBL RDF", "http://rdf.ebi.ac.uk/resource/chembl/molecule/", "https://www.ebi.ac.uk/chembl/"),
    Target("clinicaltrials", "ClinicalTrials.gov", "https://clinicaltrials.gov/study/", "https://clinicaltrials.gov/"),
    Target("clinicaltrials-ids", "ClinicalTrials.gov at identifiers.org", "http://identifiers.org/clinicaltrials/", "http://identifiers.org/clinicaltrials"),
    Target("cto", "Clinical Trials Ontology", "http://purl.obolibrary.org/obo/CTO_", "https://obofoundry.org/ontology/cto.html"),
    Target("doi", "DOI", "https://doi.org/", "https://www.doi.org/"),
    Target("doid", "Human Disease Ontology", "http://purl.obolibrary.org/obo/DOID_", "https://disease-ontology.org/"),
    Target("drugbank", "DrugBank", "http://identifiers.org/drugbank/", "https://go.drugbank.com/"),
    Target("efo", "Experimental Factor Ontology", "http://www.ebi.ac.uk/efo/EFO_", "https://www.ebi.ac.uk/efo/"),
    Target("ensembl", "Ensembl", "http://rdf.ebi.ac.uk/resource/ensembl/", "https://www.ensembl.org/"),
    Target("geonames", "GeoNames", "https://sws.geonames.org/", "https://www.geonames.org/"),
    Target("hgnc", "HGNC", "http://identifiers.org/hgnc/", "https://www.genenames.org/"),
    Target("hp", "Human Phenotype Ontology", "http://purl.obolibrary.org/obo/HP_", "https://hpo.jax.org/"),
    Target("icd-10", "ICD-10", "http://identifiers.org/icd/", "https://icd.who.int/browse10/"),
    Target("icd-11", "ICD-11", "http://id.who.int/icd/entity/", "https://icd.who.int/"),
    Target("inchikey", "InChIKeys", "http://identifiers.org/inchikey/", "https://www.inchi-trust.org/"),
    Target("iuphar", "IUPHAR/BPS Guide to Pharmacology", "http://identifiers.org/iuphar.ligand/", "https://www.guidetopharmacology.org/"),
    Target("iso-3166", "ISO 3166 at Lexvo", "http://lexvo.org/id/iso3166/", "http://www.lexvo.org/"),
    Target("medgen", "MedGen", "http://identifiers.org/medgen/", "https://www.ncbi.nlm.nih.gov/medgen/"),
    Target("mesh", "Medical Subject Headings", "http://id.nlm.nih.gov/mesh/", "https://id.nlm.nih.gov/mesh/"),
    Target("mondo", "Mondo Disease Ontology", "http://purl.obolibrary.org/obo/MONDO_", "https://mondo.monarchinitiative.org/"),
    Target("ncbigene", "NCBI Gene", "http://identifiers.org/ncbigene/", "https://www.ncbi.nlm.nih.gov/gene/"),
    Target("ncit", "NCI Thesaurus", "http://purl.obolibrary.org/obo/NCIT_", "https://evs.nci.nih.gov/"),
    Target("obi", "Ontology for Biomedical Investigations", "http://purl.obolibrary.org/obo/OBI_", "https://obi-ontology.org/"),
    Target("omim", "OMIM", "http://identifiers.org/mim/", "https://www.omim.org/"),
    Target("orcid", "ORCID", "https://orcid.org/", "https://orcid.org/"),
    Target("orphanet", "Orphanet", "http://identifiers.org/orphanet/", "https://www.orpha.net/"),
    Target("pharmgkb", "PharmGKB", "http://identifiers.org/pharmgkb.drug/", "https://www.pharmgkb.org/"),
    Target("prov", "PROV Ontology", "http://www.w3.org/ns/prov#", "https://www.w3.org/TR/prov-o/"),
    Target("pubchem", "PubChem Compound", "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/", "https://pubchem.ncbi.nlm.nih.gov/"),
    Target("pubmed", "PubMed", "https://pubmed.ncbi.nlm.nih.gov/", "https://pubmed.ncbi.nlm.nih.gov/"),
    Target("pubmed-ids", "PubMed at identifiers.org", "http://identifiers.org/pubmed/", "http://identifiers.org/pubmed"),
    Target("ror", "Research Organization Registry", "https://ror.org/", "https://ror.org/"),
    Target("schema", "schema.org", "https://schema.org/", "https://schema.org/"),
    Target("semapv", "Semantic Mapping Vocabulary", "https://w3id.org/semapv/vocab/", "https://mapping-commons.github.io/semantic-mapping-vocabulary/"),
    Target("snomed", "SNOMED CT", "http://snomed.info/id/", "https://www.snomed.org/"),
    Target("umls", "Unified Medical Language System", "http://identifiers.org/umls/", "https://www.nlm.nih.gov/research/umls/"),
    Target("unii", "Unique Ingredient Identifiers", "http://identifiers.org/unii/", "https://precision.fda.gov/uniisearch"),
    Target("uniprot", "UniProt", "http://purl.uniprot.org/uniprot/", "https://www.uniprot.org/"),
    Target("wikidata", "Wikidata", "http://www.wikidata.org/entity/", "https://www.wikidata.org/"),
)  # fmt: skip
"""In the order of their names; a link to any other place is counted, but belongs to no linkset."""

_BY_NAMESPACE: Final = {"<" + target_.namespace: target_ for target_ in TARGETS}
_NAMESPACE: Final = re.compile("|".join(map(re.escape, sorted(_BY_NAMESPACE, key=len, reverse=True))))


def target(term: Term) -> Target | None:
    """Return the dataset that an IRI belongs to, or None."""
    match = _NAMESPACE.match(term)
    return _BY_NAMESPACE[match[0]] if match else None


def namespace(term: Term) -> str:
    """Return the start of an outside IRI that shows its dataset, with its bracket; `<` when there is none.

    >>> namespace("<http://purl.obolibrary.org/obo/MONDO_0004992>"), namespace("<https://example.org/>")
    ('<http://purl.obolibrary.org/obo/MONDO_', '<')
    """
    match = _NAMESPACE.match(term)
    return match[0] if match else "<"
