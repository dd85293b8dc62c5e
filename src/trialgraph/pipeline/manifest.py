"""The manifest of a release: what it holds, what it was made from, and the checksum of each file."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import trialgraph
from trialgraph.pipeline.release_validation import Findings
from trialgraph.pipeline.sources import Sources
from trialgraph.release.dump_writer import DumpFile
from trialgraph.store import STATISTICS, Draft, sha256
from trialgraph.vocabulary import GRAPHS

FILES: Final = ("rejected.jsonl", "report.ttl", STATISTICS, "records/index.json")
"""What a release holds beside its dumps, as far as it is there; the index has the checksums of all parts."""


def manifest(
    draft: Draft,
    *,
    issued: date,
    sources: Sources,
    counts: dict[str, int],
    records: int,
    rejected: int,
    findings: Findings | None,
    dumps: Iterable[DumpFile],
    more_files: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return the manifest of a draft whose files are written."""
    return {
        "version": draft.version,
        "issued": issued.isoformat(),
        "tool": {"name": "trialgraph", "version": trialgraph.__version__},
        "graphs": {name: {"iri": GRAPHS[name], "triples": count} for name, count in counts.items()},
        "counts": {"quads": sum(counts.values()), "records": records},
        "rejected": rejected,
        "validation": findings.to_json() if findings else None,
        "dumps": [_dump_entry(draft.path, dump) for dump in dumps],
        "files": [_file_entry(draft.path, name) for name in (*FILES, *more_files) if (draft.path / name).is_file()],
        "inputs": list(sources.digests()),
        **more,
    }


def _dump_entry(folder: Path, dump: DumpFile) -> dict[str, Any]:
    return {
        "path": dump.path.relative_to(folder).as_posix(),
        "media_type": dump.format.media_type,
        "format": dump.format.name,
        "compression": dump.compression.name,
        "bytes": dump.bytes,
        "sha256": dump.sha256,
        "graph": dump.graph,
        "triples": dump.triples,
        "left_out": dump.left_out,
    }


def _file_entry(folder: Path, name: str) -> dict[str, Any]:
    return {"path": name, "bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
