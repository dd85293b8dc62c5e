"""What every answer carries and no request may choose: CORS, CSP, nosniff, and the name of the host."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from werkzeug.middleware.proxy_fix import ProxyFix

from trialgraph.settings import Settings
from trialgraph.web.http.wsgi_response import Environ, Headers, StartResponse, WsgiApplication

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_EXPOSED: Final = (
    "Content-Location, ETag, Link, Location, Retry-After, Trialgraph-Note, X-SPARQL-MaxRows, X-Trialgraph-Release"
)
EVERYWHERE: Final[Headers] = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", _EXPOSED),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Content-Security-Policy", _POLICY),
]
_PREFLIGHT: Final[Headers] = [
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST"),
    ("Access-Control-Allow-Headers", "Accept, Accept-Profile, Content-Type, If-None-Match, Range"),
    ("Access-Control-Max-Age", "86400"),
]
"""What pages elsewhere may send: everything that means something here, and nothing that changes anything."""
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")


class Secure:
    """The WSGI layer that adds the headers above and puts our own host name in place of the one sent."""

    def __init__(self, application: WsgiApplication, settings: Settings) -> None:
        site = urlsplit(settings.site)
        self._scheme, self._host = site.scheme, site.netloc
        # A local run is asked by any of the names of this machine; a public one has exactly one name.
        self._hosts = {self._host}
        if not settings.public_url:
            self._hosts |= {f"{name}:{settings.port}" for name in _LOOPBACK}
        self._path = site.path
        if settings.trusted_proxies:
            count = settings.trusted_proxies
            application = ProxyFix(application, x_for=count, x_proto=0, x_host=0)
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        host = environ.get("HTTP_HOST")
        if host != self._host:
            environ["HTTP_HOST"] = host if host in self._hosts else self._host
        environ["wsgi.url_scheme"] = self._scheme

        added = EVERYWHERE + _PREFLIGHT if environ["REQUEST_METHOD"] == "OPTIONS" else EVERYWHERE

        def start(status: str, headers: Headers, *more: Any) -> Any:
            # A view that sets one of these itself means it, such as a preview that is made to be framed.
            own = {name for name, _ in headers}
            return start_response(status, headers + [pair for pair in added if pair[0] not in own], *more)

        return self._application(environ, start)


def site_of(environ: Environ) -> str:
    """Return the address of this server as the client knows it, without a slash at the end; never a forged one."""
    return f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
