"""Reading the release that is served now: someone to ask, and the words of its ontology."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from flask import Flask, current_app

from trialgraph.errors import ReleaseNotFound
from trialgraph.query import Engine, QueryRequest
from trialgraph.settings import Settings
from trialgraph.store import Release
from trialgraph.terms import Term
from trialgraph.vocabulary import Graph
from trialgraph.web.asking import Asking
from trialgraph.web.bounded import describe
from trialgraph.web.node import Facts
from trialgraph.web.ontology import Ontology, ontology_of
from trialgraph.web.templating import prepare

_NAME: Final = "trialgraph.reading"
_RELEASES_KEPT: Final = 2


@dataclass
class Reading:
    """The settings, the engine, and the words of the ontology of each release lately served."""

    settings: Settings
    engine: Engine
    _words: OrderedDict[str, Ontology] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def release(self) -> Release:
        """The release that is served now.

        Raises ReleaseNotFound when the engine answers from no release on this disk.
        """
        release = self.engine.release()
        if release is None:
            remedy = "serve a release of this folder, or ask the SPARQL endpoint"
            raise ReleaseNotFound(str(self.settings.release), "no release is served from here", remedy)
        return release

    @property
    def asking(self) -> Asking:
        """Someone to ask."""
        return Asking(lambda query: self.engine.run(QueryRequest(query)).read())

    @property
    def words(self) -> Ontology:
        """The words of the release that is served now.

        Raises QueryError.
        """
        version = self.release.version
        known = self._words.get(version)
        if known is None:
            known = ontology_of(self.asking.graph(Graph.ONTOLOGY))
            with self._lock:
                self._words[version] = known
                while len(self._words) > _RELEASES_KEPT:
                    self._words.popitem(last=False)
        return known

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
