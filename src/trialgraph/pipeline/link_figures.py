r"""How much of a release is linked: counted from the sorted lines of the derived graphs on their way.

>>> figures = LinkFigures()
>>> trial = b"<https://w3id.org/trialgraph/id/NCT00000001>"
>>> for disease in (b"1", b"2"):
...     figures.count(trial + b" <https://w3id.org/trialgraph/ontology#studiesDisease> <urn:" + disease + b"> .\n")
>>> figures.figures["links-trials-with-disease"]
1
"""

from collections import Counter
from typing import Final

from trialgraph.vocabulary import RESOURCE, TG

_OF_SUBJECT: Final = (
    ("links-trials-with-disease", "NCT", TG.studiesDisease),
    ("links-interventions-with-drug", "NCT", TG.drug),
    ("links-trials-with-country", "NCT", TG.inCountry),
    ("links-condition-names", "condition/", TG.denotes),
    ("links-intervention-names", "intervention-name/", TG.denotes),
    ("links-drugs-with-target", "drug/", TG.target),
)
"""Name of the figure; what follows `/id/` in a subject; predicate. What is counted is subjects, each once."""
_FIGURES: Final = {
    (f"<{RESOURCE}{start}".encode(), f"<{predicate}>".encode()): name for name, start, predicate in _OF_SUBJECT
}
_STARTS: Final = tuple({start for start, _ in _FIGURES})
_PREDICATES: Final = frozenset(predicate for _, predicate in _FIGURES)
_TRIAL_LENGTH: Final = len(f"<{RESOURCE}NCT00000000>")


class LinkFigures:
    """Counts subjects that have a link of a kind; lines come sorted, so a subject is told by the line before."""

    def __init__(self) -> None:
        self.figures: Counter[str] = Counter()
        self._last: tuple[bytes, bytes] = (b"", b"")

    def count(self, line: bytes) -> None:
        """Take a line of N-Triples."""
        subject, predicate, _ = line.split(b" ", 2)
        if predicate not in _PREDICATES or (subject, predicate) == self._last or not subject.startswith(_STARTS):
            return
        self._last = subject, predicate
        for start in _STARTS:
            if subject.startswith(start) and (name := _FIGURES.get((start, predicate))):
                of_trial = name.startswith("links-trials-")
                if not of_trial or len(subject) == _TRIAL_LENGTH:
                    self.figures[name] += 1
