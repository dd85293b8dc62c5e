"""`trialgraph query`: answer a query without a server."""

import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, TextIO

import click

from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import release_option, settings_from
from trialgraph.formats import SPARQL_CSV, Format, RdfFormat, by_name
from trialgraph.query import QueryRequest, Result, open_engine
from trialgraph.syntaxes.left_out import said


@click.command()
@click.argument("text", required=False)
@click.option(
    "--file", "-f", type=click.File("r", encoding="utf-8"), help="Read the query from a file; - is standard input."
)
@click.option("--format", "format_", help="Such as csv, json, turtle.  [default: csv; turtle for graphs]")
@click.option(
    "--timeout", "timeout_seconds", type=click.FloatRange(min=0, min_open=True), help="Seconds it may take."
)
@click.option("--engine", help="SPARQL endpoint to ask instead of the release.")
@release_option
@reports_errors
def query(  # noqa: PLR0917 - click gives them by name
    text: str | None,
    file: TextIO | None,
    format_: str | None,
    timeout_seconds: float | None,
    engine: str | None,
    release: Path | None,
) -> None:
    """Answer a SPARQL query (SELECT, ASK, CONSTRUCT or DESCRIBE) without a server."""
    if file is not None and text is None:
        text = file.read()
    elif file is not None or text is None:
        raise click.UsageError("give a query, or a file with one by -f")
    formats = {} if format_ is None else _formats(by_name(format_))
    request = QueryRequest(
        text,
        timeout_seconds=timeout_seconds,
        **{"result_format": SPARQL_CSV, **formats},
    )
    with open_engine(settings_from(release=release, engine=engine)) as opened:
        _write(opened.run(request))


def _formats(format_: Format) -> dict[str, Any]:
    return {"rdf_format" if isinstance(format_, RdfFormat) else "result_format": format_}


def _write(result: Result) -> None:
    out = sys.stdout.buffer
    with result.open() or BytesIO(result.body) as body:
        shutil.copyfileobj(body, out)
    if out.isatty():
        click.echo()
    for note in (*result.notes, said(result.left_out, result.format)):
        if note:
            click.echo(note, err=True)
