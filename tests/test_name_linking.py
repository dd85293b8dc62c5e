"""Names of conditions and drugs are linked as the guide of linking says, and known confusions of others are not made."""

import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import curated

from trialgraph.linking import string_linker, substance_choice, things
from trialgraph.linking.condition_linker import ConditionLinker
from trialgraph.linking.drug_linker import DrugLinker
from trialgraph.linking.drug_text import parts_of
from trialgraph.linking.index_builder import VocabularySource, build_index
from trialgraph.linking.label_index import INDEX_FILE, Entry, LabelIndex, MappedTerm
from trialgraph.linking.link_result import RELATIONS, RecordContext
from trialgraph.linking.link_tiers import tiers
from trialgraph.linking.name_rules import rules
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.shipped_index import shipped_index
from trialgraph.linking.string_linker import StringLinker
from trialgraph.linking.things import Things
from trialgraph.linking.vocabulary_items import Term, TermMapping
from trialgraph.resource.name_key import bag_key, bag_keys_of_spellings, keys
from trialgraph.terms import RDFS_LABEL, iri, string
from trialgraph.vocabulary import TG

NAMED = "https://w3id.org/trialgraph/id/intervention-name/Keytruda_200_mg_Q3W"
CASES = Path(__file__).parent / "cases" / "linking"
GOLD = Path(__file__).parents[2] / "shared" / "gold"


class Names:
    """The vocabulary of the test file, asked like an index."""

    def __init__(self):
        self.names, self.labels, self.mappings = defaultdict(list), {}, defaultdict(list)
        for row in rows("vocabulary"):
            self.labels[row["id"]] = row["label"]
            named = [(row["label"], "label"), *(name.split("=") for name in row["names"].split("|") if name)]
            for name, scope in named:
                for key in keys(name, row["kind"]):
                    entry = Entry(row["id"], row["label"], scope, row["vocabulary"], row["kind"], name)
                    self.names[key].append(entry)
            for match in filter(None, row["matches"].split("|")):
                self.mappings[row["id"]].append(MappedTerm(match, "skos:exactMatch", "test"))
                self.mappings[match].append(MappedTerm(row["id"], "skos:exactMatch", "test"))

    def lookup(self, key):
        return self.names.get(key, ())

    def among(self, keys):
        return {key for key in keys if key in self.names}

    def words(self):
        return frozenset(
            word + end for key in self.names if key[0] not in "~#" for word in key.split() for end in ("", "s")
        )

    def mapping(self, id_):
        return self.mappings.get(id_, ())

    def label(self, id_):
        return self.labels.get(id_)


def rows(name):
    with (CASES / f"{name}.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def said(part):
    """Other names of a context are several, parted by semicolons."""
    name, _, value = part.partition("=")
    return name, tuple(value.split(";")) if name == "other_names" else value


INDEX = Names()
LINKERS = {"condition": ConditionLinker(INDEX, rules()), "drug": DrugLinker(INDEX, rules())}


@pytest.mark.parametrize("case", rows("links"), ids=lambda case: f"{case['kind']}-{case['string']}-{case['context']}")
def test_a_name_has_the_links_it_should_have_and_no_other(case):
    context = RecordContext(**dict(said(part) for part in case["context"].split("|") if part))
    naming = LINKERS[case["kind"]].link(case["string"], context)
    expected = sorted(tuple(link.split(" ")) for link in case["links"].split(",") if link)
    assert sorted((link.id, link.relation) for link in naming.links) == expected, case["why"]
    assert (naming.none or "") == case["none"], case["why"]


@pytest.mark.parametrize("case", rows("shipped"), ids=lambda case: f"{case['kind']}-{case['string']}")
def test_a_name_is_known_without_any_vocabulary(case):
    naming = StringLinker(None).link(case["kind"], case["string"], RecordContext())
    found = ",".join(sorted(f"{link.id} {link.relation}" for link in naming.links))
    assert (found, "" if found else naming.none) == (case["links"], case["none"])


def test_the_keys_of_shipped_names_are_those_of_each_name():
    """Names become keys all at once there; a name that could not be looked up would be lost without a sign."""
    folder = Path(__file__).parents[1] / "data" / "links"
    for table, kind in (("disease-names.tsv", "disease"), ("drug-names.tsv", "drug")):
        for line in (folder / table).read_text(encoding="utf-8").splitlines()[1::97]:
            id_, *cells, _ = line.split("\t")
            for name in (name for cell in cells for name in cell.split("|") if name):
                for key in keys(name, kind):
                    assert id_ in {entry.id for entry in shipped_index().lookup(key)}, (name, key)


@given(st.sampled_from(["condition", "drug"]), st.text(max_size=200))
def test_any_text_is_linked_or_has_a_reason(kind, text):
    naming = LINKERS[kind].link(text, RecordContext())
    assert bool(naming.links) != bool(naming.none)
    assert all(link.relation in RELATIONS and link.tier in tiers() for link in naming.links)


@given(st.text(alphabet="ab +/()[],and", max_size=120))
def test_the_parts_of_a_combination_lose_no_word(text):
    said = "".join(c for c in " ".join(parts_of(text)) if c in "b")
    assert said == "".join(c for c in text if c in "b")


@pytest.mark.parametrize("kind", ["condition", "drug"])
@pytest.mark.parametrize("unit", ["(", "stage ii ", "5 mg ", "with ", "a/", "] [", "and or ", "chronic ", "ab1 "])
def test_a_hostile_name_takes_no_longer_than_its_length(kind, unit):
    """Steps taken grow no faster than the text: counted, not timed."""
    counted = [steps(kind, unit * count) for count in (40, 400)]
    assert counted[1] <= 20 * max(counted[0], 50)


def steps(kind, text):
    count = 0

    def trace(_frame, event, _arg):
        nonlocal count
        count += event == "call"

    sys.setprofile(trace)
    try:
        LINKERS[kind].link(text, RecordContext())
    finally:
        sys.setprofile(None)
    return count


def test_a_record_says_the_same_twice_and_tells_what_is_not_linked():
    record = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"},
            "conditionsModule": {"conditions": ["Breast Neoplasms", "Blood Pressure"]},
            "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": "Placebo"}]},
        },
        "derivedSection": {"conditionBrowseModule": {"meshes": [{"id": "D000001943", "term": "Breast Neoplasms"}]}},
    }
    first, second = (list(RecordLinker(None).triples(record)) for _ in range(2))
    assert first == second
    assert list(RecordLinker(None).unlinked(record)) == [
        "condition\tBlood Pressure\tnot-a-disease",
        "drug\tPlacebo\tplacebo",
    ]


def test_a_drug_has_its_targets_without_any_vocabulary():
    record = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001"},
            "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "Keytruda 200 mg Q3W"}]},
        }
    }
    said = {triple[1:] for _, triple in RecordLinker(None).triples(record)}
    target = iri("https://w3id.org/trialgraph/id/target/PD-1")
    assert (iri(TG.target), target) in said
    assert (iri(TG.actionType), string("inhibitor")) in said
    assert {(RDFS_LABEL, string("inhibitor on PDCD1")), (iri(TG.namedAs), iri(NAMED))} <= said


def test_what_a_decided_name_leads_to_has_a_label_without_any_vocabulary():
    decided = Path(__file__).parents[1] / "data" / "lexicons" / "linking" / "decided.tsv"
    lines = [line.split("\t") for line in decided.read_text(encoding="utf-8").splitlines()[1:]]
    assert [id_ for _, _, id_, relation, _ in lines if relation != "not" and not shipped_index().label(id_)] == []


def test_a_thing_that_nobody_names_is_labelled_by_its_identifier():
    things = Things(shipped_index(), None)
    for kind, id_ in (("disease", "HP:9999999"), ("drug", "UNII:0000000000")):
        labels = [triple[2] for _, triple in things.triples(kind, id_) if triple[1] == RDFS_LABEL]
        assert labels == [string(id_)]


def test_a_term_that_its_owner_gave_up_names_nothing(tmp_path):
    gone = [
        Term("MONDO:9000001", "obsolete example swelling", "disease"),
        TermMapping("MONDO:9000001", "skos:exactMatch", "MESH:D990001"),
    ]
    held = [Term("MESH:D990001", "Example Swelling", "disease")]
    build_index(tmp_path / INDEX_FILE, [VocabularySource("mondo", "m", gone), VocabularySource("mesh", "h", held)])
    with LabelIndex.open(tmp_path / INDEX_FILE) as index:
        things_ = Things(index, index)
        assert things_.named("disease", "MESH:D990001") == "MESH:D990001"
        assert "MONDO_9000001" not in str(list(things_.triples("disease", "MESH:D990001")))


def test_a_context_of_another_shape_is_told(tmp_path):
    line = '{"kind": "condition", "string": "x", "context": {"registryMesh": [["D1", "x"]]}}'
    done = subprocess.run(
        [sys.executable, "-m", "trialgraph.cli", "link", "--json"],
        input=line,
        capture_output=True,
        text=True,
        check=False,
        env={"TRIALGRAPH_VOCABULARIES": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert "registryMesh" in done.stderr


def test_every_listed_target_is_a_gene_of_a_drug_that_has_a_name():
    lines = (Path(__file__).parents[1] / "data" / "links" / "drug-targets.tsv").read_text().splitlines()
    rows_ = [line.split("\t") for line in lines[1:]]
    assert len({(row[0], row[2]) for row in rows_}) == len(rows_)
    for drug, name, gene, symbol, action, source in rows_:
        assert shipped_index().label(drug) == name
        assert gene.startswith("HGNC:")
        assert all((symbol, action, source))
    assert len({(row[2], row[3]) for row in rows_}) == len({row[2] for row in rows_})


def test_the_open_gold_out_of_the_box(tmp_path):
    """Without vocabularies, by the shipped tables and the MeSH of the records; the floor is what it had when written."""
    if not (GOLD / "score_linking.py").is_file():
        pytest.skip("the open gold of linking is not here")
    lines = [json.loads(line) for line in (GOLD / "linking-open.jsonl").read_text().splitlines()]
    given_ = "\n".join(json.dumps({key: line[key] for key in ("kind", "string", "context")}) for line in lines)
    command = [sys.executable, "-m", "trialgraph.cli", "link", "--json"]
    done = subprocess.run(
        command,
        input=given_,
        capture_output=True,
        text=True,
        check=True,
        env={"TRIALGRAPH_VOCABULARIES": str(tmp_path)},
    )
    predicted = tmp_path / "predicted.jsonl"
    predicted.write_text(done.stdout)
    scorer = [
        sys.executable,
        str(GOLD / "score_linking.py"),
        str(GOLD / "linking-open.jsonl"),
        str(predicted),
        "--json",
    ]
    scored = subprocess.run(scorer, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    counts = json.loads(scored)["all"]
    assert counts["right"] >= 0.97 * counts["links"]
    assert counts["hit"] >= 0.97 * counts["should"]
    assert counts["falsenone"] == 0


@given(
    st.lists(
        st.sampled_from("breast kidneys a type of 2 iii b without unspecified negative tumours".split()), max_size=4
    ),
    st.integers(0, 3),
    st.lists(st.sampled_from("tumours tumuors unspecified hepatits injuries leukaemia".split()), max_size=3),
)
def test_keys_of_spellings_are_the_keys_of_the_names_with_them(tokens, at, spellings):
    at = min(at, len(tokens))
    tokens = [*tokens[:at], "tumors", *tokens[at:]]
    names = [" ".join([*tokens[:at], each, *tokens[at + 1 :]]) for each in spellings]
    assert bag_keys_of_spellings(tokens, at, spellings) == [bag_key(name) for name in names]


def test_what_is_remembered_changes_no_link(monkeypatch):
    records = json.loads((curated.HERE / "questions" / "linked-records.json").read_text("utf-8"))
    usual = RecordLinker(None)
    expected = [[*usual.triples(record), *usual.drugs(record), *usual.unlinked(record)] for record in records]
    for module, name in (
        (string_linker, "_KEPT"), (string_linker, "_KEPT_OF_RECORDS"), (substance_choice, "_REMEMBERED"),
        (things, "_REMEMBERED"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 1)
    forgetful = RecordLinker(None)
    for _ in range(2):
        found = [[*forgetful.triples(one), *forgetful.drugs(one), *forgetful.unlinked(one)] for one in records]
        assert found == expected
    assert (len(forgetful._strings._known), len(forgetful._things._told)) == (1, 1)
