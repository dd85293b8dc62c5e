"""Questions that pages ask of the graph, and answers as terms.

Everything goes through the query engine, in SPARQL; no page opens the store. IRIs and texts enter a query only
through `terms.iri` and `terms.string`, which leave nothing that could end a token.

>>> answer = b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "uri", "value": "https://e.org/a"}}]}}'
>>> Asking(lambda query: answer).rows("SELECT ?x { ?x ?y ?z }")
[{'x': '<https://e.org/a>'}]
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trialgraph.terms import RDFS_LABEL, Quad, Term, iri, is_literal, language, lexical, string, typed
from trialgraph.vocabulary import prologue

Row = dict[str, Term]
"""One solution: the variables that are bound, without question mark."""

_BATCH: Final = 1500
"""IRIs in one VALUES block: about 100 kB of query text."""


@dataclass(frozen=True)
class Asking:
    """What answers SPARQL SELECT and ASK queries with SPARQL 1.1 Query Results JSON."""

    answer: Callable[[str], bytes]
    one_by_one: bool = False
    """Whether each query has one pattern: Virtuoso leaves out solutions of unions of subqueries."""

    def rows(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query, in order.

        Raises QueryError.
        """
        bindings = json.loads(self.answer(query))["results"]["bindings"]
        return [{name: term_of(value) for name, value in binding.items()} for binding in bindings]

    def holds(self, query: str) -> bool:
        """Return the answer of an ASK query.

        Raises QueryError.
        """
        return bool(json.loads(self.answer(query))["boolean"])

    def quads(self, subjects: Sequence[Term], most: int | None = None) -> list[Quad]:
        """Return what the graph says about the subjects, given as IRI terms, with the graph that says it.

        With `most`, no more statements than that. Raises QueryError.
        """
        found: list[Quad] = []
        for batch in batches(subjects):
            limit = "" if most is None else f" LIMIT {max(0, most - len(found))}"
            query = f"SELECT ?s ?p ?o ?g {{ VALUES ?s {{ {' '.join(batch)} }} GRAPH ?g {{ ?s ?p ?o }} }}{limit}"
            found += [(row["s"], row["p"], row["o"], row["g"]) for row in self.rows(query)]
        return found

    def graph(self, name: str) -> list[Quad]:
        """Return all of a named graph, given by its IRI.

        Raises QueryError.
        """
        rows = self.rows(f"SELECT ?s ?p ?o {{ GRAPH {iri(name)} {{ ?s ?p ?o }} }}")
        return [(row["s"], row["p"], row["o"], iri(name)) for row in rows]

    def labels(self, of: Iterable[Term]) -> dict[Term, str]:
        """Return one label for each of the IRI terms that has any: the shortest, so a name goes before a title.

        Raises QueryError.
        """
        return self.labels_and(of, {})[0]

    def labels_and(
        self, of: Iterable[Term], patterns: Mapping[str, str]
    ) -> tuple[dict[Term, str], dict[str, list[Row]]]:
        """Return labels as `labels` does, and the solutions of other patterns, by their names, asked in one query.

        Patterns may use the prefixes rdf, rdfs and tg. Raises QueryError.

        >>> asked = []
        >>> asking = Asking(lambda query: asked.append(query) or b'{"results": {"bindings": []}}')
        >>> asking.labels_and(["<x:a>"], {"what": "?a ?b ?c"})
        ({}, {'what': []})
        >>> print(asked[0].partition("ontology#>\\n")[2])
        SELECT * {
        { VALUES ?s { <x:a> } ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } UNION
        { { ?a ?b ?c } BIND("what" AS ?asked) }
        }
        """
        declared = prologue("rdf", "rdfs", "tg") if patterns else ""
        if self.one_by_one and patterns:
            alone = {name: f"{declared}SELECT * {{ {{ {pattern} }} }}" for name, pattern in patterns.items()}
            return self.labels(of), {name: self.rows(query) for name, query in alone.items()}
        named = [
            f"{{ VALUES ?s {{ {' '.join(batch)} }} ?s {RDFS_LABEL} ?label }}" for batch in batches(sorted(set(of)))
        ]
        beside = [f"{{ {{ {pattern} }} BIND({string(name)} AS ?asked) }}" for name, pattern in patterns.items()]
        together = " UNION\n".join([*named[:1], *beside])
        labels: dict[Term, str] = {}
        others: dict[str, list[Row]] = {name: [] for name in patterns}
        for query in filter(None, [together, *named[1:]]):
            for row in self.rows(f"{declared}SELECT * {{\n{query}\n}}"):
                if "asked" in row:
                    others[lexical(row["asked"])].append(row)
                elif is_literal(row["label"]) and (label := lexical(row["label"])):
                    labels[row["s"]] = min(labels.get(row["s"], label), label, key=lambda one: (len(one), one))
        return labels, others


def batches(items: Sequence[Term]) -> Iterator[Sequence[Term]]:
    """Yield the items in portions that fit into one query.

    >>> [len(batch) for batch in batches(["<x>"] * 3001)]
    [1500, 1500, 1]
    """
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def term_of(value: dict[str, Any]) -> Term:
    """Return a value of the results format as a term (SPARQL 1.1 Query Results JSON, section 3.2.2)."""
    kind, text = value["type"], value["value"]
    if kind == "uri":
        return f"<{text}>"
    if kind == "bnode":
        return f"_:{text}"
    if "xml:lang" in value:
        return language(text, value["xml:lang"])
    return typed(text, value["datatype"]) if "datatype" in value else string(text)
