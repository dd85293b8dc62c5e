"""`validate` on what a release gives out says what its build said, and still finds what is wrong."""

import shutil
from collections import Counter

import pyoxigraph as ox
import pytest
from tests.building import ISSUED, POLICY, record, write_records

from trialgraph.formats import N_QUADS, TURTLE
from trialgraph.pipeline import BuildOptions, build, validate_files
from trialgraph.pipeline.sources import Sources
from trialgraph.release.export import dump
from trialgraph.settings import packaged

SHACL = "http://www.w3.org/ns/shacl#"
ALWAYS = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tg: <https://w3id.org/trialgraph/ontology#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
<https://example.org/{part}> a sh:NodeShape ; sh:targetClass {target} ; sh:maxLength 1 ;
    sh:severity sh:{severity} ; sh:message "always" .
"""
EVERYWHERE = {
    "links/always.ttl": ("tg:InterventionName", "Violation"),
    "interpretation/always.ttl": ("oa:TextPositionSelector", "Violation"),
    "registry-always.ttl": ("tg:Trial", "Warning"),
    "always.ttl": ("tg:Trial", "Info"),
}
"""Files of shapes that find something wherever they hold: what they look for, and how grave it is."""
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
        ("interpretation", ()),
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


def in_report(release):
    quads = list(ox.parse((release.path / "report.ttl").read_bytes(), ox.RdfFormat.TURTLE))
    results = {quad.object for quad in quads if quad.predicate.value == SHACL + "result"}
    severities = {quad.subject: quad.object for quad in quads if quad.predicate.value == SHACL + "resultSeverity"}
    assert results == set(severities)
    assert len({quad.subject for quad in quads if quad.predicate.value == SHACL + "conforms"}) == 1
    return Counter(severity.value.removeprefix(SHACL) for severity in severities.values())


def test_the_report_of_a_release_holds_every_result_that_is_counted(tmp_path):
    shutil.copytree(packaged("shapes"), tmp_path / "shapes")
    for name, (target, severity) in EVERYWHERE.items():
        text = ALWAYS.format(part=name, target=target, severity=severity)
        (tmp_path / "shapes" / name).write_text(text)
    given = [record(1, description="Drug x, 5 mg daily."), record(2, overallStatus="ASLEEP")]
    given[0]["protocolSection"]["armsInterventionsModule"]["interventions"][0]["description"] = "x 5 mg once daily"
    folders = {"data": packaged("data"), "ontology": packaged("ontology"), "shapes": tmp_path / "shapes"}
    records = [write_records(tmp_path / "r.jsonl", given)]
    made = build(
        BuildOptions(
            **folders,
            root=tmp_path / "root",
            issued=ISSUED,
            records=records,
            policy=POLICY,
            optimize=False,
            workers=1,
        )
    )
    found = in_report(made.release)
    assert found == made.results == made.release.manifest["validation"]["results"]
    assert min(found[name] for name in ("Violation", "Warning", "Info")) >= 2
    path = tmp_path / "whole.nq"
    path.write_bytes(b"".join(dump(made.release, N_QUADS)))
    assert (
        validate_files([path], Sources(packaged("ontology"), packaged("data"), tmp_path / "shapes")).counts() == found
    )


def test_the_report_of_a_release_holds_what_its_summary_counts(release):
    assert in_report(release) == release.manifest["validation"]["results"]
