"""`validate` on what a release gives out says what its build said, and still finds what is wrong."""

import pytest
from tests.building import ISSUED, POLICY, record, write_records

from trialgraph.formats import N_QUADS, TURTLE
from trialgraph.pipeline import BuildOptions, build, validate_files
from trialgraph.pipeline.sources import Sources
from trialgraph.release.export import dump
from trialgraph.settings import packaged

OURS = Sources(packaged("ontology"), packaged("data"), packaged("shapes"))


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("validated")
    given = [record(1), record(2, overallStatus="ASLEEP")]
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    records = [write_records(folder / "r.jsonl", given)]
    return build(
        BuildOptions(**folders, root=folder / "root", issued=ISSUED, records=records, policy=POLICY, optimize=False)
    ).release


@pytest.mark.parametrize(
    ("graph", "trials"),
    [
        ("registry", ()),
        ("seed", ()),
        ("mirrors", ()),
        ("links", ()),
        (None, ("NCT00000001",)),
        (None, ("NCT06095583",)),
        (None, ()),
    ],
    ids=str,
)
def test_what_a_release_gives_out_has_the_verdict_of_its_build(release, tmp_path, graph, trials):
    for form, suffix in ((TURTLE, "ttl"), (N_QUADS, "nq")):
        path = tmp_path / f"given.{suffix}"
        path.write_bytes(b"".join(dump(release, form, graph, trials)))
        assert not validate_files([path], OURS).violations, form.name


def test_the_warnings_about_a_record_are_those_of_the_build(release, tmp_path):
    path = tmp_path / "registry.ttl"
    path.write_bytes(b"".join(dump(release, TURTLE, "registry")))
    assert validate_files([path], OURS).counts() == release.manifest["validation"]["results"]


def test_a_broken_record_and_a_broken_curated_trial_are_found(release, tmp_path):
    path = tmp_path / "broken.ttl"
    trial = "<https://w3id.org/trialgraph/id/NCT00000001>"
    text = b"".join(dump(release, TURTLE, None, ["NCT00000001"])).decode()
    path.write_text(f'{text}\n{trial} <https://w3id.org/trialgraph/ontology#briefTitle> "another" .\n')
    assert validate_files([path], OURS).violations
    path.write_text("<https://w3id.org/trialgraph/id/NCT00000009> a <https://w3id.org/trialgraph/ontology#Trial> .")
    assert validate_files([path], OURS).violations
