"""Read the outermost group of a SELECT as triple patterns, each with what the counts of a release tell of it.

Read is only what can be planned: patterns with variables as subjects and objects (or a class behind `a`), IRIs and
sequences of them as predicates, FILTER, and NOT EXISTS over such patterns. What has anything else is no group here.

>>> counts = Statistics(10, {"u:arm": (9, 3, 9)}, {})
>>> group = read_group("SELECT ?a { ?t <u:arm>/<u:dose> ?a }", counts)
>>> [pattern.text for pattern in group.patterns]
['?t <u:arm> ?step1 .', '?step1 <u:dose> ?a .']
>>> read_group("SELECT ?a { ?t <u:arm> ?a OPTIONAL { ?a <u:dose> ?d } }", counts) is None
True
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from trialgraph.store import Statistics
from trialgraph.terms import RDF_TYPE

_LONGEST: Final = 4096
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
_MAY_GAIN: Final = re.compile(r"[;./]\s*[?$\w:<^]|EXISTS|ORDER\s", re.IGNORECASE)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_END: Final = _Token("end", "", 0, 0)


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


class _Unknown(Exception):
    """The query has something that is not thought about here."""


class Top(NamedTuple):
    """What ORDER BY and LIMIT want: the first of many solutions."""

    variable: str
    """That the first key is."""
    key: str
    """As written."""
    rows: int
    """How many there are up to the last one that is wanted."""


@dataclass
class Group:
    """The outermost group, as far as it is understood."""

    patterns: list[Pattern] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    missing: list[list[Pattern]] = field(default_factory=list)
    """Patterns of each NOT EXISTS."""
    streams: bool = False
    """Whether the first solutions may be all that are wanted."""
    head: str = ""
    """The query up to the brace that opens it, with the variables in place of the star of SELECT *."""
    tail: str = ""
    """The query from the brace that closes it."""
    top: Top | None = None
    """When there is a key to order by, others besides, and LIMIT, and no grouping."""


def read_group(text: str, statistics: Statistics) -> Group | None:
    """Return the outermost group of a query; None when there is more in it than is read here."""
    beginning = _BEGINNING.match(text) if len(text) <= _LONGEST else None
    if not beginning or not _MAY_GAIN.search(text, max(0, text.find("{"))) or _NOT_HERE.search(text):
        return None
    try:
        return _Reader(text, beginning.end(), statistics).group()
    except _Unknown:
        return None


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
        self._own: set[str] = set()
        """Variables that are not of the query."""

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

    def group(self) -> Group:
        """Return the outermost group of a SELECT."""
        head = self._until_brace()
        distinct = bool(head) and head[0].text in {"DISTINCT", "REDUCED"}
        head = head[distinct:]
        star = head[0] if head and head[0].text == "*" else None
        if not head or (star and head[1:] and head[1].text != "FROM"):
            raise _Unknown
        group, start = Group(), self._tokens[self._place - 1].end
        self._body(group)
        group.head, group.tail = self._text[:start], self._text[self._tokens[self._place - 1].start :]
        rest = [*self._tokens[self._place :], *self._unread]
        tail = {token.text for token in rest if token.kind == "word"}
        plain = not _AGGREGATES & {*tail, *(token.text for token in head)}
        group.streams = "LIMIT" in tail and "ORDER" not in tail and plain
        if any(token.text in "{}" for token in rest if token.kind == "mark"):
            raise _Unknown
        if any(one.text == "DISTINCT" and two.text == "*" for some in (head, rest) for one, two in pairwise(some)):
            raise _Unknown  # the variables within sequences would count
        if star:
            group.head = f"{group.head[: star.start]} {self._columns(group)} {group.head[star.end :]}"
        if plain and not distinct:
            group.top = _top(rest)
        return group

    def _columns(self, group: Group) -> str:
        """Return what SELECT * selects, in Oxigraph's order."""
        return " ".join(sorted({name for pattern in group.patterns for name in pattern.variables} - self._own))

    def _until_brace(self) -> list[_Token]:
        """Return the projection; the brace that opens the group is taken too."""
        found, depth = [], 0
        while (token := self._next()).text != "{" or depth:
            if token.kind == "end" or token.text == "}":
                raise _Unknown
            depth += (token.text == "(") - (token.text == ")")
            found.append(token)
        return found[:-1] if found and found[-1].text == "WHERE" else found

    def _body(self, group: Group) -> None:
        while not self._take("}"):
            if self._take("FILTER"):
                self._filter(group)
                self._take(".")
            else:
                group.patterns += self._same_subject()
                if not self._take(".") and self._peek().text not in {"}", "FILTER"}:
                    raise _Unknown

    def _filter(self, group: Group) -> None:
        start = self._tokens[self._place - 1].start
        if self._take("NOT"):
            self._expect("EXISTS")
            self._expect("{")
            inner: list[Pattern] = []
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

    def _same_subject(self) -> list[Pattern]:
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

    def _sequence(self, subject: str, path: Sequence[tuple[bool, str]]) -> list[Pattern]:
        """Return the patterns of a sequence, which has a variable of its own between two steps (section 18.4)."""
        if len(path) == 1 and self._peek().kind in {"iri", "name"}:
            inverse, predicate = path[0]
            if inverse or self._iri(predicate) != RDF_TYPE[1:-1]:
                raise _Unknown
            class_ = self._next().text
            members = self._statistics.classes.get(self._iri(class_), 0)
            return [Pattern(f"{subject} {predicate} {class_} .", subject, "", members, members, 1)]
        target = self._variable()
        found = []
        for number, (inverse, predicate) in enumerate(path, 1):
            end = target if number == len(path) else self._new_variable()
            first, second = (end, subject) if inverse else (subject, end)
            named = self._iri(predicate)
            counts = self._statistics.predicates.get(named, (0, 0, 0))
            datatype = self._statistics.datatypes.get(named, "")
            found.append(Pattern(f"{first} {predicate} {second} .", first, second, *counts, datatype))
            subject = end
        return found

    def _new_variable(self) -> str:
        while True:
            self._made += 1
            if (name := f"?step{self._made}")[1:] not in self._text:
                self._own.add(name)
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


def _top(tail: Sequence[_Token]) -> Top | None:
    """Return what the words behind the group say, when it is ORDER BY, of two keys or more, LIMIT, perhaps OFFSET."""
    said = [token.text for token in tail if token.kind != "end"]
    numbers = {"LIMIT": 0, "OFFSET": 0}
    while len(said) > 1 and said[-2] in numbers and said[-1].isdecimal():
        numbers[said[-2]] += int(said[-1])
        said = said[:-2]
    if said[:2] != ["ORDER", "BY"] or not numbers["LIMIT"]:
        return None
    keys = said[2:]
    if keys[:1] in (["ASC"], ["DESC"]) and keys[1:2] == ["("] and keys[3:4] == [")"]:
        variable, key, more = keys[2], "".join(keys[:4]), keys[4:]
    else:
        variable, key, more = "".join(keys[:1]), "".join(keys[:1]), keys[1:]
    if variable[:1] not in ("?", "$") or len(variable) < 2 or not more or {"LIMIT", "OFFSET", "HAVING"} & set(more):
        return None
    return Top(f"?{variable[1:]}", key, sum(numbers.values()))
