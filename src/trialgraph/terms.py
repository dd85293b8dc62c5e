r"""RDF terms as canonical N-Triples text, the one form in which quads travel through the making wing.

A term is a `str` exactly as N-Triples writes it (RDF 1.1 N-Triples, section 2 and the canonical form of
section 4): `<https://example.org/a>`, `"text"`, `"5"^^<http://www.w3.org/2001/XMLSchema#integer>`,
`"Text"@en`, `_:b`. A triple is a tuple of three of them, so a change set is a difference of sets,
a dump is a sorted list of lines, and nothing is parsed between mapping, validation and the store.

>>> integer(756)
'"756"^^<http://www.w3.org/2001/XMLSchema#integer>'
>>> line((iri("https://example.org/s"), iri("https://example.org/p"), string('a "b"\n')), "<https://example.org/g>")
'<https://example.org/s> <https://example.org/p> "a \\"b\\"\\n" <https://example.org/g> .\n'
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import pyoxigraph as ox

Term = str
Triple = tuple[Term, Term, Term]
Quad = tuple[Term, Term, Term, Term]

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
TRUE: Final = f'"true"^^<{XSD}boolean>'
FALSE: Final = f'"false"^^<{XSD}boolean>'
RDF_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
RDFS_LABEL: Final = "<http://www.w3.org/2000/01/rdf-schema#label>"

_NEEDS_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ufffe\uffff]')
# Canonical N-Triples escapes only what it must: ECHAR for the usual ones, UCHAR for other control characters and
# for those that are no Char of XML (RDF 1.2 N-Triples, section 4).
_ESCAPES = {chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)} | {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
}  # fmt: skip
# RFC 3987 characters that N-Triples forbids inside <...> (grammar rule IRIREF).
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def iri(value: str) -> Term:
    """Return the IRI as a term.

    Raises ValueError when a character is not allowed inside an IRIREF (N-Triples rule 8).

    >>> iri("https://example.org/a")
    '<https://example.org/a>'
    """
    if _NOT_IN_IRI.search(value):
        raise ValueError(f"not an IRI: {value!r} holds a character that N-Triples forbids; percent-encode it")
    return f"<{value}>"


def string(text: str) -> Term:
    """Return an `xsd:string` literal.

    >>> string("tab\\there")
    '"tab\\\\there"'
    """
    if _NEEDS_ESCAPE.search(text):
        return '"' + _NEEDS_ESCAPE.sub(lambda match: _ESCAPES[match[0]], text) + '"'
    return f'"{text}"'


def typed(lexical: str, datatype: str) -> Term:
    """Return a literal of a datatype, its IRI given without brackets.

    >>> typed("2024-06", XSD + "gYearMonth")
    '"2024-06"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'
    """
    return f"{string(lexical)}^^<{datatype}>"


def language(text: str, tag: str) -> Term:
    """Return a language-tagged string; the tag in lower case, as stores keep it.

    >>> language("arm", "EN")
    '"arm"@en'
    """
    return f"{string(text)}@{tag.lower()}"


def integer(value: int) -> Term:
    """Return an `xsd:integer` literal."""
    return f'"{value}"^^<{XSD}integer>'


def boolean(value: bool) -> Term:
    """Return an `xsd:boolean` literal.

    >>> boolean(True)
    '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    """
    return TRUE if value else FALSE


def decimal(value: Decimal) -> Term:
    """Return an `xsd:decimal` literal in canonical form (no exponent, no needless zeros).

    >>> decimal(Decimal("10.50")), decimal(Decimal("1E+2"))
    ('"10.5"^^<http://www.w3.org/2001/XMLSchema#decimal>', '"100"^^<http://www.w3.org/2001/XMLSchema#decimal>')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f'"{"0" if text in ("", "-0", "-") else text}"^^<{XSD}decimal>'


def line(triple: Triple, graph: Term | None = None) -> str:
    """Return the triple as one N-Triples line, or as one N-Quads line when a graph is named."""
    subject, predicate, object_ = triple
    return f"{subject} {predicate} {object_} {graph} .\n" if graph else f"{subject} {predicate} {object_} .\n"


def is_iri(term: Term) -> bool:
    """Tell whether the term is an IRI."""
    return term.startswith("<")


def is_literal(term: Term) -> bool:
    """Tell whether the term is a literal."""
    return term.startswith('"')


def iri_value(term: Term) -> str:
    """Return the IRI without its brackets.

    >>> iri_value("<https://example.org/a>")
    'https://example.org/a'
    """
    return term[1:-1]


_UNESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([tbnrf"\'\\]))')
_ECHAR = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def lexical(term: Term) -> str:
    """Return the lexical form of a literal.

    >>> lexical('"a \\\\"b\\\\""@en'), lexical('"5"^^<http://www.w3.org/2001/XMLSchema#integer>')
    ('a "b"', '5')
    """
    body = term[1 : term.rindex('"')]
    if "\\" not in body:
        return body
    return _UNESCAPE.sub(lambda m: _ECHAR[m[3]] if m[3] else chr(int(m[1] or m[2], 16)), body)


def datatype(term: Term) -> str:
    """Return the datatype IRI of a literal, without brackets.

    >>> datatype('"a"'), datatype('"a"@en')
    ('http://www.w3.org/2001/XMLSchema#string', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString')
    """
    tail = term[term.rindex('"') + 1 :]
    if not tail:
        return XSD + "string"
    if tail[0] == "@":
        return "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
    return tail[3:-1]


def language_tag(term: Term) -> str | None:
    """Return the language tag of a literal, or None.

    >>> language_tag('"arm"@en')
    'en'
    """
    tail = term[term.rindex('"') + 1 :]
    return tail[1:] if tail.startswith("@") else None


_LINE = re.compile(
    r'(<[^>]*>|_:\S+) (<[^>]*>) (<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^>]*>)?)'
    r"(?: (<[^>]*>|_:\S+))? \.\n?"
)


def parse_line(text: str) -> tuple[Triple, Term | None]:
    """Read back one line that `line` wrote: the triple and its graph.

    Raises ValueError for anything else; use `parse` for N-Quads of other makers.

    >>> parse_line('<https://example.org/s> <https://example.org/p> "o" .\\n')[0][2]
    '"o"'
    """
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a canonical N-Quads line: {text[:200]!r}")
    return (match[1], match[2], match[3]), match[4]


def from_oxigraph(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
    """Return a pyoxigraph term as text (it writes canonical N-Triples itself)."""
    if isinstance(term, ox.Literal):
        if term.language:
            return language(term.value, term.language)
        if term.datatype.value == XSD + "string":
            return string(term.value)
        return typed(term.value, term.datatype.value)
    return str(term)


def parse(data: bytes, format_: ox.RdfFormat, base: str | None = None) -> Iterator[tuple[Triple, Term | None]]:
    """Read any RDF syntax: triples with the name of their graph (None for the default graph).

    Raises SyntaxError with line and column.
    """
    for quad in ox.parse(data, format_, base_iri=base):
        graph = None if isinstance(quad.graph_name, ox.DefaultGraph) else from_oxigraph(quad.graph_name)
        yield (from_oxigraph(quad.subject), from_oxigraph(quad.predicate), from_oxigraph(quad.object)), graph


def sorted_lines(triples: Iterable[Triple], graph: Term | None = None) -> list[str]:
    """Return the distinct triples as sorted lines: the order of every file we write."""
    return sorted({line(triple, graph) for triple in triples})
