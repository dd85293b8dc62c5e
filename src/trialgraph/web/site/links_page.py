"""/links: how much of a release leads to shared things, what is not linked, and why."""

from itertools import islice
from typing import Final

from flask import Blueprint, Response, render_template

from trialgraph.store import Release
from trialgraph.terms import lexical
from trialgraph.vocabulary import RESOURCE, Graph, prologue
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.representation import representation

blueprint = Blueprint("links", __name__)

_SHOWN: Final = 100
_TABLE: Final = "unlinked.tsv"
_PREFIXES: Final = prologue("dqv", "rdfs", "skos")
_FIGURES: Final = f"""{_PREFIXES}
SELECT ?title ?value ?meaning {{ GRAPH <{Graph.DESCRIPTION}> {{
  ?measured dqv:isMeasurementOf ?metric ; dqv:value ?value .
  ?metric rdfs:label ?title ; skos:definition ?meaning ; dqv:inDimension <{RESOURCE}quality-dimension/linking> }} }}
ORDER BY ?title"""


@blueprint.get("/links")
def links_page() -> Response:
    """Return what of the release is linked, and the most frequent names that are not."""
    here = reading()
    body = here.once("links", _page)
    return representation(body, "text/html", here.release)


def _page() -> str:
    here = reading()
    figures = [
        (lexical(row["title"]), int(lexical(row["value"])), lexical(row["meaning"]))
        for row in here.asking.rows(_FIGURES)
    ]
    return render_template("links.html", figures=figures, unlinked=_unlinked(here.release), release=here.release)


def _unlinked(release: Release) -> list[list[str]]:
    """Return the most frequent names without a link: kind, name, reason, number of trials, one of them."""
    path = release.path / _TABLE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in islice(lines, 1, _SHOWN + 1)]
