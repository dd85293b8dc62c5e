"""The triples of one check, indexed once: subject -> predicate -> objects."""

from collections.abc import Callable, Iterable
from typing import Final

from trialgraph.terms import Term, Triple
from trialgraph.validation.property_paths import (
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Predicate,
    Sequence,
    ZeroOrMore,
)

Properties = dict[Term, list[Term]]
Subjects = dict[Term, Properties]

_NONE: Final[Properties] = {}


def index_triples(triples: Iterable[Triple]) -> Subjects:
    """Return the objects by subject and predicate; a triple given twice counts once.

    >>> index_triples([("<s>", "<p>", "<o>"), ("<s>", "<p>", "<o>")])
    {'<s>': {'<p>': ['<o>']}}
    """
    subjects: Subjects = {}
    several: list[list[Term]] = []
    for subject, predicate, object_ in triples:
        properties = subjects.get(subject)
        if properties is None:
            subjects[subject] = {predicate: [object_]}
            continue
        values = properties.get(predicate)
        if values is None:
            properties[predicate] = [object_]
        else:
            if len(values) == 1:
                several.append(values)
            values.append(object_)
    for values in several:
        if len(set(values)) < len(values):
            values[:] = dict.fromkeys(values)
    return subjects


class Index:
    """What the checks look things up in: the triples checked, and behind them the background."""

    __slots__ = ("_background", "_inverse", "subjects")

    def __init__(self, subjects: Subjects, background: Subjects) -> None:
        self.subjects = subjects
        self._background = background
        self._inverse: dict[Term, dict[Term, list[Term]]] = {}
        for subject in subjects.keys() & background.keys():
            subjects[subject] = _merged(subjects[subject], background[subject])

    def properties(self, node: Term) -> Properties:
        """Return the objects of a node by predicate."""
        return self.subjects.get(node) or self._background.get(node, _NONE)

    def objects(self, node: Term, predicate: Term) -> list[Term]:
        """Return the distinct objects of a node and a predicate."""
        return self.properties(node).get(predicate) or []

    def inverse(self, node: Term, predicate: Term) -> list[Term]:
        """Return the distinct subjects that have the node as object of the predicate."""
        by_object = self._inverse.get(predicate)
        if by_object is None:
            by_object = self._inverse[predicate] = self._invert(predicate)
        return by_object.get(node, [])

    def _invert(self, predicate: Term) -> dict[Term, list[Term]]:
        found: dict[Term, list[Term]] = {}
        behind = {s: properties for s, properties in self._background.items() if s not in self.subjects}
        for subjects in (self.subjects, behind):
            for subject, properties in subjects.items():
                for object_ in properties.get(predicate, ()):
                    found.setdefault(object_, []).append(subject)
        return found


def _merged(first: Properties, second: Properties) -> Properties:
    return {p: list(dict.fromkeys([*first.get(p, ()), *second.get(p, ())])) for p in {**first, **second}}


Walk = Callable[[Term, Index], list[Term]]
"""Gives the distinct value nodes of a path from a focus node."""


def compile_path(path: Path) -> Walk:  # noqa: PLR0911
    """Return the function that walks a path (SHACL 2.3.1, SPARQL 1.1 section 9.1)."""
    match path:
        case Predicate(iri):
            return lambda node, index: index.objects(node, iri)
        case Inverse(Predicate(iri)):
            return lambda node, index: index.inverse(node, iri)
        case Inverse(step):
            return compile_path(_turned(step))
        case Sequence(steps):
            return _sequence([compile_path(step) for step in steps])
        case Alternative(steps):
            return _alternative([compile_path(step) for step in steps])
        case ZeroOrMore(step):
            return _closure(compile_path(step), with_start=True)
        case OneOrMore(step):
            return _closure(compile_path(step), with_start=False)
        case _:
            walk = compile_path(path.step)
            return lambda node, index: list(dict.fromkeys([node, *walk(node, index)]))


def _turned(path: Path) -> Path:
    """Return the path walked backwards."""
    match path:
        case Predicate():
            return Inverse(path)
        case Inverse(step):
            return step
        case Sequence(steps):
            return Sequence(tuple(_turned(step) for step in reversed(steps)))
        case Alternative(steps):
            return Alternative(tuple(_turned(step) for step in steps))
        case _:
            return type(path)(_turned(path.step))


def _sequence(walks: list[Walk]) -> Walk:
    def walk(node: Term, index: Index) -> list[Term]:
        nodes = [node]
        for step in walks:
            nodes = list(dict.fromkeys(value for start in nodes for value in step(start, index)))
        return nodes

    return walk


def _alternative(walks: list[Walk]) -> Walk:
    return lambda node, index: list(dict.fromkeys(value for step in walks for value in step(node, index)))


def _closure(step: Walk, *, with_start: bool) -> Walk:
    def walk(node: Term, index: Index) -> list[Term]:
        found: dict[Term, None] = {node: None} if with_start else {}
        ahead = [node]
        while ahead:
            for value in step(ahead.pop(), index):
                if value not in found:
                    found[value] = None
                    ahead.append(value)
        return list(found)

    return walk
