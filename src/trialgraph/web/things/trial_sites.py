"""The sites of a trial by country, all of them however many, and the query that draws them on a map."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from trialgraph.resource.select import Asking, Row
from trialgraph.terms import Term, lexical

_TG: Final = (
    "PREFIX tg: <https://w3id.org/trialgraph/ontology#>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
)


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


def sites_by_country(asking: Asking, root: Term) -> tuple[CountrySites, ...]:
    """Return the sites of a trial, the country with most of them first.

    Raises QueryError.
    """
    rows = asking.rows(f"""{_TG}SELECT ?site ?country ?name ?city ?status {{
      {root} tg:site ?site .
      OPTIONAL {{ ?site tg:country ?country }} OPTIONAL {{ ?site tg:facility ?name }}
      OPTIONAL {{ ?site tg:city ?city }} OPTIONAL {{ ?site tg:siteStatus/rdfs:label ?status }} }}""")
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
        f"{_TG}SELECT ?place ?city ?country ?status ?lat ?long WHERE {{\n"
        f'  ?trial tg:nctId "{nct}" ; tg:site ?site .\n'
        "  ?site tg:latitude ?lat ; tg:longitude ?long ; tg:city ?city ; tg:country ?country .\n"
        "  OPTIONAL { ?site tg:facility ?place } OPTIONAL { ?site tg:siteStatus/rdfs:label ?status }\n} LIMIT 5000"
    )
    return "/sparql?" + urlencode({"query": query, "view": "map"})


def _text(row: Row, name: str) -> str:
    return lexical(row[name]) if name in row else ""
