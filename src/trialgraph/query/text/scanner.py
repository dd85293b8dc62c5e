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

# Every alternative takes all that it has looked at, so the time is linear in any text.
_IRI: Final = r"""<[^<>"{}|^`\\\x00-\x20]*+>"""
_COMMENT: Final = r"""\#[^\r\n]*+"""
_STRING: Final = r"""
    (?: \"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*+\"\"\" | \'\'\'(?:\'{0,2}(?:[^'\\]|\\.))*+\'\'\'
      | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )"""
_NAME: Final = r"""
    (?: [?$@]\w++ | (?:[^\W\d_][\w\-.]*+)?:(?:[\w\-.:]|%[0-9A-Fa-f]{2}|\\.)*+ | _:[\w\-.]++ )"""
# What looks like a prefix but has no colon, such as `a-b.c`: words, and marks between them.
_WORDS: Final = r"[^\W\d][\w\-.]*+"
_TOKEN: Final = re.compile(
    rf"""(?P<iri>{_IRI}) | {_COMMENT} | (?P<broken>(?!{_STRING})["']) | {_STRING} | (?P<name>{_NAME})
    | (?P<words>{_WORDS}) | (?P<mark>[{{}}()]) | \d++""",
    re.VERBOSE | re.DOTALL,
)
_NEXT_WORDS: Final = re.compile(
    rf"""(?: {_IRI} | {_COMMENT} | {_STRING} | {_NAME} | \d++ | [^\w"'] )*+
         (?: (?P<words>{_WORDS}) | (?P<broken>["']) )""",
    re.VERBOSE | re.DOTALL,
)
_MOST_BROKEN: Final = 16
"""Quotation marks that open a string which never ends; each is looked for to the end of the text."""
_WORD: Final = re.compile(r"[^\W\d]\w*")
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_KEPT_LENGTH: Final = 8192
"""Longer texts are read anew each time, lest what is remembered of them fills the memory."""
# What most queries begin with, and what none of them may hold anywhere if its beginning is to tell all there is.
_PLAIN_BEGINNING: Final = re.compile(
    r"(?:\s*+(?:PREFIX\s+[\w\-.]*:\s*<[^<>\"{}|^`\\\x00-\x20]*>|BASE\s+<[^<>\"{}|^`\\\x00-\x20]*>|#[^\r\n]*[\r\n]))*+"
    r"\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b(?![\-.:])",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(r"SERVICE|FROM|NOW|RAND|UUID|\\[uU]", re.IGNORECASE)
QUERY_FORMS: Final = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
_PROLOGUE: Final = frozenset(("PREFIX", "BASE", "VERSION"))
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


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the IRIs, names, words and brackets of a query, without comments and strings.

    A text with many strings that do not end is given up, with a token of the kind `broken`.
    """
    broken = 0
    for found in _TOKEN.finditer(text, start):
        kind = found.lastgroup
        if kind == "words":
            yield from _split(text, found)
        elif kind == "broken":
            broken += 1
            if broken > _MOST_BROKEN:
                yield Token(kind, "", found.start(), len(text))
                return
        elif kind:
            yield Token(kind, found[0], found.start(), found.end())


def words(text: str) -> Iterator[Token]:
    """Yield the words alone, as `tokens` does, several times faster where there are few."""
    place = broken = 0
    while found := _NEXT_WORDS.match(text, place):
        place = found.end()
        if found.lastgroup == "words":
            yield from _split(text, found)
            continue
        broken += 1
        if broken > _MOST_BROKEN:
            yield Token("broken", "", place, len(text))
            return


def _split(text: str, found: re.Match[str]) -> Iterator[Token]:
    for word in _WORD.finditer(text, *found.span("words")):
        yield Token("word", word[0].upper(), word.start(), word.end())


def scan(text: str) -> Scan:
    """Return what the tokens of a query tell; any text at all is accepted."""
    return _scan_kept(text) if len(text) <= _KEPT_LENGTH else _scan_both(text)


def _scan_both(text: str) -> Scan:
    beginning = _PLAIN_BEGINNING.match(text)
    if beginning and not _TELLING.search(text):
        return Scan(beginning[1].upper(), has_dataset=False, services=(), repeatable=True)
    plain = unescape(text)
    found = _scan(plain)
    # Where an escape makes a quote, engines differ on whether the string ends: believe the worse of both readings.
    if plain != text:
        raw = _scan(text)
        found = Scan(
            found.form, found.has_dataset, found.services or raw.services, found.repeatable and raw.repeatable
        )
    return found


_scan_kept = lru_cache(maxsize=512)(_scan_both)


def _scan(text: str) -> Scan:
    form, has_dataset, repeatable = "", False, True
    services: list[str] = []
    for token in words(text):
        word = token.text
        if token.kind == "broken":
            # Not a query that parses. Should this reading be wrong, no SERVICE is overlooked for it.
            services += [""] if "SERVICE" in text.upper() else []
        elif not form:
            if word in QUERY_FORMS or word in _UPDATE_FORMS:
                form = word
            elif word not in _PROLOGUE:
                form = "?"
        elif word.endswith("SERVICE"):  # some parsers read `trueSERVICE` as two words
            services.append(_endpoint(text, token.end))
        elif word == "FROM":
            has_dataset = True
        elif word in _UNREPEATABLE:
            repeatable = False
    return Scan("" if form == "?" else form, has_dataset, tuple(services), repeatable)


def _endpoint(text: str, start: int) -> str:
    """Return what follows the word SERVICE; empty when nothing does."""
    following = (token for token in tokens(text, start) if token.text != "SILENT")
    return next((token.text.strip("<>") for token in following), "")
