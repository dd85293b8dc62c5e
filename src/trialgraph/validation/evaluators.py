"""Constraints as functions that append results: SHACL section 4, value node by value node."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from trialgraph.terms import Term, language_tag
from trialgraph.validation import shape_model
from trialgraph.validation.literal_values import compare
from trialgraph.validation.property_paths import path_text
from trialgraph.validation.triple_index import Index
from trialgraph.validation.validation_report import ValidationResult

Results = list[ValidationResult]
Evaluate = Callable[[Term, list[Term], Index, Results], None]
"""Appends the results of a constraint, given the focus node and its value nodes."""
Conforms = Callable[[Term, Index], bool]
"""Tells whether a node conforms to a shape, or meets a condition."""

_LESS: Final = (-1,)
_LESS_OR_EQUAL: Final = (-1, 0)


class Reporter:
    """Makes the results of one constraint of one shape."""

    __slots__ = ("_component", "_messages", "_path", "_severity", "_shape")

    def __init__(self, constraint: shape_model.Constraint, shape: shape_model.Shape) -> None:
        self._component = constraint.component
        self._messages = shape.messages_of(constraint.component)
        self._path = path_text(shape.path) if shape.path else None
        self._severity = shape.severity
        self._shape = shape.name

    def __call__(self, results: Results, focus: Term, value: Term | None = None, path: Term | None = None) -> None:
        """Append one result; `path` stands in for the path of the shape."""
        results.append(
            ValidationResult(
                focus, path or self._path, value, self._component, self._shape, self._severity, self._messages
            )
        )


def each_value(conforms: Conforms, report: Reporter) -> Evaluate:
    """Return the evaluation of a constraint that looks at each value node on its own."""

    def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
        for value in values:
            if not conforms(value, index):
                report(results, focus, value)

    return evaluate


def counted(least: int, most: int | None, conforms: Conforms | None, report: Reporter) -> Evaluate:
    """Return the evaluation of a constraint on the number of value nodes, or of those that conform."""

    def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
        number = len(values) if conforms is None else sum(conforms(value, index) for value in values)
        if number < least or (most is not None and number > most):
            report(results, focus)

    return evaluate


def has_value(wanted: Term, report: Reporter) -> Evaluate:
    """Return the evaluation of `sh:hasValue` (4.8.2)."""

    def evaluate(focus: Term, values: list[Term], _index: Index, results: Results) -> None:
        if wanted not in values:
            report(results, focus)

    return evaluate


def unique_language(report: Reporter) -> Evaluate:
    """Return the evaluation of `sh:uniqueLang` (4.4.5): one result for each language used more than once."""

    def evaluate(focus: Term, values: list[Term], _index: Index, results: Results) -> None:
        tags = Counter(language_tag(value) for value in values if value[0] == '"')
        for tag, number in tags.items():
            if tag is not None and number > 1:
                report(results, focus)

    return evaluate


def equals(predicate: Term, report: Reporter) -> Evaluate:
    """Return the evaluation of `sh:equals` (4.5.1)."""

    def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
        for value in set(values) ^ set(index.objects(focus, predicate)):
            report(results, focus, value)

    return evaluate


def disjoint(predicate: Term, report: Reporter) -> Evaluate:
    """Return the evaluation of `sh:disjoint` (4.5.2)."""

    def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
        for value in set(values) & set(index.objects(focus, predicate)):
            report(results, focus, value)

    return evaluate


def less_than(predicate: Term, report: Reporter, *, or_equal: bool) -> Evaluate:
    """Return the evaluation of `sh:lessThan` and `sh:lessThanOrEquals` (4.5.3): a result for each pair that fails."""
    allowed = _LESS_OR_EQUAL if or_equal else _LESS

    def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
        others = index.objects(focus, predicate)
        for value in values:
            for other in others:
                if compare(value, other) not in allowed:
                    report(results, focus, value)

    return evaluate


def closed(allowed: frozenset[Term], report: Reporter) -> Evaluate:
    """Return the evaluation of `sh:closed` (4.8.1)."""

    def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
        for value in values:
            properties = index.properties(value)
            for predicate in properties.keys() - allowed:
                for object_ in properties[predicate]:
                    report(results, focus, object_, predicate)

    return evaluate
