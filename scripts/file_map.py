"""Write the file map of CONTRIBUTING.md again, from the first line of each file of the package.

    python scripts/file_map.py

Run it after adding, moving or renaming a file; a test compares.
"""
# ruff: noqa: INP001

import ast
from pathlib import Path
from typing import Final

TOP: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = TOP / "src" / "trialgraph"
BEGIN: Final = "<!-- made by scripts/file_map.py -->\n"
END: Final = "<!-- end -->\n"


def first_line(path: Path) -> str:
    """Return what a file says of itself in one line, without the quotation marks around it and the dot behind."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0].rstrip(".")


def file_map() -> str:
    """Return the map: a list for each folder, a line for each file in it."""
    lines: list[str] = []
    for folder in [PACKAGE, *sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)]:
        name = folder.relative_to(PACKAGE).as_posix()
        roof = first_line(folder / "__init__.py")
        lines += ["", f"**`{'trialgraph' if name == '.' else name}/`** {roof}", ""]
        files = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
        lines += [f"- `{path.stem}`: {first_line(path)}" for path in files]
    return "\n".join(lines[1:]) + "\n"


def with_map(text: str) -> str:
    """Return CONTRIBUTING.md with the map as it is now."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{file_map()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    target = TOP / "CONTRIBUTING.md"
    target.write_text(with_map(target.read_text(encoding="utf-8")), encoding="utf-8")
