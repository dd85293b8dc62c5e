"""What the graph says about a resource: its bounded description.

It holds every statement about the resource and about its parts, which are the things it leads to whose IRI stands
below its own (`…/id/NCT06095583/arm/1` below `…/id/NCT06095583`), and the labels of whatever they point to. The walk
goes from one generation of parts to the next, so each statement is read once, however deep it stands; where little is
wanted, it asks for the first generations at once (`parts_query`).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from trialgraph.resource.parts_query import DEEPEST, parts_query
from trialgraph.resource.select import Asking, Row
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Quad, Term, iri_value, is_iri, lexical, string
from trialgraph.vocabulary import RESOURCE

_VALUES: Final = tuple(f"<{RESOURCE}{kind}/" for kind in ("quantity", "instrument", "criteria"))
"""Beginnings of IRIs of small things that are part of what is said, though many share them."""
_MANY: Final = 10_000
"""Statements of the resource itself, beyond which the values of each of its properties are counted."""
_LABELLED: Final = 25
_AT_ONCE: Final = 20_000
"""Statements, beyond which generations are asked for one by one."""


@dataclass(frozen=True)
class Bounds:
    """How much of a resource is read, however much there is."""

    parts: int | None = None
    """Parts, in the order of the record; None: all."""
    alike: int | None = None
    """Parts that one property of one resource leads to."""
    alike_by: Mapping[Term, int] = field(default_factory=dict)
    """The same for some properties; who asks knows of the rest, so that it is not missed."""
    values: int = _MANY
    """Values of one property of the resource itself, where it has very many statements."""
    statements: int = 300_000
    """Statements in all."""
    at_once: bool = False
    """Whether the first generations are asked for in one query: good where `alike_by` leaves most of them out."""


ALL: Final = Bounds()


@dataclass(frozen=True)
class Description:
    """A resource, what is said about it and its parts, and the labels of what that points to."""

    root: Term
    quads: list[Quad]
    labels: dict[Term, str]
    complete: bool = True
    """False when the walk stopped at the number of parts or statements it was allowed."""
    counted: dict[Term, int] = field(default_factory=dict)
    """How many values there are of the properties of the resource of which not all are here."""
    by_subject: dict[Term, list[Quad]] = field(default_factory=dict)
    beside: Mapping[str, list[Row]] = field(default_factory=dict)
    """What was asked together with the labels, by name."""

    def __post_init__(self) -> None:
        groups: dict[Term, list[Quad]] = defaultdict(list)
        for quad in self.quads:
            groups[quad[0]].append(quad)
        self.by_subject.update(groups)

    @property
    def exists(self) -> bool:
        """Whether anything is said about the resource itself."""
        return self.root in self.by_subject

    @property
    def note(self) -> str:
        """What is not here, in a sentence; empty where all is."""
        cut = [f"{number:,} values of {iri_value(name)}" for name, number in sorted(self.counted.items())]
        if cut:
            return f"Of {', '.join(cut)} only the first are here; ask the SPARQL endpoint for the rest."
        return "" if self.complete else "Only the first parts are here; ask the SPARQL endpoint for the rest."


Beside = Callable[[Term, Sequence[Quad]], Mapping[str, str]]
"""What else is to be asked of a resource, once its statements are known: SPARQL patterns by name."""


def describe(
    asking: Asking,
    root: Term,
    bounds: Bounds = ALL,
    *,
    beginning: Sequence[Term] = (),
    beside: Beside = lambda _root, _quads: {},
) -> Description:
    """Return the bounded description of a resource, given as an IRI term; of some of its parts when it begins there.

    Raises QueryError.
    """
    ahead = _ahead(asking, root, bounds) if bounds.at_once and not asking.one_by_one else None
    generation = list(beginning) or [root]
    known, quads, unread, complete = set(generation), list[Quad](), set[Term](), True
    counted: dict[Term, int] = {}
    depth = -1
    while generation:
        depth += 1
        room = bounds.statements - len(quads)
        if ahead is not None and depth <= DEEPEST:
            found = [quad for one in generation for quad in ahead.get(one, ())]
        elif generation == [root]:
            found, counted = _of_root(asking, root, bounds.values)
        else:
            found = asking.quads(generation, most=room)
        quads += found
        parts = _parts(found, root, known)
        generation = sorted(
            (part for way, alike in parts.items() for part in _first(way, alike, bounds)), key=_natural
        )
        if bounds.parts is not None:
            generation = generation[: max(0, bounds.parts - len(known))]
        expected = sum(min(len(alike), bounds.alike_by.get(way[1], len(alike))) for way, alike in parts.items())
        complete = complete and len(generation) == expected and len(found) < room
        known.update(generation)
        for (subject, predicate), alike in parts.items():
            is_named = subject == root or bounds.alike_by.get(predicate) != 0
            unread.update(alike[_LABELLED if is_named else 0 :])
    quads.sort()
    labels, others = asking.labels_and(_unlabelled(quads) - (unread - known), beside(root, quads))
    return Description(root, quads, labels, complete and not counted, counted, beside=others)


def _ahead(asking: Asking, root: Term, bounds: Bounds) -> dict[Term, list[Quad]] | None:
    """Return what is said of the root and the generations below, by subject; None where that is very much."""
    found: dict[Term, list[Quad]] = defaultdict(list)
    rows = asking.rows(parts_query(root, DEEPEST, bounds.alike_by, _AT_ONCE))
    for row in rows:
        found[row["s"]].append((row["s"], row["p"], row["o"], row["g"]))
    return None if len(rows) == _AT_ONCE or len(found[root]) >= _MANY else found


def _of_root(asking: Asking, root: Term, most: int) -> tuple[list[Quad], dict[Term, int]]:
    """Return what is said of the root, and, where that is much, how many values there are of what is cut."""
    found = asking.quads([root], most=_MANY)
    if len(found) < _MANY:
        return found, {}
    quads, cut = list[Quad](), dict[Term, int]()
    counts = asking.rows(f"SELECT ?p (COUNT(DISTINCT ?o) AS ?n) {{ {root} ?p ?o }} GROUP BY ?p ORDER BY ?p")
    for predicate, number in ((row["p"], int(lexical(row["n"]))) for row in counts if "p" in row):
        rows = asking.rows(
            f"SELECT ?o ?g {{ {{ SELECT DISTINCT ?o {{ {root} {predicate} ?o }} ORDER BY ?o LIMIT {most} }} "
            f"GRAPH ?g {{ {root} {predicate} ?o }} }}"
        )
        quads += [(root, predicate, row["o"], row["g"]) for row in rows]
        if number > most:
            cut[predicate] = number
    return quads, cut


def _parts(found: list[Quad], root: Term, known: set[Term]) -> dict[tuple[Term, Term], list[Term]]:
    """Return the parts of the root that are not yet known, by what leads to them, each once."""
    prefix = root[:-1] + "/"
    ways = {o: (s, p) for s, p, o, _ in found if o.startswith(prefix) and o not in known}
    parts: dict[tuple[Term, Term], list[Term]] = defaultdict(list)
    for part in sorted(ways, key=_natural):
        parts[ways[part]].append(part)
    return parts


def _first(way: tuple[Term, Term], alike: list[Term], bounds: Bounds) -> list[Term]:
    return alike[: bounds.alike_by.get(way[1], bounds.alike)]


def _natural(term: Term) -> tuple[int, list[tuple[int, str]]]:
    """Return what puts `/site/2` before `/site/10`, and what stands higher first."""
    steps = term[1:-1].split("/")
    return len(steps), [(int(step), "") if step.isdecimal() else (0, step) for step in steps]


def _unlabelled(quads: list[Quad]) -> set[Term]:
    """Return the IRIs that the quads point to and say nothing of; classes have their labels in the ontology."""
    return {o for _, p, o, _ in quads if p != RDF_TYPE and is_iri(o)} - {quad[0] for quad in quads}


def with_labels(asking: Asking, description: Description) -> list[Quad]:
    """Return the quads, what is said of quantities and instruments they lead to, and the labels of all else.

    A quantity is a value in a node of its own, shared by all who have it: without its number the description would
    say a dose by its label alone. Labels stand in the default graph.

    Raises QueryError.
    """
    known = set(description.by_subject)
    shared = {o for _, _, o, _ in description.quads if o.startswith(_VALUES)} - known
    values = asking.quads(sorted(shared)) if shared else []
    labelled = set(description.labels) - {subject for subject, _, _, _ in values}
    extra = [(term, RDFS_LABEL, string(description.labels[term]), "") for term in sorted(labelled)]
    return [*description.quads, *sorted(values), *extra]
