"""An engine in front of another: what it does not do itself, that one does."""

from typing import Self

from trialgraph.query.request import Disconnected, Engine, QueryRequest, Result
from trialgraph.query.resumable import Steps, finish
from trialgraph.store import Release


class WrappedEngine:
    """What engines in front of others have in common; a subclass says what it does with a query in `steps`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the engine behind."""
        self._engine.close()

    def version(self) -> str:
        """Return the version of the release that answers now."""
        return self._engine.version()

    def release(self) -> Release | None:
        """Return the release that answers now."""
        return self._engine.release()

    def counts(self) -> dict[str, int]:
        """Return the figures of the engine behind."""
        return self._engine.counts()

    def sandbox(self) -> str:
        """Return whether the engine behind is kept from network and files."""
        return self._engine.sandbox()

    def steps(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Steps[Result]:
        """Do what `run` does, in steps; the first takes no longer than a moment."""
        return self._engine.steps(request, disconnected)

    def run(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Result:
        """Return the whole answer; see `Engine.run` for what it raises."""
        return finish(self.steps(request, disconnected))
