"""Settings: one row each, with default and meaning; read from the environment at the doors only.

>>> Settings().query_timeout_seconds
30.0
>>> Settings.from_environment({"TRIALGRAPH_PORT": "9000"}).port
9000
>>> Settings.from_environment({"TRIALGRAPH_PORT": "many"})
Traceback (most recent call last):
    ...
trialgraph.errors.SettingError: setting TRIALGRAPH_PORT: 'many' cannot be used; give a whole number
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from trialgraph.errors import SettingError

_ENVIRONMENT_PREFIX: Final = "TRIALGRAPH_"
SANDBOX_REQUIRED: Final = "required"


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """Everything an operator can set; `TRIALGRAPH_<NAME>` in the environment, or an option of the command line."""

    release: Path = _setting(Path("release"), "Folder that holds the releases.")
    vocabularies: Path = _setting(
        Path("vocabularies"), "Folder that holds the vocabularies that names are linked by."
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.")
    public_url: str = _setting("", "Address users see, without a slash at the end; empty: http://HOST:PORT.")
    engine: str = _setting("", "SPARQL endpoint to answer queries instead of the embedded store; empty: embedded.")
    query_timeout_seconds: float = _setting(30.0, "Time limit of a query when the client names none.")
    query_timeout_cap_seconds: float = _setting(60.0, "Longest time limit a client may ask for.")
    query_memory_bytes: int = _setting(1536 * 2**20, "Memory ceiling of one query worker.")
    query_memory_total_bytes: int = _setting(0, "Memory of all query workers together; 0: half of the machine's.")
    query_result_bytes: int = _setting(256 * 2**20, "Largest result of one query.")
    query_spool_bytes: int = _setting(
        0, "Disk for the large results that clients are fetching, together; 0: half of what is free."
    )
    query_text_bytes: int = _setting(256 * 2**10, "Longest text of a query.")
    query_row_cap: int = _setting(0, "Most rows of a SELECT result, announced when it cuts; 0: no cap.")
    query_joins: str = _setting(
        "sparq", "Second embedded engine, for joins over a large release that has its copy: sparq; empty: none."
    )
    sandbox: str = _setting(
        "required",
        "Whether the kernel must keep queries from network and files: required; optional: if it can.",
    )
    query_workers: int = _setting(96, "Queries that may run at the same time.")
    query_slow_places: int = _setting(2, "Of these, how many may run longer than half a second.")
    query_queue: int = _setting(32, "Queries that may wait for a worker.")
    cache_bytes: int = _setting(128 * 2**20, "Memory for answers already given; 0: keep none.")
    service_endpoints: str = _setting("", "Endpoints that SERVICE may reach, separated by spaces; empty: none.")
    rate_query_seconds: float = _setting(60.0, "Query seconds a client may use in a minute; 0: no limit.")
    trusted_proxies: int = _setting(0, "Number of proxies in front whose X-Forwarded headers are believed.")
    web_threads: int = _setting(128, "Threads of the web server.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `TRIALGRAPH_*`; what is absent keeps its default.

        Raises SettingError for a value of the wrong type and for a name that is no setting.
        """
        environment = os.environ if environment is None else environment
        known = {_ENVIRONMENT_PREFIX + f.name.upper(): f for f in fields(cls)}
        for name, value in environment.items():
            if name.startswith(_ENVIRONMENT_PREFIX) and name not in known:
                raise SettingError(name, value, f"there is no such setting; known are {', '.join(sorted(known))}")
        given = {
            known[name].name: _parse(name, environment[name], type(known[name].default))
            for name in known
            if name in environment
        }
        return cls(**given)

    def __post_init__(self) -> None:
        """Refuse what no server could do.

        Raises SettingError for a public address with a path: every link here begins at the root of a host; and for a
        word that is none of those to choose from.
        """
        if self.public_url and (remedy := _not_a_site(self.public_url)):
            raise SettingError("TRIALGRAPH_PUBLIC_URL", self.public_url, remedy)
        if self.sandbox not in {SANDBOX_REQUIRED, "optional"}:
            raise SettingError("TRIALGRAPH_SANDBOX", self.sandbox, "say required or optional")

    @property
    def site(self) -> str:
        """The public address of the server, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def endpoints(self) -> frozenset[str]:
        """The addresses of our own SPARQL endpoint; a local run is asked by any of the names of this machine."""
        names = () if self.public_url else ("localhost", "127.0.0.1", "[::1]")
        return frozenset((f"{self.site}/sparql", *(f"http://{name}:{self.port}/sparql" for name in names)))


def _not_a_site(address: str) -> str:
    """Return what to do about a public address that is not a scheme and a host; nothing where it is.

    >>> _not_a_site("https://data.example.org:8443/"), _not_a_site("https://h/?x")[:26], _not_a_site("h.org")[:26]
    ('', 'give scheme and host alone', 'give an address that begin')
    """
    if not address.isascii() or any(not character.isprintable() or character == " " for character in address):
        return "give an address without blanks, in ASCII: a host of other letters begins with xn--"
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return "give a host, and a port that is a number"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not has_port:
        return "give an address that begins with http:// or https://, and a host"
    if "@" in parts.netloc or parts.path.strip("/") or "?" in address or "#" in address:
        return "give scheme and host alone, and let the site have a host of its own: links begin at its root"
    return "" if parts.netloc == parts.netloc.lower() else "give the host in small letters, as browsers send it"


_PARSERS: Final[dict[type, tuple[Callable[[str], Any], str]]] = {
    int: (int, "give a whole number"),
    float: (float, "give a number"),
    str: (str, "give text"),
}


def _parse(name: str, value: str, type_: type) -> Any:
    parse, remedy = _PARSERS.get(type_, (Path, "give a path"))
    try:
        return parse(value)
    except ValueError:
        raise SettingError(name, value, remedy) from None


def packaged(folder: str) -> Path:
    """Return one of the folders that travel with the package: `ontology`, `shapes` or `data`.

    An installed wheel carries them as package data; in a checkout they stand at its top.

    >>> packaged("ontology").is_dir()
    True
    """
    here = Path(__file__).resolve().parent
    carried = here / "resources" / folder
    return carried if carried.is_dir() else here.parents[1] / folder
