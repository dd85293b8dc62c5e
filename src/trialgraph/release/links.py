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
    Target("biolink", "Biolink Model", "https://w3id.org/biolink/vocab/", "https://biolink.github.io/biolink-model/"),
    Target("bioregistry", "Bioregistry", "https://bioregistry.io/", "https://bioregistry.io/"),
    Target("chebi", "ChEBI", "http://purl.obolibrary.org/obo/CHEBI_", "https://www.ebi.ac.uk/chebi/"),
    Target("chembl", "ChEMBL", "http://identifiers.org/chembl.compound/", "https://www.ebi.ac.uk/chembl/"),
    Target("chembl-molecule", "ChEMBL RDF", "http://rdf.ebi.ac.uk/resource/chembl/molecule/", "https://www.ebi.ac.uk/chembl/"),
    Target("clinicaltrials", "ClinicalTrials.gov", "https://clinicaltrials.gov/study/", "https://clinicaltrials.gov/"),
    Target("clinicaltrials-ids", "ClinicalTrials.gov at identifiers.org", "http://identifiers.org/clinicaltrials/", "https://identifiers.org/clinicaltrials"),
    Target("cto", "Clinical Trials Ontology", "http://purl.obolibrary.org/obo/CTO_", "https://obofoundry.org/ontology/cto.html"),
    Target("doi", "DOI", "https://doi.org/", "https://www.doi.org/"),
    Target("doid", "Human Disease Ontology", "http://purl.obolibrary.org/obo/DOID_", "https://disease-ontology.org/"),
    Target("drugbank", "DrugBank", "http://identifiers.org/drugbank/", "https://go.drugbank.com/"),
    Target("efo", "Experimental Factor Ontology", "http://www.ebi.ac.uk/efo/EFO_", "https://www.ebi.ac.uk/efo/"),
    Target("geonames", "GeoNames", "https://sws.geonames.org/", "https://www.geonames.org/"),
    Target("hgnc", "HGNC", "http://identifiers.org/hgnc/", "https://www.genenames.org/"),
    Target("mesh", "Medical Subject Headings", "http://id.nlm.nih.gov/mesh/", "https://id.nlm.nih.gov/mesh/"),
    Target("mondo", "Mondo Disease Ontology", "http://purl.obolibrary.org/obo/MONDO_", "https://mondo.monarchinitiative.org/"),
    Target("ncbigene", "NCBI Gene", "https://identifiers.org/ncbigene/", "https://www.ncbi.nlm.nih.gov/gene/"),
    Target("ncit", "NCI Thesaurus", "http://purl.obolibrary.org/obo/NCIT_", "https://evs.nci.nih.gov/"),
    Target("obi", "Ontology for Biomedical Investigations", "http://purl.obolibrary.org/obo/OBI_", "https://obi-ontology.org/"),
    Target("orcid", "ORCID", "https://orcid.org/", "https://orcid.org/"),
    Target("pubmed", "PubMed", "https://pubmed.ncbi.nlm.nih.gov/", "https://pubmed.ncbi.nlm.nih.gov/"),
    Target("pubmed-ids", "PubMed at identifiers.org", "http://identifiers.org/pubmed/", "https://identifiers.org/pubmed"),
    Target("ror", "Research Organization Registry", "https://ror.org/", "https://ror.org/"),
    Target("schema", "schema.org", "https://schema.org/", "https://schema.org/"),
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
