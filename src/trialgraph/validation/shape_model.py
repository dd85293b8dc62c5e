"""A shapes graph as typed objects: one class per component of SHACL Core, and SPARQL constraints.

Each constraint knows its component and what to tell a curator when the shape has no `sh:message` of its own.

>>> Datatype("<http://www.w3.org/2001/XMLSchema#date>").component
'<http://www.w3.org/ns/shacl#DatatypeConstraintComponent>'
>>> MinCount(1).say()
'there must be at least 1 of it'
"""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from trialgraph.terms import Term, Triple, string
from trialgraph.validation.property_paths import Path
from trialgraph.validation.shacl_terms import component, short

_MOST_LISTED = 12


def _readable(value: Any) -> str:
    """Return a field of a constraint as a person reads it."""
    if not isinstance(value, tuple):
        return short(str(value))
    names = [short(term) for term in value]
    return ", ".join(names[:_MOST_LISTED]) + (f" … ({len(names)} in all)" if len(names) > _MOST_LISTED else "")


@dataclass(frozen=True)
class Constraint:
    """A condition on the value nodes of a shape; `component` is its constraint component (SHACL section 4)."""

    component: ClassVar[Term]
    saying: ClassVar[str]
    """The condition in plain words, with the fields of the constraint in braces."""

    def say(self) -> str:
        """Return the condition in plain words."""
        return self.saying.format_map({name: _readable(value) for name, value in asdict(self).items()})


@dataclass(frozen=True)
class Class(Constraint):
    """`sh:class` (4.1.1)."""

    component = component("Class")
    saying = "the value must be a {klass}"
    klass: Term


@dataclass(frozen=True)
class Datatype(Constraint):
    """`sh:datatype` (4.1.2)."""

    component = component("Datatype")
    saying = "the value must be a well-formed {datatype}"
    datatype: Term


@dataclass(frozen=True)
class NodeKind(Constraint):
    """`sh:nodeKind` (4.1.3); `kinds` are the first characters of the terms allowed: `<`, `_` and `"`."""

    component = component("NodeKind")
    kinds: frozenset[str]

    def say(self) -> str:
        """Return the condition in plain words."""
        names = {"<": "an IRI", "_": "a blank node", '"': "a literal"}
        return "the value must be " + " or ".join(names[kind] for kind in '<_"' if kind in self.kinds)


@dataclass(frozen=True)
class MinCount(Constraint):
    """`sh:minCount` (4.2.1)."""

    component = component("MinCount")
    saying = "there must be at least {count} of it"
    count: int


@dataclass(frozen=True)
class MaxCount(Constraint):
    """`sh:maxCount` (4.2.2)."""

    component = component("MaxCount")
    saying = "there must be at most {count} of it"
    count: int


Bound = Literal["MinExclusive", "MinInclusive", "MaxExclusive", "MaxInclusive"]
_SIGNS: dict[Bound, str] = {"MinExclusive": ">", "MinInclusive": ">=", "MaxExclusive": "<", "MaxInclusive": "<="}


@dataclass(frozen=True)
class Range(Constraint):
    """`sh:minExclusive`, `sh:minInclusive`, `sh:maxExclusive`, `sh:maxInclusive` (4.3)."""

    bound: Bound
    limit: Term

    @property
    def component(self) -> Term:  # type: ignore[override]
        """The constraint component of the bound."""
        return component(self.bound)

    def say(self) -> str:
        """Return the condition in plain words."""
        return f"the value must be {_SIGNS[self.bound]} {short(self.limit)}"


@dataclass(frozen=True)
class MinLength(Constraint):
    """`sh:minLength` (4.4.1), in characters."""

    component = component("MinLength")
    saying = "the value must have at least {length} characters"
    length: int


@dataclass(frozen=True)
class MaxLength(Constraint):
    """`sh:maxLength` (4.4.2), in characters."""

    component = component("MaxLength")
    saying = "the value must have at most {length} characters"
    length: int


@dataclass(frozen=True)
class Pattern(Constraint):
    """`sh:pattern` with `sh:flags` (4.4.3)."""

    component = component("Pattern")
    saying = "the value must match the pattern {pattern}"
    pattern: str
    flags: str = ""


@dataclass(frozen=True)
class LanguageIn(Constraint):
    """`sh:languageIn` (4.4.4)."""

    component = component("LanguageIn")
    saying = "the value must be text in one of the languages {ranges}"
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class UniqueLang(Constraint):
    """`sh:uniqueLang true` (4.4.5)."""

    component = component("UniqueLang")
    saying = "there may be only one value in each language"


@dataclass(frozen=True)
class Equals(Constraint):
    """`sh:equals` (4.5.1)."""

    component = component("Equals")
    saying = "the values must be the same as those of {predicate}"
    predicate: Term


@dataclass(frozen=True)
class Disjoint(Constraint):
    """`sh:disjoint` (4.5.2)."""

    component = component("Disjoint")
    saying = "the value must not be a value of {predicate} too"
    predicate: Term


@dataclass(frozen=True)
class LessThan(Constraint):
    """`sh:lessThan` (4.5.3)."""

    component = component("LessThan")
    saying = "the value must be less than every value of {predicate}"
    predicate: Term


@dataclass(frozen=True)
class LessThanOrEquals(Constraint):
    """`sh:lessThanOrEquals` (4.5.4)."""

    component = component("LessThanOrEquals")
    saying = "the value must not be greater than any value of {predicate}"
    predicate: Term


@dataclass(frozen=True)
class Not(Constraint):
    """`sh:not` (4.6.1)."""

    component = component("Not")
    saying = "the value must not have the shape {shape}"
    shape: Term


@dataclass(frozen=True)
class And(Constraint):
    """`sh:and` (4.6.2)."""

    component = component("And")
    saying = "the value must have all of the shapes {shapes}"
    shapes: tuple[Term, ...]


@dataclass(frozen=True)
class Or(Constraint):
    """`sh:or` (4.6.3)."""

    component = component("Or")
    saying = "the value must have one of the shapes {shapes}"
    shapes: tuple[Term, ...]


@dataclass(frozen=True)
class Xone(Constraint):
    """`sh:xone` (4.6.4)."""

    component = component("Xone")
    saying = "the value must have exactly one of the shapes {shapes}"
    shapes: tuple[Term, ...]


@dataclass(frozen=True)
class Node(Constraint):
    """`sh:node` (4.7.1)."""

    component = component("Node")
    saying = "the value must have the shape {shape}"
    shape: Term


@dataclass(frozen=True)
class Property(Constraint):
    """`sh:property` (4.7.2): its results are those of the property shape."""

    component = component("Property")
    saying = "the value must have the property shape {shape}"
    shape: Term


@dataclass(frozen=True)
class QualifiedMin(Constraint):
    """`sh:qualifiedValueShape` with `sh:qualifiedMinCount` (4.7.3); `siblings` only when declared disjoint."""

    component = component("QualifiedMinCount")
    saying = "at least {count} of the values must have the shape {shape}"
    shape: Term
    count: int
    siblings: tuple[Term, ...] = ()


@dataclass(frozen=True)
class QualifiedMax(Constraint):
    """`sh:qualifiedValueShape` with `sh:qualifiedMaxCount` (4.7.3); `siblings` only when declared disjoint."""

    component = component("QualifiedMaxCount")
    saying = "at most {count} of the values may have the shape {shape}"
    shape: Term
    count: int
    siblings: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Closed(Constraint):
    """`sh:closed true` with `sh:ignoredProperties` (4.8.1); `allowed` holds every predicate that may occur."""

    component = component("Closed")
    saying = "this property is not allowed here"
    allowed: frozenset[Term]


@dataclass(frozen=True)
class HasValue(Constraint):
    """`sh:hasValue` (4.8.2)."""

    component = component("HasValue")
    saying = "{value} must be among the values"
    value: Term


@dataclass(frozen=True)
class In(Constraint):
    """`sh:in` (4.8.3)."""

    component = component("In")
    saying = "the value must be one of {values}"
    values: tuple[Term, ...]


@dataclass(frozen=True)
class Sparql(Constraint):
    """`sh:sparql` (5.1); `select` carries its prefixes."""

    component = component("SPARQL")
    saying = "a rule written in SPARQL is broken"
    node: Term
    select: str
    messages: tuple[Term, ...] = ()
    deactivated: bool = False


@dataclass(frozen=True)
class Custom(Constraint):
    """A constraint component declared in the shapes graph (6.2); only the reference engine evaluates it."""

    saying = "the constraint {declared} is broken"
    declared: Term

    @property
    def component(self) -> Term:  # type: ignore[override]
        """The constraint component as declared."""
        return self.declared


def shapes_of(constraint: Constraint) -> tuple[Term, ...]:
    """Return the shapes a constraint refers to.

    >>> shapes_of(Or(("_:a", "_:b")))
    ('_:a', '_:b')
    """
    match constraint:
        case And(names) | Or(names) | Xone(names):
            return names
        case QualifiedMin(name, _, siblings) | QualifiedMax(name, _, siblings):
            return (name, *siblings)
        case Not(name) | Node(name) | Property(name):
            return (name,)
        case _:
            return ()


@dataclass(frozen=True)
class Targets:
    """What a shape says of its focus nodes (2.1.3); an implicit class target is among `classes`."""

    classes: tuple[Term, ...] = ()
    nodes: tuple[Term, ...] = ()
    subjects_of: tuple[Term, ...] = ()
    objects_of: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.classes or self.nodes or self.subjects_of or self.objects_of)


@dataclass(frozen=True)
class Shape:
    """A node shape, or a property shape when it has a path."""

    name: Term
    path: Path | None
    constraints: tuple[Constraint, ...]
    targets: Targets
    severity: Term
    messages: tuple[Term, ...] = ()
    deactivated: bool = False

    def messages_of(self, component_: Term) -> tuple[Term, ...]:
        """Return what to tell of a result: the `sh:message` of the shape, or the condition in plain words."""
        if self.messages:
            return self.messages
        said = dict.fromkeys(c.say() for c in self.constraints if c.component == component_)
        return (string(" and ".join(said)),) if said else ()


@dataclass(frozen=True)
class Shapes:
    """A shapes graph: its triples, and every shape by its node."""

    triples: tuple[Triple, ...]
    by_name: dict[Term, Shape] = field(hash=False)

    def targeted(self) -> list[Shape]:
        """Return the shapes that have targets and are not deactivated."""
        return [shape for shape in self.by_name.values() if shape.targets and not shape.deactivated]
