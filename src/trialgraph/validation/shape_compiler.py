"""Shapes compiled to functions: the fast path for SHACL Core.

Beside the function that looks for results stands, where it can, a quick test of the value nodes: nearly all values of
nearly all records pass it, so results are only looked for where there are some. Both come from the same conditions.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from trialgraph.errors import ShapeError
from trialgraph.terms import RDF_TYPE, Term, Triple
from trialgraph.validation import evaluators, shape_model
from trialgraph.validation.conditions import Condition, condition
from trialgraph.validation.evaluators import Conforms, Evaluate, Reporter, Results
from trialgraph.validation.property_paths import Predicate
from trialgraph.validation.targets import subclasses
from trialgraph.validation.triple_index import Index, Walk, compile_path

Quick = Callable[[list[Term], Index], bool]
"""True only when the value nodes certainly give no result; False says nothing."""

_ABSENCE: Final = (shape_model.MinCount, shape_model.HasValue, shape_model.Equals, shape_model.QualifiedMin)


@dataclass(frozen=True)
class CompiledShape:
    """A shape as functions."""

    name: Term
    predicate: Term | None
    """The path, when it is one predicate."""
    walk: Walk | None
    """From a focus node to its value nodes; None for a node shape, whose value node is the focus node."""
    quick: Quick
    evaluate: Evaluate
    on_absence: bool
    """Whether there can be a result without any value node."""

    def run(self, focus: Term, index: Index, results: Results) -> None:
        """Append the results of a focus node."""
        values = [focus] if self.walk is None else self.walk(focus, index)
        if (values or self.on_absence) and not self.quick(values, index):
            self.evaluate(focus, values, index, results)

    def conforms(self, node: Term, index: Index) -> bool:
        """Tell whether the node conforms: validating it gives no result (SHACL 3.4.2)."""
        results: Results = []
        self.run(node, index, results)
        return not results


class Compiler:
    """Compiles the shapes of one shapes graph; `axioms` are the subclass axioms that instances are known by."""

    def __init__(self, shapes: shape_model.Shapes, axioms: Iterable[Triple]) -> None:
        self._shapes = shapes
        self._axioms = list(axioms)
        self._compiled: dict[Term, CompiledShape] = {}

    def shape(self, name: Term) -> CompiledShape:
        """Return a compiled shape; one that is deactivated never gives a result.

        Raises ShapeError for what only the reference engine evaluates.
        """
        if name not in self._compiled:
            self._compiled[name] = self._compile(self._shapes.by_name[name])
        return self._compiled[name]

    def parts(self, name: Term) -> list[CompiledShape]:
        """Return what a targeted shape comes to: its property shapes, and its other constraints as one more shape."""
        shape = self._shapes.by_name[name]
        if shape.path is not None or shape.deactivated:
            return [self.shape(name)]
        properties = [c.shape for c in shape.constraints if isinstance(c, shape_model.Property)]
        others = tuple(c for c in shape.constraints if not isinstance(c, shape_model.Property))
        own = [self._compile(replace(shape, constraints=others))] if others else []
        return own + [self.shape(property_) for property_ in properties]

    def _compile(self, shape: shape_model.Shape) -> CompiledShape:
        constraints = () if shape.deactivated else shape.constraints
        parts = [self._evaluation(constraint, shape) for constraint in constraints]

        def evaluate(focus: Term, values: list[Term], index: Index, results: Results) -> None:
            for part in parts:
                part(focus, values, index, results)

        return CompiledShape(
            name=shape.name,
            predicate=shape.path.iri if isinstance(shape.path, Predicate) else None,
            walk=compile_path(shape.path) if shape.path else None,
            quick=self._quick(constraints, shape),
            evaluate=parts[0] if len(parts) == 1 else evaluate,
            on_absence=any(isinstance(constraint, _ABSENCE) for constraint in constraints),
        )

    def _quick(self, constraints: tuple[shape_model.Constraint, ...], shape: shape_model.Shape) -> Quick:
        least, most = 0, math.inf
        conditions: list[Condition] = []
        tests: list[Conforms] = []
        for constraint in constraints:
            if isinstance(constraint, shape_model.MinCount):
                least = max(least, constraint.count)
            elif isinstance(constraint, shape_model.MaxCount):
                most = min(most, constraint.count)
            elif (plain := condition(constraint, shape.name)) is not None:
                conditions.append(plain)
            elif (test := self._test(constraint, shape)) is not None:
                tests.append(test)
            else:
                return _never
        return _fused(least, most, conditions, tests)

    def _test(self, constraint: shape_model.Constraint, shape: shape_model.Shape) -> Conforms | None:  # noqa: PLR0911
        """Return the condition a constraint sets for each value node on its own; None when it sets another kind."""
        match constraint:
            case shape_model.Class(klass):
                return _instance_of(subclasses(klass, self._axioms))
            case shape_model.Node(name):
                return self.shape(name).conforms
            case shape_model.Not(name):
                inner = self.shape(name).conforms
                return lambda value, index: not inner(value, index)
            case shape_model.And(names):
                return self._in_number(names, range(len(names), len(names) + 1))
            case shape_model.Or(names):
                return self._in_number(names, range(1, len(names) + 1))
            case shape_model.Xone(names):
                return self._in_number(names, range(1, 2))
            case _:
                return _plain(condition(constraint, shape.name))

    def _in_number(self, names: tuple[Term, ...], allowed: range) -> Conforms:
        """Return the test for conforming to so many of the shapes."""
        tests = [self.shape(name).conforms for name in names]
        return lambda value, index: sum(test(value, index) for test in tests) in allowed

    def _evaluation(self, constraint: shape_model.Constraint, shape: shape_model.Shape) -> Evaluate:  # noqa: PLR0911
        report = Reporter(constraint, shape)
        test = self._test(constraint, shape)
        if test is not None:
            return evaluators.each_value(test, report)
        match constraint:
            case shape_model.Property(name):
                return _property(self.shape(name))
            case shape_model.MinCount(count):
                return evaluators.counted(count, None, None, report)
            case shape_model.MaxCount(count):
                return evaluators.counted(0, count, None, report)
            case shape_model.QualifiedMin(_, count):
                return evaluators.counted(count, None, self._qualified(constraint), report)
            case shape_model.QualifiedMax(_, count):
                return evaluators.counted(0, count, self._qualified(constraint), report)
            case shape_model.Sparql():
                return _no_results
            case _:
                return _of_all_values(constraint, shape, report)

    def _qualified(self, constraint: shape_model.QualifiedMin | shape_model.QualifiedMax) -> Conforms:
        wanted, siblings = self.shape(constraint.shape).conforms, constraint.siblings
        others = [self.shape(name).conforms for name in siblings]
        return lambda value, index: wanted(value, index) and not any(other(value, index) for other in others)


def _of_all_values(  # noqa: PLR0911
    constraint: shape_model.Constraint, shape: shape_model.Shape, report: Reporter
) -> Evaluate:
    match constraint:
        case shape_model.HasValue(value):
            return evaluators.has_value(value, report)
        case shape_model.UniqueLang():
            return evaluators.unique_language(report)
        case shape_model.Equals(predicate):
            return evaluators.equals(predicate, report)
        case shape_model.Disjoint(predicate):
            return evaluators.disjoint(predicate, report)
        case shape_model.LessThan(predicate):
            return evaluators.less_than(predicate, report, or_equal=False)
        case shape_model.LessThanOrEquals(predicate):
            return evaluators.less_than(predicate, report, or_equal=True)
        case shape_model.Closed(allowed):
            return evaluators.closed(allowed, report)
        case _:
            raise ShapeError(
                shape.name, f"the constraint component {constraint.component} needs the reference engine"
            )


def _no_results(_focus: Term, _values: list[Term], _index: Index, _results: Results) -> None:
    """Stand in for a SPARQL-based constraint, which runs over the whole store (`sparql_constraints`)."""


def _never(_values: list[Term], _index: Index) -> bool:
    return False


def _plain(test: Condition | None) -> Conforms | None:
    return None if test is None else lambda value, _index: test(value)


def _instance_of(classes: set[Term]) -> Conforms:
    def conforms(value: Term, index: Index) -> bool:
        types = index.properties(value).get(RDF_TYPE)
        return types is not None and not classes.isdisjoint(types)

    return conforms


def _property(shape: CompiledShape) -> Evaluate:
    def evaluate(_focus: Term, values: list[Term], index: Index, results: Results) -> None:
        for value in values:
            shape.run(value, index, results)

    return evaluate


def _fused(least: int, most: float, conditions: list[Condition], tests: list[Conforms]) -> Quick:
    """Return one test for the number of values and for each of them, as short as the case allows."""
    if tests:
        return _with_tests(_fused(least, most, conditions, []), tests)
    if not conditions:
        return lambda values, _index: least <= len(values) <= most
    test = _both(conditions)
    if most == 1 and least <= 1:
        return lambda values, _index: len(values) == 1 and test(values[0])
    return lambda values, _index: least <= len(values) <= most and all(map(test, values))


def _with_tests(first: Quick, tests: list[Conforms]) -> Quick:
    def quick(values: list[Term], index: Index) -> bool:
        if not first(values, index):
            return False
        for value in values:
            for test in tests:
                if not test(value, index):
                    return False
        return True

    return quick


def _both(conditions: list[Condition]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]
    if len(conditions) == 2:
        first, second = conditions
        return lambda term: first(term) and second(term)
    return lambda term: all(test(term) for test in conditions)
