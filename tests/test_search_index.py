"""The search index: everything is found by its names, in the stated order, and the same names are the same bytes."""

import hashlib
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph.release.search_index import KINDS, Name, write_index
from trialgraph.web.context.name_search import SearchIndex, words_of

WORDS = st.lists(st.sampled_from("lung cancer small cell PD-1 α-fetoprotein Øre naïve 5-FU".split()), min_size=1)
NAMES = st.lists(
    st.builds(
        Name,
        path=st.integers(0, 30).map(lambda number: f"thing/{number}"),
        kind=st.sampled_from(KINDS),
        text=WORDS.map(" ".join),
        role=st.integers(0, 2),
    ),
    max_size=30,
    unique_by=lambda name: name.path,
)


@given(NAMES)
@settings(max_examples=40, deadline=None)
def test_everything_is_found_by_its_name(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("index") / "search.sqlite"
    assert write_index(path, names) == len(names)
    index = SearchIndex(path)
    for name in names:
        assert name.path in {found.path for found in index.find(name.text, name.kind, 100)}
        assert name.path in {found.path for found in index.find(name.text.upper(), "", 100)}
    for kind in KINDS:
        mine = {name.path for name in names if name.kind == kind}
        assert index.count(kind) == len(mine)
        assert set(index.paths(kind, 100, 0)) == mine


def test_the_same_names_are_the_same_bytes(tmp_path):
    names = [Name(f"thing/{number}", KINDS[number % 9], f"name {number % 7}") for number in range(200)]
    for version, given_names in (("a", names), ("b", names[::-1])):
        write_index(tmp_path / version, given_names)
    digests = {hashlib.sha256((tmp_path / version).read_bytes()).hexdigest() for version in "ab"}
    assert len(digests) == 1


def test_short_names_and_new_trials_come_first(tmp_path):
    names = [
        Name("condition/a", "Condition", "small cell lung cancer"),
        Name("condition/b", "Condition", "lung cancer"),
        Name("drug/c", "Drug", "a drug for lung cancer"),
        Name("NCT00000001", "Trial", "lung cancer"),
        Name("NCT00000002", "Trial", "a long title about lung cancer", 0),
        Name("NCT00000002", "Trial", "short", 1),
    ]
    write_index(tmp_path / "index", names)
    found = SearchIndex(tmp_path / "index").find("lung can")
    assert [thing.path for thing in found] == [
        "drug/c", "condition/b", "condition/a", "NCT00000002", "NCT00000001",
    ]  # fmt: skip
    assert found[3].label == "a long title about lung cancer"
    assert [thing.path for thing in SearchIndex(tmp_path / "index").find("nct0000")] == ["NCT00000002", "NCT00000001"]


def test_the_file_is_plain_sqlite(tmp_path):
    write_index(tmp_path / "index", [Name("drug/x", "Drug", "Ünïcode name")])
    with closing(sqlite3.connect(tmp_path / "index")) as index:
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert SearchIndex(tmp_path / "index").find("unicode")[0].label == "Ünïcode name"
    assert words_of("") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("breast tumour", "disease/a"),
        ("Breast tumors", "disease/a"),
        ("crohns disease", "disease/b"),
        ("Crohn’s disease", "disease/b"),
        ("PD1", "target/c"),
        ("pd-1", "target/c"),
        ("PD 1", "target/c"),
        ("HGNC:8760", "target/c"),
        ("https://identifiers.org/hgnc:8760", "target/c"),
        ("http://purl.obolibrary.org/obo/MONDO_0005011", "disease/b"),
        ("http://purl.obolibrary.org/obo/MONDO_0005012", None),
    ],
)
def test_a_thing_is_found_by_other_spellings_and_by_its_identifiers(tmp_path, asked, found):
    names = [
        Name("disease/a", "Disease", "tumor of breast"),
        Name("disease/b", "Disease", "Crohn disease"),
        Name("disease/b", "Disease", "MONDO 0005011", 2),
        Name("target/c", "Target", "PD-1"),
        Name("target/c", "Target", "hgnc 8760", 2),
    ]
    write_index(tmp_path / "index", names)
    assert [thing.path for thing in SearchIndex(tmp_path / "index").find(asked)] == [found] * (found is not None)


@pytest.mark.parametrize(
    ("asked", "respelled"),
    [
        ("pembrolizumap", "pembrolizumab"),
        ("ulcerative colits", "ulcerative colitis"),
        ("pembrolizumab", "pembrolizumab"),
        ("js005", "js005"),
        ("rheumatoid", "rheumatoid"),
    ],
)
def test_a_word_that_no_thing_has_gives_way_to_the_nearest(tmp_path, asked, respelled):
    things = ("Drug", "pembrolizumab"), ("Disease", "ulcerative colitis"), ("Drug", "JS004")
    write_index(tmp_path / "index", [Name(f"thing/{text}", kind, text) for kind, text in things])
    assert SearchIndex(tmp_path / "index").respelled(asked) == respelled
