"""Former NCT ids of trials: which trial is registered under another now."""

from trialgraph.store import Reader, Release
from trialgraph.terms import iri, iri_value, string
from trialgraph.vocabulary import TG, nct_id


def now_registered_as(release: Release, nct: str) -> str | None:
    """Return the NCT id of the trial that names another as a former number of its own; None where none does."""
    query = f"SELECT ?trial {{ ?trial {iri(TG.nctIdAlias)} {string(nct)} }} ORDER BY ?trial LIMIT 1"
    return next((nct_id(iri_value(trial)) for (trial,) in Reader(release).select(query) if trial), None)
