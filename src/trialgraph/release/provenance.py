"""PROV and DQV: how a release was made, from what, and how good it is.

>>> METRICS["rejected"].title
'records set aside'
"""

from dataclasses import dataclass
from typing import Final

from trialgraph.release.catalog import software
from trialgraph.release.facts import AGENT, APACHE, DATASET, GRAPH_TEXTS, ReleaseFacts
from trialgraph.release.sheet import Sheet
from trialgraph.terms import XSD, iri
from trialgraph.vocabulary import BASE, RESOURCE

_METRIC: Final = RESOURCE + "metric/"
_DIMENSION: Final = RESOURCE + "quality-dimension/"


@dataclass(frozen=True)
class Metric:
    """A figure that says how good a release is."""

    title: str
    definition: str
    dimension: str
    """Short name in `DIMENSIONS`."""


DIMENSIONS: Final = {
    "completeness": "Completeness",
    "conformance": "Conformance to shapes",
    "precision": "Precision of the figures",
}
METRICS: Final = {
    "records": Metric("records taken", "How many registry records the release holds, each whole.", "completeness"),
    "rejected": Metric(
        "records set aside",
        "How many records could not be taken; each stands in rejected.jsonl with its reason.",
        "completeness",
    ),
    "shacl-violation": Metric(
        "violations",
        "Validation results of severity Violation; a release with one in curated data is not published.",
        "conformance",
    ),
    "shacl-warning": Metric("warnings", "Validation results of severity Warning.", "conformance"),
    "shacl-info": Metric("remarks", "Validation results of severity Info.", "conformance"),
    "estimated-counts": Metric(
        "estimated counts",
        "How many of the numbers of distinct subjects and objects are estimates, with a standard error of 0.4 %; "
        "the others are exact.",
        "precision",
    ),
}
"""By the name of the figure in `ReleaseFacts.quality`."""


def write_provenance(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Say how the release was made: by which program, from which files and sources."""
    build = sheet.about(f"{facts.version_iri}/build").a("prov:Activity")
    build.text("rdfs:label", f"Build of release {facts.version}").link("prov:generated", facts.version_iri)
    program = sheet.about(software(facts)).a("prov:SoftwareAgent", "prov:Agent")
    program.text("rdfs:label", f"trialgraph {facts.tool_version}").string("pav:version", facts.tool_version)
    program.link("dcterms:license", APACHE).link("prov:actedOnBehalfOf", AGENT)
    build.link("prov:wasAssociatedWith", program.iri)
    for given in facts.inputs:
        entity = sheet.about(f"{facts.version_iri}/input/{given['path']}").a("prov:Entity")
        entity.string("rdfs:label", given["path"]).number("dcat:byteSize", given["bytes"])
        checksum = sheet.about(f"{entity.iri}/checksum").a("spdx:Checksum")
        checksum.typed("spdx:checksumValue", given["sha256"], "hexBinary")
        checksum.link("spdx:algorithm", "http://spdx.org/rdf/terms#checksumAlgorithm_sha256")
        build.link("prov:used", entity.link("spdx:checksum", checksum.iri).iri)
    for level in (facts.version_iri, facts.rdf_iri):
        node = sheet.about(level).a("prov:Entity").link("prov:wasGeneratedBy", build.iri)
        node.link("prov:wasAttributedTo", AGENT).link("dcterms:source", *_sources(facts))
        node.link("prov:wasDerivedFrom", *_sources(facts))
    for source in _sources(facts):
        sheet.about(source).a("prov:Entity")


def _sources(facts: ReleaseFacts) -> list[str]:
    """Return the outside sources of the graphs that are in this release."""
    found = {GRAPH_TEXTS[short].source for short in facts.statistics}
    return sorted(source for source in found if source and not source.startswith(BASE))


def write_quality(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Give the figures of quality, each with what it measures."""
    for short, title in DIMENSIONS.items():
        sheet.about(_DIMENSION + short).a("dqv:Dimension").text("skos:prefLabel", title).text("rdfs:label", title)
    figures = {**facts.quality, "estimated-counts": estimated_counts(facts)}
    for name, value in figures.items():
        if name not in METRICS:
            continue
        metric = METRICS[name]
        sheet.about(_METRIC + name).a("dqv:Metric").text("rdfs:label", metric.title).text(
            "skos:definition", metric.definition
        ).link("dqv:inDimension", _DIMENSION + metric.dimension).term("dqv:expectedDataType", iri(XSD + "integer"))
        measured = sheet.about(f"{facts.version_iri}/quality/{name}").a("dqv:QualityMeasurement")
        measured.link("dqv:isMeasurementOf", _METRIC + name).link("dqv:computedOn", facts.version_iri)
        measured.number("dqv:value", value)
        sheet.about(facts.version_iri).link("dqv:hasQualityMeasurement", measured.iri)


def estimated_counts(facts: ReleaseFacts) -> int:
    """Return how many of the distinct counts in the description are estimates."""
    return sum(
        not count.exact
        for counted in (*facts.statistics.values(), facts.total())
        for count in (counted.subjects, counted.resources, counted.literals)
    )


@dataclass(frozen=True)
class Changes:
    """The size of a change set."""

    previous: str
    """The release it starts from."""
    added: int
    removed: int


def write_changes(sheet: Sheet, facts: ReleaseFacts, changes: Changes) -> None:
    """Describe the change set that leads here from the release before."""
    activity = sheet.about(f"{facts.version_iri}/update").a("prov:Activity")
    activity.text("rdfs:label", f"Update from release {changes.previous} to {facts.version}")
    before = f"{DATASET}/{changes.previous}"
    activity.link("prov:used", before).link("prov:generated", facts.version_iri)
    sheet.about(facts.version_iri).link("prov:wasRevisionOf", before)
    for kind, number in (("added", changes.added), ("removed", changes.removed)):
        part = sheet.about(f"{facts.version_iri}/changes/{kind}").a("prov:Entity")
        part.text("rdfs:label", f"Quads {kind} since release {changes.previous}").number("void:triples", number)
        part.link("dcat:downloadURL", f"{facts.downloads}/{kind}.nq.gz").link("prov:wasGeneratedBy", activity.iri)
