"""From sources to a published release: read, map, link, validate, load, write, swap.

A release is published whole or not at all; a record that cannot be taken is set aside with its reason, and the rest
goes on. The same sources give the same bytes, whatever the number of workers and whatever was killed in between.
"""

from trialgraph.pipeline.build_options import BuildOptions
from trialgraph.pipeline.build_release import build
from trialgraph.pipeline.build_report import BuildReport, Progress
from trialgraph.pipeline.file_validation import validate_files
from trialgraph.pipeline.release_validation import report_turtle
from trialgraph.pipeline.update_release import update

__all__ = ["BuildOptions", "BuildReport", "Progress", "build", "report_turtle", "update", "validate_files"]
