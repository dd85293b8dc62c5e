"""Short names of drugs in the words of their record: by initials, by the beginning of a word."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from trialgraph.linking.condition_text import spelled_out
from trialgraph.linking.link_result import RecordContext
from trialgraph.resource.name_key import exact_key

_INITIALS: Final = re.compile(r"[A-Z]{2,5}")
_BEGINNING: Final = re.compile(r"[A-Za-z]{3,7}")
_LEAST_MORE: Final = 3
"""Letters that a word has more than a short name that begins it."""


def phrases_of_initials(text: str, record: RecordContext, small: AbstractSet[str]) -> list[str]:
    """Return the phrases of title and other names whose words begin with the letters of a short name.

    >>> phrases_of_initials("ZQL", RecordContext(title="Zelquin quarter lozenges at night"), frozenset())
    ['zelquin quarter lozenges']
    """
    if _INITIALS.fullmatch(text) is None:
        return []
    found = spelled_out(text, (record.title, *record.other_names))
    return [phrase for phrase in dict.fromkeys(found) if small.isdisjoint(phrase.split())]


def words_begun_by(text: str, record: RecordContext) -> list[str]:
    """Return the longer words of title and other names that a short word begins.

    >>> words_begun_by("Zel", RecordContext(title="Zelquin or water in a zebra"))
    ['zelquin']
    """
    if _BEGINNING.fullmatch(text) is None:
        return []
    short = text.casefold()
    said = " ".join(exact_key(one) for one in (record.title, *record.other_names)).split()
    return list(dict.fromkeys(w for w in said if w.startswith(short) and len(w) >= len(short) + _LEAST_MORE))
