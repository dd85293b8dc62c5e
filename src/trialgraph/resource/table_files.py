"""The release as tables: CSV, Parquet where pyarrow is installed, Croissant and R2RML beside.

A table is a row of `TABLES`: what a row of it is, and its columns, each with the property path that gives its value.
The files, `croissant.json` (MLCommons Croissant 1.0) and `tables.r2rml.ttl` (W3C R2RML) follow from that.
"""

import csv
import hashlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from trialgraph.resource.table_schema import (
    BOOLEAN,
    CROISSANT,
    DATE,
    INTEGER,
    IRI,
    LICENCE,
    NUMBER,
    R2RML,
    TABLES,
    Table,
)
from trialgraph.terms import Term, is_literal, lexical
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, RESOURCE

Select = Callable[[str], Iterable[tuple[Term | None, ...]]]
"""Runs a SELECT over all graphs, as `store.Reader.select` does."""
PARQUET: Final = find_spec("pyarrow") is not None
"""Whether tables are written as Parquet too: the extra `tables` brings pyarrow; without it there is CSV."""
_ARROW: Final = {INTEGER: "int64", NUMBER: "float64", BOOLEAN: "bool_", DATE: "date32"}


def write_tables(select: Select, folder: Path, version: str) -> Iterator[Path]:
    """Write every table into a folder, each as CSV and, where pyarrow is installed, as Parquet; yield the files.

    The folder is made. Rows come in the order of their IRIs, so the same release gives the same bytes.
    """
    for table in TABLES:
        yield from write_table(table, select, folder)
    yield write_croissant(folder, version)
    yield write_mapping(folder)


def write_table(table: Table, select: Select, folder: Path) -> list[Path]:
    """Write one table into a folder, which is made; return its files: CSV, and Parquet where pyarrow is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table.name}.csv"
    _write_csv(table, select(table.query()), path)
    return [path, *filter(None, (_write_parquet(table, path),))]


def write_croissant(folder: Path, version: str) -> Path:
    """Write the description of the tables that a folder holds, all of them as CSV; return its file."""
    files = [(table, folder / f"{table.name}.csv") for table in TABLES]
    croissant = folder / CROISSANT
    text = json.dumps(_croissant(files, version), ensure_ascii=False, indent=1)
    croissant.write_text(text + "\n", encoding="utf-8")
    return croissant


def write_mapping(folder: Path) -> Path:
    """Write the R2RML mapping of the tables into a folder, which is made; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / R2RML
    path.write_text(_r2rml(), encoding="utf-8")
    return path


def _write_csv(table: Table, rows: Iterable[tuple[Term | None, ...]], path: Path) -> None:
    at = table.variables.index("row")
    with _whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in table.header])
        for _, alike in groupby(rows, itemgetter(at)):
            # Two graphs may say the same, and a property may have several values: each row once, in one order.
            writer.writerows(sorted({tuple(_cell(term) for term in row) for row in alike}))


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a path to write to, which becomes the other when all is written, and is nowhere when something fails."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _cell(term: Term | None) -> str:
    if term is None:
        return ""
    return lexical(term) if is_literal(term) else term[1:-1]


def _write_parquet(table: Table, path: Path) -> Path | None:
    """Return the Parquet file made of a CSV file, or None where pyarrow is not installed."""
    if not PARQUET:
        return None
    pyarrow, arrow_csv, parquet = map(pkgutil.resolve_name, ("pyarrow", "pyarrow.csv", "pyarrow.parquet"))
    types = {column.name: getattr(pyarrow, _ARROW.get(column.kind, "string"))() for column in table.header}
    options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    parsing = arrow_csv.ParseOptions(newlines_in_values=True)
    made = path.with_suffix(".parquet")
    content = arrow_csv.read_csv(path, convert_options=options, parse_options=parsing)
    with _whole(made) as part:
        parquet.write_table(content, part, compression="zstd", version="2.6")
    return made


def _croissant(files: list[tuple[Table, Path]], version: str) -> dict[str, Any]:
    """Return the description of the files in Croissant 1.0."""
    context = {
        "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
        "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/", "extract": "cr:extract", "field": "cr:field",
        "fileObject": "cr:fileObject", "equivalentProperty": "cr:equivalentProperty",
        "samplingRate": "cr:samplingRate",
        "fileProperty": "cr:fileProperty", "fileSet": "cr:fileSet", "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5",
        "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "sc": "https://schema.org/",
        "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
        "examples": {"@id": "cr:examples", "@type": "@json"}, "rai": "http://mlcommons.org/croissant/RAI/",
    }  # fmt: skip
    distribution = [
        {
            "@type": "cr:FileObject", "@id": path.name, "name": path.name, "description": table.about,
            "contentUrl": path.name, "encodingFormat": "text/csv", "sha256": _sha256(path),
        }
        for table, path in files
    ]  # fmt: skip
    record_sets = [
        {
            "@type": "cr:RecordSet", "@id": table.name, "name": table.name, "description": table.about,
            "field": [
                {
                    "@type": "cr:Field", "@id": f"{table.name}/{column.name}", "name": f"{table.name}/{column.name}",
                    "description": column.about or column.name.replace("_", " "), "dataType": f"sc:{column.kind}",
                    "source": {"fileObject": {"@id": path.name}, "extract": {"column": column.name}},
                }
                for column in table.header
            ],
        }
        for table, path in files
    ]  # fmt: skip
    return {
        "@context": context, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "trialgraph", "description": "Clinical trials as tables, made from the knowledge graph trialgraph.",
        "url": ONTOLOGY.rsplit("/", 1)[0], "license": LICENCE, "version": _semantic(version),
        "datePublished": version[:10], "citeAs": f"trialgraph, release {version}",
        "distribution": distribution, "recordSet": record_sets,
    }  # fmt: skip


def _semantic(version: str) -> str:
    """Return a release as MAJOR.MINOR.PATCH, as Croissant wants it.

    >>> _semantic("2026-01-02"), _semantic("2026-01-02.3")
    ('2026.1.2', '2026.1.2')
    """
    return ".".join(str(int(part)) for part in version[:10].split("-"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _r2rml() -> str:
    """Return the mapping that makes triples of the tables again, where a column is one property of its row."""
    lines = [
        "@prefix rr: <http://www.w3.org/ns/r2rml#> .", f"@prefix tg: <{PREFIXES['tg']}> .",
        f"@prefix rdfs: <{PREFIXES['rdfs']}> .", f"@prefix skos: <{PREFIXES['skos']}> .",
        f"@prefix xsd: <{PREFIXES['xsd']}> .", f"# Rows are named below {RESOURCE}", "",
    ]  # fmt: skip
    kinds = {INTEGER: "xsd:integer", NUMBER: "xsd:decimal", DATE: "xsd:date", BOOLEAN: "xsd:boolean"}
    for table in TABLES:
        maps = []
        for column in table.columns:
            if column.of != "row" or not column.path.replace(":", "").isalnum():
                continue
            datatype = f" ; rr:datatype {kinds[column.kind]}" if column.kind in kinds else ""
            iri_kind = " ; rr:termType rr:IRI" if column.kind == IRI else ""
            maps.append(
                f'  rr:predicateObjectMap [ rr:predicate {column.path} ; rr:objectMap [ rr:column "{column.name}"'
                f"{datatype}{iri_kind} ] ]"
            )
        a_class = f" ; rr:class tg:{table.row_class}" if table.row_class else ""
        subject = f'  rr:subjectMap [ rr:column "iri"{a_class} ]'
        head = f'<#{table.name}> a rr:TriplesMap ;\n  rr:logicalTable [ rr:tableName "{table.name}" ]'
        lines.append(" ;\n".join((head, subject, *maps)) + " .\n")
        if table.way_from_trial:
            lines.append(
                f'<#{table.name}-of-trials> a rr:TriplesMap ;\n  rr:logicalTable [ rr:tableName "{table.name}" ] ;\n'
                f'  rr:subjectMap [ rr:template "{RESOURCE}{{trial}}" ] ;\n'
                f"  rr:predicateObjectMap [ rr:predicate {table.way_from_trial} ;"
                ' rr:objectMap [ rr:column "iri" ; rr:termType rr:IRI ] ] .\n'
            )
    return "\n".join(lines)
