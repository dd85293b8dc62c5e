"""The backend of the query engine: what evaluates queries, here or elsewhere."""

from typing import Protocol

from trialgraph.query.current_release import CurrentRelease
from trialgraph.query.request import Disconnected, QueryRequest, Result
from trialgraph.query.resumable import Steps
from trialgraph.query.text.analysis import Analysis


class Backend(Protocol):
    """Evaluates queries that were found acceptable; safe to use from many threads."""

    @property
    def current(self) -> CurrentRelease | None:
        """The release that answers, where it is on this disk."""

    def steps(
        self, request: QueryRequest, analysis: Analysis, disconnected: Disconnected | None = None
    ) -> Steps[Result]:
        """Return the whole answer, in steps; the first takes no longer than a moment.

        Raises QuerySyntaxError, QueryNotEvaluable, QueryRefused, QueryTimeout, QueryOutOfMemory, ResultTooLarge,
        EngineBusy or EngineUnavailable.
        """

    def version(self) -> str:
        """Return the version of the release that answers now, or what changes with it."""

    def counts(self) -> dict[str, int]:
        """Return figures for the operator, such as how many queries wait."""

    def sandbox(self) -> str:
        """Return whether queries are kept from network and files here, in a few words."""

    def close(self) -> None:
        """Stop what still runs."""
