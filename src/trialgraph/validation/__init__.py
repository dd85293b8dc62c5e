"""Validation: a graph and shapes in, a report out; the graph is never changed.

>>> from trialgraph.terms import iri, integer, RDF_TYPE
>>> shape, klass = iri("https://example.org/S"), iri("https://example.org/C")
>>> sh = lambda name: iri("http://www.w3.org/ns/shacl#" + name)
>>> shapes = read_shapes([(shape, sh("targetClass"), klass), (shape, sh("path"), iri("https://example.org/p")),
...                       (shape, sh("minCount"), integer(1))])
>>> validate([(iri("https://example.org/a"), RDF_TYPE, klass)], shapes).conforms
False
"""

import pkgutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from trialgraph.terms import Triple
from trialgraph.validation.checker import Checker, compile_shapes
from trialgraph.validation.shape_model import Shapes
from trialgraph.validation.shape_parser import read_shapes
from trialgraph.validation.sparql_constraint import Select, SparqlConstraint, sparql_constraints, sparql_results
from trialgraph.validation.validation_report import ValidationReport, ValidationResult

__all__ = [
    "Checker",
    "Select",
    "Shapes",
    "SparqlConstraint",
    "ValidationReport",
    "ValidationResult",
    "compile_shapes",
    "read_shapes",
    "sparql_constraints",
    "sparql_results",
    "validate",
]

Reference = Callable[[Iterable[Triple], Shapes, Iterable[Triple]], ValidationReport]
"""What the reference engine does: triples, shapes and background in, their report out."""


def validate(
    triples: Iterable[Triple],
    shapes: Shapes | Path | Iterable[Triple],
    *,
    background: Iterable[Triple] = (),
    engine: Literal["reference", "fast"] = "reference",
    select: Select | None = None,
) -> ValidationReport:
    """Return the SHACL report of the triples.

    `shapes` are read already, or a Turtle file, a folder of them, or triples. `background` holds triples that may be
    looked up (subclass axioms, the types of shared concepts) but whose nodes are not checked themselves.
    `engine="reference"` is pySHACL, for data of any shape and small size; `engine="fast"` is for SHACL Core over many
    records; its SPARQL-based constraints need `select`, which runs a query over a store that holds the same triples.
    Raises ShapeError for shapes that are not well-formed, and for those beyond the engine.
    """
    read = shapes if isinstance(shapes, Shapes) else read_shapes(shapes)
    if engine == "fast":
        checked = list(triples)
        checker = compile_shapes(read, background=background, sparql="separate" if select else "refuse")
        results = checker.check(checked)
        if select:
            nodes = {term for subject, _, value in checked for term in (subject, value)}
            results += [found for found in sparql_results(read, select) if found.focus_node in nodes]
        return ValidationReport.of(results)
    # pySHACL is for tests and for shapes beyond the fast engine; builds and commands do without reading it.
    reference: Reference = pkgutil.resolve_name("trialgraph.validation.pyshacl_engine:validate_reference")
    return reference(triples, read, background)
