"""SPARQL-based constraints, each as one query over a whole store and the results its rows stand for.

>>> from trialgraph.terms import string
>>> from trialgraph.validation.shacl_terms import sh
>>> from trialgraph.validation.shape_parser import read_shapes
>>> rule = [("<S>", sh("targetSubjectsOf"), "<p>"), ("<S>", sh("sparql"), "<R>"),
...         ("<R>", sh("select"), string("SELECT $this { FILTER (isBlank($this)) }"))]
>>> (constraint,) = sparql_constraints(read_shapes(rule))
>>> constraint.query
'SELECT ?this { { SELECT DISTINCT ?this WHERE { { ?this <p> ?any } } }  FILTER (isBlank(?this)) }'
>>> constraint.results([{"this": "_:b"}])[0].focus_node
'_:b'
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from trialgraph.errors import ShapeError
from trialgraph.terms import RDF_TYPE, TRUE, Term, is_literal, language, language_tag, lexical, string
from trialgraph.validation import shape_model
from trialgraph.validation.conditions import text_of
from trialgraph.validation.focus_rewriting import Rewriting
from trialgraph.validation.property_paths import path_text
from trialgraph.validation.shacl_terms import RDFS_SUBCLASS
from trialgraph.validation.validation_report import ValidationResult

Row = Mapping[str, Term | None]
"""One solution: terms as N-Triples text by variable name; a variable that is not bound is None or absent."""
Select = Callable[[str], Iterable[Row]]
"""Runs a SELECT query, over the union of all graphs that hold data and subclass axioms."""

_VARIABLE: Final = re.compile(r"\{[?$](\w+)\}")


@dataclass(frozen=True)
class SparqlConstraint:
    """A SPARQL-based constraint of a shape, with the query for all its focus nodes."""

    shape: shape_model.Shape
    rule: shape_model.Sparql
    query: str

    def results(self, rows: Iterable[Row]) -> list[ValidationResult]:
        """Return the results of the rows of the query (SHACL 5.3.2): one for each, equal rows once.

        Raises ShapeError when a row binds `?failure` to true (5.3.1).
        """
        distinct = {frozenset(row.items()): row for row in rows}
        return [self._result(row) for row in distinct.values()]

    def _result(self, row: Row) -> ValidationResult:
        if row.get("failure") == TRUE:
            raise ShapeError(self.shape.name, f"{self.rule.node} reports a failure (SHACL 5.3.1)")
        focus, path, value = row.get("this"), row.get("path"), row.get("value")
        if focus is None:
            raise ShapeError(self.shape.name, f"{self.rule.node} gives a row without $this")
        own = path_text(self.shape.path) if self.shape.path else None
        return ValidationResult(
            focus_node=focus,
            path=path if path is not None and path.startswith("<") else own,
            value=value if value is not None or self.shape.path else focus,
            component=self.rule.component,
            shape=self.shape.name,
            severity=self.shape.severity,
            messages=self._messages(row),
            constraint=self.rule.node,
        )

    def _messages(self, row: Row) -> tuple[Term, ...]:
        said = row.get("message")
        if said is not None and is_literal(said):
            return (said,)
        own = self.rule.messages or self.shape.messages_of(self.rule.component)
        return tuple(sorted(_filled(message, row) for message in own))


def sparql_constraints(shapes: shape_model.Shapes) -> list[SparqlConstraint]:
    """Return the SPARQL-based constraints of all shapes that have focus nodes of their own or of a node shape around.

    Raises ShapeError for a constraint that cannot be run this way: one that is reached only through `sh:node`,
    `sh:or` and the like or through a path, and a query that `Rewriting` refuses.
    """
    return [constraint for shape in shapes.targeted() for constraint in _below(shapes, shape, shape.targets)]


def sparql_results(shapes: shape_model.Shapes, select: Select) -> list[ValidationResult]:
    """Return the results of all SPARQL-based constraints; each query is run once by `select`."""
    found = []
    for constraint in sparql_constraints(shapes):
        found += constraint.results(select(constraint.query))
    return found


def _below(
    shapes: shape_model.Shapes, shape: shape_model.Shape, targets: shape_model.Targets
) -> Iterator[SparqlConstraint]:
    for constraint in () if shape.deactivated else shape.constraints:
        match constraint:
            case shape_model.Sparql(deactivated=False):
                path = path_text(shape.path) if shape.path else None
                query = Rewriting(shape.name, _focus_nodes(shape.name, targets), path and f"({path})").of(
                    constraint.select
                )
                yield SparqlConstraint(shape, constraint, query)
            case shape_model.Property(name) if shape.path is None:
                yield from _below(shapes, shapes.by_name[name], targets)
            case _:
                _refuse_nested(shapes, shape, constraint)


def _refuse_nested(shapes: shape_model.Shapes, shape: shape_model.Shape, constraint: shape_model.Constraint) -> None:
    for name in shape_model.shapes_of(constraint):
        inner = shapes.by_name[name]
        if (
            any(isinstance(c, shape_model.Sparql) and not c.deactivated for c in inner.constraints)
            and not inner.deactivated
        ):
            raise ShapeError(
                name, f"its sh:sparql is reached through {shape.name}; only the reference engine runs it"
            )
        for below in inner.constraints:
            _refuse_nested(shapes, inner, below)


def _focus_nodes(shape: Term, targets: shape_model.Targets) -> str:
    """Return the group that gives each focus node once (SHACL 2.1.3)."""
    for node in targets.nodes:
        if node.startswith("_:"):
            raise ShapeError(shape, f"sh:targetNode: a query cannot name the blank node {node}")
    ways = [f"{{ ?class {RDFS_SUBCLASS}* {klass} . ?this {RDF_TYPE} ?class }}" for klass in targets.classes]
    ways += [f"{{ VALUES ?this {{ {' '.join(targets.nodes)} }} }}"] if targets.nodes else []
    ways += [f"{{ ?this {predicate} ?any }}" for predicate in targets.subjects_of]
    ways += [f"{{ ?any {predicate} ?this }}" for predicate in targets.objects_of]
    return f"{{ SELECT DISTINCT ?this WHERE {{ {' UNION '.join(ways)} }} }}"


def _filled(message: Term, row: Row) -> Term:
    """Return a message with `{?name}` and `{$name}` replaced by what the row binds (SHACL 5.3.2)."""

    def bound(found: re.Match[str]) -> str:
        value = row.get(found[1])
        return found[0] if value is None else text_of(value)

    text, tag = _VARIABLE.sub(bound, lexical(message)), language_tag(message)
    return language(text, tag) if tag else string(text)
