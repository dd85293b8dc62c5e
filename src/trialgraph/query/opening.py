"""Choose the engine that the settings name."""

from trialgraph.query.cache import CachingEngine
from trialgraph.query.embedded import EmbeddedEngine
from trialgraph.query.remote import RemoteEngine
from trialgraph.query.request import Engine
from trialgraph.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """Return an engine for these settings; use it as a context manager, or call `close`.

    Raises ReleaseNotFound or ReleaseDamaged when the embedded engine finds no release.
    """
    engine: Engine = RemoteEngine(settings) if settings.engine else EmbeddedEngine(settings)
    return CachingEngine(engine, settings)
