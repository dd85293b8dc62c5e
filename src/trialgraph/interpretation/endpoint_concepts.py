"""The concepts of what outcomes measure: `data/lexicons/endpoint-concepts.tsv`, one row each."""

from functools import cache
from typing import NamedTuple

from trialgraph.interpretation.lexicon import Row, rows


class Concept(NamedTuple):
    """A row of the scheme; `usual` is the type of an outcome whose words say none.

    `broader` is the concept that one of those kept apart is told as where only the 107 of the guide are known.
    """

    code: str
    label: str
    group: str
    usual: str
    definition: str
    ncit: str | None
    broader: str | None


@cache
def concepts() -> dict[str, Concept]:
    """Return the concepts by code, in the order of the table.

    >>> concepts()["OS"].usual
    'time-to-event'
    """
    return {row["code"]: _concept(row) for row in rows("endpoint-concepts")}


def _concept(row: Row) -> Concept:
    ncit = None if row["ncit"] == "-" else row["ncit"]
    broader = None if row["broader"] == "-" else row["broader"]
    return Concept(row["code"], row["label"], row["group"], row["type"], row["definition"], ncit, broader)
