"""The release as a Biolink knowledge graph: nodes and edges in the tables that KGX reads.

Trials, and the drugs, diseases and targets that have an outside identifier Biolink prefers; one edge for each drug
and disease, with the trials that study the one for the other, and one for each drug and target. A trial is no
evidence that a drug works, so the predicate is `biolink:in_clinical_trials_for`, never `biolink:treats`.
What the curated data state is told apart from what the registry's algorithm assigned (MeSH).

>>> compact("<http://purl.obolibrary.org/obo/MONDO_0008433>"), compact("<https://example.org/x>")
('MONDO:0008433', None)
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trialgraph.release.sheet import expand
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import nct_id, trial_iri

Row = tuple[Term | None, ...]
Select = Callable[[str], Iterable[Row]]
"""Runs a SELECT over all graphs, as `store.Reader.select` does."""
Value = str | list[str]
Record = dict[str, Value]

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
_BINDS: Final = "biolink:physically_interacts_with"

_PREFIXES: Final = "".join(f"PREFIX {prefix}: <{expand(prefix + ':')}>\n" for prefix in ("tg", "rdf", "rdfs", "skos"))
_NAMES: Final = """SELECT ?thing ?label ?class {
  VALUES ?class { tg:Trial tg:Drug tg:Target tg:Condition } ?thing a ?class ; rdfs:label ?label }
  ORDER BY ?thing ?label"""
_IDENTIFIERS: Final = """SELECT DISTINCT ?thing ?id {
  VALUES ?class { tg:Drug tg:Target tg:Condition } ?thing a ?class ; skos:exactMatch ?id } ORDER BY ?thing ?id"""
_WIDER: Final = "SELECT DISTINCT ?narrow ?wide { ?narrow tg:typeOf|tg:stageOf ?wide } ORDER BY ?narrow ?wide"
_STUDIES: Final = """SELECT DISTINCT ?trial ?drug ?condition {
  ?drug a tg:Drug ; tg:investigationalIn ?trial . ?trial tg:condition ?condition } ORDER BY ?trial ?drug ?condition"""
_TARGETS: Final = "SELECT DISTINCT ?drug ?target { ?drug a tg:Drug ; tg:target ?target } ORDER BY ?drug ?target"
_MESH: Final = """SELECT DISTINCT ?trial ?drug ?condition {
  ?trial tg:interventionMesh ?drug ; tg:conditionMesh ?condition }"""
_MESH_NAMES: Final = """SELECT DISTINCT ?term ?label {
  { ?trial tg:interventionMesh ?term } UNION { ?trial tg:conditionMesh ?term } ?term rdfs:label ?label }
  ORDER BY ?term ?label"""
_CATEGORIES: Final = {
    expand("tg:Trial"): "biolink:ClinicalTrial",
    expand("tg:Drug"): "biolink:Drug",
    expand("tg:Target"): "biolink:Protein",
    expand("tg:Condition"): "biolink:Disease",
}


def compact(term: Term) -> str | None:
    """Return an outside IRI as the CURIE Biolink knows it by, or None."""
    iri = term[1:-1]
    for namespace, prefix in _CURIES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return None


@dataclass
class Tables:
    """Nodes and edges by their identifiers."""

    nodes: dict[str, Record] = field(default_factory=dict)
    edges: dict[tuple[str, str, str, str], Record] = field(default_factory=dict)
    """By subject, predicate, object and source."""

    def write(self, folder: Path) -> list[Path]:
        """Write nodes and edges as TSV and as JSON lines, sorted; return the files."""
        nodes = [self.nodes[id_] for id_ in sorted(self.nodes)]
        edges = [
            {"id": f"trialgraph:{number}", **self.edges[key]} for number, key in enumerate(sorted(self.edges), 1)
        ]
        written = []
        for name, records in (("nodes", nodes), ("edges", edges)):
            path = folder / f"trialgraph-kgx-{name}"
            path.with_suffix(".jsonl").write_text("".join(map(_json, records)), encoding="utf-8")
            path.with_suffix(".tsv").write_text("".join(_tsv(records)), encoding="utf-8")
            written += [path.with_suffix(".jsonl"), path.with_suffix(".tsv")]
        return written


def tables(select: Select) -> Tables:
    """Return the tables of a release; things without an outside identifier are left out, and edges to them."""
    made, ask = Tables(), _asking(select)
    things = _Things(ask)
    for trial, drug, condition in ask(_STUDIES):
        _edge(made, (things.id(drug), _STUDIED, things.id(things.nearest(condition)), _OURS), _CURATED, trial)
    for drug, target in ask(_TARGETS):
        _edge(made, (things.id(drug), _BINDS, things.id(target), _OURS), _CURATED)
    made.nodes |= {str(record["id"]): record for record in things.records()}
    _add_mesh(made, ask)
    _add_trials(made, things)
    return made


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

    def records(self) -> Iterator[Record]:
        """Yield the nodes of all drugs, targets and conditions with an identifier."""
        for thing, ids in self._ids.items():
            first, *others = sorted(ids, key=_rank)
            record: Record = {
                "id": first,
                "category": [_CATEGORIES[self._class[thing][1:-1]]],
                "name": self.name(thing),
            }
            yield {**record, "xref": others} if others else record


def _rank(curie: str) -> tuple[int, str]:
    return _RANK[curie.partition(":")[0]], curie


def _edge(
    made: Tables, ends: tuple[str | None, str, str | None, str], level: dict[str, str], trial: Term | None = None
) -> None:
    subject, predicate, object_, source = ends
    if not subject or not object_:
        return
    said: Record = {
        "subject": subject,
        "predicate": predicate,
        "object": object_,
        "primary_knowledge_source": source,
        **level,
    }
    record = made.edges.setdefault((subject, predicate, object_, source), said)
    studies = record.setdefault("has_supporting_studies", []) if trial else []
    if trial and isinstance(studies, list) and (curie := _trial(trial)) not in studies:
        studies.append(curie)


def _trial(trial: Term) -> str:
    return f"CLINICALTRIALS:{nct_id(trial[1:-1])}"


def _add_mesh(made: Tables, ask: Callable[[str], Iterator[tuple[Term, ...]]]) -> None:
    """Add what the registry's algorithm assigned: which of the terms stands for which is not known."""
    names = {term: lexical(label) for term, label in ask(_MESH_NAMES)}
    for trial, drug, condition in ask(_MESH):
        for term, category in ((drug, "biolink:ChemicalEntity"), (condition, "biolink:DiseaseOrPhenotypicFeature")):
            curie = compact(term) or ""
            made.nodes.setdefault(curie, {"id": curie, "category": [category], "name": names.get(term, "")})
        _edge(made, (compact(drug), _STUDIED, compact(condition), _REGISTRY), _ASSIGNED, trial)


def _add_trials(made: Tables, things: _Things) -> None:
    for edge in made.edges.values():
        for study in edge.get("has_supporting_studies", ()):
            name = things.name(f"<{trial_iri(study.partition(':')[2])}>")
            made.nodes.setdefault(study, {"id": study, "category": ["biolink:ClinicalTrial"], "name": name})


def _json(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _tsv(records: list[Record]) -> Iterator[str]:
    """Yield the lines of a table; lists have `|` between their members, as KGX reads them."""
    columns = list(dict.fromkeys(key for record in records for key in record))
    yield "\t".join(columns) + "\n"
    for record in records:
        yield "\t".join(_cell(record.get(column, "")) for column in columns) + "\n"


def _cell(value: Value) -> str:
    text = value if isinstance(value, str) else "|".join(member.replace("|", " ") for member in value)
    return " ".join(text.split())
