"""What is said of a shared thing: type, label, identifiers, what is above it, a drug's targets.

The triples of a thing depend on its identifier and the vocabularies alone, never on the record that names it, so
every record that names it says the same.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from trialgraph.linking.antibody_targets import described_targets
from trialgraph.linking.concept_choice import MATCH
from trialgraph.linking.drug_targets import TargetFact, listed_targets
from trialgraph.linking.label_index import DrugTarget, LabelIndex
from trialgraph.linking.link_result import EXACT, NO_RECORD
from trialgraph.linking.name_rules import rules
from trialgraph.linking.recent_answers import RecentAnswers
from trialgraph.linking.shipped_index import CombinedIndex, ShippedIndex
from trialgraph.linking.substance_choice import Substance, SubstanceChoice
from trialgraph.linking.thing_iris import DISEASE, DRUG, TARGET, curated_things, outside_iri, primary, thing_iri
from trialgraph.resource.name_key import exact_key, is_obsolete
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple, iri, string
from trialgraph.vocabulary import PREFIXES, TG, slug

LINKS: Final = "links"
SHARE_ALIKE: Final = "links-sa"
GraphTriple = tuple[str, Triple]
"""Short name of a graph, and a triple of it."""

_SKOS: Final = PREFIXES["skos"]
_EXACT_MATCH: Final = iri(_SKOS + "exactMatch")
_PREF_LABEL: Final = iri(_SKOS + "prefLabel")
"""For MeSH terms, whose rdfs:label is what the registry calls them."""

_RELATED: Final = iri(_SKOS + "relatedMatch")
_BROADER: Final = iri(_SKOS + "broader")
_REPLACED: Final = iri(PREFIXES["dcterms"] + "isReplacedBy")
_HAS_PART: Final = iri(PREFIXES["dcterms"] + "hasPart")
_SOURCE: Final = iri(PREFIXES["dcterms"] + "source")
_CLASSES: Final = {DISEASE: TG.Disease, DRUG: TG.Drug, TARGET: TG.Target}
_PRODUCT: Final = "biolink:has_gene_product"
_GENE: Final = "biolink:gene_product_of"
_WITH_MECHANISMS: Final = frozenset(("drugcentral", "chembl"))
_ALT_LABEL: Final = iri(_SKOS + "altLabel")
_OTHER_NAMES: Final = {
    DISEASE: frozenset(("exact",)),
    DRUG: frozenset(("brand", "code", "exact")),
    TARGET: frozenset(("exact", "unknown")),
}
"""Scopes of the names that are published beside a label."""

_PLAIN: Final = re.compile(r"[^\W_][^(){}\[\];|]{1,39}")
"""A name that people write; systematic names of chemistry are longer or have brackets."""

_MOST_NAMES: Final = 24
_REMEMBERED: Final = 1 << 13
"""Things whose triples are remembered; more are rarely named by records near each other."""
_HUMAN: Final = "Homo sapiens"
_HIDDEN: Final = frozenset(("UMLS", "SNOMEDCT"))
"""Identifiers of these are not published."""


@dataclass(slots=True)
class Things:
    """Tells the triples of things; remembers those of the latest."""

    base: LabelIndex | ShippedIndex | CombinedIndex
    index: LabelIndex | None
    """The installed vocabularies, where there are any: they have parents, mechanisms and licences."""
    _publish: dict[str, str] = field(init=False)
    _choice: SubstanceChoice = field(init=False)
    _told: RecentAnswers[tuple[GraphTriple, ...]] = field(default_factory=lambda: RecentAnswers(_REMEMBERED))

    def __post_init__(self) -> None:
        named = [] if self.index is None else self.index.vocabularies()
        self._publish = {one.name: one.publish for one in named}
        self._choice = SubstanceChoice(self.base, rules())

    def triples(self, kind: str, id_: str, label: str = "") -> tuple[GraphTriple, ...]:
        """Return what is said of the thing of this kind and identifier; `label` where no vocabulary has one."""
        # A label that a record gives is part of the question: its triples must not hang on the records before it.
        given = "" if self.base.label(id_) else label
        told = self._told.recall((kind, id_, given))
        return told or self._told.keep((kind, id_, given), tuple(dict.fromkeys(self._thing(kind, id_, given))))

    def graph(self, vocabulary: str) -> str:
        """Return the graph for what a vocabulary says."""
        return SHARE_ALIKE if self._publish.get(vocabulary) == "share-alike" else LINKS

    def _thing(self, kind: str, id_: str, label: str) -> Iterator[GraphTriple]:
        node = iri(thing_iri(kind, id_))
        name = self.base.label(id_) or label
        yield LINKS, (node, RDF_TYPE, iri(_CLASSES[kind]))
        if not name and id_.upper() not in curated_things(kind):  # no thing is without a label
            yield LINKS, (node, RDFS_LABEL, string(id_))
        if name:
            own = id_.upper() not in curated_things(kind)
            yield LINKS, (node, RDFS_LABEL if own else _ALT_LABEL, string(_written(kind, name)))
            for other in self._other_names(kind, id_):
                yield LINKS, (node, _ALT_LABEL, string(other))
        if outside := outside_iri(id_):
            yield LINKS, (node, _EXACT_MATCH if kind != TARGET else _RELATED, iri(outside))
            if name and self._labels_published(id_):
                label = _PREF_LABEL if id_.startswith("MESH:") else RDFS_LABEL
                yield LINKS, (iri(outside), label, string(name))
        yield from {DISEASE: self._disease, DRUG: self._drug, TARGET: self._target}[kind](node, id_, name)

    def _other_names(self, kind: str, id_: str) -> list[str]:
        """Return brands, codes and synonyms of a thing that may be published and that people write."""
        if not self._labels_published(id_):
            return []
        fit = (text for text, scope in self.base.names(id_) if scope in _OTHER_NAMES[kind] and _PLAIN.fullmatch(text))
        label = self.base.label(id_)
        return [text for text in dict.fromkeys(fit) if text != label][:_MOST_NAMES]

    def _labels_published(self, id_: str) -> bool:
        term = self.index.term(id_) if self.index is not None else None
        return term is None or self._publish.get(term[2]) == "all"

    def _disease(self, node: str, id_: str, _: str) -> Iterator[GraphTriple]:
        for mapping in self.base.mapping(id_):
            gone = is_obsolete(self.base.label(mapping.target) or "")
            if mapping.predicate == MATCH and mapping.target.partition(":")[0] not in _HIDDEN and not gone:
                yield from self._also(node, DISEASE, id_, mapping.target)
        for above in self.index.parents(id_) if self.index is not None else ():
            parent = self.named(DISEASE, above)
            label = self.base.label(parent)
            if label and primary(DISEASE, [parent]) and not is_obsolete(label):
                yield LINKS, (node, _BROADER, iri(thing_iri(DISEASE, parent)))
                yield from self.triples(DISEASE, parent)

    def named(self, kind: str, id_: str) -> str:
        """Return the identifier that names the thing of this one: the first of its exact matches that are known.

        One that its owner has given up names nothing.
        """
        matched = [m.target for m in self.base.mapping(id_) if m.predicate == MATCH]
        same = [one for one in matched if (label := self.base.label(one)) and not is_obsolete(label)]
        return primary(kind, [id_, *same]) or id_

    def is_disease(self, id_: str) -> bool:
        """Return whether a MeSH term is a disease: by its place in the trees, or by its match in MONDO."""
        term = self.index.term(id_) if self.index is not None else None
        return term[1] == DISEASE if term else self.named(DISEASE, id_) != id_

    def _drug(self, node: str, id_: str, name: str) -> Iterator[GraphTriple]:
        same = [one for one in self._substances(name) if one.relation == EXACT] if name else []
        if any(one.id == id_ for one in same):
            for one in same:
                if one.id != id_:
                    yield from self._also(node, DRUG, id_, one.id)
            for one in self._substances(name):
                if one.relation != EXACT and one.id.partition(":")[0] == id_.partition(":")[0]:
                    yield LINKS, (node, _BROADER, iri(thing_iri(DRUG, one.id)))
                    yield from self.triples(DRUG, one.id)
        antibody = self._antibody(name)
        parts = self._parts(id_, name)
        for part in parts:
            yield LINKS, (node, _HAS_PART, iri(thing_iri(DRUG, part)))
            yield from self.triples(DRUG, part)
        mechanisms = self._mechanisms(id_, name) or (self._mechanisms(*antibody) if antibody else [])
        mechanisms = mechanisms or [
            way for part in parts for way in self._mechanisms(part, self.base.label(part) or "")
        ]
        told: set[str] = set()
        for number, found in enumerate(mechanisms, 1):
            if (gene := self._known_gene(found.mechanism.target)) is not None:
                told.add(gene)
                yield from self._mechanism(node, found, gene, number)
        for fact in (fact for one in (id_, *antibody[:1], *parts) for fact in listed_targets(one)):
            if fact.gene not in told:
                told.add(fact.gene)
                yield from self._target_of(node, fact)
        if not told and self.index is not None:
            named = (text for one in (id_, *antibody[:1]) for text, _ in self.index.names(one))
            for gene in described_targets(named, self.base):
                yield from self._target_of(node, TargetFact(gene, self.base.label(gene) or "", "", "unii"))

    def _target_of(self, node: str, fact: TargetFact) -> Iterator[GraphTriple]:
        """Yield a target of a drug, the mechanism, and what is said of the target."""
        symbol = self.base.label(fact.gene) or fact.symbol
        yield LINKS, (node, iri(TG.target), iri(thing_iri(TARGET, fact.gene)))
        yield from self._way(LINKS, node, f"{slug(fact.gene)}/1", fact.gene, symbol, fact.action, fact.source)
        yield from self.triples(TARGET, fact.gene, fact.symbol)

    def _parts(self, id_: str, name: str) -> list[str]:
        """Return the two drugs whose labels a fixed combination has for its own: sacubitril valsartan; else none."""
        tokens = exact_key(name).split()
        if self.index is None or not id_.startswith("UNII:") or len(tokens) != 2 or tokens[1] in rules().salts:
            return []
        ids = [
            [e.id for e in self.base.lookup(token) if e.scope == "label" and e.vocabulary == "unii"]
            for token in tokens
        ]
        both = [found[0] for found in ids if len(found) == 1]
        marketed = all(self._mechanisms(part, self.base.label(part) or "") for part in both)
        return both if len(both) == 2 and marketed else []

    def _antibody(self, name: str) -> tuple[str, str] | tuple[()]:
        """Return the antibody of a conjugate, which has its target: trastuzumab of trastuzumab deruxtecan."""
        first, _, rest = name.partition(" ")
        if not rest or not first.casefold().endswith("mab"):
            return ()
        ids = {e.id for e in self.base.lookup(exact_key(first)) if e.scope == "label" and e.vocabulary == "unii"}
        return (next(iter(ids)), first) if len(ids) == 1 else ()

    def _substances(self, name: str) -> list[Substance]:
        return self._choice.choose(name, self.base.lookup(exact_key(name)), NO_RECORD)

    def _also(self, node: str, kind: str, id_: str, other: str) -> Iterator[GraphTriple]:
        """Yield another identifier of a thing, and the redirect from the name it would have had by that one."""
        outside = outside_iri(other)
        if outside is None:
            return
        yield LINKS, (node, _EXACT_MATCH, iri(outside))
        if primary(kind, [id_, other]) == id_ and primary(kind, [other]) and thing_iri(kind, other) != node[1:-1]:
            yield LINKS, (iri(thing_iri(kind, other)), _REPLACED, node)

    def _mechanisms(self, id_: str, name: str) -> list[DrugTarget]:
        """Return the mechanisms of a drug on human proteins: by its identifier, its other names, its salts."""
        if self.index is None:
            return []
        found = {
            (one.mechanism.target, one.mechanism.action): one
            for one in self.index.mechanisms(id_)
            or self._by_name(self._synonyms(id_))
            or self._by_name(self._salts(name))
            if one.mechanism.organism in {"", _HUMAN}
        }
        return [found[key] for key in sorted(found)]

    def _synonyms(self, id_: str) -> Iterator[str]:
        for text, scope in self.index.names(id_) if self.index is not None else ():
            if scope in {"label", "exact"}:
                yield text

    def _salts(self, name: str) -> Iterator[str]:
        """Yield the names of a free form's salts."""
        if name and not any(word in rules().salts for word in exact_key(name).split()):
            yield from (f"{name} {salt}" for salt in dict.fromkeys(rules().salts.values()))

    def _by_name(self, names: Iterable[str]) -> list[DrugTarget]:
        """Return the mechanisms of the first of these names whose label a vocabulary of mechanisms has."""
        if self.index is None:
            return []
        for name in names:
            for entry in self.index.lookup(exact_key(name)):
                marketed = entry.vocabulary in _WITH_MECHANISMS and entry.scope == "label"
                if marketed and (found := self.index.mechanisms(entry.id)):
                    return list(found)
        return []

    def _mechanism(self, node: str, found: DrugTarget, gene: str, number: int) -> Iterator[GraphTriple]:
        graph = self.graph(found.source)
        yield graph, (node, iri(TG.target), iri(thing_iri(TARGET, gene)))
        symbol, action = self.base.label(gene) or "", found.mechanism.action
        yield from self._way(graph, node, f"{slug(gene)}/{number}", gene, symbol, action, found.source)
        yield from self.triples(TARGET, gene)

    @staticmethod
    def _way(  # noqa: PLR0917
        graph: str, node: str, tail: str, gene: str, symbol: str, action: str, source: str
    ) -> Iterator[GraphTriple]:
        """Yield the node of one mechanism: type, label, target, type of action, and the vocabulary that says so."""
        way = iri(f"{node[1:-1]}/mechanism/{tail}")
        yield graph, (node, iri(TG.mechanism), way)
        yield graph, (way, RDF_TYPE, iri(TG.Mechanism))
        yield graph, (way, RDFS_LABEL, string(f"{action.lower() or 'action'} on {symbol}"))
        yield graph, (way, iri(TG.target), iri(thing_iri(TARGET, gene)))
        if action:
            yield graph, (way, iri(TG.actionType), string(action))
        yield graph, (way, _SOURCE, string(source))

    def _known_gene(self, protein: str) -> str | None:
        """Return the gene of a protein where it has a label, else None."""
        gene = self._gene(protein)
        return gene if gene is not None and self.base.label(gene) is not None else None

    def _gene(self, protein: str) -> str | None:
        """Return the gene of a protein, or None when it is not known or there are several."""
        genes = {m.target for m in self.base.mapping(protein) if m.predicate == _GENE}
        return next(iter(genes)) if len(genes) == 1 else None

    def _target(self, node: str, id_: str, _: str) -> Iterator[GraphTriple]:
        for mapping in self.base.mapping(id_):
            outside = outside_iri(mapping.target)
            if outside is None:
                continue
            if mapping.predicate == _PRODUCT:
                yield LINKS, (node, _EXACT_MATCH, iri(outside))
            elif mapping.predicate == MATCH:
                yield LINKS, (node, _RELATED, iri(outside))


def _written(kind: str, name: str) -> str:
    """Return the label of a thing: UNII writes capitals where others write words.

    >>> _written("drug", "SILDENAFIL CITRATE"), _written("drug", "AZD-1222"), _written("disease", "COVID-19")
    ('sildenafil citrate', 'AZD-1222', 'COVID-19')
    """
    shouted = kind == DRUG and name.isupper() and len(name) > 4 and not any(c.isdigit() for c in name)
    return name.lower() if shouted else name
