"""Sources on the page of a trial: statements of documents, and the words that doses are read from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from trialgraph.resource.select import Row
from trialgraph.terms import Quad, Term, iri, lexical
from trialgraph.vocabulary import PREFIXES, TG, Graph
from trialgraph.web.context.node import Facts, Node

_OF_RECORDS: Final = {iri(graph) for graph in (Graph.REGISTRY, Graph.INTERPRETATION, Graph.LINKS, Graph.HISTORY)}
"""Graphs made of records: what curated graphs say of a trial, they say of the trial or its parts too."""
_WITH_WORDS: Final = {iri(TG.doseSpecification), iri(TG.radiotherapy)}
_MOST_READ: Final = 2000
_MOST_SUBJECTS: Final = 1000


@dataclass(frozen=True)
class Source:
    """A statement that a document makes."""

    name: str
    subject: Node
    predicate: Node
    object: Node
    kind: str
    citations: list[tuple[str, str]]
    """Label and address of each citation or document."""


def is_of_records(quads: Sequence[Quad]) -> bool:
    """Whether all that is said was made of records, so that no other document speaks."""
    return {quad[3] for quad in quads} <= _OF_RECORDS


def statements_pattern(root: Term, quads: Sequence[Quad]) -> str:
    """Return the pattern of statements about a trial and its parts, for `sources`; empty where no document speaks."""
    if is_of_records(quads):
        return ""
    subjects = {quad[0] for quad in quads if quad[0] == root or quad[0].startswith(root[:-1] + "/")}
    return f"""SELECT ?name ?subject ?predicate ?object ?kind ?cited ?citation {{
      VALUES ?subject {{ {" ".join(sorted(subjects)[:_MOST_SUBJECTS])} }}
      ?statement rdf:subject ?subject ; a tg:Statement ; tg:factNumber ?name ; rdf:predicate ?predicate ;
        rdf:object ?object ; tg:assertionKind ?kind .
      {{ ?statement tg:citation ?cited . ?cited rdfs:label ?citation }}
      UNION {{
        ?statement tg:source ?cited . ?cited rdfs:label ?citation
        FILTER NOT EXISTS {{ ?statement tg:citation ?other }}
      }} }} ORDER BY ?name ?citation LIMIT {_MOST_READ}"""


def sources(facts: Facts, rows: Iterable[Row]) -> list[Source]:
    """Return the statements that solutions of `statements_pattern` tell, in the order of their names."""
    found: dict[tuple[Term, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["name"], row["citation"])):
        found[row["name"], row["subject"], row["predicate"], row["object"], row["kind"]].append(row)
    return [
        Source(
            name=lexical(name),
            subject=facts.node(subject),
            predicate=facts.node(predicate),
            object=facts.node(object_),
            kind=lexical(kind),
            citations=[(lexical(row["citation"]), facts.node(row["cited"]).href or "") for row in rows],
        )
        for (name, subject, predicate, object_, kind), rows in found.items()
    ]


def words_pattern(quads: Sequence[Quad]) -> str:
    """Return the pattern of the words that doses and courses are read from, for `words_read`; empty without any."""
    read = sorted({o for _, p, o, _ in quads if p in _WITH_WORDS})
    if not read:
        return ""
    exact = iri(PREFIXES["oa"] + "exact")
    return f"VALUES ?of {{ {' '.join(read)} }} ?of tg:readFrom ?at . ?at {exact} ?exact ; tg:fieldPath ?path"


def words_read(rows: Iterable[Row]) -> dict[Term, str]:
    """Return the words of the record that things were read from, each with its field, in their order.

    >>> words_read([{"of": "<x:a>", "at": "<x:a/words/1>", "exact": '"5 mg"', "path": '"armsModule.arms[0]"'}])
    {'<x:a>': '“5 mg” (arms[0])'}
    """
    found: dict[Term, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (len(row["at"]), row["at"], row["exact"])):
        place = lexical(row["path"]).rpartition("Module.")[2]
        found[row["of"]].append(f"“{lexical(row['exact'])}” ({place})")
    return {of: " · ".join(each) for of, each in found.items()}
