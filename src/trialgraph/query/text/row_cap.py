r"""The operator's row cap: ask the engine for no more rows, and find out whether there were more.

>>> from trialgraph.sparql.edits import edited
>>> from trialgraph.sparql.parser import parse
>>> query = parse("SELECT * { ?s ?p ?o } OFFSET 3")
>>> [edited(query.text, edits) for edits in capped(query, 100)]
['SELECT * { ?s ?p ?o } OFFSET 3\nLIMIT 100 ', 'SELECT * { ?s ?p ?o } OFFSET 103\nLIMIT 1 ']
>>> query = parse("SELECT * { ?s ?p ?o } LIMIT 500")
>>> [edited(query.text, edits) for edits in capped(query, 100)]
['SELECT * { ?s ?p ?o } LIMIT 100', 'SELECT * { ?s ?p ?o } LIMIT 1\nOFFSET 100 ']
>>> capped(parse("SELECT * { ?s ?p ?o { SELECT * {} LIMIT 500 } } LIMIT 5 # all"), 100) is None
True
"""

from trialgraph.formats import SPARQL_JSON, SPARQL_XML, ResultFormat
from trialgraph.sparql.edits import Edit
from trialgraph.sparql.query import Number, Query

Edits = tuple[Edit, ...]


def capped(query: Query, cap: int) -> tuple[Edits, Edits] | None:
    """Return changes that limit a SELECT to `cap` rows, and changes so that it has a row just when there are more.

    None when the query's own LIMIT is within the cap.
    """
    own = query.select.modifiers
    if own.limit and own.limit.value <= cap:
        return None
    beyond = (own.offset.value if own.offset else 0) + cap
    place = own.values.start if own.values else own.end
    return (
        (_number("LIMIT", own.limit, cap, place),),
        (_number("LIMIT", own.limit, 1, place), _number("OFFSET", own.offset, beyond, place)),
    )


def _number(word: str, own: Number | None, value: int, place: int) -> Edit:
    return Edit(own.start, own.end, str(value)) if own else Edit(place, place, f"\n{word} {value} ")


def note(result_format: ResultFormat, site: str) -> str:
    """Return what a result that was cut says of it, in the formats that have room for a link."""
    where = f"{site}/limits#row-cap"
    notes = {SPARQL_JSON.name: f'"link":["{where}"],', SPARQL_XML.name: f'<link href="{where}"/>'}
    return notes.get(result_format.name, "")
