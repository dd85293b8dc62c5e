"""The house stands as CONTRIBUTING.md draws it: every import of every module is checked against its tables."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PACKAGE = TOP / "src" / "trialgraph"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def table(heading: str) -> dict[str, set[str]]:
    """Return the rows of a table: each name of its first column with the names of its second."""
    text = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = text.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [row.strip("|").split("|") for row in rows]
    return {
        name: set(re.findall(r"`([\w.]+)`", second)) if "everything" not in second else {"everything"}
        for first, second in cells
        for name in re.findall(r"`([\w.]+)`", first)
    }


ROOMS = table("room")
LIBRARIES = table("library")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "trialgraph" else [module]
            yield from ((name, node.lineno) for name in names)


def test_every_room_is_in_the_table():
    assert {room_of(path) for path in MODULES} == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_uses_what_its_room_may(path):
    room = room_of(path)
    for name, line in imports(path):
        parts = name.split(".")
        if parts[0] == "trialgraph" and len(parts) > 1 and parts[1] in ROOMS and parts[1] != room:
            assert ROOMS[room] == {"everything"} or parts[1] in ROOMS[room], f"{path}:{line} imports {name}"
        for library, rooms in LIBRARIES.items():
            assert parts[0] != library or room in rooms, f"{path}:{line} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_hides_in_a_function_and_no_environment_is_read_but_in_settings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            hidden = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{path}:{node.lineno} imports inside {node.name}"
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv"):
            assert room_of(path) == "settings", f"{path}:{node.lineno} reads the environment"


def test_the_wings_do_not_know_each_other():
    making = {"registry", "mapping", "linking", "validation", "release", "score", "pipeline"}
    serving = {"query", "web"}
    for room in making:
        assert not ROOMS[room] & serving
    for room in serving:
        assert not ROOMS[room] & making
