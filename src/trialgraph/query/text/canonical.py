r"""Write a query so that every engine reads it as it was read here: blanks between terminals, IRIs whole.

Where one engine reads `?a<?b#>` as an IRI, another reads a comparison and a comment. With a blank behind each `<`
that compares, no escape that could end a string or an IRI, and nothing that could be a comment, there is one reading.

>>> from trialgraph.query.text.parser import parse
>>> canonical(parse('PREFIX:<u:>ASK{?s:p"\\u0022\\\\u"FILTER(?a<:b||?b>1)}#end'))
'BASE <https://w3id.org/trialgraph/> ASK { ?s <u:p> "\\"\\\\\\u0075" FILTER( ?a < <u:b> || ?b > 1 ) }'
"""

import re
from bisect import bisect_left
from itertools import pairwise
from typing import Final

from trialgraph.query.text.query import Query, unescaped
from trialgraph.terms import string
from trialgraph.vocabulary import BASE

_SIGNED: Final = re.compile(r"[+\-][0-9.]")
_CALLED: Final = re.compile(r"[A-Za-z_0-9]+\(")


def canonical(query: Query, base: str = BASE) -> str:
    """Return the query with its terminals in their lines, one blank or line end between any two, names written out.

    A sign stays at the number it is written at: that is a number for some and a sum for others, and the same value.
    A bracket stays at the name of its function, where Oxigraph takes no blank.
    """
    text, spans = query.text, query.spans
    parts = [f"BASE <{query.base or base}> ", "\n" * text.count("\n", 0, query.prologue)]
    body = spans[bisect_left(spans, (query.prologue, 0)) :]
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
    if first == "<" and "\\" in written:
        return f"<{unescaped(written[1:-1])}>"
    if ":" in written and first not in "_<@":
        return f"<{query.iri(written)}>"
    return written


def literal_text(text: str) -> str:
    r"""Return a text in quotation marks; a backslash before a u must not look like a codepoint escape to anybody.

    >>> print(literal_text(r"\u0041"))
    "\\\u00750041"
    """
    return string(text).replace("\\\\u", "\\\\\\u0075").replace("\\\\U", "\\\\\\u0055")
