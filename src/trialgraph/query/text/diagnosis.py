"""What is wrong or doubtful in a query: the place, a sentence for a person, and a quick fix.

>>> known = Vocabulary({"http://e.org/phase": 3}, {}, {"e": "http://e.org/"})
>>> [found.message for found in diagnose("SELECT ?s { ?s e:phase 1 }", known)]
['the prefix e: is not declared; begin with PREFIX e: <...>']
>>> [found.message for found in diagnose("PREFIX e: <http://e.org/> SELECT ?s { ?s e:phse 1 }", known)]
['e:phse is used nowhere in this release; did you mean e:phase?']
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from trialgraph.errors import QuerySyntaxError
from trialgraph.query.text.canonical import is_iri
from trialgraph.sparql.parser import parse
from trialgraph.sparql.query import Graph, Query, Term, Triples, all_groups, members, predicates, walk
from trialgraph.vocabulary import BASE, PREFIXES

_UNDECLARED: Final = re.compile(r"prefix ([^\s:]*):")
_NEAR: Final = re.compile(r"found `(\w+)`; did you mean ([A-Z]+)\?")
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_NAMES_OF_THINGS: Final = frozenset(
    (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel", PREFIXES["skos"] + "altLabel")
)
_MOST: Final = 20
"""Findings of one query; who has more mends these first."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a release uses: predicates and classes by IRI, each with how often, and prefixes that are usual."""

    predicates: Mapping[str, int]
    classes: Mapping[str, int]
    prefixes: Mapping[str, str]
    is_complete: bool = True
    """Whether what is not among them is used nowhere."""
    graphs: frozenset[str] = frozenset()
    """The named graphs; none where they are not known."""

    def short(self, iri: str) -> str:
        """Return an IRI with a usual prefix, or in angle brackets.

        >>> Vocabulary({}, {}, {"e": "http://e.org/"}).short("http://e.org/a")
        'e:a'
        """
        fitting = [(len(start), name) for name, start in self.prefixes.items() if iri.startswith(start)]
        if not fitting:
            return f"<{iri}>"
        length, name = max(fitting)
        return f"{name}:{iri[length:]}"


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend: what to put in place of the characters from `start` to `end`, and what to call it."""

    label: str
    start: int
    end: int
    insert: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding: characters `start` to `end` of the query, `error` or `warning`, and a sentence."""

    start: int
    end: int
    severity: str
    message: str
    fix: Fix | None = None


def diagnose(text: str, known: Vocabulary) -> tuple[Diagnostic, ...]:
    """Return what is wrong in a query, or else what is doubtful, in the order of the text."""
    try:
        query = parse(text)
    except QuerySyntaxError as error:
        return (_syntax(text, error, known),)
    unused = unused_terms(query, known) if known.is_complete else ()
    found = [
        *unused,
        *unknown_graphs(query, known),
        *tagged_names(query),
        *_unbound(query),
        *_unneeded(query),
        *_computed(query),
    ]
    return tuple(sorted(found, key=lambda each: (each.start, each.end))[:_MOST])


def unused_terms(query: Query, known: Vocabulary) -> Iterator[Diagnostic]:
    """Yield the predicates and classes of a query that this release uses nowhere, each with the nearest it has."""
    seen: set[tuple[int, int]] = set()
    for group, _ in walk(query.select.group) if query.select.group else ():
        for member in members(group):
            if not isinstance(member, Triples):
                continue
            for triple in member.triples:
                verb, place = triple.verb, (triple.verb.start, triple.verb.end)
                for written in predicates(query, verb):
                    iri = query.iri(written)
                    if iri not in known.predicates and iri != _TYPE and place not in seen:
                        seen.add(place)
                        yield _unused(query, Term("iri", written, *place), known.predicates, known)
                is_type = len(verb.steps) == 1 and query.iri(verb.steps[0].predicate) == _TYPE
                thing = triple.object
                if is_type and thing.kind == "iri" and query.iri(thing.text) not in known.classes:
                    yield _unused(query, thing, known.classes, known)


def unknown_graphs(query: Query, known: Vocabulary) -> Iterator[Diagnostic]:
    """Yield the graphs that a query names and this release does not have, each with the nearest it has."""
    if not known.graphs:
        return
    named = [source.name for source in query.sources]
    groups = (group for group, _ in walk(query.select.group)) if query.select.group else ()
    named += [member.name for group in groups for member in members(group) if isinstance(member, Graph)]
    for term in named:
        if term.kind == "iri" and query.iri(term.text, BASE) not in known.graphs:
            yield _unused(query, term, dict.fromkeys(known.graphs, 1), known, "is no graph of")


def _unused(
    query: Query, term: Term, used: Mapping[str, int], known: Vocabulary, says: str = "is used nowhere in"
) -> Diagnostic:
    iri, written, place = query.iri(term.text, BASE), term.text, (term.start, term.end)
    message = f"{written} {says} this release"
    start = iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
    locals_ = {other[len(start) :]: other for other in used if other.startswith(start)}
    near = get_close_matches(iri[len(start) :], locals_, n=1, cutoff=0.6)
    if not near:
        return Diagnostic(*place, "warning", message)
    better = known.short(locals_[near[0]]) if not written.startswith("<") else f"<{locals_[near[0]]}>"
    at = query.text.find(written, place[0], place[1])
    fix = Fix(f"replace by {better}", at, at + len(written), better) if at >= 0 else None
    return Diagnostic(*place, "warning", f"{message}; did you mean {better}?", fix)


def reasons(text: str, known: Vocabulary) -> tuple[str, ...]:
    """Return why the answer of a query may be empty: what it names and this release does not have.

    >>> known = Vocabulary({"http://e.org/phase": 3}, {}, {"e": "http://e.org/"})
    >>> reasons("PREFIX e: <http://e.org/> ASK { ?s e:phse ?o }", known)
    ('e:phse is used nowhere in this release; did you mean e:phase?',)
    """
    try:
        query = parse(text)
    except QuerySyntaxError:
        return ()
    unused = unused_terms(query, known) if known.is_complete else ()
    found = dict.fromkeys(each.message for each in (*unused, *unknown_graphs(query, known), *tagged_names(query)))
    return tuple(found)[:_MOST]


def tagged_names(query: Query) -> Iterator[Diagnostic]:
    """Yield the texts with a language that are looked for as names, which have none in any release.

    >>> query = parse('PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> ASK { ?s rdfs:label "PD-1"@en }')
    >>> [found.message for found in tagged_names(query)]
    ['labels have no language here: write "PD-1", not "PD-1"@en']
    """
    for triple in (triple for group, _ in all_groups(query) for member in group.members
                   if isinstance(member, Triples) for triple in member.triples):  # fmt: skip
        thing, names = triple.object, [query.iri(step.predicate) for step in triple.verb.steps[-1:]]
        if thing.kind == "literal" and names and names[0] in _NAMES_OF_THINGS and thing.text[-1] not in "\"'>":
            plain, at, tag = thing.text.rpartition("@")
            if at and tag[:1].isalpha():
                message = f"labels have no language here: write {plain}, not {thing.text}"
                yield Diagnostic(
                    thing.start, thing.end, "warning", message, Fix("without", thing.start, thing.end, plain)
                )


def _unbound(query: Query) -> Iterator[Diagnostic]:
    """Yield the variables that are selected but stand nowhere in the patterns."""
    select = query.select
    if select.star or not select.group:
        return
    names = {query.text[start:end].lstrip("?$") for start, end in query.spans if start >= select.group.start}
    for column in select.columns:
        if column.expression is None and column.variable.lstrip("?$") not in names:
            yield Diagnostic(
                column.start, column.end, "warning", f"{column.variable} is selected, but nothing gives it a value"
            )


def _computed(query: Query) -> Iterator[Diagnostic]:
    """Yield what is a difference or a quotient as it is written, and hardly meant as one: a date, a name with a /."""
    verbs = [triple.verb for group, _ in all_groups(query) for member in group.members
             if isinstance(member, Triples) for triple in member.triples]  # fmt: skip
    pieces = [(query.text[start:end], start, end) for start, end in query.spans]
    for at, (first, start, _) in enumerate(pieces):
        one, sign, other, *more = (*pieces[at : at + 5], *[("", 0, 0)] * 5)[:5]
        written = query.text[start : more[-1][2]]
        if first.isdecimal() and len(first) == 4 and _is_date(written):
            text = f'"{written}"^^<{PREFIXES["xsd"]}date>'
            message = f'{written} is a difference of three numbers: a date is "{written}"^^xsd:date'
            yield Diagnostic(start, more[-1][2], "warning", message, Fix("make it a date", start, more[-1][2], text))
        is_joined = one[2] == sign[1] and sign[2] == other[1]
        if sign[0] != "/" or not is_joined or not is_iri(first) or not is_iri(other[0] or " ") or first[0] == "<":
            continue
        if not any(verb.start <= start < verb.end for verb in verbs):
            whole = f"<{query.iri(first)}/{other[0].strip('<>')}>"
            message = f"{first}/{other[0]} is a quotient of two names: a name with a / stands in angle brackets"
            yield Diagnostic(start, other[2], "warning", message, Fix("make it one name", start, other[2], whole))


def _is_date(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False


def _unneeded(query: Query) -> Iterator[Diagnostic]:
    """Yield the prefixes that are declared and not used."""
    pieces = [(query.text[start:end], start, end) for start, end in query.spans]
    declared: dict[str, tuple[int, int]] = {}
    used: set[str] = set()
    for at, (piece, _, end) in enumerate(pieces):
        if not is_iri(piece) or piece[0] == "<":
            continue
        name = piece.partition(":")[0]
        if at and pieces[at - 1][0].upper() == "PREFIX":
            after = pieces[at + 1][2] if at + 1 < len(pieces) else end
            declared[name] = (pieces[at - 1][1], after)
        else:
            used.add(name)
    for name, (start, end) in declared.items():
        if name not in used:
            fix = Fix("take it out", start, end, "")
            yield Diagnostic(start, end, "warning", f"the prefix {name}: is declared, but not used", fix)


def _syntax(text: str, error: QuerySyntaxError, known: Vocabulary) -> Diagnostic:
    """Return why a query does not parse; its mend is the declaration of a usual prefix, or the nearest keyword."""
    lines = text.splitlines(keepends=True)
    line = min(error.line or 1, len(lines) or 1)
    start = sum(map(len, lines[: line - 1])) + (error.column or 1) - 1
    start = max(0, min(start, len(text)))
    token = re.compile(r"[^\s{}()\[\];,]+").match(text, start)
    end = token.end() if token else min(start + 1, len(text))
    undeclared = _UNDECLARED.search(error.reason)
    if undeclared and undeclared[1] in known.prefixes:
        name = undeclared[1]
        declaration = f"PREFIX {name}: <{known.prefixes[name]}>\n"
        return Diagnostic(start, end, "error", error.reason, Fix(f"declare {name}:", 0, 0, declaration))
    near = _NEAR.search(error.reason)
    if near:
        fix = Fix(f"replace by {near[2]}", start, start + len(near[1]), near[2])
        return Diagnostic(start, end, "error", error.reason, fix)
    return Diagnostic(start, end, "error", error.reason)
