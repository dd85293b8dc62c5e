"""Releases on disk: made beside the one that is served, swapped in whole, read by anyone.

    ROOT/
      .lock                    held by the one build or update that may write
      score.json               how the current release measures up, or what a server measured of itself
      current -> versions/…    the only thing that publishing changes, in one rename
      versions/
        2026-11-23/            manifest.json  statistics.json  store/  dumps/  records/  report.ttl  rejected.jsonl
        .draft/                what a build is writing, or a killed one left for the next to resume

A reader sees the old release or the new one, never half of either, whenever a build is killed. This room knows
nothing of trials; it is also the only one, with the query worker, that opens a pyoxigraph store.

>>> import tempfile
>>> from pathlib import Path
>>> root = Path(tempfile.mkdtemp())
>>> with begin_release(root, "2026-11-23") as draft:
...     bulk_load(draft.store, [b"<https://e.org/s> <https://e.org/p> <https://e.org/o> <https://e.org/g> .\\n"])
...     draft.write_manifest({"issued": "2026-11-23"})
...     published = publish(draft)
>>> open_release(root).version, [release.version for release in releases(root)]
('2026-11-23', ['2026-11-23'])
>>> len(list(Reader(published).quads("https://e.org/g")))
1
"""

from trialgraph.store.bulk_loading import (
    BulkLoader,
    bulk_load,
    change_store,
    copy_store,
    finishing,
    keep_union,
    link,
    portions,
)
from trialgraph.store.join_copy import JOIN_COPY, is_worth_it, save_join_copy
from trialgraph.store.merges import MERGES, Merges, keep_merges
from trialgraph.store.query_statistics import STATISTICS, Statistics
from trialgraph.store.release_reader import Memory, Reader
from trialgraph.store.releases import (
    CURRENT,
    MANIFEST,
    SCORE_NOTE,
    Draft,
    Release,
    begin_release,
    open_release,
    publish,
    read_note,
    releases,
    sha256,
    verify,
    version_for,
    version_key,
    write_note,
)

__all__ = [
    "CURRENT",
    "JOIN_COPY",
    "MANIFEST",
    "MERGES",
    "SCORE_NOTE",
    "STATISTICS",
    "BulkLoader",
    "Draft",
    "Memory",
    "Merges",
    "Reader",
    "Release",
    "Statistics",
    "begin_release",
    "bulk_load",
    "change_store",
    "copy_store",
    "finishing",
    "is_worth_it",
    "keep_merges",
    "keep_union",
    "link",
    "open_release",
    "portions",
    "publish",
    "read_note",
    "releases",
    "save_join_copy",
    "sha256",
    "verify",
    "version_for",
    "version_key",
    "write_note",
]
