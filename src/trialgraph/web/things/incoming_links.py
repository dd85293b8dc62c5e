"""What links to a resource: counted and listed in bounds, however many there are."""

from dataclasses import dataclass
from typing import Final

from trialgraph.resource.bounded_description import Description
from trialgraph.resource.select import Asking
from trialgraph.terms import Term, iri, lexical
from trialgraph.vocabulary import PREFIXES
from trialgraph.web.context.node import Facts, Node
from trialgraph.web.context.ontology_terms import Ontology

PAGE_SIZE: Final = 50
_COUNTED: Final = 20_000
"""Links that are counted; beyond it the page says that there are more."""
_SHOWN: Final = 10


@dataclass(frozen=True)
class _View:
    asking: Asking
    words: Ontology
    root: Term


@dataclass(frozen=True)
class Backlinks:
    """The resources that link to one by one property, a page of them."""

    predicate: Node
    count: int
    sources: list[Node]
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.count // PAGE_SIZE)


@dataclass(frozen=True)
class AllBacklinks:
    """What links to a resource, by property."""

    groups: list[Backlinks]
    counted_in_part: bool


def backlinks(asking: Asking, words: Ontology, root: Term) -> AllBacklinks:
    """Return what links to a resource, some for each property.

    Parts of the resource and statements about facts are left out: the page shows both elsewhere.

    Raises QueryError.
    """
    inner = f"SELECT DISTINCT ?s ?p {{ ?s ?p {root} {_outside(root)} {_ABOUT_STATEMENTS} }} LIMIT {_COUNTED}"
    counts = asking.rows(f"SELECT ?p (COUNT(*) AS ?n) {{ {{ {inner} }} }} GROUP BY ?p")
    numbers = {row["p"]: int(lexical(row["n"])) for row in counts if "p" in row}
    view = _View(asking, words, root)
    groups = [_group(view, predicate, numbers[predicate], 1, _SHOWN) for predicate in sorted(numbers)]
    return AllBacklinks(sorted(groups, key=lambda group: -group.count), sum(numbers.values()) >= _COUNTED)


def backlinks_by(asking: Asking, words: Ontology, root: Term, predicate: Term, page: int) -> Backlinks:
    """Return one page of what links to a resource by one property.

    Raises QueryError.
    """
    inner = f"SELECT DISTINCT ?s {{ ?s {predicate} {root} {_outside(root)} }} LIMIT {_COUNTED}"
    count = asking.rows(f"SELECT (COUNT(*) AS ?n) {{ {{ {inner} }} }}")
    return _group(_View(asking, words, root), predicate, int(lexical(count[0]["n"])), page, PAGE_SIZE)


def _group(view: _View, predicate: Term, count: int, page: int, size: int) -> Backlinks:
    # Beyond what is counted the order is that of the store: to sort them all would take too long.
    order = "ORDER BY ?s" if count < _COUNTED else ""
    query = (
        f"SELECT DISTINCT ?s {{ ?s {predicate} {view.root} {_outside(view.root)} }} {order} "
        f"LIMIT {size} OFFSET {(page - 1) * PAGE_SIZE}"
    )
    sources = [row["s"] for row in view.asking.rows(query)]
    facts = Facts(Description(view.root, [], view.asking.labels(sources)), view.words)
    return Backlinks(facts.node(predicate), count, [facts.node(source) for source in sources], page)


def _outside(root: Term) -> str:
    """Return what keeps out the parts of the resource, and the statements about statements."""
    return f'FILTER(isIRI(?s) && !STRSTARTS(STR(?s), "{root[1:-1]}/"))'


_ABOUT_STATEMENTS: Final = "FILTER(?p NOT IN ({}))".format(
    ", ".join(
        iri(PREFIXES[prefix] + name)
        for prefix, name in (
            ("rdf", "subject"), ("rdf", "predicate"), ("rdf", "object"), ("owl", "annotatedSource"),
            ("owl", "annotatedProperty"), ("owl", "annotatedTarget"), ("tg", "about"),
        )
    )
)  # fmt: skip
