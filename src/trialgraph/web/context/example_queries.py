"""The example queries of a release: read from its graph, and called with parameters.

An example takes a parameter where its query has a line such as

    VALUES ?nctId { "NCT06095583" } # parameter: number of the trial

which is SPARQL as it stands: the term between the braces is the default. A value given instead becomes a term of
the same kind, made by `terms`, so it can say nothing but itself.

>>> example = Example("X", "", "", 'ASK { VALUES ?n { "a" } # parameter: a name\\n ?s ?p ?n }', "ask")
>>> example.parameters[0].name, example.parameters[0].default, example.parameters[0].meaning
('n', 'a', 'a name')
>>> print(example.with_values({"n": '" } ; DROP'}))
ASK { VALUES ?n { "\\" } ; DROP" } # parameter: a name
 ?s ?p ?n }
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from trialgraph.query import Slot, graphs_of, slots_of
from trialgraph.terms import (
    XSD,
    Quad,
    Term,
    datatype,
    iri,
    is_literal,
    language,
    language_tag,
    lexical,
    string,
    typed,
)
from trialgraph.vocabulary import GRAPHS, PREFIXES
from trialgraph.web.http.problems import RequestError

_SH: Final = PREFIXES["sh"]
_FORMS: Final = {iri(_SH + form): form for form in ("select", "ask", "construct", "describe")}
_PARAMETER: Final = "parameter"
"""How the comment behind VALUES begins, where something else may be asked for."""
_LEXICAL: Final = {
    XSD + "integer": re.compile(r"[+-]?\d{1,18}"),
    XSD + "decimal": re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?"),
    XSD + "boolean": re.compile("true|false"),
    XSD + "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    XSD + "gYear": re.compile(r"\d{4}"),
}
_LONGEST: Final = 1000
_GRAPH_NAMES: Final = {address: name for name, address in GRAPHS.items()}
_CURATED: Final = frozenset(("seed", "mirrors"))
_ORDER: Final = "RLDEM"
"""The first letters of the names of examples that ask of records, in the order in which they are shown."""


@dataclass(frozen=True)
class Parameter:
    """Something to ask an example for."""

    name: str
    meaning: str
    term: Term
    """The default."""

    @property
    def default(self) -> str:
        """The default as text."""
        return lexical(self.term) if is_literal(self.term) else self.term[1:-1]

    @property
    def kind(self) -> str:
        """Its type in the words of OpenAPI."""
        numbers = {XSD + "integer": "integer", XSD + "decimal": "number", XSD + "boolean": "boolean"}
        return numbers.get(datatype(self.term), "string") if is_literal(self.term) else "string"

    def valued(self, text: str) -> Term:
        """Return a text as a term of the same kind as the default.

        Raises RequestError (400) for what is not of that kind.
        """
        if len(text) > _LONGEST:
            raise RequestError(400, f"{self.name} is longer than {_LONGEST} characters.")
        try:
            return self._valued(text)
        except ValueError:
            raise RequestError(400, f"{self.name}={text!r} is not like {self.default!r}.") from None

    def _valued(self, text: str) -> Term:
        if not is_literal(self.term):
            if ":" not in text:
                raise ValueError(text)
            return iri(text)
        tag, kind = language_tag(self.term), datatype(self.term)
        if tag:
            return language(text, tag)
        if kind == XSD + "string":
            return string(text)
        form = _LEXICAL.get(kind)
        if form is None or not form.fullmatch(text):
            raise ValueError(text)
        return typed(text, kind)


@dataclass(frozen=True)
class Example:
    """An example query."""

    name: str
    """The last part of its IRI, such as Q055."""
    label: str
    question: str
    query: str
    form: str
    """`select`, `ask`, `construct` or `describe`."""
    keywords: tuple[str, ...] = ()
    federates_with: tuple[str, ...] = ()
    """Endpoints elsewhere that the query asks."""

    @cached_property
    def graphs(self) -> frozenset[str]:
        """The names of the graphs of a release that its FROM clauses name."""
        return frozenset(_GRAPH_NAMES.get(name, name) for name in graphs_of(self.query))

    @property
    def is_of_curated_trials(self) -> bool:
        """Whether it asks of the curated trials only."""
        return bool(self.graphs & _CURATED) and self.graphs <= _CURATED | {"ontology"}

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it can be asked for, in order."""
        return tuple(
            Parameter(slot.name, slot.comment.removeprefix(_PARAMETER).lstrip(": \t"), slot.term)
            for slot in self._slots
        )

    @cached_property
    def _slots(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in slots_of(self.query) if slot.comment.startswith(_PARAMETER))

    def with_values(self, values: Mapping[str, str]) -> str:
        """Return its query with the values given in place of the defaults.

        Raises RequestError (400) for a value that is not of the kind of its default.
        """
        text = self.query
        for slot, parameter in reversed([*zip(self._slots, self.parameters, strict=True)]):
            if slot.name in values:
                text = text[: slot.start] + parameter.valued(values[slot.name]) + text[slot.end :]
        return text


def by_what_is_held(examples: Iterable[Example], graphs: Collection[str]) -> tuple[list[Example], list[Example]]:
    """Return the examples that a release with these graphs can answer: those to show first, and the rest.

    Where there are records, they come first, and what is asked of the curated trials alone is the rest.

    >>> one = Example("Q1", "", "", f"SELECT * FROM <{GRAPHS['seed']}> {{ ?s ?p ?o }}", "select")
    >>> two = Example("R1", "", "", f"SELECT * FROM <{GRAPHS['registry']}> {{ ?s ?p ?o }}", "select")
    >>> [[e.name for e in some] for some in by_what_is_held([one, two], ["seed", "registry"])]
    [['R1'], ['Q1']]
    >>> [[e.name for e in some] for some in by_what_is_held([one, two], ["seed"])]
    [['Q1'], []]
    """
    # One that asks the curated trials too has an answer in any case.
    held = [example for example in examples if example.graphs & _CURATED or example.graphs <= set(graphs)]
    if "registry" not in graphs:
        return held, []
    first = [example for example in held if not example.is_of_curated_trials]
    rest = [example for example in held if example.is_of_curated_trials]
    return sorted(first, key=lambda example: f"{_ORDER}{example.name[:1]}".index(example.name[:1])), rest


def examples_of(quads: Iterable[Quad]) -> dict[str, Example]:
    """Return the examples that the quads of the examples graph describe, by name and in order of names."""
    facts: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for s, p, o, _ in quads:
        facts[s][p].append(o)
    found = [
        _example(subject, lexical(said[predicate][0]), form, said)
        for subject, said in facts.items()
        for predicate, form in _FORMS.items()
        if predicate in said and is_literal(said[predicate][0])
    ]
    return {example.name: example for example in sorted(found, key=lambda example: example.name)}


def _example(subject: Term, query: str, form: str, said: dict[Term, list[Term]]) -> Example:
    def texts(prefix: str, name: str) -> list[str]:
        return sorted(lexical(o) if is_literal(o) else o[1:-1] for o in said.get(iri(PREFIXES[prefix] + name), []))

    name = subject[1:-1].rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    return Example(
        name=name,
        label=" ".join(texts("rdfs", "label")[:1]) or name,
        question=" ".join(texts("rdfs", "comment")[:1]),
        query=query,
        form=form,
        keywords=tuple(texts("schema", "keywords")),
        federates_with=tuple(
            o[1:-1] for o in said.get("<https://purl.expasy.org/sparql-examples/ontology#federatesWith>", [])
        ),
    )
