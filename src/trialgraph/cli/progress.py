"""How far a build or download has come: one changing line on a terminal, now and then one in a log."""

import sys
import time

import click

from trialgraph.pipeline import Progress


class Ticker:
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
