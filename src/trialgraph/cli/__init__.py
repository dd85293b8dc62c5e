"""The command line: parse, call, print.

Exit status, which every command keeps to:

    0   done
    1   the data do not conform, or `--strict` met a record that cannot be taken
    2   the command line or a setting cannot be used
    3   there is no release here, or it is damaged
    4   another build or update is writing here; try again later
    5   a query was not answered: it does not parse, is refused or ran into a limit
    6   the registry did not answer usefully
    7   a source file cannot be used: ontology, shapes or curated data
    8   a release was made, but records were set aside
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import fields
from datetime import UTC, datetime
from functools import wraps
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, Final, NoReturn, ParamSpec, TextIO, TypeVar

import click
import msgspec

from trialgraph import __version__, errors
from trialgraph.formats import RDF_FORMATS, SPARQL_CSV, Format, RdfFormat, by_name
from trialgraph.pipeline import BuildReport, Progress, report_turtle, validate_files
from trialgraph.pipeline import build as build_release
from trialgraph.pipeline import update as update_release
from trialgraph.pipeline.export import dump as dump_of
from trialgraph.pipeline.export import dump_kgx, score, score_server, score_text, summary
from trialgraph.pipeline.export import records as records_of
from trialgraph.pipeline.identifier_check import malformed_in_files, malformed_in_release
from trialgraph.query import QueryRequest, Result, open_engine
from trialgraph.registry.clinicaltrials import BASE_URL, ClinicalTrials, Selection
from trialgraph.registry.download import download
from trialgraph.settings import Settings, packaged
from trialgraph.store import SCORE_NOTE, Reader, open_release, releases, write_note
from trialgraph.vocabulary import NCT_ID
from trialgraph.web.server.production_server import serve as serve_site

EXIT_STATUS: Final[dict[type[errors.TrialgraphError], int]] = {
    errors.NonconformanceError: 1,
    errors.RecordError: 1,
    errors.SettingError: 2,
    errors.FormatError: 2,
    errors.StoreError: 3,
    errors.ReleaseBusy: 4,
    errors.QueryError: 5,
    errors.FetchError: 6,
    errors.SourceError: 7,
    errors.ShapeError: 7,
    errors.MappingError: 7,
}
"""What each error means for the exit status; an error not named here has that of its parent."""

SOME_SET_ASIDE: Final = 8
"""Exit status of a build or update that published a release, but set records aside."""

KGX: Final = "kgx"
"""The format that is no RDF syntax: the tables of KGX."""

_ANY: Final = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - where a server on all addresses is met
P = ParamSpec("P")
R = TypeVar("R")


def exit_status(error: errors.TrialgraphError) -> int:
    """Return the exit status of an error.

    >>> exit_status(errors.ReleaseBusy("release", "busy", "wait")), exit_status(errors.QueryTimeout(30.0))
    (4, 5)
    """
    return next(EXIT_STATUS[kind] for kind in type(error).__mro__ if kind in EXIT_STATUS)


def _reports_errors(command: Callable[P, R]) -> Callable[P, R]:
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except errors.TrialgraphError as error:
            _fail(error)

    return run


def _fail(error: errors.TrialgraphError) -> NoReturn:
    click.echo(f"trialgraph: {error}", err=True)
    sys.exit(exit_status(error))


_release = click.option(
    "--release",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds the releases.  [default: $TRIALGRAPH_RELEASE or ./release]",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Report as JSON.")


def _settings(**given: Any) -> Settings:
    """Return the settings of the environment with those of the command line in their place."""
    settings = Settings.from_environment()
    values = {name: value for name, value in given.items() if value is not None}
    return type(settings)(**{**vars(settings), **values})


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="trialgraph")
def main() -> None:
    """Clinical-trial records as RDF: lossless, validated, published.

    `trialgraph serve` is all it takes to see the graph; `trialgraph COMMAND --help` tells the rest.
    """


def _building(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command what building and updating have in common."""
    cores = os.cpu_count() or 1
    for option in (
        _as_json,
        click.option("--workers", type=click.IntRange(1), default=cores, help="Processes.  [default: one a core]"),
        click.option("--optimize/--no-optimize", default=True, help="Make the store fast to read.  [default: yes]"),
        click.option(
            "--whole-union/--split-union",
            default=None,
            help="Keep registry triples in the default graph too: faster queries, more disk.  [default: while small]",
        ),
        click.option("--strict", is_flag=True, help="Stop at a record that cannot be taken, set none aside."),
        click.option("--validate/--no-validate", default=True, help="Check against the shapes.  [default: yes]"),
        click.option("--issued", type=click.DateTime(["%Y-%m-%d"]), help="Date of issue.  [default: today]"),
        _release,
        click.argument("records", nargs=-1, type=click.Path(path_type=Path, allow_dash=True)),
    ):
        command = option(command)
    return command


@main.command()
@_building
@_reports_errors
def build(*, as_json: bool, **how: Any) -> None:
    """Make a release of the curated data and any RECORDS given.

    RECORDS are files or folders of registry records: JSON, JSON lines, gzip, Zstandard or zip; - is standard input.
    The release is validated and published whole or not at all. A record that cannot be taken is set aside in
    rejected.jsonl with its reason, and the rest goes on; the exit status is then 8.
    """
    _tell(build_release(**_sources(**how)), as_json)


@main.command()
@_building
@click.option("--withdrawn", multiple=True, metavar="NCT", help="A record that the registry has no more; repeatable.")
@click.option("--complete", is_flag=True, help="RECORDS are all there are: what is not among them is gone.")
@_reports_errors
def update(*, as_json: bool, **how: Any) -> None:
    """Apply new and changed RECORDS to the current release, and publish the next with its change set.

    Whether a record changed is asked without its versionHolder, which changes every day. changes/ of the new release
    holds the added and removed quads; the history graph says which values changed, from what to what.
    """
    _tell(update_release(**_sources(**how)), as_json)


def _sources(*, release: Path | None, issued: datetime | None, **how: Any) -> dict[str, Any]:
    """Return what to build from and where to, with everything else that was given."""
    folders = {name: packaged(name) for name in ("ontology", "data", "shapes")}
    settings = _settings(release=release)
    day = issued.date() if issued else datetime.now(UTC).date()
    return {
        **folders,
        **how,
        "root": settings.release,
        "site": settings.site,
        "issued": day,
        "standard_input": sys.stdin.buffer,
        "on_progress": _Ticker().show,
    }


def _tell(report: BuildReport, as_json: bool) -> None:
    """Print what was made; the exit status tells whether it is made of all that was given."""
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else report.text())
    if report.rejected:
        sys.exit(SOME_SET_ASIDE)


@main.command()
@click.argument("nct_ids", nargs=-1, metavar="[NCT...]")
@click.option("--query", help="What the registry's own search finds for this text.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Records updated on that day or later.")
@click.option("--all", "everything", is_flag=True, help="Every record of the registry.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), default=Path("records.jsonl.gz"),
              show_default=True, help="File to write; .gz and .zst are compressed.")  # fmt: skip
@click.option("--api", default=BASE_URL, show_default=True, help="Base address of the API.")
@_as_json
@_reports_errors
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
    show = _Ticker().show
    with ClinicalTrials(api) as client:
        note = download(
            client,
            selections[0],
            output,
            on_page=lambda state: show(Progress("fetching", state.records, state.announced, "records")),
        )
    if as_json:
        click.echo(json.dumps({"path": str(output), **msgspec.to_builtins(note)}, indent=2))
    else:
        click.echo(f"{note.records:,} records of {note.data_timestamp} in {output}.")
        click.echo("".join(f"The registry has no {nct_id}.\n" for nct_id in note.missing), nl=False)


@main.command()
@click.argument("text", required=False)
@click.option(
    "--file", "-f", type=click.File("r", encoding="utf-8"), help="Read the query from a file; - is standard input."
)
@click.option("--format", "format_", help="Such as csv, json, turtle.  [default: csv; turtle for graphs]")
@click.option(
    "--timeout", "timeout_seconds", type=click.FloatRange(min=0, min_open=True), help="Seconds it may take."
)
@click.option("--engine", help="SPARQL endpoint to ask instead of the release.")
@_release
@_reports_errors
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
    with open_engine(_settings(release=release, engine=engine)) as opened:
        _write(opened.run(request))


def _formats(format_: Format) -> dict[str, Any]:
    return {"rdf_format" if isinstance(format_, RdfFormat) else "result_format": format_}


def _write(result: Result) -> None:
    out = sys.stdout.buffer
    with result.open() or BytesIO(result.body) as body:
        shutil.copyfileobj(body, out)
    if out.isatty():
        click.echo()


@main.command()
@click.option("--format", "format_", default="turtle", show_default=True, help="Such as turtle, nquads, jsonld, kgx.")
@click.option("--graph", help="Short name of a graph, such as seed or registry.  [default: all]")
@click.option("--trial", "nct_ids", multiple=True, metavar="NCT", help="Only this trial and its parts; repeatable.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write, or the folder for kgx.")
@_release
@_reports_errors
def dump(
    format_: str, graph: str | None, nct_ids: tuple[str, ...], output: Path | None, release: Path | None
) -> None:
    """Write RDF of a release: all of it, one graph, or some trials; or its Biolink graph for KGX.

    --format kgx writes nodes and edges, as TSV and as JSON lines, into the folder of --output: drugs, targets,
    diseases and trials by their outside identifiers, and which trials study what for what.
    """
    current = open_release(_settings(release=release).release)
    if format_ == KGX:
        if graph or nct_ids or output is None:
            raise click.UsageError("kgx is of the whole release, and needs a folder to write into: --output FOLDER")
        click.echo("\n".join(map(str, dump_kgx(current, output))))
        return
    chosen = by_name(format_)
    if not isinstance(chosen, RdfFormat):
        raise errors.FormatError(format_, (*(each.name for each in RDF_FORMATS), KGX))
    blocks = dump_of(current, chosen, graph, _checked(nct_ids))
    with output.open("wb") if output else nullcontext(sys.stdout.buffer) as out:
        _write_all(blocks, out)


def _checked(nct_ids: tuple[str, ...]) -> tuple[str, ...]:
    for nct_id in nct_ids:
        if not NCT_ID.fullmatch(nct_id):
            raise click.UsageError(f"{nct_id!r} is no NCT id; it is NCT and eight digits")
    return nct_ids


def _write_all(blocks: Iterable[bytes], out: BinaryIO | None = None) -> None:
    for block in blocks:
        (out or sys.stdout.buffer).write(block)


@main.command()
@click.option("--format", "format_", default=None, help="Give the whole description in this RDF format instead.")
@click.option(
    "--score", "scored", is_flag=True, help="Measure it by what HCLS, Umaka, FAIR-Checker, F-UJI and SIB ask."
)
@click.option("--site", metavar="URL", help="With --score: measure the server at this address, all of it over HTTP.")
@_as_json
@_release
@_reports_errors
def describe(format_: str | None, scored: bool, site: str | None, as_json: bool, release: Path | None) -> None:
    """Tell what a release holds: version, counts, graphs, validation; with --format as VoID, DCAT, HCLS and PROV.

    --score without --site measures the release on disk; what needs a server is then left out.
    """
    settings = _settings(release=release)
    if site is not None and not scored:
        raise click.UsageError("--site goes with --score")
    if scored:
        now = datetime.now(UTC)
        if site:
            found = score_server(site.rstrip("/"), now)
        else:
            measured = open_release(settings.release)
            found = score(Reader(measured), measured.version, settings.site, now.date())
        click.echo(json.dumps(found.to_json(), indent=2) if as_json else score_text(found))
        return
    current = open_release(settings.release)
    chosen = by_name(format_) if format_ else None
    if isinstance(chosen, RdfFormat):
        _write_all(dump_of(current, chosen, "description"))
    elif chosen:
        raise errors.FormatError(chosen.name, tuple(each.name for each in RDF_FORMATS))
    else:
        click.echo(json.dumps(current.manifest, indent=2) if as_json else summary(current))


@main.command()
@click.argument("nct_ids", nargs=-1, metavar="[NCT...]")
@_release
@_reports_errors
def records(nct_ids: tuple[str, ...], release: Path | None) -> None:
    """Give back the records as JSON lines, made from the graph; without ids all of them."""
    _write_all(records_of(open_release(_settings(release=release).release), _checked(nct_ids)))


def _setting_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command an option for each setting."""
    for setting in reversed(fields(Settings)):
        name, shown = setting.name.replace("_", "-"), setting.default
        kind = click.Path(path_type=Path, file_okay=False) if isinstance(shown, Path) else type(shown)
        meaning = f"{setting.metadata['meaning']}  [default: {shown}]" if shown != "" else setting.metadata["meaning"]
        command = click.option(f"--{name}", type=kind, help=meaning)(command)
    return command


@main.command()
@_setting_options
@_reports_errors
def serve(**given: Any) -> None:
    """Serve a release: SPARQL, pages, data and downloads.

    When there is no release, the default one is built first. Each option can also be set in the environment, as
    TRIALGRAPH_HOST for --host. SIGTERM or Ctrl-C ends it when answers on their way are sent.
    """
    settings = _settings(**given)
    if not settings.engine and not releases(settings.release):
        _build_default(settings)
    try:
        serve_site(settings, ready=lambda address: _on_ready(settings, address))
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        _fail(errors.SettingError("host and port", address, f"{error.strerror}; choose others by --host and --port"))


def _on_ready(settings: Settings, address: str) -> None:
    """Tell the address, and measure the server from outside its requests, for /status to show."""
    click.echo(f"Serving {address}/", err=True)
    Thread(target=_measure, args=(settings, address), daemon=True).start()


def _measure(settings: Settings, address: str) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        found = score_server(address, datetime.now(UTC), at=f"http://{_ANY.get(host, host)}:{settings.port}")
        write_note(settings.release, SCORE_NOTE, found.to_json())
    except (errors.TrialgraphError, OSError) as error:
        click.echo(
            f"This server could not measure itself, so /status shows what the build measured: {error}", err=True
        )


def _build_default(settings: Settings) -> None:
    click.echo(f"There is no release in {settings.release}; building the default one.", err=True)
    sources = _sources(release=settings.release, issued=None) | {"site": settings.site}
    click.echo(build_release(**sources).text(), err=True)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--shapes", type=click.Path(path_type=Path, exists=True), help="Shapes to use.  [default: our own]")
@click.option("--format", "format_", type=click.Choice(["text", "turtle", "json"]), default="text", show_default=True)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@_reports_errors
def validate(files: tuple[Path, ...], shapes: Path | None, format_: str) -> None:
    """Check RDF FILES together against the shapes.

    Exit status 1 when something of severity Violation is found; the rest is for your eyes.
    """
    report = validate_files(files, shapes or packaged("shapes"), packaged("ontology"))
    if format_ == "json":
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(report.text() if format_ == "text" else report_turtle(report), nl=format_ == "text")
    sys.exit(1 if report.violations else 0)


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_as_json
@_release
@_reports_errors
def identifiers(files: tuple[Path, ...], as_json: bool, release: Path | None) -> None:
    """Report malformed identifiers of others in FILES, or in the release when none are given.

    FILES are mapping tables (.sssom.tsv) or RDF. An identifier must look as the Bioregistry says those of its prefix
    look; the web is not asked. Exit status 1 when one does not.
    """
    if files:
        found = list(malformed_in_files(files))
    else:
        found = list(malformed_in_release(open_release(_settings(release=release).release)))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(found) or "No identifier is malformed.")
    sys.exit(1 if found else 0)


class _Ticker:
    """Shows progress: one line that changes on a terminal, a line now and then in a log."""

    def __init__(self) -> None:
        self._stage = ""
        self._started = self._shown = 0.0
        self._terminal = sys.stderr.isatty()
        self._every = 0.2 if self._terminal else 10.0

    def show(self, progress: Progress) -> None:
        """Tell how far a stage has come, if it is time to."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._started, self._shown = progress.stage, now, 0.0
        if now - self._shown < self._every:
            return
        self._shown = now
        line = progress.text(now - self._started)
        click.echo(f"\r\x1b[K{line}" if self._terminal else line, err=True, nl=not self._terminal)
