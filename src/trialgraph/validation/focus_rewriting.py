"""A query written for one focus node, rewritten to run once for all of them.

SHACL 5.3.1 substitutes each focus node for `$this` and runs the query as often as there are focus nodes. Here `$this`
stays a variable, and a sub-select that gives the focus nodes is joined in: into the outermost group, and into every
inner group that filters or computes with `$this`. What would then mean something else (a limit, an aggregate over all
focus nodes, the clauses SHACL forbids) is refused, never answered wrongly.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from trialgraph.errors import ShapeError
from trialgraph.terms import Term

_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
    |(?P<string>\"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<variable>[?$]\w+)
    |(?P<name>[^\W\d_][\w.-]*:[\w.:%\\-]*|:[\w.:%\\-]*|_:[\w.-]+|@[A-Za-z-]+)
    |(?P<word>[^\W\d]\w*)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_FORBIDDEN: Final = {"MINUS", "VALUES", "SERVICE"}
_PER_NODE: Final = {"LIMIT", "OFFSET"}
_AGGREGATES: Final = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
_NOT_HERE: Final = {"shapesGraph", "currentShape"}
_MODIFIERS: Final = {"HAVING", "ORDER", "}"}


@dataclass
class _Token:
    kind: str
    text: str

    @property
    def word(self) -> str:
        """The keyword in capitals, the mark, or nothing."""
        return self.text.upper() if self.kind in ("word", "mark") else ""

    @property
    def variable(self) -> str:
        """The name of a variable, or nothing."""
        return self.text[1:] if self.kind == "variable" else ""


@dataclass
class _Group:
    """One group graph pattern while it is open."""

    start: int
    """Place of its brace among the tokens."""
    after: str
    """The word before the brace."""
    parentheses: int = 0
    mentions: bool = False
    """Whether `$this` stands in it, or in a group inside it."""
    tests: bool = False
    """Whether it filters or computes with `$this`, so must know it where the group stands."""


@dataclass
class Rewriting:
    """One query on its way from one focus node to all."""

    shape: Term
    focus: str
    """The group that gives the focus nodes, as `?this`."""
    path: str | None = None
    """What stands for `$PATH`."""
    _tokens: list[_Token] = field(default_factory=list)

    def of(self, select: str) -> str:
        """Return the query for all focus nodes.

        Raises ShapeError for a query that cannot be run this way.

        >>> Rewriting("<S>", "{ ?this a <C> }").of("SELECT $this WHERE { FILTER ($this = <a>) }")
        'SELECT ?this WHERE { { ?this a <C> }  FILTER (?this = <a>) }'
        """
        self._tokens = [_Token(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(select)]
        solid = [place for place, token in enumerate(self._tokens) if token.kind != "skip"]
        for before, place in zip([None, *solid], solid, strict=False):
            self._check(self._tokens[place], self._tokens[before] if before is not None else None)
        self._check_projections(solid)
        for place in self._groups(solid):
            self._tokens[place].text += f" {self.focus} "
        return "".join(self._written(token) for token in self._tokens)

    def _refuse(self, reason: str) -> ShapeError:
        return ShapeError(self.shape, f"sh:select: {reason}")

    def _check(self, token: _Token, before: _Token | None) -> None:
        if token.word in _FORBIDDEN:
            raise self._refuse(f"{token.word} is not allowed in SHACL queries (SHACL 5.2.1)")
        if token.word in _PER_NODE:
            raise self._refuse(f"{token.word} would count over all focus nodes; only the reference engine runs it")
        if token.variable in _NOT_HERE:
            raise self._refuse(f"${token.variable} is not supported")
        if token.variable == "this" and before is not None and before.word == "AS":
            raise self._refuse("$this is bound already and cannot be assigned (SHACL 5.2.1)")
        if token.variable == "PATH" and self.path is None:
            raise self._refuse("$PATH has a meaning in property shapes only (SHACL 5.2.1)")

    def _check_projections(self, solid: list[int]) -> None:
        """Every SELECT must give `$this`; one that aggregates must do so for each `$this` (SHACL 5.2.1)."""
        for number, place in enumerate(solid):
            if self._tokens[place].word == "SELECT":
                body = [self._tokens[p] for p in solid[number + 1 :]]
                head = _until(body, {"WHERE", "{", "FROM"})
                if not any(token.variable == "this" for token in head):
                    raise self._refuse("every SELECT must name $this among its variables (SHACL 5.2.1)")
                self._check_grouping(body)

    def _check_grouping(self, body: list[_Token]) -> None:
        own = list(_outside_braces(body))
        grouped = next((own[place + 1 :] for place, token in enumerate(own) if token.word == "GROUP"), None)
        if grouped is not None:
            if not any(token.variable == "this" for token in _until(grouped, _MODIFIERS)):
                raise self._refuse("GROUP BY must name $this")
        elif any(token.word in _AGGREGATES for token in own):
            raise self._refuse("an aggregate without GROUP BY $this would count over all focus nodes")

    def _groups(self, solid: list[int]) -> list[int]:
        """Return the places of the braces after which the focus nodes must be joined in."""
        chosen: list[int] = []
        above: list[_Group] = []
        before = ""
        for place in solid:
            token = self._tokens[place]
            if token.word == "{":
                above.append(_Group(place, before))
            elif token.word == "}":
                if not above:
                    raise self._refuse("braces do not match")
                group = above.pop()
                # Inside EXISTS the solution around it is known (SPARQL 1.1, 18.6 substitute), elsewhere it is not.
                if not above or (group.tests and group.after != "EXISTS"):
                    chosen.append(group.start)
                if above:
                    _close(group, above[-1])
            elif above:
                _note(above[-1], token)
            before = token.word
        if above:
            raise self._refuse("braces do not match")
        return chosen

    def _written(self, token: _Token) -> str:
        if token.variable == "this":
            return "?this"
        if token.variable == "PATH":
            return f"{self.path}"
        return token.text


def _note(group: _Group, token: _Token) -> None:
    if token.text in "()":
        group.parentheses += 1 if token.text == "(" else -1
    elif token.variable == "this":
        group.mentions = True
        group.tests |= group.parentheses > 0


def _close(group: _Group, around: _Group) -> None:
    around.mentions |= group.mentions
    around.tests |= group.mentions and group.after == "EXISTS"


def _until(tokens: list[_Token], ends: set[str]) -> list[_Token]:
    for place, token in enumerate(tokens):
        if token.word in ends:
            return tokens[:place]
    return tokens


def _outside_braces(body: list[_Token]) -> list[_Token]:
    """Return the tokens of one SELECT after its keyword, without those of its group, up to its own end."""
    found: list[_Token] = []
    depth = 0
    for token in body:
        if token.word == "}":
            depth -= 1
            if depth < 0:
                break
        elif token.word == "{":
            depth += 1
        elif depth == 0:
            found.append(token)
    return found
