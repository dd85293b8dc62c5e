"""The operator's row cap: ask the engine for no more rows than that, and find out whether there were more."""

import re
from typing import Final

from trialgraph.formats import SPARQL_JSON, SPARQL_XML
from trialgraph.query.request import QueryRequest
from trialgraph.query.text.scanner import Token, tokens, unescape
from trialgraph.settings import Settings

_NUMBER: Final = re.compile(r"(?:\s|#[^\r\n]*[\r\n])*(\d+)")


def row_cap_message(request: QueryRequest, settings: Settings) -> dict[str, str]:
    """Return what a worker is told of the row cap: the limited query, the probe for more, the note for the result."""
    queries = capped(request.text, settings.query_row_cap)
    if queries is None:
        return {}
    where = f"{settings.site}/limits#row-cap"
    notes = {SPARQL_JSON.name: f'"link":["{where}"],', SPARQL_XML.name: f'<link href="{where}"/>'}
    return {"text": queries[0], "probe": queries[1], "note": notes.get(request.result_format.name, "")}


def capped(text: str, cap: int) -> tuple[str, str] | None:
    r"""Return a SELECT query limited to `cap` rows, and one that has a row just when there are more.

    None when the query's own LIMIT is within the cap.

    >>> capped("SELECT * { ?s ?p ?o } OFFSET 3", 100)
    ('SELECT * { ?s ?p ?o } OFFSET 3\nLIMIT 100 ', 'SELECT * { ?s ?p ?o } OFFSET 103\nLIMIT 1 ')
    >>> capped("SELECT * { ?s ?p ?o } LIMIT 500", 100)
    ('SELECT * { ?s ?p ?o } LIMIT 100', 'SELECT * { ?s ?p ?o } LIMIT 1\nOFFSET 100 ')
    >>> capped("SELECT * { ?s ?p ?o { SELECT * {} LIMIT 500 } } LIMIT 5 # all", 100) is None
    True
    """
    text = unescape(text)
    clauses = _outer_clauses(text)
    own = _number(text, clauses.get("LIMIT"))
    if own is not None and own <= cap:
        return None
    offset = _number(text, clauses.get("OFFSET")) or 0
    limited = _with(text, {"LIMIT": cap})
    return limited, _with(text, {"LIMIT": 1, "OFFSET": offset + cap})


def _outer_clauses(text: str) -> dict[str, Token]:
    """Return the LIMIT, OFFSET and VALUES that belong to the outermost query."""
    depth, found = 0, {}
    for token in tokens(text):
        depth += (token.text in "{(" and token.kind == "mark") - (token.text in "})" and token.kind == "mark")
        if depth == 0 and token.kind == "word" and token.text in {"LIMIT", "OFFSET", "VALUES"}:
            found[token.text] = token
    return found


def _number(text: str, clause: Token | None) -> int | None:
    found = _NUMBER.match(text, clause.end) if clause else None
    return int(found[1]) if found else None


def _with(text: str, numbers: dict[str, int]) -> str:
    for name, number in numbers.items():
        clauses = _outer_clauses(text)
        clause, values = clauses.get(name), clauses.get("VALUES")
        found = _NUMBER.match(text, clause.end) if clause else None
        if found:
            text = f"{text[: found.start(1)]}{number}{text[found.end(1) :]}"
        else:
            place = values.start if values else len(text)
            text = f"{text[:place]}\n{name} {number} {text[place:]}"
    return text
