r"""Links held against their shapes on their way into a release: sorted lines, many subjects at a time.

Whether each link of a name has its mapping, and each mapping its link, needs all of the graphs: it is told from what
links and mappings say of each other, sorted on disk, with the results that the rules of `shapes/links/agreement.ttl`
give over the release.

>>> import tempfile
>>> from trialgraph.settings import packaged
>>> check = LinkCheck(sorted(packaged("shapes").glob("links/*.ttl")), [], Path(tempfile.mkdtemp()))
>>> name, term = "<https://w3id.org/trialgraph/id/condition/Gout>", "<http://purl.obolibrary.org/obo/MONDO_0005393>"
>>> check.add(f"{name} {iri(_SKOS + 'exactMatch')} {term} .\n".encode())
>>> check.add(f"{name} {iri(TG.denotes)} <https://w3id.org/trialgraph/id/disease/MONDO:0005393> .\n".encode())
>>> [result.messages for result in check.results()]
[('"a link of a name has a mapping"',)]
"""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Final

from trialgraph.pipeline.external_sort import Sorter
from trialgraph.syntaxes.subject_groups import triples_in
from trialgraph.terms import RDF_TYPE, Term, Triple, iri
from trialgraph.validation import SparqlConstraint, ValidationResult, compile_shapes, read_shapes, sparql_constraints
from trialgraph.vocabulary import BASE, PREFIXES, TG

_AGREEMENT: Final = "agreement"
"""Stem of the file of shapes whose rules need all of a graph."""
_PREFIXES: Final = "prefixes.ttl"

_AT_ONCE: Final = 1 << 16
"""Bytes of lines that are checked together, but never half a subject."""
_MOST: Final = 100
"""Results of each kind that are kept; a fault of a kind has many."""
_OWL: Final = PREFIXES["owl"]
_SKOS: Final = PREFIXES["skos"]
_OF_NAMES: Final = frozenset(
    map(iri, (_SKOS + "exactMatch", _SKOS + "broadMatch", _SKOS + "closeMatch", TG.namesPart))
)
_RELATIONS: Final = _OF_NAMES | {iri(TG.drug), iri(TG.studiesDisease)}
"""What a mapping may tell of; where the record decided, a link of the record's own node."""
_PARTS: Final = tuple(iri(_OWL + name) for name in ("annotatedSource", "annotatedProperty", "annotatedTarget"))
_TIER: Final = iri(TG.linkTier)
_DENOTES: Final = iri(TG.denotes)
_DISEASE: Final = iri(TG.Disease)
_MAPPING_RULE: Final = iri(f"{BASE}shapes#MappingAgreementShape")
_NAME_RULE: Final = iri(f"{BASE}shapes#NameAgreementShape")
_LINK, _MAPPING, _NAME, _THING = "link", "mapping", "name", "thing"


class LinkCheck:
    """Takes the lines of the graphs of links, sorted in each graph, and tells what is wrong with them."""

    def __init__(self, shapes: Iterable[Path], ontology: Iterable[Triple], scratch: Path) -> None:
        """Read the files of shapes for links; `scratch` is a folder for what is sorted."""
        files = list(shapes)
        self._checker = compile_shapes(
            read_shapes(*(path for path in files if path.stem != _AGREEMENT)), background=ontology
        )
        self._rules = _rules(files)
        self._said = Sorter(scratch, unique=True)
        self._lines: list[bytes] = []
        self._size = 0
        self._subject = b""
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
        """Yield what was found in all lines, at most a hundred results of a kind."""
        self._check()
        yield from islice(self._found, _MOST)
        yield from islice(self._disagreements(), _MOST)

    def _check(self) -> None:
        triples = list(triples_in(b"".join(self._lines).decode()))
        self._lines, self._size = [], 0
        if triples and len(self._found) < _MOST:
            self._found += self._checker.check(triples)
        rows: dict[Term, dict[Term, Term]] = {}
        for subject, predicate, object_ in triples:
            if predicate in _RELATIONS:
                self._note(_LINK, subject, predicate, object_)
            elif predicate in _PARTS or predicate == _TIER:
                rows.setdefault(subject, {})[predicate] = object_
            elif predicate == _DENOTES:
                self._note(_NAME, subject)
            elif predicate == RDF_TYPE and object_ == _DISEASE:
                self._note(_THING, subject)
        for mapping, row in rows.items():
            if _TIER in row and all(part in row for part in _PARTS):
                self._note(_MAPPING, *(row[part] for part in _PARTS), mapping)

    def _note(self, kind: str, subject: Term, *rest: Term) -> None:
        self._said.add("\t".join((subject, kind, *rest)).encode() + b"\n")

    def _disagreements(self) -> Iterator[ValidationResult]:
        """Yield what the rules of agreement find: a mapping without its link, a link of a name without mapping."""
        said = (line.decode().rstrip("\n").split("\t") for line in self._said.sorted())
        for subject, group in groupby(said, key=lambda columns: columns[0]):
            of_kind: dict[str, list[list[Term]]] = {}
            for _, kind, *rest in group:
                of_kind.setdefault(kind, []).append(rest)
            links = {tuple(link) for link in of_kind.get(_LINK, ())}
            mappings = of_kind.get(_MAPPING, [])
            for *link, mapping in mappings:
                if tuple(link) not in links:
                    yield from self._rules[_MAPPING_RULE].results([{"this": mapping}])
            if _NAME in of_kind and _THING not in of_kind:
                told = {tuple(link) for *link, _ in mappings}
                for relation, term in sorted(links - told):
                    if relation in _OF_NAMES:
                        yield from self._rules[_NAME_RULE].results([{"this": subject, "value": term}])


def _rules(files: Iterable[Path]) -> dict[Term, SparqlConstraint]:
    """Return the rules of agreement by the names of their shapes."""
    agreement = [path for path in files if path.stem == _AGREEMENT]
    beside = [path.parent.parent / _PREFIXES for path in agreement]
    constraints = sparql_constraints(read_shapes(*chain(agreement, beside)))
    return {constraint.shape.name: constraint for constraint in constraints}
