"""Choose the engine that the settings name."""

from trialgraph.query.engines.embedded import EmbeddedEngine
from trialgraph.query.engines.federation import FederatingEngine, listed_endpoints
from trialgraph.query.engines.public_address import PublicAddressEngine
from trialgraph.query.engines.remote import RemoteEngine
from trialgraph.query.engines.result_cache import CachingEngine
from trialgraph.query.request import Engine
from trialgraph.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """Return an engine for these settings; use it as a context manager, or call `close`.

    Raises ReleaseNotFound or ReleaseDamaged when the embedded engine finds no release, SettingError when an endpoint
    listed for SERVICE has no HTTP address.
    """
    listed_endpoints(settings)
    engine: Engine = RemoteEngine(settings) if settings.engine else EmbeddedEngine(settings)
    return FederatingEngine(CachingEngine(PublicAddressEngine(engine, settings), settings), settings)
