"""The release as a Biolink knowledge graph: nodes and edges in the tables that KGX reads.

Trials, and the drugs, diseases and targets that have an outside identifier Biolink prefers; one edge for each drug
and disease, with the trials that study the one for the other, and one for each drug and target. A trial is no
evidence that a drug works, so the predicate is `biolink:in_clinical_trials_for`, never `biolink:treats`.
What the curated data state is told apart from what the registry's algorithm assigned (MeSH) and from what the names
of a record are linked to. Where two things have one identifier, the shared one names the node.
What is made is kept in a file while it is sorted, so memory does not grow with the number of trials.

>>> compact("<http://purl.obolibrary.org/obo/MONDO_0008433>"), compact("<https://example.org/x>")
('MONDO:0008433', None)
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Self

from trialgraph.release.graph_builder import expand
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import nct_id, prologue

Row = tuple[Term | None, ...]
Select = Callable[[str], Iterable[Row]]
"""Runs a SELECT over all graphs, as `store.Reader.select` does."""
Value = str | list[str]
Record = dict[str, Value]
Edge = tuple[str | None, str, str | None, str]
"""Subject, predicate, object and source; an end that has no identifier is None."""

_CURIES: Final = {
    "http://purl.obolibrary.org/obo/MONDO_": "MONDO",
    "http://purl.obolibrary.org/obo/DOID_": "DOID",
    "http://purl.uniprot.org/uniprot/": "UniProtKB",
    "http://purl.obolibrary.org/obo/CHEBI_": "CHEBI",
    "http://identifiers.org/unii/": "UNII",
    "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID": "PUBCHEM.COMPOUND",
    "http://rdf.ebi.ac.uk/resource/chembl/molecule/": "CHEMBL.COMPOUND",
    "http://identifiers.org/drugbank/": "DRUGBANK",
    "http://id.nlm.nih.gov/mesh/": "MESH",
    "http://identifiers.org/cas/": "CAS",
    "http://identifiers.org/umls/": "UMLS",
    "http://purl.obolibrary.org/obo/NCIT_": "NCIT",
}
"""Outside IRIs as Biolink's CURIEs, in the order of its preference for diseases, proteins and drugs."""
_RANK: Final = {prefix: rank for rank, prefix in enumerate(_CURIES.values())}

_CURATED: Final = {"knowledge_level": "knowledge_assertion", "agent_type": "manual_agent"}
_ASSIGNED: Final = {"knowledge_level": "not_provided", "agent_type": "automated_agent"}
_OURS: Final = "infores:trialgraph"
_REGISTRY: Final = "infores:clinicaltrials"
_STUDIED: Final = "biolink:in_clinical_trials_for"
_SUBCLASS: Final = "biolink:subclass_of"
_BINDS: Final = "biolink:physically_interacts_with"

_PREFIXES: Final = prologue("tg", "rdf", "rdfs", "skos", "dcterms")
_THINGS: Final = """VALUES ?class { tg:Drug tg:Target tg:Disease tg:Condition } ?thing a ?class .
  FILTER(?class != tg:Condition || NOT EXISTS { ?thing tg:denotes ?named })"""
"""Shared things and curated conditions; a name that records write is none."""
_NAMES: Final = f"SELECT ?thing ?label ?class {{ {_THINGS} ?thing rdfs:label ?label }} ORDER BY ?thing ?label ?class"
_IDENTIFIERS: Final = f"SELECT DISTINCT ?thing ?id {{ {_THINGS} ?thing skos:exactMatch ?id }} ORDER BY ?thing ?id"
_WIDER: Final = "SELECT DISTINCT ?narrow ?wide { ?narrow tg:typeOf|tg:stageOf ?wide } ORDER BY ?narrow ?wide"
_STUDIES: Final = """SELECT DISTINCT ?trial ?drug ?condition {
  ?drug a tg:Drug ; tg:investigationalIn ?trial . ?trial tg:condition ?condition } ORDER BY ?trial ?drug ?condition"""
_TARGETS: Final = """SELECT DISTINCT ?drug ?target ?source { ?drug a tg:Drug ; tg:target ?target .
  OPTIONAL { ?drug tg:mechanism ?way . ?way tg:target ?target ; dcterms:source ?source FILTER(isLiteral(?source)) } }
  ORDER BY ?drug ?target ?source"""
_LINKED: Final = """SELECT DISTINCT ?trial ?drug ?disease {
  ?trial tg:studiesDisease ?disease ; tg:intervention ?given . ?given tg:namedAs ?name ; tg:drug ?drug }"""
_ABOVE: Final = """SELECT DISTINCT ?narrow ?wide { ?narrow a tg:Disease ; skos:broader ?wide . ?wide a tg:Disease }
  ORDER BY ?narrow ?wide"""
_MESH: Final = """SELECT ?trial ?drug ?condition {
  ?trial tg:interventionMesh ?drug ; tg:conditionMesh ?condition }"""
_MESH_NAMES: Final = """SELECT DISTINCT ?term ?label {
  { ?trial tg:interventionMesh ?term } UNION { ?trial tg:conditionMesh ?term } ?term rdfs:label ?label }
  ORDER BY ?term ?label"""
_TRIAL_NAMES: Final = "SELECT ?trial ?label { ?trial a tg:Trial ; rdfs:label ?label }"
_CATEGORIES: Final = {
    expand("tg:Drug"): "biolink:Drug",
    expand("tg:Target"): "biolink:Protein",
    expand("tg:Disease"): "biolink:Disease",
    expand("tg:Condition"): "biolink:Disease",
}

_NODE_COLUMNS: Final = ("id", "category", "name", "xref")
_EDGE_COLUMNS: Final = (
    "id", "subject", "predicate", "object", "primary_knowledge_source", "knowledge_level", "agent_type",
    "has_supporting_studies",
)  # fmt: skip
_TRIALS: Final = "CLINICALTRIALS"
_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE node (id TEXT PRIMARY KEY, category TEXT, name TEXT, xref TEXT) WITHOUT ROWID;
CREATE TABLE edge (subject TEXT, predicate TEXT, object TEXT, source TEXT,
  PRIMARY KEY (subject, predicate, object, source)) WITHOUT ROWID;
CREATE TABLE study (subject TEXT, predicate TEXT, object TEXT, source TEXT, trial TEXT,
  PRIMARY KEY (subject, predicate, object, source, trial)) WITHOUT ROWID;
"""
_NAME_TRIAL: Final = "UPDATE node SET name = min(coalesce(nullif(name, ''), :name), :name) WHERE id = :id"
_EDGES: Final = """
SELECT subject, predicate, object, source, (SELECT group_concat(trial, ' ') FROM (SELECT trial FROM study AS s
  WHERE (s.subject, s.predicate, s.object, s.source) = (e.subject, e.predicate, e.object, e.source) ORDER BY trial))
FROM edge AS e ORDER BY subject, predicate, object, source
"""


def compact(term: Term) -> str | None:
    """Return an outside IRI as the CURIE Biolink knows it by, or None."""
    iri = term[1:-1]
    for namespace, prefix in _CURIES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return None


class Tables:
    """Nodes and edges, kept in a file while they are made, so that memory does not grow with them."""

    def __init__(self, path: Path) -> None:
        """`path` is of a file that is not there yet; it is the caller's to remove."""
        self._base = sqlite3.connect(path)
        self._base.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add_node(self, id_: str, category: str, name: str, xref: Iterable[str] = ()) -> None:
        """Add a node; one that is there already stays as it is."""
        self._base.execute("INSERT OR IGNORE INTO node VALUES (?, ?, ?, ?)", (id_, category, name, "|".join(xref)))

    def add_edge(self, edge: Edge, trial: Term | None = None) -> None:
        """Add an edge, and the node of a trial that supports it."""
        if edge[0] and edge[2]:
            self._base.execute("INSERT OR IGNORE INTO edge VALUES (?, ?, ?, ?)", edge)
            if trial:
                number = nct_id(trial[1:-1])
                self._base.execute("INSERT OR IGNORE INTO study VALUES (?, ?, ?, ?, ?)", (*edge, number))
                self.add_node(f"{_TRIALS}:{number}", "biolink:ClinicalTrial", "")

    def name_trial(self, trial: Term, name: str) -> None:
        """Name the node of a trial, if there is one; of several names the first in order is kept."""
        self._base.execute(_NAME_TRIAL, {"name": name, "id": f"{_TRIALS}:{nct_id(trial[1:-1])}"})

    def nodes(self) -> Iterator[Record]:
        """Yield the nodes in the order of their identifiers."""
        for id_, category, name, xref in self._base.execute("SELECT * FROM node ORDER BY id"):
            record: Record = {"id": id_, "category": [category], "name": name}
            yield {**record, "xref": xref.split("|")} if xref else record

    def edges(self) -> Iterator[Record]:
        """Yield the edges in the order of what they join, numbered."""
        for number, (*edge, studies) in enumerate(self._base.execute(_EDGES), 1):
            record: Record = dict(zip(_EDGE_COLUMNS, (f"trialgraph:{number}", *edge), strict=False))
            record |= _ASSIGNED if edge[3] == _REGISTRY else _CURATED
            trials = [f"{_TRIALS}:{trial}" for trial in studies.split()] if studies else []
            yield {**record, "has_supporting_studies": trials} if trials else record

    def write(self, folder: Path) -> list[Path]:
        """Write nodes and edges as TSV and as JSON lines; return the files."""
        written = []
        for name, records, columns in (
            ("nodes", self.nodes(), _NODE_COLUMNS),
            ("edges", self.edges(), _EDGE_COLUMNS),
        ):
            path = folder / f"trialgraph-kgx-{name}"
            lines, table = path.with_suffix(".jsonl"), path.with_suffix(".tsv")
            with lines.open("w", encoding="utf-8") as as_json, table.open("w", encoding="utf-8") as as_table:
                as_table.write("\t".join(columns) + "\n")
                for record in records:
                    as_json.write(json.dumps(record, ensure_ascii=False) + "\n")
                    as_table.write("\t".join(_cell(record.get(column, "")) for column in columns) + "\n")
            written += [lines, table]
        return written


def fill(made: Tables, select: Select) -> None:
    """Fill the tables from a release; things without an outside identifier are left out, and edges to them."""
    ask = _asking(select)
    things = _Things(ask)
    for id_, category, name, others in things.nodes():
        made.add_node(id_, category, name, others)
    for trial, drug, condition in ask(_STUDIES):
        made.add_edge((things.id(drug), _STUDIED, things.id(things.nearest(condition)), _OURS), trial)
    for drug, target, source in ask(_TARGETS):
        said_by = f"infores:{lexical(source)}" if source else _OURS
        made.add_edge((things.id(drug), _BINDS, things.id(target), said_by))
    for trial, drug, disease in ask(_LINKED):
        made.add_edge((things.id(drug), _STUDIED, things.id(disease), _REGISTRY), trial)
    for narrow, wide in ask(_ABOVE):
        made.add_edge((things.id(narrow), _SUBCLASS, things.id(wide), _OURS))
    _add_mesh(made, ask)
    for trial, label in ask(_TRIAL_NAMES):
        made.name_trial(trial, lexical(label))


def _asking(select: Select) -> Callable[[str], Iterator[tuple[Term, ...]]]:
    def ask(query: str) -> Iterator[tuple[Term, ...]]:
        for row in select(_PREFIXES + query):
            yield tuple(value or "" for value in row)

    return ask


class _Things:
    """Names, classes and identifiers of what the tables are about."""

    def __init__(self, ask: Callable[[str], Iterator[tuple[Term, ...]]]) -> None:
        self._class: dict[Term, Term] = {}
        self._name: dict[Term, str] = {}
        for thing, label, class_ in ask(_NAMES):
            self._name.setdefault(thing, lexical(label))
            self._class[thing] = class_
        self._ids: dict[Term, list[str]] = defaultdict(list)
        for thing, identifier in ask(_IDENTIFIERS):
            curie = compact(identifier)
            if curie:
                self._ids[thing].append(curie)
        self._wider = {row[0]: row[1] for row in ask(_WIDER)}

    def id(self, thing: Term) -> str | None:
        """Return the identifier Biolink prefers, or None."""
        return min(self._ids[thing], key=_rank) if thing in self._ids else None

    def name(self, thing: Term) -> str:
        """Return the label, or nothing."""
        return self._name.get(thing, "")

    def nearest(self, condition: Term) -> Term:
        """Return the condition, or the nearest wider one that has an identifier."""
        seen = {condition}
        while condition not in self._ids and condition in self._wider and self._wider[condition] not in seen:
            condition = self._wider[condition]
            seen.add(condition)
        return condition

    def nodes(self) -> Iterator[tuple[str, str, str, list[str]]]:
        """Yield identifier, category, name and further identifiers of all that have an identifier."""
        for thing, ids in self._ids.items():
            first, *others = sorted(ids, key=_rank)
            yield first, _CATEGORIES[self._class[thing][1:-1]], self.name(thing), others


def _rank(curie: str) -> tuple[int, str]:
    return _RANK[curie.partition(":")[0]], curie


def _add_mesh(made: Tables, ask: Callable[[str], Iterator[tuple[Term, ...]]]) -> None:
    """Add what the registry's algorithm assigned: which of the terms stands for which is not known."""
    names = {term: lexical(label) for term, label in ask(_MESH_NAMES)}
    for trial, drug, condition in ask(_MESH):
        for term, category in ((drug, "biolink:ChemicalEntity"), (condition, "biolink:DiseaseOrPhenotypicFeature")):
            made.add_node(compact(term) or "", category, names.get(term, ""))
        made.add_edge((compact(drug), _STUDIED, compact(condition), _REGISTRY), trial)


def _cell(value: Value) -> str:
    """Return a cell of a table: wherever KGX meets a `|`, it takes it for what stands between members of a list."""
    members = [value] if isinstance(value, str) else value
    return "|".join(" ".join(member.replace("|", "/").split()) for member in members)
