"""From sources to a published release: read, map, link, validate, load, write, swap.

A release is published whole or not at all; a record that cannot be taken is set aside with its reason, and the rest
goes on. The same sources give the same bytes, whatever the number of workers and whatever was killed in between.
"""

import pkgutil
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from trialgraph.pipeline.build_options import BuildOptions
    from trialgraph.pipeline.build_release import build
    from trialgraph.pipeline.build_report import BuildReport, Progress
    from trialgraph.pipeline.file_validation import validate_files
    from trialgraph.pipeline.release_validation import report_turtle
    from trialgraph.pipeline.update_release import update

__all__ = ["BuildOptions", "BuildReport", "Progress", "build", "report_turtle", "update", "validate_files"]

_FILES: Final = {
    "BuildOptions": "build_options",
    "BuildReport": "build_report",
    "Progress": "build_report",
    "build": "build_release",
    "report_turtle": "release_validation",
    "update": "update_release",
    "validate_files": "file_validation",
}
"""What is given out, and the file it stands in. Giving records back needs none of the libraries of a build."""


def __getattr__(name: str) -> Any:
    """Return what is given out under a name, its file read when it is wanted (PEP 562)."""
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return pkgutil.resolve_name(f"{__name__}.{_FILES[name]}:{name}")
