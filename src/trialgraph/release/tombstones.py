"""What remains of a trial that was taken out: that it was here, since when it is not, and why.

The statements stand in the history graph; the server answers 410 (Gone) with them.

>>> triples = tombstone("NCT00000001", date(2026, 11, 23), "The registry does not list it any more.")
>>> [triple[2] for triple in triples if triple[1].endswith("comment>")]
['"The registry does not list it any more."']
"""

from datetime import date

from trialgraph.release.description_input import DATASET
from trialgraph.release.graph_builder import Sheet
from trialgraph.terms import Triple
from trialgraph.vocabulary import trial_iri


def tombstone(nct_id: str, since: date, reason: str, last_release: str | None = None) -> list[Triple]:
    """Return what is said of a withdrawn trial; `last_release` is the version that still holds it.

    Raises ValueError for what is no NCT id.
    """
    sheet = Sheet()
    node = sheet.about(trial_iri(nct_id)).a("prov:Entity").string("rdfs:comment", reason)
    node.truth("owl:deprecated", True).typed("prov:invalidatedAtTime", f"{since.isoformat()}T00:00:00Z", "dateTime")
    node.link("rdfs:seeAlso", f"https://clinicaltrials.gov/study/{nct_id}")
    if last_release:
        node.link("dcterms:isPartOf", f"{DATASET}/{last_release}")
    return sheet.triples
