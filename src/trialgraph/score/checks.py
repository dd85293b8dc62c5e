"""Checks that several tables share; each is a function of what is measured.

>>> from datetime import date
>>> subject = Subject(frozenset(), lambda query: [], "https://e.org", date(2026, 1, 1))
>>> uses_any("dcterms:title")(subject)
(0.0, 'none')
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from trialgraph.formats import TURTLE
from trialgraph.release.graph_builder import expand
from trialgraph.score.criteria import Answer, Outcome, Subject
from trialgraph.terms import Triple, lexical, parse
from trialgraph.vocabulary import prologue

Check = Callable[[Subject], Outcome]
PREFIXES: Final = prologue("rdfs", "owl", "sh", "sd", "void", "void-ext")
RDF: Final = TURTLE.media_type


def yes(met: bool, found: str) -> Outcome:
    """Return the outcome of a plain yes or no."""
    return (1.0 if met else 0.0), found


def share(met: int, of: int, found: str) -> Outcome:
    """Return the outcome of several that are asked alike."""
    return (met / of if of else 0.0), found


def uses_any(*names: str) -> Check:
    """Return a check that the description uses one of these properties."""

    def check(subject: Subject) -> Outcome:
        used = {p for _, p, _ in subject.description}
        found = [name for name in names if f"<{expand(name)}>" in used]
        return yes(bool(found), ", ".join(found) or "none")

    return check


def uses_all(*names: str) -> Check:
    """Return a check that the description uses all of these properties."""

    def check(subject: Subject) -> Outcome:
        used = {p for _, p, _ in subject.description}
        missing = [name for name in names if f"<{expand(name)}>" not in used]
        found = f"lacks {', '.join(missing)}" if missing else "all there"
        return share(len(names) - len(missing), len(names), found)

    return check


def has_rows(query: str) -> Check:
    """Return a check that a query has rows."""

    def check(subject: Subject) -> Outcome:
        number = sum(1 for _ in subject.select(PREFIXES + query))
        return yes(number > 0, f"{number} rows")

    return check


def gives(path: str, accept: str, pattern: str = "") -> Check:
    """Return a check that an address answers 200 in the type asked for, with a pattern in the body."""

    def check(subject: Subject) -> Outcome:
        answer = subject.ask(path, accept)
        type_ = answer.headers.get("content-type", "")
        met = answer.status == 200 and type_.startswith(accept)
        return yes(met and re.search(pattern.encode(), answer.body) is not None, f"{answer.status} {type_}")

    return check


def triples(answer: Answer) -> list[Triple]:
    """Return the triples of an answer in Turtle; none when it is no Turtle."""
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith(RDF):
        return []
    try:
        return [triple for triple, _ in parse(answer.body, TURTLE.oxigraph)]
    except SyntaxError:
        return []


def smallest_file(subject: Subject) -> str:
    """Return the path of the smallest file of data that the description tells of; empty when it tells of none."""
    address, size = f"<{expand('dcat:downloadURL')}>", f"<{expand('dcat:byteSize')}>"
    sizes = {s: int(lexical(o)) for s, p, o in subject.description if p == size}
    files = sorted(
        (sizes[s], urlsplit(o[1:-1]).path) for s, p, o in subject.description if p == address and s in sizes
    )
    return files[0][1] if files else ""


def namespace(name: str) -> str:
    """Return the namespace of a property or class, as Umaka cuts it.

    >>> namespace("http://purl.org/dc/terms/title"), namespace("http://www.w3.org/ns/prov#used")
    ('http://purl.org/dc/terms/', 'http://www.w3.org/ns/prov#')
    """
    return re.sub(r"#[^#]*$", "#", name) if "#" in name else re.sub(r"/[^/]*$", "/", name)
