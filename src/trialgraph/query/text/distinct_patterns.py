"""Triple patterns whose solutions come once, for engines that meet a triple in each graph that has it.

A dataset's default graph is an RDF merge, a set (SPARQL 1.1 section 13.2.1). With all its variables as a subquery
with DISTINCT, a basic graph pattern has the solutions that it has over a set: each comes from one choice of triples.
The nodes between the steps of a path are variables too, and blank nodes are, so they are given names inside.

>>> from trialgraph.sparql.edits import edited
>>> from trialgraph.sparql.parser import parse
>>> query = parse("SELECT (COUNT(?t) AS ?n) { ?t a <u:Trial> ; <u:arm>/<u:dose> ?d OPTIONAL { ?t <u:phase> ?p } }")
>>> print(edited(query.text, each_once(query, lambda predicate, _: predicate == "u:dose") or ()))
SELECT (COUNT(?t) AS ?n) { { SELECT ?t ?d { SELECT DISTINCT ?t ?d ?once27_0 { ?t a <u:Trial> .\
 ?t <u:arm> ?once27_0 . ?once27_0 <u:dose> ?d . } } } OPTIONAL { ?t <u:phase> ?p } }
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from trialgraph.sparql.edits import Edit
from trialgraph.sparql.query import (
    Group,
    Member,
    Nested,
    Query,
    Select,
    Term,
    Triple,
    Triples,
    Union,
    Values,
    predicates,
)
from trialgraph.vocabulary import BASE

MayMeet = Callable[[str, str], bool]
"""Whether a statement with a predicate and an object may be in two graphs; an empty text stands for any."""


def each_once(query: Query, may_meet: MayMeet) -> tuple[Edit, ...] | None:
    """Return the changes after which a query counts each statement once; None where it cannot be said in SPARQL.

    What cannot be said are paths with alternatives, negations or repeats, lists and reified triples.
    """
    writer = _Writer(query, may_meet)
    is_short = (
        query.form == "CONSTRUCT" and query.select.group and query.select.star == (query.select.group.start,) * 2
    )
    edits = tuple(edit for group in _groups(query.select) for edit in writer.group(group))
    return None if writer.failed or (is_short and edits) else edits


def _groups(select: Select) -> Iterator[Group]:
    """Yield the groups on whose solutions' number an answer may depend, over the default graph."""
    waiting = [select.group] if select.group else []
    while waiting:
        group = waiting.pop()
        yield group
        if group.select and group.select.group:
            waiting.append(group.select.group)
        for member in group.members:
            if isinstance(member, Union):
                waiting += member.groups
            elif isinstance(member, Nested) and member.word != "MINUS":
                waiting.append(member.group)


class _Writer:
    def __init__(self, query: Query, may_meet: MayMeet) -> None:
        self._query, self._may_meet = query, may_meet
        self.failed = False

    def group(self, group: Group) -> Iterator[Edit]:
        """Yield the changes of one group."""
        # What a block of data leaves is all that is looked for; it stands inside as well, to be joined there.
        data = " ".join(
            self._query.text[member.start : member.end] for member in group.members if isinstance(member, Values)
        )
        for is_pattern, run in groupby(group.members, lambda member: isinstance(member, Triples)):
            if is_pattern:
                yield from self._run(list(run), data)

    def _run(self, members: Sequence[Member], data: str) -> Iterator[Edit]:
        patterns = [member for member in members if isinstance(member, Triples)]
        triples = [triple for member in patterns for triple in member.triples]
        if not any(map(self._meets, triples)):
            return
        said = self._said(triples, data) if all(member.is_plain for member in patterns) else ""
        if not said:
            self.failed = True
            return
        yield Edit(members[0].start, members[-1].end, said)

    def _meets(self, triple: Triple) -> bool:
        query, verb = self._query, triple.verb
        if verb.variable or "!" in query.text[verb.start : verb.end]:
            return self._may_meet("", "")
        thing = query.iri(triple.object.text, BASE) if triple.object.kind == "iri" and len(verb.steps) == 1 else ""
        return any(self._may_meet(query.iri(written, BASE), thing) for written in predicates(query, verb))

    def _said(self, triples: Sequence[Triple], data: str) -> str:
        """Return the subquery; empty where there is none that says the same."""
        inside: list[str] = []
        beside: list[str] = []
        nodes = _Nodes(self._query, triples[0].subject.start, triples[-1].object.end)
        for triple in triples:
            if triple.verb.variable or triple.verb.steps:
                inside += nodes.patterns(triple)
                continue
            if self._meets(triple) or "blank" in {triple.subject.kind, triple.object.kind}:
                return ""
            written = self._query.text[triple.verb.start : triple.verb.end]
            beside.append(f"{triple.subject.text} {written} {triple.object.text}")
        if nodes.failed or (nodes.hidden and not nodes.seen):
            return ""
        body = " ".join(inside)
        others = " . ".join(beside)
        if not nodes.seen:
            return f"FILTER EXISTS {{ {body} }} {others}"
        names = " ".join(nodes.seen)
        found = f"SELECT DISTINCT {' '.join((names, *nodes.hidden.values()))} {{ {data}{body} }}"
        if nodes.hidden:
            found = f"SELECT {names} {{ {found} }}"
        return f"{{ {found} }} {others}".rstrip()


class _Nodes:
    """The variables of some patterns: those that are seen outside, and those that stand for nodes without a name."""

    def __init__(self, query: Query, start: int, end: int) -> None:
        self._query, self._start, self._end = query, start, end
        self.seen: dict[str, None] = {}
        self.hidden: dict[str, str] = {}
        self.failed = False

    def patterns(self, triple: Triple) -> Iterator[str]:
        """Yield a pattern for each step between subject and object."""
        here, last = self._of(triple.subject), self._of(triple.object)
        verb = triple.verb
        if verb.variable:
            self.seen[verb.variable] = None
            yield f"{here} {verb.variable} {last} ."
        for number, step in enumerate(verb.steps, 1):
            there = last if number == len(verb.steps) else self._hidden(f"{verb.start} {number}")
            one, other = (there, here) if step.inverse else (here, there)
            yield f"{one} {step.predicate} {other} ."
            here = there

    def _of(self, term: Term) -> str:
        if term.kind == "blank":
            has_label = term.text[0] == "_"
            self.failed |= has_label and self._is_elsewhere(term.text)
            return self._hidden(term.text if has_label else str(term.start))
        if term.kind == "var":
            self.seen[term.text] = None
        return term.text

    def _is_elsewhere(self, label: str) -> bool:
        """Whether a blank node is of patterns behind a filter, too."""
        query = self._query
        return any(
            query.text[start:end] == label for start, end in query.spans if not self._start <= start < self._end
        )

    def _hidden(self, key: str) -> str:
        return self.hidden.setdefault(key, self._unused(f"?once{self._start}_{len(self.hidden)}"))

    def _unused(self, name: str) -> str:
        return name if name[1:] not in self._query.text else self._unused(f"{name}_")
