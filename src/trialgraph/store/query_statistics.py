"""Counts of a release that tell how costly a query is, kept beside its store.

>>> import tempfile
>>> counts = Statistics(3, {"https://e.org/p": (3, 2, 3)}, {"https://e.org/C": 2})
>>> with tempfile.TemporaryDirectory() as folder:
...     counts.write(Path(folder))
...     Statistics.read(Path(folder)) == counts
True
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

from trialgraph.errors import ReleaseDamaged

STATISTICS: Final = "statistics.json"


@dataclass(frozen=True)
class Statistics:
    """Counts over all graphs; a triple of two graphs counts twice."""

    triples: int
    predicates: Mapping[str, tuple[int, int, int]]
    """By IRI: how many triples have it, how many subjects, and about how many objects."""
    classes: Mapping[str, int]
    """By IRI: how many members."""
    datatypes: Mapping[str, str] = field(default_factory=dict)
    """By IRI of a predicate whose objects are all literals of one datatype: the IRI of that."""

    @classmethod
    def read(cls, release: Path) -> Self | None:
        """Return those of the release in a folder; None when it has none, as one of other makers.

        Raises ReleaseDamaged when they cannot be read.
        """
        path = release / STATISTICS
        if not path.is_file():
            return None
        try:
            told = json.loads(path.read_bytes())
            predicates = {iri: (counts[0], counts[1], counts[2]) for iri, counts in told["predicates"].items()}
            return cls(told["triples"], predicates, told["classes"], told["datatypes"])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ReleaseDamaged(str(path), f"the counts cannot be read: {error!r}", "build it again") from error

    def write(self, release: Path) -> None:
        """Write them into the folder of a release; equal ones are equal bytes."""
        (release / STATISTICS).write_text(json.dumps(asdict(self), sort_keys=True, indent=0) + "\n")
