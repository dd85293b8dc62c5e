"""FILTER NOT EXISTS as MINUS, which is answered by one join, not one look for each solution.

They are the same (SPARQL 1.1 section 8.3.3) where what is looked for has no filter of its own, and shares a variable
that every solution around it has. FILTER holds for the whole group wherever it stands, so MINUS goes to its end.

>>> from trialgraph.sparql.edits import edited
>>> from trialgraph.sparql.parser import parse
>>> query = parse("SELECT ?t { ?t <u:a> ?x FILTER NOT EXISTS { ?t <u:b> ?y } ?t <u:c> ?z }")
>>> edited(query.text, as_minus(query))
'SELECT ?t { ?t <u:a> ?x  ?t <u:c> ?z  MINUS { ?t <u:b> ?y } }'
"""

from trialgraph.sparql.edits import Edit
from trialgraph.sparql.query import Filter, Group, Query, Triples, all_groups


def as_minus(query: Query) -> tuple[Edit, ...]:
    """Return the changes; none for groups that look for anything but triple patterns."""
    found: list[Edit] = []
    if "EXISTS" not in query.text.upper():
        return ()
    for group, around in all_groups(query):
        if any(isinstance(member, Filter) for member in around):
            continue  # its own changes would lie within one of these
        bound = {name for member in group.members if isinstance(member, Triples) for name in member.variables}
        for member in group.members:
            if isinstance(member, Filter) and _may_be_minus(member, bound):
                pattern = member.expression.groups[0]
                text = query.text[pattern.start : pattern.end]
                found += [Edit(member.start, member.end, ""), Edit(group.end - 1, group.end - 1, f" MINUS {text} ")]
    return tuple(found)


def _may_be_minus(member: Filter, bound: set[str]) -> bool:
    if member.expression.only != "NOT EXISTS":
        return False
    inner: Group = member.expression.groups[0]
    if inner.select or not all(isinstance(each, Triples) for each in inner.members):
        return False
    return bool(bound & {name for each in inner.members if isinstance(each, Triples) for name in each.variables})
