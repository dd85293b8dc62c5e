"""Search: things by name, trials by words and facets, the list as CSV, JSON, Turtle, SPARQL."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.formats import SPARQL_CSV, TURTLE, Format
from trialgraph.resource.search_terms import is_identifier, written_name
from trialgraph.syntaxes.document import document
from trialgraph.terms import iri, string
from trialgraph.vocabulary import NCT_ID, RESOURCE, prologue
from trialgraph.web.context.faceted_search import (
    ON_A_PAGE,
    SORTS,
    TrialIndex,
    TrialList,
    TrialQuery,
    TrialRow,
    trial_index,
)
from trialgraph.web.context.name_search import KIND_TITLES, Found, SearchIndex, search_index, similarity
from trialgraph.web.context.release_view import reading
from trialgraph.web.context.trial_groups import FACET_OF
from trialgraph.web.context.year_chart import year_chart
from trialgraph.web.http.negotiation import HTML, Page
from trialgraph.web.http.page_parameters import asked_format, asked_page, asked_word, held_page
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import of_document, representation

blueprint = Blueprint("search", __name__)

_OF_A_KIND: Final = 6
_SAME: Final = 100.0
_OF_ONE_KIND: Final = 40
_MOST_ROWS: Final = 10_000
"""Trials in a list that is taken away; a longer one says so."""
_MOST_DESCRIBED: Final = 500
_MOST_NAMED: Final = 4000
"""Trials that a query of a search names; their address stays below what servers take."""
_PREFIXES: Final = ("tg", "rdfs", "skos", "tgid")
_JSON: Final = Page("json", "application/json", "json", ())
_QUERY: Final = Page("sparql", "application/sparql-query", "rq", ())
_FORMS: Final = (HTML, SPARQL_CSV, _JSON, TURTLE, _QUERY)
_PATTERNS: Final = {
    "status": "?trial tg:overallStatus/skos:notation {literal} .",
    "phase": "?trial tg:phase/skos:notation {literal} .",
    "type": "?trial tg:studyType/skos:notation {literal} .",
    "age": "?trial tg:standardAge/skos:notation {literal} .",
    "condition": "?trial tg:studiesDisease {iri} .",
    "drug": "?trial tg:intervention/tg:drug {iri} .",
    "target": "?trial tg:intervention/tg:drug/tg:target {iri} .",
    "endpoint": "?trial tg:outcome/tg:endpoint {iri} .",
    "sponsor": "?trial tg:sponsor {iri} .",
    "country": "?trial {country} .",
    "year": "?trial tg:startYear {bare} .",
    "results": "?trial tg:hasResults {bare} .",
    "unit": "?trial tg:arm/tg:doseSpecification/tg:dose/tg:unit {literal} .",
}
"""How each facet is asked in SPARQL; a value is a literal, an IRI of ours, or a number or boolean."""


@blueprint.get("/search")
def search() -> AnyResponse:
    """Return the things and trials that fit, as a page or, by `format` or Accept, as a file.

    Raises RequestError: 400 for a format, kind, order, view or page that is none, 404 for a page behind the last, 503
    where the release has no index.
    """
    here = reading()
    text, kind = request.args.get("q", "").strip(), asked_word(request.args, "kind", KIND_TITLES)
    view = asked_word(request.args, "view", ("years",))
    names, trials = search_index(here.release), trial_index(here.release)
    number = written_name(text).upper()
    if names and NCT_ID.fullmatch(number) and names.things([number]):
        return redirect(f"/page/{number}", 303)
    asked = _query(text, trials)
    query = _by_thing(asked, names, trials)
    form = asked_format(request.args, request.headers.get("Accept", ""), _FORMS, "a list of trials")
    if form != HTML:
        return _file(form, trials, query)
    answer = trials.search(query) if trials and (kind in {"", "Trial"}) else None
    words = answer.text if answer and query.text else text
    groups: list[tuple[str, list[Found], bool]] = []
    if names and kind in KIND_TITLES and kind != "Trial":
        found = names.find(text, kind, _OF_ONE_KIND + 1, (query.page - 1) * _OF_ONE_KIND)
        groups = [(kind, found[:_OF_ONE_KIND], len(found) > _OF_ONE_KIND)] if found else []
    elif names and query.page == 1 and words and not asked.chosen:
        by_kind = _kinds(names, words, exactly=bool(answer and answer.chosen and query.text))
        groups = [(name, found[:_OF_A_KIND], len(found) > _OF_A_KIND) for name, found in by_kind if name != "Trial"]
    pages = -(-answer.total // ON_A_PAGE) if answer else 0
    if answer or not groups:
        held_page(query.page, pages)
    body = render_template(
        "search.html",
        search=text,
        query=query,
        groups=groups,
        titles=KIND_TITLES,
        kind=kind,
        is_searchable=names is not None,
        answer=answer,
        chart=year_chart(trials, query) if trials and answer and view else None,
        is_chart_asked=bool(view),
        fewer=trials.fewer(replace(query, chosen=answer.chosen)) if trials and answer and not answer.total else {},
        index=trials,
        link=lambda **changed: _address(query, answer, changed),
        narrowed=lambda facet, value: _address(query, answer, {"add": (facet, value)}),
        pages=pages,
        sorts=SORTS,
        release=here.release,
    )
    return representation(body, HTML.media_type, here.release, by=("Accept",))


def _kinds(names: SearchIndex, words: str, *, exactly: bool) -> Iterator[tuple[str, list[Found]]]:
    """Yield the things that words name, by kind; `exactly` where filters among them say that trials are sought."""
    for kind, found in names.by_kind(words, _OF_A_KIND + 1):
        kept = [thing for thing in found if similarity(words, thing.label) == _SAME] if exactly else found
        if kept:
            yield kind, kept


def _by_thing(query: TrialQuery, names: SearchIndex | None, trials: TrialIndex | None) -> TrialQuery:
    """Return a query for the identifier of a thing as one for the trials of that thing: no text has the identifier.

    A code that is an identifier without its prefix is one where no text of a trial has it.
    """
    if names is None or trials is None or not query.text:
        return query
    if not is_identifier(query.text) and (
        " " in query.text or not any(map(str.isdigit, query.text)) or trials.search(query).total
    ):
        return query
    own = query.text.removeprefix(RESOURCE)
    things = names.things([own]) if own != query.text else names.find(query.text, limit=_OF_A_KIND, whole=True)
    facet = next((FACET_OF[thing.kind] for thing in things if thing.kind in FACET_OF), "")
    if not facet:
        return query
    values = tuple(thing.path for thing in things if FACET_OF.get(thing.kind) == facet)
    return replace(query, text="", chosen={**query.chosen, facet: (*query.chosen.get(facet, ()), *values)})


def _query(text: str, trials: TrialIndex | None) -> TrialQuery:
    """Return what is asked; a value of a facet is given as it is coded or as it reads, whatever its capitals."""
    given = {name: list(filter(None, request.args.getlist(name)))[:20] for name in _PATTERNS}
    if trials:
        given = {name: [trials.facets.value_of(name, value) for value in values] for name, values in given.items()}
    chosen = {name: tuple(dict.fromkeys(values)) for name, values in given.items()}
    sort = asked_word(request.args, "sort", SORTS) or "relevance"
    return TrialQuery(text, {k: v for k, v in chosen.items() if v}, sort, asked_page(request.args))


def _address(query: TrialQuery, answer: TrialList | None, changed: Mapping[str, Any]) -> str:
    """Return the address of the same list with something changed.

    `add` and `drop` are a facet and a value; `page`, `sort`, `format` and `q` are set. A changed list begins anew.
    """
    chosen = {name: list(values) for name, values in (answer.chosen if answer else query.chosen).items()}
    for name, value in (changed[key] for key in ("add",) if key in changed):
        chosen.setdefault(name, []).append(value)
    for name, value in (changed[key] for key in ("drop",) if key in changed):
        chosen[name] = [each for each in chosen.get(name, []) if each != value]
    text = changed.get("q", answer.text if answer else query.text)
    asked: list[tuple[str, str]] = [("q", text)] if text else []
    asked += [(name, value) for name, values in chosen.items() for value in values]
    sort = changed.get("sort", query.sort)
    asked += [("sort", sort)] if sort != "relevance" else []
    asked += [(key, str(changed[key])) for key in ("page", "format", "view") if key in changed and changed[key] != 1]
    return f"/search?{urlencode(asked)}"


def sparql_of(query: TrialQuery, answer: TrialList, index: TrialIndex) -> str:
    """Return the list as a query that finds the same trials.

    Filters are patterns. How words are compared (spellings, plurals, codes) SPARQL cannot say, so the trials they
    find are named; where they find too many to name, the query looks for their letters, and says that this differs.
    """
    lines = ["?trial a tg:Trial ; rdfs:label ?title ."]
    notes: list[str] = []
    if answer.text:
        named = index.numbers(query, _MOST_NAMED)
        sought = f"with {string(answer.text)}"
        if named is None:
            notes.append(
                f"Texts {sought}, by letters: the search compares words, in more texts, so its list differs."
            )
            lines += _letters(answer)
        else:
            notes.append(
                f"The trials that a search finds {sought}; its way with words is not SPARQL, so they are named."
            )
            lines.append(f"VALUES ?trial {{ {' '.join('tgid:' + number for number in named)} }}")
    for name, values in answer.chosen.items():
        patterns = [
            _PATTERNS[name].format(**_forms(each)) for value in values for each in index.facets.same(name, value)
        ]
        lines.append(patterns[0] if len(patterns) == 1 else " UNION ".join(f"{{ {each} }}" for each in patterns))
    order = {"newest": "DESC(?trial)", "start": "DESC(?start)", "enrollment": "DESC(?enrollment)"}.get(query.sort, "")
    if query.sort == "start":
        lines.append("OPTIONAL { ?trial tg:startDate ?start }")
    elif query.sort == "enrollment":
        lines.append("OPTIONAL { ?trial tg:enrollmentCount ?enrollment }")
    body = "\n  ".join(lines)
    shown = "?trial ?title" + (f" ?{query.sort}" if query.sort in {"start", "enrollment"} else "")
    return (
        "".join(f"# {note}\n" for note in notes)
        + prologue(*(name for name in _PREFIXES if f"{name}:" in body))
        + f"SELECT DISTINCT {shown} WHERE {{\n  {body}\n}}{f' ORDER BY {order}' if order else ''}\n"
    )


def _letters(answer: TrialList) -> list[str]:
    words = [answer.corrected.get(word, word) for word in answer.text.replace('"', " ").split()]
    tests = " && ".join(f"CONTAINS(LCASE(?name), {string(word.lower())})" for word in words)
    texts = "tg:briefTitle|tg:conditionName|tg:keyword|tg:intervention/rdfs:label"
    return [f"?trial {texts} ?name .", f"FILTER({tests})"]


def _forms(value: str) -> dict[str, str]:
    safe = "".join(each for each in value if each not in '<>"{}|\\^`' and each > " ")
    bare = value if value in {"true", "false"} or value.isdecimal() else string(value)
    thing = iri(RESOURCE + safe)
    country = f"tg:inCountry {thing}" if value.startswith("country/") else f"tg:country {string(value)}"
    return {"literal": string(value), "iri": thing, "bare": bare, "country": country}


def _file(form: Page | Format, index: TrialIndex | None, query: TrialQuery) -> AnyResponse:
    """Return the list in a format of files, or lead to the query that finds it."""
    if index is None:
        raise RequestError(503, "The release that is served was made without a search index.")
    if form == _QUERY:
        return redirect("/sparql?" + urlencode({"query": sparql_of(query, index.search(query), index)}), 303)
    release = reading().release
    answer = index.search(replace(query, page=1), _MOST_DESCRIBED if form == TURTLE else _MOST_ROWS)
    rows, total = answer.rows, answer.total
    if form == TURTLE:
        quads = reading().asking.quads([iri(RESOURCE + row.nct) for row in rows])
        return of_document(document(quads, TURTLE), release, by=("Accept",))
    if form == _JSON:
        trials = [_as_json(row) for row in rows]
        found = {"query": query.text, "filters": query.chosen, "total": total, "given": len(rows), "trials": trials}
        said = json.dumps(found, ensure_ascii=False, indent=1)
        return representation(said, _JSON.media_type, release, by=("Accept",))
    text = io.StringIO()
    table = csv.writer(text)
    facets = [facet for facet in _PATTERNS if facet not in {"sponsor"}]
    table.writerow(["nct", "title", "start", "enrollment", "sponsor", *facets])
    for row in rows:
        cells = ("|".join(row.values.get(facet, ())) for facet in facets)
        table.writerow(
            [row.nct, row.title, row.start, "" if row.enrollment is None else row.enrollment, row.sponsor, *cells]
        )
    response = representation(text.getvalue(), SPARQL_CSV.media_type, release, by=("Accept",))
    response.headers["X-Total-Count"] = str(total)
    response.headers["Content-Disposition"] = 'attachment; filename="trialgraph-trials.csv"'
    return response


def _as_json(row: TrialRow) -> dict[str, Any]:
    page = f"{request.url_root}page/{row.nct}"
    about = {"nct": row.nct, "iri": RESOURCE + row.nct, "page": page, "title": row.title, "start": row.start or None}
    return {
        **about,
        "enrollment": row.enrollment,
        "sponsor": row.sponsor,
        **{k: list(v) for k, v in row.values.items()},
    }
