"""Record and graph: the map between them, both ways, compiled from the declarations of the ontology."""

from trialgraph.mapping.plan import Plan

__all__ = ["Plan"]
