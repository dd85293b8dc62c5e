"""What we rely on beyond the documented interface of a library: each such library has an upper bound that says so."""

import importlib
import runpy
import tomllib
from pathlib import Path

import pyoxigraph as ox
import pytest
from packaging.requirements import Requirement

TOP = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
BOUNDS = {bound.name: bound.specifier for bound in map(Requirement, PROJECT["project"]["dependencies"])}

PAIRS = "pyshacl.constraints.core.property_pair_constraints"
# Library, the first version that may do it otherwise, and the undocumented names we use, with the file of ours.
RELIED_ON = [
    ("waitress", "3.1", "waitress.channel:HTTPChannel._flush_exception", "web/server/connections.py"),
    ("waitress", "3.1", "waitress.channel:HTTPChannel._flush_some", "web/server/connections.py"),
    ("waitress", "3.1", "waitress.channel:HTTPChannel.handle_close", "web/server/connections.py"),
    ("waitress", "3.1", "waitress.task:ErrorTask.execute", "web/server/connections.py"),
    ("waitress", "3.1", "waitress.parser:HTTPRequestParser.received", "web/server/connections.py"),
    ("waitress", "3.1", "waitress.receiver:ChunkedReceiver.chunk_remainder", "web/server/connections.py"),
    ("waitress", "3.1", "waitress.task:WSGITask.get_environment", "web/server/waitress_server.py"),
    ("waitress", "3.1", "waitress.task:Task.build_response_header", "web/server/waitress_server.py"),
    ("waitress", "3.1", "waitress.task:ThreadedTaskDispatcher.add_task", "web/server/waitress_server.py"),
    ("waitress", "3.1", "waitress.server:TcpWSGIServer.pull_trigger", "web/server/waitress_server.py"),
    ("pyshacl", "0.41", PAIRS + ":LessThanConstraintComponent._compare_lt", "validation/pyshacl_patches.py"),
    ("pyshacl", "0.41", PAIRS + ":LessThanOrEqualsConstraintComponent._compare_ltoe", "validation/pyshacl_patches.py"),
    ("pyshacl", "0.41", "pyshacl.constraints.core.value_range_constraints:compare_literal", "validation/pyshacl_patches.py"),
    ("pyshacl", "0.41", "pyshacl.rdfutil.compare:compare_literal", "validation/pyshacl_patches.py"),
]  # fmt: skip


@pytest.mark.parametrize(("library", "first_other", "name", "file"), RELIED_ON, ids=str)
def test_what_is_not_documented_is_there_and_the_library_is_bounded(library, first_other, name, file):
    module, _, attributes = name.partition(":")
    found = importlib.import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    assert not BOUNDS[library].contains(first_other), f"{library} needs <{first_other}: {file} uses {name}"
    assert library in (TOP / "src" / "trialgraph" / file).read_text(encoding="utf-8")


def test_pyoxigraph_writes_and_says_what_we_read():
    """Pages take its Turtle apart by line, errors of syntax by place."""
    assert not BOUNDS["pyoxigraph"].contains("0.6")
    quads = ox.parse(b'<urn:s> <urn:p> "a\\nb" , <urn:o> .', ox.RdfFormat.TURTLE)
    written = ox.serialize(quads, format=ox.RdfFormat.TURTLE, prefixes={"u": "urn:"})
    assert written == b'@prefix u: <urn:> .\nu:s u:p "a\\nb" , u:o .\n'
    with pytest.raises(SyntaxError, match=r"error at 1:16: expected "):
        ox.Store().query("SELECT * SELECT")


def test_the_lowest_versions_are_those_of_the_bounds():
    lowest = runpy.run_path(str(TOP / "scripts" / "try_versions.py"))["lowest"]
    held = lowest(PROJECT)
    assert len(held) == len(BOUNDS)
    assert all(BOUNDS[name].contains(version) for name, _, version in (line.partition("==") for line in held))
