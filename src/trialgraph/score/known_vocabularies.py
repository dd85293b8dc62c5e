"""Which vocabularies others have registered, for the criteria that ask for known terms.

From the copies of the registries' lists that Bioregistry 0.15 keeps (`external/lov`, `external/ols`,
`external/bioportal`), as far as our data and our description could use them.

>>> is_known("http://purl.org/dc/terms/"), is_known("https://w3id.org/trialgraph/ontology#")
(True, False)
"""

from typing import Final

LOV: Final = frozenset(
    """
    http://purl.org/dc/terms/ http://purl.org/dc/elements/1.1/ http://purl.org/ontology/bibo/ http://purl.org/pav/
    http://purl.org/vocab/vann/ http://rdfs.org/ns/void# http://schema.org/ http://www.w3.org/1999/02/22-rdf-syntax-ns#
    http://www.w3.org/2000/01/rdf-schema# http://www.w3.org/2002/07/owl# http://www.w3.org/2004/02/skos/core#
    http://www.w3.org/ns/dcat# http://www.w3.org/ns/dqv# http://www.w3.org/ns/prov# http://www.w3.org/ns/shacl#
    http://www.w3.org/ns/sparql-service-description# http://xmlns.com/foaf/0.1/
    """.split()
)
"""Linked Open Vocabularies; it lists schema.org under its http address."""
ELSEWHERE: Final = frozenset(
    "http://purl.org/dc/dcmitype/ https://schema.org/ http://purl.obolibrary.org/obo/".split()
)
"""BioPortal or OLS have these and LOV does not."""


def is_known(namespace: str) -> bool:
    """Tell whether LOV, OLS or BioPortal know a namespace."""
    return namespace in LOV or namespace in ELSEWHERE
