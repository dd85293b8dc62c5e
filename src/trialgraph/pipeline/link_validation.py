r"""Links held against their shapes on their way into a release: sorted lines, many subjects at a time.

That each link of a name has its mapping, and each mapping its link, is told without keeping either: the hashes of the
links and of what the mappings say of them cancel out.

>>> from trialgraph.validation import read_shapes
>>> check = LinkCheck(read_shapes(), [])
>>> name, term = "<https://w3id.org/trialgraph/id/condition/Gout>", "<http://purl.obolibrary.org/obo/MONDO_0005393>"
>>> check.add(f"{name} {_EXACT} {term} .\n".encode())
>>> [result.messages for result in check.results()]
[('"links of names and their mappings do not agree"',)]
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import xxhash

from trialgraph.syntaxes.subject_groups import triples_in
from trialgraph.terms import Term, Triple, iri, string
from trialgraph.validation import ValidationResult, compile_shapes
from trialgraph.validation.shape_model import Shapes
from trialgraph.vocabulary import BASE, PREFIXES, RESOURCE, TG

AGREEMENT: Final = "agreement"
"""Stem of the file of shapes whose rules need all of a graph; here they are told by hashes."""

_AT_ONCE: Final = 1 << 16
"""Bytes of lines that are checked together, but never half a subject."""
_MOST: Final = 100
"""Results that are kept; a fault of a kind has many."""
_OWL: Final = PREFIXES["owl"]
_SKOS: Final = PREFIXES["skos"]
_EXACT: Final = iri(_SKOS + "exactMatch")
_RELATIONS: Final = frozenset((_EXACT, iri(_SKOS + "broadMatch"), iri(_SKOS + "closeMatch"), iri(TG.namesPart)))
_PARTS: Final = tuple(iri(_OWL + name) for name in ("annotatedSource", "annotatedProperty", "annotatedTarget"))
_NAMES: Final = (f"<{RESOURCE}condition/", f"<{RESOURCE}intervention-name/")
_TIER: Final = iri(TG.linkTier)
_SETS: Final = iri(f"{BASE}graph/links")
_SHACL: Final = "http://www.w3.org/ns/shacl#"
_SPARQL: Final = iri(_SHACL + "SPARQLConstraintComponent")
_VIOLATION: Final = iri(_SHACL + "Violation")
_AGREEMENT: Final = iri(f"{BASE}shapes#MappingAgreementShape")


class LinkCheck:
    """Takes the lines of the graphs of links, sorted in each graph, and tells what is wrong with them."""

    def __init__(self, shapes: Shapes, ontology: Iterable[Triple]) -> None:
        self._checker = compile_shapes(shapes, background=ontology)
        self._lines: list[bytes] = []
        self._size = 0
        self._subject = b""
        self._sum = 0
        self._found: list[ValidationResult] = []

    def add(self, line: bytes) -> None:
        """Take a line of N-Triples."""
        subject = line[: line.index(b" ")]
        if self._size > _AT_ONCE and subject != self._subject:
            self._check()
        self._lines.append(line)
        self._size += len(line)
        self._subject = subject

    def results(self) -> Iterator[ValidationResult]:
        """Yield what was found in all lines, at most a hundred results."""
        self._check()
        yield from islice(self._found, _MOST)
        if self._sum:
            messages = (string("links of names and their mappings do not agree"),)
            yield ValidationResult(_SETS, None, None, _SPARQL, _AGREEMENT, _VIOLATION, messages)

    def _check(self) -> None:
        triples = list(triples_in(b"".join(self._lines).decode()))
        self._lines, self._size = [], 0
        if triples and len(self._found) < _MOST:
            self._found += self._checker.check(triples)
        rows: dict[Term, dict[Term, Term]] = {}
        for subject, predicate, object_ in triples:
            if predicate in _RELATIONS and subject.startswith(_NAMES):
                self._sum ^= _hash(subject, predicate, object_)
            elif predicate in _PARTS or predicate == _TIER:
                rows.setdefault(subject, {})[predicate] = object_
        for row in rows.values():
            said = [row.get(part, "") for part in _PARTS]
            if _TIER in row and said[0].startswith(_NAMES):
                self._sum ^= _hash(*said)


def _hash(*triple: Term) -> int:
    return xxhash.xxh3_64_intdigest(" ".join(triple).encode("utf-8", "surrogatepass"))
