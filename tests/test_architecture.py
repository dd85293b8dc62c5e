"""The house stands as CONTRIBUTING.md draws it: every import of every module is checked against its tables."""

import ast
import re
import runpy
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
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
        name: set(re.findall(r"`([\w./]+)`", second)) if "everything" not in second else {"everything"}
        for first, second in cells
        for name in re.findall(r"`([\w./]+)`", first)
    }


ROOMS = table("room")
SUB_ROOMS = table("sub-room")
LIBRARIES = table("library")
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def sub_room_of(parts: tuple[str, ...]) -> str:
    """Return the innermost row of the table that a module stands in; the room itself where none of its folders has one."""
    return next((name for end in range(len(parts), 1, -1) if (name := "/".join(parts[:end])) in SUB_ROOMS), parts[0])


def within_room(module: str, name: str, room: str) -> str | None:
    """Return the sub-room that an import leads to, if it stays in the room."""
    parts = tuple(f"{module}.{name}".split(".")[1:])
    while parts and not (PACKAGE.joinpath(*parts).is_dir() or PACKAGE.joinpath(*parts).with_suffix(".py").is_file()):
        parts = parts[:-1]  # a class or function
    return sub_room_of(parts) if len(parts) > 1 and parts[0] == room else None


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "trialgraph" else [module]
            yield from ((name, node.lineno) for name in names)


def test_every_room_is_in_the_table():
    assert {room_of(path) for path in MODULES} == set(ROOMS)


def test_every_folder_of_a_room_is_in_the_table_of_sub_rooms():
    folders = {
        path.parent.relative_to(PACKAGE).as_posix() for path in MODULES if len(path.relative_to(PACKAGE).parts) > 2
    }
    assert folders <= set(SUB_ROOMS)
    for name in SUB_ROOMS:
        assert PACKAGE.joinpath(name).is_dir() or PACKAGE.joinpath(f"{name}.py").is_file(), name


@pytest.mark.parametrize("rows", [ROOMS, SUB_ROOMS], ids=["rooms", "sub-rooms"])
def test_an_arrow_goes_down(rows):
    above: set[str] = set()
    for name, used in rows.items():
        assert used == {"everything"} or used <= {*above, name.partition("/")[0]}, f"{name} uses what stands above it"
        above.add(name)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_uses_what_its_sub_room_may(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[1:] == ("__init__",) or parts[0] not in {name.partition("/")[0] for name in SUB_ROOMS}:
        return  # the roof of a room, which gives out what is in it; or a room without sub-rooms
    own = sub_room_of(parts)
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trialgraph."):
            for alias in node.names:
                used = within_room(node.module, alias.name, parts[0])
                assert used in {None, own} | SUB_ROOMS.get(own, set()), f"{path}:{node.lineno} imports from {used}"


def test_the_worker_stands_alone():
    for path in (PACKAGE / "query" / "workers" / "worker").glob("*.py"):
        for name, line in imports(path):
            known = name.split(".")[0] in {"pyoxigraph", "sparq", *sys.stdlib_module_names}
            ours = name.startswith(("trialgraph.query.workers.worker.", "trialgraph.syntaxes.", "trialgraph.formats"))
            assert known or ours, f"{path}:{line} imports {name}"


def test_no_name_of_a_file_stands_twice_in_the_house():
    names = Counter(path.name for path in MODULES if path.name != "__init__.py")
    assert [name for name, number in names.items() if number > 1] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_uses_what_its_room_may(path):
    room = room_of(path)
    for name, line in imports(path):
        parts = name.split(".")
        if parts[0] == "trialgraph" and len(parts) > 1 and parts[1] in ROOMS and parts[1] != room:
            assert ROOMS[room] == {"everything"} or parts[1] in ROOMS[room], f"{path}:{line} imports {name}"
        for library, rooms in LIBRARIES.items():
            assert parts[0] != library or room in rooms, f"{path}:{line} imports {name}"


LATE = {"cli/main_group.py", "pipeline/__init__.py", "validation/__init__.py", "resource/table_files.py"}
"""Files that read another by its name when it is wanted: commands, and libraries that most commands do without."""


def hidden(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield imports inside functions, and imports by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield inner.lineno, f"an import inside {node.name}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "__import__",
            "import_module",
            "importlib.import_module",
            "resolve_name",
            "pkgutil.resolve_name",
        }:
            yield node.lineno, "an import by name"


def environment(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield where the environment is read or changed."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "os"
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ENVIRONMENT
            and isinstance(node.value, ast.Name)
            and node.value.id in names
        ):
            yield node.lineno, f"os.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from ((node.lineno, f"os.{alias.name}") for alias in node.names if alias.name in ENVIRONMENT)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_hides_and_no_environment_is_read_but_in_settings(path):
    tree = parsed(path)
    late = path.relative_to(PACKAGE).as_posix() in LATE
    found = [*(() if late else hidden(tree)), *(() if room_of(path) == "settings" else environment(tree))]
    assert found == [], path


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("async def f():\n    import json", hidden),
        ("def f():\n    def g():\n        from os import path", hidden),
        ("x = __import__('json')", hidden),
        ("from os import environ", environment),
        ("from os import getenv as look", environment),
        ("import os as system\nsystem.environ['A']", environment),
        ("import os\nasync def f():\n    return os.getenv('A')", environment),
    ],
)
def test_what_hides_is_found(text, look):
    assert list(look(ast.parse(text)))


def test_the_wings_do_not_know_each_other():
    making = {"registry", "mapping", "linking", "interpretation", "validation", "release", "score", "pipeline"}
    serving = {"query", "web"}
    for room in making:
        assert not ROOMS[room] & serving
    for room in serving:
        assert not ROOMS[room] & making


TESTS = sorted((TOP / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(TOP)))
def test_no_test_judges_by_the_clock(path):
    """A busy machine is slow; a test that fails for it tells nothing of the program."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Assert):
            clock = re.search(r"\b(monotonic|perf_counter|process_time|time\.time|elapsed)\b", ast.unparse(node.test))
            assert not clock, f"{path}:{node.lineno} judges by {clock[0] if clock else ''}"


def test_the_file_map_is_made_from_the_first_lines_of_the_files():
    """After a change: python scripts/file_map.py."""
    with_map = runpy.run_path(str(TOP / "scripts" / "file_map.py"))["with_map"]
    text = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert with_map(text) == text


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_says_in_its_first_line_what_it_holds(path):
    first = (ast.get_docstring(parsed(path)) or "").partition("\n")[0]
    assert first.endswith("."), f"{path}: its first line is no sentence"
    assert len(first) <= 100, f"{path}: its first line has {len(first)} characters, 100 are allowed"


WORDS = """
    lexer single_flight scheduler worker_pool fork_server sandbox quota admission row_cap property_path federation
    result_cache rate_limit access_log health metrics signposting reconciliation service_description schema_org openapi
    content_encoding canonical_url profile_negotiation change_set tombstone external_sort bounded_description framing
    dcat void umaka turtle rdfxml subject_group kgx field_diff record_diff quad_diff archive http_client linkset
    shape_compiler validation_report time_frame dose_escalation biomarker_state antibody_target phrase_index
"""


@pytest.mark.parametrize("word", WORDS.split())
def test_a_word_of_the_field_leads_to_its_file(word):
    """Who knows the field finds a file by its word, and finds one."""
    found = [path.stem for path in MODULES if word in path.stem]
    assert [stem for stem in found if stem.startswith(word)][:1], f"no file is called {word}"
    assert len(found) == 1, f"{word} leads to {found}"


POSSESSIVE = {
    ("lexer.py", "(?:[ \\t\\r\\n]++|\\#[^\\r\\n]*+)*+"),
    ("join_copy.py", '"(?:[^"\\\\]|\\\\.)*+"@([A-Za-z0-9-]+) \\.\\n$'),
} | {(name, '"(?:[^"\\\\]++|\\\\.)*+"') for name in ("json_wrappers.py", "record_splitter.py")}
"""Repeats that never fail half way, or only where the whole then fails."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_groups_are_not_repeated_possessively(path):
    """Python before 3.11.5 goes on at the wrong place where such a group fails half way; `(?>(?:…)*)` is right."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            if re.search(r"\)[*+?]\+", text) and "&'()*+" not in text:
                assert (path.name, text) in POSSESSIVE, f"{path}:{node.lineno} repeats a group possessively"
