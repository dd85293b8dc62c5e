"""One thing that a text says about giving, where it says so."""

from trialgraph.interpretation.value_class import value_class


@value_class(frozen=True, slots=True)
class Mark:
    """One thing said about giving; `slot` is the guide's key (`frequency` for times, every and every_unit)."""

    slot: str
    start: int
    end: int
    value: tuple[str | None, ...]
    rule: str
