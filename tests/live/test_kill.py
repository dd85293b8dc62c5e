"""kill -9 at random moments of builds and updates: what is served is whole, and the next run completes."""

import os
import random
import select
import signal
import subprocess
import sys
import time

import pytest
from tests.building import quick_build, quick_update, record, revised, write_records

from trialgraph.store import Reader, open_release, releases, verify

# One process imports everything once; each attempt is a fork of it, so that a kill costs no start of Python.
CODE = """
import os, sys
from pathlib import Path
from tests.building import quick_build, quick_update
folder = Path(sys.argv[1])
for line in sys.stdin:
    kind, *names = line.split()
    child = os.fork()
    if not child:
        for name in names:
            (quick_update if kind == "update" else quick_build)(folder, folder / "root", folder / name)
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


def _attempt(driver, command, moment):
    """Run one attempt and kill it at its moment, unless it has ended by then."""
    driver.stdin.write(f"{command}\n".encode())
    driver.stdin.flush()
    child = int(driver.stdout.readline())
    if not select.select([driver.stdout], [], [], moment)[0]:
        os.kill(child, signal.SIGKILL)
    assert driver.stdout.readline() == b"ended\n"


@pytest.mark.slow
def test_fifty_kills(tmp_path):
    choose = random.Random(50)  # noqa: S311 - moments, not secrets
    records = [record(n) for n in range(1, 60)]
    write_records(tmp_path / "a.jsonl", records)
    write_records(tmp_path / "b.jsonl", [revised(each, overallStatus="COMPLETED") for each in records[:50]])
    root = tmp_path / "root"
    started = time.monotonic()
    quick_build(tmp_path, root, tmp_path / "a.jsonl")
    whole = time.monotonic() - started
    driver = subprocess.Popen(
        [sys.executable, "-c", CODE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    for number in range(50):
        kind = ("build", "update")[number % 2]
        names = choose.sample(["a.jsonl", "b.jsonl"], 2)
        _attempt(driver, " ".join([kind, *names]), choose.uniform(0, whole * 1.1))
        release = open_release(root)
        verify(release)
        counts = release.manifest["graphs"]["registry"]
        assert len(list(Reader(release).quads(counts["iri"]))) == counts["triples"]
    driver.communicate()
    assert driver.returncode == 0
    for run in (quick_update, quick_build):
        report = run(tmp_path, root, tmp_path / "b.jsonl")
        verify(report.release)
    assert open_release(root) == report.release
    assert len(releases(root)) > 2
