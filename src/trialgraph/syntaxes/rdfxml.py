"""RDF/XML, for readers that know nothing else.

XML 1.0 cannot hold everything RDF can: most control characters have no form in it at all (production 2, Char),
and a predicate must end in an XML name (RDF 1.1 XML Syntax, section 2.2.4). Such triples are left out and counted;
the file says how many in a comment at its end. Ours hold none: the ontology's names are XML names.

>>> print(*block(Passage(b'<https://example.org/s> <http://purl.org/dc/terms/title> "R&D"@en .\\n')))
  <rdf:Description rdf:about="https://example.org/s">
    <dcterms:title xml:lang="en">R&amp;D</dcterms:title>
  </rdf:Description>
 0
>>> block(Passage(b'<https://example.org/s> <https://example.org/p> "bell: \\\\u0007" .\\n'))
('', 1)
"""

import re
from typing import Final

from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import PREFIXES

_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_NAME: Final = re.compile(r"<(.*?)([A-Za-z_][A-Za-z0-9_.-]*)>")
"""A predicate as namespace and local name; the local name as long as it can be (ASCII part of NCName)."""
# Names with a meaning of their own in RDF/XML (section 6.1.4) and the namespaces XML keeps for itself.
_RDF: Final = PREFIXES["rdf"]
_NO_PREDICATES: Final = frozenset(
    f"<{_RDF}{name}>"
    for name in (
        "RDF ID about parseType resource nodeID datatype Description aboutEach aboutEachPrefix bagID li".split()
    )
)
_KEPT_BY_XML: Final = ("<http://www.w3.org/XML/1998/namespace", "<http://www.w3.org/2000/xmlns/")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MARKUP: Final = re.compile('[&<>"\r]')
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def opening() -> str:
    """Return the XML declaration and the root element with the prefixes."""
    namespaces = "".join(f'\n  xmlns:{prefix}="{_escape(namespace)}"' for prefix, namespace in PREFIXES.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{namespaces}>\n'


def closing(left_out: int) -> str:
    """Return the end of the root element, with a note of the triples that XML could not hold."""
    note = f"  <!-- {left_out} triples are not here: XML cannot hold them. The other formats do. -->\n"
    return f"{note if left_out else ''}</rdf:RDF>\n"


def block(passage: Passage) -> tuple[str, int]:
    """Return triples as RDF/XML elements, and the number of triples that XML cannot hold."""
    parts: list[str] = []
    left_out = 0
    elements: dict[Term, tuple[str, str] | None] = {}
    for subject, properties in passage.subjects:
        lines: list[str] = []
        for predicate, objects in properties.items():
            if predicate not in elements:
                elements[predicate] = _element(predicate)
            element = elements[predicate]
            written = [line for line in map(_property, [element] * len(objects), objects) if line] if element else []
            left_out += len(objects) - len(written)
            lines += written
        if lines:
            parts.append(
                f"  <rdf:Description {_reference(subject, 'about')}>\n{''.join(lines)}  </rdf:Description>\n"
            )
    return "".join(parts), left_out


def _element(predicate: Term) -> tuple[str, str] | None:
    """Return the element's name and its namespace declaration, or None when the predicate cannot be an element."""
    match = _NAME.fullmatch(predicate)
    if match is None or predicate in _NO_PREDICATES or predicate.startswith(_KEPT_BY_XML) or not match[1]:
        return None
    prefix = _PREFIX_OF.get(match[1])
    return (f"{prefix}:{match[2]}", "") if prefix else (f"ns:{match[2]}", f' xmlns:ns="{_escape(match[1])}"')


def _property(element: tuple[str, str], term: Term) -> str | None:
    name, namespace = element
    if term[0] != '"':
        return f"    <{name}{namespace} {_reference(term, 'resource')}/>\n"
    end = term.rindex('"') + 1
    text = term[1 : end - 1] if "\\" not in term else lexical(term)
    if _NOT_XML.search(text):
        return None
    tail = term[end:]
    if tail.startswith("^^"):
        attribute = f' rdf:datatype="{_escape(tail[3:-1])}"'
    else:
        attribute = f' xml:lang="{tail[1:]}"' if tail else ""
    return f"    <{name}{namespace}{attribute}>{_escape(text)}</{name}>\n"


def _reference(term: Term, attribute: str) -> str:
    # A blank node's label may begin with a digit, an XML name may not.
    return f'rdf:nodeID="b{term[2:]}"' if term[0] == "_" else f'rdf:{attribute}="{_escape(term[1:-1])}"'


def _escape(text: str) -> str:
    return _MARKUP.sub(lambda match: _ENTITIES[match[0]], text) if _MARKUP.search(text) else text
