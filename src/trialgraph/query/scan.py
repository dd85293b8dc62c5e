"""Read a query's tokens: its form, its dataset clauses, its SERVICE clauses, whether it is an update.

No grammar here (pyoxigraph has it), only the terminals of SPARQL 1.1 section 19.8, so that `service` in a string,
a comment, an IRI or a name like `ex:service` is not taken for the keyword, while `\\u0053ERVICE` is.

>>> scan("PREFIX s: <http://x/service#> SELECT * { ?service s:service 'SERVICE' } # SERVICE").services
()
>>> scan(r"SELECT * { \\u0053ERVICE SILENT <http://example.org/> {} }").services
('http://example.org/',)
>>> scan("# a comment\\nPREFIX : <x> ask {}").form
'ASK'
>>> scan("DROP ALL").is_update
True
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<comment> \#[^\r\n]* )
    | (?P<string> \"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*+'''
                | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
    | (?P<name> [?$@]\w+ | (?:[^\W_][\w\-.]*)?:(?:[\w\-.:]|%[0-9A-Fa-f]{2}|\\.)* | _:[\w\-.]+ )
    | (?P<word> [^\W\d]\w* )
    | (?P<mark> [{}()] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
QUERY_FORMS: Final = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
_UPDATE_FORMS: Final = frozenset("INSERT DELETE LOAD CLEAR DROP CREATE ADD MOVE COPY WITH".split())
# SPARQL 1.1 section 17.4: a new value at each call, or one that depends on the moment or on blank-node labels.
_UNREPEATABLE: Final = frozenset(("NOW", "RAND", "UUID", "STRUUID"))


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal that matters here: kind, text in upper case for words, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What the tokens of a query tell."""

    form: str
    """SELECT, ASK, CONSTRUCT, DESCRIBE, the first keyword of an update, or empty when there is none."""
    has_dataset: bool
    """Whether FROM or FROM NAMED chooses the dataset."""
    services: tuple[str, ...]
    """Endpoint of each SERVICE clause; a variable or a prefixed name is given as written."""
    repeatable: bool

    @property
    def is_update(self) -> bool:
        """Whether it is an update request rather than a query."""
        return self.form in _UPDATE_FORMS

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph, not a table or a boolean."""
        return self.form in {"CONSTRUCT", "DESCRIBE"}


def unescape(text: str) -> str:
    r"""Replace codepoint escapes, which SPARQL 1.1 section 19.2 allows anywhere in a query.

    >>> unescape(r"\u0053ERVICE")
    'SERVICE'
    """
    return _ESCAPED.sub(_codepoint, text) if "\\u" in text or "\\U" in text else text


def _codepoint(found: re.Match[str]) -> str:
    number = int(found[1] or found[2], 16)
    return chr(number) if number < 0x110000 else found[0]


def tokens(text: str) -> Iterator[Token]:
    """Yield the IRIs, names, words and brackets of a query, without comments and strings."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind not in {"comment", "string"}:
            token = found[0].upper() if kind == "word" else found[0]
            yield Token(kind, token, found.start(), found.end())


@lru_cache(maxsize=512)
def scan(text: str) -> Scan:
    """Return what the tokens of a query tell; any text at all is accepted."""
    plain = unescape(text)
    found = _scan(plain)
    # Where an escape makes a quote, engines differ on whether the string ends: believe the worse of both readings.
    if plain != text:
        raw = _scan(text)
        found = Scan(
            found.form, found.has_dataset, found.services or raw.services, found.repeatable and raw.repeatable
        )
    return found


def _scan(text: str) -> Scan:
    form, has_dataset, repeatable = "", False, True
    services: list[str] = []
    awaiting_endpoint = in_prologue = False
    for token in tokens(text):
        word = token.text if token.kind == "word" else ""
        if awaiting_endpoint and word != "SILENT":
            services.append(token.text.strip("<>"))
            awaiting_endpoint = False
        if not form:
            in_prologue = word in {"PREFIX", "BASE", "VERSION"}
            if word in QUERY_FORMS or word in _UPDATE_FORMS:
                form = word
            elif word and not in_prologue:
                form = "?"
        elif word.endswith("SERVICE"):  # some parsers read `trueSERVICE` as two words
            awaiting_endpoint = True
        elif word == "FROM":
            has_dataset = True
        elif word in _UNREPEATABLE:
            repeatable = False
    if awaiting_endpoint:
        services.append("")
    return Scan("" if form == "?" else form, has_dataset, tuple(services), repeatable)
