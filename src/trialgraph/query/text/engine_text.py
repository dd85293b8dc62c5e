"""What the embedded engine is given: a query's text, and where it pays another of the same answer.

>>> rewritten(analyze("SELECT (GROUP_CONCAT(?n) AS ?all) { ?s ?p ?n }"), None)["plan"]
'SELECT (GROUP_CONCAT(STR(?n)) AS ?all) { ?s ?p ?n }'
>>> rewritten(analyze("SELECT * { ?s ?p ?o }"), None, cap=5)["probe"]
'SELECT * { ?s ?p ?o }\\nLIMIT 1 \\nOFFSET 5 '
"""

import re
from typing import Final

from trialgraph.query.text.analysis import Analysis, analyze
from trialgraph.query.text.canonical import canonical
from trialgraph.query.text.distinct_sides import distinct_sides
from trialgraph.query.text.group_concat import casts
from trialgraph.query.text.not_exists import as_minus
from trialgraph.query.text.optimizer import plan
from trialgraph.query.text.row_cap import capped
from trialgraph.query.text.sparq_subset import suits
from trialgraph.sparql.edits import edited
from trialgraph.sparql.query import Query
from trialgraph.store import Statistics
from trialgraph.vocabulary import BASE

__all__ = ["analyze", "rewritten"]
_LONGEST: Final = 4096
"""Longer texts are hardly written to be planned."""
_MAY_GAIN: Final = re.compile(r"[;./)]\s*[?$\w:<^]|EXISTS|ORDER\s", re.IGNORECASE)


def rewritten(
    analysis: Analysis, statistics: Statistics | None, cap: int = 0, *, joins: bool = False
) -> dict[str, str]:
    """Return `text`, and perhaps a `plan` to run instead, and a `probe` that has a row when `cap` has cut.

    With `joins`, also what the second engine is to be asked, as `joined` and `joined_probe`, if it may be. A query
    that does not parse here is given as it is. Should a plan not parse there, the text tells why.
    """
    text, cap = analysis.text, cap if analysis.form == "SELECT" else 0
    if not (cap or joins or _MAY_GAIN.search(text, max(0, text.find("{"))) or "GROUP_CONCAT" in text.upper()):
        return {"text": text}
    query = _unambiguous(analysis.query())
    if query is None:
        return {"text": text}
    is_joined = joins and suits(query)
    planned = plan(query, statistics) if statistics and not is_joined and len(query.text) <= _LONGEST else ()
    better = (*planned, *casts(query))
    limited, probe = (capped(query, cap) if cap else None) or ((), ())
    found = {"text": edited(query.text, limited)}
    if better:
        found["plan"] = edited(query.text, (*better, *limited))
    if probe:
        found["probe"] = edited(query.text, (*better, *probe))
    if is_joined:
        sides = distinct_sides(query, statistics) if statistics else ()
        best = (*casts(query), *(sides or as_minus(query)))
        found["joined"] = f"BASE <{BASE}> {edited(query.text, (*best, *limited))}"
        if probe:
            found["joined_probe"] = f"BASE <{BASE}> {edited(query.text, (*best, *probe))}"
    return found


def _unambiguous(query: Query | None) -> Query | None:
    """Return a query in which Oxigraph reads every name as it is read here."""
    if query is None or not query.is_dotted:
        return query
    return analyze(canonical(query)).query()
