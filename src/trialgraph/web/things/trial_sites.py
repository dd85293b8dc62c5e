"""The sites of a trial by country, all of them however many, and the query that draws them on a map."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from trialgraph.resource.select import Row
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import prologue


@dataclass(frozen=True, slots=True)
class SitePlace:
    """A site: its page, facility, city and recruitment status, each empty where the record does not say."""

    page: str
    name: str
    city: str
    status: str


@dataclass(frozen=True, slots=True)
class CountrySites:
    """The sites of a country; the name is empty for sites of which the record names none."""

    country: str
    sites: tuple[SitePlace, ...]


def sites_pattern(root: Term) -> str:
    """Return the pattern of the sites of a trial, for `sites_by_country`."""
    return f"""{root} tg:site ?site .
      OPTIONAL {{ ?site tg:country ?country }} OPTIONAL {{ ?site tg:facility ?name }}
      OPTIONAL {{ ?site tg:city ?city }} OPTIONAL {{ ?site tg:siteStatus/rdfs:label ?status }}"""


def sites_by_country(rows: Iterable[Row]) -> tuple[CountrySites, ...]:
    """Return the sites that solutions of `sites_pattern` tell, the country with most of them first."""
    by_country: dict[str, dict[str, SitePlace]] = defaultdict(dict)
    for row in rows:
        page = "/page/" + row["site"][1:-1].split("/id/", 1)[-1]
        place = SitePlace(page, _text(row, "name") or _text(row, "city"), _text(row, "city"), _text(row, "status"))
        by_country[_text(row, "country")][page] = place
    grouped = [
        CountrySites(country, tuple(sorted(places.values(), key=lambda site: (site.city, site.name, site.page))))
        for country, places in by_country.items()
    ]
    return tuple(sorted(grouped, key=lambda group: (-len(group.sites), group.country)))


def map_address(nct: str) -> str:
    """Return the address of a map of the sites of a trial, coloured by their status.

    >>> map_address("NCT00000001").startswith("/sparql?query=PREFIX+tg")
    True
    """
    query = (
        f"{prologue('tg', 'rdfs')}SELECT ?place ?city ?country ?status ?lat ?long WHERE {{\n"
        f'  ?trial tg:nctId "{nct}" ; tg:site ?site .\n'
        "  ?site tg:latitude ?lat ; tg:longitude ?long ; tg:city ?city ; tg:country ?country .\n"
        "  OPTIONAL { ?site tg:facility ?place } OPTIONAL { ?site tg:siteStatus/rdfs:label ?status }\n} LIMIT 5000"
    )
    return "/sparql?" + urlencode({"query": query, "view": "map"})


def _text(row: Row, name: str) -> str:
    return lexical(row[name]) if name in row else ""
