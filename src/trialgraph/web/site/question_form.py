"""`/ask`: a question without SPARQL; each slot adds patterns, the query is shown, run, shared.

    query = question({"drug": "Pembrolizumab", "phase": "PHASE3"}, resolve)

The slots are the rows of one table. A name that is typed is resolved to a thing of the release; where there is none
the words are sought in what trials call it, and the page says so.
"""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from trialgraph.errors import QueryError
from trialgraph.formats import SPARQL_CSV, SPARQL_JSON
from trialgraph.query import QueryRequest
from trialgraph.settings import packaged
from trialgraph.terms import iri, iri_value, lexical, string
from trialgraph.vocabulary import RESOURCE, prologue
from trialgraph.web.context.faceted_search import trial_index
from trialgraph.web.context.node import page_address
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation
from trialgraph.web.site.name_search import Found, SearchIndex, search_index, similarity

blueprint = Blueprint("question_form", __name__)

_ON_PAGE: Final = 100
_LONGEST: Final = 200
_FILES: Final = {"csv": SPARQL_CSV, "json": SPARQL_JSON}
_CLEARLY: Final = 2
"""How many times as often as the next a thing must be called so to be what is meant."""
_CALLED: Final = {
    "Disease": "?of a tg:Condition ; tg:denotes ?thing ; rdfs:label ?name .",
    "Drug": "?of a tg:Intervention ; tg:drug ?thing ; rdfs:label|tg:interventionOtherName ?name ."
    " FILTER NOT EXISTS { ?of tg:drug ?other FILTER(?other != ?thing) }",
}
"""How records call the things of a class."""
_NEAR: Final = 60.0
"""How like the words a name must be to be taken for what is meant, of 100."""


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
        words = " ".join(filled.get(slot.name, "").split())[:_LONGEST]
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


def named_thing(words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing of the release that words name: exactly so, or the one that is most like it."""
    if kinds == ("Country",):
        return _country(words)
    if kinds == ("Measurement",):
        return _measurement(words)
    index = search_index(reading().release)
    if index is None:
        return None
    return (
        _likest(index, words, kinds) or _called(index, words, kinds) or _likest(index, index.respelled(words), kinds)
    )


def _likest(index: SearchIndex, words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing whose name in the index is words, or most like them."""
    found = [thing for kind in kinds for thing in index.find(words, kind, 50)]
    best = max(found, key=lambda thing: (similarity(words, thing.label), -len(thing.label)), default=None)
    # A name in other words, such as a brand, is found by the index though its label is unlike it.
    return best if best and (similarity(words, best.label) >= _NEAR or len(found) == 1) else None


def _called(index: SearchIndex, words: str, kinds: tuple[str, ...]) -> Found | None:
    """Return the thing that records call so, such as a disease by its short form; None where they mean several."""
    for pattern in filter(None, map(_CALLED.get, kinds)):
        rows = reading().asking.rows(
            f"{prologue('tg', 'rdfs')}SELECT ?thing (COUNT(DISTINCT ?of) AS ?times) {{ {pattern} "
            f"FILTER(LCASE(STR(?name)) = {string(words.lower())}) }} GROUP BY ?thing ORDER BY DESC(?times) LIMIT 2"
        )
        times = [int(lexical(row["times"])) for row in rows if "thing" in row]
        if times and times[0] >= _CLEARLY * sum(times[1:]):
            path = iri_value(rows[0]["thing"]).removeprefix(RESOURCE)
            return next(iter(index.things([path])), None)
    return None


def _country(words: str) -> Found | None:
    """Return the country of a name that some record writes: `South Korea` and `Korea, Republic of` are one."""
    index = trial_index(reading().release)
    value = index.named("country", words) if index else ""
    code = _country_codes().get(words.replace(".", "").casefold(), "")
    if index and not value and code and index.label("country", f"country/{code}") != f"country/{code}":
        value = f"country/{code}"
    return Found(value, "Country", index.label("country", value)) if index and "/" in value else None


def _measurement(words: str) -> Found | None:
    """Return the measurement that texts call so, by the names that criteria are read with, or by its label."""
    code = _measurement_codes().get(plain(words), "")
    concepts = [
        concept
        for scheme in reading().words.schemes.values()
        if scheme.name == "measurement"
        for concept in scheme.concepts
        if concept.notation == code or plain(concept.label) == plain(words)
    ]
    return next(
        (Found(iri_value(one.term).removeprefix(RESOURCE), "Measurement", one.label) for one in concepts), None
    )


@cache
def _country_codes() -> dict[str, str]:
    """Return the ISO code of a country by its codes and other names in `data/links/countries.tsv`."""
    lines = (packaged("data") / "links" / "countries.tsv").read_text("utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines, delimiter="\t") if not row["withdrawn"]]
    names = ((name, row["code"]) for row in rows for name in (row["name"], *row["other names"].split("|")))
    codes = ((code, row["code"]) for row in rows for code in (row["code"], row["alpha-3"]))
    return {name.replace(".", "").casefold(): code for name, code in (*codes, *names) if name}


@cache
def _measurement_codes() -> dict[str, str]:
    """Return the notation of a measurement by each name in `data/lexicons/measurements.tsv`."""
    lines = (packaged("data") / "lexicons" / "measurements.tsv").read_text("utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    names = ((name, row["code"]) for row in rows for name in (row["code"], *row["names"].split(";")))
    return {plain(name): code.upper().replace("-", "_") for name, code in names}


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


def plain(words: str) -> str:
    """Return a name in one form, whatever its case, hyphens and number.

    >>> plain("Platelets"), plain("platelet  count"), plain("NT-proBNP")
    ('platelet', 'platelet count', 'nt probnp')
    """
    return " ".join(word.removesuffix("s") for word in words.casefold().replace("-", " ").split())


@blueprint.get("/ask")
def ask() -> Response:
    """Return the form with the answer of what is filled in; by `format`, the answer as CSV or JSON.

    Raises RequestError: 400 for a slot that cannot be read or another format.
    """
    here = reading()
    filled = {slot.name: request.args[slot.name] for slot in SLOTS if request.args.get(slot.name, "").strip()}
    form = request.args.get("format", "html")
    if form not in {"html", *_FILES}:
        raise RequestError(400, f"{form!r} is no format of an answer; there are html, {', '.join(_FILES)}")
    written, error, rows, columns = None, "", [], []
    if filled:
        try:
            written = question(filled, named_thing)
        except RequestError as wrong:
            if form != "html":
                raise
            error = str(wrong)
    if form != "html":
        if written is None:
            raise RequestError(400, f"nothing is asked; fill one of {', '.join(slot.name for slot in SLOTS)}")
        result = here.run(QueryRequest(written.query, result_format=_FILES[form]))
        return representation(result.read(), _FILES[form].media_type, here.release)
    if written:
        try:
            answer = json.loads(here.run(QueryRequest(written.query, result_format=SPARQL_JSON)).read())
            columns, rows = answer["head"]["vars"][2:], _rows(answer)
        except QueryError as failed:
            error = str(failed)
    body = render_template(
        "ask.html",
        slots=SLOTS,
        filled=filled,
        choices={slot.name: _choices(slot.scheme) for slot in SLOTS if slot.scheme},
        written=written,
        error=error,
        heads=[HEADS[name] for name in columns],
        rows=rows[:_ON_PAGE],
        total=len(rows),
        shared=urlencode(filled),
        release=here.release,
    )
    return representation(body, "text/html", here.release, cache="no-cache")


def _choices(scheme: str) -> list[tuple[str, str]]:
    """Return notation and label of the values of a scheme, in its order."""
    return [
        (concept.notation, concept.label)
        for known in reading().words.schemes.values()
        if known.name == scheme
        for concept in known.concepts
        if concept.notation
    ]


def _rows(answer: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    """Return text and address of each cell; the trial itself is shown by its title."""
    made = []
    for binding in answer["results"]["bindings"]:
        address = page_address(f"<{binding['trial']['value']}>") or ""
        number = binding["trial"]["value"].rsplit("/", 1)[-1]
        others = [(binding[name]["value"] if name in binding else "", "") for name in answer["head"]["vars"][2:]]
        made.append([(binding["title"]["value"], address), (number, ""), *others])
    return made
