"""`/sparql/check`: what is wrong or doubtful in a query; the hint beside an empty answer."""

import json
from typing import Any, Final

from flask import Blueprint, Response, request

from trialgraph.query import Diagnostic, Vocabulary, diagnose
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.problems import RequestError
from trialgraph.web.sparql.empty_answers import vocabulary_of

blueprint = Blueprint("query_check", __name__)

_LONGEST: Final = 64 * 1024


@blueprint.post("/sparql/check")
def check() -> Response:
    """Return the findings about the parameter `query`, each with its place, as JSON; nothing is run.

    Raises RequestError: 400 without a query, 413 for one that is longer than any person reads.
    """
    text = request.form.get("query", "")
    if not text.strip():
        raise RequestError(400, "there is no query; send one as the parameter query")
    if len(text) > _LONGEST:
        raise RequestError(413, f"the query is longer than {_LONGEST} characters; it can be run, but is not checked")
    found = [_as_json(each) for each in diagnose(text, known_terms())]
    response = Response(json.dumps({"diagnostics": found}, ensure_ascii=False), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def known_terms() -> Vocabulary:
    """Return what the release that is served uses; without its counts everything passes for known."""
    here = reading()
    return here.once("known terms", lambda: vocabulary_of(here.release))


def _as_json(found: Diagnostic) -> dict[str, Any]:
    told: dict[str, Any] = {
        "start": found.start, "end": found.end, "severity": found.severity, "message": found.message
    }  # fmt: skip
    if found.fix:
        told["fix"] = {
            "label": found.fix.label, "start": found.fix.start, "end": found.fix.end, "insert": found.fix.insert
        }  # fmt: skip
    return told
