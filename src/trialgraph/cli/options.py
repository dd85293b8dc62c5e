"""What commands share: options, settings of the environment, trials by id, bytes to standard output."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import click

from trialgraph.cli.exit_status import P, R
from trialgraph.settings import Settings
from trialgraph.vocabulary import nct_number

release_option = click.option(
    "--release",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds the releases.  [default: $TRIALGRAPH_RELEASE or ./release]",
)
vocabularies_option = click.option(
    "--vocabularies",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds the vocabularies.  [default: $TRIALGRAPH_VOCABULARIES or ./vocabularies]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Report as JSON.")


def settings_from(**given: Any) -> Settings:
    """Return the settings of the environment with those of the command line in their place."""
    settings = Settings.from_environment()
    values = {name: value for name, value in given.items() if value is not None}
    return type(settings)(**{**vars(settings), **values})


def setting_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command an option for each setting."""
    for setting in reversed(fields(Settings)):
        name, shown = setting.name.replace("_", "-"), setting.default
        kind = click.Path(path_type=Path, file_okay=False) if isinstance(shown, Path) else type(shown)
        meaning = f"{setting.metadata['meaning']}  [default: {shown}]" if shown != "" else setting.metadata["meaning"]
        command = click.option(f"--{name}", type=kind, help=meaning)(command)
    return command


def checked_ids(nct_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return NCT ids in the registry's spelling, whatever letters and blanks they were given with.

    Raises click.UsageError for one that is none.

    >>> checked_ids(("NCT06095583", "nct06732258\\r"))
    ('NCT06095583', 'NCT06732258')
    """
    known = [(nct_number(each), each) for each in nct_ids]
    for nct_id, written in known:
        if nct_id is None:
            raise click.UsageError(f"{written!r} is no NCT id; it is NCT and eight digits")
    return tuple(nct_id for nct_id, _ in known if nct_id)


def write_blocks(blocks: Iterable[bytes], out: BinaryIO | None = None) -> None:
    """Write bytes to a file or to standard output."""
    for block in blocks:
        (out or sys.stdout.buffer).write(block)
