"""Settings of servers and engines in tests: a query has the time that a busy machine takes for it.

A test says by its answer what is right. That a query may be stopped is for tests that set limits of their own.
"""

from typing import Any, Final

from trialgraph.settings import Settings

TIME_LIMITS: Final = {"query_timeout_seconds": 900.0, "query_timeout_cap_seconds": 900.0}


def patient(**settings: Any) -> Settings:
    """Return settings with limits of time that no busy machine meets."""
    return Settings(**{**TIME_LIMITS, **settings})
