r"""Parse a SPARQL query by the grammar of SPARQL 1.1, section 19.8, into one `Query`.

It takes what Oxigraph takes, and reads it in the same way, LATERAL and the terms of SPARQL 1.2 included. Codepoint
escapes mean something in strings and IRIs only, as for Oxigraph.

>>> query = parse("PREFIX : <u:> SELECT ?t{?t:arm ?a FILTER(?a<:b&&NOW()>1)SERVICE:x{}}")
>>> query.form, sorted(query.volatile), [query.iri(service.endpoint.text) for service in query.services]
('SELECT', ['NOW'], ['u:x'])
>>> parse("SELECT ?t ?t { ?t a ?x }")
Traceback (most recent call last):
    ...
trialgraph.errors.QuerySyntaxError: the query does not parse at line 1, column 11: ?t is selected twice
"""

import re
from functools import lru_cache
from typing import Final, Never

from trialgraph.errors import QuerySyntaxError
from trialgraph.sparql.modifiers_parser import ModifiersParser
from trialgraph.sparql.query import (
    QUERY_FORMS,
    Bind,
    Column,
    Filter,
    Graph,
    Group,
    Member,
    Nested,
    Query,
    Select,
    Service,
    Source,
    Triples,
    Union,
    resolve,
)
from trialgraph.sparql.scope import check_scope

_KEPT_LENGTH: Final = 8192
"""Longer texts are parsed anew each time, lest what is remembered of them fills the memory."""
_MOST_RETRIES: Final = 8
"""Statements that begin with a name like `FILTER:x`, read as a subject first and as a keyword then."""
# So plain that there is one way to read it: nothing but ASCII in a name, and no escape.
_PREFIXES: Final = re.compile(
    r"(?:[ \t\r\n]*PREFIX[ \t]+(?:[A-Za-z][A-Za-z0-9]*)?:[ \t]+<[^<>\"{}|^`\\\x00-\x20]*>)+(?=[ \t\r\n])",
    re.IGNORECASE,
)
_LONGEST_KEPT_PROLOGUE: Final = 4096
_KEYWORDS: Final = ("FILTER", "OPTIONAL", "BIND", "VALUES", "GRAPH", "MINUS", "SERVICE", "LATERAL")
_LONGEST_KEYWORD: Final = max(map(len, _KEYWORDS))


def parse(text: str) -> Query:
    """Return a query.

    Raises QuerySyntaxError with the place and what was expected there, also for an update.
    """
    if len(text) > _KEPT_LENGTH:
        return _parse(text)
    found = _parse_kept(text)
    if isinstance(found, QuerySyntaxError):
        raise found.with_traceback(None)
    return found


def _parse(text: str) -> Query:
    parser = Parser(text)
    try:
        return parser.query()
    except QuerySyntaxError:
        if not parser.is_dotted:
            raise
    return Parser(text, one_dot=True).query()


@lru_cache(maxsize=512)
def _parse_kept(text: str) -> Query | QuerySyntaxError:
    try:
        return _parse(text)
    except QuerySyntaxError as error:
        return error


@lru_cache(maxsize=256)
def _prefixes(prologue: str) -> tuple[dict[str, str], tuple[tuple[int, int], ...]]:
    """Return what a plain prologue declares, and its terminals: clients begin all their queries with the same one."""
    parser = Parser(prologue + "#")
    while parser.take("PREFIX"):
        prefix = parser.value[:-1]
        parser.step()
        parser.prefixes[prefix] = resolve(parser.value, {})
        parser.step()
    return parser.prefixes, tuple(parser.spans)


class Parser(ModifiersParser):
    """Reads a query from the beginning to the end."""

    def __init__(self, text: str, *, one_dot: bool = False) -> None:
        super().__init__(text, one_dot=one_dot)
        self._services: list[Service] = []
        self._retries = 0

    def query(self) -> Query:
        """Return the query; raises QuerySyntaxError."""
        self.prologue()
        prologue = self.start
        form = next((word for word in QUERY_FORMS if self.is_word(word)), "")
        if not form:
            self.fail("SELECT, ASK, CONSTRUCT or DESCRIBE")
        select, sources, span = self._select_query() if form == "SELECT" else self._other(form)
        if self.kind != "end":
            self.fail_at_iri("the end of the query")
        services = tuple(sorted(self._services, key=lambda service: service.start))
        found = Query(
            self.text, form, self.base, self.prefixes, prologue, sources, span, select, services,
            frozenset(self.volatile), self.is_dotted, tuple(self.spans),
        )  # fmt: skip
        check_scope(found)
        return found

    def prologue(self) -> None:
        """Take PREFIX, BASE and VERSION; raises QuerySyntaxError."""
        begins = _PREFIXES.match(self.text)
        if begins and begins.end() <= _LONGEST_KEPT_PROLOGUE and not self.spans:
            prefixes, spans = _prefixes(begins[0])
            self.prefixes.update(prefixes)
            self.skip(spans)
        while True:
            if self.take("PREFIX"):
                if self.kind != "name" or not self.value.endswith(":") or self.value.count(":") > 1:
                    self.fail("a prefix with its colon")
                prefix = self.value[:-1]
                self.step()
                self.prefixes[prefix] = self._iri_of_prologue()
            elif self.take("BASE"):
                self.base = self._iri_of_prologue()
            elif self.take("VERSION"):
                if self.kind != "string":
                    self.fail("a version in quotation marks")
                self.step()
            else:
                return

    def _iri_of_prologue(self) -> str:
        if self.kind != "iri":
            self.fail("an IRI in angle brackets")
        found = resolve(self.value, {}, self.base)
        self.step()
        return found

    def _select_query(self) -> tuple[Select, tuple[Source, ...], tuple[int, int]]:
        start = self.start
        option, columns, star = self._select_clause()
        sources, span = self._sources()
        self.take("WHERE")
        group = self.group()
        select = Select(option, columns, star, group, self.modifiers(), start, self.last)
        return select, sources, span

    def _select_clause(self) -> tuple[str, tuple[Column, ...], tuple[int, int] | None]:
        self.expect_word("SELECT")
        option = next((word for word in ("DISTINCT", "REDUCED") if self.take(word)), "")
        if self.mark("*"):
            return option, (), self.spans[-1]
        columns: list[Column] = []
        while self.kind == "var" or (self.kind == "mark" and self.value == "("):
            start = self.start
            if self.kind == "var":
                columns.append(Column(self.variable(), None, start, self.last))
                continue
            self.step()
            expression = self.expression()
            self.expect_word("AS")
            variable = self.variable()
            self.expect(")")
            columns.append(Column(variable, expression, start, self.last))
        if not columns:
            self.fail("variables, (expressions AS ?variables) or *")
        return option, tuple(columns), None

    def _other(self, form: str) -> tuple[Select, tuple[Source, ...], tuple[int, int]]:
        start = self.start
        self.take(form)
        star: tuple[int, int] | None = (self.last, self.last)
        columns: list[Column] = []
        if form == "DESCRIBE":
            star = self._described(columns)
        elif form == "CONSTRUCT" and self.mark("{"):
            self._template()
        elif form == "CONSTRUCT":
            return self._short_construct(start)
        sources, span = self._sources()
        group = None
        if form != "DESCRIBE" or self.is_word("WHERE") or self.value == "{":
            self.take("WHERE")
            group = self.group()
        select = Select("", tuple(columns), star, group, self.modifiers(), start, self.last)
        return select, sources, span

    def _short_construct(self, start: int) -> tuple[Select, tuple[Source, ...], tuple[int, int]]:
        sources, span = self._sources()
        self.expect_word("WHERE")
        opening = self.start
        self.expect("{")
        group = Group(self._template(), None, opening, self.last)
        select = Select("", (), (opening, opening), group, self.modifiers(), start, self.last)
        return select, sources, span

    def _described(self, columns: list[Column]) -> tuple[int, int] | None:
        if self.mark("*"):
            return self.spans[-1]
        while self.kind == "var" or self.is_iri():
            term = self.variable_or_iri()
            columns.append(Column(term.text if term.kind == "var" else "", None, term.start, term.end))
        if not columns:
            self.fail_at_iri("variables, IRIs or *")
        return None

    def _template(self) -> tuple[Triples, ...]:
        """Take triples and the brace behind them."""
        found: list[Triples] = []
        self.has_paths = False
        while not self.mark("}"):
            found.append(self.same_subject())
            if not self.dot():
                self.expect("}")
                break
        self.has_paths = True
        return tuple(found)

    def _sources(self) -> tuple[tuple[Source, ...], tuple[int, int]]:
        start = self.last
        found: list[Source] = []
        while self.is_word("FROM"):
            start = start if found else self.start
            self.take("FROM")
            is_named = not self.is_iri() and self.take("NAMED")
            found.append(Source(is_named, self.iri()))
        return tuple(found), (start, self.last)

    def group(self) -> Group:
        """Take a group in braces."""
        start = self.start
        self.expect("{")
        self.deeper()
        select: Select | None = None
        members: tuple[Member, ...] = ()
        if self.is_word("SELECT") and not self.is_known_name():
            select = self._subselect()
        else:
            members = self._members()
        self.expect("}")
        self.higher()
        return Group(members, select, start, self.last)

    def _subselect(self) -> Select:
        start = self.start
        option, columns, star = self._select_clause()
        self.take("WHERE")
        group = self.group()
        return Select(option, columns, star, group, self.modifiers(), start, self.last)

    def _members(self) -> tuple[Member, ...]:
        found: list[Member] = []
        may_be_triples = True
        while self.value != "}" or self.kind != "mark":
            if self.begins_triples():
                if not may_be_triples:
                    self.fail("a dot, or a semicolon")
                found.append(self._triples_or_keyword())
            else:
                found.append(self._keyword())
            is_triples = isinstance(found[-1], Triples)
            may_be_triples = self.dot() or not is_triples
        return tuple(found)

    def _triples_or_keyword(self) -> Member:
        """Take triples; what `FILTER:x` begins are none when `(` follows, even where such a prefix is declared."""
        if self.kind != "name" or not self.value.upper().startswith(_KEYWORDS):
            return self.same_subject()
        place, depth = self.start, self._depth
        try:
            return self.same_subject()
        except QuerySyntaxError:
            self._retries += 1
            if self._retries > _MOST_RETRIES:
                raise
        self.back(place)
        self._depth = depth
        return self._keyword()

    def _keyword(self) -> Member:
        start = self.start
        if self.kind == "mark" and self.value == "{":
            return self._union(start)
        capitals = self.value[:_LONGEST_KEYWORD].upper() if self.kind in {"word", "name"} else ""
        word = next((word for word in _KEYWORDS if capitals.startswith(word) and self.take(word)), "")
        match word:
            case "FILTER":
                member: Member = Filter(self.constraint(), start, self.last)
            case "BIND":
                member = self._bind(start)
            case "VALUES":
                member = self.data_block(start)
            case "GRAPH":
                member = Graph(self.variable_or_iri(), self.group(), start, self.last)
            case "SERVICE":
                member = self._service(start)
            case "":
                self._no_member()
            case _:
                member = Nested(word, self.group(), start, self.last)
        return member

    def _no_member(self) -> Never:
        if self.kind == "name":
            self.iri()
        self.fail("a triple pattern, a keyword or }")

    def _bind(self, start: int) -> Bind:
        self.expect("(")
        expression = self.expression()
        self.expect_word("AS")
        variable = self.variable()
        self.expect(")")
        return Bind(expression, variable, start, self.last)

    def _union(self, start: int) -> Member:
        first = self.group()
        groups = [first]
        while self.take("UNION"):
            groups.append(self.group())
        return Union(tuple(groups), start, self.last) if groups[1:] else Nested("", first, start, self.last)

    def _service(self, start: int) -> Service:
        silent = self._silent()
        endpoint = self.variable_or_iri()
        found = Service(endpoint, silent, self.group(), start, self.last)
        self._services.append(found)
        return found

    def _silent(self) -> bool:
        """Take the keyword, but not the beginning of a name that is needed whole."""
        if not self.is_word("SILENT"):
            return False
        place = self.start
        self.take("SILENT")
        if self.kind == "var" or self.is_iri():
            return True
        self.back(place)
        return False
