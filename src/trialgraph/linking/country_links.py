"""Countries by their codes of ISO 3166: the registry's spellings, old and new, are one country each.

>>> node = "<https://w3id.org/trialgraph/id/NCT06095583>"
>>> for _, predicate, object_ in country_triples([(node, iri(TG.country), '"Turkey (Türkiye)"')]):
...     print(object_)
<https://w3id.org/trialgraph/id/country/TR>
<https://w3id.org/trialgraph/ontology#Country>
"Türkiye"
"TR"
<http://lexvo.org/id/iso3166/TR>
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from trialgraph.resource.name_key import exact_key
from trialgraph.settings import packaged
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple, iri, lexical, string
from trialgraph.vocabulary import PREFIXES, TG, shared_iri

_COUNTRY: Final = iri(TG.country)
_IN_COUNTRY: Final = iri(TG.inCountry)
_NOTATION: Final = iri(PREFIXES["skos"] + "notation")
_EXACT: Final = iri(PREFIXES["skos"] + "exactMatch")
_LEXVO: Final = "http://lexvo.org/id/iso3166/"
_CODE_LENGTH: Final = 2
"""Letters of the code of a country that there is; those that are no more have four."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country: its code of ISO 3166-1 with two letters, or of ISO 3166-3 with four, and its name."""

    code: str
    name: str

    def triples(self) -> Iterator[Triple]:
        """Yield what is known of it."""
        node = iri(shared_iri("country", self.code))
        yield node, RDF_TYPE, iri(TG.Country)
        yield node, RDFS_LABEL, string(self.name)
        yield node, _NOTATION, string(self.code)
        if len(self.code) == _CODE_LENGTH:
            yield node, _EXACT, iri(_LEXVO + self.code)


@cache
def countries() -> dict[str, Country]:
    """Return the countries by the keys of their names."""
    lines = (packaged("data") / "links" / "countries.tsv").read_text(encoding="utf-8").splitlines()
    found: dict[str, Country] = {}
    for line in lines[1:]:
        code, _, _, name, others, _ = line.split("\t")
        for spelling in (name, *filter(None, others.split("|"))):
            found[exact_key(spelling)] = Country(code, name)
    return found


def country_triples(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the countries that the triples of a record name, and where they are named."""
    met: dict[str, Country] = {}
    for subject, predicate, object_ in triples:
        if predicate == _COUNTRY and (country := countries().get(exact_key(lexical(object_)))):
            met[country.code] = country
            yield subject, _IN_COUNTRY, iri(shared_iri("country", country.code))
    for country in met.values():
        yield from country.triples()
