"""The one right spelling of a resource's path, from whatever a client sent.

>>> canonical("nct06095583/arm/1/")
'NCT06095583/arm/1'
>>> canonical("nct06095583.ttl")
'NCT06095583.ttl'
>>> canonical("organization/Shanghai Junshi"), canonical("drug/a%2Fb"), canonical("drug/%27x%27")
('organization/Shanghai_Junshi', 'drug/a%2Fb', "drug/'x'")
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, unquote

from trialgraph.vocabulary import slug

_NCT: Final = re.compile(r"nct\d{8}(?!\w)", re.IGNORECASE)


def respellings(path: str) -> Iterator[str]:
    """Yield the addresses that one which answers nothing may be a slip of, the likeliest first.

    >>> list(respellings("/SPARQL/")), list(respellings("/nct06095583"))
    (['/SPARQL', '/sparql', '/sparql', '/sparql/'], ['/id/NCT06095583'])
    >>> list(respellings("/Graph/seed")), list(respellings("/"))
    (['/graph/seed', '/graph/seed', '/graph/seed/'], [])
    """
    bare = path.rstrip("/")
    if not bare:
        return
    if _NCT.fullmatch(bare[1:]):
        yield "/id/" + canonical(bare[1:])
        return
    if bare != path:
        yield bare
    first, slash, rest = bare[1:].partition("/")
    if first != first.lower():
        yield f"/{first.lower()}{slash}{rest}"
    if bare != bare.lower():
        yield from (bare.lower(), bare.lower() + "/")


def path_below(environ: dict[str, Any], prefix: str) -> str:
    """Return what the request line has below a prefix, percent-encoded as it was sent.

    WSGI decodes `PATH_INFO`, where `a%2Fb` and `a/b` are one; servers give the line itself as `REQUEST_URI`.
    """
    line = str(environ.get("REQUEST_URI", "")).partition("?")[0]
    if not line.startswith(prefix):
        decoded = str(environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")
        line = quote(decoded, safe="/:@!$&'()*+,;=%")
    return line[len(prefix) :]


def canonical(path: str) -> str:
    """Return the path as the names of our resources spell it: NCT in capitals, no slash at the end, `slug` inside."""
    segments = [_segment(segment) for segment in path.rstrip("/").split("/")]
    if _NCT.match(segments[0]):
        segments[0] = "NCT" + segments[0][3:]
    return "/".join(segments)


def _segment(raw: str) -> str:
    # An underscore as sent stands for a space, which `slug` writes as an underscore; `%5F` stands for itself.
    return "_".join(slug(unquote(piece)) for piece in raw.split("_"))
