"""JSON-LD that reads as plain JSON: one tree, our names as keys, the parts of a thing inside it.

The context is in the document, so nothing is fetched: `@vocab` is our ontology, `@base` our resources, and each key
says there whether its values are things or of what datatype they are.

>>> from trialgraph.vocabulary import RESOURCE, TG
>>> facts = [(f"<{RESOURCE}NCT00000001>", f"<{TG.nctId}>", '"NCT00000001"', "")]
>>> json.loads(tree(facts, f"<{RESOURCE}NCT00000001>"))["nctId"]
'NCT00000001'
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from trialgraph.terms import (
    FALSE,
    RDF_TYPE,
    TRUE,
    XSD,
    Quad,
    Term,
    datatype,
    is_literal,
    language_tag,
    lexical,
)
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, RESOURCE

_ALIASES: Final = {"id": "@id", "type": "@type", "label": "http://www.w3.org/2000/01/rdf-schema#label"}
_NATIVE: Final = {TRUE: True, FALSE: False}
_SMALL_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")
# What resolves against the base to itself (RFC 3986, section 5.2) and is not taken for a compact IRI.
_RELATIVE: Final = re.compile(r"[A-Za-z0-9_][^:/?#]*(?:/[^.:/?#][^:/?#]*)*")
_THING: Final = "@id"
_MIXED: Final = ""
Properties = dict[Term, list[Term]]


def tree(quads: Sequence[Quad], root: Term | None) -> bytes:
    """Return the quads, their graphs left out, as one JSON-LD document that begins at `root`.

    Whatever cannot be reached from the root stands beside it in `@graph`.
    """
    subjects: dict[Term, Properties] = defaultdict(lambda: defaultdict(list))
    for s, p, o in sorted({quad[:3] for quad in quads}):
        subjects[s][p].append(o)
    writer = _Tree(subjects, _kinds(subjects))
    order = sorted(subjects, key=lambda subject: (subject != root, subject))
    nodes = [writer.node(subject) for subject in order if subject not in writer.written]
    context = {"@base": RESOURCE, "@vocab": ONTOLOGY + "#", **_ALIASES, **writer.context()}
    document = nodes[0] if len(nodes) == 1 else {"@graph": nodes}
    said = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in context.items())
    rest = json.dumps(document, indent=1, ensure_ascii=False)
    return f'{{\n "@context": {{\n{said}\n }},{rest[1:]}\n'.encode()


def _kinds(subjects: dict[Term, Properties]) -> dict[Term, str]:
    """Return what the values of each property have in common: things, one datatype, or nothing."""
    kinds: dict[Term, set[str]] = defaultdict(set)
    for properties in subjects.values():
        for predicate, objects in properties.items():
            kinds[predicate].update(_kind(o) for o in objects)
    return {predicate: kinds[predicate].pop() if len(kinds[predicate]) == 1 else _MIXED for predicate in kinds}


def _kind(term: Term) -> str:
    if not is_literal(term):
        return _THING
    return _MIXED if language_tag(term) else datatype(term)


class _Tree:
    """Nodes as they are written: each once, at the first place that leads to it."""

    def __init__(self, subjects: dict[Term, Properties], kinds: dict[Term, str]) -> None:
        self._subjects = subjects
        self._kinds = kinds
        self._prefixes: set[str] = set()
        self.written: set[Term] = set()

    def context(self) -> dict[str, Any]:
        """Return the prefixes in use and what is said of the keys."""
        said: dict[str, Any] = {}
        for predicate, kind in sorted(self._kinds.items()):
            if predicate == RDF_TYPE or kind in (_MIXED, XSD + "string", XSD + "integer", XSD + "boolean"):
                continue
            key, type_ = self._key(predicate), kind if kind == _THING else self._name(f"<{kind}>", key=True)
            said[key] = {"@id": _ALIASES[key], "@type": type_} if key in _ALIASES else {"@type": type_}
        prefixes = {
            prefix: namespace if namespace[-1] in "#/:" else {"@id": namespace, "@prefix": True}
            for prefix, namespace in PREFIXES.items()
            if prefix in self._prefixes
        }
        return {**prefixes, **said}

    def node(self, subject: Term) -> dict[str, Any]:
        """Return a subject with everything below it that is not yet written."""
        self.written.add(subject)
        node: dict[str, Any] = {"id": self._name(subject)}
        for predicate, objects in self._subjects[subject].items():
            if predicate == RDF_TYPE:
                node["type"] = _one_or_all([self._name(o, key=True) for o in objects])
        for predicate, objects in self._subjects[subject].items():
            if predicate != RDF_TYPE:
                node[self._key(predicate)] = _one_or_all([self._value(predicate, o) for o in objects])
        return node

    def _value(self, predicate: Term, term: Term) -> Any:
        if is_literal(term):
            return self._literal(predicate, term)
        if term in self._subjects and term not in self.written:
            return self.node(term)
        return self._name(term) if self._kinds[predicate] == _THING else {"id": self._name(term)}

    def _literal(self, predicate: Term, term: Term) -> Any:
        if term in _NATIVE:
            return _NATIVE[term]
        text, kind = lexical(term), datatype(term)
        if kind == XSD + "integer" and _SMALL_INTEGER.fullmatch(text):
            return int(text)
        if tag := language_tag(term):
            return {"@value": text, "@language": tag}
        if kind == XSD + "string" or (self._kinds[predicate] == kind and kind != XSD + "integer"):
            return text
        return {"@value": text, "@type": self._name(f"<{kind}>", key=True)}

    def _key(self, predicate: Term) -> str:
        for alias, iri in _ALIASES.items():
            if predicate == f"<{iri}>":
                return alias
        return self._name(predicate, key=True)

    def _name(self, term: Term, *, key: bool = False) -> str:
        """Return an IRI as short as the context allows; a name with a colon in it stays whole."""
        if term.startswith("_:"):
            return term
        iri = term[1:-1]
        if key and iri.startswith(ONTOLOGY + "#") and iri[len(ONTOLOGY) + 1 :] not in ("", *_ALIASES):
            return iri[len(ONTOLOGY) + 1 :]
        if not key and iri.startswith(RESOURCE) and _RELATIVE.fullmatch(iri, len(RESOURCE)):
            return iri[len(RESOURCE) :]
        for prefix, namespace in PREFIXES.items():
            rest = iri[len(namespace) :]
            if iri.startswith(namespace) and rest and not rest.startswith("//") and prefix not in ("tg", "tgid"):
                self._prefixes.add(prefix)
                return f"{prefix}:{rest}"
        return iri


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
