"""What a description is made from: the facts of one release, and what is true of every release.

>>> GRAPH_TEXTS["seed"].licence
'https://creativecommons.org/publicdomain/zero/1.0/'
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.store import Statistics
from trialgraph.terms import Triple, iri_value
from trialgraph.vocabulary import GRAPHS, RESOURCE, Graph

TITLE: Final = "trialgraph: clinical trials as a knowledge graph"
DESCRIPTION: Final = (
    "Clinical trials with their arms, interventions, doses, conditions and outcome measures: what registry records "
    "say, kept whole, and what it means, each statement with its source. RDF with stable names, validated shapes "
    "and links to the vocabularies of the life sciences."
)
KEYWORDS: Final = (
    "clinical trials",
    "ClinicalTrials.gov",
    "drug doses",
    "outcome measures",
    "eligibility",
    "immunotherapy",
    "small cell lung cancer",
    "knowledge graph",
    "linked data",
    "RDF",
    "SPARQL",
)
CC0: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
APACHE: Final = "https://www.apache.org/licenses/LICENSE-2.0"
SHARE_ALIKE: Final = "https://creativecommons.org/licenses/by-sa/4.0/"
REGISTRY_TERMS: Final = "https://clinicaltrials.gov/about-site/terms-conditions"
REGISTRY_API: Final = "https://clinicaltrials.gov/data-api/api"
SEED_DOCUMENT: Final = "https://clinicaltrials.eu/drug/tifcemalimab/"
RIGHTS: Final = (
    "What this project states itself is in the public domain (CC0 1.0). Records of ClinicalTrials.gov stand under "
    "the terms and conditions of ClinicalTrials.gov, which ask to name the source and the date of the data."
)

DATASET: Final = RESOURCE + "dataset"
CATALOG: Final = RESOURCE + "catalog"
SERVICE: Final = RESOURCE + "sparql-service"
AGENT: Final = RESOURCE + "agent/trialgraph"
SOFTWARE: Final = RESOURCE + "software/trialgraph"


@dataclass(frozen=True)
class GraphText:
    """What is said of a named graph, whatever it holds at the time."""

    title: str
    description: str
    licence: str = CC0
    source: str | None = None
    """Where its content comes from: a page, an interface, or another of our graphs."""


GRAPH_TEXTS: Final = {
    "ontology": GraphText(
        "Ontology", "Classes, properties and value schemes, with their alignment to other vocabularies."
    ),
    "seed": GraphText(
        "Seed", "What one page about tifcemalimab states of two trials, with its citations.", source=SEED_DOCUMENT
    ),
    "mirrors": GraphText("Mirrors", "What public mirrors of the registry agree on about NCT06095583."),
    "registry": GraphText(
        "Registry", "Records of ClinicalTrials.gov, every field of them.", REGISTRY_TERMS, REGISTRY_API
    ),
    "interpretation": GraphText(
        "Interpretation",
        "What the records mean: regimens, doses, endpoints, populations, each with its place in the record.",
        source=Graph.REGISTRY,
    ),
    "links": GraphText("Links", "Identifiers, synonyms and mappings to other datasets, with their justification."),
    "links-sa": GraphText(
        "Links to share alike",
        "What drugs act on, as vocabularies state it whose licence (CC BY-SA) asks to share alike; apart, so that a "
        "dump can be taken without it.",
        SHARE_ALIKE,
    ),
    "history": GraphText("History", "Versions of records, what changed between them, and withdrawn trials."),
    "description": GraphText("Description", "What this release holds, how it was made and how to get it."),
    "examples": GraphText("Examples", "Queries with their questions, ready to run."),
}
"""By the short name of the graph."""


@dataclass(frozen=True)
class ReleaseFacts:
    """The facts of one release."""

    version: str
    issued: str
    """Date, as `2026-11-23`."""
    site: str
    """Address of the server, without a slash at the end."""
    tool_version: str
    statistics: Mapping[str, GraphStatistics]
    """By short name of the graph."""
    previous: str | None = None
    """The version before."""
    dumps: tuple[Mapping[str, Any], ...] = ()
    """As the manifest lists them: path, media_type, format, compression, bytes, sha256, graph, triples."""
    inputs: tuple[Mapping[str, Any], ...] = ()
    """Files it was made from: path, bytes, sha256."""
    quality: Mapping[str, int] = field(default_factory=dict)
    """Figures by the names in `provenance.METRICS`."""
    first: str | None = None
    """The oldest version that is kept; None: this one."""

    @classmethod
    def of(
        cls,
        manifest: Mapping[str, Any],
        statistics: Mapping[str, GraphStatistics],
        site: str,
        earlier: Sequence[str] = (),
    ) -> Self:
        """Take the facts from a manifest, statistics by the IRI of their graph, and the versions before in order."""
        short = {iri: name for name, iri in GRAPHS.items()}
        return cls(
            version=manifest["version"],
            issued=manifest["issued"],
            site=site,
            tool_version=manifest["tool"]["version"],
            statistics={short[graph]: counted for graph, counted in statistics.items() if graph in short},
            previous=earlier[-1] if earlier else None,
            first=earlier[0] if earlier else None,
            dumps=tuple(manifest.get("dumps", ())),
            inputs=tuple(manifest.get("inputs", ())),
            quality=_quality(manifest),
        )

    @property
    def version_iri(self) -> str:
        """The dataset as it is in this release."""
        return f"{DATASET}/{self.version}"

    @property
    def rdf_iri(self) -> str:
        """This release as RDF, in whatever file."""
        return f"{self.version_iri}/rdf"

    @property
    def downloads(self) -> str:
        """Address of the folder with the files."""
        return f"{self.site}/downloads/{self.version}"

    @cached_property
    def total(self) -> GraphStatistics:
        """The statistics of all graphs together; a triple that stands in two graphs counts in each."""
        total = GraphStatistics()
        for counted in self.statistics.values():
            total += counted
        return total


def counts(of: GraphStatistics, description: Iterable[Triple]) -> Statistics:
    """Return what is kept of statistics for those who plan queries; those of the description itself are not in it."""
    subjects: Counter[str] = Counter()
    for (_, predicate), users in of.users.items():
        subjects[predicate] += users
    objects = of.objects
    return Statistics(
        of.triples,
        {iri_value(each): (triples, subjects[each], objects[each]) for each, triples in of.properties.items()},
        {iri_value(each): members for each, members in of.classes.items() if each[0] == "<"},
        of.datatypes(but={predicate for _, predicate, _ in description}),
    )


def _quality(manifest: Mapping[str, Any]) -> dict[str, int]:
    figures = {"rejected": int(manifest.get("rejected", 0))}
    figures["records"] = int(manifest.get("counts", {}).get("records", 0))
    results = (manifest.get("validation") or {}).get("results")
    if isinstance(results, Mapping):
        figures |= {f"shacl-{name.lower()}": int(count) for name, count in results.items()}
    return figures | {name: int(count) for name, count in manifest.get("links", {}).items()}


def graph_node(name: str) -> str:
    """Return the IRI of the description of a graph, named by its short name.

    >>> graph_node("seed")
    'https://w3id.org/trialgraph/.well-known/void#seed'
    """
    return f"{Graph.DESCRIPTION}#{name}"
