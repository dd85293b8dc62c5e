"""`/cite/NCT…`: how a trial of a release is cited, as a sentence, BibTeX, RIS and CSL-JSON."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from trialgraph.terms import iri, lexical
from trialgraph.vocabulary import NCT_ID, RESOURCE, prologue
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.negotiation import Page
from trialgraph.web.http.page_parameters import asked_format
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.representation import representation

blueprint = Blueprint("citation", __name__)

_NOT_PLAIN: Final = re.compile(r"([{}\\%$#&_^~])")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation of a trial says."""

    nct: str
    title: str
    sponsor: str
    release: str
    """Version of the release, which begins with its date."""

    @property
    def year(self) -> str:
        """The year of the release."""
        return self.release[:4]

    @property
    def iri(self) -> str:
        """The name of the trial, which leads to it."""
        return RESOURCE + self.nct

    def to_text(self) -> str:
        """Return a sentence.

        >>> Citation("NCT00000001", "A trial", "Sponsor", "2026-01-02").to_text()
        'Sponsor. A trial (NCT00000001). trialgraph, release 2026-01-02. https://w3id.org/trialgraph/id/NCT00000001'
        """
        by = f"{self.sponsor}. " if self.sponsor else ""
        return f"{by}{self.title} ({self.nct}). trialgraph, release {self.release}. {self.iri}"

    def to_bibtex(self) -> str:
        """Return a BibTeX entry, with what TeX reads as its own escaped."""
        fields = {
            "title": f"{{{_tex(self.title)}}}",
            "author": f"{{{_tex(self.sponsor)}}}",
            "year": self.year,
            "publisher": "trialgraph",
            "version": self.release,
            "url": self.iri,
            "note": self.nct,
        }
        lines = (f"  {name} = {{{value}}}," for name, value in fields.items() if value not in {"", "{}"})
        return "\n".join((f"@misc{{{self.nct},", *lines, "}", ""))

    def to_ris(self) -> str:
        """Return a RIS record."""
        values = (self.title, self.sponsor, self.year, "trialgraph", self.release, self.iri, self.nct)
        tags = zip(("TI", "AU", "PY", "PB", "ET", "UR", "AN"), values, strict=True)
        kept = (f"{tag}  - {' '.join(value.split())}" for tag, value in tags if value)
        return "\r\n".join(("TY  - DATA", *kept, "ER  - ", ""))

    def to_csl(self) -> str:
        """Return CSL-JSON."""
        item = {
            "id": self.nct,
            "type": "dataset",
            "title": self.title,
            "publisher": "trialgraph",
            "version": self.release,
            "issued": {"date-parts": [[int(part) for part in self.release[:10].split("-")]]},
            "URL": self.iri,
        }
        author = {"author": [{"literal": self.sponsor}]} if self.sponsor else {}
        return json.dumps([item | author], ensure_ascii=False, indent=1) + "\n"


FORMATS: Final[Mapping[str, tuple[str, str, Callable[[Citation], str]]]] = {
    "text": ("text/plain", "Text", Citation.to_text),
    "bibtex": ("application/x-bibtex", "BibTeX", Citation.to_bibtex),
    "ris": ("application/x-research-info-systems", "RIS", Citation.to_ris),
    "csl": ("application/vnd.citationstyles.csl+json", "CSL-JSON", Citation.to_csl),
}
"""By the value of `format`: media type, name, and what writes it."""
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "bibtex": ("application/bibtex", "text/x-bibtex"),
    "csl": ("application/json", "application/citeproc+json"),
}
_OFFERS: Final = tuple(
    Page(name, media_type, name, _ALSO.get(name, ())) for name, (media_type, _, _) in FORMATS.items()
)


@blueprint.get("/cite/<nct>")
def cite(nct: str) -> Response:
    """Return the citation of a trial in one of the formats, by `format` or Accept.

    Raises RequestError: 404 for a trial that is not here, 400 for another format.
    """
    form = asked_format(request.args, request.headers.get("Accept", ""), _OFFERS, "a citation")
    _, _, write = FORMATS[form.name]
    return representation(write(citation_of(nct)), form.media_type, reading().release, by=("Accept",))


def citation_of(nct: str) -> Citation:
    """Return the citation of a trial of the release that is served.

    Raises RequestError (404) for a trial that is not here, and QueryError.
    """
    here, number = reading(), nct.upper()
    rows = []
    if NCT_ID.fullmatch(number):
        trial = iri(RESOURCE + number)
        rows = here.asking.rows(
            f"{prologue('tg', 'rdfs')}SELECT ?title ?sponsor {{ {trial} rdfs:label|tg:briefTitle ?title "
            f"OPTIONAL {{ {trial} tg:leadSponsorName ?sponsor }} }} ORDER BY DESC(STRLEN(?title)) LIMIT 1"
        )
    if not rows:
        raise RequestError(404, f"{nct} is not in this release")
    sponsor = lexical(rows[0]["sponsor"]) if "sponsor" in rows[0] else ""
    return Citation(number, lexical(rows[0]["title"]), sponsor, here.release.version)


def _tex(text: str) -> str:
    return _NOT_PLAIN.sub(r"\\\1", " ".join(text.split()).replace("\\", ""))
