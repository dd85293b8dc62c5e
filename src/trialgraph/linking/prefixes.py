"""The prefixes of mapping tables: IRIs and how identifiers look, from the Bioregistry.

`data/links/prefixes.json` is an extended prefix map, made by `scripts/prefixes.py`.

>>> converter().expand("mondo:0008433"), converter().expand("MONDO:0008433")
('http://purl.obolibrary.org/obo/MONDO_0008433', 'http://purl.obolibrary.org/obo/MONDO_0008433')
>>> pattern("mondo").fullmatch("8433") is None
True
"""

import re
from functools import cache
from typing import Final

import curies

from trialgraph.settings import packaged

_FILE: Final = "links/prefixes.json"


@cache
def converter() -> curies.Converter:
    """Return what expands CURIEs and contracts IRIs."""
    return curies.load_extended_prefix_map(packaged("data") / _FILE)


@cache
def pattern(prefix: str) -> re.Pattern[str]:
    """Return how an identifier behind this prefix looks. Raises KeyError for a prefix that is not in the map."""
    record = next((record for record in converter().records if record.prefix == prefix), None)
    if record is None:
        raise KeyError(prefix)
    return re.compile(record.pattern or ".+")
