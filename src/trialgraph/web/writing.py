"""The facts of one resource as RDF text: the same bytes for the same facts, whoever asks and whenever."""

import re
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from trialgraph.formats import JSON_LD, TRIG, TURTLE, RdfFormat
from trialgraph.terms import Quad, Term, line
from trialgraph.vocabulary import PREFIXES, RESOURCE
from trialgraph.web.tree import tree

# pyoxigraph writes prefixes in another order in each run.
_PREFIX_LINES: Final = re.compile(rb"(?:@prefix [^\n]*\n)+")
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
    lines = {line((s, p, o), (g or None) if named else None) for s, p, o, g in quads}
    first = f"{root} "
    text = "".join(sorted(lines, key=lambda line: (not line.startswith(first), line)))
    prefixes = _prefixes(text)
    written = ox.serialize(
        ox.parse(text.encode(), ox.RdfFormat.N_QUADS, lenient=True),
        format=format_.oxigraph,
        prefixes=prefixes,
        base_iri=RESOURCE if format_ in (TURTLE, TRIG) else None,
    )
    return _settled(written or b"", prefixes)


def _prefixes(text: str) -> dict[str, str]:
    """Return the prefixes in use; names of our resources stand relative to the base instead."""
    return {
        prefix: namespace
        for prefix, namespace in PREFIXES.items()
        if namespace != RESOURCE and f"<{namespace}" in text
    }


def _settled(written: bytes, prefixes: dict[str, str]) -> bytes:
    """Return what pyoxigraph wrote with its prefixes in our order, in full, and a blank line after each subject."""
    if written.startswith((b"@base", b"@prefix")):
        declared = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items())
        # A literal never holds a line end as it stands, so this is the end of a statement.
        return (
            _PREFIX_LINES.sub(declared.encode(), written, count=1)
            .replace(b" .\n", b" .\n\n")
            .replace(b"> .\n\n@prefix", b"> .\n@prefix")
        )
    return _XML_NAMESPACES.sub(lambda match: b" " + b" ".join(sorted(match[0].split())), written, count=1)
