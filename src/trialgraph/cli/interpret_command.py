"""`trialgraph interpret`: what the texts of records say, as JSON lines with the words it rests on."""

import gc
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from trialgraph.cli.exit_status import reports_errors
from trialgraph.errors import NotTaken, RecordError, UnreadableRecord
from trialgraph.interpretation.eligibility_check import Value, value_of
from trialgraph.interpretation.eligibility_reader import checked, eligibility_line
from trialgraph.interpretation.readers import KINDS, interpret_line, interpret_record
from trialgraph.registry.record_reader import read

_HELP: Final = "trialgraph interpret --help shows what a line must be"

_OURS: Final = "the fault is ours: please report it with this number"


@click.command()
@click.argument("records", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--text", "kind", type=click.Choice(KINDS), help="Read bare texts from standard input, not records.")
@click.option("--explain", is_flag=True, help="Tell too which rules saw what, and what was left as text and why.")
@click.option(
    "--check",
    "given",
    multiple=True,
    metavar="MEASUREMENT=VALUE UNIT",
    help="Hold a value against the criteria: met, not met, unknown, conflict or unsupported.",
)
@reports_errors
def interpret(records: tuple[Path, ...], kind: str | None, explain: bool, given: tuple[str, ...]) -> None:
    """Read the texts of RECORDS (JSON, JSON lines, folders, archives, - for standard input).

    One line of JSON a record: doses, outcomes, criteria and population, each thing with start and end in the field
    it was read from and the rule that read it. Exit status 1 when a record or a line cannot be read; the others are.

    With --text, lines of bare texts are read: for regimen {"nct", "texts": {path: text}, "arms", "interventions"},
    for endpoint {"nct", "outcomes": {path: {measure, description, timeFrame}}}, for eligibility {"id", "text"}.
    """
    if bool(records) == bool(kind):
        raise click.UsageError("give RECORDS, or --text and lines on standard input")
    if given and kind not in (None, "eligibility"):
        raise click.UsageError("--check is for RECORDS and for --text eligibility")
    try:
        values = [value_of(written) for written in given]
    except ValueError as error:
        raise click.UsageError(f"--check: {error}") from None
    gc.disable()  # what is made of a record has no cycles; looking for them takes a tenth of the time
    failed = False
    for line in _lines(kind, explain, values) if kind else _records(records, explain, values):
        if isinstance(line, RecordError):
            failed = failed or not isinstance(line, NotTaken)
            click.echo(f"trialgraph: {line}", err=True)
        else:
            sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.exit(1 if failed else 0)


def _records(
    paths: tuple[Path, ...], explain: bool, values: Sequence[Value]
) -> Iterator[dict[str, Any] | RecordError]:
    """Yield a line for each record, or the error of one that cannot be read."""
    refused: list[RecordError] = []
    taken = read(paths, lambda error, _: refused.append(error), standard_input=sys.stdin.buffer)
    for record in taken:
        yield from refused
        refused.clear()
        try:
            line = interpret_record(record.document, explain=explain)
            yield line | checked(eligibility_line(record.document), values, record.document) if values else line
        except Exception as fault:  # noqa: BLE001 - a text that a rule stumbles over is told, and the others are read
            yield UnreadableRecord(
                f"its texts could not be read ({type(fault).__name__}: {fault})",
                _OURS,
                nct_id=record.nct_id,
            )
    yield from refused


def _lines(kind: str, explain: bool, values: Sequence[Value]) -> Iterator[dict[str, Any] | RecordError]:
    """Yield a line for each line of standard input, or the error of one that cannot be read."""
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        try:
            given = msgspec.json.decode(raw, type=dict[str, Any])
            line = interpret_line(kind, given, explain=explain)
            yield line | checked(given, values) if values else line
        except KeyError as error:
            yield _unreadable(number, f"the key {error.args[0]!r} is missing", _HELP)
        except (msgspec.MsgspecError, TypeError, AttributeError, UnicodeDecodeError) as error:
            yield _unreadable(number, f"not a line of texts: {error}", _HELP)
        except Exception as fault:  # noqa: BLE001 - as above
            yield _unreadable(number, f"its texts could not be read ({type(fault).__name__}: {fault})", _OURS)


def _unreadable(number: int, reason: str, remedy: str) -> UnreadableRecord:
    return UnreadableRecord(reason, remedy, source="standard input", line=number)
