"""Which variables are in scope (SPARQL 1.1, 18.2.1), and rules that a grammar alone cannot hold.

These are the notes to the grammar: grouping (section 11.4), AS and BIND to a new variable (18.2.4.4, 10.1), blank
nodes within one group (4.1.4), aggregates only where solutions are grouped.
"""

from collections.abc import Iterable

from trialgraph.sparql.lexer import fault
from trialgraph.sparql.query import (
    AGGREGATES,
    Bind,
    Column,
    Expression,
    Filter,
    Graph,
    Group,
    Member,
    Nested,
    Query,
    Select,
    Service,
    Triples,
    Union,
    Values,
    groups,
)


def in_scope(group: Group) -> dict[str, None]:
    """Return the variables of a group that whoever uses it may see, in the order of the text."""
    if group.select:
        return selected(group.select)
    found: dict[str, None] = {}
    for member in group.members:
        found |= member_scope(member)
    return found


def selected(select: Select) -> dict[str, None]:
    """Return the variables that a SELECT gives."""
    if select.star is None:
        return dict.fromkeys(column.variable for column in select.columns)
    found = in_scope(select.group) if select.group else {}
    if select.modifiers.values:
        found |= dict.fromkeys(select.modifiers.values.variables)
    return found


def member_scope(member: Member) -> dict[str, None]:
    """Return the variables that a member of a group brings into scope."""
    match member:
        case Triples() | Values():
            return dict.fromkeys(member.variables)
        case Bind():
            return {member.variable: None}
        case Graph(name=term) | Service(endpoint=term):
            return ({term.text: None} if term.kind == "var" else {}) | in_scope(member.group)
        case Union():
            return {name: None for group in member.groups for name in in_scope(group)}
        case Nested():
            return in_scope(member.group) if member.word != "MINUS" else {}
    return {}


def check_scope(query: Query) -> None:
    """Raise QuerySyntaxError where a query breaks one of the rules."""
    _Checker(query.text).select(query.select, is_query=query.form == "SELECT")


class _Checker:
    def __init__(self, text: str) -> None:
        self._text = text
        self._used_labels: set[str] = set()

    def select(self, select: Select, *, is_query: bool = True) -> None:
        scope: dict[str, None] = self.group(select.group) if select.group else {}
        if select.modifiers.values:
            self._values(select.modifiers.values)
        if is_query and select.star and select.modifiers.grouping:
            raise fault(self._text, select.star[0], "SELECT * cannot be grouped: name what is selected")
        self._expressions([column.expression for column in select.columns], may_group=True)
        if is_query and select.columns:
            self._columns(select, scope)

    def _columns(self, select: Select, scope: Iterable[str]) -> None:
        known = set(scope)
        grouped = {column.variable for column in select.modifiers.grouping} if select.aggregates else None
        seen: set[str] = set()
        for column in select.columns:
            if column.variable in seen:
                raise fault(self._text, column.start, f"{column.variable} is selected twice")
            if column.expression and column.variable in known:
                raise fault(self._text, column.start, f"{column.variable} has a value already: name another")
            seen.add(column.variable)
            if grouped is not None:
                self._grouped(column, grouped)
                grouped.add(column.variable)

    def _grouped(self, column: Column, grouped: set[str]) -> None:
        if column.expression is None:
            loose = column.variable if column.variable not in grouped else ""
        else:
            inside = [(call.start, call.end) for call in column.expression.calls if call.name in AGGREGATES]
            loose = next(
                (
                    name
                    for name, place in column.expression.uses
                    if name not in grouped and not any(start <= place < end for start, end in inside)
                ),
                "",
            )
        if loose:
            raise fault(self._text, column.start, f"{loose} is neither grouped by nor in an aggregate such as MIN")

    def group(self, group: Group) -> dict[str, None]:
        """Check a group; return the variables in its scope."""
        if group.select:
            self.select(group.select)
            return selected(group.select)
        found: dict[str, None] = {}
        labels: set[str] = set()
        for member in group.members:
            match member:
                case Triples():
                    self._labels(member, labels)
                    found |= dict.fromkeys(member.variables)
                case Values():
                    self._values(member)
                    found |= dict.fromkeys(member.variables)
                case Filter():
                    self._expressions([member.expression])
                case Bind():
                    self._expressions([member.expression])
                    if member.variable in found:
                        raise fault(self._text, member.start, f"{member.variable} has a value already: BIND another")
                    found[member.variable] = None
                case _:
                    self._used_labels |= labels
                    labels = set()
                    found |= self._inside(member)
        self._used_labels |= labels
        return found

    def _inside(self, member: Nested | Union | Graph | Service) -> dict[str, None]:
        found: dict[str, None] = {}
        for inner in groups(member):
            found |= self.group(inner)
        if isinstance(member, Nested) and member.word == "MINUS":
            return {}
        term = member.name if isinstance(member, Graph) else None
        term = member.endpoint if isinstance(member, Service) else term
        return found | ({term.text: None} if term and term.kind == "var" else {})

    def _values(self, values: Values) -> None:
        if len(set(values.variables)) < len(values.variables):
            raise fault(self._text, values.start, "VALUES names a variable twice")

    def _labels(self, triples: Triples, labels: set[str]) -> None:
        for triple in triples.triples:
            for term in (triple.subject, triple.object):
                if term.kind == "blank" and term.text[0] == "_":
                    labels.add(term.text)
                    if term.text in self._used_labels:
                        raise fault(self._text, term.start, f"the blank node {term.text} is of another group already")

    def _expressions(self, expressions: Iterable[Expression | None], *, may_group: bool = False) -> None:
        for expression in expressions:
            if expression is None:
                continue
            for call in expression.calls if not may_group else ():
                if call.name in AGGREGATES:
                    raise fault(self._text, call.start, f"{call.name} belongs into SELECT, HAVING or ORDER BY")
            for group in expression.groups:
                self.group(group)
