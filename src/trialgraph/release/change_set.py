"""The change set of a release against the one before: records, quads, files, how it was made.

It stands in the description of the release, and by itself in the file `changes.ttl` beside the files it is about.

>>> facts = ReleaseFacts("2026-11-24", "2026-11-24", "http://127.0.0.1:8000", "0.1.0", statistics={})
>>> changes = Changes("2026-11-23", {"new": 2}, (ChangedQuads("added", "added.nq.gz", 7, 120, "0f" * 32),))
>>> [triple[2] for triple in change_triples(facts, changes) if "triples" in triple[1]]
['"7"^^<http://www.w3.org/2001/XMLSchema#integer>']
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trialgraph import formats
from trialgraph.release.dcat import IANA, RDF_1_1, dated, named, software, write_size
from trialgraph.release.description_input import CC0, DATASET, ReleaseFacts
from trialgraph.release.graph_builder import Sheet
from trialgraph.release.provenance import write_metric
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.terms import Triple
from trialgraph.vocabulary import PREFIXES

FILE_NAME: Final = "changes.ttl"


@dataclass(frozen=True)
class ChangedQuads:
    """A file with the quads that were added, or with those that were removed."""

    kind: str
    """`added` or `removed`."""
    name: str
    quads: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Changes:
    """A change set."""

    previous: str
    """The release it starts from."""
    records: Mapping[str, int]
    """How many records are `new`, `changed`, `vanished` and `unchanged`."""
    files: tuple[ChangedQuads, ...]


def change_triples(facts: ReleaseFacts, changes: Changes) -> list[Triple]:
    """Return the triples of a change set by itself, in the order of their lines."""
    sheet = Sheet()
    write_changes(sheet, facts, changes)
    return sorted(sheet.triples)


def change_document(facts: ReleaseFacts, changes: Changes) -> bytes:
    """Return the change set as Turtle."""
    syntax = SYNTAXES[formats.TURTLE.name]
    block, left_out = syntax.block(Passage.of(change_triples(facts, changes)), None)
    return syntax.opening(PREFIXES) + block + syntax.closing(left_out)


def write_changes(sheet: Sheet, facts: ReleaseFacts, changes: Changes) -> None:
    """Describe the change set that leads here from the release before."""
    before = f"{DATASET}/{changes.previous}"
    sheet.about(facts.version_iri).link("prov:wasRevisionOf", before)
    activity = sheet.about(f"{facts.version_iri}/update").a("prov:Activity")
    activity.string("rdfs:label", f"Update from release {changes.previous} to {facts.version}")
    activity.link("prov:used", before).link("prov:generated", facts.version_iri)
    activity.link("prov:wasAssociatedWith", software(facts))
    title = f"Changes from release {changes.previous} to {facts.version}"
    whole = sheet.about(f"{facts.version_iri}/changes").a("prov:Entity", "dcat:Dataset")
    named(whole, title, f"{_counted(changes.records)}; their quads, removed and added.", facts)
    whole.link("dcterms:license", CC0).typed("dcterms:issued", facts.issued, "date")
    whole.link("prov:wasGeneratedBy", activity.iri).link("prov:wasDerivedFrom", before)
    whole.link("dcterms:isPartOf", facts.version_iri).link("rdfs:seeAlso", f"{facts.downloads}/{FILE_NAME}")
    for file in changes.files:
        _write_file(sheet, facts, changes, file)
    for name, number in changes.records.items():
        write_metric(sheet, whole, f"records-{name}", number)


def _counted(records: Mapping[str, int]) -> str:
    """Return counts in words.

    >>> _counted({"new": 1, "changed": 2})
    '1 records new, 2 records changed'
    """
    return ", ".join(f"{number:,} records {name}" for name, number in records.items())


def _write_file(sheet: Sheet, facts: ReleaseFacts, changes: Changes, file: ChangedQuads) -> None:
    part = sheet.about(f"{facts.version_iri}/changes/{file.kind}").a(
        "prov:Entity", "dcat:Distribution", "dctypes:Dataset"
    )
    title = f"Quads {file.kind} since release {changes.previous}"
    dated(named(part, title, f"A file with {file.quads:,} quads.", facts), facts).number("void:triples", file.quads)
    part.link("dcat:downloadURL", f"{facts.downloads}/{file.name}").link("dcterms:format", formats.N_QUADS.iri)
    part.link("dcat:mediaType", IANA + formats.N_QUADS.media_type).link("prov:wasDerivedFrom", facts.version_iri)
    part.link("dcat:compressFormat", IANA + "application/gzip").link("dcterms:conformsTo", RDF_1_1)
    part.link("prov:wasGeneratedBy", f"{facts.version_iri}/update")
    write_size(sheet, part, {"bytes": file.bytes, "sha256": file.sha256})
    sheet.about(f"{facts.version_iri}/changes").link("dcat:distribution", part.iri)
