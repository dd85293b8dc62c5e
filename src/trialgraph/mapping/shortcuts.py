"""Shortcuts: triples made from fields, beside them, so that questions take fewer steps.

A `Hook` runs after a field has been written and is told its distinct values. Which shortcuts there are, from
which field and by which rule, the ontology declares (`tg:shortcutRule`, `tg:shortcutFrom`, `tg:shortcutTo`).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from trialgraph import vocabulary
from trialgraph.errors import MappingError
from trialgraph.mapping.declarations import Declarations, Property
from trialgraph.mapping.field_tree import RECORD, Leaf, Node, Tree
from trialgraph.mapping.literals import ENCODERS, encode_date
from trialgraph.mapping.typed_values import (
    Number,
    age_in_days,
    age_in_years,
    days_of,
    mesh_descriptor,
    number_written,
)
from trialgraph.mapping.write_context import Run
from trialgraph.terms import XSD, Term, Triple, decimal, integer, iri, typed

Hook = Callable[[Sequence[Any], Term, list[Triple], Run], None]
Index = Callable[[dict[str, Any], Term], dict[str, Term | None]]
"""Elements inside a node's object by the value they bear; None where several bear it."""

Make = Callable[[str], Term | None]
"""Makes the value of a shortcut from that of a field."""
Rule = Callable[[Property, Leaf], Make]

MESH: Final = vocabulary.PREFIXES["mesh"]


@dataclass
class Joins:
    """What joins look up: for each node by path, its slots and how to fill them."""

    scopes: dict[str, list[tuple[int, Index]]] = field(default_factory=lambda: defaultdict(list))
    size: int = 0

    def add(self, scope: Node, index: Index) -> int:
        """Register an index to be made for each object of the node; return its slot."""
        self.size += 1
        self.scopes[scope.path].append((self.size, index))
        return self.size


def compile_shortcuts(declarations: Declarations, tree: Tree) -> tuple[dict[str, list[Hook]], Joins]:
    """Return the hooks of every field, by path, and the joins they use.

    Raises MappingError for an unknown rule or field, or a join between fields that share no array.
    """
    hooks: dict[str, list[Hook]] = defaultdict(list)
    joins = Joins()
    for iri_ in sorted(declarations.properties):  # a field has several, and their order is that of triples
        declared = declarations.properties[iri_]
        if not declared.rule:
            continue
        for path in declared.shortcut_from:
            if path not in tree.leaves:
                raise MappingError(declared.iri, f"shortcut from {path}, which is not a declared field")
            hooks[path].append(_hook(declared, path, declarations, tree, joins))
    return hooks, joins


def _hook(declared: Property, path: str, declarations: Declarations, tree: Tree, joins: Joins) -> Hook:
    predicate, leaf = f"<{declared.iri}>", tree.leaves[path]
    if declared.rule == "join":
        return _join(declared, path, declarations, tree, joins)
    if declared.rule == "combine":
        return _combine(predicate, declared)
    if declared.rule not in _RULES:
        raise MappingError(declared.iri, f"there is no shortcut rule {declared.rule!r}; known are {', '.join(RULES)}")
    make = _RULES[declared.rule](declared, leaf)
    owner = RECORD if leaf.on_record else tree.owners[path].class_
    here = declared.rule != "copy" and declarations.applies(declared, owner)
    return _here(predicate, make) if here else _on_trial(predicate, make)


def _here(predicate: Term, make: Make) -> Hook:
    def hook(values: Sequence[Any], subject: Term, out: list[Triple], _run: Run) -> None:
        for value in values:
            term = make(value)
            if term is not None:
                out.append((subject, predicate, term))

    return hook


def _on_trial(predicate: Term, make: Make) -> Hook:
    def hook(values: Sequence[Any], _subject: Term, _out: list[Triple], run: Run) -> None:
        for value in values:
            term = make(value)
            if term is not None:
                run.late[run.trial, predicate, term] = None

    return hook


def _copy(_declared: Property, leaf: Leaf) -> Make:
    return ENCODERS[leaf.declared.range]


def _shared(declared: Property, _leaf: Leaf) -> Make:
    kind = declared.range.rsplit("#", 1)[-1].lower()

    @lru_cache(maxsize=1 << 14)
    def make(name: str) -> Term | None:
        return iri(vocabulary.shared_iri(kind, name)) if name.strip(" .") else None

    return make


def _year(_declared: Property, _leaf: Leaf) -> Make:
    def make(date: str) -> Term | None:
        term = encode_date(date)
        return integer(int(date[:4])) if term is not None and not term.endswith('"') else None

    return make


def _mesh(_declared: Property, _leaf: Leaf) -> Make:
    def make(identifier: str) -> Term | None:
        descriptor = mesh_descriptor(identifier)
        return f"<{MESH}{descriptor}>" if descriptor else None

    return make


def _number(part: Callable[[Number], Decimal | None]) -> Rule:
    """Return the rule for one of the numbers that a text says."""

    @lru_cache(maxsize=1 << 16)
    def make(text: str) -> Term | None:
        found = number_written(text)
        value = part(found) if found else None
        return None if value is None else decimal(value)

    return lambda _declared, _leaf: make


def _comparator(*, always: bool) -> Rule:
    """Return the rule for the comparator of a text: of every number, or only where it is not a number alone."""

    @lru_cache(maxsize=1 << 16)
    def make(text: str) -> Term | None:
        found = number_written(text)
        if found is None or (found.comparator == "EQ" and not (always or text.lstrip().startswith("="))):
            return None
        return iri(vocabulary.concept_iri("comparator", found.comparator))

    return lambda _declared, _leaf: make


def _day(end: int) -> Rule:
    @lru_cache(maxsize=1 << 16)
    def make(text: str) -> Term | None:
        days = days_of(text)
        return typed(days[end], XSD + "date") if days else None

    return lambda _declared, _leaf: make


def _age(read: Callable[[str], Decimal | None]) -> Rule:
    def make(text: str) -> Term | None:
        age = read(text)
        return None if age is None else decimal(age)

    return lambda _declared, _leaf: make


_RULES: Final[dict[str, Rule]] = {
    "copy": _copy,
    "shared": _shared,
    "year": _year,
    "mesh": _mesh,
    "number": _number(lambda found: found.value),
    "low": _number(lambda found: found.low),
    "high": _number(lambda found: found.high),
    "comparator": _comparator(always=True),
    "sign": _comparator(always=False),
    "earliest": _day(0),
    "latest": _day(1),
    "years": _age(age_in_years),
    "days": _age(age_in_days),
}
RULES: Final = (*_RULES, "combine", "join")


def _combine(predicate: Term, declared: Property) -> Hook:
    concepts = declared.scheme.concepts if declared.scheme else ()
    notations = {concept.iri: concept.notation for concept in concepts}
    by_members = {
        frozenset(map(notations.__getitem__, c.combines)) or frozenset([c.notation]): c.iri for c in concepts
    }

    def hook(values: Sequence[Any], subject: Term, out: list[Triple], _run: Run) -> None:
        concept = by_members.get(frozenset(values))
        if concept is not None:
            out.append((subject, predicate, f"<{concept}>"))

    return hook


def _join(declared: Property, path: str, declarations: Declarations, tree: Tree, joins: Joins) -> Hook:
    targets = _nearest(path, declared.shortcut_to)
    scope, index = _index(declared, path, targets, tree)
    slot = joins.add(scope, index)
    predicate = f"<{declared.iri}>"
    backward = not declarations.applies(declared, tree.owners[path].class_)

    def hook(values: Sequence[Any], subject: Term, out: list[Triple], run: Run) -> None:
        elements = run.keys[slot]
        for value in values:
            element = elements.get(value)
            if element is not None:
                out.append((subject, predicate, element))

    def hook_backward(values: Sequence[Any], subject: Term, _out: list[Triple], run: Run) -> None:
        elements = run.keys[slot]
        for value in values:
            element = elements.get(value)
            if element is not None:
                run.late[element, predicate, subject] = None

    return hook_backward if backward else hook


def _nearest(path: str, targets: tuple[str, ...]) -> list[str]:
    """Return the targets that share the longest path with a field."""

    def shared(target: str) -> int:
        pairs = zip(path.split("."), target.split("."), strict=False)
        return next((number for number, (a, b) in enumerate(pairs) if a != b), len(target))

    best = max(map(shared, targets), default=0)
    return [target for target in targets if shared(target) == best]


def _index(declared: Property, path: str, targets: list[str], tree: Tree) -> tuple[Node, Index]:
    if not targets or any(target not in tree.leaves for target in targets):
        raise MappingError(declared.iri, f"the join from {path} leads to no declared field")
    below = [tree.owners[target] for target in targets]
    scope = below[0].parent
    if scope is None or any(node.parent is not scope for node in below) or not path.startswith(scope.path):
        raise MappingError(declared.iri, f"the join from {path} leads out of the object it starts in")
    lookups = [
        (array.keys, array.declared.segment, tree.leaves[target].keys[-1])
        for array, target in ((tree.leaves[node.path], target) for node, target in zip(below, targets, strict=True))
    ]
    return scope, _lookup(lookups)


def _lookup(lookups: list[tuple[tuple[str, ...], str, str]]) -> Index:
    def index(value: dict[str, Any], subject: Term) -> dict[str, Term | None]:
        found: dict[str, Term | None] = {}
        for keys, segment, key in lookups:
            for number, element in enumerate(_dig(value, keys), 1):
                name = element.get(key) if type(element) is dict else None
                if type(name) is str:
                    found[name] = None if name in found else f"{subject[:-1]}/{segment}/{number}>"
        return found

    return index


def _dig(value: Any, keys: tuple[str, ...]) -> list[Any]:
    for key in keys:
        value = value.get(key) if type(value) is dict else None
    return value if type(value) is list else []
