"""`trialgraph build` and `trialgraph update`: make a release."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from trialgraph.cli.exit_status import SOME_SET_ASIDE, P, R, reports_errors
from trialgraph.cli.options import checked_ids, json_option, release_option, settings_from, vocabularies_option
from trialgraph.cli.progress import Ticker
from trialgraph.pipeline import BuildOptions, BuildReport
from trialgraph.pipeline import build as build_release
from trialgraph.pipeline import update as update_release
from trialgraph.settings import packaged


def _building(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command what building and updating have in common."""
    cores = os.cpu_count() or 1
    for option in (
        json_option,
        click.option("--workers", type=click.IntRange(1), default=cores, help="Processes.  [default: one a core]"),
        click.option("--optimize/--no-optimize", default=True, help="Make the store fast to read.  [default: yes]"),
        click.option(
            "--whole-union/--split-union",
            default=None,
            help="Keep registry triples in the default graph too: faster queries, more disk.  [default: while small]",
        ),
        click.option("--strict", is_flag=True, help="Stop at a record that cannot be taken, set none aside."),
        click.option("--validate/--no-validate", default=True, help="Check against the shapes.  [default: yes]"),
        click.option("--link/--no-link", default=True, help="Link names to shared things.  [default: yes]"),
        click.option(
            "--interpret/--no-interpret", default=True, help="Read what texts say: doses and so on.  [default: yes]"
        ),
        vocabularies_option,
        click.option("--issued", type=click.DateTime(["%Y-%m-%d"]), help="Date of issue.  [default: today]"),
        release_option,
        click.argument("records", nargs=-1, type=click.Path(exists=True, path_type=Path, allow_dash=True)),
    ):
        command = option(command)
    return command


@click.command()
@_building
@reports_errors
def build(*, as_json: bool, **how: Any) -> None:
    """Make a release of the curated data and any RECORDS given.

    RECORDS are files or folders of registry records: JSON, JSON lines, gzip, Zstandard or zip; - is standard input.
    The release is validated and published whole or not at all. A record that cannot be taken is set aside in
    rejected.jsonl with its reason, and the rest goes on; the exit status is then 8.
    """
    _tell(build_release(BuildOptions(**build_sources(**how))), as_json)


@click.command()
@_building
@click.option("--withdrawn", multiple=True, metavar="NCT", help="A record that the registry has no more; repeatable.")
@click.option("--accept-partial", is_flag=True, help="Take records without dates, or without most of what is here.")
@click.option("--complete", is_flag=True, help="RECORDS are all there are: what is not among them is gone.")
@reports_errors
def update(*, as_json: bool, withdrawn: tuple[str, ...], complete: bool, **how: Any) -> None:
    """Apply new and changed RECORDS to the current release, and publish the next with its change set.

    The newest version of a record is the one taken, whatever comes first; older ones go to its history, and so do all
    but the newest in a file of versions. A part of a record is set aside, unless --accept-partial.

    Whether a record changed is asked without its versionHolder, which changes every day. changes/ of the new release
    holds the added and removed quads; the history graph says which values changed, from what to what.
    """
    if complete and not how["records"]:
        raise click.UsageError("--complete is about the RECORDS given, and there are none")
    withdrawn = checked_ids(withdrawn)
    options = BuildOptions(**build_sources(**how))
    _tell(update_release(options, withdrawn=withdrawn, complete=complete), as_json)


def build_sources(
    *, release: Path | None, issued: datetime | None, vocabularies: Path | None = None, **how: Any
) -> dict[str, Any]:
    """Return what to build from and where to, with everything else that was given."""
    folders = {name: packaged(name) for name in ("ontology", "data", "shapes")}
    settings = settings_from(release=release, vocabularies=vocabularies)
    day = issued.date() if issued else datetime.now(UTC).date()
    return {
        **folders,
        **how,
        "root": settings.release,
        "vocabularies": settings.vocabularies,
        "site": settings.site,
        "issued": day,
        "standard_input": sys.stdin.buffer,
        "on_progress": Ticker().show,
    }


def _tell(report: BuildReport, as_json: bool) -> None:
    """Print what was made; the exit status tells whether it is made of all that was given."""
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else report.text())
    if report.rejected:
        sys.exit(SOME_SET_ASIDE)
