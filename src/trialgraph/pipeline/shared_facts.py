"""What records say of things that none of them owns: MeSH descriptors, undeclared values.

Each shard has a part of it; the parts are merged when all shards are made, so an update merges what a full build
does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from trialgraph.mapping import Plan
from trialgraph.mapping.mesh_terms import MeshFacts
from trialgraph.mapping.plan import nct_of
from trialgraph.pipeline.shard_files import Shard, read_part
from trialgraph.registry.record import aliases_in
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple, iri, string
from trialgraph.vocabulary import PREFIXES

PART: Final = "shared"
_SKOS: Final = PREFIXES["skos"]


class Undeclared(NamedTuple):
    """A value that the ontology's enumeration of a field does not have."""

    field: str
    """Its path, `protocolSection.statusModule.overallStatus`; several where one property holds several fields."""
    value: str
    times: int


@dataclass
class SharedFacts:
    """What was gathered of some records."""

    mesh: MeshFacts = field(default_factory=MeshFacts)
    undeclared: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often each concept that is not declared occurs, by property."""

    aliases: dict[str, str] = field(default_factory=dict)
    """Of former NCT ids the trial that has absorbed them."""

    def add(self, record: dict[str, Any], triples: Iterable[Triple], plan: Plan) -> None:
        """Take what a record and its triples say."""
        self.mesh.add(record)
        for alias in aliases_in(record):
            self.aliases.setdefault(alias, nct_of(record))
        for (property_, concept), count in plan.undeclared(triples).items():
            self._count({property_: {concept: count}})

    def encoded(self) -> bytes:
        """Return it as the text of a part; the same facts are the same bytes."""
        return (
            msgspec.json.encode(self, order="deterministic")
            if self.mesh.labels or self.undeclared or self.aliases
            else b""
        )

    def values(self, plan: Plan) -> list[Undeclared]:
        """Return the values that are not declared, by field."""
        found = []
        for property_, concepts in self.undeclared.items():
            declared = plan.declarations.properties[property_]
            path = ", ".join(declared.paths)
            for concept, count in concepts.items():
                notation = declared.scheme.notation_of(concept) if declared.scheme else None
                found.append(Undeclared(path, notation or concept, count))
        return sorted(found)

    def triples(self, plan: Plan) -> Iterator[Triple]:
        """Yield what is said of the things: descriptors, then the concepts that are not declared."""
        yield from self.mesh.triples()
        for concept, scheme, notation in sorted(set(self._concepts(plan))):
            subject = iri(concept)
            yield subject, RDF_TYPE, iri(_SKOS + "Concept")
            yield subject, RDFS_LABEL, string(notation)
            yield subject, iri(_SKOS + "notation"), string(notation)
            yield subject, iri(_SKOS + "inScheme"), iri(scheme)

    def _concepts(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        for property_, concepts in self.undeclared.items():
            if scheme := plan.declarations.properties[property_].scheme:
                yield from ((concept, scheme.iri, scheme.notation_of(concept) or concept) for concept in concepts)

    def _count(self, undeclared: dict[str, dict[str, int]]) -> None:
        for property_, concepts in undeclared.items():
            self.undeclared[property_] = dict(Counter(self.undeclared.get(property_, {})) + Counter(concepts))

    @classmethod
    def of(cls, made: Iterable[Shard], folder: Path) -> "SharedFacts":
        """Return what all shards say together."""
        found = cls()
        for each in made:
            text = read_part(each, folder, PART) if PART in each.parts else b""
            if text:
                facts = _decoder.decode(text)
                found.mesh.update(facts.mesh)
                found.aliases = facts.aliases | found.aliases  # of two trials that name one, the lower number
                found._count(facts.undeclared)
        return found


_decoder: Final = msgspec.json.Decoder(SharedFacts)
