"""Property paths (SHACL section 2.3.1): read from a shapes graph, written as SPARQL text and back.

>>> path = parse_path("(<https://example.org/p>/^<https://example.org/q>)*")
>>> path
ZeroOrMore(step=Sequence(steps=(Predicate(iri='<https://example.org/p>'), Inverse(step=Predicate(iri='<https://example.org/q>')))))
>>> path_text(path)
'(<https://example.org/p>/^<https://example.org/q>)*'
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trialgraph.errors import ShapeError
from trialgraph.sparql.lexer import Lexer
from trialgraph.terms import Term, Triple
from trialgraph.validation.shacl_terms import RDF_FIRST, RDF_NIL, RDF_REST, sh


@dataclass(frozen=True)
class Predicate:
    """One step along a predicate."""

    iri: Term


@dataclass(frozen=True)
class Inverse:
    """A step backwards (section 2.3.1.4)."""

    step: "Path"


@dataclass(frozen=True)
class Sequence:
    """One step after the other (section 2.3.1.2)."""

    steps: "tuple[Path, ...]"


@dataclass(frozen=True)
class Alternative:
    """Any of the steps (section 2.3.1.3)."""

    steps: "tuple[Path, ...]"


@dataclass(frozen=True)
class ZeroOrMore:
    """The step any number of times (section 2.3.1.5)."""

    step: "Path"


@dataclass(frozen=True)
class OneOrMore:
    """The step at least once (section 2.3.1.6)."""

    step: "Path"


@dataclass(frozen=True)
class ZeroOrOne:
    """The step, or none (section 2.3.1.7)."""

    step: "Path"


Path = Predicate | Inverse | Sequence | Alternative | ZeroOrMore | OneOrMore | ZeroOrOne

_SUFFIXES: Final[dict[str, type[ZeroOrMore] | type[OneOrMore] | type[ZeroOrOne]]] = {
    "*": ZeroOrMore,
    "+": OneOrMore,
    "?": ZeroOrOne,
}
_REPEATS: Final = {"*": sh("zeroOrMorePath"), "+": sh("oneOrMorePath"), "?": sh("zeroOrOnePath")}

Objects = Callable[[Term, Term], list[Term]]
"""Gives the objects of a subject and a predicate in the shapes graph."""


def read_path(node: Term, objects: Objects, shape: Term) -> Path:
    """Return the path that a node of a shapes graph stands for.

    Raises ShapeError when it is not a well-formed path (section 2.3.1).
    """
    return _read(node, objects, shape, frozenset())


def _read(node: Term, objects: Objects, shape: Term, above: frozenset[Term]) -> Path:
    if node.startswith("<") and node != RDF_NIL:
        return Predicate(node)
    if not node.startswith("_:") or node in above:
        raise ShapeError(shape, f"sh:path: {node} is not a property path (SHACL 2.3.1)")
    above |= {node}
    if objects(node, RDF_FIRST):
        return Sequence(_read_steps(node, objects, shape, above))
    for step in objects(node, sh("inversePath")):
        return Inverse(_read(step, objects, shape, above))
    for steps in objects(node, sh("alternativePath")):
        return Alternative(_read_steps(steps, objects, shape, above))
    for suffix, kind in _SUFFIXES.items():
        for step in objects(node, _REPEATS[suffix]):
            return kind(_read(step, objects, shape, above))
    raise ShapeError(shape, f"sh:path: the blank node {node} is no kind of property path (SHACL 2.3.1)")


def _read_steps(node: Term, objects: Objects, shape: Term, above: frozenset[Term]) -> tuple[Path, ...]:
    members = read_list(node, objects, shape, "sh:path")
    if len(members) < 2:
        raise ShapeError(shape, "sh:path: a sequence or alternative path has at least two members (SHACL 2.3.1)")
    return tuple(_read(member, objects, shape, above) for member in members)


def read_list(node: Term, objects: Objects, shape: Term, clause: str) -> list[Term]:
    """Return the members of an RDF list of the shapes graph.

    Raises ShapeError when it is not a well-formed list (section 1.1: one rdf:first and one rdf:rest a cell, no loop).
    """
    members: list[Term] = []
    seen: set[Term] = set()
    while node != RDF_NIL:
        first, rest = objects(node, RDF_FIRST), objects(node, RDF_REST)
        if len(first) != 1 or len(rest) != 1 or node in seen:
            raise ShapeError(shape, f"{clause}: {node} is not a well-formed RDF list")
        seen.add(node)
        members.append(first[0])
        node = rest[0]
    return members


def path_text(path: Path) -> str:
    """Return the path as SPARQL 1.1 property-path text (section 2.3.1 gives the correspondence)."""
    match path:
        case Predicate(iri):
            text = iri
        case Inverse(step):
            text = "^" + _primary(step)
        case Sequence(steps):
            text = "/".join(_element(step) for step in steps)
        case Alternative(steps):
            text = "|".join(_element(step) for step in steps)
        case _:
            text = _primary(path.step) + _suffix(path)
    return text


def _suffix(path: ZeroOrMore | OneOrMore | ZeroOrOne) -> str:
    return next(suffix for suffix, kind in _SUFFIXES.items() if isinstance(path, kind))


def _primary(path: Path) -> str:
    return path.iri if isinstance(path, Predicate) else f"({path_text(path)})"


def _element(path: Path) -> str:
    return f"({path_text(path)})" if isinstance(path, Sequence | Alternative) else path_text(path)


def parse_path(text: str) -> Path:
    """Read back what `path_text` wrote.

    Raises ValueError for anything else.
    """
    lexer = Lexer(text)
    path = _parse_alternative(lexer)
    if lexer.kind != "end":
        raise ValueError(f"not a property path: {text!r}")
    return path


def _parse_alternative(lexer: Lexer) -> Path:
    steps = [_parse_sequence(lexer)]
    while lexer.mark("|"):
        steps.append(_parse_sequence(lexer))
    return steps[0] if len(steps) == 1 else Alternative(tuple(steps))


def _parse_sequence(lexer: Lexer) -> Path:
    steps = [_parse_step(lexer)]
    while lexer.mark("/"):
        steps.append(_parse_step(lexer))
    return steps[0] if len(steps) == 1 else Sequence(tuple(steps))


def _parse_step(lexer: Lexer) -> Path:
    if lexer.mark("^"):
        return Inverse(_parse_step(lexer))
    if lexer.mark("("):
        path = _parse_alternative(lexer)
        if not lexer.mark(")"):
            raise ValueError("not a property path: a parenthesis is not closed")
    elif lexer.kind == "iri":
        path = Predicate(lexer.value)
        lexer.step()
    else:
        raise ValueError(f"not a property path: {lexer.value!r} where a step was expected")
    while lexer.kind == "mark" and lexer.value in _SUFFIXES:
        path = _SUFFIXES[lexer.value](path)
        lexer.step()
    return path


def path_triples(path: Path, label: Term) -> tuple[Term, list[Triple]]:
    """Return the node that stands for a path in RDF, and the triples below it; blank nodes are named from `label`."""
    match path:
        case Predicate(iri):
            return iri, []
        case Sequence(steps):
            return _list_triples(steps, label)
        case Alternative(steps):
            head, triples = _list_triples(steps, label + "l")
            return label, [(label, sh("alternativePath"), head), *triples]
        case Inverse(step):
            predicate = sh("inversePath")
        case _:
            predicate, step = _REPEATS[_suffix(path)], path.step
    node, triples = path_triples(step, label + "s")
    return label, [(label, predicate, node), *triples]


def _list_triples(steps: tuple[Path, ...], label: Term) -> tuple[Term, list[Triple]]:
    triples: list[Triple] = []
    for number, step in enumerate(steps, 1):
        cell = f"{label}{number}"
        node, below = path_triples(step, cell + "s")
        rest = f"{label}{number + 1}" if number < len(steps) else RDF_NIL
        triples += [(cell, RDF_FIRST, node), (cell, RDF_REST, rest), *below]
    return f"{label}1", triples
