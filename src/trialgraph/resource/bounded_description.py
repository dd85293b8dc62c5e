"""What the graph says about a resource: its bounded description.

It holds every statement about the resource and about its parts, which are the things it leads to whose IRI stands
below its own (`…/id/NCT06095583/arm/1` below `…/id/NCT06095583`), and the labels of whatever they point to. The walk
asks for one generation of parts at a time: each statement is read once, however deep it stands. (One query for all
generations was measured too: it joins each with all before it, and takes 80 times as long on a small trial.)
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from trialgraph.resource.select import Asking
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Quad, Term, is_iri, string


@dataclass(frozen=True)
class Description:
    """A resource, what is said about it and its parts, and the labels of what that points to."""

    root: Term
    quads: list[Quad]
    labels: dict[Term, str]
    complete: bool = True
    """False when the walk stopped at the number of parts it was allowed."""
    by_subject: dict[Term, list[Quad]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups: dict[Term, list[Quad]] = defaultdict(list)
        for quad in self.quads:
            groups[quad[0]].append(quad)
        self.by_subject.update(groups)

    @property
    def exists(self) -> bool:
        """Whether anything is said about the resource itself."""
        return self.root in self.by_subject


def describe(
    asking: Asking,
    root: Term,
    *,
    most_parts: int | None = None,
    most_alike: int | None = None,
    beginning: Sequence[Term] = (),
) -> Description:
    """Return the bounded description of a resource, given as an IRI term; of some of its parts when it begins there.

    With `most_parts`, no more parts than that are read; with `most_alike`, no more than that which one property of
    one resource leads to. The first in the order of the record are taken.

    Raises QueryError.
    """
    generation = list(beginning) or [root]
    known, quads, complete = set(generation), list[Quad](), True
    while generation:
        found = asking.quads(generation)
        quads += found
        parts = _parts(found, root, known)
        generation = _first(parts, most_alike)
        if most_parts is not None:
            generation = generation[: max(0, most_parts - len(known))]
        complete = complete and len(generation) == sum(map(len, parts.values()))
        known.update(generation)
    quads.sort()
    return Description(root, quads, asking.labels(_unlabelled(quads)), complete)


def _parts(found: list[Quad], root: Term, known: set[Term]) -> dict[tuple[Term, Term], list[Term]]:
    """Return the parts of the root that are not yet known, by what leads to them, each once."""
    prefix = root[:-1] + "/"
    ways = {o: (s, p) for s, p, o, _ in found if o.startswith(prefix) and o not in known}
    parts: dict[tuple[Term, Term], list[Term]] = defaultdict(list)
    for part in sorted(ways, key=_natural):
        parts[ways[part]].append(part)
    return parts


def _first(parts: dict[tuple[Term, Term], list[Term]], most: int | None) -> list[Term]:
    return sorted((part for alike in parts.values() for part in alike[:most]), key=_natural)


def _natural(term: Term) -> tuple[int, list[tuple[int, str]]]:
    """Return what puts `/site/2` before `/site/10`, and what stands higher first."""
    steps = term[1:-1].split("/")
    return len(steps), [(int(step), "") if step.isdecimal() else (0, step) for step in steps]


def _unlabelled(quads: list[Quad]) -> set[Term]:
    """Return the IRIs that the quads point to and say nothing of; classes have their labels in the ontology."""
    return {o for _, p, o, _ in quads if p != RDF_TYPE and is_iri(o)} - {quad[0] for quad in quads}


def with_labels(description: Description) -> list[Quad]:
    """Return the quads together with the labels of what they point to, which stand in the default graph."""
    extra = [(term, RDFS_LABEL, string(label), "") for term, label in sorted(description.labels.items())]
    return description.quads + extra
