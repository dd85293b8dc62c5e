"""Words of a search that are filters, such as "recruiting" and "phase II"; from `search-phrases.tsv`."""

import csv
import re
from functools import cache
from typing import Final

from trialgraph.settings import packaged

LONGEST_TEXT: Final = 400
"""Characters of a text that are searched for."""


def without_phrases(text: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return a text without the phrases that are filters, and those filters; words in double quotes stay words.

    >>> without_phrases("recruiting phase 3 heart failure")
    ('heart failure', {'status': ('RECRUITING',), 'phase': ('PHASE3',)})
    >>> without_phrases("phase II/III asthma"), without_phrases('"completed suicide"')
    (('asthma', {'phase': ('PHASE2', 'PHASE3')}), ('"completed suicide"', {}))
    """
    found: dict[str, tuple[str, ...]] = {}

    def take(match: re.Match[str]) -> str:
        if match["quoted"]:
            return match[0]
        facet, values = _by_letters()["".join(match["phrase"].lower().split())]
        found[facet] = tuple(dict.fromkeys((*found.get(facet, ()), *values)))
        return " "

    left = _phrase_pattern().sub(take, text[:LONGEST_TEXT])
    return " ".join(left.split()), found


@cache
def _phrases() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the filter of each phrase: the table, and two phases with a stroke between them."""
    with (packaged("data") / "lexicons" / "search-phrases.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    phrases: dict[str, tuple[str, tuple[str, ...]]] = {row["phrase"]: (row["facet"], (row["value"],)) for row in rows}
    phases = [phrase for phrase, (facet, _) in phrases.items() if facet == "phase" and phrase.startswith("phase ")]
    for one in phases:
        for other in phases:
            both = (*phrases[one][1], *phrases[other][1])
            phrases.setdefault(f"{one} / {other.removeprefix('phase ')}", ("phase", both))
    return phrases


@cache
def _by_letters() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the filters by their phrases without blanks: "phase3" is written as often as "phase 3"."""
    return {"".join(phrase.split()): filters for phrase, filters in _phrases().items()}


@cache
def _phrase_pattern() -> re.Pattern[str]:
    texts = sorted(_phrases(), key=lambda phrase: (-len(phrase), phrase))
    alternatives = "|".join(re.escape(text).replace("\\ /\\ ", r"\s*/\s*").replace("\\ ", r"\s*") for text in texts)
    return re.compile(rf'(?P<quoted>"[^"]*")|(?<![\w-])(?P<phrase>{alternatives})(?![\w-])', re.IGNORECASE)
