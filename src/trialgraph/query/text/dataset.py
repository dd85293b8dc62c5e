"""The dataset of a query: what FROM or the client makes of a release's graphs (SPARQL 1.1, 13.2)."""

from typing import NamedTuple

from trialgraph.errors import QueryNotEvaluable
from trialgraph.query.request import QueryRequest
from trialgraph.query.text.analysis import Analysis
from trialgraph.sparql.query import Query, all_groups
from trialgraph.store import Merges
from trialgraph.vocabulary import BASE

Graphs = tuple[str, ...] | None


class QueryDataset(NamedTuple):
    """Graphs of a store, by IRI; None leaves them to the engine."""

    default: Graphs
    named: Graphs
    is_open: bool
    """Whether FROM is still for the engine to read, in a query that was not parsed."""


def chosen(request: QueryRequest, analysis: Analysis) -> QueryDataset:
    """Return the graphs that the protocol chooses, or else FROM; the protocol wins (SPARQL 1.1 Protocol, 2.1.4).

    >>> chosen(QueryRequest(""), Analysis("ASK FROM <u:a> FROM NAMED <u:b> {}", "ASK", has_dataset=True))
    QueryDataset(default=('u:a',), named=('u:b',), is_open=False)
    """
    if (request.default_graphs, request.named_graphs) != (None, None) or not analysis.has_dataset:
        return QueryDataset(request.default_graphs, request.named_graphs, is_open=analysis.has_dataset)
    query = analysis.query()
    if query is None:
        return QueryDataset(None, None, is_open=True)
    default = tuple(query.iri(source.name.text, BASE) for source in query.sources if not source.is_named)
    named = tuple(query.iri(source.name.text, BASE) for source in query.sources if source.is_named)
    return QueryDataset(default, named, is_open=False)


def merged(dataset: QueryDataset, merges: Merges | None) -> QueryDataset:
    """Return the graphs of the store that hold the RDF merge of the default graphs.

    Raises QueryNotEvaluable for graphs whose merge cannot be had.
    """
    if dataset.default is None:
        return dataset
    default = tuple(dict.fromkeys(dataset.default))
    if merges and len(default) > 1:
        try:
            default = tuple(merges.parts_of(default))
        except ValueError as error:
            raise QueryNotEvaluable(str(error)) from None
    return dataset._replace(default=default)


def counts_solutions(query: Query) -> bool:
    """Whether the answer changes when a solution comes twice.

    >>> from trialgraph.sparql.parser import parse
    >>> [counts_solutions(parse(text)) for text in ("ASK {}", "SELECT DISTINCT ?s { ?s ?p ?o }", "SELECT * {}")]
    [False, False, True]
    """
    select = query.select
    if query.form == "ASK":
        return False
    inside = any(group.select for group, _ in all_groups(query))
    if query.form == "SELECT":
        return select.option != "DISTINCT" or select.aggregates or inside
    return bool(inside or select.aggregates or select.modifiers.limit or select.modifiers.offset)
