"""Run SPARQL queries under limits: text, dataset and format in, a whole answer out.

    with open_engine(settings) as engine:
        result = engine.run(QueryRequest("SELECT ..."))

An engine never gives half an answer: `run` returns when all of it is there, or raises one of the query errors.
"""

from trialgraph.query.current import CurrentRelease
from trialgraph.query.opening import open_engine
from trialgraph.query.request import Disconnected, Engine, QueryRequest, Result, Spool
from trialgraph.query.scan import Scan, scan
from trialgraph.query.steps import Steps, finish

__all__ = [
    "CurrentRelease",
    "Disconnected",
    "Engine",
    "QueryRequest",
    "Result",
    "Scan",
    "Spool",
    "Steps",
    "finish",
    "open_engine",
    "scan",
]
