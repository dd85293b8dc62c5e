"""What an arm's text says of another arm: "as in arm I", "Arm A plus bevacizumab".

>>> [(one.arm, one.everything) for one in references("Patients receive paclitaxel as in arm I.", ["Arm I", "Arm II"])]
[(0, False)]
>>> [(one.arm, one.everything) for one in references("Arm A plus bevacizumab", ["Arm A: FOLFOX", "Arm B"])]
[(0, True)]
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

_KIND: Final = r"(?P<kind>arm|group|cohort)"
_NAME: Final = r"(?P<name>\d{1,2}[a-z]?|[ivx]{1,4}|[a-z]\d?)"
_AS: Final = re.compile(
    r"\b(?:as|like) (?:is |was |that )?(?:described |given |outlined )?(?:in|for|of|per)? ?(?:the )?"
    rf"{_KIND} {_NAME}(?![\w-])"
)
_PLUS: Final = re.compile(
    rf"(?:^|[:(]\s?){_KIND} {_NAME} (?:treatment |regimen |therapy |drugs? )?"
    r"(?:plus|\+|combined with|in combination with) "
)
_EVERYTHING: Final = re.compile(
    r"\b(?:same|identical) (?:\w+ ){0,2}"
    r"(?:treatments?|regimens?|therap(?:y|ies)|chemotherapy|drugs?|doses?|medications?)"
    r"[^.;\n]{0,30}$|\btreat(?:ment|ed)\s?$|\b(?:receive|undergo) (?:the )?(?:treatment|therapy|chemotherapy)\s?$"
)
_SENTENCE: Final = re.compile(r"[.;\n]\s")


@value_class(frozen=True, slots=True)
class ArmReference:
    """Another arm that a text names; positions are of the stored string."""

    start: int
    end: int
    exact: str
    arm: int
    """The number of the other arm, from 0."""
    everything: bool
    """Whether all of its treatment is meant, or only what the sentence names before."""
    before: str
    """The words of the sentence before, in small letters."""


def references(stored: str, labels: Sequence[str | None]) -> Iterator[ArmReference]:
    """Yield the arms that a text says it does as, where just one of the labels is of that name."""
    text = StoredText(stored)
    for pattern, everything in ((_AS, False), (_PLUS, True)):
        for match in pattern.finditer(text.folded):
            arm = _named(f"{match['kind']} {match['name']}", labels)
            if arm is None:
                continue
            start, end, exact = text.span(match.start(), match.end())
            words = _SENTENCE.split(text.folded[max(0, match.start() - 400) : match.start()])[-1]
            whole = everything or _EVERYTHING.search(words) is not None
            yield ArmReference(start, end, exact, arm, whole, words)


def _named(name: str, labels: Sequence[str | None]) -> int | None:
    """Return the only arm whose label begins with a name."""
    pattern = re.compile(rf"{re.escape(name)}(?![\w-])(?!\s(?:plus|and|with|combined)\b|\s?[+&])")
    found = [number for number, label in enumerate(labels) if pattern.match((label or "").lower())]
    return found[0] if len(found) == 1 else None
