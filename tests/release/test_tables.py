"""The tables of a release, as programs of data engineers read them."""

import csv
import json
import re
import sqlite3
import warnings
from contextlib import closing

import pyoxigraph as ox
import pytest
from tests import building, curated

from trialgraph.release.export import dump_tables
from trialgraph.resource.table_schema import IRI, TABLES
from trialgraph.settings import packaged
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


RR = "http://www.w3.org/ns/r2rml#"


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """A release of the curated trials and of a record with results, and its tables by name, each a list of rows."""
    folder = tmp_path_factory.mktemp("rich")
    mapping = curated.HERE / "cases" / "mapping"
    records = [json.loads((mapping / name / "record.json").read_text()) for name in ("flow-and-events", "outcomes")]
    for measure in records[1]["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"]:
        measure |= {"type": "PRIMARY", "unitOfMeasure": "months"}
    path = building.write_records(folder / "records.jsonl", records)
    building.quick_build(folder, folder / "release", path, data=packaged("data"), interpret=True)
    found = open_release(folder / "release")
    list(dump_tables(found, folder / "out"))
    tables = {}
    for table in TABLES:
        with (folder / "out" / f"{table.name}.csv").open(newline="", encoding="utf-8") as file:
            tables[table.name] = list(csv.DictReader(file))
    return found, tables, (folder / "out" / "tables.r2rml.ttl").read_bytes()


def test_no_column_takes_a_variable_of_the_pattern():
    """Else it would be the thing that the pattern found, and not what the path leads to."""
    for table in TABLES:
        bound = set(re.findall(r"\?(\w+)", table.pattern))
        assert {column.name for column in table.columns if not column.path} <= bound, table.name
        assert not {column.name for column in table.columns if column.path} & bound, table.name
        assert {column.of for column in table.columns} <= bound, table.name


def test_names_of_tables_and_columns_need_no_quotation_marks():
    """`SELECT group FROM results` is a fault in every SQL."""
    with closing(sqlite3.connect(":memory:")) as database:
        for table in TABLES:
            database.execute(f"CREATE TABLE {table.name} ({', '.join(column.name for column in table.header)})")
            for column in table.header:
                database.execute(f"SELECT {column.name} FROM {table.name}")  # noqa: S608 - names of our own


def test_every_thing_that_a_row_names_has_a_name_to_read(rich):
    """What is linked has its name beside it; the row of another table is found there."""
    for table in TABLES:
        for column in table.columns:
            if column.kind == IRI and column.name not in {"elsewhere", "criterion"}:
                assert f"{column.name}_name" in {each.name for each in table.columns}, (table.name, column.name)
            elif column.kind != IRI:
                values = [row[column.name] for row in rich[1][table.name]]
                assert not [value for value in values if value.startswith("https://w3id.org/")], (
                    table.name,
                    column.name,
                )


def triples(mapping, tables):
    """Yield the triples that a mapping makes of tables, as R2RML says: one subject map and any predicates a map."""
    graph = ox.Store()
    graph.load(mapping, ox.RdfFormat.TURTLE, base_iri="http://e.org/")

    def one(subject, name):
        return next((quad.object for quad in graph.quads_for_pattern(subject, ox.NamedNode(RR + name), None)), None)

    for found in graph.quads_for_pattern(None, ox.NamedNode(RR + "logicalTable"), None):
        table, subjects = one(found.object, "tableName").value, one(found.subject, "subjectMap")
        column, template, kind = (one(subjects, name) for name in ("column", "template", "class"))
        predicates = [
            (one(quad.object, "predicate"), one(quad.object, "objectMap"))
            for quad in graph.quads_for_pattern(found.subject, ox.NamedNode(RR + "predicateObjectMap"), None)
        ]
        for row in tables[table]:
            subject = ox.NamedNode(row[column.value] if column else template.value.format(**row))
            if kind:
                yield subject, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), kind
            for predicate, made in predicates:
                value, datatype = row[one(made, "column").value], one(made, "datatype")
                if value and one(made, "termType"):
                    yield subject, predicate, ox.NamedNode(value)
                elif value:
                    yield subject, predicate, ox.Literal(value, datatype=datatype) if datatype else ox.Literal(value)


def test_the_mapping_makes_triples_of_the_release_and_no_others(rich):
    release, tables, mapping = rich
    store = ox.Store.read_only(str(release.store))
    made = set(triples(mapping, tables))
    assert len(made) > 200
    assert not [triple for triple in made if not next(store.quads_for_pattern(*triple, None), None)]
    arms = {o for s, p, o in made if s.value.endswith("/NCT06095583") and p.value.endswith("#arm")}
    assert len(arms) == 3, "rows are tied to their trials"


def test_rows_of_results_say_what_they_count(rich):
    _, tables, _ = rich
    assert tables["results"]
    assert {(row["unit"], row["role"]) for row in tables["results"]} == {("months", "PRIMARY")}
    assert all(row["outcome"] for row in tables["results"])
    assert {row["serious"] for row in tables["events"]} == {"true", "false"}
    assert all(row["term"] for row in tables["events"])
    assert {row["kind"] for row in tables["links"]} >= {"drug", "target"}


def test_names_stand_beside_the_things_they_name():
    """An intervention of two drugs is two rows, each with the name of its drug."""
    table = next(table for table in TABLES if table.name == "interventions")
    store = ox.Store()
    store.load(
        b"""@prefix tg: <https://w3id.org/trialgraph/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <x:t> a tg:Trial ; tg:nctId "NCT00000001" ; tg:intervention <x:i> , <x:j> .
        <x:i> rdfs:label "A and B" ; tg:drug <x:a> , <x:b> . <x:a> rdfs:label "A" . <x:b> rdfs:label "B" .
        <x:j> rdfs:label "Walking" .""",
        ox.RdfFormat.TURTLE,
    )
    rows = [[getattr(value, "value", None) for value in row] for row in store.query(table.query())]
    told = {tuple(row[1:3] + row[4:]) for row in rows}
    assert told == {("x:i", "A and B", "x:a", "A"), ("x:i", "A and B", "x:b", "B"), ("x:j", "Walking", None, None)}


def test_the_mapping_is_turtle_and_maps_every_table(folder):
    found = list(ox.parse((folder / "tables.r2rml.ttl").read_bytes(), ox.RdfFormat.TURTLE, base_iri="http://e.org/"))
    maps = {quad.subject for quad in found if quad.object == ox.NamedNode("http://www.w3.org/ns/r2rml#TriplesMap")}
    assert len(maps) == len(TABLES) + sum(bool(table.way_from_trial) for table in TABLES)
