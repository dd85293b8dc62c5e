"""Content negotiation (RFC 9110 section 12.5): the form a client wants most of those to be had.

>>> choose("text/turtle;charset=utf-8, */*;q=0.1", RDF_FORMATS).name
'turtle'
>>> choose("application/rdf+xml, application/rdf+xml;q=0, text/turtle;q=0.2", (RDF_XML, TURTLE)).name
'turtle'
>>> choose("image/png", RDF_FORMATS) is None
True
>>> choose_coding("gzip;q=0.5, br;q=0, *;q=0.1", ("br", "gzip"))
'gzip'
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from trialgraph.formats import JSON_LD, RDF_FORMATS, RDF_XML, RESULT_FORMATS, TURTLE, Format

__all__ = ["HTML", "JSON_LD", "RDF_FORMATS", "RDF_XML", "RESULT_FORMATS", "TURTLE", "Page", "choose", "choose_coding"]

_MOST_RANGES: Final = 2000
"""A header with more is cut: no honest client sends it."""
_KEPT_LENGTH: Final = 2048
"""Longer headers are read anew each time, lest what is remembered of them fills the memory."""


@dataclass(frozen=True)
class Page:
    """An HTML page, as something to negotiate for beside the formats."""

    name: str = "html"
    media_type: str = "text/html"
    extension: str = "html"
    aliases: tuple[str, ...] = ("application/xhtml+xml",)


HTML: Final = Page()
Offer = TypeVar("Offer", bound=Format | Page)


@dataclass(frozen=True, slots=True)
class Range:
    """One element of an Accept header."""

    media_type: str
    parameters: int
    """How many there are besides q; they make a range more specific, but never keep it from matching."""
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return how closely it names a media type: 0 not at all, 1 `*/*`, 2 `text/*`, 3 or more by its name."""
        if self.media_type == media_type:
            return 3 + self.parameters
        if self.media_type == "*/*":
            return 1
        return 2 if self.media_type.endswith("/*") and media_type.startswith(self.media_type[:-1]) else 0


def _split(header: str, mark: str) -> list[str]:
    """Split at a mark that is not inside quotation marks."""
    if '"' not in header:
        return header.split(mark)
    parts, current, quoted = [], "", False
    for character in header:
        quoted ^= character == '"'
        if character == mark and not quoted:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(1.0, max(0.0, float(value.strip(' "'))))
            except ValueError:
                return 0.0
    return 1.0


def ranges(header: str) -> tuple[Range, ...]:
    """Return the elements of an Accept, Accept-Encoding or Accept-Language header; nonsense in it is passed over.

    >>> [(r.media_type, r.quality) for r in ranges('text/*;q=0.5, application/ld+json;profile="a,b"')]
    [('text/*', 0.5), ('application/ld+json', 1.0)]
    """
    found = []
    for element in _split(header, ",")[:_MOST_RANGES]:
        name, *parameters = _split(element, ";")
        name = name.strip().lower()
        if name:
            others = sum(1 for p in parameters if p.strip() and not p.strip().lower().startswith(("q=", "charset")))
            found.append(Range(name, others, _quality(parameters)))
    return tuple(found)


def _judge(accepted: tuple[Range, ...], media_type: str) -> tuple[float, int]:
    """Return quality and specificity of the range that says most about a media type."""
    closest, quality = 0, 0.0
    for candidate in accepted:
        specificity = candidate.specificity(media_type)
        if specificity > closest or (specificity == closest and specificity and candidate.quality < quality):
            closest, quality = specificity, candidate.quality
    return quality, closest


def choose(header: str, offers: tuple[Offer, ...]) -> Offer | None:
    """Return the offer the client likes best, or None when it accepts none.

    No header means anything. At equal quality the more exactly named wins, then the earlier offer.
    """
    found: Offer | None = (_choose_kept if len(header) <= _KEPT_LENGTH else _choose)(header, offers)
    return found


def _choose(header: str, offers: tuple[Any, ...]) -> Any:
    accepted = ranges(header)
    if not accepted:
        return offers[0] if offers else None
    best, best_score = None, (0.0, 0)
    for offer in offers:
        score = _judge(accepted, offer.media_type)
        refused = score[1] >= 3 and score[0] == 0
        for alias in offer.aliases:
            other = _judge(accepted, alias)
            # An alias counts when it is named, not when a wildcard happens to cover it.
            if other[1] >= 3 and not refused:
                score = max(score, (other[0], other[1] - 1))
        if score[0] > 0 and score > best_score:
            best, best_score = offer, score
    return best


_choose_kept = lru_cache(maxsize=2048)(_choose)


def choose_coding(header: str, offers: tuple[str, ...]) -> str:
    """Return the content coding the client likes best, empty for none (identity).

    At equal quality the earlier offer wins, and any coding over none.
    """
    return _coding_kept(header, offers) if len(header) <= _KEPT_LENGTH else _coding(header, offers)


def _coding(header: str, offers: tuple[str, ...]) -> str:
    qualities = {element.media_type: element.quality for element in ranges(header)}
    best, best_quality = "", 0.0
    for offer in offers:
        quality = qualities.get(offer, qualities.get("*", 0.0))
        if quality > best_quality and quality >= qualities.get("identity", 0.0):
            best, best_quality = offer, quality
    return best


_coding_kept = lru_cache(maxsize=512)(_coding)


_OTHER_NAMES: Final = {
    "json-ld": "jsonld",
    "rdf+xml": "rdfxml",
    "rdf/xml": "rdfxml",
    "xml+rdf": "rdfxml",
    "rdf": "rdfxml",
    "n3": "turtle",
    "text/n3": "turtle",
    "text/rdf+n3": "turtle",
    "n-triples": "ntriples",
    "n-quads": "nquads",
    "sparql-json": "json",
    "sparql-xml": "xml",
}
"""What SPARQLWrapper, Virtuoso's clients and others call a format in `format=`, `output=` and `results=`."""


def by_parameter_or_accept(name: str, accept: str, offers: tuple[Offer, ...]) -> Offer | None:
    """Return the offer that `format=` names, or else the one that Accept takes; None when there is none.

    A name that nobody knows is no reason to refuse what the same request accepts.

    >>> by_parameter_or_accept("auto", "text/turtle", RDF_FORMATS).name
    'turtle'
    >>> by_parameter_or_accept("docx", "", RDF_FORMATS) is None
    True
    """
    named = by_parameter(name, offers) if name else None
    if named is not None or (name and not accept.strip()):
        return named
    return choose(accept, offers)


def by_parameter(name: str, offers: tuple[Offer, ...]) -> Offer | None:
    """Return the offer that `format=` names: by name, extension, media type or alias; None when there is none.

    A blank in a media type is a plus that came unencoded; clients of other servers have names of their own.

    >>> by_parameter("json", RDF_FORMATS).name, by_parameter("application/xml", RESULT_FORMATS).name
    ('jsonld', 'xml')
    >>> by_parameter("application/sparql-results json", RESULT_FORMATS).name, by_parameter("n3", RDF_FORMATS).name
    ('json', 'turtle')
    """
    name = name.partition(";")[0].strip().lower().replace(" ", "+")
    name = _OTHER_NAMES.get(name, name)
    for offer in offers:
        if name in (offer.name, offer.extension, offer.media_type):
            return offer
    for offer in offers:
        if name in offer.aliases or any(alias == f"application/{name}" for alias in offer.aliases):
            return offer
    return None
