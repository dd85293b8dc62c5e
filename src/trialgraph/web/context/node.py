"""A resource as a page shows it: its label, its address here, and the things it leads to.

Property names are those of the ontology, checked against `vocabulary.TG`, so a template with a misspelt one fails.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from trialgraph.resource.bounded_description import Description
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, datatype, iri, is_literal, lexical
from trialgraph.vocabulary import GRAPHS, NCT_ID, ONTOLOGY, RESOURCE, TG
from trialgraph.web.context.ontology_terms import Ontology, readable

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_BOOLEAN: Final = {"true": "yes", "false": "no"}
_GRAPH_NAMES: Final = {f"<{graph}>": name for name, graph in GRAPHS.items()}
_RESOLVED: Final = re.compile(r"https?://(?:identifiers\.org|bioregistry\.io)/([\w.]+)[/:](.+)")
"""Addresses of resolvers, which have prefix and identifier in their path."""
_POSITION: Final = iri(ONTOLOGY + "#position")


def web_address(text: str) -> str | None:
    """Return a text that is an http or https address, as nothing else may become a link; else None.

    >>> web_address("https://clinicaltrials.gov/study/NCT06095583")
    'https://clinicaltrials.gov/study/NCT06095583'
    >>> web_address("javascript:alert(1)"), web_address("https:///x"), web_address("https://[bad")
    (None, None, None)
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme.lower() in ("http", "https") and parts.netloc and " " not in text else None


def page_address(term: Term) -> str | None:
    """Return where a browser finds a term: a page here, the ontology, or an address elsewhere; None when nowhere.

    >>> page_address("<https://w3id.org/trialgraph/id/drug/tifcemalimab>")
    '/page/drug/tifcemalimab'
    >>> page_address("<https://w3id.org/trialgraph/ontology#Trial>"), page_address("<urn:x>")
    ('/ontology#Trial', None)
    """
    if is_literal(term) or not term.startswith("<"):
        return None
    name = term[1:-1]
    if name.startswith(RESOURCE):
        return "/page/" + name[len(RESOURCE) :]
    if name.startswith(ONTOLOGY + "#"):
        return "/ontology" + name[len(ONTOLOGY) :]
    return web_address(name)


@dataclass(frozen=True)
class Facts:
    """A description together with the words of the ontology."""

    description: Description
    words: Ontology
    nodes: "dict[Term, Node]" = field(default_factory=dict, repr=False, compare=False)
    """Those that were asked for, so that a page works out a label once."""

    def node(self, term: Term) -> "Node":
        """Return a term as a node."""
        known = self.nodes.get(term)
        if known is None:
            known = self.nodes[term] = Node(term, self)
        return known

    @property
    def root(self) -> "Node":
        """The resource that is described."""
        return self.node(self.description.root)


@dataclass(frozen=True)
class Node:
    """A term within the facts about a resource."""

    term: Term
    facts: Facts

    @property
    def is_literal(self) -> bool:
        """Whether it is a value, not a thing."""
        return is_literal(self.term)

    @cached_property
    def label(self) -> str:
        """Its label, or readable words; of a value, the value."""
        if self.is_literal:
            return self.value
        own = [lexical(o) for _, p, o, _ in self._quads if p == RDFS_LABEL and is_literal(o)]
        if own:
            return min(own, key=lambda text: (len(text), text))
        return self.facts.description.labels.get(self.term) or self.facts.words.label(self.term)

    @property
    def value(self) -> str:
        """The text of a value; truth values as words."""
        if not self.is_literal:
            return self.term[1:-1]
        text = lexical(self.term)
        return _BOOLEAN.get(text, text) if datatype(self.term) == _XSD + "boolean" else text

    @property
    def href(self) -> str | None:
        """Where a browser finds it."""
        return page_address(self.term)

    @property
    def is_elsewhere(self) -> bool:
        """Whether its address is on another site."""
        return (self.href or "/").startswith("http")

    @property
    def place(self) -> str:
        """What tells it from another thing of its label elsewhere: `cas:2236068-83-8`, or the site it is on."""
        found = _RESOLVED.match(self.iri)
        return self.name if ":" in self.name else f"{found[1]}:{found[2]}" if found else urlsplit(self.iri).netloc

    @property
    def trial_number(self) -> str:
        """The number of the trial that it is or is a part of; empty for what is neither."""
        head = "" if self.is_literal else self.iri.removeprefix(RESOURCE).partition("/")[0]
        return head if NCT_ID.fullmatch(head) else ""

    @cached_property
    def name(self) -> str:
        """Its short name: the end of its IRI, or a prefixed name."""
        return readable(self.term)

    @property
    def iri(self) -> str:
        """Its IRI."""
        return self.term[1:-1]

    @cached_property
    def position(self) -> int:
        """Its place in a list: what is said of it, or the number its name ends with; or 0."""
        found = [lexical(o) for _, p, o, _ in self._quads if p == _POSITION]
        last = "" if self.is_literal else self.iri.rsplit("/", 1)[-1]
        return min((int(text) for text in found if text.isdigit()), default=int(last) if last.isdecimal() else 0)

    def many(self, *names: str) -> list["Node"]:
        """Return what properties of our ontology lead to, without repetition, in order of position and label."""
        predicates = {iri(getattr(TG, name)) for name in names}
        terms = {o for _, p, o, _ in self._quads if p in predicates}
        return in_order(self.facts.node(term) for term in terms)

    def one(self, *names: str) -> "Node | None":
        """Return the first that properties lead to, the first property that has any."""
        return next((node for name in names for node in self.many(name)), None)

    def text(self, *names: str) -> str:
        """Return the label of the first that properties lead to, or nothing."""
        found = self.one(*names)
        return found.label if found else ""

    def is_a(self, name: str) -> bool:
        """Whether it is of a class of our ontology."""
        wanted = iri(getattr(TG, name))
        return any(p == RDF_TYPE and o == wanted for _, p, o, _ in self._quads)

    @property
    def types(self) -> list["Node"]:
        """Its classes."""
        return in_order(self.facts.node(o) for o in {o for _, p, o, _ in self._quads if p == RDF_TYPE})

    @property
    def graphs(self) -> list[str]:
        """The short names of the graphs that speak of it."""
        return sorted({_GRAPH_NAMES.get(g, g) for _, _, _, g in self._quads})

    @property
    def statements(self) -> list[tuple["Node", list["Node"]]]:
        """Its properties with their values, in the order of the properties' labels."""
        values: dict[Term, set[Term]] = {}
        for _, p, o, _ in self._quads:
            values.setdefault(p, set()).add(o)
        nodes = sorted((self.facts.node(p) for p in values), key=lambda node: (node.label.casefold(), node.term))
        return [(node, in_order(self.facts.node(o) for o in values[node.term])) for node in nodes]

    @property
    def is_described(self) -> bool:
        """Whether the description says more of it than its label."""
        return bool(self._quads)

    @property
    def _quads(self) -> list[tuple[Term, Term, Term, Term]]:
        return self.facts.description.by_subject.get(self.term, [])


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes by position, then numbers by size and the rest by label."""

    def key(node: Node) -> tuple[int, float, str, Term]:
        text = node.label
        number = float(text) if node.is_literal and text.replace(".", "", 1).isdigit() else 0.0
        return node.position, number, text.casefold(), node.term

    listed = list(nodes)
    return sorted(listed, key=key) if len(listed) > 1 else listed
