"""kill -9 at random moments of builds and updates: what is served is whole, and the next run completes."""

import random
import subprocess
import sys
import time

import pytest
from tests.building import quick_build, quick_update, record, revised, write_records

from trialgraph.store import Reader, open_release, releases, verify

CODE = """
import sys
from pathlib import Path
from tests.building import quick_build, quick_update
from trialgraph.store import releases
folder, root = Path(sys.argv[1]), Path(sys.argv[1]) / "root"
print("ready", flush=True)
for name in sys.argv[3:]:
    run = quick_update if sys.argv[2] == "update" else quick_build
    run(folder, root, folder / name)
"""


@pytest.mark.slow
def test_fifty_kills(tmp_path):
    choose = random.Random(50)  # noqa: S311 - moments, not secrets
    records = [record(n) for n in range(1, 300)]
    write_records(tmp_path / "a.jsonl", records)
    write_records(tmp_path / "b.jsonl", [revised(each, overallStatus="COMPLETED") for each in records[:250]])
    root = tmp_path / "root"
    started = time.monotonic()
    quick_build(tmp_path, root, tmp_path / "a.jsonl")
    whole = time.monotonic() - started
    for number in range(50):
        kind = ("build", "update")[number % 2]
        names = choose.sample(["a.jsonl", "b.jsonl"], 2)
        command = [sys.executable, "-c", CODE, str(tmp_path), kind, *names]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        try:
            child.wait(choose.uniform(0, whole * 1.5))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        release = open_release(root)
        verify(release)
        counts = release.manifest["graphs"]["registry"]
        assert len(list(Reader(release).quads(counts["iri"]))) == counts["triples"]
    for run in (quick_update, quick_build):
        report = run(tmp_path, root, tmp_path / "b.jsonl")
        verify(report.release)
    assert open_release(root) == report.release
    assert len(releases(root)) > 2
