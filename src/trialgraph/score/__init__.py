"""The score of a release and of its server: what others ask of a dataset and an endpoint.

HCLS: the table in `release/hcls.py`. Umaka score: dbcls/umakadata `evaluation.rb` and the criteria of umakadata_gem.
FAIR-Checker: its metrics F1A to R1.3. F-UJI: metrics 0.8. SIB: the check page of sparql-editor. Signposting: levels 1
and 2 of signposting.org. trialgraph: our own, of the sandbox.
"""

from trialgraph.score.criteria import Criterion, Result, Score, Subject, measure
from trialgraph.score.http_probe import Visitor, subject_of
from trialgraph.score.measured import CRITERIA
from trialgraph.score.release_score import score_release, score_server, score_text

__all__ = [
    "CRITERIA",
    "Criterion",
    "Result",
    "Score",
    "Subject",
    "Visitor",
    "measure",
    "score_release",
    "score_server",
    "score_text",
    "subject_of",
]
