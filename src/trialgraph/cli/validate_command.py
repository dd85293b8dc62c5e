"""`trialgraph validate` and `trialgraph identifiers`: check files, or the identifiers of a release."""

import json
import sys
from pathlib import Path

import click

from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import json_option, release_option, settings_from
from trialgraph.pipeline import report_turtle, validate_files
from trialgraph.pipeline.identifier_check import malformed_in_files, malformed_in_release
from trialgraph.pipeline.sources import Sources
from trialgraph.settings import packaged
from trialgraph.store import open_release


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--shapes", type=click.Path(path_type=Path, exists=True), help="Shapes to use.  [default: our own]")
@click.option("--format", "format_", type=click.Choice(["text", "turtle", "json"]), default="text", show_default=True)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@reports_errors
def validate(files: tuple[Path, ...], shapes: Path | None, format_: str) -> None:
    """Check RDF FILES together against the shapes that hold for what they are: records, curated data, descriptions.

    Formats that name graphs (nq, trig, jsonld) say what is what; otherwise a trial with a registry record is of the
    registry.

    Exit status 1 when something of severity Violation is found; the rest is for your eyes.
    """
    ours = Sources(packaged("ontology"), packaged("data"), packaged("shapes"))
    report = validate_files(files, ours, shapes)
    if format_ == "json":
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(report.text() if format_ == "text" else report_turtle(report), nl=format_ == "text")
    sys.exit(1 if report.violations else 0)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@release_option
@reports_errors
def identifiers(files: tuple[Path, ...], as_json: bool, release: Path | None) -> None:
    """Report malformed identifiers of others in FILES, or in the release when none are given.

    FILES are mapping tables (.sssom.tsv) or RDF. An identifier must look as the Bioregistry says those of its prefix
    look; the web is not asked. Exit status 1 when one does not.
    """
    if files:
        found = list(malformed_in_files(files))
    else:
        found = list(malformed_in_release(open_release(settings_from(release=release).release)))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(found) or "No identifier is malformed.")
    sys.exit(1 if found else 0)
