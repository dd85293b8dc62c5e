"""VoID: what each graph holds, by class and property, and which datasets it links into.

The partitions stand as SIB's void-generator writes them, so that query editors and language models that read those
can read ours: `?named sd:graph ?graph`, `?graph void:classPartition ?c`, `?c void:propertyPartition ?p`, and of
that the class or datatype of the objects. Partitions have IRIs, and no class of their own: a partition that were
a `void:Dataset` would be counted again by whoever adds up `void:triples`.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from trialgraph.release.description_input import GRAPH_TEXTS, ReleaseFacts, graph_node
from trialgraph.release.graph_builder import Node, Sheet
from trialgraph.release.graph_statistics import LITERAL, GraphStatistics, Range, Types
from trialgraph.release.linksets import TARGETS, Target
from trialgraph.terms import RDF_TYPE, Term
from trialgraph.vocabulary import GRAPHS, PREFIXES, RESOURCE

_BY_LENGTH: Final = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))
_SHOW_NOTHING: Final = ("_:", "<")
"""Kinds of blank nodes and of IRIs from anywhere: one may be this and the next that."""
_NAMESPACES_OF_THINGS: Final = (PREFIXES["tgid"], PREFIXES["tggraph"])


def name(term: Term) -> str:
    """Return a name for use in an IRI: prefix and local name where there is a prefix.

    >>> name("<http://rdfs.org/ns/void#Dataset>"), name("<https://example.org/a#b>")
    ('void.Dataset', 'https%3A%2F%2Fexample.org%2Fa%23b')
    """
    iri = term[1:-1]
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace):
            return f"{prefix}.{quote(iri[len(namespace) :], safe='')}"
    return quote(iri, safe="")


def counts(node: Node, counted: GraphStatistics, *, objects: bool = True) -> Node:
    """Say the figures of a graph or of all together; those about objects only when asked for."""
    node.number("void:triples", counted.triples).number("void:entities", counted.entities)
    node.number("void:classes", len(counted.classes)).number("void:properties", len(counted.properties))
    node.number("void:distinctSubjects", counted.subjects.count)
    if objects:
        node.number("void:distinctObjects", counted.resources.count + counted.literals.count)
        node.number("void-ext:distinctLiterals", counted.literals.count)
        node.number("void-ext:distinctIRIReferenceObjects", counted.resources.count)
    return node


def write_graphs(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe each named graph with its partitions."""
    ranges = Ranges(facts.statistics.values())
    for short, counted in facts.statistics.items():
        node = write_graph_node(sheet, facts, short)
        counts(node, counted).term("void:exampleResource", *_examples(counted))
        node.link("void:vocabulary", *vocabularies(counted))
        _Partitions(sheet, short, counted, ranges).write(node)


def write_graph_node(sheet: Sheet, facts: ReleaseFacts, short: str) -> Node:
    """Describe a graph but for what it holds; return it."""
    text = GRAPH_TEXTS[short]
    sheet.about(GRAPHS[short]).a("sd:NamedGraph").link("sd:name", GRAPHS[short]).link(
        "sd:graph", graph_node(short)
    ).string("rdfs:label", text.title)
    node = sheet.about(graph_node(short)).a("sd:Graph", "void:Dataset")
    node.string("rdfs:label", f"{text.title} graph").text("dcterms:title", f"trialgraph: {text.title.lower()} graph")
    node.text("dcterms:description", text.description).link("dcterms:license", text.licence)
    node.typed("dcterms:issued", facts.issued, "date").typed("dcterms:modified", facts.issued, "date")
    node.string("pav:version", facts.version).link("dcterms:source", text.source)
    # HCLS wants the endpoint at the dataset as such only; SPARQLES looks for it at a void:Dataset.
    node.link("void:sparqlEndpoint", f"{facts.site}/sparql")
    for dump in facts.dumps:
        if dump["graph"] == GRAPHS[short]:
            node.link("void:dataDump", f"{facts.downloads}/{file_name(dump['path'])}")
    return node


def file_name(path: str) -> str:
    """Return the name of a dump in the manifest without its folder."""
    return path.rsplit("/", 1)[-1]


def _examples(counted: GraphStatistics) -> list[Term]:
    iris = [example for types, example in sorted(counted.examples.items()) if types and example[0] == "<"]
    return iris[:1]


def vocabularies(counted: GraphStatistics) -> list[str]:
    """Return the namespaces of the classes and properties that are used."""
    used = {*counted.properties, *counted.classes}
    return [
        n for n in PREFIXES.values() if n not in _NAMESPACES_OF_THINGS and any(t.startswith("<" + n) for t in used)
    ]


class Ranges:
    """Which classes the objects of each kind have, in all graphs together."""

    def __init__(self, statistics: Iterable[GraphStatistics]) -> None:
        self._members: dict[str, int] = defaultdict(int)
        self._classes: dict[str, dict[Term, int]] = defaultdict(lambda: defaultdict(int))
        for counted in statistics:
            for (kind, types), subjects in counted.kinds.items():
                self._members[kind] += subjects if types else 0
                for class_ in types:
                    self._classes[kind][class_] += subjects

    def classes(self, range_: Range) -> tuple[Types, bool]:
        """Return the classes of a range that is no datatype, and whether every member has each of them."""
        if isinstance(range_, tuple):
            return range_, True
        if range_ in _SHOW_NOTHING:
            return (), True
        found = self._classes.get(range_, {})
        return tuple(sorted(found)), all(count == self._members[range_] for count in found.values())


class _Partitions:
    """The partitions of one graph."""

    def __init__(self, sheet: Sheet, short: str, counted: GraphStatistics, ranges: Ranges) -> None:
        self._sheet = sheet
        self._start = graph_node(short)
        self._counted = counted
        self._ranges = ranges

    def write(self, graph: Node) -> None:
        """Write the partitions by property, and those by class with their properties."""
        for predicate, triples in self._counted.properties.items():
            node = self._part(name(predicate)).term("void:property", predicate).number("void:triples", triples)
            graph.link("void:propertyPartition", node.iri)
        users = self._users()
        uses = self._uses()
        for class_, entities in self._counted.classes.items():
            node = self._part(name(class_)).term("void:class", class_).number("void:entities", entities)
            graph.link("void:classPartition", node.iri)
            for predicate, subjects in sorted(users[class_].items()):
                property_ = self._part(name(class_), name(predicate)).term("void:property", predicate)
                node.link("void:propertyPartition", property_.iri)
                property_.number("void:distinctSubjects", subjects)
                self._write_ranges(property_, uses[class_, predicate])

    def _write_ranges(self, property_: Node, ranges: dict[Range, int]) -> None:
        property_.number("void:triples", sum(ranges.values()))
        by_class: dict[Term, int | None] = {}
        for range_, triples in ranges.items():
            if isinstance(range_, str) and range_.startswith(LITERAL):
                datatype = range_[len(LITERAL) :]
                node = self._sheet.about(f"{property_.iri}-{name(datatype)}").term("void-ext:datatype", datatype)
                property_.link("void-ext:datatypePartition", node.number("void:triples", triples).iri)
                continue
            classes, all_members = self._ranges.classes(range_)
            for class_ in classes:
                known = by_class.get(class_, 0)
                by_class[class_] = known + triples if all_members and known is not None else None
        for class_, number in sorted(by_class.items()):
            node = self._sheet.about(f"{property_.iri}-{name(class_)}").term("void:class", class_)
            property_.link("void:classPartition", node.number("void:triples", number).iri)

    def _part(self, *names: str) -> Node:
        return self._sheet.about("-".join((self._start, *names)))

    def _users(self) -> dict[Term, dict[Term, int]]:
        users: dict[Term, dict[Term, int]] = defaultdict(lambda: defaultdict(int))
        for (types, predicate), subjects in self._counted.users.items():
            for class_ in types:
                users[class_][predicate] += subjects
        return users

    def _uses(self) -> dict[tuple[Term, Term], dict[Range, int]]:
        uses: dict[tuple[Term, Term], dict[Range, int]] = defaultdict(lambda: defaultdict(int))
        for (types, predicate, range_), triples in self._counted.uses.items():
            for class_ in types:
                uses[class_, predicate][range_] += triples
        return uses


def write_linksets(sheet: Sheet, facts: ReleaseFacts) -> None:
    """Describe the links into other datasets: a linkset for each graph, predicate and target."""
    by_namespace = {"<" + target.namespace: target for target in TARGETS}
    dataset = sheet.about(facts.rdf_iri)
    for short, counted in facts.statistics.items():
        for (predicate, namespace), triples in sorted(counted.links.items()):
            if predicate == RDF_TYPE:
                continue
            target = by_namespace[namespace]
            linkset = sheet.about(f"{graph_node(short)}-links-{target.name}-{name(predicate)}").a("void:Linkset")
            linkset.text("dcterms:title", f"Links of the {short} graph to {target.title}")
            linkset.link("void:subjectsTarget", graph_node(short)).term("void:linkPredicate", predicate)
            linkset.link("void:objectsTarget", _target(sheet, target)).number("void:triples", triples)
            linkset.link("dcterms:license", GRAPH_TEXTS[short].licence)
            dataset.link("void:subset", linkset.iri)


def _target(sheet: Sheet, target: Target) -> str:
    node = sheet.about(f"{RESOURCE}linked-dataset/{target.name}").a("void:Dataset")
    node.text("dcterms:title", target.title).string("rdfs:label", target.title)
    return node.link("foaf:homepage", target.homepage).string("void:uriSpace", target.namespace).iri
