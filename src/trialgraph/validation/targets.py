"""Focus nodes as SHACL section 2.1.3 defines them: slow, plain, the measure of the fast path."""

from collections.abc import Iterable

from trialgraph.terms import RDF_TYPE, Term, Triple
from trialgraph.validation.shacl_terms import RDFS_SUBCLASS
from trialgraph.validation.shape_model import Targets


def subclasses(klass: Term, triples: Iterable[Triple]) -> set[Term]:
    """Return a class and all its subclasses, by the `rdfs:subClassOf` triples given."""
    below: dict[Term, list[Term]] = {}
    for subject, predicate, object_ in triples:
        if predicate == RDFS_SUBCLASS:
            below.setdefault(object_, []).append(subject)
    found, ahead = {klass}, [klass]
    while ahead:
        new = [c for c in below.get(ahead.pop(), []) if c not in found]
        found.update(new)
        ahead += new
    return found


def focus_nodes(targets: Targets, triples: list[Triple], background: list[Triple]) -> list[Term]:
    """Return the focus nodes in order of appearance; the background adds subclasses, not nodes.

    >>> a = "<https://example.org/a>"
    >>> focus_nodes(Targets(classes=("<https://example.org/C>",)), [(a, RDF_TYPE, "<https://example.org/C>")], [])
    ['<https://example.org/a>']
    """
    classes = set().union(*(subclasses(klass, [*triples, *background]) for klass in targets.classes))
    found = dict.fromkeys(targets.nodes)
    for subject, predicate, object_ in triples:
        if predicate in targets.subjects_of or (predicate == RDF_TYPE and object_ in classes):
            found[subject] = None
        if predicate in targets.objects_of:
            found[object_] = None
    return list(found)
