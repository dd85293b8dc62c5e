"""DCAT 3 and the HCLS community profile: the dataset, its version, and the files it comes in.

HCLS (W3C note, 14 May 2015) tells three levels apart and says of each element at which it must, should, may or must
not stand; `hcls.py` holds that table. The summary level is the dataset through all its versions, the version level
one release of it, the distribution level that release in some form: as RDF (the VoID dataset) and as each file.
"""

from collections.abc import Mapping
from typing import Any, Final

from trialgraph import formats
from trialgraph.release import void
from trialgraph.release.description_input import (
    AGENT,
    CATALOG,
    CC0,
    DATASET,
    DESCRIPTION,
    GRAPH_TEXTS,
    KEYWORDS,
    RIGHTS,
    SERVICE,
    TITLE,
    ReleaseFacts,
)
from trialgraph.release.graph_builder import Node, Sheet
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.resource.table_schema import CROISSANT, R2RML, TABLES
from trialgraph.vocabulary import GRAPHS, ONTOLOGY, PREFIXES, RESOURCE

ENGLISH: Final = "http://lexvo.org/id/iso639-3/eng"
IRREGULAR: Final = "http://purl.org/cld/freq/irregular"
PUBLIC: Final = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
IANA: Final = "https://www.iana.org/assignments/media-types/"
_COMPRESSIONS: Final = {"gzip": "application/gzip", "zstd": "application/zstd"}
RFC_4180: Final = "http://www.rfc-editor.org/rfc/rfc4180"
RDF_1_1: Final = "http://www.w3.org/TR/rdf11-concepts/"
_STANDARDS: Final = (
    "http://www.w3.org/TR/hcls-dataset/",
    "https://www.w3.org/TR/vocab-dcat-3/",
    "http://www.w3.org/TR/void/",
    RDF_1_1,
)
_SHORT: Final = {iri: short for short, iri in GRAPHS.items()}


def write_agent(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe who publishes."""
    node = sheet.about(AGENT).a("foaf:Organization", "foaf:Agent", "prov:Agent")
    node.string("foaf:name", "The trialgraph project").string("rdfs:label", "The trialgraph project")
    node.link("foaf:homepage", f"{facts.site}/")


def write_summary(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe the catalogue and the dataset through all its versions (summary level)."""
    catalog = named(sheet.about(CATALOG).a("dcat:Catalog"), "The trialgraph catalogue", DESCRIPTION, facts)
    catalog.link("dcat:dataset", DATASET, facts.version_iri).link("dcat:service", SERVICE).link(
        "dcterms:license", CC0
    )
    node = named(sheet.about(DATASET).a("dctypes:Dataset", "dcat:DatasetSeries"), TITLE, DESCRIPTION, facts)
    node.string("dcat:keyword", *KEYWORDS).link("dcterms:license", CC0).text("dcterms:rights", RIGHTS)
    node.link("dcterms:accessRights", PUBLIC).link("dcterms:accrualPeriodicity", IRREGULAR)
    node.link("void:sparqlEndpoint", f"{facts.site}/sparql").link("dcat:accessURL", f"{facts.site}/downloads/")
    node.link("pav:hasCurrentVersion", facts.version_iri).string("idot:preferredPrefix", "tgid")
    node.string("dcterms:identifier", DATASET).link("rdfs:seeAlso", ONTOLOGY)
    node.link("dcat:first", f"{DATASET}/{facts.first or facts.version}").link("dcat:last", facts.version_iri)


def write_version(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe this release (version level)."""
    title = f"{TITLE}, release {facts.version}"
    node = named(sheet.about(facts.version_iri).a("dctypes:Dataset", "dcat:Dataset"), title, DESCRIPTION, facts)
    dated(node, facts).link("dcterms:isVersionOf", DATASET).link("dcat:inSeries", DATASET)
    node.string("dcat:version", facts.version).string("dcat:keyword", *KEYWORDS)
    node.link("dcterms:accessRights", PUBLIC).text("dcterms:rights", RIGHTS)
    node.string("dcterms:identifier", facts.version_iri).link("dcat:landingPage", f"{facts.site}/downloads/")
    node.link("dcterms:conformsTo", *_STANDARDS).link("dcat:distribution", facts.rdf_iri)
    if facts.previous:
        node.link("dcat:previousVersion", f"{DATASET}/{facts.previous}")


def write_distribution(sheet: Sheet, facts: ReleaseFacts, total: GraphStatistics) -> None:
    """Describe this release as RDF: a VoID dataset (distribution level)."""
    title = f"{TITLE}, release {facts.version}, as RDF"
    node = sheet.about(facts.rdf_iri).a("void:Dataset", "dcat:Distribution", "dctypes:Dataset")
    dated(named(node, title, DESCRIPTION, facts), facts).link("dcterms:conformsTo", *_STANDARDS)
    void.counts(node, total)
    node.string("dcat:keyword", *KEYWORDS).link("dcterms:accessRights", PUBLIC).text("dcterms:rights", RIGHTS)
    node.link("void:vocabulary", *void.vocabularies(total)).link("void:rootResource", CATALOG)
    node.string("void:uriSpace", RESOURCE).string("void:uriRegexPattern", "^" + RESOURCE.replace(".", "\\."))
    node.string("idot:identifierPattern", "^NCT[0-9]{8}$").string("idot:exampleIdentifier", "NCT06095583")
    node.link("void:exampleResource", f"{RESOURCE}NCT06095583", f"{RESOURCE}NCT06732258")
    node.link("dcat:accessURL", f"{facts.downloads}/").link("dcat:accessService", SERVICE)
    whole = [dump for dump in facts.dumps if dump["graph"] is None]
    for dump in whole:
        node.link("void:dataDump", _address(facts, dump)).link("dcterms:format", _format(dump).iri)
    if not whole:
        node.link("dcterms:format", formats.N_QUADS.iri)
    for dump in whole[:1]:
        node.link("dcat:downloadURL", _address(facts, dump)).number("dcat:byteSize", dump["bytes"])
    _hcls_partitions(sheet, node, facts, total)


def write_files(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe each file of this release (distribution level)."""
    version = sheet.about(facts.version_iri)
    for dump in facts.dumps:
        short = _SHORT.get(dump["graph"] or "")
        of = f"the {short} graph of release {facts.version}" if short else f"release {facts.version}"
        form = _format(dump).name + (f", {dump['compression']}" if dump["compression"] in _COMPRESSIONS else "")
        licence = GRAPH_TEXTS[short].licence if short else CC0
        node = sheet.about(f"{facts.version_iri}/dump/{void.file_name(dump['path'])}").a(
            "dcat:Distribution", "dctypes:Dataset"
        )
        named(node, f"trialgraph: {of} ({form})", f"A file with {of}, {dump['triples']:,} triples.", facts)
        dated(node, facts, licence).link("dcat:downloadURL", _address(facts, dump))
        node.link("dcterms:conformsTo", RDF_1_1).link("prov:wasDerivedFrom", facts.version_iri)
        node.link("dcterms:format", _format(dump).iri).link("dcat:mediaType", IANA + dump["media_type"])
        if dump["compression"] in _COMPRESSIONS:
            node.link("dcat:compressFormat", IANA + _COMPRESSIONS[dump["compression"]])
        write_size(sheet, node, dump)
        version.link("dcat:distribution", node.iri)


def write_tables(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe the tables of this release, which a service gives: it makes each when it is first asked for.

    No size or checksum is known before that, so they are parts of the release with an access service, and not among
    its distributions, which should have both (HCLS, 6.6.1).
    """
    version, folder = sheet.about(facts.version_iri), f"{facts.downloads}/tables/"
    service = sheet.about(f"{facts.version_iri}/tables").a("dcat:DataService")
    named(service, f"trialgraph: release {facts.version} as tables", "CSV and Parquet, made on demand.", facts)
    service.link("dcat:endpointURL", folder).link("dcat:servesDataset", facts.version_iri)
    service.link("dcat:endpointDescription", f"{folder}{CROISSANT}", f"{folder}{R2RML}")
    for table in TABLES:
        node = sheet.about(f"{facts.version_iri}/table/{table.name}").a("dcat:Distribution", "dctypes:Dataset")
        named(node, f"trialgraph: {table.name} of release {facts.version} (CSV)", table.about, facts)
        dated(node, facts).link("dcat:downloadURL", f"{folder}{table.name}.csv").link("dcat:accessURL", folder)
        node.link("prov:wasDerivedFrom", facts.version_iri).link("dcterms:conformsTo", RFC_4180)
        node.link("dcterms:format", IANA + "text/csv").link("dcat:mediaType", IANA + "text/csv")
        node.link("dcat:accessService", service.iri)
        version.link("dcterms:hasPart", node.iri)


def write_size(sheet: Sheet, node: Node, file: Mapping[str, Any]) -> None:
    """Say how large a file is, and its checksum."""
    checksum = sheet.about(f"{node.iri}/checksum").a("spdx:Checksum")
    checksum.link("spdx:algorithm", PREFIXES["spdx"] + "checksumAlgorithm_sha256")
    checksum.typed("spdx:checksumValue", file["sha256"], "hexBinary")
    node.number("dcat:byteSize", file["bytes"]).link("spdx:checksum", checksum.iri)


def named(node: Node, title: str, description: str, facts: ReleaseFacts) -> Node:
    """Say what may be said at each level."""
    node.text("dcterms:title", title).string("rdfs:label", title).text("dcterms:description", description)
    return (
        node.link("dcterms:publisher", AGENT)
        .link("foaf:page", f"{facts.site}/")
        .link("schema:logo", f"{facts.site}/static/icon.svg")
    )


def dated(node: Node, facts: ReleaseFacts, licence: str = CC0) -> Node:
    """Say what may be said of a version or a file, but not of the dataset as such."""
    for predicate in ("dcterms:created", "dcterms:issued", "dcterms:modified"):
        node.typed(predicate, facts.issued, "date")
    node.link("dcterms:creator", AGENT).link("dcterms:license", licence).link("dcterms:language", ENGLISH)
    node.string("pav:version", facts.version).link("pav:createdWith", software(facts))
    return node.link("pav:previousVersion", f"{DATASET}/{facts.previous}" if facts.previous else None)


def software(facts: ReleaseFacts) -> str:
    """Return the IRI of the program that made the release."""
    return f"{RESOURCE}software/trialgraph/{facts.tool_version}"


def _hcls_partitions(sheet: Sheet, node: Node, facts: ReleaseFacts, total: GraphStatistics) -> None:
    """Give the numbers of classes, literals and graphs as the profile wants them (HCLS, 6.6.1.6 to 6.6.1.8)."""
    for class_, number in (
        ("rdfs:Class", len(total.classes)),
        ("rdfs:Literal", total.literals.count),
        ("sd:Graph", len(facts.statistics)),
    ):
        prefix, local = class_.split(":")
        part = sheet.about(f"{facts.rdf_iri}/{local.lower()}-count").link("void:class", PREFIXES[prefix] + local)
        node.link("void:classPartition", part.number("void:distinctSubjects", number).iri)


def _address(facts: ReleaseFacts, dump: Mapping[str, Any]) -> str:
    return f"{facts.downloads}/{void.file_name(dump['path'])}"


def _format(dump: Mapping[str, Any]) -> formats.Format:
    return formats.by_name(dump["format"])
