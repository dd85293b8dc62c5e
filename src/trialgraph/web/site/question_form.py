"""`/ask`: a question without SPARQL; each slot adds patterns, the query is shown, run, shared.

A name that is typed is resolved to a thing of the release; where there is none the words are sought in what trials
call it, and the page says so.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from trialgraph.errors import QueryError
from trialgraph.formats import SPARQL_CSV, SPARQL_JSON, ResultFormat
from trialgraph.query import QueryRequest
from trialgraph.web.context.named_things import named_thing
from trialgraph.web.context.node import page_address
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import HTML
from trialgraph.web.http.page_parameters import asked_format
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation
from trialgraph.web.site.written_question import HEADS, SLOTS, question

blueprint = Blueprint("question_form", __name__)

_ON_PAGE: Final = 100
_FORMS: Final = (HTML, SPARQL_CSV, SPARQL_JSON)


@blueprint.get("/ask")
def ask() -> Response:
    """Return the form with the answer of what is filled in; by `format` or Accept, the answer as CSV or JSON.

    Raises RequestError: 400 for a slot that cannot be read or another format.
    """
    here = reading()
    filled = {slot.name: request.args[slot.name] for slot in SLOTS if request.args.get(slot.name, "").strip()}
    form = asked_format(request.args, request.headers.get("Accept", ""), _FORMS, "an answer")
    written, error, rows, columns = None, "", [], []
    if filled:
        try:
            written = question(filled, named_thing)
        except RequestError as wrong:
            if form != HTML:
                raise
            error = str(wrong)
    if isinstance(form, ResultFormat):
        if written is None:
            raise RequestError(400, f"nothing is asked; fill one of {', '.join(slot.name for slot in SLOTS)}")
        result = here.run(QueryRequest(written.query, result_format=form))
        return representation(result.read(), form.media_type, here.release, by=("Accept",))
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
    return representation(body, HTML.media_type, here.release, by=("Accept",), cache="no-cache")


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
