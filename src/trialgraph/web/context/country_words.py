"""Countries among the words of a search are filters, as `in Japan`; in a longer name they are words."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from trialgraph.settings import packaged
from trialgraph.web.context.facet_values import FacetValues

BETWEEN: Final = frozenset("across and at by for from in of on or the to with within".split())
"""Words that say nothing where they end up first or last."""
_NAMES_IN: Final = ("sponsor", "condition", "drug")
"""Facets whose labels have names of countries in them, such as `Japan Sample Group`."""
_WORD: Final = re.compile(r"[^\W_]+")
_ENDS: Final = " ,;."
_ALSO_WORDS: Final = frozenset({"us"})
"""Names of countries that are words like others where they are neither in capitals nor behind `in`."""


@dataclass(frozen=True, slots=True)
class NamedCountry:
    """A country that there is: its codes of ISO 3166, and its names."""

    code: str
    alpha_3: str
    names: tuple[str, ...]


class CountryWords:
    """The countries of a release, found among the words of a search."""

    def __init__(self, facets: FacetValues) -> None:
        self._facets = facets

    def without(self, text: str, *, in_names: bool = False) -> tuple[str, tuple[str, ...]]:
        """Return a text without the countries in it, and those as values of the facet; quoted words stay words.

        A country in the name of a sponsor, condition or drug is taken out with `in_names` alone.
        """
        found: list[str] = []

        def take(match: re.Match[str]) -> str:
            if match["quoted"] or (not in_names and self._is_word(match, text)):
                return match[0]
            found.append(self._values[match["name"].casefold()])
            return " "

        if not self._values:
            return text, ()
        left = self._pattern.sub(take, text)
        return (without_ends(left), tuple(dict.fromkeys(found))) if found else (text, ())

    def _is_word(self, match: re.Match[str], text: str) -> bool:
        """Whether a country is a word of a longer name, or a short word that is none."""
        name = match["name"]
        if name in _ALSO_WORDS and not match["into"]:
            return True
        before = "" if match["into"] else _nearest(reversed(_WORD.findall(text[: match.start()])))
        pairs = {(before, name.casefold()), (name.casefold(), _nearest(_WORD.findall(text[match.end() :])))}
        return not pairs.isdisjoint(self._in_names)

    @cached_property
    def _values(self) -> dict[str, str]:
        """Return the values of the facet by every name of their countries, in small letters."""
        named = {name: value for value, names in self._facets.names("country") for name in names}
        by_code = {value: value.removeprefix("country/") for value in set(named.values())}
        known = {country.code: country.names for country in countries_there_are()}
        more = {other: value for value, code in by_code.items() for other in known.get(code, ())}
        return {name.casefold(): value for name, value in (more | named).items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = "|".join(re.escape(name) for name in sorted(self._values, key=lambda name: (-len(name), name)))
        into = r"(?:(?P<into>(?:across|from|in|within)\s+(?:the\s+)?))?"
        return re.compile(rf'(?P<quoted>"[^"]*")|(?<![\w-]){into}(?P<name>{names})(?![\w-])', re.IGNORECASE)

    @cached_property
    def _in_names(self) -> frozenset[tuple[str, str]]:
        """Return each country that is part of a longer name, with the word that stands before or behind it there."""
        found: set[tuple[str, str]] = set()
        for facet in _NAMES_IN:
            for _, (label, *_) in self._facets.names(facet):
                for match in self._pattern.finditer(label):
                    name = (match["name"] or "").casefold()
                    found.add((_nearest(reversed(_WORD.findall(label[: match.start("name")]))), name))
                    found.add((name, _nearest(_WORD.findall(label[match.end() :]))))
        return frozenset(pair for pair in found if all(pair))


def without_ends(text: str) -> str:
    """Return a text without the small words it begins or ends with.

    >>> without_ends("breast cancer, in"), without_ends("or  of asthma"), without_ends("in")
    ('breast cancer', 'asthma', '')
    """
    words = text.strip(_ENDS).split()
    while words and words[0].strip(_ENDS).casefold() in {*BETWEEN, ""}:
        del words[0]
    while words and words[-1].strip(_ENDS).casefold() in {*BETWEEN, ""}:
        del words[-1]
    return " ".join(words).strip(_ENDS)


def _nearest(words: Iterable[str]) -> str:
    return next((word.casefold() for word in words if word.casefold() not in BETWEEN), "")


@cache
def countries_there_are() -> tuple[NamedCountry, ...]:
    """Return the countries of `data/links/countries.tsv` that are not withdrawn."""
    lines = (packaged("data") / "links" / "countries.tsv").read_text("utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines, delimiter="\t") if not row["withdrawn"]]
    return tuple(
        NamedCountry(row["code"], row["alpha-3"], tuple(filter(None, (row["name"], *row["other names"].split("|")))))
        for row in rows
    )
