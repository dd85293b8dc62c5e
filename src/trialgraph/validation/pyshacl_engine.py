"""The reference engine: pySHACL over rdflib.

Its validator is called directly: the convenience function around it turns rdflib's rewriting of literals on again in
mid-course, and returns an exception in the place of the report.
"""

import logging
import re
from collections.abc import Iterable
from typing import Any, Final

import rdflib
from pyparsing import ParseException
from pyshacl import Validator
from pyshacl.errors import ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from rdflib.term import BNode, Node, URIRef
from rdflib.term import Literal as RdflibLiteral

from trialgraph.errors import ShapeError
from trialgraph.terms import (
    RDF_TYPE,
    TRUE,
    XSD,
    Term,
    Triple,
    datatype,
    is_iri,
    is_literal,
    language,
    language_tag,
    lexical,
    string,
    typed,
)
from trialgraph.validation.property_paths import path_text
from trialgraph.validation.pyshacl_patches import corrected
from trialgraph.validation.shacl_terms import OWL_CLASS, RDFS_CLASS, RDFS_SUBCLASS, SHACL, sh
from trialgraph.validation.shape_model import Shape, Shapes, Sparql
from trialgraph.validation.targets import focus_nodes
from trialgraph.validation.validation_report import ValidationReport, ValidationResult

_MUTE: Final = logging.Logger("pyshacl", logging.CRITICAL + 1)
_TARGETS: Final = {sh(name) for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")}


def validate_reference(
    triples: Iterable[Triple], shapes: Shapes, background: Iterable[Triple] = ()
) -> ValidationReport:
    """Return what pySHACL finds in the triples.

    Nodes of the background are looked up but are no focus nodes, unless the triples make them targets.
    Raises ShapeError when pySHACL refuses the shapes or cannot evaluate them.
    """
    checked, known = list(triples), list(background)
    stated = _restated(_with_fixed_targets(checked, shapes, known) if known else shapes.triples, shapes)
    with corrected():
        data = _graph([*checked, *known])
        validator = _Capture(DataGraph.from_rdflib(data), shacl_graph=_graph(stated), options=_options())
        try:
            found = validator.run()[1]  # type: ignore[no-untyped-call]
        except (ReportableRuntimeError, NotImplementedError, re.error, ParseException) as error:
            raise ShapeError("the shapes graph", f"pySHACL: {error}") from error
        return ValidationReport.of(_result(properties, shapes) for properties in found)


class _Capture(Validator):
    """Keeps the results as they are made, where pySHACL would copy them into a report graph."""

    @classmethod
    def create_validation_report(cls, _sg: Any, _conforms: bool, results: list[Any]) -> tuple[Any, str]:
        """Return the properties of each result, in place of the report graph."""
        return [_properties(node, parts) for _, node, parts in results], ""


def _properties(result: Node, parts: Iterable[Any]) -> dict[str, list[Term]]:
    """Return the properties of one result by local name; `parts` also holds those of results below it."""
    found: dict[str, list[Term]] = {}
    for subject, predicate, value in parts:
        if subject == result:
            node = value[1] if isinstance(value, tuple) else value
            found.setdefault(str(predicate).removeprefix(SHACL), []).append(_from_rdflib(node))
    return found


def _options() -> dict[str, Any]:
    # The depth is that of nested shapes; ours are finite, as recursion is refused when they are read.
    return {"logger": _MUTE, "inplace": True, "max_validation_depth": 100}


def _result(found: dict[str, list[Term]], shapes: Shapes) -> ValidationResult:
    def value(name: str) -> Term | None:
        return next(iter(found.get(name, ())), None)

    shape, path, constraint = shapes.by_name[found["sourceShape"][0]], value("resultPath"), value("sourceConstraint")
    component = found["sourceConstraintComponent"][0]
    return ValidationResult(
        focus_node=found["focusNode"][0],
        path=path_text(shape.path) if shape.path and (path is None or path.startswith("_:")) else path,
        value=value("value"),
        component=component,
        shape=shape.name,
        severity=found["resultSeverity"][0],
        messages=_said(shape, component, constraint, found.get("resultMessage", [])),
        constraint=constraint,
    )


def _said(shape: Shape, component: Term, constraint: Term | None, found: list[Term]) -> tuple[Term, ...]:
    """Return the messages of a result: those of a SPARQL-based constraint come before its shape's (SHACL 5.3.2)."""
    for rule in shape.constraints:
        if isinstance(rule, Sparql) and rule.node == constraint and rule.messages:
            own = [message for message in found if message not in shape.messages]
            return tuple(sorted(set(own)))
    return shape.messages_of(component)


def _restated(triples: Iterable[Triple], shapes: Shapes) -> list[Triple]:
    """Return the shapes graph with the prefixes written into each query: pySHACL misses those of `owl:imports`.

    Without `sh:uniqueLang "1"^^xsd:boolean`, which pySHACL would take for true; the standard names only `true`.
    """
    rules = (rule for shape in shapes.by_name.values() for rule in shape.constraints)
    selects = {rule.node: string(rule.select) for rule in rules if isinstance(rule, Sparql)}
    return [
        (s, p, selects.get(s, o) if p == sh("select") else o)
        for s, p, o in triples
        if (s not in selects or p != sh("prefixes")) and (p != sh("uniqueLang") or o == TRUE)
    ]


def _with_fixed_targets(triples: list[Triple], shapes: Shapes, background: list[Triple]) -> list[Triple]:
    """Return the shapes graph with every target spelt out as `sh:targetNode`."""
    targeted = {shape.name for shape in shapes.targeted()}
    kept = [
        (s, p, o)
        for s, p, o in shapes.triples
        if p not in _TARGETS and not (s in targeted and p == RDF_TYPE and o in (RDFS_CLASS, OWL_CLASS))
    ]
    axioms = [triple for triple in background if triple[1] == RDFS_SUBCLASS]
    for shape in shapes.targeted():
        kept += [(shape.name, sh("targetNode"), node) for node in focus_nodes(shape.targets, triples, axioms)]
    return kept


def _graph(triples: Iterable[Triple]) -> rdflib.Graph:
    graph = rdflib.Graph(bind_namespaces="none")
    known: dict[Term, Any] = {}
    for triple in triples:
        for term in triple:
            if term not in known:
                known[term] = _to_rdflib(term)
        graph.add((known[triple[0]], known[triple[1]], known[triple[2]]))
    return graph


def _to_rdflib(term: Term) -> Node:
    if is_iri(term):
        return URIRef(term[1:-1])
    if not is_literal(term):
        return BNode(term[2:])
    tag, kind = language_tag(term), datatype(term)
    if tag:
        return RdflibLiteral(lexical(term), lang=tag)
    return RdflibLiteral(lexical(term), datatype=None if kind == XSD + "string" else URIRef(kind))


def _from_rdflib(node: Node) -> Term:
    if isinstance(node, RdflibLiteral):
        if node.language:
            return language(str(node), node.language)
        return typed(str(node), str(node.datatype)) if node.datatype else string(str(node))
    return f"_:{node}" if isinstance(node, BNode) else f"<{node}>"
