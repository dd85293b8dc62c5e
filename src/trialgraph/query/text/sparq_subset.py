"""Which queries the second embedded engine, sparq, is given: those that it answers as Oxigraph does.

It is left what both were found to answer alike on thousands of random queries. Not given are: datasets and GRAPH (its
copy has the default graph alone), SERVICE and LATERAL, functions of dates and casts (it knows fewer datatypes),
paths that are more than sequences (it leaves out what a negated property has twice, and finds all that `?` leads to
before it looks where from), EXISTS over more than triple patterns (it overlooks that OPTIONAL always holds), triple
terms, products of patterns that share no variable (it makes them whole, in memory), numbers not written as a store
keeps them, aggregates of what may be an error (it leaves errors out), and whatever is another each time.

>>> from trialgraph.sparql.parser import parse
>>> [suits(parse(text)) for text in (
...     "SELECT ?t { ?t <u:site>/<u:country> 'Spain' . { ?t a <u:T> } UNION { ?t <u:p> ?x } FILTER(?x > 3) }",
...     "SELECT ?t FROM <u:g> { ?t ?p ?o }", "SELECT (YEAR(?d) AS ?y) {}", "ASK { ?t !<u:p> ?o }",
...     "SELECT (MAX(?o) AS ?n) { ?t <u:p> ?o }", "SELECT (MAX(STR(?o)) AS ?n) { ?t <u:p> ?o }",
... )]
[True, False, False, False, True, False]
"""

import re
from collections.abc import Iterator
from typing import Final

from trialgraph.sparql.query import (
    Bind,
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
    all_groups,
    expressions,
    groups,
)

_FUNCTIONS: Final = frozenset(
    "STR LANG LANGMATCHES DATATYPE BOUND STRLEN UCASE LCASE CONTAINS STRSTARTS STRENDS REGEX IF COALESCE CONCAT "
    "ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC SUBSTR STRBEFORE STRAFTER ABS "
    "COUNT MIN MAX SUM AVG SAMPLE GROUP_CONCAT".split()
)
_OF_ERRORS: Final = frozenset(("MIN", "MAX", "SUM", "AVG", "SAMPLE"))
"""Of values with an error, or without one, Oxigraph makes an error, sparq what the other values give."""
_PLAIN_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_POSITIVE: Final = re.compile(r"\+\s*[0-9.]")
_DIGITS: Final = frozenset("0123456789")
_NUMBER_OR_DATATYPE: Final = frozenset("0123456789.^")
_LONGEST: Final = 16_384


def suits(query: Query) -> bool:
    """Whether sparq may answer a query over the default dataset."""
    if query.form not in {"SELECT", "ASK"} or query.sources or query.volatile or len(query.text) > _LONGEST:
        return False
    if query.is_dotted or query.select.group is None or query.services or not _are_plain(query):
        return False
    if not _suits_select(query.select):
        return False
    return all(_suits_group(query, group) for group, _ in all_groups(query))


def _suits_group(query: Query, group: Group) -> bool:
    """Whether what stands in a group, but for the groups in it, is what sparq may be given."""
    if group.select and not _suits_select(group.select):
        return False
    return _is_connected(group) and all(_suits_member(query, member) for member in group.members)


def _suits_select(select: Select) -> bool:
    """Whether expressions are such as sparq may be given, and aggregates of what each solution has."""
    members = select.group.members if select.group else ()
    bound = {name for member in members if isinstance(member, Triples) for name in member.variables}
    for expression in expressions(select):
        if not _suits_expression(expression):
            return False
        used = {(start, start + len(name)): name for name, start in expression.uses}
        values = (call.arguments for call in expression.calls if call.name in _OF_ERRORS)
        if not all(given and used.get(given[0]) in bound for given in values):
            return False
    return True


def _is_connected(group: Group) -> bool:
    """Whether what a group joins hangs together: of what does not, sparq makes the whole product in memory."""
    members = group.members
    if not members or (members[0].__class__ is Triples and len(members) == len(members[0].triples) == 1):
        return True  # as most groups in OPTIONAL are
    parts: list[set[str]] = []
    for variables in _joined(group):
        touching = [part for part in parts if part & variables]
        parts = [part for part in parts if not part & variables]
        parts += [variables.union(*touching)] if variables else []
    return len(parts) < 2


def _joined(group: Group) -> Iterator[set[str]]:
    """Yield the variables of each thing that a group joins; a blank node in a pattern is one, too."""
    for member in group.members:
        match member:
            case Triples(is_plain=False):
                yield set(member.variables)
            case Triples(triples=triples):
                for triple in triples:
                    terms = (term.text for term in (triple.subject, triple.object) if term.kind in {"var", "blank"})
                    yield {*terms, triple.verb.variable} - {""}
            case Values(variables=variables):
                yield set(variables)
            case Bind(expression=expression, variable=variable):
                yield {variable, *expression.variables}
            case Nested() | Union():
                yield {name for inner in groups(member) for name in _within(inner)}
            case _:
                pass  # a filter joins nothing; what names another dataset is not given at all


def _within(group: Group) -> Iterator[str]:
    if group.select:
        yield from (column.variable for column in group.select.columns)
        if group.select.group and group.select.star:
            yield from _within(group.select.group)
    for variables in _joined(group):
        yield from variables


def _are_plain(query: Query) -> bool:
    """Whether all numbers are written as Oxigraph's store keeps them: to it others are the same, to sparq not."""
    text = query.text
    for start, end in query.spans:
        if text[start] in _NUMBER_OR_DATATYPE and end - start > (text[start] not in _DIGITS):
            written = text[start:end]
            if written == "^^" or not _PLAIN_NUMBER.fullmatch(written):
                return False
    return not _POSITIVE.search(query.text)


def _suits_member(query: Query, member: Member) -> bool:
    match member:
        case Triples(triples=triples, is_plain=is_plain, start=start, end=end):
            if not is_plain and "<<" in query.text[start:end]:
                return False
            return all(triple.verb.variable or triple.verb.steps for triple in triples)
        case Filter(expression=expression) | Bind(expression=expression):
            return _suits_expression(expression)
        case Nested(word=word):
            return word != "LATERAL"
    return not isinstance(member, (Graph, Service))


def _suits_expression(expression: Expression) -> bool:
    """Whether it calls what is known to be the same, and looks for triple patterns and nothing else."""
    return all(call.name in _FUNCTIONS for call in expression.calls) and all(
        group.select is None and all(isinstance(member, Triples) for member in group.members)
        for group in expression.groups
    )
