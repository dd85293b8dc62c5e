"""An installed wheel works from any folder, with all it needs inside."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


def run(*command, cwd):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_a_wheel_builds_and_queries_a_release_in_an_empty_folder(tmp_path):
    fresh, empty = tmp_path / "environment", tmp_path / "empty"
    empty.mkdir()
    uv = shutil.which("uv")
    if uv:
        run(uv, "venv", "-q", "-p", sys.executable, fresh, cwd=TOP)
        run(uv, "build", "-q", "--wheel", "-o", tmp_path, TOP, cwd=TOP)
        install = [uv, "pip", "install", "-q", "-p", fresh / "bin" / "python"]
    else:
        run(sys.executable, "-m", "venv", fresh, cwd=TOP)
        run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, TOP, cwd=TOP)
        install = [fresh / "bin" / "python", "-m", "pip", "install", "-q"]
    run(*install, next(tmp_path.glob("*.whl")), cwd=empty)
    run(fresh / "bin" / "trialgraph", "build", "--issued", "2026-11-23", cwd=empty)
    query = "ASK { ?arm <http://www.w3.org/2000/01/rdf-schema#label> 'Arm A' }"
    assert "true" in run(fresh / "bin" / "trialgraph", "query", query, cwd=empty)
