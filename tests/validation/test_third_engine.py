"""Our shapes in pyrudof, an engine that shares no code with ours: the same focus nodes, rules and severities."""

import json
import tempfile
from collections import Counter
from pathlib import Path

import pyrudof
import pytest
from tests import curated
from tests.validation import records

from trialgraph import terms
from trialgraph.interpretation.interpretation_triples import interpretation_triples
from trialgraph.linking.label_index import LabelIndex
from trialgraph.linking.record_links import RecordLinker
from trialgraph.mapping import Plan
from trialgraph.settings import packaged
from trialgraph.validation import compile_shapes, read_shapes, validate

SHAPES = packaged("shapes")
PARTS = {
    "records": sorted(SHAPES.glob("registry*.ttl")),
    "interpretation": sorted((SHAPES / "interpretation").glob("*.ttl")),
    "links": [
        path for path in sorted((SHAPES / "links").glob("*.ttl")) if "sh:sparql" not in path.read_text("utf-8")
    ],
}
QUESTIONS = curated.HERE / "questions"
SPARQL = "SPARQLConstraintComponent"
"""pyrudof reads SHACL Core; rules in SPARQL are held against pySHACL elsewhere."""
LESS = "LessThan"
"""pyrudof is content with values that cannot be compared, which SHACL 4.5.3 counts as results; damage makes some."""


@pytest.fixture(scope="module")
def ontology():
    return records.ontology()


@pytest.fixture(scope="module")
def graphs(ontology):
    """For each part some graphs that it holds for: of small records of our own, and of real ones where they are."""
    plan = Plan.compile(ontology)
    small = [record for path in sorted(QUESTIONS.glob("*records.json")) for record in json.loads(path.read_text())]
    found = {"records": [plan.to_triples(record) for record in small], "interpretation": [], "links": []}
    if records.RECORDS.is_file():
        found["records"] += records.graphs(every=300)
    found["interpretation"] = [list(interpretation_triples(record, "<urn:v>")) for record in small]
    with (
        tempfile.TemporaryDirectory() as folder,
        LabelIndex.open(curated.small_index(Path(folder))) as index,
    ):
        linker = RecordLinker(index)
        found["links"] = [[triple for _, triple in linker.triples(record)] for record in small]
    return found


class Rudof:
    """The shapes of a part in pyrudof."""

    def __init__(self, part, ontology):
        self.background = "".join(map(terms.line, ontology))
        self.engine = pyrudof.Rudof(pyrudof.RudofConfig())
        text = "\n".join(path.read_text("utf-8") for path in [SHAPES / "prefixes.ttl", *PARTS[part]])
        self.engine.read_shacl(text, pyrudof.ShaclFormat.Turtle)

    def results(self, triples):
        """Return focus node, rule and severity of each result."""
        text = "".join(map(terms.line, triples)) + self.background
        self.engine.read_data(text, pyrudof.RDFFormat.NTriples, merge=False)
        return Counter(
            (entry.focus_node.strip("<>"), entry.constraint_component.rpartition("#")[2], str(entry.severity))
            for entry in self.engine.validate_shacl()
            if SPARQL not in entry.constraint_component
        )


def ours(checker, triples):
    return Counter(
        (result.focus_node.strip("<>"), result.component[1:-1].rpartition("#")[2], result.severity[1:-1].rpartition("#")[2])
        for result in checker.check(triples)
        if SPARQL not in result.component
    )  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_another_engine_gives_the_same_verdict_on_records_and_on_broken_ones(part, graphs, ontology):
    rudof = Rudof(part, ontology)
    checker = compile_shapes(read_shapes(*PARTS[part], SHAPES / "prefixes.ttl"), background=ontology)
    compared = Counter()
    for seed, graph in enumerate(graph for graph in graphs[part] if graph):
        for triples in (graph, records.damaged(graph, seed)):
            # Blank nodes have other names in each engine; pyrudof takes an ill-formed literal for one of its datatype
            # (SHACL 4.1.2 does not, and pySHACL agrees).
            named = [
                triple
                for triple in triples
                if not any(term.startswith("_:") for term in triple) and triple[2] != records.ILL_FORMED
            ]
            expected, found = ours(checker, named), rudof.results(named)
            if triples is not graph:
                expected, found = (
                    Counter({k: n for k, n in c.items() if LESS not in k[1]}) for c in (expected, found)
                )
            assert found == expected
            compared[triples is graph] += expected.total()
    assert compared[False] > 5, "the damage is noticed"


@pytest.mark.slow
@pytest.mark.parametrize("part", ["interpretation", "links"])
def test_pyshacl_gives_the_same_verdict_on_what_is_derived(part, graphs, ontology):
    shapes = read_shapes(*PARTS[part], SHAPES / "prefixes.ttl")
    checker = compile_shapes(shapes, background=ontology)
    for seed, graph in enumerate(graph for graph in graphs[part][:6] if graph):
        for triples in (graph, records.damaged(graph, seed)):
            named = [triple for triple in triples if not any(term.startswith("_:") for term in triple)]
            report = validate(named, shapes, background=ontology)
            found = Counter(
                (r.focus_node.strip("<>"), r.component[1:-1].rpartition("#")[2], r.severity[1:-1].rpartition("#")[2])
                for r in report.results
                if SPARQL not in r.component
            )
            assert found == ours(checker, named)
