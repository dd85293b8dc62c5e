"""Numbers of trials in other registries, by their patterns: rows of `data/links/registries.tsv`.

>>> recognize("EudraCT No.: 2006-000284-28")
TrialNumber(registry='eudract', id='2006-000284-28')
>>> recognize("isrctn10175490").id, recognize("2023-507495-48-00").registry, recognize("MSKCC-00005")
('ISRCTN10175490', 'ctis', None)
>>> recognize("CTRI/2023/04/052053").address
'https://trialsearch.who.int/Trial2.aspx?TrialID=CTRI/2023/04/052053'
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from trialgraph.settings import packaged

LONGEST: Final = 120
"""Texts longer than this many characters are no numbers."""

_NOT_INSIDE: Final = r"(?<![0-9A-Za-z./_-])(?:{})(?![0-9A-Za-z/_]|[-.][0-9A-Za-z])"
_EUDRACT: Final = re.compile(r"\d{4}-\d{6}-\d{2}")
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class TrialRegistry:
    """A registry of trials, and how its numbers look."""

    key: str
    name: str
    prefix: str
    """How its numbers begin, in the registry's own spelling; empty where they have no letters of their own."""
    pattern: str
    address: str
    """Of the page of a number; `{}` stands for it. Where there is none, a page of the registry."""
    homepage: str
    example: str
    source: str


@dataclass(frozen=True, slots=True)
class TrialNumber:
    """A number of a trial in a registry, in the registry's spelling."""

    registry: str
    """Key of the registry."""
    id: str

    @property
    def address(self) -> str:
        """Where the trial stands in that registry, or the registry, where it has no address of its own for that."""
        return registries()[self.registry].address.replace("{}", self.id)


@cache
def registries() -> dict[str, TrialRegistry]:
    """Return the registries by key, in the order of the table."""
    lines = (packaged("data") / "links" / "registries.tsv").read_text(encoding="utf-8").splitlines()
    rows = (TrialRegistry(*line.split("\t")) for line in lines[1:])
    return {registry.key: registry for registry in rows}


def recognize(text: str) -> TrialNumber | None:
    """Return the number that a text holds, when it holds one and no other digits; else None.

    Words around a number, such as the name of its registry, do not matter.
    """
    if len(text) > LONGEST:
        return None
    for key, pattern in _patterns().items():
        if found := pattern.search(text):
            around = text[: found.start()] + text[found.end() :]
            if not _DIGIT.search(around):
                return TrialNumber(key, _spelled(registries()[key], found[0]))
    return None


def _spelled(registry: TrialRegistry, number: str) -> str:
    if registry.key == "eudract":
        found = _EUDRACT.search(number)
        return found[0] if found else number
    if not registry.prefix:
        return number.upper()
    letters = registry.prefix.rstrip("-")
    rest = number[len(letters) :]
    if registry.prefix.endswith("-"):
        rest = "-" + rest.removeprefix("-")
    return letters + (rest.lower() if registry.key in {"rebec", "jrct"} else rest.upper())


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(_NOT_INSIDE.format(row.pattern), re.IGNORECASE) for key, row in registries().items()}
