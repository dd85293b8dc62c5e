"""The application factory: the parts of the site, put together as a Flask application."""

import atexit
import logging
from typing import Final, TextIO
from urllib.parse import quote

import flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from trialgraph.errors import TrialgraphError
from trialgraph.query import Engine, open_engine
from trialgraph.settings import Settings
from trialgraph.web.context import release_view
from trialgraph.web.context.site_context import EXTENSION, Site
from trialgraph.web.http.canonical_url import respellings
from trialgraph.web.http.problems import RequestError, problem
from trialgraph.web.http.representation import moved
from trialgraph.web.http.security_headers import Secure
from trialgraph.web.site import (
    downloads,
    health,
    limits,
    links_page,
    metrics,
    pages,
    question_form,
    reconciliation,
    search_page,
    table_downloads,
    well_known,
)
from trialgraph.web.site.access_log import AccessLog
from trialgraph.web.site.rate_limit import RateLimit
from trialgraph.web.sparql import endpoint, example_pages, query_check, query_explanation
from trialgraph.web.sparql.service_description import ServiceDescription
from trialgraph.web.things import citation, comparison_page, dereferencing, history_page, release_links, results_page
from trialgraph.web.vocabulary import graph_page, ontology_page, shape_files, term_pages

BLUEPRINTS: Final = (
    endpoint.blueprint,
    health.blueprint,
    metrics.blueprint,
    limits.blueprint,
    links_page.blueprint,
    dereferencing.blueprint,
    results_page.blueprint,
    history_page.blueprint,
    citation.blueprint,
    comparison_page.blueprint,
    release_links.blueprint,
    pages.blueprint,
    search_page.blueprint,
    question_form.blueprint,
    example_pages.blueprint,
    query_check.blueprint,
    query_explanation.blueprint,
    reconciliation.blueprint,
    ontology_page.blueprint,
    term_pages.blueprint,
    graph_page.blueprint,
    shape_files.blueprint,
    downloads.blueprint,
    table_downloads.blueprint,
    well_known.blueprint,
)
"""Every part of the site; add one here."""

_log = logging.getLogger(__name__)


def create_app(settings: Settings, engine: Engine | None = None, access_log: TextIO | None = None) -> flask.Flask:
    """Return the site as a Flask application.

    Without an engine it opens the one the settings name, and closes it when Python ends; one that is given stays
    the caller's. Each request becomes a line of JSON in `access_log`.

    Raises ReleaseNotFound or ReleaseDamaged when there is no release to serve.
    """
    if engine is None:
        engine = open_engine(settings)
        atexit.register(engine.close)
    app = release_view.ReleaseApplication(__name__, static_url_path="/static")
    app.config.update(MAX_CONTENT_LENGTH=2**20, SEND_FILE_MAX_AGE_DEFAULT=3600)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    figures, rates = metrics.Metrics(engine), RateLimit(settings.rate_query_seconds)
    app.extensions[EXTENSION] = here = Site(settings, engine, figures.text)
    release_view.install(app, settings, engine)
    app.register_error_handler(Exception, _show)
    app.context_processor(lambda: {"site": here, "release": release_view.reading().on_disk()})
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(_preflight)
    description = ServiceDescription(settings, here.manifest)
    answered = endpoint.Endpoint(app.wsgi_app, settings, engine, rates.admit, description)
    logged = AccessLog(figures, rates, access_log).layer(answered)
    app.wsgi_app = Secure(logged, settings)  # type: ignore[method-assign]
    return app


def _preflight(response: flask.Response) -> flask.Response:
    """Answer OPTIONS as the endpoint does: Flask says which methods there are, but not to another site's script."""
    if flask.request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        response.headers.remove("Content-Type")
        allowed = response.headers.get("Allow", "")
        response.headers.update(
            {**dict(endpoint.PREFLIGHT), "Allow": allowed, "Access-Control-Allow-Methods": allowed}
        )
        response.headers.remove("Accept-Query")
    return response


def _right_address() -> str:
    """Return the address that the request's is a slip of: a slash at its end, another case, a number alone.

    Empty where there is none: nothing is guessed that does not lead to something.
    """
    path = flask.request.path
    query = quote(flask.request.query_string, safe="!$&'()*+,;=:@/?%-._~")
    # Where a view has looked, what it did not find is not there in small letters either.
    found_no_view = flask.request.url_rule is None
    for right in respellings(path):
        if (found_no_view or right == path.rstrip("/")) and _is_answered(right):
            return quote(right) + (f"?{query}" if query else "")
    return ""


def _is_answered(path: str) -> bool:
    try:
        flask.current_app.url_map.bind("").match(path, method=flask.request.method)
    except HTTPException as none:
        return isinstance(none, MethodNotAllowed)
    return True


def _show(error: Exception) -> flask.Response:
    """Turn what a view raised into an answer; the one place that catches everything."""
    if isinstance(error, HTTPException) and error.code and error.code < 400:  # a redirect
        return flask.make_response(error.get_response())
    if isinstance(error, NotFound) and (there := _right_address()):
        return moved(there)
    if not isinstance(error, (HTTPException, TrialgraphError, RequestError)):
        _log.error("fault while answering %s", flask.request.path, exc_info=error)
    return problem(error, flask.request.headers.get("Accept", "")).to_flask()
