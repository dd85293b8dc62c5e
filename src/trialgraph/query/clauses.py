"""Find the SERVICE clauses of a query, and put something else in their place (SPARQL 1.1 Federated Query).

>>> clause = last_clause("PREFIX : <x:> SELECT * { ?s ?p ?o SERVICE SILENT <http://e.org/> { ?s :p ?v } }")
>>> clause.endpoint, clause.silent, clause.pattern, clause.prologue
('http://e.org/', True, ' ?s :p ?v ', 'PREFIX : <x:> ')
>>> clause.replaced("{ }")
'PREFIX : <x:> SELECT * { ?s ?p ?o { } }'
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trialgraph.errors import QueryRefused, QuerySyntaxError
from trialgraph.query.scan import QUERY_FORMS, Token, tokens, unescape

_NOT_A_BREAK: Final = re.compile(r"[^\r\n]")
_ENDS_A_TOKEN: Final = frozenset("\"'\\{}<>#\r\n")


@dataclass(frozen=True, slots=True)
class Clause:
    """A SERVICE clause with none inside it."""

    text: str
    """The whole query."""
    start: int
    """Where the word SERVICE begins."""
    opening: int
    """Where the brace of its group opens."""
    end: int
    """Behind the brace that closes the group."""
    endpoint: str
    """An IRI without brackets; a variable or a prefixed name as written."""
    silent: bool
    apart: bool
    """Whether it stands inside GRAPH or another SERVICE, so that what is around it does not hold inside it."""

    @property
    def pattern(self) -> str:
        """What stands between the braces of its group."""
        return self.text[self.opening + 1 : self.end - 1]

    @property
    def prologue(self) -> str:
        """The prologue of the query."""
        form = next(token for token in tokens(self.text) if token.kind == "word" and token.text in QUERY_FORMS)
        return self.text[: form.start]

    @property
    def variables(self) -> frozenset[str]:
        """Names of the variables in its pattern."""
        return frozenset(t.text[1:] for t in tokens(self.pattern) if t.kind == "name" and t.text[0] in "?$")

    def as_group(self) -> str:
        """Return the query with the bare group in place of the clause; every line and column stays where it was."""
        blank = _NOT_A_BREAK.sub(" ", self.text[self.start : self.opening])
        return self.text[: self.start] + blank + self.text[self.opening :]

    def replaced(self, group: str) -> str:
        """Return the query with another group in place of the clause; every line stays where it was."""
        breaks = "\n" * self.text.count("\n", self.start, self.end)
        return self.text[: self.start] + group + breaks + self.text[self.end :]


def plain(text: str) -> str:
    r"""Return a query without codepoint escapes.

    Raises QueryRefused when one hides a character that begins or ends a token: engines differ on what that means.

    >>> plain(r"ASK { SERV\u0049CE <u:x> {} }")
    'ASK { SERVICE <u:x> {} }'
    """
    whole = unescape(text)
    if whole != text and any(text.count(mark) != whole.count(mark) for mark in _ENDS_A_TOKEN - {"\\"}):
        raise QueryRefused("a query with SERVICE may not hide quotes, brackets or line ends in codepoint escapes")
    return whole


def last_clause(text: str) -> Clause | None:
    """Return the SERVICE clause that begins last, which has none inside it; None when there is none.

    Raises QuerySyntaxError when the word is not followed by an endpoint and a group in braces.
    """
    found, place = list(tokens(text)), -1
    for number, token in enumerate(found):
        if token.kind == "word" and token.text == "SERVICE":
            place = number
    if place < 0:
        return None
    after = iter(found[place + 1 :])
    endpoint = next(after, None)
    silent = endpoint is not None and (endpoint.kind, endpoint.text) == ("word", "SILENT")
    endpoint = next(after, None) if silent else endpoint
    opening = next(after, None)
    end = _end(after) if opening and opening.text == "{" else 0
    if endpoint is None or endpoint.kind not in {"iri", "name"} or opening is None or not end:
        raise _malformed(text, found[place].start)
    apart = _stands_apart(found[:place])
    return Clause(text, found[place].start, opening.start, end, endpoint.text.strip("<>"), silent, apart)


def _end(after: Iterator[Token]) -> int:
    """Return where the group ends whose brace was opened last; 0 when it does not end."""
    depth = 1
    for token in after:
        depth += (token.text == "{") - (token.text == "}")
        if not depth:
            return token.end
    return 0


def _stands_apart(before: list[Token]) -> bool:
    """Return whether what follows these tokens is inside GRAPH or SERVICE."""
    open_groups: list[bool] = []
    for number, token in enumerate(before):
        if token.text == "{":
            words = {
                before[place].text for place in range(max(0, number - 2), number) if before[place].kind == "word"
            }
            open_groups.append(bool(words & {"GRAPH", "SILENT", "SERVICE"}))
        elif token.text == "}" and open_groups:
            open_groups.pop()
    return any(open_groups)


def _malformed(text: str, place: int) -> QuerySyntaxError:
    before = text[:place]
    column = place - before.rfind("\n")
    return QuerySyntaxError(
        "SERVICE must be followed by an endpoint and a group in braces", before.count("\n") + 1, column
    )
