"""`trialgraph link`: what a name of a condition or a drug is in the vocabularies, and why."""

import sys
from contextlib import ExitStack
from typing import Any, Final, Literal

import click
import msgspec

from trialgraph.cli.exit_status import reports_errors
from trialgraph.errors import SourceError
from trialgraph.linking.label_index import INDEX_FILE, LabelIndex
from trialgraph.linking.link_result import Naming, RecordContext
from trialgraph.linking.string_linker import CONDITION, DRUG, StringLinker, context_of
from trialgraph.settings import Settings


class _Term(msgspec.Struct):
    """A MeSH term of the record."""

    id: str | None = None
    term: str | None = None


class _Context(msgspec.Struct, rename="camel"):
    """What the record says beside a string; keys that are not known are passed over."""

    title: str | None = None
    conditions: list[str] | None = None
    registry_mesh: list[_Term] | None = None
    other_names: list[str] | None = None
    description: str | None = None
    type: str | None = None


class _Line(msgspec.Struct):
    """A line of standard input."""

    kind: Literal["condition", "drug"]
    string: str
    context: _Context = msgspec.field(default_factory=_Context)


_LINE: Final = 'a line is {"kind": "condition" or "drug", "string": text, "context": {...}}'


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Link lines of JSON from standard input.")
@click.option("--explain", metavar="STRING", help="Show every step for one string, what hit and what was refused.")
@click.option(
    "--kind", type=click.Choice([CONDITION, DRUG]), default=CONDITION, show_default=True, help="What STRING is."
)
@reports_errors
def link(as_json: bool, explain: str | None, kind: str) -> None:
    """Link names of conditions and drugs to the installed vocabularies.

    With --json, reads lines {"kind", "string", "context"} and writes lines {"kind", "string", "links": [{"id",
    "relation"}], "none"}: relation is exact, broad, component or salt; none is why there is no link. The context may
    have title, conditions, registryMesh, otherNames, description and type. Exit status 1 when a line cannot be read.

    Without vocabularies, the MONDO diseases of a shipped table and the record's own MeSH terms are known; add more
    with trialgraph vocabularies add.
    """
    if as_json == bool(explain):
        raise click.UsageError("give --json and lines on standard input, or --explain STRING")
    with ExitStack() as stack:
        linker = StringLinker(_index(stack))
        if explain:
            _tell(explain, linker.link(kind, explain, RecordContext()))
            return
        sys.exit(_lines(linker))


def _index(stack: ExitStack) -> LabelIndex | None:
    path = Settings.from_environment().vocabularies / INDEX_FILE
    return stack.enter_context(LabelIndex.open(path)) if path.is_file() else None


def _lines(linker: StringLinker) -> int:
    """Link each line of standard input; return the exit status."""
    failed = 0
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        try:
            line = msgspec.json.decode(raw, type=_Line)
        except msgspec.MsgspecError as error:
            failed = 1
            click.echo(f"trialgraph: {SourceError('standard input', f'line {number}: {error}', _LINE)}", err=True)
            continue
        naming = linker.link(line.kind, line.string, context_of(msgspec.to_builtins(line.context)))
        links = [{"id": one.id, "label": one.label, "relation": one.relation} | _more(one) for one in naming.links]
        answer = {
            "kind": line.kind,
            "string": line.string,
            "links": links,
            "none": naming.none if not links else None,
        }
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    return failed


def _more(link: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"tier": link.tier}
    if link.part:
        found["part"] = link.part
    if link.brand:
        found["kind"] = "brand"
    return found


def _tell(text: str, naming: Naming) -> None:
    """Print the steps and the answer for one string."""
    click.echo(text)
    for number, step in enumerate(naming.steps, 1):
        click.echo(f"  {number:2d}. {step.tier}: {step.tried}\n      {step.outcome}")
    if not naming.links:
        click.echo(f"no link: {naming.none}")
    for link_ in naming.links:
        part = f" (part {link_.part})" if link_.part else ""
        by = f", by {link_.via}" if link_.via else ""
        click.echo(f"{link_.relation}{part}: {link_.id} {link_.label}  [{link_.tier}: {link_.matched}{by}]")
