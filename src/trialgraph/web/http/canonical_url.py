"""The one right spelling of a resource's path, from whatever a client sent.

>>> canonical("nct06095583/arm/1/")
'NCT06095583/arm/1'
>>> canonical("nct06095583.ttl")
'NCT06095583.ttl'
>>> canonical("organization/Shanghai Junshi"), canonical("drug/a%2Fb"), canonical("drug/%27x%27")
('organization/Shanghai_Junshi', 'drug/a%2Fb', "drug/'x'")
"""

import re
from typing import Any, Final
from urllib.parse import quote, unquote

from trialgraph.vocabulary import slug

_NCT: Final = re.compile(r"nct\d{8}(?!\w)", re.IGNORECASE)


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
