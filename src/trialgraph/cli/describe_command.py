"""`trialgraph describe`: what a release holds, and how it measures up."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from trialgraph import errors
from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import json_option, release_option, settings_from, write_blocks
from trialgraph.formats import RDF_FORMATS, RdfFormat, by_name
from trialgraph.release.export import dump as dump_of
from trialgraph.release.export import summary
from trialgraph.score import score_release, score_server, score_text
from trialgraph.store import open_release


@click.command()
@click.option("--format", "format_", default=None, help="Give the whole description in this RDF format instead.")
@click.option(
    "--score", "scored", is_flag=True, help="Measure it by what HCLS, Umaka, FAIR-Checker, F-UJI and SIB ask."
)
@click.option("--site", metavar="URL", help="With --score: measure the server at this address, all of it over HTTP.")
@json_option
@release_option
@reports_errors
def describe(format_: str | None, scored: bool, site: str | None, as_json: bool, release: Path | None) -> None:
    """Tell what a release holds: version, counts, graphs, validation; with --format as VoID, DCAT, HCLS and PROV.

    --score without --site measures the release on disk; what needs a server is then left out.
    """
    settings = settings_from(release=release)
    if site is not None and not scored:
        raise click.UsageError("--site goes with --score")
    if scored:
        now = datetime.now(UTC)
        if site:
            found = score_server(site.rstrip("/"), now)
        else:
            found = score_release(open_release(settings.release), settings.site, now.date())
        click.echo(json.dumps(found.to_json(), indent=2) if as_json else score_text(found))
        return
    current = open_release(settings.release)
    chosen = by_name(format_) if format_ else None
    if isinstance(chosen, RdfFormat):
        write_blocks(dump_of(current, chosen, "description"))
    elif chosen:
        raise errors.FormatError(chosen.name, tuple(each.name for each in RDF_FORMATS))
    else:
        click.echo(json.dumps(current.manifest, indent=2) if as_json else summary(current))
