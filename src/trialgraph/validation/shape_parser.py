"""Reads a shapes graph into the typed model; what is not well-formed SHACL raises ShapeError.

The error names the shape and the clause, also for a misspelt term of the `sh:` namespace, which SHACL itself
would pass over in silence.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path as FilePath
from typing import Final

import pyoxigraph as ox

from trialgraph.errors import ShapeError
from trialgraph.terms import RDF_TYPE, TRUE, XSD, Term, Triple, datatype, is_literal, lexical, parse
from trialgraph.validation import shape_model
from trialgraph.validation.property_paths import Path, read_list, read_path
from trialgraph.validation.shacl_terms import (
    OWL_CLASS,
    OWL_IMPORTS,
    RDFS_CLASS,
    RDFS_SUBCLASS,
    SHACL,
    VIOLATION,
    sh,
)

_KINDS: Final = {
    sh("IRI"): "<",
    sh("BlankNode"): "_",
    sh("Literal"): '"',
    sh("BlankNodeOrIRI"): "<_",
    sh("BlankNodeOrLiteral"): '_"',
    sh("IRIOrLiteral"): '<"',
}
_BOUNDS: Final[tuple[shape_model.Bound, ...]] = ("MinExclusive", "MinInclusive", "MaxExclusive", "MaxInclusive")
_TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
# Terms that say nothing about validity, or are read beside the constraint they belong to (SHACL 2.3.2, 5.1, 6.2).
_SILENT: Final = frozenset(
    """name description order group defaultValue severity message deactivated path flags ignoredProperties
    qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint declare prefixes select ask parameter validator
    nodeValidator propertyValidator labelTemplate""".split()
)
_SINGLE: Final = frozenset(
    """path severity deactivated datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive
    maxInclusive minLength maxLength flags languageIn uniqueLang qualifiedValueShape qualifiedMinCount
    qualifiedMaxCount qualifiedValueShapesDisjoint closed ignoredProperties in""".split()
)
_ONLY_WITH_PATH: Final = frozenset({"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"})


def read_shapes(*sources: FilePath | Iterable[Triple]) -> shape_model.Shapes:
    """Return the shapes of Turtle files, of all `*.ttl` below folders, or of triples.

    Blank nodes of files are named after the file and their place in it, so two reads are equal.
    Raises ShapeError for what is not well-formed, also for Turtle that does not parse.

    >>> from trialgraph.terms import iri, integer
    >>> s = iri("https://example.org/S")
    >>> shapes = read_shapes([(s, sh("path"), iri("https://example.org/p")), (s, sh("minCount"), integer(1)),
    ...                       (s, sh("targetClass"), iri("https://example.org/C"))])
    >>> shapes.by_name[s].constraints
    (MinCount(count=1),)
    """
    triples: dict[Triple, None] = {}
    for source in sources:
        if isinstance(source, FilePath):
            for file in sorted(source.rglob("*.ttl")) if source.is_dir() else [source]:
                triples.update(dict.fromkeys(read_turtle(file)))
        else:
            triples.update(dict.fromkeys(source))
    return _Reader(triples).read()


def read_turtle(file: FilePath) -> Iterator[Triple]:
    """Return the triples of a Turtle file, its blank nodes named after the file and their place in it.

    Raises ShapeError when it does not parse.
    """
    labels: dict[Term, Term] = {}
    stem = "".join(letter if letter.isalnum() else "-" for letter in file.stem)

    def named(term: Term) -> Term:
        return labels.setdefault(term, f"_:{stem}-{len(labels) + 1}") if term.startswith("_:") else term

    try:
        for (subject, predicate, object_), _ in parse(
            file.read_bytes(), ox.RdfFormat.TURTLE, file.resolve().as_uri()
        ):
            yield named(subject), predicate, named(object_)
    except SyntaxError as error:
        raise ShapeError(str(file), f"not Turtle: {error}") from error


class _Reader:
    """One reading of one shapes graph."""

    def __init__(self, triples: dict[Triple, None]) -> None:
        self.triples = tuple(triples)
        self.index: dict[Term, dict[Term, list[Term]]] = {}
        self.inverse: dict[tuple[Term, Term], list[Term]] = {}
        for subject, predicate, object_ in triples:
            self.index.setdefault(subject, {}).setdefault(predicate, []).append(object_)
            self.inverse.setdefault((predicate, object_), []).append(subject)
        self.shapes: dict[Term, shape_model.Shape] = {}
        self.above: list[Term] = []
        self.classes = self._subclasses(RDFS_CLASS) | {OWL_CLASS}
        self.components = self._custom_components()

    def objects(self, subject: Term, predicate: Term) -> list[Term]:
        return self.index.get(subject, {}).get(predicate, [])

    def values(self, subject: Term, name: str) -> list[Term]:
        return self.objects(subject, sh(name))

    def read(self) -> shape_model.Shapes:
        for name in self._declared():
            self.shape(name)
        return shape_model.Shapes(self.triples, self.shapes)

    def _declared(self) -> list[Term]:
        kinds = {sh("NodeShape"), sh("PropertyShape")}
        targets = {sh(name) for name in _TARGETS}
        return [
            subject
            for subject, properties in self.index.items()
            if not kinds.isdisjoint(properties.get(RDF_TYPE, ())) or not targets.isdisjoint(properties)
        ]

    def _subclasses(self, klass: Term) -> set[Term]:
        found, ahead = {klass}, [klass]
        while ahead:
            below = [c for c in self.inverse.get((RDFS_SUBCLASS, ahead.pop()), []) if c not in found]
            found.update(below)
            ahead += below
        return found

    def _custom_components(self) -> dict[Term, list[Term]]:
        """Return the mandatory parameters of each constraint component that the shapes graph declares."""
        kinds = self._subclasses(sh("ConstraintComponent"))
        declared = [subject for kind in kinds for subject in self.inverse.get((RDF_TYPE, kind), [])]
        return {
            name: [
                path
                for parameter in self.values(name, "parameter")
                if TRUE not in self.values(parameter, "optional")
                for path in self.values(parameter, "path")
            ]
            for name in declared
            if not name.startswith("<" + SHACL)
        }

    def shape(self, name: Term) -> shape_model.Shape:
        """Read a shape and those it refers to; SHACL leaves recursive shapes undefined (3.4.3): refused."""
        if name in self.shapes:
            return self.shapes[name]
        if name in self.above:
            loop = " -> ".join([*self.above[self.above.index(name) :], name])
            raise ShapeError(
                name, f"refers to itself: {loop}; recursive shapes have no defined meaning (SHACL 3.4.3)"
            )
        if is_literal(name):
            raise ShapeError(name, "a literal cannot be a shape (SHACL 2)")
        if name not in self.index:
            raise ShapeError(name, f"{self.above[-1]} refers to it, but nothing is said of it")
        self.above.append(name)
        self._check_terms(name)
        shape = shape_model.Shape(
            name=name,
            path=self._path(name),
            constraints=tuple(self._constraints(name)),
            targets=self._targets(name),
            severity=next(iter(self.values(name, "severity")), VIOLATION),
            messages=tuple(sorted(self._messages(name, name))),
            deactivated=TRUE in self.values(name, "deactivated"),
        )
        self.above.pop()
        self.shapes[name] = shape
        return shape

    def _check_terms(self, name: Term) -> None:
        has_path = bool(self.values(name, "path"))
        types = self.objects(name, RDF_TYPE)
        if sh("PropertyShape") in types and not has_path:
            raise ShapeError(name, "sh:path: a property shape has exactly one (SHACL 2.3)")
        if sh("NodeShape") in types and has_path:
            raise ShapeError(name, "sh:path: a node shape has none (SHACL 2.2)")
        for predicate, values in self.index.get(name, {}).items():
            if predicate.startswith("<" + SHACL):
                self._check_term(name, predicate[len(SHACL) + 1 : -1], values, has_path)

    def _check_term(self, name: Term, term: str, values: list[Term], has_path: bool) -> None:
        if term not in _SILENT and term not in _CONSTRAINTS and term not in _TARGETS:
            raise ShapeError(name, f"sh:{term}: not a term of SHACL Core or SHACL-SPARQL for a shape")
        if term in _SINGLE and len(values) > 1:
            raise ShapeError(name, f"sh:{term}: given {len(values)} times, at most once is allowed")
        if term in _ONLY_WITH_PATH and not has_path:
            raise ShapeError(name, f"sh:{term}: only for property shapes; this shape has no sh:path")

    def _path(self, name: Term) -> Path | None:
        paths = self.values(name, "path")
        return read_path(paths[0], self.objects, name) if paths else None

    def _messages(self, node: Term, shape: Term) -> list[Term]:
        messages = self.values(node, "message")
        for message in messages:
            if not is_literal(message):
                raise ShapeError(shape, f"sh:message: {message} is not text (SHACL 2.1.5)")
        return messages

    def _targets(self, name: Term) -> shape_model.Targets:
        for term in ("targetClass", "targetSubjectsOf", "targetObjectsOf"):
            for value in self.values(name, term):
                if not value.startswith("<"):
                    raise ShapeError(name, f"sh:{term}: {value} is not an IRI (SHACL 2.1.3)")
        implicit = name.startswith("<") and not self.classes.isdisjoint(self.objects(name, RDF_TYPE))
        return shape_model.Targets(
            classes=tuple(dict.fromkeys([*self.values(name, "targetClass"), *([name] if implicit else [])])),
            nodes=tuple(self.values(name, "targetNode")),
            subjects_of=tuple(self.values(name, "targetSubjectsOf")),
            objects_of=tuple(self.values(name, "targetObjectsOf")),
        )

    def _constraints(self, name: Term) -> Iterator[shape_model.Constraint]:
        for term, read in _CONSTRAINTS.items():
            for value in self.values(name, term):
                yield from read(self, name, value)
        for declared, parameters in self.components.items():
            if parameters and all(self.objects(name, parameter) for parameter in parameters):
                yield shape_model.Custom(declared)

    def integer(self, name: Term, term: str, value: Term) -> int:
        if not is_literal(value) or datatype(value) != XSD + "integer" or not _is_integer(lexical(value)):
            raise ShapeError(name, f"sh:{term}: {value} is not an xsd:integer")
        return int(lexical(value))

    def iri(self, name: Term, term: str, value: Term) -> Term:
        if not value.startswith("<"):
            raise ShapeError(name, f"sh:{term}: {value} is not an IRI")
        return value

    def text(self, name: Term, term: str, value: Term) -> str:
        if not is_literal(value) or datatype(value) != XSD + "string":
            raise ShapeError(name, f"sh:{term}: {value} is not an xsd:string")
        return lexical(value)

    def literal(self, name: Term, term: str, value: Term) -> Term:
        if not is_literal(value):
            raise ShapeError(name, f"sh:{term}: {value} is not a literal")
        return value

    def list(self, name: Term, term: str, value: Term) -> list[Term]:
        return read_list(value, self.objects, name, f"sh:{term}")

    def node_kind(self, name: Term, value: Term) -> frozenset[str]:
        if value not in _KINDS:
            raise ShapeError(name, f"sh:nodeKind: {value} is none of the six node kinds (SHACL 4.1.3)")
        return frozenset(_KINDS[value])

    def members(self, name: Term, term: str, value: Term) -> tuple[Term, ...]:
        """Return the shapes of a list such as that of `sh:or`, each of them read."""
        members = self.list(name, term, value)
        if not members:
            raise ShapeError(name, f"sh:{term}: the list of shapes is empty")
        return tuple(self.shape(member).name for member in members)

    def property_shape(self, name: Term, value: Term) -> Term:
        if self.shape(value).path is None:
            raise ShapeError(name, f"sh:property: {value} has no sh:path, so it is no property shape (SHACL 4.7.2)")
        return value

    def node_shape(self, name: Term, value: Term) -> Term:
        if self.shape(value).path is not None:
            raise ShapeError(name, f"sh:node: {value} has a sh:path, so it is no node shape (SHACL 4.7.1)")
        return value

    def patterns(self, name: Term, value: Term) -> shape_model.Pattern:
        flags = [self.text(name, "flags", flag) for flag in self.values(name, "flags")]
        return shape_model.Pattern(self.text(name, "pattern", value), "".join(flags))

    def closed(self, name: Term) -> shape_model.Closed:
        named = [path for shape in self.values(name, "property") for path in self.values(shape, "path")]
        ignored = [
            i for value in self.values(name, "ignoredProperties") for i in self.list(name, "ignoredProperties", value)
        ]
        return shape_model.Closed(frozenset(term for term in [*named, *ignored] if term.startswith("<")))

    def qualified(self, name: Term, value: Term) -> Iterator[shape_model.Constraint]:
        if not self.values(name, "path"):
            return
        self.shape(value)
        disjoint = TRUE in self.values(name, "qualifiedValueShapesDisjoint")
        siblings = self._siblings(name, value) if disjoint else ()
        for least in self.values(name, "qualifiedMinCount"):
            yield shape_model.QualifiedMin(value, self.integer(name, "qualifiedMinCount", least), siblings)
        for most in self.values(name, "qualifiedMaxCount"):
            yield shape_model.QualifiedMax(value, self.integer(name, "qualifiedMaxCount", most), siblings)

    def _siblings(self, name: Term, own: Term) -> tuple[Term, ...]:
        """Return the sibling shapes (4.7.3): qualified value shapes of the other properties of the same parents."""
        found = [
            self.shape(sibling).name
            for parent in self.inverse.get((sh("property"), name), [])
            for property_ in self.values(parent, "property")
            for sibling in self.values(property_, "qualifiedValueShape")
            if sibling != own
        ]
        return tuple(dict.fromkeys(found))

    def sparql(self, name: Term, value: Term) -> shape_model.Sparql:
        selects = self.values(value, "select")
        if len(selects) != 1:
            raise ShapeError(
                name, f"sh:sparql: {value} has {len(selects)} sh:select, exactly one is needed (SHACL 5.2)"
            )
        return shape_model.Sparql(
            node=value,
            select=self._prefixes(name, value) + self.text(name, "select", selects[0]),
            messages=tuple(sorted(self._messages(value, name))),
            deactivated=TRUE in self.values(value, "deactivated"),
        )

    def _prefixes(self, name: Term, value: Term) -> str:
        """Return the PREFIX lines that `sh:prefixes` stands for, imports included (5.2.1)."""
        prefixes: dict[str, str] = {}
        ahead, seen = list(self.values(value, "prefixes")), set[Term]()
        while ahead:
            ontology = ahead.pop()
            if ontology in seen:
                continue
            seen.add(ontology)
            ahead += self.objects(ontology, OWL_IMPORTS)
            for declaration in self.values(ontology, "declare"):
                self._declare(name, declaration, prefixes)
        return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(prefixes.items()))

    def _declare(self, name: Term, declaration: Term, prefixes: dict[str, str]) -> None:
        for prefix in self.values(declaration, "prefix"):
            for namespace in self.values(declaration, "namespace"):
                if prefixes.setdefault(lexical(prefix), lexical(namespace)) != lexical(namespace):
                    raise ShapeError(
                        name, f"sh:declare: two namespaces for the prefix {lexical(prefix)}: (SHACL 5.2.1)"
                    )


def _is_integer(text: str) -> bool:
    return text.lstrip("+-").isdecimal() and text.isascii()


_Read = Callable[[_Reader, Term, Term], Iterable[shape_model.Constraint]]


def _bound(bound: shape_model.Bound) -> _Read:
    term = bound[0].lower() + bound[1:]
    return lambda r, name, value: [shape_model.Range(bound, r.literal(name, term, value))]


# The order is that of SHACL section 4; a reader returns no constraint when the parameter's value switches it off.
_CONSTRAINTS: Final[dict[str, _Read]] = {
    "class": lambda r, name, value: [shape_model.Class(r.iri(name, "class", value))],
    "datatype": lambda r, name, value: [shape_model.Datatype(r.iri(name, "datatype", value))],
    "nodeKind": lambda r, name, value: [shape_model.NodeKind(r.node_kind(name, value))],
    "minCount": lambda r, name, value: [shape_model.MinCount(r.integer(name, "minCount", value))],
    "maxCount": lambda r, name, value: [shape_model.MaxCount(r.integer(name, "maxCount", value))],
    **{bound[0].lower() + bound[1:]: _bound(bound) for bound in _BOUNDS},
    "minLength": lambda r, name, value: [shape_model.MinLength(r.integer(name, "minLength", value))],
    "maxLength": lambda r, name, value: [shape_model.MaxLength(r.integer(name, "maxLength", value))],
    "pattern": lambda r, name, value: [r.patterns(name, value)],
    "languageIn": lambda r, name, value: [
        shape_model.LanguageIn(tuple(r.text(name, "languageIn", tag) for tag in r.list(name, "languageIn", value)))
    ],
    "uniqueLang": lambda _, __, value: [shape_model.UniqueLang()] if value == TRUE else [],
    "equals": lambda r, name, value: [shape_model.Equals(r.iri(name, "equals", value))],
    "disjoint": lambda r, name, value: [shape_model.Disjoint(r.iri(name, "disjoint", value))],
    "lessThan": lambda r, name, value: [shape_model.LessThan(r.iri(name, "lessThan", value))],
    "lessThanOrEquals": lambda r, name, value: [shape_model.LessThanOrEquals(r.iri(name, "lessThanOrEquals", value))],
    "not": lambda r, _, value: [shape_model.Not(r.shape(value).name)],
    "and": lambda r, name, value: [shape_model.And(r.members(name, "and", value))],
    "or": lambda r, name, value: [shape_model.Or(r.members(name, "or", value))],
    "xone": lambda r, name, value: [shape_model.Xone(r.members(name, "xone", value))],
    "node": lambda r, name, value: [shape_model.Node(r.node_shape(name, value))],
    "property": lambda r, name, value: [shape_model.Property(r.property_shape(name, value))],
    "qualifiedValueShape": lambda r, name, value: r.qualified(name, value),
    "closed": lambda r, name, value: [r.closed(name)] if value == TRUE else [],
    "hasValue": lambda _, __, value: [shape_model.HasValue(value)],
    "in": lambda r, name, value: [shape_model.In(tuple(r.list(name, "in", value)))],
    "sparql": lambda r, name, value: [r.sparql(name, value)],
}
