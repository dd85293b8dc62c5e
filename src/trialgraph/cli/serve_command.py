"""`trialgraph serve`: serve a release, made first when there is none."""

from datetime import UTC, datetime
from threading import Thread
from typing import Any, Final

import click

from trialgraph import errors
from trialgraph.cli.build_command import build_sources
from trialgraph.cli.exit_status import fail, reports_errors
from trialgraph.cli.options import setting_options, settings_from
from trialgraph.pipeline import BuildOptions
from trialgraph.pipeline import build as build_release
from trialgraph.score import score_server
from trialgraph.settings import Settings
from trialgraph.store import SCORE_NOTE, releases, write_note
from trialgraph.web.server.production_server import serve as serve_site

_ANY: Final = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - where a server on all addresses is met


@click.command()
@setting_options
@reports_errors
def serve(**given: Any) -> None:
    """Serve a release: SPARQL, pages, data and downloads.

    When there is no release, the default one is built first. Each option can also be set in the environment, as
    TRIALGRAPH_HOST for --host. SIGTERM or Ctrl-C ends it when answers on their way are sent.
    """
    settings = settings_from(**given)
    if not settings.engine and not releases(settings.release):
        _build_default(settings)
    try:
        serve_site(settings, ready=lambda address: _on_ready(settings, address))
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        fail(errors.SettingError("host and port", address, f"{error.strerror}; choose others by --host and --port"))


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
    sources = build_sources(release=settings.release, issued=None) | {"site": settings.site}
    click.echo(build_release(BuildOptions(**sources)).text(), err=True)
