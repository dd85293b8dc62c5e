"""The links of a record: diseases it studies, drugs it gives, how each was linked, what was not.

>>> linker = RecordLinker(None)
>>> record = {
...     "protocolSection": {
...         "identificationModule": {"nctId": "NCT00000001"},
...         "conditionsModule": {"conditions": ["Breast Neoplasms"]},
...     },
...     "derivedSection": {"conditionBrowseModule": {"meshes": [{"id": "D001943", "term": "Breast Neoplasms"}]}},
... }
>>> {triple[2] for _, triple in linker.triples(record) if triple[1] == iri(TG.studiesDisease)}
{'<https://w3id.org/trialgraph/id/disease/MONDO:0021100>'}
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any, Final

from trialgraph.linking.label_index import LabelIndex
from trialgraph.linking.link_result import BROAD, COMPONENT, EXACT, SALT, Link, Naming, RecordContext
from trialgraph.linking.link_tiers import tiers
from trialgraph.linking.phrase_linker import Named, PhraseLinker, thing_of
from trialgraph.linking.string_linker import CONDITION, DRUG, StringLinker, context_of
from trialgraph.linking.thing_iris import outside_iri, primary, thing_iri
from trialgraph.linking.things import LINKS, GraphTriple, Things
from trialgraph.resource.name_key import exact_key
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, decimal, iri, string
from trialgraph.vocabulary import PREFIXES, RESOURCE, TG, concept_iri, shared_iri, slug, trial_iri

DISEASE: Final = "disease"
DRUG_TYPES: Final = frozenset(("DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT", "RADIATION", "COMBINATION_PRODUCT"))
"""Types of interventions whose names are linked (`armsInterventionsModule.interventions[].type`)."""

_LEAST_OF_OWN: Final = 3
"""Letters of the shortest name of a record's own that is looked for in its words."""
_SSSOM: Final = PREFIXES["sssom"]
_OWL: Final = PREFIXES["owl"]
_SKOS: Final = PREFIXES["skos"]
_SEMAPV: Final = "https://w3id.org/semapv/vocab/"
_PREDICATES: Final = {EXACT: _SKOS + "exactMatch", BROAD: _SKOS + "broadMatch", SALT: _SKOS + "closeMatch"}
_OF_NAMES: Final = frozenset(map(iri, (*_PREDICATES.values(), TG.namesPart)))
_MAPPING: Final = iri(_SSSOM + "Mapping")
_AXIOM: Final = iri(_OWL + "Axiom")
_PART_OF: Final = iri(PREFIXES["dcterms"] + "isPartOf")
_ANNOTATED_SOURCE, _ANNOTATED_PROPERTY, _ANNOTATED_TARGET = (
    iri(_OWL + name) for name in ("annotatedSource", "annotatedProperty", "annotatedTarget")
)
_JUSTIFICATION, _CONFIDENCE, _SUBJECT_LABEL, _MATCH_STRING, _OBJECT_SOURCE, _OBJECT_VERSION = (
    iri(_SSSOM + name)
    for name in (
        "mapping_justification", "confidence", "subject_label", "match_string", "object_source",
        "object_source_version",
    )
)  # fmt: skip
_LINK_TIER: Final = iri(TG.linkTier)
_DERIVED_FROM: Final = iri(PREFIXES["prov"] + "wasDerivedFrom")
_SETS: Final = {CONDITION: "condition-names", DRUG: "intervention-names"}
_MAPPINGS: Final = {kind: shared_iri("mapping", name) for kind, name in _SETS.items()}
_MAPPING_SETS: Final = {kind: iri(shared_iri("mapping-set", name)) for kind, name in _SETS.items()}
UNLINKED: Final = "unlinked"
_DESCRIBED: Final = frozenset((RDF_TYPE, RDFS_LABEL, iri(_SKOS + "exactMatch"), iri(_SKOS + "broader")))


@dataclass(slots=True)
class RecordLinker:
    """Links records, one at a time; what it says of one depends on nothing but the record and the vocabularies."""

    index: LabelIndex | None
    _strings: StringLinker = field(init=False)
    _things: Things = field(init=False)
    _versions: dict[str, str] = field(init=False)
    phrases: PhraseLinker = field(init=False)
    """Finds names in running words, by the same strings and vocabularies."""

    def __post_init__(self) -> None:
        self._strings = StringLinker(self.index)
        self.phrases = PhraseLinker(self._strings)
        self._things = Things(self._strings.base, self.index)
        named = [] if self.index is None else self.index.vocabularies()
        self._versions = {one.name: one.version or one.date for one in named}

    def triples(self, record: dict[str, Any]) -> Iterator[GraphTriple]:
        """Yield the triples of a record's links, each with the short name of its graph; some more than once.

        Raises KeyError for a record without an NCT id.
        """
        protocol = record["protocolSection"]
        trial = trial_iri(protocol["identificationModule"]["nctId"])
        yield from self._mesh(trial, record)
        for text, context in _conditions(record):
            yield from self._condition(trial, text, context)
        for number, text, context in _interventions(record):
            yield from self._intervention(trial, f"{trial}/intervention/{number}", text, context)

    def drugs(self, record: dict[str, Any]) -> Iterator[tuple[Term, Term]]:
        """Yield the node of each intervention that gives a drug, and the drug; one of several for each of them.

        Raises KeyError for a record without an NCT id.
        """
        trial = trial_iri(record["protocolSection"]["identificationModule"]["nctId"])
        for number, text, context in _interventions(record):
            naming = self._strings.link(DRUG, text, context)
            for thing in _groups(naming.links, DRUG):
                yield iri(f"{trial}/intervention/{number}"), iri(thing_iri(DRUG, thing.id))

    def drugs_called(self, name: str) -> frozenset[Term]:
        """Return the drugs that a name is linked to where no record helps."""
        links = self._strings.link(DRUG, name, RecordContext()).links
        return frozenset(iri(thing_iri(DRUG, thing.id)) for thing in _groups(links, DRUG))

    def intervention_names(self, record: dict[str, Any]) -> dict[Term, str]:
        """Return what each intervention that may be a drug is called, by its node.

        Raises KeyError for a record without an NCT id.
        """
        trial = trial_iri(record["protocolSection"]["identificationModule"]["nctId"])
        return {iri(f"{trial}/intervention/{number}"): text for number, text, _ in _interventions(record)}

    def unlinked(self, record: dict[str, Any]) -> Iterator[str]:
        """Yield a line for each name of a record that is not linked: kind, name and reason, with tabs between."""
        for text, context in _conditions(record):
            if reason := self._strings.link(CONDITION, text, context).none:
                yield f"{CONDITION}\t{_one_line(text)}\t{reason}"
        for _, text, context in _interventions(record):
            if reason := self._strings.link(DRUG, text, context).none:
                yield f"{DRUG}\t{_one_line(text)}\t{reason}"

    def namings(self, record: dict[str, Any]) -> Iterator[tuple[str, Naming]]:
        """Yield kind and answer for each name of a record that is linked, or is not."""
        for text, context in _conditions(record):
            yield CONDITION, self._strings.link(CONDITION, text, context)
        for _, text, context in _interventions(record):
            yield DRUG, self._strings.link(DRUG, text, context)

    def own_names(self, record: dict[str, Any]) -> dict[str, Named]:
        """Return the names of a record's conditions and interventions that lead to one thing, by exact key."""
        names = [(CONDITION, text, around) for text, around in _conditions(record)]
        names += [(DRUG, text, around) for _, text, around in _interventions(record)]
        found: dict[str, Named] = {}
        for kind, text, around in names:
            named = thing_of(kind, self._strings.link(kind, text, around).links)
            if named is not None and len(key := exact_key(text)) >= _LEAST_OF_OWN:
                found.setdefault(key, named)
        return found

    def described(self, named: Named) -> Iterator[Triple]:
        """Yield type, label, identifiers and what is above of a thing that words name."""
        for graph, triple in self._things.triples(named.kind, named.id, named.label):
            if graph == LINKS and triple[1] in _DESCRIBED:
                yield triple

    def _mesh(self, trial: str, record: dict[str, Any]) -> Iterator[GraphTriple]:
        """Yield the diseases that the MeSH terms of a record's conditions are."""
        for id_, term in context_of({"registryMesh": _meshes(record, "conditionBrowseModule")}).mesh:
            yield from self._mesh_disease(trial, id_, term)

    def _mesh_disease(self, trial: str, id_: str, term: str) -> Iterator[GraphTriple]:
        if not self._things.is_disease(id_):
            return
        named = self._things.named(DISEASE, id_)
        yield LINKS, (iri(trial), iri(TG.studiesDisease), iri(thing_iri(DISEASE, named)))
        yield from self._things.triples(DISEASE, named, term)

    def _condition(self, trial: str, text: str, context: RecordContext) -> Iterator[GraphTriple]:
        naming = self._strings.link(CONDITION, text, context)
        concept = shared_iri("condition", text)
        yield LINKS, (iri(concept), RDF_TYPE, iri(TG.Condition))
        yield LINKS, (iri(concept), RDFS_LABEL, string(text))
        yield from self._of_name(concept, CONDITION, text, naming, iri(trial), iri(TG.studiesDisease))
        for thing in _groups(naming.links, DISEASE):
            yield LINKS, (iri(trial), iri(TG.studiesDisease), iri(thing_iri(DISEASE, thing.id)))
            yield from self._things.triples(DISEASE, thing.id, thing.label)

    def _intervention(self, trial: str, node: str, text: str, context: RecordContext) -> Iterator[GraphTriple]:
        naming = self._strings.link(DRUG, text, context)
        concept = shared_iri("intervention-name", text)
        yield LINKS, (iri(node), iri(TG.namedAs), iri(concept))
        yield LINKS, (iri(concept), RDF_TYPE, iri(TG.InterventionName))
        yield LINKS, (iri(concept), RDFS_LABEL, string(text))
        yield from self._of_name(concept, DRUG, text, naming, iri(node), iri(TG.drug))
        for thing in _groups(naming.links, DRUG):
            yield LINKS, (iri(node), iri(TG.drug), iri(thing_iri(DRUG, thing.id)))
            yield LINKS, (iri(trial), iri(TG.givesDrug), iri(thing_iri(DRUG, thing.id)))
            yield from self._things.triples(DRUG, thing.id, thing.label)

    def _of_name(  # noqa: PLR0917
        self, concept: str, kind: str, text: str, naming: Naming, node: str, property_: str
    ) -> Iterator[GraphTriple]:
        """Yield the links of a name; where the record decided, they are those of the record's own node."""
        if naming.none and not naming.by_record:
            reason = concept_iri("no-link-reason", naming.none.upper().replace(" ", "_").replace("-", "_"))
            yield LINKS, (iri(concept), iri(TG.noLinkReason), iri(reason))
        thing_kind = DISEASE if kind == CONDITION else DRUG
        for thing in _groups(naming.links, thing_kind):
            if not naming.by_record:
                yield LINKS, (iri(concept), iri(TG.denotes), iri(thing_iri(thing_kind, thing.id)))
            else:
                target = iri(thing_iri(thing_kind, thing.id))
                yield from self._mapping(kind, text, thing, (node, property_, target))
        if naming.by_record:
            return
        for link in naming.links:
            if (outside := outside_iri(link.id)) is not None:
                predicate = TG.namesPart if link.relation == COMPONENT else _PREDICATES[link.relation]
                if link.brand and link.relation == EXACT:
                    predicate = _PREDICATES[SALT]
                triple = (iri(concept), iri(predicate), iri(outside))
                graph = self._things.graph(link.vocabulary)
                yield graph, triple
                yield from self._mapping(kind, text, link, triple, graph)

    def _mapping(self, kind: str, text: str, link: Link, triple: Triple, graph: str = LINKS) -> Iterator[GraphTriple]:
        """Yield the row of a link in the RDF form of SSSOM: method, matched string, source, version, confidence."""
        tail = triple[0][1:-1].removeprefix(RESOURCE)
        if triple[1] not in _OF_NAMES:
            # Two names of one record may lead to one thing: each has its row.
            tail = f"{tail}/{slug(text)}"
        node = iri(f"{_MAPPINGS[kind]}/{tail}/{slug(link.id)}")
        yield graph, (node, RDF_TYPE, _MAPPING)
        yield graph, (node, RDF_TYPE, _AXIOM)
        yield graph, (node, _PART_OF, _MAPPING_SETS[kind])
        yield graph, (node, _ANNOTATED_SOURCE, triple[0])
        yield graph, (node, _ANNOTATED_PROPERTY, triple[1])
        yield graph, (node, _ANNOTATED_TARGET, triple[2])
        justification, confidence, tier = _tier_terms(link.tier)
        yield graph, (node, _JUSTIFICATION, justification)
        yield graph, (node, _CONFIDENCE, confidence)
        yield graph, (node, _SUBJECT_LABEL, string(text))
        yield graph, (node, _MATCH_STRING, string(link.matched.lstrip("~#")))
        yield graph, (node, _LINK_TIER, tier)
        if link.vocabulary:
            yield graph, (node, _OBJECT_SOURCE, _registry_page(link.id.partition(":")[0]))
            if version := self._versions.get(link.vocabulary):
                yield graph, (node, _OBJECT_VERSION, string(version))
        if link.via and (hop := outside_iri(link.via)):
            yield graph, (node, _DERIVED_FROM, iri(hop))


@cache
def _tier_terms(name: str) -> tuple[Term, Term, Term]:
    """Return justification, confidence and concept of a tier."""
    tier = tiers()[name]
    concept = concept_iri("link-tier", name.upper().replace("-", "_"))
    return iri(tier.justification.replace("semapv:", _SEMAPV)), decimal(tier.confidence), iri(concept)


@cache
def _registry_page(prefix: str) -> Term:
    """Return the page of a vocabulary in the registry of vocabularies."""
    return iri(f"https://bioregistry.io/registry/{prefix.lower()}")


def constant_triples() -> Iterator[Triple]:
    """Yield what every release says of the two sets that its mappings belong to."""
    for kind, name in _SETS.items():
        node = iri(shared_iri("mapping-set", name))
        yield node, RDF_TYPE, iri(_SSSOM + "MappingSet")
        yield node, RDFS_LABEL, string(f"names of {kind}s, linked by rule")
        yield node, iri(PREFIXES["dcterms"] + "license"), iri("https://creativecommons.org/publicdomain/zero/1.0/")
    yield iri(_SSSOM + "MappingSet"), RDFS_LABEL, string("mapping set")


def _groups(links: list[Link], kind: str) -> Iterator[Link]:
    """Yield for each thing that a string names the link that names it: the free form of a salt, else the first."""
    for _, group in groupby(sorted(links, key=lambda link: link.part), key=lambda link: link.part):
        some = list(group)
        free = [link for link in some if link.relation == SALT] if kind == DRUG else []
        named = primary(kind, [link.id for link in free]) or primary(kind, [link.id for link in some])
        if named is not None:
            yield next(link for link in some if link.id == named)


def _conditions(record: dict[str, Any]) -> Iterator[tuple[str, RecordContext]]:
    """Yield the names of the conditions of a record, each once, with what the record says around them."""
    protocol = record["protocolSection"]
    names = (protocol.get("conditionsModule") or {}).get("conditions") or ()
    given = {
        "title": (protocol.get("identificationModule") or {}).get("briefTitle"),
        "conditions": names,
        "registryMesh": _meshes(record, "conditionBrowseModule"),
    }
    context = context_of(given)
    for name in dict.fromkeys(context.conditions):
        if name.strip(" ."):
            yield name, context


def _interventions(record: dict[str, Any]) -> Iterator[tuple[int, str, RecordContext]]:
    """Yield number, name and surroundings of each intervention of a record that may be a drug."""
    protocol = record["protocolSection"]
    found = (protocol.get("armsInterventionsModule") or {}).get("interventions") or ()
    for number, one in enumerate(found, 1):
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and name.strip(" .") and one.get("type") in DRUG_TYPES:
            given = one | {
                "title": (protocol.get("identificationModule") or {}).get("briefTitle"),
                "registryMesh": _meshes(record, "interventionBrowseModule"),
            }
            yield number, name, context_of(given)


def _meshes(record: dict[str, Any], module: str) -> Any:
    return ((record.get("derivedSection") or {}).get(module) or {}).get("meshes")


def _one_line(text: str) -> str:
    return " ".join(text.split())
