"""Whether queries are answered: /health."""

import flask

from trialgraph.errors import EngineUnavailable, QueryError
from trialgraph.query import Engine, QueryRequest
from trialgraph.web.context.site_context import site

blueprint = flask.Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> tuple[dict[str, str], int, dict[str, str]]:
    """Tell whether queries are answered: 200 with the release, or 503 with the reason."""
    headers = {"Cache-Control": "no-store"}
    here = site()
    try:
        here.engine.run(QueryRequest("ASK {}"))
    except EngineUnavailable as error:
        return {"status": "failing", "reason": str(error)}, 503, headers
    except QueryError as error:
        return {"status": "busy", "reason": str(error), **_served(here.engine)}, 200, headers
    return {"status": "ok", **_served(here.engine)}, 200, headers


def _served(engine: Engine) -> dict[str, str]:
    return {"release": engine.version(), "sandbox": engine.sandbox()}
