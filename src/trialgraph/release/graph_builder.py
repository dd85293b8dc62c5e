"""Writing triples about things by prefixed names, a line each, as one would in Turtle.

>>> sheet = Sheet()
>>> sheet.about("https://example.org/a").a("void:Dataset").number("void:triples", 3).text("dcterms:title", "A")
Node(https://example.org/a)
>>> print(*map(line, sheet.triples), sep="", end="")
<https://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://rdfs.org/ns/void#Dataset> .
<https://example.org/a> <http://rdfs.org/ns/void#triples> "3"^^<http://www.w3.org/2001/XMLSchema#integer> .
<https://example.org/a> <http://purl.org/dc/terms/title> "A"@en .
"""

from decimal import Decimal
from typing import Self

from trialgraph.terms import (
    RDF_TYPE,
    XSD,
    Term,
    Triple,
    boolean,
    decimal,
    integer,
    iri,
    language,
    line,
    string,
    typed,
)
from trialgraph.vocabulary import PREFIXES

__all__ = ["Node", "Sheet", "expand", "line"]


def expand(name: str) -> str:
    """Return the IRI of a prefixed name (`void:triples`); KeyError for an unknown prefix."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


class Sheet:
    """Triples being written, in the order they are; each once."""

    def __init__(self) -> None:
        self._triples: dict[Triple, None] = {}

    @property
    def triples(self) -> list[Triple]:
        """All triples so far."""
        return list(self._triples)

    def about(self, subject: str) -> "Node":
        """Return the thing of this IRI, to say something about."""
        return Node(self, subject)

    def add(self, triple: Triple) -> None:
        """Add a triple."""
        self._triples[triple] = None


class Node:
    """A thing that a sheet says something about; each saying returns the thing, so sayings chain."""

    def __init__(self, sheet: Sheet, subject: str) -> None:
        self.iri = subject
        self._subject = iri(subject)
        self._sheet = sheet

    def __repr__(self) -> str:
        return f"Node({self.iri})"

    def a(self, *classes: str) -> Self:
        """Say of which classes it is, by prefixed names."""
        for class_ in classes:
            self._sheet.add((self._subject, RDF_TYPE, iri(expand(class_))))
        return self

    def link(self, predicate: str, *objects: str | None) -> Self:
        """Point to things by IRI; None says nothing."""
        return self._say(predicate, *(iri(value) for value in objects if value))

    def text(self, predicate: str, *values: str | None) -> Self:
        """Say something in English; None says nothing."""
        return self._say(predicate, *(language(value, "en") for value in values if value))

    def string(self, predicate: str, *values: str | None) -> Self:
        """Say something in no language; None says nothing."""
        return self._say(predicate, *(string(value) for value in values if value))

    def number(self, predicate: str, value: int | Decimal | None) -> Self:
        """Give a number, whole ones as integers; None says nothing."""
        if value is None:
            return self
        whole = value == int(value)
        return self._say(predicate, integer(int(value)) if whole else decimal(Decimal(value)))

    def truth(self, predicate: str, value: bool) -> Self:
        """Say whether."""
        return self._say(predicate, boolean(value))

    def typed(self, predicate: str, value: str, datatype: str) -> Self:
        """Give a value of an XSD datatype, named without its prefix."""
        return self._say(predicate, typed(value, XSD + datatype))

    def term(self, predicate: str, *values: Term) -> Self:
        """Give values that are terms already."""
        return self._say(predicate, *values)

    def _say(self, predicate: str, *values: Term) -> Self:
        for value in values:
            self._sheet.add((self._subject, iri(expand(predicate)), value))
        return self
