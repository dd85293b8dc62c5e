"""Reading the release that is served now: someone to ask, and the words of its ontology."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, RLock
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app, g, has_app_context
from flask.typing import ResponseReturnValue

from trialgraph.errors import ReleaseReplaced
from trialgraph.query import Engine, QueryRequest, Result
from trialgraph.resource.bounded_description import ALL, Beside, Bounds, describe
from trialgraph.resource.select import Asking
from trialgraph.settings import Settings
from trialgraph.store import Release
from trialgraph.terms import Term, iri_value, lexical
from trialgraph.vocabulary import GRAPHS, PREFIXES, RESOURCE, Graph
from trialgraph.web.context.example_queries import Example, examples_of
from trialgraph.web.context.node import Facts
from trialgraph.web.context.ontology_terms import Ontology, ontology_of
from trialgraph.web.context.templating import prepare

_NAME: Final = "trialgraph.reading"
_RELEASE: Final = "trialgraph_release"
"""Name of what the request at hand carries."""
_KEPT: Final = 24
_TRIES: Final = 3
_VERSION: Final = (
    f"SELECT DISTINCT ?version {{ GRAPH <{Graph.DESCRIPTION}> {{ ?dataset <{PREFIXES['pav']}version> ?version }} "
    f'FILTER(STRSTARTS(STR(?dataset), "{RESOURCE}dataset/")) }} ORDER BY DESC(?version)'
)
_HELD: Final = (
    f"SELECT DISTINCT ?graph {{ GRAPH <{Graph.DESCRIPTION}> {{ ?graph <{PREFIXES['sd']}graph> ?figures }} }}"
)
_RELEASED: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
T = TypeVar("T")


@dataclass
class _Once:
    """What is made once, and the lock of who makes it."""

    lock: Any = field(default_factory=RLock)
    made: Any = None


@dataclass
class Reading:
    """The settings, the engine, and what was made of the releases lately served."""

    settings: Settings
    engine: Engine
    _kept: "OrderedDict[tuple[str, str], _Once]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def release(self) -> Release:
        """The release that is served; without files and manifest when it is loaded into another engine only.

        Raises QueryError.
        """
        return self.on_disk() or self._loaded()

    def on_disk(self) -> Release | None:
        """Return the release that is served, if it is on this disk; to a request the same from its first look on."""
        if not has_app_context():
            return self.engine.release()
        if _RELEASE not in g:
            setattr(g, _RELEASE, self.engine.release())
        found: Release | None = getattr(g, _RELEASE)
        return found

    def run(self, request: QueryRequest) -> Result:
        """Return the answer of the release that this request is answered from.

        Raises QueryError, and ReleaseReplaced when another took its place, so that all is to be asked anew.
        """
        carried = self.on_disk()
        result = self.engine.run(request)
        if carried and result.release not in {"", carried.version}:
            raise ReleaseReplaced(carried.version, "another release took its place", "ask again")
        return result

    def _loaded(self) -> Release:
        """Return the release that the graph itself says it is; that of today, if it does not say."""
        said = [lexical(row["version"]) for row in self.asking.rows(_VERSION)]
        versions = [version for version in said if _RELEASED.match(version)]
        return Release(self.settings.release / (versions or [datetime.now(UTC).date().isoformat()])[0], {})

    @property
    def asking(self) -> Asking:
        """Someone to ask."""
        is_elsewhere = bool(self.settings.engine)
        return Asking(lambda query: self.run(QueryRequest(query, capped=False)).read(), one_by_one=is_elsewhere)

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

    @property
    def graphs(self) -> list[str]:
        """The names of the graphs that the release has, in the order of `GRAPHS`.

        Raises QueryError.
        """
        return self.once("graphs", self._graphs)

    def _graphs(self) -> list[str]:
        held = {iri_value(row["graph"]) for row in self.asking.rows(_HELD)}
        return [name for name, address in GRAPHS.items() if address in held]

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made once for each release, such as a page that all see alike; who comes meanwhile waits."""
        key = (self.release.version, name)
        with self._lock:
            known = self._kept.get(key)
            if known is None:
                known = self._kept[key] = _Once()
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        with known.lock:
            if known.made is None:
                known.made = make()
            return cast(T, known.made)

    def facts(self, root: Term, bounds: Bounds = ALL, beside: Beside = lambda _root, _quads: {}) -> Facts:
        """Return what the graph says about a resource, ready for a page, and what is asked beside it.

        Raises QueryError.
        """
        return Facts(describe(self.asking, root, bounds, beside=beside), self.words)


def install(app: Flask, settings: Settings, engine: Engine) -> None:
    """Give the application what its pages read from."""
    app.extensions[_NAME] = Reading(settings, engine)
    prepare(app)


class ReleaseApplication(Flask):
    """Answers each request from one release: where another took its place on the way, anew from that."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Return what the view of the request returns."""
        for _ in range(_TRIES - 1):
            try:
                return super().dispatch_request()
            except ReleaseReplaced:
                g.pop(_RELEASE)
        return super().dispatch_request()


def reading() -> Reading:
    """Return what the application that answers now reads from."""
    found = current_app.extensions[_NAME]
    assert isinstance(found, Reading)  # noqa: S101 - set by `install` alone
    return found
