"""What a release holds, counted in one pass over the triples as they are made.

`GraphStatistics.of` counts some triples (in any worker), `+=` adds pieces up. What is kept does not
grow with the number of triples: counts for each class and property, and sketches of the distinct objects.

Exact: triples, subjects and entities of a graph (its text comes grouped by subject), classes, partitions.
Distinct objects, and distinct subjects across graphs, are exact up to 65,536 and beyond that an estimate from the
smallest of their hashes, with a standard error of 0.4 % (K. Beyer and others, SIGMOD 2007, "On synopses for
distinct-value estimation"); `DistinctCount.exact` tells which.

>>> text = b'<urn:s> <urn:p> "a" .\\n<urn:s> <urn:p> "b" .\\n<urn:t> <urn:p> "a" .\\n'
>>> counted = GraphStatistics.of(Passage(text))
>>> counted.triples, counted.subjects.count, counted.literals.count
(3, 2, 2)
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Self

from xxhash import xxh3_64_intdigest

from trialgraph.release.linksets import namespace
from trialgraph.syntaxes.subject_groups import Passage, Properties
from trialgraph.terms import RDF_TYPE, XSD, Term, iri_value
from trialgraph.vocabulary import BASE, RESOURCE

SMALLEST_KEPT: Final = 2**16
_HASHES: Final = 2**64

Types = tuple[Term, ...]
"""The classes of a subject, sorted."""

Range = str | Types
"""Of what sort an object is: `"` and a datatype; its classes where its own triples stand near by; else its kind."""

OfKind = Callable[[Term], str]
"""Tells what the name of a thing shows of its kind."""

_OWN: Final = "<" + BASE
_OWN_TRIAL: Final = f"<{RESOURCE}NCT"
_TRIAL: Final = len(_OWN_TRIAL) + 8
_NUMBERED: Final = re.compile(r"/[0-9]+(?=/|$)")
_LAST_SEGMENT: Final = re.compile(r"[^/#]*>$")

LITERAL: Final = '"'
"""Marks a range that is a datatype."""
_STRING: Final = f"{LITERAL}<{XSD}string>"


class DistinctCount:
    """Counts distinct terms: exactly while few, by the smallest hashes when many."""

    def __init__(self, limit: int = _HASHES) -> None:
        self._hashes: set[int] = set()
        self.limit = limit
        """Hashes from here on are not kept; given where this is to be added to another count, whose limit it is."""

    def add(self, terms: Iterable[Term]) -> None:
        """Count the terms not counted yet."""
        limit = self.limit
        self._hashes.update([number for number in map(xxh3_64_intdigest, map(str.encode, terms)) if number < limit])
        self._trim(SMALLEST_KEPT * 2)

    def __iadd__(self, other: Self) -> Self:
        if other.limit < self.limit:
            self.limit = other.limit
            self._hashes = {number for number in self._hashes if number < other.limit}
        self._hashes |= {number for number in other._hashes if number < self.limit}
        self._trim(SMALLEST_KEPT * 2)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DistinctCount) and self.count == other.count

    __hash__ = None  # type: ignore[assignment]

    @property
    def exact(self) -> bool:
        """Whether the count is exact."""
        self._trim(SMALLEST_KEPT)
        return self.limit == _HASHES

    @property
    def count(self) -> int:
        """The number of distinct terms, or its estimate."""
        if self.exact:
            return len(self._hashes)
        return round((SMALLEST_KEPT - 1) * _HASHES / max(self._hashes))

    def _trim(self, most: int) -> None:
        if len(self._hashes) > most:
            kept = sorted(self._hashes)[:SMALLEST_KEPT]
            self._hashes = set(kept)
            self.limit = kept[-1] + 1


Limits = tuple[int, int, int]
"""Of the distinct subjects, resources and literals."""
NO_LIMITS: Final = (_HASHES, _HASHES, _HASHES)


@dataclass
class GraphStatistics:
    """Counts of one graph, or of several added up."""

    triples: int = 0
    entities: int = 0
    """Subjects that have a class."""
    grouped_subjects: int = 0
    """Subjects, each counted once in each graph."""
    subjects: DistinctCount = field(default_factory=DistinctCount)
    resources: DistinctCount = field(default_factory=DistinctCount)
    """Objects that are IRIs or blank nodes."""
    literals: DistinctCount = field(default_factory=DistinctCount)
    members: Counter[Types] = field(default_factory=Counter)
    """Subjects, by their set of classes."""
    uses: Counter[tuple[Types, Term, Range]] = field(default_factory=Counter)
    """Triples, by the classes of the subject, the predicate, and the range."""
    users: Counter[tuple[Types, Term]] = field(default_factory=Counter)
    """Subjects, by their set of classes and predicate."""
    links: Counter[tuple[Term, str]] = field(default_factory=Counter)
    """Triples that lead into a dataset of `links.TARGETS`, by predicate and namespace."""
    kinds: Counter[tuple[str, Types]] = field(default_factory=Counter)
    """Subjects, by the kind their IRI shows and their set of classes."""
    examples: dict[Types, Term] = field(default_factory=dict)
    """The first subject of each set of classes."""

    @classmethod
    def within(cls, limits: Limits) -> "GraphStatistics":
        """Return statistics of nothing that are to be added to others."""
        subjects, resources, literals = map(DistinctCount, limits)
        return cls(subjects=subjects, resources=resources, literals=literals)

    @classmethod
    def of(cls, passage: Passage, limits: Limits = NO_LIMITS) -> "GraphStatistics":
        """Count triples, those of a subject in a row; `limits` are those of what it is to be added to."""
        groups = passage.subjects
        classes = {subject: _types(properties) for subject, properties in groups}
        counted = cls.within(limits)
        counted.triples, counted.grouped_subjects = len(passage), len(groups)
        found: dict[Types, dict[Term, _Use]] = {}
        kind = _Kinds().kind
        for subject, properties in groups:
            types = classes[subject]
            counted.kinds[kind(subject), types] += 1
            if types not in found:
                found[types] = {}
                counted.examples[types] = subject
            uses = found[types]
            for predicate, objects in properties.items():
                use = uses.get(predicate) or uses.setdefault(predicate, _Use())
                use.subjects += 1
                use.objects += objects
        counted._take(found, classes, kind)
        counted.subjects.add(classes)
        seen = set(chain.from_iterable(use.objects for uses in found.values() for use in uses.values()))
        counted.literals.add([term for term in seen if term[0] == '"'])
        counted.resources.add([term for term in seen if term[0] != '"'])
        return counted

    def _take(self, found: dict[Types, dict[Term, "_Use"]], classes: dict[Term, Types], kind: OfKind) -> None:
        for (_, types), number in self.kinds.items():
            self.members[types] += number
        self.entities = self.grouped_subjects - self.members[()]
        for types, uses in found.items():
            for predicate, use in uses.items():
                self.users[types, predicate] = use.subjects
                others = [term for term in use.objects if term[-1] != '"']
                if len(others) < len(use.objects):
                    self.uses[types, predicate, _STRING] = len(use.objects) - len(others)
                for term, triples in Counter(others).items():
                    range_ = _range(term) if term[0] == '"' else classes.get(term) or kind(term)
                    self.uses[types, predicate, range_] += triples
                    if term[0] == "<" and not term.startswith(_OWN) and (start := kind(term)) != "<":
                        self.links[predicate, start] += triples

    def __iadd__(self, other: "GraphStatistics") -> Self:
        self.triples += other.triples
        self.entities += other.entities
        self.grouped_subjects += other.grouped_subjects
        self.subjects += other.subjects
        self.resources += other.resources
        self.literals += other.literals
        self.members.update(other.members)
        self.uses.update(other.uses)
        self.users.update(other.users)
        self.links.update(other.links)
        self.kinds.update(other.kinds)
        for types, example in other.examples.items():
            self.examples.setdefault(types, example)
        return self

    @property
    def limits(self) -> Limits:
        """What need not be counted any more."""
        return self.subjects.limit, self.resources.limit, self.literals.limit

    @property
    def classes(self) -> dict[Term, int]:
        """Each class with the number of its members, in the order of their names."""
        return dict(sorted(_expand(self.members).items()))

    @property
    def properties(self) -> dict[Term, int]:
        """Each predicate with the number of its triples, in the order of their names."""
        counts: Counter[Term] = Counter()
        for (_, predicate, _), triples in self.uses.items():
            counts[predicate] += triples
        return dict(sorted(counts.items()))

    @property
    def objects(self) -> dict[Term, int]:
        """About how many objects each predicate has: no more than its triples, or the things of their sort.

        Where the things are not known, as of literals, the square root of the triples: few values or one for each,
        the guess is as wrong.
        """
        things: Counter[Range] = Counter(self.members)
        for (kind, _), number in self.kinds.items():
            things[kind] += number
        triples: Counter[tuple[Term, Range]] = Counter()
        for (_, predicate, range_), number in self.uses.items():
            triples[predicate, range_] += number
        counts: Counter[Term] = Counter()
        for (predicate, range_), number in triples.items():
            counts[predicate] += min(number, things[range_] or math.isqrt(number))
        return dict(counts)

    def datatypes(self, but: Container[Term]) -> dict[str, str]:
        """Return the datatype of each predicate whose objects are all literals of one, as IRIs; some left out."""
        ranges: dict[Term, set[Range]] = {}
        for _, predicate, range_ in self.uses:
            ranges.setdefault(predicate, set()).add(range_)
        return {
            iri_value(predicate): iri_value(range_[1:])
            for predicate, (range_, *more) in ((each, sorted(found, key=str)) for each, found in ranges.items())
            if not more and isinstance(range_, str) and range_[0] == LITERAL and predicate not in but
        }


def _expand(by_types: Counter[Types]) -> Counter[Term]:
    counts: Counter[Term] = Counter()
    for types, count in by_types.items():
        for class_ in types:
            counts[class_] += count
    return counts


class _Use:
    """How subjects of the same classes use a predicate in one piece."""

    __slots__ = ("objects", "subjects")

    def __init__(self) -> None:
        self.subjects = 0
        self.objects: list[Term] = []


def _types(properties: Properties) -> Types:
    types = properties.get(RDF_TYPE)
    if types is None:
        return ()
    return (types[0],) if len(types) == 1 else tuple(sorted(types))


def _range(literal: Term) -> str:
    """Return the mark of a literal with a datatype or language, and that datatype as a term."""
    tail = literal[literal.rindex('"') + 1 :]
    if tail[0] == "@":
        return f"{LITERAL}<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"
    return LITERAL + tail[2:]


class _Kinds:
    """What an IRI shows of the thing it names, with a memory of what was asked before."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def kind(self, term: Term) -> str:
        """Return the kind: of a part of a trial its path without numbers, else the namespace."""
        # All that follows a trial's id is the same in other trials, so the memory hits even for new IRIs.
        rest = term[_TRIAL:] if term.startswith(_OWN_TRIAL) else term
        known = self._known.get(rest)
        if known is None:
            known = self._known[rest] = _kind(rest)
        return known


def _kind(rest: str) -> str:
    if rest[0] == "_":
        return "_:"
    if rest[0] != "<":
        return f"{_OWN_TRIAL}{_NUMBERED.sub('', rest[:-1])}"
    return _LAST_SEGMENT.sub("", rest) if rest.startswith(_OWN) else namespace(rest)
