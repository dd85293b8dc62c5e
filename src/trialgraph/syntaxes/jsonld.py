"""JSON-LD 1.1, one subject a line, prefixes as its context: nothing to fetch, nothing to nest.

An IRI whose scheme is one of our prefixes (`<mesh:D1>`) would be read as a compact IRI; a triple that holds one
is left out and counted. There is none in well-made data.

>>> print(*block(Passage(b'<https://w3id.org/trialgraph/id/NCT06095583> <https://schema.org/position> '
...                      b'"1"^^<http://www.w3.org/2001/XMLSchema#integer> .\\n')))
{"@id":"tgid:NCT06095583","schema:position":1} 0
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from trialgraph.syntaxes.subject_groups import Passage, Properties
from trialgraph.terms import FALSE, RDF_TYPE, TRUE, XSD, Term
from trialgraph.vocabulary import PREFIXES

_PREFIXED: Final = re.compile(
    "<(" + "|".join(re.escape(namespace) for namespace in sorted(PREFIXES.values(), key=len, reverse=True)) + ")(.*)>"
)
_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_LOOKS_COMPACT: Final = re.compile(f"<(?:{'|'.join(PREFIXES)}):(?!//)")
# Canonical integers that every JSON reader keeps exact (RFC 8259, section 6).
_NUMBER: Final = re.compile(f'"(0|-?[1-9][0-9]{{0,14}})"\\^\\^<{re.escape(XSD)}integer>')
_NATIVE: Final = {TRUE: "true", FALSE: "false"}


def context(prefixes: Mapping[str, str] = PREFIXES) -> dict[str, object]:
    """Return the context: each prefix, marked as one where its namespace ends in a letter or `_` (section 4.1.5)."""
    return {
        prefix: namespace if namespace[-1] in ":/?#[]@" else {"@id": namespace, "@prefix": True}
        for prefix, namespace in prefixes.items()
    }


def opening(prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the context and the start of the graph."""
    return f'{{"@context":{json.dumps(context(prefixes), indent=1)},\n"@graph":[\n'


def closing() -> str:
    """Return the end of the graph."""
    return "\n]}\n"


def block(passage: Passage) -> tuple[str, int]:
    """Return triples as node objects with commas between, and the number of triples left out."""
    nodes: list[str] = []
    left_out = 0
    for subject, properties in passage.subjects:
        node, missing = _node(subject, properties)
        left_out += missing
        if node:
            nodes.append(node)
    return ",\n".join(nodes) or "{}", left_out


def graph_block(passage: Passage, graph: str) -> tuple[str, int]:
    """Return triples as one named graph object, and the number of triples left out."""
    nodes, left_out = block(passage)
    return f'{{"@id":"{_name(f"<{graph}>")}","@graph":[\n{nodes}\n]}}', left_out


def _node(subject: Term, properties: Properties) -> tuple[str, int]:
    triples = sum(map(len, properties.values()))
    if _LOOKS_COMPACT.match(subject):
        return "", triples
    members = [f'"@id":"{_name(subject)}"']
    written = 0
    types = [f'"{_name(o)}"' for o in properties.get(RDF_TYPE, ()) if o[0] != '"' and not _LOOKS_COMPACT.match(o)]
    if types:
        members.append(f'"@type":{_values(types)}')
        written += len(types)
    for predicate, objects in properties.items():
        if _LOOKS_COMPACT.match(predicate):
            continue
        kept = [o for o in objects if o[0] == '"'] if predicate == RDF_TYPE else objects
        values = [value for value in map(_value, kept) if value]
        if values:
            members.append(f'"{_name(predicate)}":{_values(values)}')
            written += len(values)
    return (f"{{{','.join(members)}}}" if written else ""), triples - written


def _values(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"[{','.join(values)}]"


def _name(term: Term) -> str:
    if term[0] == "_":
        return term
    match = _PREFIXED.fullmatch(term)
    return f"{_PREFIX_OF[match[1]]}:{match[2]}" if match and not match[2].startswith("//") else term[1:-1]


def _value(term: Term) -> str | None:
    if term[0] != '"':
        return None if _LOOKS_COMPACT.match(term) or term.startswith("<<") else f'{{"@id":"{_name(term)}"}}'
    if term in _NATIVE:
        return _NATIVE[term]
    if match := _NUMBER.fullmatch(term):
        return match[1]
    # The escapes of canonical N-Triples are those of JSON, so a string is taken over as it stands.
    end = term.rindex('"') + 1
    quoted, tail = term[:end], term[end:]
    if not tail:
        return quoted
    if tail[0] == "@":
        return f'{{"@value":{quoted},"@language":"{tail[1:]}"}}'
    return None if _LOOKS_COMPACT.match(tail[2:]) else f'{{"@value":{quoted},"@type":"{_name(tail[2:])}"}}'
