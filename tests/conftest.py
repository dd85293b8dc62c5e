"""What holds for every test: none judges by the clock, so that a busy machine fails nothing."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests import building, curated

from trialgraph.settings import packaged

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
RECORDS = Path(__file__).resolve().parents[2] / "shared" / "records" / "ctgov-v2.jsonl.gz"
SAMPLE = 24


@pytest.fixture(scope="session")
def real_root(tmp_path_factory):
    """A release of every 24th real record, linked to a few terms and interpreted, for tests that need real texts."""
    if not RECORDS.is_file():
        pytest.skip("the real records are not beside the checkout")
    folder = tmp_path_factory.mktemp("real")
    with gzip.open(RECORDS, "rb") as lines:
        (folder / "records.jsonl").write_bytes(b"".join(line for at, line in enumerate(lines) if at % SAMPLE == 0))
    (folder / "words").mkdir()
    curated.small_index(folder / "words")
    (folder / "data").symlink_to(packaged("data"))
    how = {"link": True, "interpret": True, "vocabularies": folder / "words"}
    building.quick_build(folder, folder / "release", folder / "records.jsonl", **how)
    return folder / "release"
