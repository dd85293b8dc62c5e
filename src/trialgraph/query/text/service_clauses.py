"""Find the SERVICE clauses of a query (SPARQL 1.1 Federated Query, section 2).

>>> text = "PREFIX : <x:> SELECT * { ?s ?p ?o SERVICE SILENT <http://e.org/> { ?s :p ?v } }"
>>> (clause,) = clauses(text)
>>> clause.endpoint, clause.silent, text[clause.opening : clause.end]
('http://e.org/', True, '{ ?s :p ?v }')
>>> prologue(text)
'PREFIX : <x:> '
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from trialgraph.errors import QueryRefused, QuerySyntaxError
from trialgraph.query.text.scanner import QUERY_FORMS, Token, tokens, unescape

_ESCAPE: Final = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_ENDS_A_TOKEN: Final = frozenset("\"'\\{}<>#\r\n")


@dataclass(frozen=True, slots=True)
class Clause:
    """A SERVICE clause: whom it asks, and where it stands in the text of the query."""

    endpoint: str
    """An IRI without brackets; a variable or a prefixed name as written."""
    silent: bool
    apart: bool
    """Whether it stands inside GRAPH or another SERVICE, so that what is around it does not hold inside it."""
    start: int
    """Where the word SERVICE begins."""
    opening: int
    """Where the brace of its group opens."""
    end: int = 0
    """Behind the brace that closes the group."""
    inner: tuple["Clause", ...] = ()
    """The clauses inside it."""


@dataclass(slots=True)
class _Group:
    """An open brace: that of a clause, or another."""

    clause: Clause | None
    is_graph: bool
    inner: list[Clause]
    """Clauses found inside, as far as no other clause is around them."""


def plain(text: str) -> str:
    r"""Return a query without codepoint escapes.

    Raises QueryRefused when one hides a character that begins or ends a token: engines differ on what that means.

    >>> plain(r"ASK { SERV\u0049CE <u:x> {} }")
    'ASK { SERVICE <u:x> {} }'
    """
    if any(unescape(found) in _ENDS_A_TOKEN for found in _ESCAPE.findall(text)):
        raise QueryRefused("a query with SERVICE may not hide quotes, brackets or line ends in codepoint escapes")
    return unescape(text)


def prologue(text: str) -> str:
    """Return the prologue of a query."""
    form = next((token for token in tokens(text) if token.kind == "word" and token.text in QUERY_FORMS), None)
    return text[: form.start] if form else ""


def variables(pattern: str) -> frozenset[str]:
    """Return the names of the variables in a pattern, without question marks."""
    return frozenset(token.text[1:] for token in tokens(pattern) if token.kind == "name" and token.text[0] in "?$")


def clauses(text: str) -> tuple[Clause, ...]:
    """Return the SERVICE clauses of a query, those inside others within them, in the order of the text.

    Raises QuerySyntaxError when the word is not followed by an endpoint and a group in braces.
    """
    found = list(tokens(text))
    outermost = _Group(None, False, [])
    groups = [outermost]
    place = 0
    while place < len(found):
        token = found[place]
        if token.kind == "word" and token.text == "SERVICE":
            apart = any(group.clause or group.is_graph for group in groups)
            clause, place = _opened(text, found, place, apart=apart)
            groups.append(_Group(clause, False, []))
        elif token.text == "{":
            groups.append(_Group(None, place > 1 and found[place - 2].text == "GRAPH", groups[-1].inner))
        elif token.text == "}" and len(groups) > 1:
            _close(groups, token.end)
        place += 1
    unclosed = next((group.clause for group in groups if group.clause), None)
    if unclosed:
        raise _malformed(text, unclosed.start)
    return tuple(outermost.inner)


def _opened(text: str, found: list[Token], place: int, *, apart: bool) -> tuple[Clause, int]:
    """Return the clause whose word stands at a place, not closed yet, and the place of its brace."""
    start, after = found[place].start, found[place + 1 : place + 4]
    silent = bool(after) and (after[0].kind, after[0].text) == ("word", "SILENT")
    head = after[silent : silent + 2]
    if [token.kind for token in head] not in (["iri", "mark"], ["name", "mark"]) or head[1].text != "{":
        raise _malformed(text, start)
    return Clause(head[0].text.strip("<>"), silent, apart, start, head[1].start), place + silent + 2


def _close(groups: list[_Group], end: int) -> None:
    group = groups.pop()
    if opened := group.clause:
        groups[-1].inner.append(replace(opened, end=end, inner=tuple(group.inner)))


def _malformed(text: str, place: int) -> QuerySyntaxError:
    before = text[:place]
    line, column = before.count("\n") + 1, place - before.rfind("\n")
    return QuerySyntaxError("SERVICE must be followed by an endpoint and a group in braces", line, column)
