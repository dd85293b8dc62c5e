"""RDF files against our shapes: what a graph holds decides which shapes hold, as in a build.

    registry                      shapes/registry*.ttl, a trial at a time
    interpretation                shapes/interpretation/
    description                   shapes/description.ttl
    links, links-sa               shapes/links/, together
    ontology, history             none: they are made, and tested where they are made
    seed, mirrors, any other      all others, the ontology and whatever else is given beside them

Where a format names no graphs, what a file says tells: one without trials whose nodes lead from names to things, or
to words that they were read from, is of links or of interpretations; elsewhere a trial that has a registry record
(`tg:record`) is of the registry, and what a release says of shared things beside records is looked up, not checked.
Files may be compressed, as those of a release are (`.gz`, `.zst`).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from trialgraph.pipeline.sources import Sources, read_graphs, read_quads, read_turtle
from trialgraph.store import Memory
from trialgraph.terms import RDF_TYPE, Term, Triple, iri
from trialgraph.validation import ValidationReport, ValidationResult, compile_shapes, read_shapes
from trialgraph.validation import validate as validate_graph
from trialgraph.vocabulary import NCT_ID, ONTOLOGY, RESOURCE, TG, Graph

_RECORD: Final = iri(f"{ONTOLOGY}#record")
_START: Final = "<" + RESOURCE
_ID_END: Final = len(_START) + len("NCT00000000")
_DERIVED: Final = frozenset((iri(TG.MeshDescriptor), iri(TG.Organization)))
"""Classes that only what is made from records has."""
_ONLY_IN: Final = {
    Graph.INTERPRETATION: frozenset((iri(TG.readFrom),)),
    Graph.LINKS: frozenset(map(iri, (TG.denotes, TG.noLinkReason, TG.namedAs, TG.actionType))),
}
"""Properties that only these graphs have; curated data and records have none of them."""
_NCT_ID_OF: Final = iri(TG.nctId)
_UNCHECKED: Final = (Graph.ONTOLOGY, Graph.HISTORY, Graph.EXAMPLES)
_OF_LINKS: Final = (Graph.LINKS, Graph.LINKS_SA)


def validate_files(files: Iterable[Path], sources: Sources, shapes: Path | None = None) -> ValidationReport:
    """Return the report of RDF files, read together; against `shapes`, or those of ours that hold for each part.

    Raises FormatError, SourceError and ShapeError.
    """
    ontology = read_turtle("ontology", sources.ontology_files)
    graphs = _read(files)
    if shapes:
        everything = [triple for triples in graphs.values() for triple in triples]
        return validate_graph(everything, shapes.resolve(), background=ontology)
    return ValidationReport.of(_results(graphs, sources, ontology))


def _read(files: Iterable[Path]) -> dict[str, list[Triple]]:
    """Return the triples by graph (`""` where none is named and none is meant), each once."""
    graphs: dict[str, dict[Triple, None]] = {}
    # Millions of triples name some thousand predicates and each subject many times: each is kept once.
    terms: dict[Term, Term] = {}
    for number, path in enumerate(files):
        unnamed: list[Triple] = []
        for (subject, predicate, object_), graph in read_quads(path, number):
            triple = (
                terms.setdefault(subject, subject),
                terms.setdefault(predicate, predicate),
                terms.setdefault(object_, object_),
            )
            if graph:
                graphs.setdefault(graph, {})[triple] = None
            else:
                unnamed.append(triple)
        if unnamed:
            graphs.setdefault(_meant(unnamed), {}).update(dict.fromkeys(unnamed))
    return {graph: list(triples) for graph, triples in graphs.items()}


def _meant(triples: list[Triple]) -> str:
    """Return the derived graph that triples of a file are of, empty where they are of records or of curated data."""
    if any(predicate == _NCT_ID_OF for _, predicate, _ in triples):
        return ""
    predicates = {predicate for _, predicate, _ in triples}
    return next((graph for graph, only in _ONLY_IN.items() if predicates & only), "")


def _results(graphs: dict[str, list[Triple]], sources: Sources, ontology: list[Triple]) -> Iterator[ValidationResult]:
    everything = [triple for triples in graphs.values() for triple in triples]
    rules = cache(lambda: Memory(everything))
    of_records, curated = list(graphs.pop(Graph.REGISTRY, [])), list[Triple]()
    if links := [triple for graph in _OF_LINKS for triple in graphs.pop(graph, ())]:
        shapes = read_shapes(*sources.link_shapes, sources.shapes / "prefixes.ttl")
        select = rules().select
        yield from validate_graph(links, shapes, background=ontology, engine="fast", select=select).results
    for graph, triples in sorted(graphs.items()):
        if graph == Graph.INTERPRETATION:
            shapes = read_shapes(*sources.interpretation_shapes)
            yield from validate_graph(triples, shapes, background=everything, engine="fast").results
        elif graph == Graph.DESCRIPTION:
            description = sources.shapes / "description.ttl"
            select = rules().select
            yield from validate_graph(triples, description, background=ontology, engine="fast", select=select).results
        elif graph not in _UNCHECKED:
            records, others = _parted(triples)
            of_records += records
            curated += others
    yield from _of_records(of_records, sources, ontology)
    if curated:
        shapes = read_shapes(*sources.curated_shapes)
        checked = set(curated)
        known = [*ontology, *(triple for triple in everything if triple not in checked)]
        # A part of our own data is held against all of it, as in a build; what differs from it stands for itself.
        ours = [triple for triples in read_graphs(sources.ontology, sources.data).values() for triple in triples]
        if {triple for triple in checked if _trial_of(triple[0])} <= set(ours):
            known += ours
        select = Memory([*curated, *known]).select
        yield from validate_graph(curated, shapes, background=known, engine="fast", select=select).results


def _parted(triples: list[Triple]) -> tuple[list[Triple], list[Triple]]:
    """Return the triples of registry records, and those that a curator stated."""
    trials = {subject for subject, predicate, _ in triples if predicate == _RECORD}
    derived = bool(trials) or any(predicate == RDF_TYPE and object_ in _DERIVED for _, predicate, object_ in triples)
    if not derived:
        return [], triples
    records, curated = [], []
    for triple in triples:
        trial = _trial_of(triple[0])
        if trial in trials:
            if "/interpretation/" not in triple[0]:
                records.append(triple)
        elif trial:
            curated.append(triple)
    return records, curated


def _trial_of(subject: Term) -> Term:
    """Return the trial that a subject is or belongs to, empty for others."""
    head = subject[len(_START) : _ID_END]
    is_part = subject.startswith(_START) and NCT_ID.fullmatch(head) and subject[_ID_END] in "/>"
    return f"{subject[:_ID_END]}>" if is_part else ""


def _of_records(triples: list[Triple], sources: Sources, ontology: list[Triple]) -> Iterator[ValidationResult]:
    """Yield what is found in each record, as a build does: its own triples, the ontology beside them."""
    own: dict[Term, list[Triple]] = {}
    for triple in triples:
        own.setdefault(_trial_of(triple[0]), []).append(triple)
    if own:
        checker = compile_shapes(read_shapes(*sources.record_shapes), background=ontology)
        for trial in sorted(own):
            yield from checker.check(own[trial])
