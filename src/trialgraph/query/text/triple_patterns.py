"""The outermost group of a SELECT as triple patterns, each with its counts in a release.

Taken is only what can be planned: patterns with variables as subjects and objects (or a class behind `a`), IRIs and
sequences of them as predicates, FILTER, and NOT EXISTS over such patterns. What has anything else is no group here.

>>> from trialgraph.sparql.parser import parse
>>> counts = Statistics(10, {"u:arm": (9, 3, 9)}, {})
>>> group = group_of(parse("SELECT ?a { ?t <u:arm>/<u:dose> ?a }"), counts)
>>> [pattern.text for pattern in group.patterns]
['?t <u:arm> ?step1 .', '?step1 <u:dose> ?a .']
>>> group_of(parse("SELECT ?a { ?t <u:arm> ?a OPTIONAL { ?a <u:dose> ?d } }"), counts) is None
True
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from trialgraph.sparql import query as ast
from trialgraph.sparql.edits import Edit
from trialgraph.sparql.scope import in_scope
from trialgraph.store import Statistics
from trialgraph.terms import RDF_TYPE
from trialgraph.vocabulary import BASE


class Pattern(NamedTuple):
    """A triple pattern: its text, what it holds, and what is known of it."""

    text: str
    subject: str
    object: str
    """Both variables; of `?x a C` the object is empty."""
    triples: int
    subjects: int
    objects: int
    datatype: str = ""
    """Of all objects, where they are literals of one."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Its variables, each once."""
        return tuple(dict.fromkeys(each for each in (self.subject, self.object) if each))


class Top(NamedTuple):
    """What ORDER BY and LIMIT want: the first of many solutions."""

    variable: str
    """That the first key is."""
    key: str
    """As written."""
    rows: int
    """How many there are up to the last one that is wanted."""


@dataclass
class PatternGroup:
    """The outermost group, as far as it is understood."""

    patterns: list[Pattern] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    missing: list[list[Pattern]] = field(default_factory=list)
    """Patterns of each NOT EXISTS."""
    streams: bool = False
    """Whether the first solutions may be all that are wanted."""
    columns: tuple[Edit, ...] = ()
    """The variables in place of the star of SELECT *, in Oxigraph's order."""
    top: Top | None = None
    """When there is a key to order by, others besides, and LIMIT, and no grouping."""


def group_of(query: ast.Query, statistics: Statistics) -> PatternGroup | None:
    """Return the outermost group of a query; None when there is more in it than is thought about here."""
    select = query.select
    group = select.group
    if query.form != "SELECT" or group is None or group.select or select.modifiers.values:
        return None
    outside = tuple(ast.expressions(select))
    if any(each.groups for each in outside) or _counts_distinct_solutions(query, outside):
        return None
    found = _Taker(query, statistics).taken(group)
    if found is None:
        return None
    plain = not select.aggregates
    found.streams = bool(plain and select.modifiers.limit and not select.modifiers.order)
    if select.star:
        found.columns = (Edit(*select.star, f" {' '.join(sorted(in_scope(group)))} "),)
    if plain and not select.option:
        found.top = _top(query.text, select.modifiers)
    return found


def _counts_distinct_solutions(query: ast.Query, outside: tuple[ast.Expression, ...]) -> bool:
    """Whether the variables within sequences would count, as in COUNT(DISTINCT *)."""
    return any(
        call.name == "COUNT"
        and query.text[slice(*call.arguments[0])] == "*"
        and "DISTINCT" in query.text[call.start : call.end].upper()
        for expression in outside
        for call in expression.calls
    )


class _Taker:
    """Takes the members of a group that has nothing but what is thought about here."""

    def __init__(self, query: ast.Query, statistics: Statistics) -> None:
        self._query, self._statistics = query, statistics
        self._made = 0

    def taken(self, group: ast.Group) -> PatternGroup | None:
        found = PatternGroup()
        for member in group.members:
            match member:
                case ast.Triples():
                    patterns = self._patterns(member)
                    if patterns is None:
                        return None
                    found.patterns += patterns
                case ast.Filter() if not self._filter(member, found):
                    return None
                case ast.Filter():
                    pass
                case _:
                    return None
        return found

    def _filter(self, member: ast.Filter, found: PatternGroup) -> bool:
        if not member.expression.groups:
            found.filters.append(self._query.text[member.start : member.end])
            return True
        if member.expression.only != "NOT EXISTS" or member.expression.groups[0].select:
            return False
        inner: list[Pattern] = []
        for each in member.expression.groups[0].members:
            patterns = self._patterns(each) if isinstance(each, ast.Triples) else None
            if patterns is None:
                return False
            inner += patterns
        found.missing.append(inner)
        return True

    def _patterns(self, triples: ast.Triples) -> list[Pattern] | None:
        if not triples.is_plain:
            return None
        found: list[Pattern] = []
        for triple in triples.triples:
            patterns = list(self._of_triple(triple))
            if not patterns:
                return None
            found += patterns
        return found

    def _of_triple(self, triple: ast.Triple) -> Iterator[Pattern]:
        """Yield the patterns of a sequence, which has a variable of its own between two steps (section 18.4)."""
        steps, subject = triple.verb.steps, triple.subject.text
        if triple.subject.kind != "var" or not steps:
            return
        if triple.object.kind == "iri" and len(steps) == 1:
            yield from self._of_class(triple, steps[0])
            return
        if triple.object.kind != "var":
            return
        for number, step in enumerate(steps, 1):
            end = triple.object.text if number == len(steps) else self._new_variable()
            first, second = (end, subject) if step.inverse else (subject, end)
            named = self._query.iri(step.predicate, BASE)
            counts = self._statistics.predicates.get(named, (0, 0, 0))
            datatype = self._statistics.datatypes.get(named, "")
            yield Pattern(f"{first} {step.predicate} {second} .", first, second, *counts, datatype)
            subject = end

    def _of_class(self, triple: ast.Triple, step: ast.Step) -> Iterator[Pattern]:
        if step.inverse or self._query.iri(step.predicate, BASE) != RDF_TYPE[1:-1]:
            return
        class_, subject = triple.object.text, triple.subject.text
        members = self._statistics.classes.get(self._query.iri(class_, BASE), 0)
        yield Pattern(f"{subject} {step.predicate} {class_} .", subject, "", members, members, 1)

    def _new_variable(self) -> str:
        while True:
            self._made += 1
            if (name := f"?step{self._made}")[1:] not in self._query.text:
                return name


def _top(text: str, said: ast.Modifiers) -> Top | None:
    """Return what the words behind the group say, when it is ORDER BY, of two keys or more, LIMIT, perhaps OFFSET."""
    if len(said.order) < 2 or not said.limit or not said.limit.value:
        return None
    first = said.order[0]
    if not first.expression.only.startswith("?"):
        return None
    rows = said.limit.value + (said.offset.value if said.offset else 0)
    return Top(first.expression.only, text[first.start : first.end], rows)
