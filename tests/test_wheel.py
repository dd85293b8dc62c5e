"""The wheel carries all it needs: installed in an environment of its own, it works from an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_an_installed_wheel_builds_and_answers(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TRIALGRAPH_", "PYTHON"))
    }

    def run(*command: object) -> str:
        given = [str(each) for each in command]
        done = subprocess.run(given, cwd=empty, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{given}: {done.stderr}"
        return done.stdout

    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path / "wheels", TOP)
    (wheel,) = (tmp_path / "wheels").glob("trialgraph-*.whl")
    run(python, "-m", "pip", "install", wheel)
    trialgraph = tmp_path / "venv" / "bin" / "trialgraph"
    run(trialgraph, "build")
    answer = run(trialgraph, "query", "ASK { ?trial a <https://w3id.org/trialgraph/ontology#Trial> }")
    assert answer.strip() == "true"
