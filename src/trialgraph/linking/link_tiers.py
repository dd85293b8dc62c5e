"""The tiers of linking, their order, justification, confidence: `data/lexicons/linking/tiers.tsv`."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from math import sqrt
from typing import Final

from trialgraph.settings import packaged

_Z: Final = 1.959964
"""Quantile of the normal distribution for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One way of linking."""

    name: str
    order: int
    label: str
    justification: str
    """CURIE of a mapping justification of semapv."""
    confidence: Decimal
    """Lower bound of the share of right links among those read (Wilson, 95 %)."""
    definition: str


@lru_cache(maxsize=1)
def tiers() -> dict[str, Tier]:
    """Return the tiers by name, in their order.

    >>> tiers()["exact"].justification, tiers()["exact"].confidence
    ('semapv:LexicalMatching', Decimal('0.991'))
    """
    path = packaged("data") / "lexicons" / "linking" / "tiers.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {
        name: Tier(name, int(order), label, justification, wilson(int(right), int(read)), definition)
        for name, order, label, justification, right, read, definition in rows
    }


def wilson(right: int, read: int) -> Decimal:
    """Return the lower bound of the Wilson interval of a share, to three places, rounded down.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

    >>> wilson(97, 100), wilson(10, 10)
    (Decimal('0.915'), Decimal('0.722'))
    """
    share = right / read
    middle = share + _Z * _Z / (2 * read)
    spread = _Z * sqrt(share * (1 - share) / read + _Z * _Z / (4 * read * read))
    low = (middle - spread) / (1 + _Z * _Z / read)
    return Decimal(low).quantize(Decimal("0.001"), rounding=ROUND_FLOOR)
