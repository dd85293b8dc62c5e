"""Small sources, small records and quick builds, for the tests of the making wing."""

import copy
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from trialgraph.pipeline import BuildOptions, BuildReport, build, update
from trialgraph.release.dump_policy import DumpPolicy
from trialgraph.settings import packaged

ISSUED = date(2026, 11, 23)
POLICY = DumpPolicy.parse("nq ttl.gz", "nt ttl")
APART = {"link": False, "interpret": False}
"""What is derived from records has tests of its own."""
CURATED = """
@base <https://w3id.org/trialgraph/id/> .
@prefix tg: <https://w3id.org/trialgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<target/X1> a tg:Target ; rdfs:label "X1" ; tg:abbreviation "X1" ; tg:fullName "example factor 1" ;
    tg:targetKind <scheme/target-kind/IMMUNE_CHECKPOINT> .
"""


def record(number: int, **changed: Any) -> dict[str, Any]:
    """Return a record; keyword arguments replace values by name, wherever the name stands first."""
    made = {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": f"A trial, number {number}"},
            "statusModule": {
                "overallStatus": "RECRUITING",
                "lastUpdatePostDateStruct": {"date": "2026-01-01", "type": "ACTUAL"},
            },
            "conditionsModule": {"conditions": ["Small Cell Lung Cancer", f"Condition {number % 3}"]},
            "designModule": {"studyType": "INTERVENTIONAL", "enrollmentInfo": {"count": number, "type": "ESTIMATED"}},
            "armsInterventionsModule": {
                "armGroups": [{"label": "A", "type": "EXPERIMENTAL", "interventionNames": ["Drug: x"]}],
                "interventions": [{"type": "DRUG", "name": "x", "armGroupLabels": ["A"]}],
            },
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": "2026-11-20"}},
        "hasResults": False,
    }
    for name, value in changed.items():
        _replace(made, name, value)
    return made


def _replace(value: Any, name: str, new: Any) -> bool:
    if isinstance(value, dict):
        if name in value:
            value[name] = new
            return True
        return any(_replace(inner, name, new) for inner in value.values())
    return False


def write_records(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path


def small_data(folder: Path, turtle: str = CURATED) -> Path:
    """Make a data folder with one small curated file."""
    (folder / "curated").mkdir(parents=True)
    (folder / "curated" / "seed.ttl").write_text(turtle, encoding="utf-8")
    return folder


def sources(folder: Path) -> dict[str, Path]:
    """Return small data with the real ontology and shapes, as `build` takes them."""
    data = folder if folder.exists() else small_data(folder)
    return {"data": data, "ontology": packaged("ontology"), "shapes": packaged("shapes")}


def quick_build(folder: Path, root: Path, *records: Path, **how: Any) -> BuildReport:
    """Build without anything that only costs time."""
    given = {"validate": False, "optimize": False, "workers": 1, "issued": ISSUED, "policy": POLICY, **APART} | how
    return build(BuildOptions(**sources(folder / "data") | given, root=root, records=records))


def quick_update(folder: Path, root: Path, *records: Path, **how: Any) -> BuildReport:
    """Update without anything that only costs time."""
    given = {"validate": False, "optimize": False, "workers": 1, "issued": ISSUED, "policy": POLICY, **APART} | how
    asked = {name: given.pop(name) for name in ("withdrawn", "complete") if name in given}
    return update(BuildOptions(**sources(folder / "data"), root=root, records=records, **given), **asked)


def revised(old: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a copy of a record with other values."""
    new = copy.deepcopy(old)
    for name, value in changed.items():
        assert _replace(new, name, value), name
    return new


def same_files(one: Path, other: Path, *names: str) -> None:
    """Assert that files or folders of two releases hold the same bytes."""
    for name in names:
        paths = sorted(p.relative_to(one) for p in (one / name).rglob("*")) if (one / name).is_dir() else [Path(name)]
        assert paths
        for path in paths:
            assert (one / path).read_bytes() == (other / path).read_bytes(), path
