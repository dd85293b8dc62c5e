"""The tables of a release, as programs of data engineers read them."""

import csv
import warnings

import pyoxigraph as ox
import pytest
from tests import building

from trialgraph.release.export import dump_tables
from trialgraph.resource.table_schema import TABLES
from trialgraph.store import Reader, open_release


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    records = [building.record(number, briefTitle=f'Trial "{number}",\n with a break') for number in range(1, 6)]
    path = building.write_records(folder / "records.jsonl", records)
    building.quick_build(folder, folder / "release", path)
    return open_release(folder / "release")


@pytest.fixture(scope="module")
def folder(release, tmp_path_factory):
    target = tmp_path_factory.mktemp("out")
    list(dump_tables(release, target))
    return target


def test_each_table_has_its_columns_and_no_row_twice(folder):
    for table in TABLES:
        with (folder / f"{table.name}.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert rows[0] == [column.name for column in table.header]
        assert len({tuple(row) for row in rows[1:]}) == len(rows) - 1


def test_the_same_question_has_the_same_answer_in_tables_and_graph(folder, release):
    duckdb = pytest.importorskip("duckdb")
    asked = duckdb.sql(f"SELECT sum(enrollment), count(*) FROM '{folder}/trials.csv' WHERE status = 'RECRUITING'")  # noqa: S608
    query = """PREFIX tg: <https://w3id.org/trialgraph/ontology#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT (SUM(?n) AS ?sum) (COUNT(*) AS ?all) {
          ?t a tg:Trial ; tg:overallStatus/skos:notation "RECRUITING" ; tg:enrollmentCount ?n }"""
    ((total, count),) = Reader(release).select(query)
    assert asked.fetchall() == [(int(total.split('"')[1]), int(count.split('"')[1]))]


def test_parquet_says_what_csv_says(folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(folder / "trials.parquet")
    assert table.num_rows == 5
    assert str(table.schema.field("enrollment").type) == "int64"
    assert sorted(table.column("enrollment").to_pylist()) == [1, 2, 3, 4, 5]
    assert table.column("title").to_pylist()[0].count("\n") <= 1


def test_two_dumps_are_equal_bytes(folder, release, tmp_path):
    for path in dump_tables(release, tmp_path / "again"):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_croissant_is_valid(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        croissant = pytest.importorskip("mlcroissant")
        dataset = croissant.Dataset(str(folder / "croissant.json"))
        trials = list(dataset.records("trials"))
    assert len(trials) == 5


def test_the_mapping_is_turtle_and_maps_every_table(folder):
    found = list(ox.parse((folder / "tables.r2rml.ttl").read_bytes(), ox.RdfFormat.TURTLE, base_iri="http://e.org/"))
    maps = {quad.subject for quad in found if quad.object == ox.NamedNode("http://www.w3.org/ns/r2rml#TriplesMap")}
    assert len(maps) == len(TABLES)
