"""The fast path: compiled shapes over a closed set of triples, such as those of one record.

>>> from trialgraph.validation.shape_parser import read_shapes
>>> from trialgraph.validation.shacl_terms import sh
>>> shape = [("<S>", sh("targetClass"), "<C>"), ("<S>", sh("path"), "<p>"), ("<S>", sh("nodeKind"), sh("IRI"))]
>>> checker = compile_shapes(read_shapes(shape))
>>> checker.check([("<a>", RDF_TYPE, "<C>"), ("<a>", "<p>", "<b>")])
[]
>>> [result.value for result in checker.check([("<a>", RDF_TYPE, "<C>"), ("<a>", "<p>", '"b"')])]
['"b"']
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from trialgraph.errors import ShapeError
from trialgraph.terms import RDF_TYPE, Term, Triple
from trialgraph.validation import shape_model
from trialgraph.validation.evaluators import Results
from trialgraph.validation.shacl_terms import RDFS_SUBCLASS
from trialgraph.validation.shape_compiler import CompiledShape, Compiler
from trialgraph.validation.sparql_constraint import sparql_constraints
from trialgraph.validation.targets import subclasses
from trialgraph.validation.triple_index import Index, Properties, Subjects, index_triples
from trialgraph.validation.validation_report import ValidationResult, order


def compile_shapes(
    shapes: shape_model.Shapes, *, background: Iterable[Triple] = (), sparql: Literal["refuse", "separate"] = "refuse"
) -> "Checker":
    """Return a checker for SHACL Core.

    `background` holds triples that all checks may look up: subclass axioms, the types and schemes of shared concepts;
    its nodes are not checked themselves. A SPARQL-based constraint is refused, or with `sparql="separate"` left to
    `sparql_constraints`, which the caller then runs. Raises ShapeError for that, for one that cannot be run so
    either, and for custom components.
    """
    if sparql == "refuse":
        refuse_sparql(shapes)
    else:
        sparql_constraints(shapes)
    known = list(background)
    axioms = [triple for triple in known if triple[1] == RDFS_SUBCLASS]
    return Checker(shapes, known, axioms)


def refuse_sparql(shapes: shape_model.Shapes) -> None:
    """Raise ShapeError when a shape has a SPARQL-based constraint that is not deactivated."""
    for shape in shapes.by_name.values():
        if not shape.deactivated and any(
            isinstance(c, shape_model.Sparql) and not c.deactivated for c in shape.constraints
        ):
            raise ShapeError(shape.name, "sh:sparql is not SHACL Core; run it by sparql_constraints()")


_Kind = tuple[tuple[Term, ...], tuple[Term, ...]]
"""The classes of a subject, and those of its properties that make it a focus node."""


@dataclass(frozen=True)
class _Program:
    """What to do with a focus node: the shapes that target it, taken apart and sorted by what they look at."""

    by_predicate: dict[Term, tuple[CompiledShape, ...]]
    needed: frozenset[Term]
    """Predicates whose absence may give a result."""
    others: tuple[CompiledShape, ...]

    @classmethod
    def of(cls, parts: Iterable[CompiledShape]) -> "_Program":
        by_predicate: dict[Term, tuple[CompiledShape, ...]] = {}
        others: list[CompiledShape] = []
        for part in parts:
            if part.predicate is None:
                others.append(part)
            else:
                by_predicate[part.predicate] = (*by_predicate.get(part.predicate, ()), part)
        needed = frozenset(p for p, shapes in by_predicate.items() if any(shape.on_absence for shape in shapes))
        return cls(by_predicate, needed, tuple(others))

    def run(self, focus: Term, index: Index, results: Results) -> None:
        """Append the results of a focus node."""
        properties = index.properties(focus)
        shapes_of = self.by_predicate.get
        for predicate, values in properties.items():
            shapes = shapes_of(predicate)
            if shapes is not None:
                for shape in shapes:
                    if not shape.quick(values, index):
                        shape.evaluate(focus, values, index, results)
        if not properties.keys() >= self.needed:
            for predicate in self.needed - properties.keys():
                for shape in self.by_predicate[predicate]:
                    shape.evaluate(focus, [], index, results)
        for shape in self.others:
            shape.run(focus, index, results)


class Checker:
    """Compiled shapes; `check` may be called any number of times."""

    def __init__(self, shapes: shape_model.Shapes, background: list[Triple], axioms: list[Triple]) -> None:
        self._shapes = shapes
        self._triples = background
        self._axioms = axioms
        self._known_axioms = frozenset(axioms)
        self._background = index_triples(background)
        self._compiler = Compiler(shapes, axioms)
        self._programs: dict[tuple[Term, ...], _Program] = {}
        self._by_kind: dict[_Kind, _Program | None] = {}
        self._by_class: dict[Term, list[Term]] = {}
        self._by_predicate: dict[Term, list[Term]] = {}
        for shape in shapes.targeted():
            self._program((shape.name,))
            for klass in set[Term]().union(*(subclasses(klass, axioms) for klass in shape.targets.classes)):
                self._by_class.setdefault(klass, []).append(shape.name)
            for predicate in shape.targets.subjects_of:
                self._by_predicate.setdefault(predicate, []).append(shape.name)
        self._watched = frozenset(self._by_predicate)
        self._pointing = [shape for shape in shapes.targeted() if shape.targets.nodes or shape.targets.objects_of]

    def check(self, triples: Iterable[Triple]) -> list[ValidationResult]:
        """Return the results, sorted; the triples must hold all that their nodes refer to, or the background must."""
        subjects = index_triples(triples)
        new = [axiom for axiom in _subclass_axioms(subjects) if axiom not in self._known_axioms]
        checker = Checker(self._shapes, self._triples, [*self._axioms, *new]) if new else self
        return checker._results(subjects)

    def _results(self, subjects: Subjects) -> list[ValidationResult]:
        work = [*self._subject_work(subjects), *self._pointed_work(subjects)]
        index = Index(subjects, self._background)
        results: Results = []
        for focus, program in work:
            program.run(focus, index, results)
        results.sort(key=order)
        return results

    def _program(self, names: tuple[Term, ...]) -> _Program:
        if names not in self._programs:
            self._programs[names] = _Program.of(part for name in names for part in self._compiler.parts(name))
        return self._programs[names]

    def _subject_work(self, subjects: Subjects) -> Iterator[tuple[Term, _Program]]:
        """Give the subjects that a class or a property makes focus nodes, each once with all shapes it is so for."""
        by_kind, watched = self._by_kind, self._watched
        for node, properties in subjects.items():
            types: tuple[Term, ...] = tuple(properties.get(RDF_TYPE, ()))
            kind = types, () if watched.isdisjoint(properties) else tuple(p for p in properties if p in watched)
            if kind not in by_kind:
                names = self._names(properties)
                by_kind[kind] = self._program(names) if names else None
            program = by_kind[kind]
            if program is not None:
                yield node, program

    def _names(self, properties: Properties) -> tuple[Term, ...]:
        by_class = [name for klass in properties.get(RDF_TYPE, ()) for name in self._by_class.get(klass, ())]
        by_predicate = [name for predicate in properties for name in self._by_predicate.get(predicate, ())]
        return tuple(dict.fromkeys([*by_class, *by_predicate]))

    def _pointed_work(self, subjects: Subjects) -> Iterator[tuple[Term, _Program]]:
        """Give the focus nodes that are named by a shape or are objects, but for those that `_subject_work` gives."""
        for shape in self._pointing:
            nodes = dict.fromkeys(shape.targets.nodes)
            for properties in subjects.values():
                for predicate in shape.targets.objects_of:
                    nodes.update(dict.fromkeys(properties.get(predicate, ())))
            for node in nodes:
                if shape.name not in self._names(subjects.get(node, {})):
                    yield node, self._program((shape.name,))


def _subclass_axioms(subjects: Subjects) -> list[Triple]:
    return [(s, RDFS_SUBCLASS, o) for s, ps in subjects.items() if RDFS_SUBCLASS in ps for o in ps[RDFS_SUBCLASS]]
