"""The description of a release: VoID, DCAT, HCLS, PROV, DQV and the service description, as one graph.

It is a pure function of the facts. It goes into the store as the graph `Graph.DESCRIPTION` and is served by itself,
but is not part of the whole dumps: it gives their checksums, which a file cannot hold of itself.

>>> facts = ReleaseFacts("2026-11-23", "2026-11-23", "http://127.0.0.1:8000", "0.1.0", statistics={})
>>> len(describe(facts)) > 100
True
"""

from pathlib import Path
from typing import Final

from trialgraph.release import dcat, provenance, sparql_service, void
from trialgraph.release.change_set import Changes, write_changes
from trialgraph.release.description_input import AGENT, ReleaseFacts, graph_node
from trialgraph.release.dump_policy import DumpPolicy
from trialgraph.release.dump_writer import DumpFile, DumpWriter
from trialgraph.release.graph_builder import Sheet, expand
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.terms import RDF_TYPE, Triple, line
from trialgraph.vocabulary import Graph

_ROUNDS: Final = 8
"""Rounds in which the figures about the description itself settle; two or three are enough."""
_FORMS: Final = DumpPolicy.parse(whole="", graphs="ttl nt jsonld rdf ttl.gz")
_CLASS_LABELS: Final = {
    "dcat:Catalog": "catalogue",
    "dcat:DataService": "data service",
    "dcat:Dataset": "dataset",
    "dcat:DatasetSeries": "series of datasets",
    "dcat:Distribution": "form or file of a dataset",
    "dctypes:Dataset": "dataset",
    "dqv:Dimension": "dimension of quality",
    "dqv:Metric": "measure of quality",
    "dqv:QualityMeasurement": "figure of quality",
    "foaf:Agent": "agent",
    "foaf:Organization": "organization",
    "owl:AnnotationProperty": "annotation property",
    "owl:Axiom": "axiom with annotations",
    "owl:Class": "class",
    "owl:DatatypeProperty": "datatype property",
    "owl:ObjectProperty": "object property",
    "owl:Ontology": "ontology",
    "prov:Activity": "activity",
    "prov:Agent": "agent with a responsibility",
    "prov:Entity": "thing with an origin",
    "prov:SoftwareAgent": "program",
    "rdfs:Datatype": "datatype",
    "sd:Dataset": "dataset of an endpoint",
    "sd:Graph": "graph",
    "sd:NamedGraph": "graph with a name",
    "sd:Service": "SPARQL endpoint",
    "sh:SPARQLAskExecutable": "SPARQL ASK query",
    "sh:SPARQLConstructExecutable": "SPARQL CONSTRUCT query",
    "sh:SPARQLExecutable": "SPARQL query",
    "sh:SPARQLSelectExecutable": "SPARQL SELECT query",
    "skos:Concept": "concept",
    "skos:ConceptScheme": "scheme of concepts",
    "spdx:Checksum": "checksum",
    "void:Dataset": "RDF dataset",
    "void:DatasetDescription": "description of RDF datasets",
    "void:Linkset": "set of links between datasets",
}
"""Our words for the classes of others that a release uses, so that pages and editors can name them."""


def describe(facts: ReleaseFacts, changes: Changes | None = None) -> list[Triple]:
    """Return the description of a release, in the order of its lines; each name in it is an IRI.

    The graph of the description describes itself too; its figures count what is returned.
    """
    written = _written(facts, changes)
    return _settled(written, objects=True) or _settled(written, objects=False) or []


def _settled(written: list[Triple], *, objects: bool) -> list[Triple] | None:
    """Return the description with figures about itself that are true, or None when they never are.

    A number is an object too: writing how many objects there are may make that one more, and then one less. The other
    figures are true from the second round on, whatever they are.
    """
    own = GraphStatistics()
    for _ in range(_ROUNDS if objects else 3):
        sheet = Sheet()
        void.counts(sheet.about(graph_node("description")), own, objects=objects)
        triples = sorted({*written, *sheet.triples})
        counted = GraphStatistics.of(Passage.of(triples))
        if counted == own or (not objects and counted.triples == own.triples):
            return triples
        own = counted
    return None


def write_description(folder: Path, triples: list[Triple]) -> list[DumpFile]:
    """Write a description as files of its own, beside the dumps; return them."""
    with DumpWriter(folder, _FORMS, count=False) as writer:
        writer.write(Graph.DESCRIPTION, "".join(map(line, triples)).encode())
        return writer.finish()


def _written(facts: ReleaseFacts, changes: Changes | None) -> list[Triple]:
    """Return all of the description but the figures about itself."""
    sheet = Sheet()
    total = facts.total
    dcat.write_agent(sheet, facts)
    dcat.write_summary(sheet, facts)
    dcat.write_version(sheet, facts)
    dcat.write_distribution(sheet, facts, total)
    dcat.write_files(sheet, facts)
    dcat.write_tables(sheet, facts)
    provenance.write_provenance(sheet, facts)
    provenance.write_quality(sheet, facts)
    if changes:
        write_changes(sheet, facts, changes)
    sparql_service.write_service(sheet, facts)
    void.write_graphs(sheet, facts)
    void.write_linksets(sheet, facts)
    void.write_graph_node(sheet, facts, "description")
    _write_document(sheet, facts)
    _write_labels(sheet, facts)
    return sheet.triples


def _write_document(sheet: Sheet, facts: ReleaseFacts) -> None:
    node = sheet.about(Graph.DESCRIPTION).a("void:DatasetDescription")
    node.text("dcterms:title", "Description of trialgraph").link("foaf:primaryTopic", facts.rdf_iri)
    node.link("foaf:topic", facts.version_iri, facts.rdf_iri).link("dcterms:creator", AGENT)
    node.typed("dcterms:modified", facts.issued, "date").typed("dcterms:issued", facts.issued, "date")


def _write_labels(sheet: Sheet, facts: ReleaseFacts) -> None:
    used = {o for _, p, o in sheet.triples if p == RDF_TYPE}
    used |= {class_ for counted in facts.statistics.values() for class_ in counted.classes}
    for name, label in _CLASS_LABELS.items():
        class_ = expand(name)
        if f"<{class_}>" in used:
            sheet.about(class_).string("rdfs:label", label)
