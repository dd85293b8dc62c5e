"""A select function over triples, as the release's store would give it."""

import pyoxigraph as ox

from trialgraph.terms import Triple, from_oxigraph, line
from trialgraph.validation import Select


def selector(triples: list[Triple]) -> Select:
    """Return what runs SELECT queries over a store of these triples."""
    store = ox.Store()
    store.load("".join(line(triple) for triple in triples).encode(), ox.RdfFormat.N_TRIPLES)

    def select(query):
        solutions = store.query(query)
        names = [variable.value for variable in solutions.variables]
        return [{n: from_oxigraph(row[n]) for n in names if row[n] is not None} for row in solutions]

    return select
