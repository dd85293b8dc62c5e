"""The facts of one resource as RDF text: the same bytes for the same facts, whoever asks and whenever."""

import re
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

from trialgraph.formats import JSON_LD, TRIG, TURTLE, RdfFormat
from trialgraph.resource.framing import tree
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Quad, Term, line
from trialgraph.vocabulary import PREFIXES, RESOURCE

# pyoxigraph writes prefixes in another order in each run.
_PREFIX_LINES: Final = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
# A literal, which stays as it is, or a name of ours that resolves against the base to itself (RFC 3986, section 5.2).
_TOKEN: Final = re.compile(
    rb'"(?:[^"\\]|\\.)*"|<' + re.escape(RESOURCE.encode()) + rb"([A-Za-z0-9_][^:/>]*(?:/[^./>][^/>]*)*)>"
)
_XML_NAMESPACES: Final = re.compile(rb'(?<=<rdf:RDF)(?: xmlns:[\w-]+="[^"]*")+')


def write(quads: Iterable[Quad], format_: RdfFormat, root: Term | None = None) -> bytes:
    """Return the quads in an RDF syntax; the name of the graph is kept in N-Quads and TriG.

    JSON-LD is one tree that begins at `root`, when that is given: plain JSON to whoever wants no RDF.

    >>> print(write([(f"<{RESOURCE}a>", f"<{PREFIXES['tg']}p>", '"x"', "")], TURTLE).decode().strip())
    @base <https://w3id.org/trialgraph/id/> .
    @prefix tg: <https://w3id.org/trialgraph/ontology#> .
    <BLANKLINE>
    <a> tg:p "x" .
    """
    quads = list(quads)
    if format_ is JSON_LD:
        return tree(quads, root)
    named = format_.holds_named_graphs
    rows = {(s, p, o, g if named else "") for s, p, o, g in quads}
    text = "".join(line((s, p, o), g or None) for s, p, o, g in sorted(rows, key=lambda row: _place(row, root)))
    prefixes = _prefixes(text)
    source = ox.parse(text.encode(), ox.RdfFormat.N_QUADS, lenient=True)
    written = ox.serialize(source, format=format_.oxigraph, prefixes=prefixes) or b""
    if format_ in (TURTLE, TRIG):
        return _readable(written, prefixes)
    return _XML_NAMESPACES.sub(lambda match: b" " + b" ".join(sorted(match[0].split())), written, count=1)


def _place(row: Quad, root: Term | None) -> tuple[Any, ...]:
    """Return what puts graphs apart, the root first, and class and label first of each subject."""
    s, p, o, g = row
    return g, s != root, s, p != RDF_TYPE, p != RDFS_LABEL, p, o


def _prefixes(text: str) -> dict[str, str]:
    """Return the prefixes in use; names of our resources stand relative to the base instead."""
    return {
        prefix: namespace
        for prefix, namespace in PREFIXES.items()
        if namespace != RESOURCE and f"<{namespace}" in text
    }


def _readable(written: bytes, prefixes: dict[str, str]) -> bytes:
    """Return Turtle or TriG with its prefixes in our order, our names relative to the base, subjects apart."""
    declared = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items())
    body = _PREFIX_LINES.sub(b"", written, count=1)
    # pyoxigraph writes no line end inside a literal, so this one ends a statement.
    body = _TOKEN.sub(_relative, body).replace(b" .\n", b" .\n\n")
    return f"@base <{RESOURCE}> .\n{declared}\n".encode() + body


def _relative(match: re.Match[bytes]) -> bytes:
    return b"<" + match[1] + b">" if match[1] else match[0]
