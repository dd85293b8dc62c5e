"""Run tests with other versions of what we depend on: the lowest that pyproject.toml allows, or the newest there are.

    python scripts/try_versions.py lowest                    all tests, every dependency at its lower bound
    python scripts/try_versions.py newest tests/test_cli.py  some tests, every dependency as new as its bounds allow
    python scripts/try_versions.py pythons                   all tests, with each Python from 3.11 to 3.14 there is

Each has an environment of its own in `.versions/`, made anew each time; nothing else is touched.
"""
# ruff: noqa: INP001, T201

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

TOP: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = TOP / ".versions"
PYTHONS: Final = ("python3.11", "python3.12", "python3.13", "python3.14")
_BOUND: Final = re.compile(r"(?P<name>[\w.-]+)\s*[>=]=\s*(?P<lowest>[\w.]+)")


def lowest(project: dict[str, object]) -> list[str]:
    """Return a constraint for each dependency that has a lower bound: that version and no other.

    >>> lowest({"project": {"dependencies": ["click>=8.1", "waitress>=3.0.1,<3.1"]}})
    ['click==8.1', 'waitress==3.0.1']
    """
    given: dict[str, list[str]] = project["project"]  # type: ignore[assignment]
    bounds = (_BOUND.match(each) for each in given["dependencies"])
    return [f"{bound['name']}=={bound['lowest']}" for bound in bounds if bound]


def run(name: str, python: str, constraints: list[str], tests: list[str]) -> int:
    """Run tests in an environment made for them; return the exit status of pytest, or of what failed before."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    (folder / "constraints.txt").write_text("".join(f"{line}\n" for line in constraints))
    pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = [*pip, "install", "--upgrade", "--constraint", folder / "constraints.txt"]
    for what in (["pip>=25.1"], ["--editable", TOP], ["--group", f"{TOP / 'pyproject.toml'}:dev"]):
        done = subprocess.run([*install, *what], cwd=TOP, check=False)
        if done.returncode:
            print(f"{name}: these versions cannot be installed together", file=sys.stderr)
            return done.returncode
    print(f"{name}: {python}, {len(constraints)} versions held", flush=True)
    return subprocess.run([folder / "bin" / "pytest", "-q", *tests], cwd=TOP, check=False).returncode


def _starts(python: str) -> bool:
    """Tell whether a Python is there; a version manager may have its name on the path without it."""
    found = shutil.which(python)
    return bool(found) and subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0


def main(which: str, *tests: str) -> int:
    """Run the tests; return the first exit status that is not 0."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    if which == "pythons":
        there = [python for python in PYTHONS if _starts(python)]
        print(f"not here: {', '.join(set(PYTHONS) - set(there)) or 'none'}")
        return next(filter(None, [run(python, python, [], list(tests)) for python in there]), 0)
    held = {"lowest": lowest(project), "newest": []}[which]
    return run(which, sys.executable, held, list(tests))


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("lowest", "newest", "pythons"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
