"""Record and graph: the map between them, both ways, compiled from the declarations of the ontology.

    Plan.compile(ontology)     the declarations, checked and compiled
    plan.to_triples(record)    record -> graph
    plan.to_record(triples)    graph -> record
    plan.changes(old, new)     which fields differ
    raw_shapes, context        the shapes and the JSON-LD context that follow from the declarations
    shared_query, shared_triples   things that several trials share

Nothing here reads a file, a clock or a setting.
"""

from trialgraph.mapping.declarations import Declarations
from trialgraph.mapping.field_diff import ABSENT, Change, changes
from trialgraph.mapping.jsonld_context import context
from trialgraph.mapping.plan import Plan
from trialgraph.mapping.registry_shapes import raw_shapes
from trialgraph.mapping.shared_resources import shared_query, shared_triples

__all__ = [
    "ABSENT",
    "Change",
    "Declarations",
    "Plan",
    "changes",
    "context",
    "raw_shapes",
    "shared_query",
    "shared_triples",
]
