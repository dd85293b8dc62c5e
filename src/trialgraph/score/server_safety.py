"""What we ask of a server ourselves: that its queries are kept from network and files."""

import json
from typing import Final

from trialgraph.score.checks import yes
from trialgraph.score.criteria import SERVER, Criterion, Outcome, Subject


def _has_sandbox(subject: Subject) -> Outcome:
    try:
        told = json.loads(subject.ask("/health", "application/json").body)["sandbox"]
    except (ValueError, LookupError, TypeError):
        return None, "the server does not say"
    return yes(told == "seccomp", str(told))


SAFETY: Final = (
    Criterion(
        "sandbox",
        "trialgraph",
        "queries are kept from network, files and other programs by the kernel",
        _has_sandbox,
        "let the server use seccomp(2), as the reason says, and leave TRIALGRAPH_SANDBOX at required",
        SERVER,
    ),
)
