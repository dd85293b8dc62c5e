"""The group of all commands; a command is added here."""

import pkgutil
from typing import Final

import click

from trialgraph import __version__

COMMANDS: Final = {
    "build": ("build_command", "Make a release of the curated data and any RECORDS given."),
    "update": ("build_command", "Apply new and changed RECORDS to the current release, and publish the next."),
    "fetch": ("fetch_command", "Bring records from the ClinicalTrials.gov API v2, as JSON lines."),
    "query": ("query_command", "Answer a SPARQL query without a server."),
    "dump": ("dump_command", "Write RDF of a release: all of it, one graph, or some trials; tables; KGX."),
    "describe": ("describe_command", "Tell what a release holds; as VoID, DCAT, HCLS and PROV with --format."),
    "records": ("records_command", "Give back the records as JSON lines, made from the graph."),
    "interpret": ("interpret_command", "Read the texts of RECORDS: doses, outcomes, criteria, populations."),
    "link": ("link_command", "Link names of conditions and drugs to the installed vocabularies."),
    "serve": ("serve_command", "Serve a release: SPARQL, pages, data and downloads."),
    "validate": ("validate_command", "Check RDF FILES against the shapes that hold for what they are."),
    "identifiers": ("validate_command", "Report malformed identifiers in FILES, or in the release."),
    "vocabularies": (
        "vocabularies_command",
        "Add, list, check and remove the vocabularies that names are linked by.",
    ),
}
"""Of each command the file of this room that holds it under its own name, and its line in the help."""


class _Commands(click.Group):
    """Reads the file of a command when that command is wanted: most need libraries that others have no use for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = pkgutil.resolve_name(f"trialgraph.cli.{COMMANDS[cmd_name][0]}:{cmd_name}")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="trialgraph")
def main() -> None:
    """Clinical-trial records as RDF: lossless, validated, published.

    `trialgraph serve` is all it takes to see the graph; `trialgraph COMMAND --help` tells the rest.
    """
