"""The README, run as a reader would run it, and held against what the program has."""

import gzip
import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from tests.live.registry_server import Registry, study

from trialgraph import errors
from trialgraph.cli.main_group import COMMANDS
from trialgraph.settings import Settings
from trialgraph.web import create_app

TOP = Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PROGRAM = Path(sys.executable).with_name("trialgraph")
NCT_ID = "NCT06095583"
OWNERS = {
    "mondo.json": "teapots.json",
    "mondo_exactmatch_mesh.sssom.tsv": "teapots.sssom.tsv",
    "desc2026.xml": "desc2026.xml",
    "supp2026.xml": "supp2026.xml",
    "UNII_Names.txt": "UNII_Names_3Feb2026.txt",
    "drug.target.interaction.tsv.gz": "drug.target.interaction.tsv",
}
"""The files of owners that the README speaks of, and which small made one stands for each."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the default release, and the files that the README speaks of."""
    made = tmp_path_factory.mktemp("reader")
    subprocess.run([PROGRAM, "build"], cwd=made, check=True, capture_output=True)
    (made / "my-query.rq").write_text("ASK { ?s ?p ?o }")
    (made / "join.rq").write_text(re.search(r"^```sparql\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[1])
    (made / "my.ttl").write_text("<https://example.org/a> <https://example.org/b> 1 .")
    changed = study(int(NCT_ID[3:]), date="2026-02-01", text="a newer title")
    (made / "newer.jsonl.gz").write_text(json.dumps(changed) + "\n")
    owners = TOP / "tests" / "cases" / "vocabularies"
    for name, source in OWNERS.items():
        text = (owners / source).read_bytes()
        (made / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return made


@pytest.mark.live
@pytest.mark.slow
def test_every_command_does_what_the_readme_says(folder, serve):
    server = serve(folder / "release")
    with Registry([study(int(NCT_ID[3:]), date="2026-01-01", text="a title")]) as registry:
        for block in BLOCKS[1:]:
            text = block.replace(".venv/bin/trialgraph", str(PROGRAM)).replace("http://127.0.0.1:8000", server.url)
            text = text.replace(f"fetch {NCT_ID}", f"fetch {NCT_ID} --api {registry.url}")
            run = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text],
                cwd=folder,
                env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert run.returncode == 0, f"{text}\n{run.stdout}\n{run.stderr}"
            if "oxigraph query" in text:
                proteins = {line.partition("/uniprot/")[2] for line in run.stdout.splitlines()[1:]}
                assert proteins == {"Q7Z6A9", "Q15116"}
                assert run.stdout.count("/id/NCT") == 4
            elif "curl" in text:
                assert "Arm A,tifcemalimab,200 mg" in run.stdout
            if "records " in text:
                (record,) = [
                    json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"protocolSection"')
                ]
                assert record["protocolSection"]["identificationModule"]


def test_downloads_come_from_a_release_folder_given_by_a_relative_path(folder, monkeypatch):
    monkeypatch.chdir(folder)
    client = create_app(Settings()).test_client()
    with client.get("/downloads/latest/trialgraph.ttl", follow_redirects=True) as answer:
        assert answer.status_code == 200
        assert b"tg:Trial" in answer.data


@pytest.mark.parametrize("target", ["serve", "test"])
def test_the_two_commands_are_targets_of_the_makefile(target):
    assert f"make {target}" in BLOCKS[0]
    subprocess.run(["make", "-n", target], cwd=TOP, check=True, capture_output=True)


def test_every_command_is_in_the_readme():
    assert {name for name in COMMANDS if not re.search(rf"trialgraph {name}\b", README)} == set()


def test_every_setting_is_in_the_readme_as_it_is():
    rows = {f"TRIALGRAPH_{f.name.upper()}": (str(f.default), f.metadata["meaning"]) for f in fields(Settings)}
    written = re.findall(r"^\| `(TRIALGRAPH_\w+)` \| (?:`(.*?)`)? ?\| (.*) \|$", README, re.MULTILINE)
    assert {name: (default, meaning) for name, default, meaning in written} == rows


def test_every_address_is_in_the_readme(folder):
    app = create_app(Settings(release=folder / "release"))
    heads = {"/" + rule.rule.split("/")[1].partition("<")[0].rstrip(".") for rule in app.url_map.iter_rules()}
    assert {head for head in heads - {"/static"} if head not in README} == set()


def test_every_error_stands_in_the_tree():
    names = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert {name for name in names if not re.search(rf"\b{name}\b", errors.__doc__)} == set()
