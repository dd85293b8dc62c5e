"""The web site: SPARQL endpoint, pages, data and downloads of a release.

    application = create_app(settings)

gives a WSGI application (Flask) for any server; `trialgraph serve` runs it in the one of `server/`.
"""

from trialgraph.web.application import create_app

__all__ = ["create_app"]
