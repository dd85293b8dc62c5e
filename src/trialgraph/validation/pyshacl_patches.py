"""Where pySHACL departs from the standards, set right for the time of a call.

- rdflib rewrites literals when `NORMALIZE_LITERALS` is on, a process-wide switch: `"01"^^xsd:integer` becomes `"1"`.
- What cannot be compared is a result (SHACL 4.3, 4.5.3). But `sh:minInclusive` and its like compare by datatype IRI
  then, so that every date is less than every gYearMonth; and `sh:lessThan` does so too, compares IRIs as text, and
  stops at a blank node.
- rdflib complains aloud about ill-formed literals, which the report names anyway.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import Lock
from typing import Any, Final

import rdflib
from pyshacl.constraints.core import property_pair_constraints, value_range_constraints
from pyshacl.rdfutil.compare import compare_literal
from rdflib.term import Literal, Node

from trialgraph.terms import XSD

_LOCK: Final = Lock()


@contextmanager
def corrected() -> Iterator[None]:
    """Hold the corrections, under a lock, as they are process-wide; everything is put back at the end."""
    changes: list[tuple[Any, str, object]] = [
        (rdflib, "NORMALIZE_LITERALS", False),
        (logging.getLogger("rdflib.term"), "disabled", True),
        (value_range_constraints, "compare_literal", _compare),
        (property_pair_constraints.LessThanConstraintComponent, "_compare_lt", _less_than((-1,))),
        (property_pair_constraints.LessThanOrEqualsConstraintComponent, "_compare_ltoe", _less_than((-1, 0))),
    ]
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        before = [(place, name, getattr(place, name)) for place, name, _ in changes]
        try:
            for place, name, value in changes:
                setattr(place, name, value)
            yield
        finally:
            for place, name, value in before:
                setattr(place, name, value)


def _compare(first: Node, second: Node) -> int:
    """Return the order of two literals; raises TypeError for what cannot be compared."""
    if _kind(first) is None or _kind(first) != _kind(second):
        raise TypeError(f"{first!r} and {second!r} cannot be compared")
    order: int = compare_literal(first, second)  # type: ignore[no-untyped-call]
    return order


def _kind(node: Node) -> str | None:
    if not isinstance(node, Literal) or node.language or node.ill_typed or node.value is None:
        return None
    if node.value != node.value:
        return None
    is_number = isinstance(node.value, int | float | Decimal) and not isinstance(node.value, bool)
    return "number" if is_number else str(node.datatype or XSD + "string")


def _less_than(allowed: tuple[int, ...]) -> Callable[..., tuple[bool, list[Any]]]:
    """Return the method of pySHACL's constraint that compares all pairs of a focus node."""

    def compare_all(
        self: Any, values: set[Node], others: set[Node], graph: Any, focus: Node
    ) -> tuple[bool, list[Any]]:
        failing = [value for value in values for other in others if not _in_order(value, other, allowed)]
        return bool(failing), [self.make_v_result(graph, focus, value_node=value) for value in failing]

    return compare_all


def _in_order(value: Node, other: Node, allowed: tuple[int, ...]) -> bool:
    try:
        return _compare(value, other) in allowed
    except TypeError:
        return False
