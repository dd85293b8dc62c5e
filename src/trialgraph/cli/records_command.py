"""`trialgraph records`: what a release gives back as records."""

import os
from pathlib import Path

import click

from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import checked_ids, release_option, settings_from, write_blocks
from trialgraph.pipeline.record_export import records as records_of
from trialgraph.store import open_release


@click.command()
@click.argument("nct_ids", nargs=-1, metavar="[NCT...]")
@click.option(
    "--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes.  [default: one a core]"
)
@release_option
@reports_errors
def records(nct_ids: tuple[str, ...], workers: int, release: Path | None) -> None:
    """Give back the records as JSON lines, made from the graph; without ids all of them."""
    current = open_release(settings_from(release=release).release)
    write_blocks(records_of(current, checked_ids(nct_ids), workers=workers))
