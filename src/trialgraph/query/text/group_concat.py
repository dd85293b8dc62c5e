"""GROUP_CONCAT over numbers and IRIs: cast to text where Oxigraph would give an empty cell.

Section 18.5.1.7 joins simple literals and casts nothing; a query that names anything else means its text. What is
DISTINCT is then distinct as text: `1` and `"1"` are joined once.

>>> from trialgraph.sparql.edits import edited
>>> from trialgraph.sparql.parser import parse
>>> query = parse("SELECT (GROUP_CONCAT(DISTINCT ?n; SEPARATOR=',') AS ?all) { ?s ?p ?n }")
>>> edited(query.text, casts(query))
"SELECT (GROUP_CONCAT(DISTINCT STR(?n); SEPARATOR=',') AS ?all) { ?s ?p ?n }"
"""

from collections.abc import Iterator

from trialgraph.sparql.edits import Edit
from trialgraph.sparql.query import Query, Select, all_groups, expressions

_WORD = "GROUP_CONCAT"


def casts(query: Query) -> tuple[Edit, ...]:
    """Return the changes that put STR around what is concatenated, wherever it is not there yet."""
    if _WORD not in query.text.upper():
        return ()
    found: list[Edit] = []
    for select in _selects(query):
        for expression in expressions(select):
            texts = {(call.start, call.end) for call in expression.calls if call.name == "STR"}
            for call in expression.calls:
                if call.name == _WORD and call.arguments[0] not in texts:
                    start, end = call.arguments[0]
                    found += [Edit(start, start, "STR("), Edit(end, end, ")")]
    return tuple(found)


def _selects(query: Query) -> Iterator[Select]:
    yield query.select
    for group, _ in all_groups(query):
        if group.select:
            yield group.select
