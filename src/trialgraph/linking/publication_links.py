"""Publications by their numbers in PubMed and their DOIs, as the references of a record give them.

>>> node = "<https://w3id.org/trialgraph/id/NCT06095583/reference/1>"
>>> said = [(node, iri(TG.pmid), '"31000001"'), (node, iri(TG.citationText), '"A trial. doi: 10.1000/J.2.3."')]
>>> [object_ for _, _, object_ in publication_triples(said)]
['<http://identifiers.org/pubmed/31000001>', '<https://doi.org/10.1000/j.2.3>']
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from trialgraph.terms import Triple, iri, lexical
from trialgraph.vocabulary import PREFIXES, TG

_PMID: Final = iri(TG.pmid)
_CITATION: Final = iri(TG.citationText)
_EXACT: Final = iri(PREFIXES["skos"] + "exactMatch")
_NUMBER: Final = re.compile(r"[1-9]\d{0,8}")
_DOI: Final = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}|\\^`]{1,200}")
_ABOUT_ANOTHER: Final = re.compile(
    r"\b(?:Erratum|Comment|Update|Republished|Retraction|Retracted and republished|Corrected and republished) "
    r"(?:in|on|of|from):",
    re.IGNORECASE,
)
"""What the citations of PubMed begin with when they go on to tell of another publication."""


def publication_triples(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield what the references among the triples of a record are in PubMed, and by DOI where the text has one."""
    for subject, predicate, object_ in triples:
        if predicate == _PMID and _NUMBER.fullmatch(lexical(object_)):
            yield subject, _EXACT, iri(f"http://identifiers.org/pubmed/{lexical(object_)}")
        elif predicate == _CITATION and (doi := doi_in(lexical(object_))):
            yield subject, _EXACT, iri(f"https://doi.org/{quote(doi, safe='/:;()._-')}")


def doi_in(citation: str) -> str | None:
    """Return the DOI of what a text cites, in small letters; None when it holds none, or several.

    >>> doi_in("A trial. doi: 10.1000/a(1)2. Erratum in: J. 2020. doi: 10.1000/b."), doi_in("10.1000/a and 10.1000/b")
    ('10.1000/a(1)2', None)
    """
    another = _ABOUT_ANOTHER.search(citation)
    found = {_trimmed(doi) for doi in _DOI.findall(citation[: another.start()] if another else citation)}
    return found.pop().lower() if len(found) == 1 else None


def _trimmed(doi: str) -> str:
    """Return a DOI without the punctuation of the text behind it; a bracket stays where it was opened inside."""
    doi = doi.rstrip(".,;:'")
    while doi.endswith(")") and doi.count("(") < doi.count(")"):
        doi = doi[:-1].rstrip(".,;:'")
    return doi
