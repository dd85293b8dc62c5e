"""The command line: what each command prints, and the exit status it ends with."""

import io
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from tests.building import quick_build, record, revised, write_records

from trialgraph import cli, errors
from trialgraph.cli import exit_status, progress
from trialgraph.cli.main_group import COMMANDS
from trialgraph.pipeline import Progress
from trialgraph.settings import packaged
from trialgraph.store import open_release


@pytest.fixture
def root(tmp_path):
    quick_build(tmp_path, tmp_path / "root", write_records(tmp_path / "records.jsonl", [record(1), record(2)]))
    return tmp_path / "root"


def run(*arguments: object, status: int = 0) -> str:
    given = [str(each) for each in arguments]
    if given[0] == "query":  # its engine starts processes, which end with a process of their own
        done = subprocess.run(
            [sys.executable, "-m", "trialgraph.cli", *given], capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr
    result = CliRunner().invoke(cli.main, given)
    assert result.exit_code == status, result.output
    return result.output


def test_every_error_has_an_exit_status():
    def below(kind):
        return [kind, *(each for child in kind.__subclasses__() for each in below(child))]

    for kind in below(errors.TrialgraphError)[1:]:
        assert any(parent in exit_status.EXIT_STATUS for parent in kind.__mro__), kind


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command):
    assert len(run(command, "--help")) > 200


def test_query_answers_in_the_format_asked(root):
    count = "SELECT (COUNT(*) AS ?n) { ?t a <https://w3id.org/trialgraph/ontology#Trial> }"
    assert run("query", count, "--release", root).split() == ["n", "2"]
    found = json.loads(run("query", count, "--format", "json", "--release", root))
    assert found["results"]["bindings"][0]["n"]["value"] == "2"


@pytest.mark.parametrize(("arguments", "status"), [
    (["query", "SELEC"], 5),
    (["query", "DELETE WHERE { ?s ?p ?o }"], 5),
    (["query", "ASK {}", "--format", "word"], 2),
    (["query"], 2),
    (["dump", "--format", "csv"], 2),
    (["dump", "--graph", "nothing"], 2),
    (["dump", "--trial", "1"], 2),
    (["dump", "--trial", "NCT00000009"], 2),
    (["dump", "--format", "kgx"], 2),
    (["dump", "--format", "kgx", "--graph", "registry", "--output", "x"], 2),
    (["records", "NCT00000009"], 1),
])  # fmt: skip
def test_what_cannot_be_done_ends_with_a_status_and_no_traceback(root, arguments, status):
    assert "Traceback" not in run(*arguments, "--release", root, status=status)


def test_a_dump_may_go_to_a_file_and_for_kgx_to_a_folder(root, tmp_path):
    printed = run("dump", "--trial", "NCT00000001", "--release", root)
    run("dump", "--trial", "NCT00000001", "--release", root, "--output", tmp_path / "trial.ttl")
    assert (tmp_path / "trial.ttl").read_text(encoding="utf-8") == printed
    written = run("dump", "--format", "kgx", "--output", tmp_path / "kgx", "--release", root).split()
    assert sorted(written) == sorted(str(path) for path in (tmp_path / "kgx").iterdir())
    assert {path.rsplit("-", 1)[-1] for path in written} == {"nodes.tsv", "nodes.jsonl", "edges.tsv", "edges.jsonl"}


def test_malformed_identifiers_are_reported_in_files_and_in_a_release(root, tmp_path):
    wrong = tmp_path / "wrong.ttl"
    wrong.write_text("<https://e.org/a> <https://e.org/b> <http://purl.obolibrary.org/obo/MONDO_84> .")
    assert "MONDO_84 does not look like" in run("identifiers", wrong, status=1)
    tables = sorted((packaged("data") / "links").glob("*.sssom.tsv"))
    assert json.loads(run("identifiers", "--json", *tables)) == []
    assert run("identifiers", "--release", root) == "No identifier is malformed.\n"


def test_without_a_release_the_remedy_is_named(tmp_path):
    assert "trialgraph build" in run("describe", "--release", tmp_path, status=3)


def test_update_reports_what_changed(root, tmp_path):
    new = write_records(tmp_path / "new.jsonl", [revised(record(1), overallStatus="COMPLETED"), record(3)])
    arguments = ["update", new, "--release", root, "--no-validate", "--workers", 1, "--json"]
    report = json.loads(CliRunner().invoke(cli.main, [str(each) for each in arguments]).stdout)
    assert {key: report["changes"][key] for key in ("new", "changed", "unchanged", "vanished")} == {
        "new": 1, "changed": 1, "unchanged": 1, "vanished": 0,
    }  # fmt: skip
    assert open_release(root).version == report["version"]


def test_the_exit_status_tells_of_records_set_aside(root, tmp_path):
    broken = write_records(tmp_path / "new.jsonl", [record(3), {"protocolSection": {}}])
    told = run(
        "update", broken, "--release", root, "--no-validate", "--workers", 1, status=exit_status.SOME_SET_ASIDE
    )
    assert "1 record was set aside; see" in told
    assert "rejected.jsonl" in told
    assert [json.loads(line) for line in run("records", "--release", root).splitlines()][2] == record(3)


def test_a_process_of_its_own_gives_records(root):
    out = subprocess.run(
        [sys.executable, "-m", "trialgraph.cli", "records", "--release", root], capture_output=True, check=True
    )
    assert [json.loads(line) for line in out.stdout.splitlines()] == [record(1), record(2)]


class Screen(io.StringIO):
    """Standard error, on a terminal or in a log."""

    def __init__(self, terminal):
        super().__init__()
        self.isatty = lambda: terminal


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "log"])
def test_progress_tells_rate_and_time_left_on_one_line_of_a_terminal_and_in_plain_lines_of_a_log(
    monkeypatch, terminal
):
    screen, clock = Screen(terminal), iter([100.0, 101.0, 110.0, 120.0, 121.0])
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    ticker = progress.Ticker()
    for done in (0, 100, 1000, 2000, 2100):
        ticker.show(Progress("mapping", done, 4000, "records"))
    lines = [
        "mapping: records",
        "mapping: 100 of 4,000 records, 100 a second, 39 s left",
        "mapping: 1,000 of 4,000 records, 100 a second, 30 s left",
        "mapping: 2,000 of 4,000 records, 100 a second, 20 s left",
        "mapping: 2,100 of 4,000 records, 100 a second, 19 s left",
    ]
    if terminal:
        assert screen.getvalue() == "".join(f"\r\x1b[K{line}" for line in lines)
    else:
        assert screen.getvalue().splitlines() == [lines[0], lines[2], lines[3]]


UNUSABLE = {
    "a path that is not there": (["build", "{folder}/none.json"], "does not exist"),
    "a path to update from": (["update", "{folder}/none.json"], "does not exist"),
    "complete without records": (["update", "--complete"], "there are none"),
    "withdrawn that is no number": (["update", "--withdrawn", "NCT99"], "no NCT id"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_meant_is_told_before_anything_is_made(tmp_path, name):
    arguments, told = UNUSABLE[name]
    given = [each.format(folder=tmp_path) for each in arguments]
    result = CliRunner().invoke(cli.main, [*given, "--release", str(tmp_path / "release")])
    assert result.exit_code == 2
    assert told in result.stderr
    assert list(tmp_path.iterdir()) == []
