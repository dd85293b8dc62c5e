"""The plan: everything the declarations say about the map, compiled once."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from trialgraph.errors import UnmappableRecord
from trialgraph.mapping.declarations import Declarations, read
from trialgraph.mapping.field_diff import Change, changes
from trialgraph.mapping.field_tree import Tree, build
from trialgraph.mapping.labels import LabelOf, labeller
from trialgraph.mapping.shortcuts import compile_shortcuts
from trialgraph.mapping.to_rdf import ToTriples, compile_forward
from trialgraph.mapping.to_record import ToRecord, compile_backward
from trialgraph.terms import Triple, iri_value
from trialgraph.vocabulary import NCT_ID, SCHEME

_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, repr=False)
class Plan:
    """A map between registry records and graphs, both ways.

    The law: `plan.to_record(plan.to_triples(record)) == record`, arrays in order, also when the triples went
    through a store.
    """

    declarations: Declarations
    tree: Tree
    _to_triples: ToTriples
    _to_record: ToRecord

    @classmethod
    def compile(cls, ontology: Iterable[Triple]) -> "Plan":
        """Return the plan that an ontology declares, given as triples.

        Raises MappingError when the declarations contradict each other.
        """
        declarations = read(ontology)
        tree = build(declarations)
        hooks, joins = compile_shortcuts(declarations, tree)

        def label_of(class_: str) -> LabelOf:
            return labeller(declarations.class_labels[class_], declarations.label_patterns.get(class_, ""))

        forward = compile_forward(tree, hooks, joins, label_of)
        return cls(declarations, tree, forward, compile_backward(tree))

    def to_triples(self, record: dict[str, Any]) -> list[Triple]:
        """Return the triples of a record (API v2 study JSON), each once, grouped by subject.

        Every subject is the trial or stands below it. The trial comes first, then its registry record, then the
        elements of arrays; the order follows the record, so the same record gives the same list.

        Raises UnmappableRecord when the NCT number is missing or odd, or when RDF cannot hold a value.
        """
        return self._to_triples(record, nct_of(record))

    def changes(self, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
        """Return the differences between two versions of a record; see `mapping.field_diff.changes`."""
        return changes(old, new)

    def property_of(self, field_path: str) -> str | None:
        """Return the IRI of the property that holds a field, or None where none is declared.

        The path may carry indexes, as those of `changes` do.
        """
        leaf = self.tree.leaves.get(_INDEX.sub("[]", field_path)) or self.tree.leaves.get(field_path + "[]")
        return leaf.declared.iri if leaf else None

    def undeclared(self, triples: Iterable[Triple]) -> Counter[tuple[str, str]]:
        """Return how often which property of the triples has which concept that the ontology does not declare.

        Both are IRIs. A registry adds values to its enumerations; they are kept as concepts all the same.
        """
        known, start = self.declarations.concepts, "<" + SCHEME
        return Counter(
            (iri_value(predicate), iri_value(object_))
            for _, predicate, object_ in triples
            if object_.startswith(start) and object_ not in known
        )

    def to_record(self, triples: Iterable[Triple]) -> dict[str, Any]:
        """Return the record that the triples of one trial came from.

        Triples may come in any order and through a store; those the map does not make are passed over.

        Raises UnmappableRecord for triples of two trials, and for a value that no declaration explains.
        """
        return self.lines_to_record(f"{' '.join(triple)} .".encode() for triple in triples)

    def lines_to_record(self, lines: Iterable[bytes]) -> dict[str, Any]:
        """Return the record that lines of one trial came from: canonical N-Triples, each without its line end.

        It is what `to_record` does, without taking the triples apart first. Raises what that raises.
        """
        return self._to_record(lines)


def nct_of(record: dict[str, Any]) -> str:
    """Return the NCT number of a record.

    Raises UnmappableRecord when there is none, or one that is not NCT and eight digits.

    >>> nct_of({"protocolSection": {"identificationModule": {"nctId": "NCT00000102"}}})
    'NCT00000102'
    """
    value: Any = record
    for key in ("protocolSection", "identificationModule", "nctId"):
        value = value.get(key) if type(value) is dict else None
    if type(value) is not str or not NCT_ID.fullmatch(value) or not value.isascii():
        raise UnmappableRecord(
            "the NCT number is missing" if value is None else f"{value!r:.60} is no NCT number",
            "give each record its number, NCT and eight digits",
            field_path="protocolSection.identificationModule.nctId",
        )
    return value
