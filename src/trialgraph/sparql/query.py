"""A query, parsed: form, prologue, dataset, groups with their places in the text, modifiers.

Everything is a tuple that nobody changes; spans are offsets into `Query.text`. Terms are as written, and IRIs that
matter are resolved by `Query.iri`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urljoin

QUERY_FORMS: Final = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
VOLATILE: Final = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
"""SPARQL 1.1 section 17.4: a new value at each call, or one that depends on the moment."""


class Term(NamedTuple):
    """A term of a pattern: `var`, `iri`, `literal`, `blank`, or `nested` for what is made of terms."""

    kind: str
    text: str
    start: int
    end: int


class Step(NamedTuple):
    """A step of a sequence of predicates."""

    inverse: bool
    predicate: str
    """As written: an IRI, a prefixed name or `a`."""


class Verb(NamedTuple):
    """What stands between subject and object: a variable, or a property path."""

    variable: str
    """With its question mark; empty for a path."""
    steps: tuple[Step, ...]
    """Of a path that is a sequence of predicates; none when it is more than that."""
    start: int
    end: int


class Triple(NamedTuple):
    """A triple pattern; of nested ones each has its own."""

    subject: Term
    verb: Verb
    object: Term


class Triples(NamedTuple):
    """Triple patterns with the same subject, and all that is nested in them."""

    triples: tuple[Triple, ...]
    variables: tuple[str, ...]
    is_plain: bool
    """Whether nothing is nested, so that the triples are all there is."""
    start: int
    end: int


class Call(NamedTuple):
    """A function that is called by name."""

    name: str
    """In capitals; an IRI or prefixed name as written."""
    start: int
    arguments: tuple[tuple[int, int], ...]
    """Where each begins and ends."""
    end: int


class Expression(NamedTuple):
    """An expression: which variables it has, which functions it calls, which groups it looks for."""

    start: int
    end: int
    uses: tuple[tuple[str, int], ...]
    """Each variable and where it stands; those of the groups it looks for are not among them."""
    calls: tuple[Call, ...]
    groups: tuple["Group", ...]
    """Of EXISTS and NOT EXISTS."""
    only: str
    """`EXISTS` or `NOT EXISTS` when it is nothing else; the variable when it is one; else empty."""

    @property
    def variables(self) -> frozenset[str]:
        """The variables, each once."""
        return frozenset(name for name, _ in self.uses)


class Filter(NamedTuple):
    """FILTER."""

    expression: Expression
    start: int
    end: int


class Bind(NamedTuple):
    """BIND."""

    expression: Expression
    variable: str
    start: int
    end: int


class Values(NamedTuple):
    """VALUES, in a group or behind a query."""

    variables: tuple[str, ...]
    rows: int
    start: int
    end: int


class Nested(NamedTuple):
    """OPTIONAL, MINUS, LATERAL, or a group by itself, which has no word."""

    word: str
    group: "Group"
    start: int
    end: int


class Union(NamedTuple):
    """Two groups or more, joined by UNION."""

    groups: tuple["Group", ...]
    start: int
    end: int


class Graph(NamedTuple):
    """GRAPH."""

    name: Term
    group: "Group"
    start: int
    end: int


class Service(NamedTuple):
    """SERVICE."""

    endpoint: Term
    silent: bool
    group: "Group"
    start: int
    end: int


Member = Triples | Filter | Bind | Values | Nested | Union | Graph | Service


class Group(NamedTuple):
    """What stands between two braces: members, or a subquery."""

    members: tuple[Member, ...]
    select: "Select | None"
    start: int
    """Where the opening brace stands."""
    end: int
    """Behind the closing one."""


class Column(NamedTuple):
    """What SELECT or GROUP BY names: a variable, an expression, or both."""

    variable: str
    expression: Expression | None
    start: int
    end: int


class Order(NamedTuple):
    """A key of ORDER BY."""

    expression: Expression
    descending: bool
    start: int
    end: int


class Number(NamedTuple):
    """LIMIT or OFFSET: its value and where that stands."""

    value: int
    start: int
    end: int


class Modifiers(NamedTuple):
    """What stands behind the group."""

    grouping: tuple[Column, ...] = ()
    having: tuple[Expression, ...] = ()
    order: tuple[Order, ...] = ()
    limit: Number | None = None
    offset: Number | None = None
    values: Values | None = None
    start: int = 0
    end: int = 0
    """Behind the last of them; where the group ends when there are none."""


class Select(NamedTuple):
    """A SELECT, of a query or inside one; the other forms have all but columns."""

    option: str
    """DISTINCT, REDUCED or empty."""
    columns: tuple[Column, ...]
    """None for the star."""
    star: tuple[int, int] | None
    """Where the star stands."""
    group: Group | None
    """None only for DESCRIBE without one."""
    modifiers: Modifiers
    start: int
    end: int

    @property
    def aggregates(self) -> bool:
        """Whether solutions are grouped."""
        expressions = [column.expression for column in self.columns if column.expression]
        expressions += [*self.modifiers.having, *(key.expression for key in self.modifiers.order)]
        return bool(self.modifiers.grouping or self.modifiers.having) or any(
            call.name in AGGREGATES for expression in expressions for call in expression.calls
        )


AGGREGATES: Final = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))


class Source(NamedTuple):
    """FROM or FROM NAMED."""

    is_named: bool
    name: Term


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    text: str
    form: str
    """SELECT, ASK, CONSTRUCT or DESCRIBE."""
    base: str
    """As of BASE; empty when there is none."""
    prefixes: Mapping[str, str]
    """Prefix without colon to IRI."""
    prologue: int
    """Where the prologue ends and the form begins."""
    sources: tuple[Source, ...]
    sources_span: tuple[int, int]
    """Where all clauses FROM stand; empty, and where they would, when there are none."""
    select: Select
    services: tuple[Service, ...]
    """All of them, also those inside others, in the order of the text."""
    volatile: frozenset[str]
    """Functions called whose value is another each time."""
    is_dotted: bool
    """Whether it has a name like `a:b.c.d`, where Oxigraph and the standard differ on where it ends."""
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    """Of all terminals."""

    @property
    def repeatable(self) -> bool:
        """Whether the same data give the same answer."""
        return not self.volatile

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph, not a table or a boolean."""
        return self.form in {"CONSTRUCT", "DESCRIBE"}

    def iri(self, written: str, base: str = "") -> str:
        """Return the IRI that is meant by one as written, by a prefixed name or by `a`."""
        return resolve(written, self.prefixes, self.base or base)


def resolve(written: str, prefixes: Mapping[str, str], base: str = "") -> str:
    r"""Return the IRI that is meant by one as written, by a prefixed name or by `a`.

    >>> resolve("x:a\\-b", {"x": "http://e.org/"}), resolve("<b>", {}, "http://e.org/a")
    ('http://e.org/a-b', 'http://e.org/b')
    """
    if written == "a":
        return "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    if written[0] == "<":
        inner = unescaped(written[1:-1])
        return urljoin(base, inner) if base and ":" not in inner.split("/")[0] else inner
    prefix, _, local = written.partition(":")
    return prefixes[prefix] + local.replace("\\", "")


def unescaped(text: str) -> str:
    r"""Return a text with its escapes replaced (SPARQL 1.1 sections 19.2 and 19.7).

    >>> unescaped(r"\u0041\n\\u0041")
    'A\n\\u0041'
    """
    if "\\" not in text:
        return text
    parts, place = [], 0
    while (found := text.find("\\", place)) >= 0:
        parts.append(text[place:found])
        escape = text[found + 1]
        length = {"u": 4, "U": 8}.get(escape, 0)
        if length:
            number = int(text[found + 2 : found + 2 + length], 16)
            parts.append(chr(number) if number < 0x110000 else "\ufffd")
        else:
            parts.append(_ESCAPES.get(escape, escape))
        place = found + 2 + length
    return "".join((*parts, text[place:]))


_ESCAPES: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def walk(group: Group) -> Iterator[tuple[Group, tuple[Member, ...]]]:
    """Yield a group and all groups inside it, those of expressions too, each with the members it is inside of."""
    waiting: list[tuple[Group, tuple[Member, ...]]] = [(group, ())]
    while waiting:
        inner, around = waiting.pop()
        yield inner, around
        for member in members(inner):
            waiting += ((each, (*around, member)) for each in groups(member))
        if inner.select:
            waiting += ((each, around) for each in _select_groups(inner.select))


def members(group: Group) -> tuple[Member, ...]:
    """Return the members of a group; a subquery has none of its own."""
    return group.members


def groups(member: Member) -> tuple[Group, ...]:
    """Return the groups directly inside a member, those of its expressions too."""
    match member:
        case Nested() | Graph() | Service():
            return (member.group,)
        case Union():
            return member.groups
        case Filter() | Bind():
            return member.expression.groups
    return ()


def _select_groups(select: Select) -> Iterator[Group]:
    if select.group:
        yield select.group
    for expression in expressions(select):
        yield from expression.groups


def expressions(select: Select) -> Iterator[Expression]:
    """Yield the expressions of a SELECT that stand outside its group."""
    for column in (*select.columns, *select.modifiers.grouping):
        if column.expression:
            yield column.expression
    yield from select.modifiers.having
    for key in select.modifiers.order:
        yield key.expression


def all_groups(query: Query) -> Iterator[tuple[Group, tuple[Member, ...]]]:
    """Yield every group of a query, each with the members it is inside of."""
    for group in _select_groups(query.select):
        yield from walk(group)


def predicates(query: Query, verb: Verb) -> Iterator[str]:
    """Yield the predicates of a property path as written, whatever its form."""
    if verb.steps or verb.variable:
        yield from (step.predicate for step in verb.steps)
        return
    for start, end in query.spans:
        piece = query.text[start:end]
        if verb.start <= start < verb.end and (piece[0] == "<" or ":" in piece or piece == "a"):
            yield piece
