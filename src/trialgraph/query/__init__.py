"""Run SPARQL queries under limits: text, dataset and format in, a whole answer out.

    with open_engine(settings) as engine:
        result = engine.run(QueryRequest("SELECT ..."))

An engine never gives half an answer: `run` returns when all of it is there, or raises one of the query errors.
"""

from trialgraph.query.current_release import CurrentRelease
from trialgraph.query.engines.query_engine import Engine, open_engine
from trialgraph.query.request import Disconnected, QueryRequest, Result, Spool
from trialgraph.query.resumable import Steps, finish
from trialgraph.query.text.analysis import Analysis, analyze, query_form
from trialgraph.query.text.diagnosis import Diagnostic, Vocabulary, diagnose, reasons
from trialgraph.query.text.explanation import Explanation, explain
from trialgraph.query.text.inline_values import Slot, graphs_of, slots_of, things_of

__all__ = [
    "Analysis",
    "CurrentRelease",
    "Diagnostic",
    "Disconnected",
    "Engine",
    "Explanation",
    "QueryRequest",
    "Result",
    "Slot",
    "Spool",
    "Steps",
    "Vocabulary",
    "analyze",
    "diagnose",
    "explain",
    "finish",
    "graphs_of",
    "open_engine",
    "query_form",
    "reasons",
    "slots_of",
    "things_of",
]
