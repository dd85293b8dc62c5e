"""The tables of a release: what a row of each is, and its columns with the paths of their values.

One more table is one more row of `TABLES`. The files (`table_files`), their descriptions, and what the downloads and
the DCAT of a release say of them follow from it.
"""

from dataclasses import dataclass
from typing import Final

from trialgraph.vocabulary import prologue

CROISSANT: Final = "croissant.json"
R2RML: Final = "tables.r2rml.ttl"
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
TEXT, INTEGER, NUMBER, DATE, BOOLEAN, IRI = "Text", "Integer", "Float", "Date", "Boolean", "URL"
"""The kinds of values, by their names in schema.org."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the property path from the row to its value, its kind, and what it is in words."""

    name: str
    path: str
    kind: str = TEXT
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
        trial = (Column("trial", "tg:nctId", TEXT, "NCT number of the trial"),) if self.of_trial else ()
        return (*trial, Column("iri", "", IRI, "name of the row in the graph"), *self.columns)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of its query, in the order of the columns."""
        return (*(("trialId",) if self.of_trial else ()), "row", *(column.name for column in self.columns))

    def query(self) -> str:
        """Return the SELECT that gives the rows in a fixed order."""
        prefixes = prologue("tg", "rdfs", "skos", "prov")
        names = " ".join(f"?{name}" for name in self.variables)
        trial = "?trial tg:nctId ?trialId . " if self.of_trial else ""
        optional = "\n".join(f"OPTIONAL {{ ?row {column.path} ?{column.name} }}" for column in self.columns)
        return f"{prefixes}SELECT {names} {{ {self.pattern} {trial}\n{optional} }} ORDER BY ?row"


TABLES: Final = (
    Table("trials", "One row a trial.", "?row a tg:Trial .", (
        Column("nct", "tg:nctId", TEXT, "NCT number"), Column("title", "tg:briefTitle", TEXT, "brief title"),
        Column("status", "tg:overallStatus/skos:notation", TEXT, "overall status, as the registry codes it"),
        Column("phase", "tg:combinedPhase/skos:notation", TEXT, "phase, combined phases as one"),
        Column("study_type", "tg:studyType/skos:notation"), Column("enrollment", "tg:enrollmentCount", INTEGER),
        Column("start_earliest", "tg:startDateEarliest", DATE, "earliest day that the start date can mean"),
        Column("start_latest", "tg:startDateLatest", DATE, "latest day that the start date can mean"),
        Column("minimum_age_years", "tg:minimumAgeYears", NUMBER, "empty: no bound"),
        Column("maximum_age_years", "tg:maximumAgeYears", NUMBER, "empty: no bound"),
        Column("sex", "tg:sex/skos:notation"), Column("has_results", "tg:hasResults", BOOLEAN),
        Column("sponsor", "tg:leadSponsorName"),
    ), "Trial"),
    Table("conditions", "One row a condition of a trial.", "?trial a tg:Trial ; tg:condition ?row .", (
        Column("condition", "rdfs:label"), Column("disease", "tg:denotes", IRI, "the disease that it is linked to"),
    ), "Condition"),
    Table("interventions", "One row an intervention of a trial.", "?trial a tg:Trial ; tg:intervention ?row .", (
        Column("intervention", "rdfs:label"), Column("type", "tg:interventionType/skos:notation"),
        Column("drug", "tg:drug", IRI, "the drug that it is linked to"),
        Column("drug_name", "tg:drug/rdfs:label"),
    ), "Intervention"),
    Table("arms", "One row an arm of a trial.", "?trial a tg:Trial ; tg:arm ?row .", (
        Column("arm", "rdfs:label"), Column("type", "tg:armType/skos:notation"),
        Column("description", "tg:armDescription"),
    ), "Arm"),
    Table(
        "doses", "One row a dose specification of an arm, curated or read from the text.",
        "?trial a tg:Trial ; tg:arm ?arm . ?arm tg:doseSpecification ?row .", (
            Column("drug", "tg:drug", IRI), Column("agent", "tg:agentName"),
            Column("value", "tg:dose/tg:value", NUMBER), Column("high", "tg:dose/tg:highValue", NUMBER),
            Column("unit", "tg:dose/tg:unit", TEXT, "UCUM code"),
            Column("as_written", "tg:dose/rdfs:label"), Column("role", "tg:doseRole/skos:notation"),
            Column("route", "tg:route/rdfs:label"), Column("frequency", "tg:frequency/rdfs:label"),
        ), "DoseSpecification",
    ),
    Table("outcomes", "One row an outcome measure of a trial.", "?trial a tg:Trial ; tg:outcome ?row .", (
        Column("measure", "rdfs:label"), Column("role", "tg:outcomeRole/skos:notation"),
        Column("endpoint", "tg:endpoint", IRI), Column("endpoint_name", "tg:endpoint/rdfs:label"),
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
            Column("low", "tg:lowLimit", NUMBER), Column("high", "tg:highLimit", NUMBER),
            Column("unit", "tg:limitUnit", TEXT, "UCUM code"),
        ), "Threshold",
    ),
    Table("sites", "One row a site of a trial.", "?trial a tg:Trial ; tg:site ?row .", (
        Column("facility", "tg:facility"), Column("city", "tg:city"), Column("state", "tg:state"),
        Column("country", "tg:country"), Column("status", "tg:siteStatus/skos:notation"),
        Column("latitude", "tg:latitude", NUMBER), Column("longitude", "tg:longitude", NUMBER),
    ), "Site"),
    Table(
        "results", "One row a measurement of an outcome, by group.",
        "?trial a tg:Trial ; tg:outcomeResult ?outcome . "
        "?outcome tg:measureClass/tg:category/tg:measurement ?row .", (
            Column("outcome", "^tg:measurement/^tg:category/^tg:measureClass/rdfs:label"),
            Column("group", "tg:group/tg:groupTitle"), Column("value", "tg:measuredValue"),
            Column("number", "tg:measuredValueNumber", NUMBER),
            Column("comparator", "tg:measuredValueComparator/skos:notation"), Column("spread", "tg:spread"),
            Column("lower", "tg:lowerLimit"), Column("upper", "tg:upperLimit"),
        ), "Measurement",
    ),
    Table(
        "analyses", "One row a statistical analysis of an outcome.",
        "?trial a tg:Trial ; tg:outcomeResult ?outcome . ?outcome tg:analysis ?row .", (
            Column("outcome", "^tg:analysis/rdfs:label"), Column("parameter", "tg:analysisParamType"),
            Column("value", "tg:paramValueNumber", NUMBER), Column("lower", "tg:ciLowerLimitNumber", NUMBER),
            Column("upper", "tg:ciUpperLimitNumber", NUMBER), Column("p", "tg:pValueNumber", NUMBER),
            Column("p_comparator", "tg:pValueComparator/skos:notation"), Column("method", "tg:statisticalMethod"),
        ), "Analysis",
    ),
    Table(
        "events", "One row an adverse event of a trial, by group.",
        "?trial a tg:Trial ; tg:adverseEvent ?event . ?event tg:eventCount ?row .", (
            Column("term", "^tg:eventCount/tg:eventTerm"), Column("organ_system", "^tg:eventCount/tg:organSystem"),
            Column("group", "tg:group/tg:groupTitle"), Column("affected", "tg:numAffected", INTEGER),
            Column("at_risk", "tg:numAtRisk", INTEGER), Column("events", "tg:numEvents", INTEGER),
        ), "EventCount",
    ),
    Table(
        "links", "One row an identifier elsewhere of a drug, disease, target or organization.",
        "VALUES ?kind { tg:Drug tg:Disease tg:Target tg:Organization } ?row a ?kind ; skos:exactMatch ?elsewhere .", (
            Column("label", "rdfs:label"), Column("elsewhere", "skos:exactMatch", IRI),
        ), "Drug",
    ),
)  # fmt: skip
"""Every table; one more is one more row."""
