"""`trialgraph vocabularies`: add, list, check and remove the vocabularies that names are linked by."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from trialgraph.cli.exit_status import reports_errors
from trialgraph.cli.options import json_option, settings_from, vocabularies_option
from trialgraph.linking.label_index import Vocabulary
from trialgraph.linking.vocabulary_catalog import vocabulary_kinds
from trialgraph.linking.vocabulary_checks import Evidence
from trialgraph.linking.vocabulary_store import add, check, installed, remove

_PUBLISH: Final = {
    "all": "labels and identifiers may be published",
    "share-alike": "published apart, under its own licence",
    "ids": "identifiers may be published, labels stay here",
}


@click.group()
def vocabularies() -> None:
    """Add, list, check and remove the vocabularies that names of drugs and diseases are linked by.

    They stay with their owners: you bring the owner's file, it is compiled into one index, and nothing of it is in
    this package.
    """


@vocabularies.command("add")
@click.argument("kind", type=click.Choice(sorted(vocabulary_kinds())), metavar="KIND")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", default="", help="Its name here.  [default: KIND, or that of the file for obo, sssom, ssslm]")
@click.option("--version", default="", help="Its version, where the file does not say.")
@click.option("--date", default="", help="Its date, where the file does not say.")
@vocabularies_option
@json_option
@reports_errors
def add_command(
    *,
    kind: str,
    files: tuple[Path, ...],
    name: str,
    version: str,
    date: str,
    vocabularies: Path | None,
    as_json: bool,
) -> None:
    """Compile the owner's FILES of one KIND, in place of what has that name.

    FILES may be packed (.gz, .zst), or a zip or wheel, which is read as data and never imported. Names are then held
    against names: where fewer than 30 % of at least 200 pairs agree, it is quarantined, and the exit status is 1.

    \b
    {kinds}
    """
    folder = settings_from(vocabularies=vocabularies).vocabularies
    added, evidence = add(folder, kind, files, name=name, version=version, date=date)
    if as_json:
        _print_json(_as_json(added, evidence))
    else:
        click.echo(_line(added))
    sys.exit(1 if added.state != "active" else 0)


@vocabularies.command("list")
@vocabularies_option
@json_option
@reports_errors
def list_command(vocabularies: Path | None, as_json: bool) -> None:
    """List what is installed: version, counts, licence, what may be published of it, what the checks found."""
    folder = settings_from(vocabularies=vocabularies).vocabularies
    found = installed(folder)
    if as_json:
        _print_json([_as_json(each) for each in found])
    else:
        none = f"No vocabulary is installed in {folder}; add one: trialgraph vocabularies add KIND FILE"
        click.echo("\n".join(map(_line, found)) or none)


@vocabularies.command("check")
@vocabularies_option
@json_option
@reports_errors
def check_command(vocabularies: Path | None, as_json: bool) -> None:
    """Look for damage, and hold the names of every vocabulary against the others again.

    Exit status 1 when one is quarantined.
    """
    folder = settings_from(vocabularies=vocabularies).vocabularies
    evidence = check(folder)
    found = installed(folder)
    if as_json:
        _print_json([_as_json(each, evidence[each.name]) for each in found])
    else:
        click.echo("\n".join(map(_line, found)) or f"No vocabulary is installed in {folder}.")
    sys.exit(1 if any(each.state != "active" for each in found) else 0)


@vocabularies.command("remove")
@click.argument("name")
@vocabularies_option
@reports_errors
def remove_command(name: str, vocabularies: Path | None) -> None:
    """Take the vocabulary NAME out of the index."""
    folder = settings_from(vocabularies=vocabularies).vocabularies
    if not remove(folder, name):
        names = ", ".join(found.name for found in installed(folder)) or "none"
        raise click.UsageError(f"no vocabulary {name!r} is installed in {folder}; installed: {names}")
    click.echo(f"{name} is removed")


def _line(found: Vocabulary) -> str:
    counts = f"{found.terms:,} terms, {found.names:,} names, {found.mappings:,} mappings"
    if found.mechanisms:
        counts += f", {found.mechanisms:,} mechanisms"
    edition = " ".join(filter(None, (found.version, f"of {found.date}" if found.date != found.version else "")))
    terms = f"  {found.license or 'no licence stated'}: {_PUBLISH[found.publish]}"
    return "\n".join(
        (
            f"{found.name}: {found.title}{f', {edition}' if edition.strip(' of') else ''}; {counts}",
            terms,
            f"  {found.state}: {found.reason or 'there was nothing to hold its names against'}",
        )
    )


def _as_json(found: Vocabulary, evidence: list[Evidence] | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {**msgspec.to_builtins(found), "files": json.loads(found.files)}
    return told if evidence is None else {**told, "evidence": msgspec.to_builtins(evidence)}


def _print_json(told: Any) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


_KINDS: Final = "\n".join(f"    {kind.kind:12} {kind.note}" for kind in vocabulary_kinds().values())
add_command.help = (add_command.help or "").replace("{kinds}", _KINDS.strip())
