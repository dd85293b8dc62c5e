"""Parameters of a page that are numbers, formats or one of a few words; what is none of these is told."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from trialgraph.web.http.negotiation import Offer, by_parameter, choose
from trialgraph.web.http.problems import RequestError

_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def asked_page(parameters: Mapping[str, str]) -> int:
    """Return the number of the page that `page` asks for; 1 where it is not given.

    Raises RequestError (400) for what is no whole number from 1.

    >>> asked_page({}), asked_page({"page": ""}), asked_page({"page": "3"})
    (1, 1, 3)
    """
    said = parameters.get("page", "").strip() or "1"
    if not _NUMBER.fullmatch(said) or int(said) < 1:
        raise RequestError(400, f"page={_short(said)} is no number of a page: they count from 1")
    return int(said)


def held_page(number: int, pages: int) -> int:
    """Return the number of a page that a list has; a list of nothing has its first page.

    Raises RequestError (404) for a page behind the last.

    >>> held_page(1, 0), held_page(3, 3)
    (1, 3)
    """
    if number > max(pages, 1):
        raise RequestError(404, f"there is no page {number}: this list has {max(pages, 1)}")
    return number


def asked_word(parameters: Mapping[str, str], name: str, words: Collection[str]) -> str:
    """Return which of some words a parameter has; empty where it is not given.

    Raises RequestError (400) for another word.

    >>> asked_word({"view": "years"}, "view", ["years"]), asked_word({}, "view", ["years"])
    ('years', '')
    """
    said = parameters.get(name, "").strip()
    if said and said not in words:
        raise RequestError(400, f"{name}={_short(said)} is nothing here; {name} may be {', '.join(words)}")
    return said


def asked_format(parameters: Mapping[str, str], accept: str, offers: tuple[Offer, ...], of: str) -> Offer:
    """Return the form that `format` names, else the one that Accept takes, else the first.

    Raises RequestError (400) for a name that is none of the forms `of` something.

    >>> from trialgraph.web.http.negotiation import HTML, TURTLE
    >>> asked_format({"format": "turtle"}, "text/html", (HTML, TURTLE), "a list").name
    'turtle'
    >>> [asked_format({}, accept, (HTML, TURTLE), "a list").name for accept in ("text/turtle", "*/*", "image/png")]
    ['turtle', 'html', 'html']
    """
    named = parameters.get("format", "").strip()
    if not named:
        return choose(accept, offers) or offers[0]
    found = by_parameter(named, offers)
    if found is None:
        names = ", ".join(offer.name for offer in offers)
        raise RequestError(400, f"{_short(named)!r} is no format of {of}; there are {names}")
    return found


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
