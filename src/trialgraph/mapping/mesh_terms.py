"""MeSH as the registry's own records tell it: the label of each descriptor, and which stand above it.

A record lists the descriptors that the registry's algorithm assigned, and the ancestors of all of them together. So
an ancestor is known to be one of a descriptor only where that is the only one assigned.

>>> facts = MeshFacts()
>>> facts.add({"derivedSection": {"conditionBrowseModule": {
...     "meshes": [{"id": "D000003920", "term": "Diabetes Mellitus"}],
...     "ancestors": [{"id": "D004700", "term": "Endocrine System Diseases"}]}}})
>>> facts.above
{'D003920': {'D004700'}}
>>> [line for line in map(" ".join, facts.triples()) if "broader" in line]
['<http://id.nlm.nih.gov/mesh/D003920> <http://www.w3.org/2004/02/skos/core#broader> <http://id.nlm.nih.gov/mesh/D004700>']
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from trialgraph import vocabulary
from trialgraph.mapping.literals import encode_string
from trialgraph.mapping.typed_values import mesh_descriptor
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, string

_MODULES: Final = ("conditionBrowseModule", "interventionBrowseModule")
_MESH: Final = vocabulary.PREFIXES["mesh"]
_SKOS: Final = vocabulary.PREFIXES["skos"]
_CLASS: Final = f"<{vocabulary.TG.MeshDescriptor}>"
_BROADER: Final = f"<{_SKOS}broader>"
_ALT_LABEL: Final = f"<{_SKOS}altLabel>"
_NOTATION: Final = f"<{_SKOS}notation>"


@dataclass
class MeshFacts:
    """What records say of MeSH, gathered; the same whatever the order they come in."""

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each descriptor its labels, each with the latest version of the registry's data that has it."""
    above: dict[str, set[str]] = field(default_factory=dict)
    """For each descriptor those that are known to stand above it."""

    def add(self, record: dict[str, Any]) -> None:
        """Take what a record (API v2 study JSON, `derivedSection.*BrowseModule`) says."""
        derived = _object(record, "derivedSection")
        version = _object(derived, "miscInfoModule").get("versionHolder")
        for module in map(derived.get, _MODULES):
            meshes = self._descriptors(module, "meshes", version)
            ancestors = self._descriptors(module, "ancestors", version)
            if len(meshes) == 1 and None not in meshes:
                (one,) = meshes
                self.above.setdefault(str(one), set()).update(each for each in ancestors if each and each != one)

    def _descriptors(self, module: Any, key: str, version: Any) -> set[str | None]:
        found: set[str | None] = set()
        listed = module.get(key) if type(module) is dict else None
        for each in listed if type(listed) is list else ():
            identifier, term = (each.get("id"), each.get("term")) if type(each) is dict else (None, None)
            descriptor = mesh_descriptor(identifier) if type(identifier) is str else None
            found.add(descriptor)
            if descriptor and type(term) is str and term.strip() and encode_string(term):
                labels = self.labels.setdefault(descriptor, {})
                labels[term] = max(labels.get(term, ""), version if type(version) is str else "")
        return found

    def update(self, other: "MeshFacts") -> None:
        """Take what another has gathered."""
        for descriptor, labels in other.labels.items():
            known = self.labels.setdefault(descriptor, {})
            for term, version in labels.items():
                known[term] = max(known.get(term, ""), version)
        for descriptor, above in other.above.items():
            self.above.setdefault(descriptor, set()).update(above)

    def triples(self) -> Iterator[Triple]:
        """Yield type, label, notation and the next above of each descriptor, in order of their identifiers.

        The label is that of the latest data, others are alternatives. What stands above something else that does, as
        far as known, is left to the path `skos:broader+`.
        """
        for descriptor in sorted(self.labels):
            subject = _iri(descriptor)
            labels = self.labels[descriptor]
            latest = max(labels.values())
            label = min(term for term, version in labels.items() if version == latest)
            yield subject, RDF_TYPE, _CLASS
            yield subject, RDFS_LABEL, string(label)
            yield subject, _NOTATION, string(descriptor)
            yield from ((subject, _ALT_LABEL, string(term)) for term in sorted(labels) if term != label)
            for above in self._next_above(descriptor):
                yield subject, _BROADER, _iri(above)

    def _next_above(self, descriptor: str) -> list[str]:
        above = self.above.get(descriptor, set()) & self.labels.keys()
        far = {
            each
            for near in above
            for each in self.above.get(near, ())
            if near not in self.above.get(each, ()) and each != near
        }
        return sorted(above - far)


def _object(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if type(found) is dict else {}


def _iri(descriptor: str) -> Term:
    return f"<{_MESH}{descriptor}>"
