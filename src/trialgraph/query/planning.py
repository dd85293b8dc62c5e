"""Say a query in another way that asks the same, where the counts of the release tell that it is answered sooner.

Oxigraph joins pattern after pattern, looking each solution up in the next one, and without counts it takes patterns
of the same form in the order of the text. Three things help it, and change no answer:

- The rarest pattern first (SPARQL 1.1 section 18.2.2.5: a basic graph pattern is a set, its order means nothing).
- A pattern as a subquery of all its variables: the same multiset of solutions, but now joined by hashing.
- `FILTER NOT EXISTS { P }` as `MINUS { P }` at the end of the group (section 8.3.3 has where they differ: when the
  sides share no variable, or P has a filter. Neither is let through here).

Only the outermost group of a SELECT is looked at, and only when it is made of triple patterns with variables as
subjects and objects, and IRIs and sequences of them as predicates; at the least doubt the text stays as it is.

>>> counts = Statistics(10**6, {"u:arm": (90_000, 30_000, 90_000), "u:dose": (20, 20, 9)}, {})
>>> plan("SELECT ?t ?d { ?t <u:arm> ?a . ?a <u:dose> ?d }", counts)
'SELECT ?t ?d { ?a <u:dose> ?d . ?t <u:arm> ?a . }'
>>> plan("SELECT ?t { <u:t> <u:arm> ?a . ?a <u:dose> ?d }", counts) is None
True
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NamedTuple

from trialgraph.store import Statistics
from trialgraph.terms import RDF_TYPE

_LONGEST: Final = 4096
_MOST_PATTERNS: Final = 12
_WORTH: Final = 500.0
"""Look-ups (of about 4 microseconds) that an answer must cost before it is given in another way."""
_BETTER: Final = 0.5
"""What another way may cost at most of that, since all costs are guesses."""
_BETTER_WITH_FILTER: Final = 0.1
"""The same where a filter may leave few solutions of the pattern that stands first; how few is not known."""
_SCAN, _HASH, _MADE = 0.06, 0.1, 0.05
"""To meet a triple in passing, to put one into a table, and to make a solution; in look-ups."""
_MOST_IN_TABLES: Final = 2_000_000
"""Solutions that the hash joins of a query may hold together, a few hundred bytes each."""

_TOKEN: Final = re.compile(
    r"""(?P<space>(?:\s|\#[^\r\n]*)+) | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>) | (?P<var>[?$][A-Za-z_]\w*)
    | (?P<string>"(?!")[^"\\\r\n]*"|'(?!')[^'\\\r\n]*'|""(?!")|''(?!'))
    | (?P<name>(?:[A-Za-z](?:[\w\-.]{0,30}[\w\-])?)?:(?:[\w\-](?:[\w\-.:]*[\w\-:])?)?)
    | (?P<word>[A-Za-z]\w*) | (?P<number>\d+(?:\.\d+)?) | (?P<mark>[{}(),;./*+\-!=<>&|^@?])""",
    re.VERBOSE | re.ASCII,
)
_AGGREGATES: Final = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "GROUP"))
_IRI: Final = r"<[^<>\"{}|^`\\\x00-\x20]*>"
_PREFIX: Final = re.compile(rf"PREFIX\s+([\w\-.]*):\s*({_IRI})", re.IGNORECASE)
_BEGINNING: Final = re.compile(rf"(?:\s|\#[^\r\n]*+[\r\n]|PREFIX\s+[\w\-.]*+:\s*+{_IRI})*+SELECT\b", re.IGNORECASE)
_NOT_HERE: Final = re.compile(r"\\|_:|\[|<<|\bVALUES\b", re.IGNORECASE)
_JOIN: Final = re.compile(r"[;./]\s*[?$\w:<^]|EXISTS", re.IGNORECASE)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_END: Final = _Token("end", "", 0, 0)


class _Pattern(NamedTuple):
    """A triple pattern: its text, what it holds, and what is known of it."""

    text: str
    subject: str
    object: str
    """Both variables; of `?x a C` the object is empty."""
    triples: int
    subjects: int
    objects: int

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for each in (self.subject, self.object) if each))


class _Unknown(Exception):
    """The query has something that is not thought about here."""


@dataclass
class _Group:
    """The outermost group, as far as it is understood."""

    start: int
    """Behind its brace."""
    end: int
    """Before the brace that closes it."""
    patterns: list[_Pattern] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    missing: list[list[_Pattern]] = field(default_factory=list)
    """Patterns of each NOT EXISTS."""
    streams: bool = False
    """Whether the first solutions may be all that are wanted."""


def plan(text: str, statistics: Statistics) -> str | None:
    """Return another query with the same answer that costs less, by the counts; None when there is none."""
    beginning = _BEGINNING.match(text) if len(text) <= _LONGEST else None
    if not beginning or not _JOIN.search(text, max(0, text.find("{"))) or _NOT_HERE.search(text):
        return None
    try:
        group = _Reader(text, beginning.end(), statistics).group()
    except _Unknown:
        return None
    inside = _cheaper(group)
    return None if inside is None else f"{text[: group.start]} {inside} {text[group.end :]}"


# ---- reading ----


class _Reader:
    """Reads a query that has nothing but what is thought about here."""

    def __init__(self, text: str, start: int, statistics: Statistics) -> None:
        """Read on behind the word SELECT."""
        self._text, self._statistics = text, statistics
        self._unread = self._read(text, start)
        self._tokens: list[_Token] = []
        """Those that were looked at."""
        self._place = 0
        self._prefixes: dict[str, str] = dict(_PREFIX.findall(text, 0, start))
        self._made = 0

    @staticmethod
    def _read(text: str, place: int) -> Iterator[_Token]:
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found:
                raise _Unknown
            place = found.end()
            kind = str(found.lastgroup)
            if kind != "space":
                shown = found[0].upper() if kind == "word" and found[0] != "a" else found[0]
                yield _Token(kind, shown, found.start(), place)
        yield _Token("end", "", place, place)

    def group(self) -> _Group:
        """Return the outermost group of a SELECT."""
        head = self._until_brace()
        if head and head[0].text in {"DISTINCT", "REDUCED"}:
            head = head[1:]
        if not head or head[0].text == "*":  # the order of its columns would change
            raise _Unknown
        group = _Group(self._tokens[self._place - 1].end, 0)
        self._body(group)
        group.end = self._tokens[self._place - 1].start
        rest = [*self._tokens[self._place :], *self._unread]
        tail = {token.text for token in rest if token.kind == "word"}
        if "LIMIT" in tail and "ORDER" not in tail and not _AGGREGATES & {*tail, *(token.text for token in head)}:
            group.streams = True
        if any(token.text in "{}" for token in rest if token.kind == "mark"):
            raise _Unknown
        if any(one.text == "DISTINCT" and two.text == "*" for some in (head, rest) for one, two in pairwise(some)):
            raise _Unknown  # the variables within sequences would count
        return group

    def _until_brace(self) -> list[_Token]:
        """Return the projection; the brace that opens the group is taken too."""
        found, depth = [], 0
        while (token := self._next()).text != "{" or depth:
            if token.kind == "end" or token.text == "}":
                raise _Unknown
            depth += (token.text == "(") - (token.text == ")")
            found.append(token)
        return found[:-1] if found and found[-1].text == "WHERE" else found

    def _body(self, group: _Group) -> None:
        while not self._take("}"):
            if self._take("FILTER"):
                self._filter(group)
                self._take(".")
            else:
                group.patterns += self._same_subject()
                if not self._take(".") and self._peek().text not in {"}", "FILTER"}:
                    raise _Unknown

    def _filter(self, group: _Group) -> None:
        start = self._tokens[self._place - 1].start
        if self._take("NOT"):
            self._expect("EXISTS")
            self._expect("{")
            inner: list[_Pattern] = []
            while not self._take("}"):
                inner += self._same_subject()
                if not self._take(".") and self._peek().text != "}":
                    raise _Unknown
            group.missing.append(inner)
            return
        if self._peek().kind in {"word", "name", "iri"}:
            name = self._next()
            if name.text == "EXISTS":
                raise _Unknown
        self._expect("(")
        depth = 1
        while depth:
            token = self._next()
            if token.kind == "end" or token.text in "{}":
                raise _Unknown
            depth += (token.text == "(") - (token.text == ")")
        group.filters.append(self._text[start : self._tokens[self._place - 1].end])

    def _same_subject(self) -> list[_Pattern]:
        found = []
        subject = self._variable()
        while True:
            path = self._path()
            found += self._sequence(subject, path)
            while self._take(","):
                found += self._sequence(subject, path)
            if not self._take(";"):
                return found
            while self._take(";"):
                pass
            if self._peek().kind not in {"iri", "name", "word"} and self._peek().text != "^":
                return found

    def _path(self) -> list[tuple[bool, str]]:
        """Return the steps of a sequence: whether each is inverse, and its predicate as written."""
        steps = []
        while True:
            inverse = self._take("^")
            token = self._next()
            if token.kind not in {"iri", "name"} and token.text != "a":
                raise _Unknown
            steps.append((inverse, token.text))
            if not self._take("/"):
                return steps

    def _sequence(self, subject: str, path: Sequence[tuple[bool, str]]) -> list[_Pattern]:
        """Return the patterns of a sequence, which has a variable of its own between two steps (section 18.4)."""
        if len(path) == 1 and self._peek().kind in {"iri", "name"}:
            inverse, predicate = path[0]
            if inverse or self._iri(predicate) != RDF_TYPE[1:-1]:
                raise _Unknown
            class_ = self._next().text
            members = self._statistics.classes.get(self._iri(class_), 0)
            return [_Pattern(f"{subject} {predicate} {class_} .", subject, "", members, members, 1)]
        target = self._variable()
        found = []
        for number, (inverse, predicate) in enumerate(path, 1):
            end = target if number == len(path) else self._new_variable()
            first, second = (end, subject) if inverse else (subject, end)
            counts = self._statistics.predicates.get(self._iri(predicate), (0, 0, 0))
            found.append(_Pattern(f"{first} {predicate} {second} .", first, second, *counts))
            subject = end
        return found

    def _new_variable(self) -> str:
        while True:
            self._made += 1
            if (name := f"?step{self._made}")[1:] not in self._text:
                return name

    def _iri(self, written: str) -> str:
        if written == "a":
            return RDF_TYPE[1:-1]
        if written[0] == "<":
            return written[1:-1]
        prefix, _, local = written.partition(":")
        if prefix not in self._prefixes:
            raise _Unknown
        return self._prefixes[prefix][1:-1] + local

    def _variable(self) -> str:
        token = self._next()
        if token.kind != "var":
            raise _Unknown
        return f"?{token.text[1:]}"

    def _peek(self) -> _Token:
        while len(self._tokens) <= self._place:
            self._tokens.append(next(self._unread, _END))
        return self._tokens[self._place]

    def _next(self) -> _Token:
        token = self._peek()
        self._place += 1
        return token

    def _take(self, text: str) -> bool:
        token = self._peek()
        if token.text == text and token.kind in {"word", "mark"}:
            self._place += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise _Unknown


# ---- choosing ----


def _cheaper(group: _Group) -> str | None:
    """Return what the group holds, said in the way that costs least; None when that is the way it is said."""
    patterns = group.patterns
    if not patterns or len(patterns) > _MOST_PATTERNS:
        return None
    as_is = _order(patterns, key=lambda pattern: bool(pattern.object))
    best = _order(patterns, key=lambda pattern: pattern.triples)
    if as_is is None or best is None:  # a product of two sets is nothing to speed up
        return None
    cost, joined = _nested(as_is)
    missing, minus_cost, not_exists_cost = _missing(group, joined.rows)
    before = cost + not_exists_cost
    tables, after = _tables(best, may=not group.filters and not group.streams)
    after += minus_cost
    if before < _WORTH or after > before * (_BETTER_WITH_FILTER if group.filters else _BETTER):
        return None
    return " ".join((*tables, *group.filters, *missing))


def _order(patterns: Sequence[_Pattern], key: Any) -> list[_Pattern] | None:
    """Return patterns so that each shares a variable with those before; None when there is no such order."""
    left = sorted(patterns, key=key)
    found = [left.pop(0)]
    known = set(found[0].variables)
    while left:
        joined = next((pattern for pattern in left if known & set(pattern.variables)), None)
        if joined is None:
            return None
        left.remove(joined)
        found.append(joined)
        known |= set(joined.variables)
    return found


class _Joined:
    """About how many solutions there are after joining some patterns, and how many values a variable has in them."""

    def __init__(self, first: _Pattern) -> None:
        self.rows = float(first.triples)
        self.values: dict[str, float] = {}
        self._meet(first)

    def join(self, pattern: _Pattern) -> None:
        """Join one more pattern, which shares a variable with those before."""
        for name, values in ((pattern.subject, pattern.subjects), (pattern.object, pattern.objects)):
            if name in self.values:
                share = min(1.0, values / max(1.0, self.values[name]))
                self.rows *= share * pattern.triples / max(1, values)
                break
        self._meet(pattern)

    def _meet(self, pattern: _Pattern) -> None:
        for name, values in ((pattern.subject, pattern.subjects), (pattern.object, pattern.objects)):
            if name:
                self.values[name] = min(self.values.get(name, values), values)


def _nested(patterns: Sequence[_Pattern]) -> tuple[float, _Joined]:
    """Return the cost of looking each solution up in the next pattern, and what there is then."""
    joined = _Joined(patterns[0])
    cost = joined.rows * _SCAN
    for pattern in patterns[1:]:
        cost += joined.rows
        joined.join(pattern)
        cost += joined.rows * _MADE
    return cost, joined


def _tables(patterns: Sequence[_Pattern], *, may: bool) -> tuple[list[str], float]:
    """Return the patterns, those at the end as subqueries when that is cheaper and may be, and what it costs."""
    best_cost, _ = _nested(patterns)
    best = [pattern.text for pattern in patterns]
    for cut in range(1, len(patterns)) if may else ():
        cost, joined = _nested(patterns[:cut])
        in_tables = joined.rows
        for pattern in patterns[cut:]:
            cost += (pattern.triples + joined.rows) * _HASH
            joined.join(pattern)
            cost += joined.rows * _MADE
            in_tables += pattern.triples + joined.rows
        if cost < best_cost and in_tables <= _MOST_IN_TABLES:
            subqueries = [_subquery(patterns[:cut]), *(_subquery([pattern]) for pattern in patterns[cut:])]
            best_cost, best = cost, subqueries
    return best, best_cost


def _subquery(patterns: Sequence[_Pattern]) -> str:
    names = dict.fromkeys(name for pattern in patterns for name in pattern.variables)
    return f"{{ SELECT {' '.join(names)} {{ {' '.join(pattern.text for pattern in patterns)} }} }}"


def _missing(group: _Group, rows: float) -> tuple[list[str], float, float]:
    """Return what stands for each NOT EXISTS, what that costs, and what they cost as they are."""
    said, cost, before = [], 0.0, 0.0
    known = {name for pattern in group.patterns for name in pattern.variables}
    for inner in group.missing:
        text = " ".join(pattern.text for pattern in inner)
        order = _order(inner, key=lambda pattern: pattern.triples) if inner else None
        before += rows
        if order is None or not known & {name for pattern in inner for name in pattern.variables}:
            said.append(f"FILTER NOT EXISTS {{ {text} }}")
            cost += rows
            continue
        scan, joined = _nested(order)
        table = scan + (joined.rows + rows) * _HASH
        if group.streams or table > rows * _BETTER or joined.rows > _MOST_IN_TABLES:
            said.append(f"FILTER NOT EXISTS {{ {text} }}")
            cost += rows
        else:
            said.append(f"MINUS {{ {text} }}")
            cost += table
    return said, cost, before
