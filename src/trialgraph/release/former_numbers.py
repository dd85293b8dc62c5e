"""Former NCT ids of trials: which trial is registered under another now."""

from typing import Final

from trialgraph.store import Reader, Release
from trialgraph.terms import iri, iri_value, string
from trialgraph.vocabulary import PREFIXES, TG, nct_id

_REPLACED: Final = iri(PREFIXES["dcterms"] + "isReplacedBy")


def now_registered_as(release: Release, nct: str) -> str | None:
    """Return the NCT id of the trial that names another as a former number of its own; None where none does.

    Where that trial is itself a former number, the one that it leads to in the end.
    """
    query = (
        f"SELECT ?trial {{ ?one {iri(TG.nctIdAlias)} {string(nct)} . ?one {_REPLACED}* ?trial"
        f" FILTER NOT EXISTS {{ ?trial {_REPLACED} ?next }} }} ORDER BY ?trial LIMIT 1"
    )
    return next((nct_id(iri_value(trial)) for (trial,) in Reader(release).select(query) if trial), None)
