"""`trialgraph fetch`: bring records from the registry."""

import json
from datetime import datetime
from pathlib import Path

import click
import msgspec

from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import json_option
from trialgraph.cli.progress import Ticker
from trialgraph.errors import FetchError
from trialgraph.pipeline import Progress
from trialgraph.registry.clinicaltrials import BASE_URL, ClinicalTrials, Selection
from trialgraph.registry.download import Fetched, download


@click.command()
@click.argument("nct_ids", nargs=-1, metavar="[NCT...]")
@click.option("--query", help="What the registry's own search finds for this text.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Records updated on that day or later.")
@click.option("--all", "everything", is_flag=True, help="Every record of the registry.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), default=Path("records.jsonl.gz"),
              show_default=True, help="File to write; .gz and .zst are compressed.")  # fmt: skip
@click.option("--api", default=BASE_URL, show_default=True, help="Base address of the API.")
@json_option
@reports_errors
def fetch(
    *,
    nct_ids: tuple[str, ...],
    query: str | None,
    since: datetime | None,
    everything: bool,
    output: Path,
    api: str,
    as_json: bool,
) -> None:
    """Bring records from the ClinicalTrials.gov API v2, as JSON lines.

    Say which: by NCT ids, --query, --since or --all. What was stopped goes on where it stopped.
    """
    selections = [
        *([Selection.ids(nct_ids)] if nct_ids else []),
        *([Selection.search(query)] if query else []),
        *([Selection.since(since.date())] if since else []),
        *([Selection.all_studies()] if everything else []),
    ]
    if len(selections) != 1:
        raise click.UsageError("say which records: NCT ids, --query, --since or --all, one of them")
    show = Ticker().show
    with ClinicalTrials(api, on_wait=_tell_of_waiting) as client:
        note = download(
            client,
            selections[0],
            output,
            on_page=lambda state: show(Progress("fetching", state.records, state.announced, "records")),
        )
    if as_json:
        click.echo(json.dumps({"path": str(output), **msgspec.to_builtins(note)}, indent=2))
    else:
        click.echo(f"{_counted(note.records)} of {note.data_timestamp} in {output}.")
    _told_short(note, output)


def _counted(records: int) -> str:
    """Return a number of records in words.

    >>> _counted(1), _counted(1200)
    ('1 record', '1,200 records')
    """
    return f"{records:,} record{'' if records == 1 else 's'}"


def _tell_of_waiting(reason: str, seconds: float) -> None:
    """Say why nothing comes, so that a wrong address is seen at once and not after the last attempt."""
    click.echo(f"fetching: {reason}; trying again in {seconds:.0f} s", err=True)


def _told_short(note: Fetched, output: Path) -> None:
    """Raise FetchError when less came than was asked for; what came stays."""
    if note.missing:
        reason = f"the registry has no record of {', '.join(note.missing)}"
        raise FetchError(note.base_url, reason, f"check the numbers; {_counted(note.records)} came into {output}")
    if not note.nct_ids and note.announced is not None and note.records < note.announced:
        reason = f"{note.records:,} of {note.announced:,} announced records came"
        raise FetchError(note.base_url, reason, f"fetch again; those that came are in {output}")
