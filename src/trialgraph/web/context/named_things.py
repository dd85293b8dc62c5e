"""What a name means: the thing of the release that is called so, or most like it."""

import csv
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import unquote

from trialgraph.settings import packaged
from trialgraph.terms import iri_value, lexical, string
from trialgraph.vocabulary import RESOURCE, prologue
from trialgraph.web.context.country_words import countries_there_are
from trialgraph.web.context.faceted_search import trial_index
from trialgraph.web.context.name_search import Found, SearchIndex, search_index, similarity
from trialgraph.web.context.release_view import reading

_CLEARLY: Final = 2
"""How many times as often as the next a thing must be called so to be what is meant."""
_CALLED: Final = {
    "Disease": "?of a tg:Condition ; tg:denotes ?thing ; rdfs:label ?name .",
    "Drug": "?of a tg:Intervention ; tg:drug ?thing ; rdfs:label|tg:interventionOtherName ?name ."
    " FILTER NOT EXISTS { ?of tg:drug ?other FILTER(?other != ?thing) }",
}
"""How records call the things of a class."""
LONGEST_NAME: Final = 200
_SHORTEST: Final = 2
"""Characters of a name below which nothing is meant."""
_LOOKED_AT: Final = 50
_SHOWN: Final = 6
_NEAR: Final = 60.0
"""How like the words a name must be to be taken for what is meant, of 100."""
_SAME: Final = 100.0
_KINDS_OF: Final = {
    "drug": ("Drug",),
    "target": ("Target",),
    "disease": ("Disease", "Condition"),
    "condition": ("Condition", "Disease"),
    "endpoint": ("Endpoint",),
    "organization": ("Organization",),
    "sponsor": ("Organization",),
    "country": ("Country",),
}
"""The kinds of things that people write a path for, by its first part, likeliest first."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a path without a thing may mean: its words, and things that search knows by them, likeliest first."""

    words: str = ""
    things: tuple[Found, ...] = ()
    is_certain: bool = False
    """Whether the first is the only thing of its kind that is called exactly so."""


NOBODY: Final = Meant()


def meant_by(path: str) -> Meant:
    """Return what a path such as `drug/pembrolizumab` means: things go by codes, and people write their names.

    Only the index is asked: a path that leads nowhere, of which crawlers ask many, costs no query.
    """
    head, _, rest = unquote(path).partition("/")
    kinds = _KINDS_OF.get(head.lower(), ()) if rest else ()
    words = " ".join((rest if kinds else f"{head} {rest}").replace("_", " ").split())[:LONGEST_NAME]
    index = search_index(reading().release)
    if index is None or len(words) < _SHORTEST or words.lower() in _KINDS_OF:
        return Meant()
    if "Country" in kinds:
        country = _country(words)
        return Meant(words, (country,) if country else _countries_like(words), is_certain=country is not None)
    by_kind = {kind: index.find(words, kind, _LOOKED_AT) for kind in kinds}
    for found in by_kind.values():
        called = [thing for thing in found if similarity(words, thing.label) == _SAME]
        if called:
            return Meant(words, tuple(dict.fromkeys([*called, *found]))[:_SHOWN], is_certain=len(called) == 1)
    for kind, found in by_kind.items():
        likest = _indexed(index, words, (kind,))
        listed = tuple(dict.fromkeys([*([likest] if likest else []), *found]))[:_SHOWN]
        if listed:
            return Meant(words, listed)
    things = (thing for _, found in index.by_kind(words, _SHOWN) for thing in found)
    return Meant(words, tuple(things)[:_SHOWN])


def named_thing(words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing of the release that words name: exactly so, or the one that is most like it."""
    if kinds == ("Country",):
        return _country(words)
    if kinds == ("Measurement",):
        return _measurement(words)
    index = search_index(reading().release)
    if index is None:
        return None
    return _likest(index, words, kinds) or _called(index, words, kinds) or _indexed(index, words, kinds)


def _indexed(index: SearchIndex, words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing whose name in the index is words or most like them, forgiving slips."""
    return _likest(index, words, kinds) or _likest(index, index.respelled(words), kinds)


def _likest(index: SearchIndex, words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing whose name in the index is words, or most like them."""
    found = [thing for kind in kinds for thing in index.find(words, kind, 50)]
    best = max(found, key=lambda thing: (similarity(words, thing.label), -len(thing.label)), default=None)
    # A name in other words, such as a brand, is found by the index though its label is unlike it.
    return best if best and (similarity(words, best.label) >= _NEAR or len(found) == 1) else None


def _called(index: SearchIndex, words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing that records call so, such as a disease by its short form; None where they mean several."""
    for pattern in filter(None, map(_CALLED.get, kinds)):
        rows = reading().asking.rows(
            f"{prologue('tg', 'rdfs')}SELECT ?thing (COUNT(DISTINCT ?of) AS ?times) {{ {pattern} "
            f"FILTER(LCASE(STR(?name)) = {string(words.lower())}) }} GROUP BY ?thing ORDER BY DESC(?times) LIMIT 2"
        )
        times = [int(lexical(row["times"])) for row in rows if "thing" in row]
        if times and times[0] >= _CLEARLY * sum(times[1:]):
            path = iri_value(rows[0]["thing"]).removeprefix(RESOURCE)
            return next(iter(index.things([path])), None)
    return None


def _country(words: str) -> Found | None:
    """Return the country of a name that some record writes: `South Korea` and `Korea, Republic of` are one."""
    index = trial_index(reading().release)
    value = index.facets.named("country", words) if index else ""
    code = _country_codes().get(words.replace(".", "").casefold(), "")
    if index and not value and code and index.facets.label("country", f"country/{code}") != f"country/{code}":
        value = f"country/{code}"
    return Found(value, "Country", index.facets.label("country", value)) if index and "/" in value else None


def _countries_like(words: str) -> tuple[Found, ...]:
    """Return the countries that have words in their name, such as both Koreas."""
    index = trial_index(reading().release)
    like = index.facets.labelled("country", words) if index else ()
    return tuple(Found(value, "Country", label) for value, label in like if "/" in value)[:_SHOWN]


def _measurement(words: str) -> Found | None:
    """Return the measurement that texts call so, by the names that criteria are read with, or by its label."""
    code = _measurement_codes().get(plain(words), "")
    concepts = [
        concept
        for scheme in reading().words.schemes.values()
        if scheme.name == "measurement"
        for concept in scheme.concepts
        if concept.notation == code or plain(concept.label) == plain(words)
    ]
    return next(
        (Found(iri_value(one.term).removeprefix(RESOURCE), "Measurement", one.label) for one in concepts), None
    )


@cache
def _country_codes() -> dict[str, str]:
    """Return the ISO code of a country by its codes and names, without dots."""
    countries = countries_there_are()
    names = ((name, country.code) for country in countries for name in country.names)
    codes = ((code, country.code) for country in countries for code in (country.code, country.alpha_3))
    return {name.replace(".", "").casefold(): code for name, code in (*codes, *names)}


@cache
def _measurement_codes() -> dict[str, str]:
    """Return the notation of a measurement by each name in `data/lexicons/measurements.tsv`."""
    lines = (packaged("data") / "lexicons" / "measurements.tsv").read_text("utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    names = ((name, row["code"]) for row in rows for name in (row["code"], *row["names"].split(";")))
    return {plain(name): code.upper().replace("-", "_") for name, code in names}


def plain(words: str) -> str:
    """Return a name in one form, whatever its case, hyphens and number.

    >>> plain("Platelets"), plain("platelet  count"), plain("NT-proBNP")
    ('platelet', 'platelet count', 'nt probnp')
    """
    return " ".join(word.removesuffix("s") for word in words.casefold().replace("-", " ").split())
