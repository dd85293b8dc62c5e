"""Things that several trials share: their types and labels, made once from the finished graph.

A record's own triples only point at them (`tg:condition`, `tg:sponsor`), so that changing one record never
touches what others need.
"""

from collections.abc import Iterable
from typing import Final

from trialgraph import terms, vocabulary
from trialgraph.mapping.declarations import Declarations
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple

SHARED_RULE: Final = "shared"


def shared_classes(declarations: Declarations) -> dict[str, str]:
    """Return the classes of shared things by the word in their IRIs.

    `condition` stands for `tg:Condition` because some shortcut of the rule `shared` has that range.
    """
    classes = {declared.range for declared in declarations.properties.values() if declared.rule == SHARED_RULE}
    return {class_.rsplit("#", 1)[-1].lower(): class_ for class_ in sorted(classes)}


def shared_query(declarations: Declarations) -> str:
    """Return the SPARQL query for the IRIs (`?thing`) of all shared things that trials of a graph point at."""
    properties = sorted(declared.iri for declared in declarations.properties.values() if declared.rule == SHARED_RULE)
    return f"SELECT DISTINCT ?thing WHERE {{ ?trial {'|'.join(f'<{iri}>' for iri in properties)} ?thing }}"


def shared_triples(things: Iterable[str], declarations: Declarations) -> list[Triple]:
    """Return type and label of shared things, given by their IRIs; sorted, each once.

    The label is the name as records write it: the IRI holds it reversibly. IRIs of other kinds are passed over.
    """
    classes = shared_classes(declarations)
    found: list[Triple] = []
    for thing in sorted(set(things)):
        kind, _, name = thing.removeprefix(vocabulary.RESOURCE).partition("/")
        if thing.startswith(vocabulary.RESOURCE) and kind in classes and name:
            subject = terms.iri(thing)
            found.append((subject, RDF_TYPE, f"<{classes[kind]}>"))
            found.append((subject, RDFS_LABEL, terms.string(vocabulary.unslug(name))))
    return found
