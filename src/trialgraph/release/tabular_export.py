"""The release as tables: CSV, Parquet where pyarrow is installed, Croissant and R2RML beside.

A table is a row of `TABLES`: what a row of it is, and its columns, each with the property path that gives its value.
The files, `croissant.json` (MLCommons Croissant 1.0) and `tables.r2rml.ttl` (W3C R2RML) follow from that.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

try:
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet
except ImportError:  # the extra `tables` brings it; without it there is CSV
    pyarrow = None

from trialgraph.terms import Term, is_literal, lexical
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, RESOURCE

Select = Callable[[str], Iterable[tuple[Term | None, ...]]]
"""Runs a SELECT over all graphs, as `store.Reader.select` does."""
CROISSANT: Final = "croissant.json"
R2RML: Final = "tables.r2rml.ttl"
_TEXT, _INTEGER, _NUMBER, _DATE, _BOOLEAN, _IRI = "Text", "Integer", "Float", "Date", "Boolean", "URL"
_ARROW: Final = {_INTEGER: "int64", _NUMBER: "float64", _BOOLEAN: "bool_", _DATE: "date32"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the property path from the row to its value, its kind, and what it is in words."""

    name: str
    path: str
    kind: str = _TEXT
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the pattern that gives `?row`, and, where a row is part of a trial, `?trial`."""

    name: str
    about: str
    pattern: str
    columns: tuple[Column, ...]
    row_class: str

    @property
    def of_trial(self) -> bool:
        """Whether its rows are parts of trials, and so have the number of the trial first."""
        return "?trial" in self.pattern

    @property
    def header(self) -> tuple[Column, ...]:
        """All columns: the trial, the row's own IRI, and the rest."""
        trial = (Column("trial", "tg:nctId", _TEXT, "NCT number of the trial"),) if self.of_trial else ()
        return (*trial, Column("iri", "", _IRI, "name of the row in the graph"), *self.columns)

    def query(self) -> str:
        """Return the SELECT that gives the rows in a fixed order."""
        prefixes = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("tg", "rdfs", "skos", "prov"))
        names = " ".join((*(("?trialId",) if self.of_trial else ()), "?row", *(f"?{c.name}" for c in self.columns)))
        trial = "?trial tg:nctId ?trialId . " if self.of_trial else ""
        optional = "\n".join(f"OPTIONAL {{ ?row {column.path} ?{column.name} }}" for column in self.columns)
        return f"{prefixes}SELECT {names} {{ {self.pattern} {trial}\n{optional} }} ORDER BY ?row"


TABLES: Final = (
    Table("trials", "One row a trial.", "?row a tg:Trial .", (
        Column("nct", "tg:nctId", _TEXT, "NCT number"), Column("title", "tg:briefTitle", _TEXT, "brief title"),
        Column("status", "tg:overallStatus/skos:notation", _TEXT, "overall status, as the registry codes it"),
        Column("phase", "tg:combinedPhase/skos:notation", _TEXT, "phase, combined phases as one"),
        Column("study_type", "tg:studyType/skos:notation"), Column("enrollment", "tg:enrollmentCount", _INTEGER),
        Column("start_earliest", "tg:startDateEarliest", _DATE, "earliest day that the start date can mean"),
        Column("start_latest", "tg:startDateLatest", _DATE, "latest day that the start date can mean"),
        Column("minimum_age_years", "tg:minimumAgeYears", _NUMBER, "empty: no bound"),
        Column("maximum_age_years", "tg:maximumAgeYears", _NUMBER, "empty: no bound"),
        Column("sex", "tg:sex/skos:notation"), Column("has_results", "tg:hasResults", _BOOLEAN),
        Column("sponsor", "tg:leadSponsorName"),
    ), "Trial"),
    Table("conditions", "One row a condition of a trial.", "?trial a tg:Trial ; tg:condition ?row .", (
        Column("condition", "rdfs:label"), Column("disease", "tg:denotes", _IRI, "the disease that it is linked to"),
    ), "Condition"),
    Table("interventions", "One row an intervention of a trial.", "?trial a tg:Trial ; tg:intervention ?row .", (
        Column("intervention", "rdfs:label"), Column("type", "tg:interventionType/skos:notation"),
        Column("drug", "tg:drug", _IRI, "the drug that it is linked to"),
        Column("drug_name", "tg:drug/rdfs:label"),
    ), "Intervention"),
    Table("arms", "One row an arm of a trial.", "?trial a tg:Trial ; tg:arm ?row .", (
        Column("arm", "rdfs:label"), Column("type", "tg:armType/skos:notation"),
        Column("description", "tg:armDescription"),
    ), "Arm"),
    Table(
        "doses", "One row a dose specification of an arm, curated or read from the text.",
        "?trial a tg:Trial ; tg:arm ?arm . ?arm tg:doseSpecification ?row .", (
            Column("drug", "tg:drug", _IRI), Column("agent", "tg:agentName"),
            Column("value", "tg:dose/tg:value", _NUMBER), Column("high", "tg:dose/tg:highValue", _NUMBER),
            Column("unit", "tg:dose/tg:unit", _TEXT, "UCUM code"),
            Column("as_written", "tg:dose/rdfs:label"), Column("role", "tg:doseRole/skos:notation"),
            Column("route", "tg:route/rdfs:label"), Column("frequency", "tg:frequency/rdfs:label"),
        ), "DoseSpecification",
    ),
    Table("outcomes", "One row an outcome measure of a trial.", "?trial a tg:Trial ; tg:outcome ?row .", (
        Column("measure", "rdfs:label"), Column("role", "tg:outcomeRole/skos:notation"),
        Column("endpoint", "tg:endpoint", _IRI), Column("endpoint_name", "tg:endpoint/rdfs:label"),
        Column("assessor", "tg:assessor/rdfs:label"),
    ), "OutcomeMeasure"),
    Table("criteria", "One row an eligibility criterion of a trial.", "?trial a tg:Trial ; tg:criterion ?row .", (
        Column("side", "tg:criterionSide/skos:notation"), Column("type", "tg:criterionType/skos:notation"),
        Column("text", "tg:criterionText"),
    ), "Criterion"),
    Table(
        "thresholds", "One row a threshold of a criterion.",
        "?trial a tg:Trial ; tg:criterion ?criterion . ?criterion tg:threshold ?row .", (
            Column("measurement", "tg:ofMeasurement/rdfs:label"), Column("operator", "tg:operator/skos:notation"),
            Column("low", "tg:lowLimit", _NUMBER), Column("high", "tg:highLimit", _NUMBER),
            Column("unit", "tg:limitUnit", _TEXT, "UCUM code"),
        ), "Threshold",
    ),
    Table("sites", "One row a site of a trial.", "?trial a tg:Trial ; tg:site ?row .", (
        Column("facility", "tg:facility"), Column("city", "tg:city"), Column("state", "tg:state"),
        Column("country", "tg:country"), Column("status", "tg:siteStatus/skos:notation"),
        Column("latitude", "tg:latitude", _NUMBER), Column("longitude", "tg:longitude", _NUMBER),
    ), "Site"),
    Table(
        "results", "One row a measurement of an outcome, by group.",
        "?trial a tg:Trial ; tg:outcomeResult ?outcome . "
        "?outcome tg:measureClass/tg:category/tg:measurement ?row .", (
            Column("outcome", "^tg:measurement/^tg:category/^tg:measureClass/rdfs:label"),
            Column("group", "tg:group/tg:groupTitle"), Column("value", "tg:measuredValue"),
            Column("number", "tg:measuredValueNumber", _NUMBER),
            Column("comparator", "tg:measuredValueComparator/skos:notation"), Column("spread", "tg:spread"),
            Column("lower", "tg:lowerLimit"), Column("upper", "tg:upperLimit"),
        ), "Measurement",
    ),
    Table(
        "analyses", "One row a statistical analysis of an outcome.",
        "?trial a tg:Trial ; tg:outcomeResult ?outcome . ?outcome tg:analysis ?row .", (
            Column("outcome", "^tg:analysis/rdfs:label"), Column("parameter", "tg:analysisParamType"),
            Column("value", "tg:paramValueNumber", _NUMBER), Column("lower", "tg:ciLowerLimitNumber", _NUMBER),
            Column("upper", "tg:ciUpperLimitNumber", _NUMBER), Column("p", "tg:pValueNumber", _NUMBER),
            Column("p_comparator", "tg:pValueComparator/skos:notation"), Column("method", "tg:statisticalMethod"),
        ), "Analysis",
    ),
    Table(
        "events", "One row an adverse event of a trial, by group.",
        "?trial a tg:Trial ; tg:adverseEvent ?event . ?event tg:eventCount ?row .", (
            Column("term", "^tg:eventCount/tg:eventTerm"), Column("organ_system", "^tg:eventCount/tg:organSystem"),
            Column("group", "tg:group/tg:groupTitle"), Column("affected", "tg:numAffected", _INTEGER),
            Column("at_risk", "tg:numAtRisk", _INTEGER), Column("events", "tg:numEvents", _INTEGER),
        ), "EventCount",
    ),
    Table(
        "links", "One row an identifier elsewhere of a drug, disease, target or organization.",
        "VALUES ?kind { tg:Drug tg:Disease tg:Target tg:Organization } ?row a ?kind ; skos:exactMatch ?elsewhere .", (
            Column("label", "rdfs:label"), Column("elsewhere", "skos:exactMatch", _IRI),
        ), "Drug",
    ),
)  # fmt: skip
"""Every table; one more is one more row."""


def write_tables(select: Select, folder: Path, version: str, license_iri: str) -> Iterator[Path]:
    """Write every table into a folder, each as CSV and, where pyarrow is installed, as Parquet; yield the files.

    The folder is made. Rows come in the order of their IRIs, so the same release gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: list[tuple[Table, Path]] = []
    for table in TABLES:
        path = folder / f"{table.name}.csv"
        _write_csv(table, select(table.query()), path)
        files.append((table, path))
        yield path
        parquet = _write_parquet(table, path)
        if parquet:
            yield parquet
    croissant = folder / CROISSANT
    text = json.dumps(_croissant(files, version, license_iri), ensure_ascii=False, indent=1)
    croissant.write_text(text + "\n", encoding="utf-8")
    yield croissant
    r2rml = folder / R2RML
    r2rml.write_text(_r2rml(), encoding="utf-8")
    yield r2rml


def _write_csv(table: Table, rows: Iterable[tuple[Term | None, ...]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in table.header])
        last: list[str] | None = None
        for row in rows:
            cells = [_cell(term) for term in row]
            if cells != last:  # two graphs may say the same
                writer.writerow(cells)
            last = cells


def _cell(term: Term | None) -> str:
    if term is None:
        return ""
    return lexical(term) if is_literal(term) else term[1:-1]


def _write_parquet(table: Table, path: Path) -> Path | None:
    """Return the Parquet file made of a CSV file, or None where pyarrow is not installed."""
    if pyarrow is None:
        return None
    types = {column.name: getattr(pyarrow, _ARROW.get(column.kind, "string"))() for column in table.header}
    options = pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    parsing = pyarrow.csv.ParseOptions(newlines_in_values=True)
    made = path.with_suffix(".parquet")
    whole = pyarrow.csv.read_csv(path, convert_options=options, parse_options=parsing)
    pyarrow.parquet.write_table(whole, made, compression="zstd", version="2.6")
    return made


def _croissant(files: list[tuple[Table, Path]], version: str, license_iri: str) -> dict[str, Any]:
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
        "url": ONTOLOGY.rsplit("/", 1)[0], "license": license_iri, "version": _semantic(version),
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
    kinds = {_INTEGER: "xsd:integer", _NUMBER: "xsd:decimal", _DATE: "xsd:date", _BOOLEAN: "xsd:boolean"}
    for table in TABLES:
        maps = []
        for column in table.columns:
            if not column.path.replace(":", "").isalnum():
                continue
            datatype = f" ; rr:datatype {kinds[column.kind]}" if column.kind in kinds else ""
            iri_kind = " ; rr:termType rr:IRI" if column.kind == _IRI else ""
            maps.append(
                f'  rr:predicateObjectMap [ rr:predicate {column.path} ; rr:objectMap [ rr:column "{column.name}"'
                f"{datatype}{iri_kind} ] ]"
            )
        subject = f'  rr:subjectMap [ rr:column "iri" ; rr:class tg:{table.row_class} ]'
        head = f'<#{table.name}> a rr:TriplesMap ;\n  rr:logicalTable [ rr:tableName "{table.name}" ]'
        lines.append(" ;\n".join((head, subject, *maps)) + " .\n")
    return "\n".join(lines)
