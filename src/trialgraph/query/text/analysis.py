r"""What a query tells before it runs: form, SERVICE, whether its answer may be kept.

Most queries hold no word that would matter here, in any case, and are not parsed for this.

>>> analyze("PREFIX s: <http://x/service#> SELECT * { ?service s:service 'SERVICE' } # SERVICE").services
()
>>> analyze(r"SELECT * { \u0053ERVICE SILENT <http://example.org/> {} }").services
('http://example.org/',)
>>> analyze("SELECT (<u:x> AS ?y) { ?s ?p ?end FILTER(?end<NOW()&&?end>1) }").repeatable
False
>>> analyze("DROP ALL").is_update, analyze("SELECT now?").error.column
(True, 8)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from trialgraph.errors import QuerySyntaxError
from trialgraph.sparql.edits import Edit, edited
from trialgraph.sparql.parser import Parser, parse
from trialgraph.sparql.query import QUERY_FORMS, Query
from trialgraph.vocabulary import BASE

_KEPT_LENGTH: Final = 8192
"""Longer texts are read anew each time, lest what is remembered of them fills the memory."""
# What most queries begin with, and what none of them may hold anywhere if its beginning is to tell all there is.
_PLAIN_BEGINNING: Final = re.compile(
    r"(?>(?:\s*+(?:PREFIX\s+[\w\-.]*:\s*<[^<>\"{}|^`\\\x00-\x20]*>|BASE\s+<[^<>\"{}|^`\\\x00-\x20]*>|#[^\r\n]*[\r\n]))*)"
    r"\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b(?![\-.:])",
    re.IGNORECASE,
)
_TELLING: Final = ("SERVICE", "FROM", "NOW", "RAND", "UUID", "BNODE", "\\U", "COALESCE", "CONCAT")
_TWO_DOTS: Final = re.compile(r":(?:[^\s:/<>]|\\/)*\.(?:[^\s:/<>]|\\/)*\.")
# What the grammar takes and Oxigraph does not: blanks behind some names of functions, a comment in an empty list.
_NOT_APART: Final = ("COALESCE", "CONCAT", "BNODE")
_APART: Final = re.compile(r"\(\s*+#")
_UPDATE_FORMS: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a query tells."""

    text: str
    """As it is to be run: no codepoint escapes outside of strings and IRIs, no blanks where Oxigraph takes none."""
    form: str
    """SELECT, ASK, CONSTRUCT, DESCRIBE, the first keyword of an update, or empty when there is none."""
    has_dataset: bool = False
    """Whether FROM or FROM NAMED chooses the dataset."""
    services: tuple[str, ...] = ()
    """Endpoint of each SERVICE clause; of a variable its name."""
    repeatable: bool = True
    """Whether the same data give the same answer."""
    error: QuerySyntaxError | None = None
    """Why it does not parse; None as well where that was not looked at."""
    is_update: bool = False
    """Whether it is an update request rather than a query."""

    def query(self) -> Query | None:
        """Return the query, parsed; None when it does not parse."""
        if self.error:
            return None
        try:
            return parse(self.text)
        except QuerySyntaxError:
            return None


def analyze(text: str) -> Analysis:
    """Return what a query tells; any text at all is accepted."""
    return _analyze_kept(text) if len(text) <= _KEPT_LENGTH else _analyze(text)


def _analyze(text: str) -> Analysis:
    beginning = _PLAIN_BEGINNING.match(text)
    capitals = text.upper()  # which makes of every letter that a keyword may be written with one of the keyword's
    is_plain = not (_TWO_DOTS.search(text) or _APART.search(text))
    if beginning and is_plain and not any(word in capitals for word in _TELLING):
        return Analysis(text, beginning[1].upper())
    try:
        return _of_query(parse(text))
    except QuerySyntaxError as error:
        form = _leading_keyword(text) or _leading_keyword(unescape(text))
        is_update = form in _UPDATE_FORMS
        return _of_escaped(text) or Analysis(text, form, repeatable=False, error=error, is_update=is_update)


_analyze_kept = lru_cache(maxsize=512)(_analyze)


def _of_query(query: Query) -> Analysis:
    services = tuple(
        term.text if term.kind == "var" else query.iri(term.text, BASE)
        for term in (service.endpoint for service in query.services)
    )
    changes = (*_together(query),)
    text = edited(query.text, changes) if changes else query.text
    return Analysis(text, query.form, bool(query.sources), services, query.repeatable)


def _together(query: Query) -> Iterator[Edit]:
    """Yield the changes that bring a bracket to the name of its function, and two brackets together."""
    for (start, end), (following, last) in pairwise(query.spans):
        written, bracket = query.text[start:end], query.text[following:last]
        is_called = written.upper() in _NOT_APART and bracket[0] == "("
        if end < following and (is_called or (written, bracket) == ("(", ")")):
            yield Edit(end, following, "")


def _of_escaped(text: str) -> Analysis | None:
    """Return what a query tells that parses once all its codepoint escapes are replaced (section 19.2)."""
    plain = unescape(text)
    if plain == text:
        return None
    try:
        return _of_query(parse(plain))
    except QuerySyntaxError:
        return None


def query_form(text: str) -> str:
    """Return the first keyword behind the prologue, when it begins a query or an update; else nothing.

    >>> query_form("PREFIX : <u:> construct{}WHERE{}"), query_form("clear all"), query_form("# nothing")
    ('CONSTRUCT', 'CLEAR', '')
    """
    return analyze(text).form if len(text) <= _KEPT_LENGTH else _leading_keyword(text)


def _leading_keyword(text: str) -> str:
    parser = Parser(text)
    try:
        parser.prologue()
    except QuerySyntaxError:
        return ""
    return next((word for word in (*QUERY_FORMS, *_UPDATE_FORMS) if parser.is_word(word)), "")


def unescape(text: str) -> str:
    r"""Replace codepoint escapes, which SPARQL 1.1 section 19.2 allows anywhere in a query.

    >>> unescape(r"\u0053ERVICE")
    'SERVICE'
    """
    return _ESCAPED.sub(_codepoint, text) if "\\u" in text or "\\U" in text else text


def _codepoint(found: re.Match[str]) -> str:
    number = int(found[1] or found[2], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]
