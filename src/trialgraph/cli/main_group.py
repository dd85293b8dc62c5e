"""The group of all commands; a command is added here."""

from typing import Final

import click

from trialgraph import __version__
from trialgraph.cli.build_command import build, update
from trialgraph.cli.describe_command import describe
from trialgraph.cli.dump_command import dump, records
from trialgraph.cli.fetch_command import fetch
from trialgraph.cli.interpret_command import interpret
from trialgraph.cli.link_command import link
from trialgraph.cli.query_command import query
from trialgraph.cli.serve_command import serve
from trialgraph.cli.validate_command import identifiers, validate
from trialgraph.cli.vocabularies_command import vocabularies

COMMANDS: Final = (
    build,
    update,
    fetch,
    query,
    dump,
    describe,
    records,
    interpret,
    link,
    serve,
    validate,
    identifiers,
    vocabularies,
)


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="trialgraph")
def main() -> None:
    """Clinical-trial records as RDF: lossless, validated, published.

    `trialgraph serve` is all it takes to see the graph; `trialgraph COMMAND --help` tells the rest.
    """
