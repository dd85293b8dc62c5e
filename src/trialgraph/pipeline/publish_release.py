"""How a build and an update end: what is left is written, the release described, published and scored."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from trialgraph.linking.record_links import UNLINKED
from trialgraph.mapping import Plan, shared_query, shared_triples
from trialgraph.pipeline.build_report import BuildReport
from trialgraph.pipeline.build_state import BuildState
from trialgraph.pipeline.derived_graphs import INDEX as DERIVED_INDEX
from trialgraph.pipeline.describe_release import CHANGE_DOCUMENT, Changed, describe_release
from trialgraph.pipeline.interpretation_coverage import COVERAGE, COVERAGE_FILE, write_coverage
from trialgraph.pipeline.link_derivation import NAME as LINKS
from trialgraph.pipeline.link_derivation import UNLINKED_TABLE, write_unlinked
from trialgraph.pipeline.link_figures import LinkFigures
from trialgraph.pipeline.link_validation import LinkCheck
from trialgraph.pipeline.manifest import manifest
from trialgraph.pipeline.release_validation import FINDINGS, write_report
from trialgraph.pipeline.release_writer import BLOCK, ReleaseWriter
from trialgraph.pipeline.shared_facts import SharedFacts
from trialgraph.release.checksums import write_checksums
from trialgraph.release.dump_writer import DumpFile
from trialgraph.release.search_index import FILE_NAME as SEARCH_INDEX
from trialgraph.release.search_index import identifiers, names, write_index
from trialgraph.release.trial_index import write_trial_index
from trialgraph.score import score_release
from trialgraph.store import (
    JOIN_COPY,
    MERGES,
    SCORE_NOTE,
    Reader,
    Release,
    finishing,
    is_worth_it,
    keep_merges,
    keep_union,
    portions,
    publish,
    read_note,
    save_join_copy,
    sha256,
    version_for,
    write_note,
)
from trialgraph.syntaxes.conversion import read_quads
from trialgraph.terms import Triple, iri_value, sorted_lines
from trialgraph.vocabulary import GRAPHS


def finish(state: BuildState, writer: ReleaseWriter, changed: Changed | None = None) -> BuildReport:
    """Settle the version, describe, write what is left, publish, score."""
    draft, options = state.draft, state.options
    state.rejected.close()
    content = content_of(state, changed, sha256(state.rejected.path))
    draft.version = version_for(draft.root, options.issued.isoformat(), content)
    with state.stage("finishing"):
        state.shards.finish(state.made)
        writer.close_store()
        _write_derived(state, writer)
        _write_report(state)
        dumps = writer.finish()
        told = _told(state, writer, dumps, changed) | {"content": content}
        described = describe_release(draft, told, writer.statistics, options.site, changed)
        writer.only_load("description", described.triples)
        keep_union(draft.store, state.apart)
        keep_merges(draft.store).write(draft.path)
        if is_worth_it(quads := sum(writer.counts.values())):
            save_join_copy(_lines((*dumps, *described.dumps)), draft.path / JOIN_COPY, quads)
        draft.apart = state.apart
        with finishing(draft, optimize=options.optimize) as reader:
            write_index(draft.path / SEARCH_INDEX, chain(names(reader), identifiers(reader)))
            write_trial_index(draft.path, reader)
            dumps += described.dumps
            write_checksums(draft.path / "dumps", dumps)
        draft.write_manifest(_told(state, writer, dumps, changed) | {"content": content})
        shutil.rmtree(state.scratch)
    with state.stage("publishing"):
        release = publish(draft)
    with state.stage("scoring"):
        _score(state, release)
    return BuildReport(
        release=release,
        counts=writer.counts,
        records=state.records,
        rejected=state.rejected.count,
        results=state.findings.counts() if state.findings else {},
        seconds=state.seconds,
        changes=changed.counts if changed else {},
        undeclared=state.undeclared,
        notes=state.notes,
        reasons=state.rejected.reasons,
        not_taken=state.rejected.not_taken,
    )


def _lines(dumps: Iterable[DumpFile]) -> Iterator[bytes]:
    """Yield all triples of a release as lines, from its dumps: the whole is without its description."""
    whole = next((dump for dump in dumps if dump.format.name == "nquads" and dump.graph is None), None)
    if whole:
        yield from (text for _, text in read_quads(whole.path))
    for dump in dumps:
        if dump.graph == GRAPHS["description"] and (dump.format.name, dump.compression.name) == ("ntriples", "none"):
            yield dump.path.read_bytes()


def _write_derived(state: BuildState, writer: ReleaseWriter) -> None:
    """Write the graphs that are derived from records, and with `links` what is said of things that records share."""
    parts = {part for each in state.derivations for part in each.parts}
    constant = {each.parts[0]: each.constant for each in state.derivations}
    if UNLINKED in parts:
        rows = state.derived.merged(UNLINKED, state.scratch)
        not_linked = write_unlinked(state.draft.path / UNLINKED_TABLE, rows, state.scratch)
        state.links["links-names-not-linked"] = not_linked
    if COVERAGE in parts:
        write_coverage(state.draft.path / COVERAGE_FILE, state.derived.merged(COVERAGE, state.scratch))
    figures, check = LinkFigures(), _link_check(state)
    for name in GRAPHS:
        if name == "links" or name in parts:
            stated = {line.encode() for line in sorted_lines(state.graphs.get(name, []))}
            shared = [*(_shared(state) if name == "links" else ()), *constant.get(name, ())]
            more = (line.encode() for line in sorted_lines(shared))
            merged = state.derived.merged(name, state.scratch, more)
            if check is not None and name.startswith(LINKS):
                merged = _checked(merged, check)
            lines: Iterator[bytes] = (line for line in merged if line not in stated)
            if LINKS in parts and name.startswith(LINKS):
                lines = _counted(lines, figures)
            for portion in portions(lines, BLOCK):
                writer.append(name, portion)
    state.links |= figures.figures
    if check is not None and state.findings is not None:
        state.findings.add(check.results())


def _link_check(state: BuildState) -> LinkCheck | None:
    """Return what checks the graphs of links, None where nothing is checked or linked."""
    linked = any(LINKS in each.parts for each in state.derivations)
    if state.findings is None or not linked:
        return None
    return LinkCheck(state.sources.link_shapes, state.graphs.get("ontology", []), state.scratch)


def _checked(lines: Iterable[bytes], check: LinkCheck) -> Iterator[bytes]:
    for line in lines:
        check.add(line)
        yield line


def _counted(lines: Iterable[bytes], figures: LinkFigures) -> Iterator[bytes]:
    for line in lines:
        figures.count(line)
        yield line


def _score(state: BuildState, release: Release) -> None:
    """Note how the release measures up, unless a server that serves it has measured itself."""
    root = state.options.root
    if read_note(root, SCORE_NOTE).get("measured", {}).get("release") != release.version:
        write_note(root, SCORE_NOTE, score_release(release, state.options.site, state.options.issued).to_json())


def _shared(state: BuildState) -> list[Triple]:
    """Return what is said of the things that records name; no one record may state it.

    Those are conditions, organizations, MeSH descriptors, and values of enumerations that nobody declared.
    """
    if not state.records:
        return []
    plan = Plan.compile(state.graphs["ontology"])
    things = (row[0] for row in Reader(state.draft).select(shared_query(plan.declarations)))
    named = shared_triples((iri_value(thing) for thing in things if thing), plan.declarations)
    facts = SharedFacts.of(state.made, state.shards.folder)
    state.undeclared = facts.values(plan)
    return [*named, *facts.triples(plan)]


def _told(state: BuildState, writer: ReleaseWriter, dumps: list[DumpFile], changed: Changed | None) -> dict[str, Any]:
    """Return what the manifest says of the files that are written by now."""
    return manifest(
        state.draft,
        issued=state.options.issued,
        sources=state.sources,
        counts=writer.counts,
        records=state.records,
        rejected=state.rejected.count,
        findings=state.findings,
        dumps=dumps,
        more_files=(
            *((*changed.files, CHANGE_DOCUMENT) if changed else ()),
            *state.history_files,
            SEARCH_INDEX,
            DERIVED_INDEX,
            UNLINKED_TABLE,
            COVERAGE_FILE,
            MERGES,
        ),
        changes=changed.to_json() if changed else None,
        made_of=content_of(state),
        site=state.options.site,
        apart=list(state.apart),
        undeclared=[each._asdict() for each in state.undeclared],
        links=dict(sorted(state.links.items())),
    )


def _write_report(state: BuildState) -> None:
    """Write what validation found, when all that it is found in has been written."""
    if state.findings:
        state.findings.add_lines(state.derived.merged(FINDINGS, state.scratch))
        for made in state.made:
            state.findings.records.update(made.results)
    write_report(state.draft.path / "report.ttl", state.findings, state.made, state.shards.folder)


def content_of(state: BuildState, changed: Changed | None = None, rejected: str = "") -> str:
    """Return a digest of what the release is made of, of the release it changes, and of what was set aside."""
    inputs: list[Any] = [
        state.recipe.digest,
        state.options.site,
        [made.key for made in state.made],
        list(state.sources.digests()),
        [(each.name, each.digest) for each in state.derivations],
    ]
    inputs += [state.history] if state.history else []
    inputs += [changed.to_json()] if changed else []
    inputs += [rejected] if rejected else []
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
