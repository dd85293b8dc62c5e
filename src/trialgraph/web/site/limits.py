"""The page of limits that queries meet: /limits."""

import flask

from trialgraph.web.context.site_context import site
from trialgraph.web.sparql.service_description import limits

blueprint = flask.Blueprint("limits", __name__)


@blueprint.get("/limits")
def limits_page() -> str:
    """Show the limits that queries meet."""
    return flask.render_template("limits.html", limits=limits(site().settings), sandbox=site().engine.sandbox())
