"""`trialgraph dump`: what a release gives back as RDF, as tables, or for KGX."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import click

from trialgraph import errors
from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import checked_ids, release_option, settings_from, write_blocks
from trialgraph.formats import RDF_FORMATS, RdfFormat, by_name
from trialgraph.release.export import dump as dump_of
from trialgraph.release.export import dump_kgx, dump_tables
from trialgraph.store import open_release
from trialgraph.syntaxes.left_out import said

FOLDERS: Final = {"kgx": dump_kgx, "tables": dump_tables}
"""The formats that are no RDF syntax, each with what writes it into a folder."""


@click.command()
@click.option("--format", "format_", default="turtle", show_default=True, help="Such as turtle, jsonld, kgx, tables.")
@click.option("--graph", help="Short name of a graph, such as seed, or merges.  [default: all]")
@click.option("--trial", "nct_ids", multiple=True, metavar="NCT", help="Only this trial and its parts; repeatable.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="File to write, or the folder for kgx and tables."
)
@release_option
@reports_errors
def dump(
    format_: str, graph: str | None, nct_ids: tuple[str, ...], output: Path | None, release: Path | None
) -> None:
    """Write RDF of a release: all of it, one graph, or some trials; or its Biolink graph for KGX.

    --graph merges writes what graphs have in common, for the engine behind `trialgraph serve --engine`.

    --format kgx writes nodes and edges, as TSV and as JSON lines, into the folder of --output: drugs, targets,
    diseases and trials by their outside identifiers, and which trials study what for what.

    --format tables writes trials, arms, doses, outcomes, criteria, sites, results, events and links as CSV (and as
    Parquet where pyarrow is installed), with croissant.json and an R2RML mapping, into the folder of --output.
    """
    current = open_release(settings_from(release=release).release)
    if format_ in FOLDERS:
        if graph or nct_ids or output is None:
            wanted = f"{format_} is of the whole release, and needs a folder to write into: --output FOLDER"
            raise click.UsageError(wanted)
        for path in FOLDERS[format_](current, output):
            click.echo(path)
        return
    chosen = by_name(format_)
    if not isinstance(chosen, RdfFormat):
        raise errors.FormatError(format_, (*(each.name for each in RDF_FORMATS), *FOLDERS))
    left_out: list[int] = []
    blocks = dump_of(current, chosen, graph, checked_ids(nct_ids), tell=left_out.append)
    with output.open("wb") if output else nullcontext(sys.stdout.buffer) as out:
        write_blocks(blocks, out)
    if note := said(sum(left_out), chosen):
        click.echo(note, err=True)
