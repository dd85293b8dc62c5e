"""A running server as what is measured: everything is asked over HTTP, as any client would.

>>> Visitor("https://trials.example.org", "http://127.0.0.1:8000").local("https://trials.example.org/sparql")
'http://127.0.0.1:8000/sparql'
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, Self

import httpx

from trialgraph.errors import SettingError
from trialgraph.formats import N_TRIPLES
from trialgraph.resource.select import term_of
from trialgraph.score.criteria import Answer, Row, Subject
from trialgraph.terms import parse

_SECONDS: Final = 60.0
_RESULTS: Final = "application/sparql-results+json"


class Visitor:
    """Asks one server. `site` is the address it gives for itself; `at` is where it is met, if that is another."""

    def __init__(self, site: str, at: str = "") -> None:
        self.site, self._at = site, at or site
        self._client = httpx.Client(timeout=_SECONDS, follow_redirects=True, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def local(self, url: str) -> str:
        """Return where an address of the site is met."""
        return self._at + url[len(self.site) :] if url.startswith(self.site) else url

    def fetch(self, url: str, accept: str = "*/*", form: Mapping[str, str] | None = None) -> Answer:
        """Return what the server answers.

        Raises SettingError when it cannot be reached.
        """
        method = "GET" if form is None else "POST"
        try:
            found = self._client.request(method, self.local(url), headers={"Accept": accept}, data=form)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            remedy = "start the server, or give another address by --site"
            raise SettingError("site", self._at, f"it does not answer ({error}); {remedy}") from None
        headers = {name.lower(): value for name, value in found.headers.items()}
        return Answer(found.status_code, headers, found.content, found.elapsed.total_seconds())

    def select(self, query: str) -> Iterator[Row]:
        """Yield the rows of a SELECT.

        Raises SettingError when there is no answer.
        """
        answer = self.fetch(f"{self.site}/sparql", _RESULTS, {"query": query})
        if answer.status != httpx.codes.OK or not answer.headers.get("content-type", "").startswith(_RESULTS):
            raise SettingError("site", self._at, f"a query was answered by {answer.status}: {answer.body[:200]!r}")
        found = json.loads(answer.body)
        for binding in found["results"]["bindings"]:
            yield tuple(term_of(binding[name]) if name in binding else None for name in found["head"]["vars"])


def subject_of(visitor: Visitor, today: date) -> Subject:
    """Return a server as what is measured, with the description it serves.

    Raises SettingError when it serves none.
    """
    answer = visitor.fetch(f"{visitor.site}/.well-known/void", N_TRIPLES.media_type)
    media_type = answer.headers.get("content-type", "nothing")
    if answer.status != httpx.codes.OK or not media_type.startswith(N_TRIPLES.media_type):
        raise SettingError("site", visitor.site, f"/.well-known/void is answered by {answer.status}, {media_type}")
    description = frozenset(triple for triple, _ in parse(answer.body, N_TRIPLES.oxigraph))
    return Subject(description, visitor.select, visitor.site, today, visitor.fetch)
