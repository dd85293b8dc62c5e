"""PROV and DQV: how a release was made, from what, and how good it is.

>>> METRICS["rejected"].title
'records set aside'
"""

from dataclasses import dataclass
from typing import Final

from trialgraph.release.dcat import software, write_size
from trialgraph.release.description_input import AGENT, APACHE, GRAPH_TEXTS, ReleaseFacts
from trialgraph.release.graph_builder import Node, Sheet
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
    "currentness": "Currentness",
    "linking": "Links to shared things",
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
    "records-new": Metric("new records", "Records that the release before did not hold.", "currentness"),
    "records-changed": Metric(
        "changed records",
        "Records that differ from those of the release before in more than their versionHolder.",
        "currentness",
    ),
    "records-unchanged": Metric(
        "unchanged records", "Records that are as they were in the release before.", "currentness"
    ),
    "records-vanished": Metric(
        "vanished records", "Records that the release before held and this one does not.", "currentness"
    ),
    "records-absorbed": Metric(
        "absorbed records", "Records that another record names as a former number of its own.", "currentness"
    ),
    "links-trials-with-disease": Metric(
        "trials with a disease", "Trials that lead to at least one shared disease.", "linking"
    ),
    "links-interventions-with-drug": Metric(
        "interventions with a drug", "Interventions of trials that lead to at least one shared drug.", "linking"
    ),
    "links-trials-with-country": Metric(
        "trials with a country", "Trials of which a country is known by its code.", "linking"
    ),
    "links-condition-names": Metric(
        "names of conditions linked", "Distinct names of conditions that denote a disease in every record.", "linking"
    ),
    "links-intervention-names": Metric(
        "names of interventions linked",
        "Distinct names of interventions that denote a drug in every record.",
        "linking",
    ),
    "links-drugs-with-target": Metric(
        "drugs with a target", "Shared drugs whose target by mechanism of action is known.", "linking"
    ),
    "links-names-not-linked": Metric(
        "names not linked", "Distinct names that lead to nothing; unlinked.tsv has each with its reason.", "linking"
    ),
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
    build.string("rdfs:label", f"Build of release {facts.version}").link("prov:generated", facts.version_iri)
    program = sheet.about(software(facts)).a("prov:SoftwareAgent", "prov:Agent")
    program.string("rdfs:label", f"trialgraph {facts.tool_version}").string("pav:version", facts.tool_version)
    program.link("dcterms:license", APACHE).link("prov:actedOnBehalfOf", AGENT)
    build.link("prov:wasAssociatedWith", program.iri)
    for given in facts.inputs:
        entity = sheet.about(f"{facts.version_iri}/input/{given['path']}").a("prov:Entity")
        write_size(sheet, entity.string("rdfs:label", given["path"]), given)
        build.link("prov:used", entity.iri)
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
    for name, value in {**facts.quality, "estimated-counts": estimated_counts(facts)}.items():
        if name in METRICS:
            write_metric(sheet, sheet.about(facts.version_iri), name, value)


def write_metric(sheet: Sheet, of: Node, name: str, value: int) -> None:
    """Give a figure of quality of something, and say what it measures; `name` is one of METRICS."""
    metric = METRICS[name]
    title = DIMENSIONS[metric.dimension]
    dimension = sheet.about(_DIMENSION + metric.dimension).a("dqv:Dimension")
    dimension.string("skos:prefLabel", title).string("rdfs:label", title)
    meaning = sheet.about(_METRIC + name).a("dqv:Metric").string("rdfs:label", metric.title)
    meaning.string("skos:definition", metric.definition).link("dqv:inDimension", dimension.iri)
    meaning.term("dqv:expectedDataType", iri(XSD + "integer"))
    measured = sheet.about(f"{of.iri}/quality/{name}").a("dqv:QualityMeasurement").number("dqv:value", value)
    measured.link("dqv:isMeasurementOf", meaning.iri).link("dqv:computedOn", of.iri)
    of.link("dqv:hasQualityMeasurement", measured.iri)


def estimated_counts(facts: ReleaseFacts) -> int:
    """Return how many of the distinct counts in the description are estimates."""
    return sum(
        not count.exact
        for counted in (*facts.statistics.values(), facts.total)
        for count in (counted.subjects, counted.resources, counted.literals)
    )
