"""`/sparql/explain`: how a query will be answered, and by which engine; nothing is run."""

import json
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, request

from trialgraph.query import Explanation, explain
from trialgraph.store import JOIN_COPY, Statistics
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.problems import RequestError

blueprint = Blueprint("query_explanation", __name__)

_LONGEST: Final = 64 * 1024


@blueprint.post("/sparql/explain")
def explanation() -> Response:
    """Return what is known of the parameter `query` before it runs, as JSON.

    How long the engine took stands in the header `Server-Timing` of each answer of the endpoint.

    Raises QuerySyntaxError, and RequestError: 400 without a query, 413 for one longer than any person reads.
    """
    text = request.form.get("query", "")
    if not text.strip():
        raise RequestError(400, "there is no query; send one as the parameter query")
    if len(text) > _LONGEST:
        raise RequestError(
            413, f"the query is longer than {_LONGEST} characters; it can be run, but is not explained"
        )
    here = reading()
    statistics = here.once("statistics", lambda: Statistics.read(here.release.path))
    joins = here.settings.query_joins == JOIN_COPY and (here.release.path / JOIN_COPY).is_dir()
    told = explain(text, statistics, joins=joins, cap=here.settings.query_row_cap)
    response = Response(json.dumps(_as_json(told), ensure_ascii=False), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_json(told: Explanation) -> dict[str, Any]:
    times = {"reading": told.reading_seconds, "planning": told.planning_seconds}
    return {
        "form": told.form,
        "engine": told.engine,
        "patterns": [asdict(use) for use in told.uses],
        "remarks": list(told.remarks),
        "rewritten": told.rewritten,
        "seconds": {name: round(seconds, 6) for name, seconds in times.items()},
    }
