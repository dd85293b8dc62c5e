"""The house of CONTRIBUTING.md, held against the imports of every module."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
SOURCE = TOP / "src" / "trialgraph"
MODULES = sorted(SOURCE.rglob("*.py"))
TEXT = (TOP / "CONTRIBUTING.md").read_text("utf-8")


def table(heading):
    """Return the rows of the table with that heading: first column -> words of the second."""
    body = TEXT.split(heading, 1)[1].split("\n\n", 1)[0]
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in body.strip().splitlines()[1:]]
    return {row[0]: set(row[1].split()) if len(row) > 1 else set() for row in rows}


ROOMS = table("| room | may import |\n")
PACKAGES = table("| package | only in |\n")


def name_of(path):
    parts = ("trialgraph", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    return module.split(".")[1] if module.count(".") else ""


def imports(path):
    """Return the modules that a module imports, and whether each import stands at its top level."""
    tree = ast.parse(path.read_text("utf-8"))
    top = set(map(id, tree.body)) | {id(n) for node in tree.body if isinstance(node, ast.If) for n in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            known = {name_of(other) for other in MODULES}
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in known else node.module), id(node) in top


def test_the_table_names_every_room():
    assert set(ROOMS) == {room_of(name_of(path)) for path in MODULES} - {""}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_room_may(path):
    room = room_of(name_of(path))
    allowed = {*ROOMS.get(room, ()), room, ""}
    assert {room_of(name) for name, _ in imports(path) if name.startswith("trialgraph")} <= allowed


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_foreign_packages_stay_in_their_rooms(path):
    room = room_of(name_of(path))
    used = {name.split(".")[0] for name, _ in imports(path)}
    assert {package for package in used & set(PACKAGES) if room not in PACKAGES[package]} == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_stand_at_the_top(path):
    assert [name for name, at_top in imports(path) if not at_top] == []


def test_no_module_imports_in_a_circle():
    graph = {name_of(path): {n for n, _ in imports(path) if n.startswith("trialgraph")} for path in MODULES}
    for name, used in graph.items():
        used.discard(name)
        used -= {package for package in used if name.startswith(package + ".")}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_environment_is_read_in_settings_and_stores_are_opened_in_two_places(path):
    text = path.read_text("utf-8")
    if name_of(path) != "trialgraph.settings":
        assert not re.search(r"\bos\.(environ|getenv)\b", text)
    if name_of(path) not in ("trialgraph.store", "trialgraph.query.worker"):
        assert not re.search(r"\b(ox|pyoxigraph)\.Store\b", text)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_of_a_size_to_be_read(path):
    assert len(path.read_text("utf-8").splitlines()) <= 460
