"""The service description: what the SPARQL endpoint of a release understands and holds."""

from typing import Final

from trialgraph import formats
from trialgraph.release.description_input import AGENT, CC0, GRAPH_TEXTS, SERVICE, ReleaseFacts
from trialgraph.release.graph_builder import Sheet
from trialgraph.vocabulary import GRAPHS, PREFIXES

LANGUAGES: Final = ("SPARQL10Query", "SPARQL11Query")
FEATURES: Final = ("UnionDefaultGraph", "BasicFederatedQuery")
"""What is true of every server of ours; SERVICE reaches at least the endpoint itself."""


def write_service(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe the endpoint and its default dataset, which lists the named graphs."""
    sd = PREFIXES["sd"]
    node = sheet.about(SERVICE).a("sd:Service", "dcat:DataService")
    node.text("dcterms:title", "SPARQL endpoint of trialgraph").string("rdfs:label", "SPARQL endpoint of trialgraph")
    node.text("dcterms:description", "SPARQL 1.1 queries over all graphs of the release; updates are refused.")
    node.link("dcterms:publisher", AGENT).link("dcterms:license", CC0).link("sd:endpoint", f"{facts.site}/sparql")
    node.link("dcat:endpointURL", f"{facts.site}/sparql").link("dcat:endpointDescription", f"{facts.site}/sparql")
    node.link("dcat:servesDataset", facts.version_iri).link("foaf:page", f"{facts.site}/sparql")
    node.link("sd:supportedLanguage", *(sd + language for language in LANGUAGES))
    node.link("sd:feature", *(sd + feature for feature in FEATURES))
    node.link("sd:resultFormat", *(f.iri for f in (*formats.RESULT_FORMATS, *formats.RDF_FORMATS)))
    dataset = sheet.about(f"{SERVICE}/dataset").a("sd:Dataset")
    node.link("sd:defaultDataset", dataset.string("rdfs:label", "Default dataset: the union of all graphs").iri)
    dataset.typed("dcterms:modified", facts.issued, "date").link("sd:defaultGraph", facts.rdf_iri)
    present = [*facts.statistics, "description"]
    dataset.link("sd:namedGraph", *(GRAPHS[short] for short in GRAPH_TEXTS if short in present))
