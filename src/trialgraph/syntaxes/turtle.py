"""Turtle and TriG, written to be read: a block for each subject, `a` first, a predicate on each line.

Ours is written instead of taken from pyoxigraph because that one sorts neither prefixes nor predicates (two runs
differ) and escapes every slash of our names. Things of ours stand relative to `@base`, others by prefix, numbers
and truth values bare, and text of several lines as it is.

>>> arm = (b'<https://w3id.org/trialgraph/id/NCT06095583> <https://w3id.org/trialgraph/ontology#arm> '
...        b'<https://w3id.org/trialgraph/id/NCT06095583/arm/1> .\\n')
>>> print(block(Passage(arm)), end="")
<NCT06095583>
    tg:arm <NCT06095583/arm/1> .
<BLANKLINE>
"""

import re
from collections.abc import Mapping
from typing import Final

from trialgraph.syntaxes.subject_groups import Passage, Properties
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, XSD, Term
from trialgraph.vocabulary import PREFIXES, RESOURCE

_INDENT: Final = " " * 4
_BETWEEN: Final = f" ;\n{_INDENT}"
_ON_ONE_LINE: Final = 3
_FIRST: Final = (RDF_TYPE, RDFS_LABEL)

# Longest namespace first, so that `ontology#` wins over anything shorter; the local name is the part of
# PN_LOCAL (Turtle 1.1, rule 168s) that needs no escape and that every parser we know takes.
_PREFIXED: Final = re.compile(
    "<("
    + "|".join(re.escape(namespace) for namespace in sorted(PREFIXES.values(), key=len, reverse=True))
    + r")([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)>"
)
_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
# What resolves against the base to itself (RFC 3986, 5.2): no scheme-like first segment, no empty or dot segment.
_RELATIVE: Final = re.compile(
    re.escape("<" + RESOURCE) + r"([A-Za-z0-9_%][\w%.,()+&'!*;-]*(?:/[A-Za-z0-9_%(][\w%.,()+&'!*;:@-]*)*)>", re.ASCII
)
_BARE: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
"""Lexical forms that Turtle may write without quotes (rules 19, 20 and 133s)."""
_ESCAPE: Final = re.compile(r"\\(.)")


def opening(prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the base and the prefixes, as the head of a file."""
    width = max(map(len, prefixes), default=0) + 1
    lines = (f"@prefix {prefix + ':':<{width}} <{namespace}> .\n" for prefix, namespace in prefixes.items())
    return f"@base <{RESOURCE}> .\n{''.join(lines)}\n"


def block(passage: Passage) -> str:
    """Return triples as Turtle, the subjects in the order given."""
    known: dict[Term, str] = {}
    verbs = {RDF_TYPE: "a"}

    def written(term: Term) -> str:
        text = known[term] = _literal(term) if term[0] == '"' else _iri(term)
        return text

    parts: list[str] = []
    for subject, properties in passage.subjects:
        statements: list[str] = []
        for predicate, objects in _ordered(properties).items():
            verb = verbs.get(predicate) or verbs.setdefault(predicate, _iri(predicate))
            if len(objects) == 1:
                value = known.get(objects[0]) or written(objects[0])
            else:
                value = _list([known.get(term) or written(term) for term in objects])
            statements.append(f"{verb} {value}")
        parts.append(f"{_iri(subject)}\n{_INDENT}{_BETWEEN.join(statements)} .\n\n")
    return "".join(parts)


def graph_block(passage: Passage, graph: str) -> str:
    """Return triples as one TriG block of a named graph (without GRAPH, a word raptor does not know)."""
    return f"{_iri(f'<{graph}>')} {{\n\n{block(passage)}}}\n\n"


def _list(values: list[str]) -> str:
    return (", " if len(values) <= _ON_ONE_LINE else f",\n{_INDENT}{_INDENT}").join(values)


def _ordered(properties: Properties) -> Properties:
    return {predicate: properties[predicate] for predicate in _FIRST if predicate in properties} | properties


def _iri(term: Term) -> str:
    if match := _RELATIVE.fullmatch(term):
        return f"<{match[1]}>"
    if match := _PREFIXED.fullmatch(term):
        return f"{_PREFIX_OF[match[1]]}:{match[2]}"
    return term


def _literal(term: Term) -> str:
    end = term.rindex('"') + 1
    quoted, tail = term[:end], term[end:]
    if tail.startswith("^^"):
        bare = _BARE.get(tail[3:-1])
        if bare and bare.fullmatch(quoted, 1, end - 1):
            return quoted[1:-1]
        tail = "^^" + _iri(tail[2:])
    return (_lines(quoted) if "\\n" in quoted else quoted) + tail


def _lines(quoted: str) -> str:
    """Return a string with its line ends as they are, between triple quotes (rule 24)."""
    return f'""{_ESCAPE.sub(lambda match: chr(10) if match[1] == "n" else match[0], quoted)}""'
