"""The copy for joins holds literals as the store does; dumps are read back by blocks as they would be by lines."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph.store import merges
from trialgraph.store.join_copy import as_kept
from trialgraph.syntaxes.conversion import read_quads

XSD = "http://www.w3.org/2001/XMLSchema#"
LITERALS = [
    '"1"', '"01"', '""', '"a \\"b"', '"say \\"01\\"^^ <x> ."', '"two\\nlines > ."', '"end\\\\"', '"x"@en', '"x"@EN', '"x \\"y\\"@EN"@en-GB',
    '"\\"@EN ."', *(f'"{value}"^^<{XSD}{kind}>' for kind, values in {
        "integer": ["1", "01", "+1", "-0", "999999999999999999999"], "decimal": ["1.0", "1.5", "-0.0", "0.50"],
        "boolean": ["1", "true"], "date": ["2020-01-02", "2020-13-40"], "gYear": ["2020"], "double": ["1", "1.0E0"],
        "string": ["a"], "dateTime": ["2020-01-02T03:04:05Z", "2020-01-02T03:04:05.000Z"],
    }.items() for value in values), '"a \\" 01"^^<http://www.w3.org/2001/XMLSchema#token>',
]  # fmt: skip
OBJECTS = [*LITERALS, "<urn:o>", "<urn:o#01>"]


def in_store(lines: bytes) -> set[str]:
    """Return the objects that a store gives back of N-Triples, each with its subject."""
    store = ox.Store()
    store.bulk_load(lines, ox.RdfFormat.N_TRIPLES)
    return {f"{quad.subject} {quad.object}" for quad in store}


@settings(max_examples=40)
@given(st.lists(st.sampled_from(OBJECTS), min_size=1, max_size=40), st.integers(1, 10))
def test_literals_are_written_as_a_store_keeps_them(objects: list[str], size: int) -> None:
    lines = [f"<urn:{number}> <urn:p> {value} .\n".encode() for number, value in enumerate(objects)]
    blocks = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
    kept = b"".join(as_kept(blocks))
    assert sorted(
        f"{s} {o}" for s, o in (line[:-2].split(" <urn:p> ") for line in kept.decode().splitlines())
    ) == sorted(in_store(b"".join(lines)))


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(OBJECTS), st.sampled_from("ab")), min_size=1, max_size=40))
def test_a_dump_is_read_by_graph_whatever_its_lines_hold(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path: Path = tmp_path_factory.mktemp("dump") / "dump.nq"
    path.write_text("".join(f"<urn:s> <urn:p> {value} <urn:{graph}> .\n" for value, graph in rows))
    read = [(graph, line) for graph, text in read_quads(path) for line in text.decode().splitlines()]
    assert read == [(f"urn:{graph}", f"<urn:s> <urn:p> {value} .") for value, graph in rows]


@pytest.mark.parametrize("text", ["<urn:s> <urn:p> <urn:o> .", '<urn:s> <urn:p> "a" .\n', "\n"])
def test_a_file_that_is_no_dump_of_ours_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dump.nq"
    path.write_text(text)
    with pytest.raises(ValueError, match="not a line"):
        list(read_quads(path))


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["p", "q"]), st.integers(1, 3), st.integers(1, 4)),
        max_size=30,
    )
)
def test_what_graphs_share_is_found_by_predicate(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = ox.Store(str(folder))
    graphs: dict[str, set[tuple[str, str, str]]] = {}
    for subject, predicate, value, graph in rows:
        graphs.setdefault(f"urn:{graph}", set()).add((subject, predicate, str(value)))
        terms = (ox.NamedNode(f"urn:{subject}"), ox.NamedNode(f"urn:{predicate}"), ox.Literal(str(value)))
        store.add(ox.Quad(*terms, ox.NamedNode(f"urn:{graph}")))
    store.flush()
    del store
    kept = merges.keep_merges(folder)
    store = ox.Store(
        str(folder),
    )
    for part, holders in kept.parts.items():
        held = {
            (q.subject.value[4:], q.predicate.value[4:], q.object.value)
            for q in store.quads_for_pattern(None, None, None, ox.NamedNode(part))
        }
        assert held == {
            t for t in set().union(*graphs.values()) if sorted(g for g in graphs if t in graphs[g]) == sorted(holders)
        }
