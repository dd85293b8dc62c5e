"""Commands read what they need: the help and light commands are there at once, without the libraries of builds."""

import subprocess
import sys

import pytest

from trialgraph.cli.main_group import COMMANDS, main

HEAVY = {"rdflib", "pyshacl", "flask", "numpy", "pyarrow", "httpx", "curies", "pydantic", "rapidfuzz", "pyoxigraph"}
STORE = {"pyoxigraph"}
"""What reads a release."""
SHAPES = {*STORE, "curies", "pydantic"}
"""What checks files: identifiers of others are told by curies."""
TELLING = """
import sys
from trialgraph.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({{name.partition(".")[0] for name in sys.modules}}), file=sys.stderr)
"""


def libraries(*arguments):
    """Return the libraries that a command has read when it ends."""
    told = subprocess.run(
        [sys.executable, "-c", TELLING.format(arguments=list(arguments))], check=True, capture_output=True, text=True
    )
    return set(told.stderr.split()) & HEAVY


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--version"], set()),
        (["--help"], set()),
        (["records", "--help"], STORE),
        (["dump", "--help"], STORE),
        (["validate", "--help"], SHAPES),
    ],
    ids=lambda words: " ".join(sorted(words)),
)
def test_a_command_reads_no_library_that_it_does_not_need(arguments, allowed):
    assert libraries(*arguments) <= allowed


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_the_group_says(name):
    command = main.get_command(None, name)
    assert command.name == name
    assert command.help


def test_the_group_knows_no_other_command():
    assert main.get_command(None, "none") is None
