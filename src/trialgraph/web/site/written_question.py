"""The blanks of a question without SPARQL, rows of one table, and the query that they make."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from trialgraph.settings import packaged
from trialgraph.terms import iri, string
from trialgraph.vocabulary import prologue
from trialgraph.web.context.name_search import Found
from trialgraph.web.context.named_things import LONGEST_NAME
from trialgraph.web.http.problems import RequestError


@dataclass(frozen=True, slots=True)
class Slot:
    """A blank of the form, and what filling it adds to the query."""

    name: str
    label: str
    hint: str
    kind: str
    """`thing` (a name that is resolved), `choice` (a coded value), `number` or `unit`, in any spelling."""
    patterns: str
    """With `{value}` for a term, `{words}` for a literal in small letters, `{number}` for a number."""
    things: tuple[str, ...] = ()
    """Classes that a name is sought among."""
    otherwise: str = ""
    """Patterns for words that name no thing of the release."""
    shown: str = ""
    """Variables this slot adds to what is shown."""
    scheme: str = ""
    """The list of coded values, by the end of its IRI."""
    needs: str = ""
    """Another slot without which this one means nothing."""


SLOTS: Final = (
    Slot(
        "condition", "Condition", "breast cancer", "thing",
        "?trial tg:studiesDisease/skos:broader* {value} .", ("Disease",),
        "?trial tg:conditionName|tg:keyword ?conditionName . FILTER(CONTAINS(LCASE(?conditionName), {words}))",
    ),
    Slot(
        "drug", "Drug", "pembrolizumab", "thing",
        "?trial tg:intervention/tg:drug {value} .", ("Drug",),
        "?trial tg:intervention/rdfs:label ?interventionName . FILTER(CONTAINS(LCASE(?interventionName), {words}))",
    ),
    Slot(
        "target", "Target of a drug", "PD-1", "thing",
        "?trial tg:intervention/tg:drug/tg:target {value} .", ("Target",),
    ),
    Slot(
        "sponsor", "Sponsor", "Pfizer", "thing", "?trial tg:sponsor {value} .", ("Organization",),
        "?trial tg:leadSponsorName ?sponsorName . FILTER(CONTAINS(LCASE(?sponsorName), {words}))",
    ),
    Slot("phase", "Phase", "", "choice", "?trial tg:phase/skos:notation {literal} .", scheme="phase"),
    Slot(
        "status", "Status", "", "choice",
        "?trial tg:overallStatus/skos:notation {literal} .", scheme="overall-status",
    ),
    Slot(
        "country", "Country of a site", "France", "thing", "?trial tg:inCountry {value} .", ("Country",),
        "?trial tg:country ?country . FILTER(LCASE(?country) = {words})",
    ),
    Slot(
        "endpoint", "Endpoint of an outcome", "overall survival", "thing",
        "?trial tg:outcome ?outcome . ?outcome tg:endpoint {value} ; rdfs:label ?outcomeName .", ("Endpoint",),
        "?trial tg:outcome/rdfs:label ?outcomeName . FILTER(CONTAINS(LCASE(?outcomeName), {words}))", "?outcomeName",
    ),
    Slot(
        "dose", "Dose of at least", "200", "number",
        "?trial tg:arm/tg:doseSpecification/tg:dose ?dose . ?dose tg:value ?doseValue ; rdfs:label ?doseName .\n"
        "  FILTER(?doseValue >= {number})", shown="?doseName",
    ),
    Slot("unit", "Unit of the dose", "mg", "unit", "?dose tg:unit {literal} .", needs="dose"),
    Slot(
        "age", "Open to someone of this age, in years", "4", "number",
        "OPTIONAL {{ ?trial tg:minimumAgeYears ?youngest }} OPTIONAL {{ ?trial tg:maximumAgeYears ?oldest }}\n"
        "  FILTER(COALESCE(?youngest, 0) <= {number} && COALESCE(?oldest, 999) >= {number})",
    ),
    Slot(
        "measurement", "Threshold of a measurement", "platelets", "thing",
        "?trial tg:criterion ?criterion . ?criterion tg:criterionText ?criterionText ; tg:threshold ?threshold .\n"
        "  ?threshold tg:ofMeasurement {value} ; rdfs:label ?thresholdName .", ("Measurement",),
        "?trial tg:criterion ?criterion . ?criterion tg:criterionText ?criterionText ; tg:threshold ?threshold .\n"
        "  ?threshold tg:ofMeasurement/rdfs:label ?measured ; rdfs:label ?thresholdName .\n"
        "  FILTER(CONTAINS(LCASE(?measured), {words}))", "?thresholdName ?criterionText",
    ),
    Slot(
        "least", "Threshold of at least, in its usual unit", "100", "number",
        "?threshold tg:comparableLow ?low . FILTER(?low >= {number})", needs="measurement",
    ),
)  # fmt: skip
"""The blanks in the order of the form; one more is one more row."""

_STATUS: Final = "(SAMPLE(?statusName) AS ?status)"
_PHASE: Final = '(GROUP_CONCAT(DISTINCT ?phaseName; separator=", ") AS ?phase)'
_ALWAYS: Final = (
    "OPTIONAL { ?trial tg:overallStatus/rdfs:label ?statusName }",
    "OPTIONAL { ?trial tg:phase/rdfs:label ?phaseName }",
)
"""What is told of each trial, whatever was asked; some have two phases, which stand in one cell."""
HEADS: Final = {
    "status": "Status",
    "phase": "Phase",
    "outcomeName": "Outcome, in its words",
    "doseName": "Dose",
    "thresholdName": "Threshold",
    "criterionText": "Criterion, in its words",
}
"""Heads of the columns behind title and number."""


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A query, and what was made of the words: by slot, the thing they were taken for, or None for plain words."""

    query: str
    taken: Mapping[str, Found | None]


Resolve = Callable[[str, tuple[str, ...]], Found | None]
"""Gives the thing of some classes that words name, or None."""


def question(filled: Mapping[str, str], resolve: Resolve) -> WrittenQuestion:
    """Return the query that filled slots make.

    Raises RequestError (400) for a number that is none, or words for a slot that has only things.

    >>> print(question({"phase": "PHASE3"}, lambda words, kinds: None).query)
    PREFIX tg: <https://w3id.org/trialgraph/ontology#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    SELECT ?trial ?title (SAMPLE(?statusName) AS ?status)
           (GROUP_CONCAT(DISTINCT ?phaseName; separator=", ") AS ?phase)
    WHERE {
      ?trial a tg:Trial ; rdfs:label ?title .
      ?trial tg:phase/skos:notation "PHASE3" .
      OPTIONAL { ?trial tg:overallStatus/rdfs:label ?statusName }
      OPTIONAL { ?trial tg:phase/rdfs:label ?phaseName }
    }
    GROUP BY ?trial ?title
    ORDER BY DESC(?trial)
    LIMIT 1000
    """
    patterns, shown, taken = ["?trial a tg:Trial ; rdfs:label ?title ."], [], {}
    for slot in SLOTS:
        words = " ".join(filled.get(slot.name, "").split())[:LONGEST_NAME]
        if not words or (slot.needs and not filled.get(slot.needs, "").strip()):
            continue
        thing = resolve(words, slot.things) if slot.kind == "thing" else None
        if slot.kind == "thing":
            taken[slot.name] = thing
            if thing is None and not slot.otherwise:
                raise RequestError(
                    400, f"{slot.label}: this release has nothing called {words!r}; leave it empty to see all"
                )
        pattern = slot.patterns if thing or slot.kind != "thing" else slot.otherwise
        patterns.append(pattern.format(**_values(slot, words, thing)))
        shown += [slot.shown] if slot.shown else []
    body = "\n  ".join((*patterns, *_ALWAYS))
    each = " ".join(("?trial", "?title", *shown))
    columns = " ".join(("?trial", "?title", f"{_STATUS}\n       {_PHASE}", *shown))
    select = f"SELECT {columns}\nWHERE {{\n  {body}\n}}\nGROUP BY {each}\nORDER BY DESC(?trial)\nLIMIT 1000"
    return WrittenQuestion(prologue("tg", "rdfs", "skos") + select, taken)


def _values(slot: Slot, words: str, thing: Found | None) -> dict[str, str]:
    values = {
        "words": string(words.lower()),
        "literal": string(unit_code(words) if slot.kind == "unit" else words),
        "value": iri(thing.iri) if thing else "",
        "number": "",
    }
    if slot.kind == "number":
        try:
            values["number"] = f"{float(words.replace(',', '')):g}"
        except ValueError:
            raise RequestError(
                400, f"{slot.label}: {words!r} is not a number; write one such as {slot.hint}"
            ) from None
        if values["number"] in {"nan", "inf", "-inf"}:
            raise RequestError(400, f"{slot.label}: {words!r} is not a number; write one such as {slot.hint}")
    return values


def unit_code(words: str) -> str:
    """Return the UCUM code of a unit as texts spell it; the words themselves where no part of them is known.

    >>> unit_code("mcg"), unit_code("mg/m²"), unit_code("MG/KG"), unit_code("AUC"), unit_code("tablets")
    ('ug', 'mg/m2', 'mg/kg', 'mg.min/mL', '{tablet}')
    """
    exact, any_case = _unit_spellings()
    parts = words.replace("²", "2").split("/")
    found = [exact.get(part.strip()) or any_case.get(part.strip().casefold(), part.strip()) for part in parts]
    return "/".join(found)


@cache
def _unit_spellings() -> tuple[dict[str, str], dict[str, str]]:
    """Return codes by spelling in `data/lexicons/units.tsv`, with and without regard to capitals."""
    lines = (packaged("data") / "lexicons" / "units.tsv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    exact = {row["spelling"]: row["code"] for row in rows}
    any_case = {"auc": "mg.min/mL", "m2": "m2"}
    for row in rows:
        if row["case"] == "any":
            any_case.setdefault(row["spelling"].casefold(), row["code"])
    return exact, any_case
