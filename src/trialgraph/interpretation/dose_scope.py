"""A dose as the marks around it see it: where it stands, and what is said beside it and belongs to it."""

from dataclasses import dataclass, field

from trialgraph.interpretation.mark import Mark


@dataclass(slots=True)
class Scope:
    """A dose, or an agent without an amount, as the marks around it see it; positions are of the plain text."""

    start: int
    """Where its words begin: at its agent, or its amount."""
    amount_start: int
    amount_end: int
    sentence: int
    agent: str
    real: bool = True
    own: dict[str, list[Mark]] = field(default_factory=dict)
    lead: dict[str, list[Mark]] = field(default_factory=dict)
    """Marks before it, told for it and those that follow."""
    radiation: bool = False
    barrier: bool = False
    """Whether what is said beside it is of no dose before it: a total of several courses."""
    unit: str = ""
    timed: bool = False
    """Whether its amount tells how often: "400 mg/day"."""
    opening: int = -1
    """Where the bracket opens that it stands in behind a dose of its sentence; -1 where it stands in none."""
    outer: "Scope | None" = None
    """The dose before that bracket."""
    place: int = 0
    """How many doses stand before it in that bracket."""
    given: dict[str, list[Mark]] = field(default_factory=dict)
    """The outcome: what belongs to it, by slot."""
