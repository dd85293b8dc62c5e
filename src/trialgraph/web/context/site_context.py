"""What every view needs: the settings, the engine, the release that is served."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import flask

from trialgraph.query import Engine
from trialgraph.settings import Settings

EXTENSION: Final = "trialgraph"


@dataclass(frozen=True)
class Site:
    """Kept by the application for its views."""

    settings: Settings
    engine: Engine
    metrics: Callable[[], bytes]

    def manifest(self) -> Mapping[str, Any]:
        """Return the manifest of the release that is served, with its version; empty when there is none here."""
        release = self.engine.release()
        return {"version": release.version, **release.manifest} if release else {}


def site() -> Site:
    """Return the site of the current application."""
    return cast(Site, flask.current_app.extensions[EXTENSION])
