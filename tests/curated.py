"""The curated graphs in a store, the SPARQL examples, and answers as plain values."""

import json
import re
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

from trialgraph import terms
from trialgraph.interpretation.interpretation_triples import interpretation_triples
from trialgraph.linking.index_builder import VocabularySource, build_index
from trialgraph.linking.label_index import INDEX_FILE, LabelIndex
from trialgraph.linking.publication_links import publication_triples
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.vocabulary_items import Mechanism, Name, Term, TermMapping
from trialgraph.mapping import Plan
from trialgraph.pipeline.history import Version, revision
from trialgraph.pipeline.record_diff import FieldChange
from trialgraph.settings import packaged
from trialgraph.vocabulary import BASE, TG, Graph

HERE = Path(__file__).resolve().parent
SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
FORMS = {SH + "SPARQLSelectExecutable": SH + "select", SH + "SPARQLAskExecutable": SH + "ask"}
TYPES = {
    XSD + "integer": int,
    XSD + "decimal": Decimal,
    XSD + "boolean": lambda text: text == "true",
    XSD + "string": str,
    XSD + "date": str,
    XSD + "gYearMonth": str,
    XSD + "date": str,
}


@dataclass(frozen=True)
class Example:
    """One file of data/examples."""

    path: Path
    name: str
    query: str
    triples: frozenset

    def objects(self, predicate):
        """Return what the example itself says with a predicate."""
        return {t.object for t in self.triples if t.predicate.value == predicate}


def load(store, graph, paths):
    """Add Turtle files to one named graph of a store."""
    for path in paths:
        store.load(path=path, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(graph))


def store(*, seed=True):
    """Return a store with the ontology and the curated graphs; without the seed's when `seed` is false."""
    made = ox.Store()
    load(made, Graph.ONTOLOGY, sorted(packaged("ontology").glob("*.ttl")))
    curated = packaged("data") / "curated"
    load(made, Graph.MIRRORS, [curated / "mirrors.ttl"])
    if seed:
        load(made, Graph.SEED, sorted(curated.glob("seed*.ttl")))
    return made


def registry():
    """Return a store with the ontology and the few records of questions/records.json."""
    made = ox.Store()
    files = sorted(packaged("ontology").glob("*.ttl"))
    load(made, Graph.ONTOLOGY, files)
    plan = Plan.compile(tuple(map(str, quad.triple)) for file in files for quad in ox.parse(path=file))
    records = json.loads((HERE / "questions" / "records.json").read_text("utf-8"))
    lines = "".join(terms.line(triple) for record in records for triple in plan.to_triples(record))
    made.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(Graph.REGISTRY))
    return made


def interpreted(file="eligibility-records.json"):
    """Return a store with the ontology, the records of a file in questions/ and what their texts say."""
    made = ox.Store()
    files = sorted(packaged("ontology").glob("*.ttl"))
    load(made, Graph.ONTOLOGY, files)
    plan = Plan.compile(tuple(map(str, quad.triple)) for file in files for quad in ox.parse(path=file))
    records = json.loads((HERE / "questions" / file).read_text("utf-8"))
    for graph, said in (
        (Graph.REGISTRY, (triple for record in records for triple in plan.to_triples(record))),
        (Graph.INTERPRETATION, (triple for record in records for triple in interpretation_triples(record, "<v:1>"))),
    ):
        lines = "".join(map(terms.line, said))
        made.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))
    return made


def linked():
    """Return a store with ontology, curated data and the records of questions/linked-records.json, linked and read."""
    made = store()
    files = sorted(packaged("ontology").glob("*.ttl"))
    plan = Plan.compile(tuple(map(str, quad.triple)) for file in files for quad in ox.parse(path=file))
    records = json.loads((HERE / "questions" / "linked-records.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder, LabelIndex.open(small_index(Path(folder))) as index:
        linker = RecordLinker(index)
        for record in records:
            said = list(plan.to_triples(record))
            lines = "".join(map(terms.line, said))
            made.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(Graph.REGISTRY))
            links = [*linker.triples(record), *(("links", triple) for triple in publication_triples(said))]
            drugs = {}
            for _, (subject, predicate, drug) in links:
                if predicate == terms.iri(TG.drug):
                    drugs.setdefault(subject, []).append(drug)
            read = (("interpretation", triple) for triple in interpretation_triples(record, "<v:1>", drugs))
            for graph, triple in [*links, *read]:
                target = ox.NamedNode(BASE + "graph/" + graph)
                made.load(terms.line(triple).encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=target)
    change = FieldChange(("protocolSection", "statusModule", "overallStatus"), "RECRUITING", "COMPLETED")
    versions = (Version("NCT90000012", day, 1) for day in ("2024-09-01", "2024-02-01"))
    lines = "".join(map(terms.line, revision(*versions, [change])))
    made.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(Graph.HISTORY))
    return made


def small_index(folder, license_=""):
    """Return an index of a few terms of our own choosing; the facts in it are public, with a licence also labels."""
    cancer = Term("MONDO:0004992", "cancer", "disease")
    breast = Term("MONDO:0007254", "breast cancer", "disease", (), ("MONDO:0004992",))
    heart = Term("MONDO:0005252", "heart failure", "disease")
    drugs = [
        Term("UNII:DPT0O3T46P", "PEMBROLIZUMAB", "drug", (Name("KEYTRUDA", "brand"),)),
        Term("UNII:D40H7X1YZ0", "TIFCEMALIMAB", "drug"),
        Term("UNII:JMS50MPO89", "LOSARTAN", "drug"),
        Term("UNII:69PN84IO1A", "ENALAPRIL", "drug"),
        Term("UNII:BG3F62OND5", "CARBOPLATIN", "drug"),
        Term("UNII:6PLQ3CP4P3", "ETOPOSIDE", "drug"),
    ]
    genes = [
        Term("HGNC:8760", "PDCD1", "target"),
        Term("HGNC:21087", "BTLA", "target"),
        Term("HGNC:336", "AGTR1", "target"),
        TermMapping("HGNC:8760", "biolink:has_gene_product", "UNIPROT:Q15116"),
        TermMapping("HGNC:21087", "biolink:has_gene_product", "UNIPROT:Q7Z6A9"),
        TermMapping("HGNC:336", "biolink:has_gene_product", "UNIPROT:P30556"),
    ]
    acts = [
        Term("DRUGCENTRAL:1", "pembrolizumab", "drug"),
        Mechanism("DRUGCENTRAL:1", "UNIPROT:Q15116", "PDCD1", "programmed cell death protein 1", "INHIBITOR"),
        Term("DRUGCENTRAL:2", "losartan", "drug"),
        Mechanism("DRUGCENTRAL:2", "UNIPROT:P30556", "AGTR1", "angiotensin receptor", "ANTAGONIST"),
    ]
    sources = {"mondo": [cancer, breast, heart], "unii": drugs, "hgnc": genes, "drugcentral": acts}
    publish = {"drugcentral": "share-alike"}
    build_index(
        folder / INDEX_FILE,
        [
            VocabularySource(name, name, items, license=license_, publish=publish.get(name, "all"))
            for name, items in sources.items()
        ],
    )
    return folder / INDEX_FILE


def examples():
    """Return every example, by file name."""
    folder = packaged("data") / "examples"
    return [_example(path) for path in sorted(folder.glob("*.ttl")) if path.name != "prefixes.ttl"]


def _example(path):
    triples = frozenset(quad.triple for quad in ox.parse(path=path))
    texts = [t.object.value for t in triples if t.predicate.value in FORMS.values()]
    return Example(path, path.stem.split("-", 1)[0], texts[0] if texts else "", triples)


def expected():
    """Return the expected answers, by name of the example."""
    return json.loads((HERE / "questions" / "expected.json").read_text("utf-8"), parse_float=Decimal)


def answer(a_store, query):
    """Return the answer as it stands in expected.json; without FROM the default graph is the union of all."""
    # Asked for the union, pyoxigraph lets it win over FROM.
    union = re.search(r"^FROM\b", query, re.MULTILINE) is None
    return plain(a_store.query(query, use_default_graph_as_union=union))


def plain(results):
    """Return results of the engine as they stand in expected.json."""
    if isinstance(results, ox.QueryBoolean):
        return {"boolean": bool(results)}
    return {
        "columns": [variable.value for variable in results.variables],
        "rows": [[value(term) for term in row] for row in results],
    }


def value(term):
    """Return a term as JSON has it: number, boolean, text, an IRI between brackets, null when unbound."""
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        return TYPES[term.datatype.value](term.value)
    return str(term)
