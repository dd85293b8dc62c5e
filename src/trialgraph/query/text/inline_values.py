r"""What a query names: graphs of FROM, IRIs, and VALUES of one variable and one value, to be filled in.

>>> text = 'PREFIX x: <http://e.org/> SELECT * FROM x:g { VALUES ?d { "1"^^x:day } # parameter: the day\n x:a ?p ?d }'
>>> graphs_of(text), things_of(text)[-1]
(('http://e.org/g',), 'http://e.org/a')
>>> slots_of(text)[0].name, slots_of(text)[0].term, slots_of(text)[0].comment
('d', '"1"^^<http://e.org/day>', 'parameter: the day')
"""

from typing import NamedTuple

from trialgraph.query.text.analysis import analyze
from trialgraph.query.text.canonical import iris
from trialgraph.sparql.query import Query, Values, all_groups, unescaped
from trialgraph.terms import XSD, Term, iri, language, string, typed
from trialgraph.vocabulary import BASE


class Slot(NamedTuple):
    """VALUES with one variable and one value: the place of the value, and what is said of it behind the brace."""

    name: str
    term: Term
    comment: str
    """Of the rest of its line, without the sign; empty when there is none."""
    start: int
    end: int


def graphs_of(text: str) -> tuple[str, ...]:
    """Return the graphs that FROM and FROM NAMED name; none for what does not parse."""
    query = analyze(text).query()
    return tuple(query.iri(source.name.text, BASE) for source in query.sources) if query else ()


def things_of(text: str) -> tuple[str, ...]:
    """Return the IRIs that stand in a query behind its prologue, each once; none for what does not parse."""
    query = analyze(text).query()
    return tuple(dict.fromkeys(iris(query))) if query else ()


def slots_of(text: str) -> tuple[Slot, ...]:
    """Return the slots of a query in the order of the text; none for what does not parse."""
    query = analyze(text).query()
    if query is None:
        return ()
    blocks = [member for group, _ in all_groups(query) for member in group.members if isinstance(member, Values)]
    found = (_slot(query, block) for block in sorted(blocks, key=lambda block: block.start))
    return tuple(slot for slot in found if slot)


def _slot(query: Query, block: Values) -> Slot | None:
    inside = [span for span in query.spans if block.start <= span[0] < block.end]
    pieces = [query.text[start:end] for start, end in inside]
    if block.rows != 1 or len(block.variables) != 1 or "{" not in pieces:
        return None
    first, last = inside[pieces.index("{") + 1][0], inside[-2][1]
    term = _term(query, pieces[pieces.index("{") + 1 : -1])
    line = query.text[block.end :].partition("\n")[0].strip()
    said = line[1:].strip() if line.startswith("#") else ""
    return Slot(block.variables[0][1:], term, said, first, last) if term else None


def _term(query: Query, pieces: list[str]) -> Term:
    """Return the term that some terminals are; empty for what is none, such as UNDEF."""
    first = pieces[0]
    if first[0] in "\"'":
        length = 3 if first[:3] in {'"""', "'''"} and len(first) >= 6 else 1
        text = unescaped(first[length:-length])
        if len(pieces) == 1:
            return string(text)
        return language(text, pieces[1][1:]) if len(pieces) == 2 else typed(text, query.iri(pieces[2], BASE))
    if first in {"true", "false"}:
        return typed(first, f"{XSD}boolean")
    number = "".join(pieces)
    if first[0] in "+-.0123456789":
        kind = "double" if "e" in number.lower() else "decimal" if "." in number else "integer"
        return typed(number, XSD + kind)
    return "" if first.upper() == "UNDEF" else iri(query.iri(first, BASE))
