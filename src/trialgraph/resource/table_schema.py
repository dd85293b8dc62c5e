"""The tables of a release: what a row of each is, and its columns with the paths of their values.

One more table is one more row of `TABLES`. The files (`table_files`), their descriptions, and what the downloads and
the DCAT of a release say of them follow from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trialgraph.vocabulary import prologue

CROISSANT: Final = "croissant.json"
R2RML: Final = "tables.r2rml.ttl"
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
TEXT, INTEGER, NUMBER, DATE, BOOLEAN, IRI = "Text", "Integer", "Float", "Date", "Boolean", "URL"
"""The kinds of values, by their names in schema.org."""


_ONE_STEP: Final = re.compile(r"\?trial a tg:Trial ; (tg:\w+) \?row \.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the property path to its value, its kind, and what it is in words."""

    name: str
    path: str
    """Empty where the pattern of the table binds the variable of this name."""
    kind: str = TEXT
    about: str = ""
    of: str = "row"
    """The variable that the path begins at: the row, or another thing of the pattern."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the pattern that gives `?row`, and, where a row is part of a trial, `?trial`."""

    name: str
    about: str
    pattern: str
    columns: tuple[Column, ...]
    row_class: str
    """The class that every row has; empty where there is none."""

    @property
    def of_trial(self) -> bool:
        """Whether its rows are parts of trials, and so have the number of the trial first."""
        return "?trial" in self.pattern

    @property
    def way_from_trial(self) -> str:
        """The property that leads from a trial to the row, where that is one; else empty."""
        found = _ONE_STEP.fullmatch(self.pattern)
        return found.group(1) if found else ""

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
        """Return the SELECT that gives the rows in a fixed order.

        Columns whose paths begin with the same step are read from the same thing, so that the name in a row is that
        of the drug in it where there are two.

        >>> table = Table("t", "", "?row a tg:X .", (Column("a", "tg:p", IRI), Column("b", "tg:p/rdfs:label")), "X")
        >>> print(table.query().partition("prov#>\\n")[2])
        SELECT ?row ?a ?b { ?row a tg:X .\x20
        OPTIONAL { ?row tg:p ?a . OPTIONAL { ?a rdfs:label ?b } } } ORDER BY ?row
        """
        prefixes = prologue("tg", "rdfs", "skos", "prov")
        names = " ".join(f"?{name}" for name in self.variables)
        trial = "?trial tg:nctId ?trialId . " if self.of_trial else ""
        optional = "\n".join(self._optional())
        return f"{prefixes}SELECT {names} {{ {self.pattern} {trial}\n{optional} }} ORDER BY ?row"

    def _optional(self) -> Iterator[str]:
        """Yield a pattern for each first step of the paths, with all that is read from what it leads to."""
        ways: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for column in self.columns:
            step, _, rest = column.path.partition("/")
            if step:
                ways.setdefault((column.of, step), []).append((column.name, rest))
        for (of, step), columns in ways.items():
            (name, rest), *others = columns
            if not others:
                yield f"OPTIONAL {{ ?{of} {step}{'/' if rest else ''}{rest} ?{name} }}"
                continue
            there = next((name for name, rest in columns if not rest), f"{name}Of")
            read = " ".join(f"OPTIONAL {{ ?{there} {rest} ?{name} }}" for name, rest in columns if rest)
            yield f"OPTIONAL {{ ?{of} {step} ?{there} . {read} }}"


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
        Column("disease_name", "tg:denotes/rdfs:label"),
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
        "?trial a tg:Trial ; tg:arm ?armOf . ?armOf tg:doseSpecification ?row .", (
            Column("arm", "rdfs:label", of="armOf"),
            Column("drug", "tg:drug", IRI, "the drug that the agent is linked to"),
            Column("drug_name", "tg:drug/rdfs:label"),
            Column("agent", "tg:agentName", TEXT, "what the text calls it"),
            Column("value", "tg:dose/tg:value", NUMBER), Column("high", "tg:dose/tg:highValue", NUMBER),
            Column("unit", "tg:dose/tg:unit", TEXT, "UCUM code"),
            Column("as_written", "tg:dose/rdfs:label"), Column("role", "tg:doseRole/skos:notation"),
            Column("route", "tg:route/rdfs:label"), Column("frequency", "tg:frequency/rdfs:label"),
            Column("dosing_interval", "tg:interval/rdfs:label", TEXT, "time from one to the next"),
        ), "DoseSpecification",
    ),
    Table("outcomes", "One row an outcome measure of a trial.", "?trial a tg:Trial ; tg:outcome ?row .", (
        Column("measure", "rdfs:label"), Column("role", "tg:outcomeRole/skos:notation"),
        Column("endpoint", "tg:endpoint", IRI), Column("endpoint_name", "tg:endpoint/rdfs:label"),
        Column("assessor", "tg:assessor/rdfs:label"),
        Column("time_frame", "tg:timeFrame", TEXT, "as the record words it"),
    ), "OutcomeMeasure"),
    Table("criteria", "One row an eligibility criterion of a trial.", "?trial a tg:Trial ; tg:criterion ?row .", (
        Column("side", "tg:criterionSide/skos:notation"), Column("type", "tg:criterionType/skos:notation"),
        Column("text", "tg:criterionText"),
    ), "Criterion"),
    Table(
        "thresholds", "One row a threshold of a criterion.",
        "?trial a tg:Trial ; tg:criterion ?criterion . ?criterion tg:threshold ?row .", (
            Column("criterion", "", IRI, "the row of the table criteria"),
            Column("side", "tg:criterionSide/skos:notation", of="criterion"),
            Column("measurement", "tg:ofMeasurement/rdfs:label"), Column("operator", "tg:operator/skos:notation"),
            Column("low", "tg:lowLimit", NUMBER), Column("high", "tg:highLimit", NUMBER),
            Column("unit", "tg:limitUnit", TEXT, "UCUM code"),
            Column("comparable_low", "tg:comparableLow", NUMBER, "low in the usual unit of the measurement"),
            Column("comparable_high", "tg:comparableHigh", NUMBER, "high in the usual unit of the measurement"),
            Column("comparable_unit", "tg:comparableUnit", TEXT, "UCUM code of the usual unit"),
        ), "Threshold",
    ),
    Table("sites", "One row a site of a trial.", "?trial a tg:Trial ; tg:site ?row .", (
        Column("facility", "tg:facility"), Column("city", "tg:city"), Column("state", "tg:state"),
        Column("country", "tg:country"), Column("status", "tg:siteStatus/skos:notation"),
        Column("latitude", "tg:latitude", NUMBER), Column("longitude", "tg:longitude", NUMBER),
    ), "Site"),
    Table(
        "results", "One row a measurement of an outcome, by group.",
        "?trial a tg:Trial ; tg:outcomeResult ?result . "
        "?result tg:measureClass ?class . ?class tg:category ?category . ?category tg:measurement ?row .", (
            Column("outcome", "rdfs:label", of="result"),
            Column("role", "tg:outcomeResultType/skos:notation", of="result"),
            Column("time_frame", "tg:resultTimeFrame", TEXT, "as the record words it", of="result"),
            Column("class_title", "tg:classTitle", of="class"),
            Column("category_title", "tg:categoryTitle", of="category"),
            Column("group_title", "tg:group/tg:groupTitle"),
            Column("value", "tg:measuredValue", TEXT, "as it was posted"),
            Column("number", "tg:measuredValueNumber", NUMBER, "the value, where it is a number"),
            Column("comparator", "tg:measuredValueComparator/skos:notation", TEXT, "NA: none, and why"),
            Column("unit", "tg:unitOfMeasure", TEXT, "as the record words it", of="result"),
            Column("parameter", "tg:paramType/skos:notation", of="result"),
            Column("dispersion", "tg:dispersionType", TEXT, "what spread, lower and upper are", of="result"),
            Column("spread", "tg:spreadNumber", NUMBER),
            Column("lower", "tg:lowerLimitNumber", NUMBER), Column("upper", "tg:upperLimitNumber", NUMBER),
        ), "Measurement",
    ),
    Table(
        "analyses", "One row a statistical analysis of an outcome.",
        "?trial a tg:Trial ; tg:outcomeResult ?result . ?result tg:analysis ?row .", (
            Column("outcome", "rdfs:label", of="result"),
            Column("role", "tg:outcomeResultType/skos:notation", of="result"),
            Column("parameter", "tg:analysisParamType"),
            Column("value", "tg:paramValueNumber", NUMBER), Column("lower", "tg:ciLowerLimitNumber", NUMBER),
            Column("upper", "tg:ciUpperLimitNumber", NUMBER),
            Column("confidence_percent", "tg:ciPctValueNumber", NUMBER, "of the interval from lower to upper"),
            Column("p", "tg:pValueNumber", NUMBER),
            Column("p_comparator", "tg:pValueComparator/skos:notation"), Column("method", "tg:statisticalMethod"),
        ), "Analysis",
    ),
    Table(
        "events", "One row an adverse event of a trial, by group.",
        "?trial a tg:Trial . { ?trial tg:seriousEvent ?event BIND(true AS ?serious) } "
        "UNION { ?trial tg:otherEvent ?event BIND(false AS ?serious) } ?event tg:eventCount ?row .", (
            Column("serious", "", BOOLEAN, "whether it was reported as serious"),
            Column("term", "tg:eventTerm", of="event"), Column("organ_system", "tg:organSystem", of="event"),
            Column("group_title", "tg:group/tg:groupTitle"), Column("affected", "tg:numAffected", INTEGER),
            Column("at_risk", "tg:numAtRisk", INTEGER), Column("events", "tg:numEvents", INTEGER),
        ), "EventCount",
    ),
    Table(
        "links", "One row an identifier elsewhere of a drug, disease, target or organization.",
        'VALUES (?kindOf ?kind) { (tg:Drug "drug") (tg:Disease "disease") (tg:Target "target") '
        '(tg:Organization "organization") } ?row a ?kindOf . FILTER EXISTS { ?row skos:exactMatch ?any }', (
            Column("kind", "", TEXT, "drug, disease, target or organization"), Column("label", "rdfs:label"),
            Column("elsewhere", "skos:exactMatch", IRI, "the same thing in another vocabulary"),
        ), "",
    ),
)  # fmt: skip
"""Every table; one more is one more row."""
