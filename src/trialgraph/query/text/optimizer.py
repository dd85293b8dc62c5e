"""The optimizer: a query said another way, with the same answer, sooner by a release's counts.

Oxigraph joins pattern after pattern, looking each solution up in the next one, and without counts it takes patterns
of the same form in the order of the text. Four things help it, and change no answer:

- The rarest pattern first (SPARQL 1.1 section 18.2.2.5: a basic graph pattern is a set, its order means nothing).
- A pattern as a subquery of all its variables: the same multiset of solutions, but now joined by hashing.
- The first solutions by several keys only among those that the first key alone puts first: the others need not be
  compared, for which Oxigraph would read names from the store again and again. Only where the first key is a number
  or a text by its datatype: equal values are then the same term, and can be joined.
- `FILTER NOT EXISTS { P }` as `MINUS { P }` at the end of the group (section 8.3.3 has where they differ: when the
  sides share no variable, or P has a filter. Neither is let through here).

Only the outermost group of a SELECT is looked at, and only when it is made of triple patterns with variables as
subjects and objects, and IRIs and sequences of them as predicates; at the least doubt the text stays as it is.

>>> from trialgraph.sparql.edits import edited
>>> from trialgraph.sparql.parser import parse
>>> counts = Statistics(10**6, {"u:arm": (90_000, 30_000, 90_000), "u:dose": (20, 20, 9)}, {})
>>> query = parse("SELECT ?t ?d { ?t <u:arm> ?a . ?a <u:dose> ?d }")
>>> edited(query.text, plan(query, counts))
'SELECT ?t ?d { ?a <u:dose> ?d . ?t <u:arm> ?a . }'
>>> plan(parse("SELECT ?t { <u:t> <u:arm> ?a . ?a <u:dose> ?d }"), counts)
()
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

from trialgraph.query.text.triple_patterns import Pattern, PatternGroup, Top, group_of
from trialgraph.sparql.edits import Edit
from trialgraph.sparql.query import Query
from trialgraph.store import Statistics
from trialgraph.terms import XSD

_MOST_PATTERNS: Final = 12
_WORTH: Final = 500.0
"""Look-ups (of about 4 microseconds) that an answer must cost before it is given in another way."""
_BETTER: Final = 0.5
"""What another way may cost at most of that, since all costs are guesses."""
_BETTER_WITH_FILTER: Final = 0.1
"""The same where a filter may leave few solutions of the pattern that stands first; how few is not known."""
_SCAN, _HASH, _MADE = 0.06, 0.1, 0.05
"""To meet a triple in passing, to put one into a table, and to make a solution; in look-ups."""
_MOST_IN_TABLES: Final = 2_000_000
"""Solutions that the hash joins of a query may hold together, a few hundred bytes each."""
_SORTED: Final = 500
"""Solutions, from which on sorting by names is worth avoiding."""
_MANY_TIMES: Final = 10
"""How many times more solutions there must be than are wanted."""
_ONE_TERM_A_VALUE: Final = frozenset(XSD + name for name in ("integer", "decimal", "string"))


def plan(query: Query, statistics: Statistics) -> tuple[Edit, ...]:
    """Return changes that make a query cost less, by the counts, and change no answer; none when there are none."""
    group = group_of(query, statistics)
    inside = _cheaper(group) if group else None
    if not group or not inside or query.select.group is None:
        return ()
    return (*group.columns, Edit(query.select.group.start + 1, query.select.group.end - 1, f" {inside} "))


def _cheaper(group: PatternGroup) -> str | None:
    """Return what the group holds, said in the way that costs least; None when that is the way it is said."""
    patterns = group.patterns
    if not patterns or len(patterns) > _MOST_PATTERNS:
        return None
    as_is = _order(patterns, key=lambda pattern: int(bool(pattern.object)))
    best = _order(patterns, key=lambda pattern: pattern.triples)
    if as_is is None or best is None:  # a product of two sets is nothing to speed up
        return None
    cost, joined = _nested(as_is)
    missing, minus_cost, not_exists_cost = _missing(group, joined.rows)
    before = cost + not_exists_cost
    tables, after = _tables(best, may=not group.filters and not group.streams)
    after += minus_cost
    said = None
    if before >= _WORTH and after <= before * (_BETTER_WITH_FILTER if group.filters else _BETTER):
        said = " ".join((*tables, *group.filters, *missing))
    top = group.top
    if top and not group.filters and not missing and joined.rows >= max(_SORTED, top.rows * _MANY_TIMES):
        return _only_the_first(top, patterns, said) or said
    return said


def _only_the_first(top: Top, patterns: Sequence[Pattern], said: str | None) -> str | None:
    """Return the patterns, joined with the values of the first key that can be among the first; None: not known."""
    keys = [each for each in patterns if each.object == top.variable and each.datatype in _ONE_TERM_A_VALUE]
    if not keys:
        return None
    order = _order(patterns, key=lambda pattern: int(pattern is not keys[0]))
    if order is None:
        return None
    texts = [pattern.text for pattern in order]
    first = f"SELECT {top.variable} {{ {said or ' '.join(texts)} }} ORDER BY {top.key} LIMIT {top.rows}"
    return f"{{ SELECT DISTINCT {top.variable} {{ {first} }} }} {' '.join(texts)}"


def _order(patterns: Sequence[Pattern], key: Callable[[Pattern], int]) -> list[Pattern] | None:
    """Return patterns so that each shares a variable with those before; None when there is no such order."""
    left = sorted(patterns, key=key)
    found = [left.pop(0)]
    known = set(found[0].variables)
    while left:
        joined = next((pattern for pattern in left if known & set(pattern.variables)), None)
        if joined is None:
            return None
        left.remove(joined)
        found.append(joined)
        known |= set(joined.variables)
    return found


class _Joined:
    """About how many solutions there are after joining some patterns, and how many values a variable has in them."""

    def __init__(self, first: Pattern) -> None:
        self.rows = float(first.triples)
        self.values: dict[str, float] = {}
        self._meet(first)

    def join(self, pattern: Pattern) -> None:
        """Join one more pattern, which shares a variable with those before."""
        for name, values in ((pattern.subject, pattern.subjects), (pattern.object, pattern.objects)):
            if name in self.values:
                share = min(1.0, values / max(1.0, self.values[name]))
                self.rows *= share * pattern.triples / max(1, values)
                break
        self._meet(pattern)

    def _meet(self, pattern: Pattern) -> None:
        for name, values in ((pattern.subject, pattern.subjects), (pattern.object, pattern.objects)):
            if name:
                self.values[name] = min(self.values.get(name, values), values)


def _nested(patterns: Sequence[Pattern]) -> tuple[float, _Joined]:
    """Return the cost of looking each solution up in the next pattern, and what there is then."""
    joined = _Joined(patterns[0])
    cost = joined.rows * _SCAN
    for pattern in patterns[1:]:
        cost += joined.rows
        joined.join(pattern)
        cost += joined.rows * _MADE
    return cost, joined


def _tables(patterns: Sequence[Pattern], *, may: bool) -> tuple[list[str], float]:
    """Return the patterns, those at the end as subqueries when that is cheaper and may be, and what it costs."""
    best_cost, _ = _nested(patterns)
    best = [pattern.text for pattern in patterns]
    for cut in range(1, len(patterns)) if may else ():
        cost, joined = _nested(patterns[:cut])
        in_tables = joined.rows
        for pattern in patterns[cut:]:
            cost += (pattern.triples + joined.rows) * _HASH
            joined.join(pattern)
            cost += joined.rows * _MADE
            in_tables += pattern.triples + joined.rows
        if cost < best_cost and in_tables <= _MOST_IN_TABLES:
            subqueries = [_subquery(patterns[:cut]), *(_subquery([pattern]) for pattern in patterns[cut:])]
            best_cost, best = cost, subqueries
    return best, best_cost


def _subquery(patterns: Sequence[Pattern]) -> str:
    names = dict.fromkeys(name for pattern in patterns for name in pattern.variables)
    return f"{{ SELECT {' '.join(names)} {{ {' '.join(pattern.text for pattern in patterns)} }} }}"


def _missing(group: PatternGroup, rows: float) -> tuple[list[str], float, float]:
    """Return what stands for each NOT EXISTS, what that costs, and what they cost as they are."""
    said, cost, before = [], 0.0, 0.0
    known = {name for pattern in group.patterns for name in pattern.variables}
    for inner in group.missing:
        before += rows
        table = math.inf
        order = _order(inner, key=lambda pattern: pattern.triples) if inner and not group.streams else None
        if order and known & {name for pattern in inner for name in pattern.variables}:
            scan, joined = _nested(order)
            if joined.rows <= _MOST_IN_TABLES:
                table = scan + (joined.rows + rows) * _HASH
        as_minus = table <= rows * _BETTER
        text = " ".join(pattern.text for pattern in inner)
        said.append(f"{'MINUS' if as_minus else 'FILTER NOT EXISTS'} {{ {text} }}")
        cost += table if as_minus else rows
    return said, cost, before
