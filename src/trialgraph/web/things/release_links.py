"""`/r/RELEASE/NCT…`, short links tied to a release; and `/oembed`, to embed the card of a trial."""

import json
import re
from html import escape
from typing import Final
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.store import releases
from trialgraph.vocabulary import NCT_ID, RESOURCE
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.canonical_url import canonical
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation
from trialgraph.web.things.citation import citation_of

blueprint = Blueprint("release_links", __name__)

_RELEASE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(\.\d+)?")
_CARD: Final = (560, 190)
"""Width and height of a card, in pixels."""
_SMALLEST: Final = (200, 120)
_CARD_PATHS: Final = ("/page/", "/embed/", "/id/")


def short_link(version: str, path: str) -> str:
    """Return the path of the short link to a thing of a release.

    >>> short_link("2026-01-02", "NCT00000001")
    '/r/2026-01-02/NCT00000001'
    """
    return f"/r/{version}/{quote(path, safe='/:~!$&()+*,;=@')}"


@blueprint.get("/r/<version>/<path:path>")
def follow(version: str, path: str) -> AnyResponse:
    """Lead to a thing as a release has it: to its page while that release is served, else to what there is of it.

    Raises RequestError: 404 for what was never a release or is not in it, 410 for a release that is kept no longer.
    """
    here = reading()
    right = canonical(quote(path, safe="/:~!$&()+*,;=@"))
    if version == here.release.version:
        return redirect(f"/page/{right}", 302)
    if version in {release.version for release in releases(here.settings.release)}:
        body = render_template("release-link.html", version=version, path=right, release=here.release)
        return representation(body, "text/html", here.release, cache="no-cache")
    if _RELEASE.fullmatch(version) and version < here.release.version:
        raise RequestError(
            410,
            f"Release {version} is gone from this server. Release {here.release.version} is served: "
            f"/page/{right} is {right} as it has it.",
        )
    raise RequestError(404, f"There is no release {version}; /downloads/ lists those there are.")


@blueprint.get("/oembed")
def oembed() -> Response:
    """Return how the card of a trial is embedded (oEmbed 1.0, type `rich`), within `maxwidth` and `maxheight`.

    Raises RequestError: 400 without `url` or with a size that is none, 404 for another address or a trial that is
    not here, 501 for a format other than JSON.
    """
    address = request.args.get("url", "")
    if not address:
        raise RequestError(400, "url is missing: the address of a trial's page here")
    form = request.args.get("format", "json")
    if form != "json":
        raise RequestError(501, f"format={form} is not implemented; there is json")
    width, height = (
        max(least, min(most, _size(name)))
        for name, most, least in zip(("maxwidth", "maxheight"), _CARD, _SMALLEST, strict=True)
    )
    citation = citation_of(_trial_at(address))
    card = f"{_server()}/embed/{citation.nct}"
    title = f"{citation.nct}: {citation.title}"
    frame = (
        f'<iframe src="{escape(card)}" width="{width}" height="{height}" title="{escape(title)}" '
        'style="border:0" loading="lazy"></iframe>'
    )
    found = {
        "version": "1.0", "type": "rich", "title": title, "author_name": citation.sponsor or None,
        "provider_name": "trialgraph", "provider_url": f"{_server()}/", "cache_age": 86400,
        "html": frame, "width": width, "height": height,
    }  # fmt: skip
    text = json.dumps({name: value for name, value in found.items() if value is not None}, ensure_ascii=False)
    return representation(text, "application/json", reading().release)


def _size(name: str) -> int:
    text = request.args.get(name, "")
    if text and not (text.isdecimal() and len(text) < 6):
        raise RequestError(400, f"{name}={text} is no number of pixels")
    return int(text) if text else 10**5


def _trial_at(address: str) -> str:
    """Return the number of the trial that an address of this site, or its name, leads to."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise RequestError(404, f"{address} is no address") from None
    named = address.startswith(RESOURCE)
    if not named and (parts.scheme not in {"http", "https"} or parts.netloc != urlsplit(_server()).netloc):
        raise RequestError(404, f"{address} is not an address of {_server()}")
    path = "/id/" + address.removeprefix(RESOURCE) if named else parts.path
    start = next((start for start in _CARD_PATHS if path.startswith(start)), "")
    number = path.removeprefix(start).upper()
    if not start or not NCT_ID.fullmatch(number):
        raise RequestError(404, f"{address} is not the page of a trial")
    return number


def embedding(nct: str) -> str:
    """Return the HTML that embeds the card of a trial, for a person to copy."""
    width, height = _CARD
    return f'<iframe src="{_server()}/embed/{nct}" width="{width}" height="{height}" title="{nct}"></iframe>'


def _server() -> str:
    return request.url_root.rstrip("/")
