"""Reading the release that is served now: someone to ask, and the words of its ontology."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app

from trialgraph.query import Engine, QueryRequest
from trialgraph.resource.bounded_description import describe
from trialgraph.resource.select import Asking
from trialgraph.settings import Settings
from trialgraph.store import Release
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import PREFIXES, RESOURCE, Graph
from trialgraph.web.context.example_queries import Example, examples_of
from trialgraph.web.context.node import Facts
from trialgraph.web.context.ontology_terms import Ontology, ontology_of
from trialgraph.web.context.templating import prepare

_NAME: Final = "trialgraph.reading"
_KEPT: Final = 24
_VERSION: Final = (
    f"SELECT DISTINCT ?version {{ GRAPH <{Graph.DESCRIPTION}> {{ ?dataset <{PREFIXES['pav']}version> ?version }} "
    f'FILTER(STRSTARTS(STR(?dataset), "{RESOURCE}dataset/")) }} ORDER BY DESC(?version)'
)
_RELEASED: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
T = TypeVar("T")


@dataclass
class Reading:
    """The settings, the engine, and what was made of the releases lately served."""

    settings: Settings
    engine: Engine
    _kept: OrderedDict[tuple[str, str], Any] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def release(self) -> Release:
        """The release that is served now; without files and manifest when it is loaded into another engine only.

        Raises QueryError.
        """
        return self.engine.release() or self._loaded()

    def _loaded(self) -> Release:
        """Return the release that the graph itself says it is; that of today, if it does not say."""
        said = [lexical(row["version"]) for row in self.asking.rows(_VERSION)]
        versions = [version for version in said if _RELEASED.match(version)]
        return Release(self.settings.release / (versions or [datetime.now(UTC).date().isoformat()])[0], {})

    @property
    def asking(self) -> Asking:
        """Someone to ask."""
        return Asking(lambda query: self.engine.run(QueryRequest(query, capped=False)).read())

    @property
    def words(self) -> Ontology:
        """The words of the ontology of the release that is served now.

        Raises QueryError.
        """
        return self.once("words", lambda: ontology_of(self.asking.graph(Graph.ONTOLOGY)))

    @property
    def examples(self) -> dict[str, Example]:
        """The example queries of the release that is served now, by name.

        Raises QueryError.
        """
        return self.once("examples", lambda: examples_of(self.asking.graph(Graph.EXAMPLES)))

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made once for each release, such as a page that all see alike."""
        key = (self.release.version, name)
        known = self._kept.get(key)
        if known is None:
            known = make()
            with self._lock:
                self._kept[key] = known
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return cast(T, known)

    def facts(self, root: Term, *, most_parts: int | None = None, most_alike: int | None = None) -> Facts:
        """Return what the graph says about a resource, ready for a page.

        Raises QueryError.
        """
        return Facts(describe(self.asking, root, most_parts=most_parts, most_alike=most_alike), self.words)


def install(app: Flask, settings: Settings, engine: Engine) -> None:
    """Give the application what its pages read from."""
    app.extensions[_NAME] = Reading(settings, engine)
    prepare(app)


def reading() -> Reading:
    """Return what the application that answers now reads from."""
    found = current_app.extensions[_NAME]
    assert isinstance(found, Reading)  # noqa: S101 - set by `install` alone
    return found
