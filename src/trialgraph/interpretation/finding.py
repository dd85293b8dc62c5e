"""What a reader found in a text: where, in which words, by which rule."""

from trialgraph.interpretation.value_class import value_class


@value_class(frozen=True, slots=True, kw_only=True)
class Finding:
    """Base of what readers find.

    `path` names the field below its module (`armGroups[0].description`), `start` and `end` count characters of the
    stored string, escapes included, and `exact` is what stands there; `rule` names the row or grammar that read it.

    >>> Finding(path="armGroups[0].label", start=0, end=5, exact="20 mg", rule="dose/mass").exact
    '20 mg'
    """

    path: str
    start: int
    end: int
    exact: str
    rule: str
