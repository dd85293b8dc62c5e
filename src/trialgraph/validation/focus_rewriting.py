"""A query written for one focus node, rewritten to run once for all of them.

SHACL 5.3.1 substitutes each focus node for `$this` and runs the query as often as there are focus nodes. Here `$this`
stays a variable, and a sub-select that gives the focus nodes is joined in: into the outermost group, and into every
inner group that filters or computes with `$this`. What would then mean something else (a limit, an aggregate over all
focus nodes, the clauses SHACL forbids) is refused, never answered wrongly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trialgraph.errors import QuerySyntaxError, ShapeError
from trialgraph.sparql.edits import Edit, edited
from trialgraph.sparql.parser import parse
from trialgraph.sparql.query import (
    Bind,
    Expression,
    Filter,
    Group,
    Nested,
    Query,
    Select,
    Service,
    Triples,
    Values,
    all_groups,
    expressions,
)
from trialgraph.terms import Term

_THIS, _PATH = "?this", "?PATH"
_NOT_HERE = ("?shapesGraph", "?currentShape")


@dataclass(frozen=True)
class Rewriting:
    """One query on its way from one focus node to all."""

    shape: Term
    focus: str
    """The group that gives the focus nodes, as `?this`."""
    path: str | None = None
    """What stands for `$PATH`."""

    def of(self, select: str) -> str:
        """Return the query for all focus nodes.

        Raises ShapeError for a query that cannot be run this way.

        >>> Rewriting("<S>", "{ ?this a <C> }").of("SELECT $this WHERE { FILTER ($this = <a>) }")
        'SELECT ?this WHERE { { ?this a <C> }  FILTER (?this = <a>) }'
        """
        try:
            query = parse(select)
        except QuerySyntaxError as error:
            raise self._refuse(str(error)) from error
        if query.form != "SELECT" or query.select.group is None:
            raise self._refuse(f"the query is a SELECT, not {query.form} (SHACL 5.2.1)")
        groups = [group for group, _ in all_groups(query)]
        for inner in (query.select, *(group.select for group in groups if group.select)):
            self._check_select(inner)
        for group in groups:
            self._check_members(group)
        joined = {query.select.group.start, *_testing(query, groups)}
        edits = [Edit(place + 1, place + 1, f" {self.focus} ") for place in joined]
        return edited(select, [*edits, *self._named(query, groups)])

    def _refuse(self, reason: str) -> ShapeError:
        return ShapeError(self.shape, f"sh:select: {reason}")

    def _check_select(self, select: Select) -> None:
        """Every SELECT must give `$this`, and count for each (SHACL 5.2.1)."""
        modifiers = select.modifiers
        if modifiers.limit or modifiers.offset:
            word = "LIMIT" if modifiers.limit else "OFFSET"
            raise self._refuse(f"{word} would count over all focus nodes; only the reference engine runs it")
        if modifiers.values:
            raise self._forbidden("VALUES")
        if not any(column.variable == _THIS for column in select.columns):
            raise self._refuse("every SELECT must name $this among its variables (SHACL 5.2.1)")
        # One that groups without $this, or aggregates without grouping, cannot name it, and does not parse.
        if any(column.variable == _THIS and column.expression for column in (*select.columns, *modifiers.grouping)):
            raise self._assigned()

    def _check_members(self, group: Group) -> None:
        for member in group.members:
            match member:
                case Nested(word="MINUS"):
                    raise self._forbidden("MINUS")
                case Values():
                    raise self._forbidden("VALUES")
                case Service():
                    raise self._forbidden("SERVICE")
                case Bind(variable=variable) if variable == _THIS:
                    raise self._assigned()

    def _forbidden(self, word: str) -> ShapeError:
        return self._refuse(f"{word} is not allowed in SHACL queries (SHACL 5.2.1)")

    def _assigned(self) -> ShapeError:
        return self._refuse("$this is bound already and cannot be assigned (SHACL 5.2.1)")

    def _named(self, query: Query, groups: list[Group]) -> Iterator[Edit]:
        """Yield what stands for the variables that SHACL names."""
        verbs = {
            triple.verb.start
            for group in groups
            for member in group.members
            if isinstance(member, Triples)
            for triple in member.triples
            if triple.verb.variable == _PATH
        }
        for name, start, end in _variables(query):
            if name in _NOT_HERE:
                raise self._refuse(f"${name[1:]} is not supported")
            if name == _THIS:
                yield Edit(start, end, _THIS)
            if name == _PATH:
                if self.path is None:
                    raise self._refuse("$PATH has a meaning in property shapes only (SHACL 5.2.1)")
                if start not in verbs:
                    raise self._refuse("$PATH stands where a property may, and nowhere else (SHACL 5.2.1)")
                yield Edit(start, end, self.path)


def _variables(query: Query) -> Iterator[tuple[str, int, int]]:
    """Yield each variable with its question mark, and where it stands."""
    for start, end in query.spans:
        if query.text[start] in "?$" and end > start + 1:
            yield f"?{query.text[start + 1 : end]}", start, end


def _testing(query: Query, groups: list[Group]) -> Iterator[int]:
    """Yield where the groups begin that filter or compute with `$this`, so must know it there.

    Not those of EXISTS: inside, the solution around it is known (SPARQL 1.1, 18.6 substitute), elsewhere it is not.
    """
    mentions = [start for name, start, _ in _variables(query) if name == _THIS]

    def tests(expression: Expression) -> bool:
        inside = ((group.start, group.end) for group in expression.groups)
        return _THIS in expression.variables or any(
            start < place < end for start, end in inside for place in mentions
        )

    every = [*expressions(query.select)]
    for group in groups:
        every += _expressions(group)
        if group.select:
            every += expressions(group.select)
    looked_for = {group.start for expression in every for group in expression.groups}
    for group in groups:
        if group.select and group.select.group and any(map(tests, expressions(group.select))):
            yield group.select.group.start
        if group.start not in looked_for and any(map(tests, _expressions(group))):
            yield group.start


def _expressions(group: Group) -> list[Expression]:
    return [member.expression for member in group.members if isinstance(member, (Filter, Bind))]
