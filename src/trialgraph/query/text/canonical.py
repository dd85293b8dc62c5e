r"""A query written so that every engine reads it as here: blanks between terminals, IRIs whole.

Where one engine reads `?a<?b#>` as an IRI, another reads a comparison and a comment. With a blank behind each `<`
that compares, no escape that could end a string or an IRI, and nothing that could be a comment, there is one reading.

>>> from trialgraph.sparql.parser import parse
>>> canonical(parse('PREFIX:<u:>ASK{?s:p"\\u0022\\\\u"FILTER(?a<:b||?b>1)}#end'))
'BASE <https://w3id.org/trialgraph/> ASK { ?s <u:p> "\\"\\\\\\u0075" FILTER( ?a < <u:b> || ?b > 1 ) }'
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from trialgraph.sparql.query import Query, unescaped
from trialgraph.terms import string
from trialgraph.vocabulary import BASE

_ESCAPED: Final = re.compile(r'\\[uU]|[\x00-\x1f"\\\x7f]')
_LETTERS: Final = {r"\u": r"\\\u0075", r"\U": r"\\\u0055"}
_SIGNED: Final = re.compile(r"[+\-][0-9.]")
_CALLED: Final = re.compile(r"[A-Za-z_0-9]+\(")


def canonical(query: Query, base: str = BASE) -> str:
    """Return the query with its terminals in their lines, one blank or line end between any two, names written out.

    A sign stays at the number it is written at: that is a number for some and a sum for others, and the same value.
    A bracket stays at the name of its function, where Oxigraph takes no blank.
    """
    text = query.text
    parts = [f"BASE <{query.base or base}> ", "\n" * text.count("\n", 0, query.prologue)]
    body = behind_prologue(query)
    for (start, end), (following, _) in pairwise((*body, (len(text), len(text)))):
        parts.append(_terminal(text[start:end], query))
        if end == following and (_SIGNED.match(text, start) or _CALLED.match(text, start)):
            continue
        parts.append("\n" * text.count("\n", end, following) or " ")
    return "".join(parts).rstrip(" ")


def _terminal(written: str, query: Query) -> str:
    first = written[0]
    if first in "\"'":
        length = 3 if written[:3] in {'"""', "'''"} and len(written) >= 6 else 1
        return literal_text(unescaped(written[length:-length]))
    return f"<{query.iri(written)}>" if is_iri(written) else written


def iris(query: Query) -> Iterator[str]:
    """Yield every IRI of a query behind its prologue, resolved, as often as it stands there."""
    for start, end in behind_prologue(query):
        if is_iri(written := query.text[start:end]):
            yield query.iri(written)


def behind_prologue(query: Query) -> tuple[tuple[int, int], ...]:
    """Return where the terminals of a query stand, without those of its prologue."""
    return query.spans[bisect_left(query.spans, (query.prologue, 0)) :]


def is_iri(written: str) -> bool:
    """Whether a terminal is an IRI or a prefixed name."""
    if written[0] == "<":
        return written[-1] == ">"
    return ":" in written and written[0] not in "\"'_@"


def literal_text(text: str) -> str:
    r"""Return a text in quotation marks; a backslash before a u must not look like a codepoint escape to anybody.

    >>> print(literal_text(r"\u0041"))
    "\\\u00750041"
    """
    return f'"{_ESCAPED.sub(lambda found: _LETTERS.get(found[0]) or string(found[0])[1:-1], text)}"'
