"""Pages about the site rather than one thing: start, status, and how to use it elsewhere."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from trialgraph.settings import packaged
from trialgraph.store import SCORE_NOTE, Release, read_note
from trialgraph.terms import lexical
from trialgraph.vocabulary import BASE, GRAPHS, Graph
from trialgraph.web.context.example_queries import by_what_is_held
from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery, trial_index
from trialgraph.web.context.name_search import KIND_TITLES, search_index
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.profile_negotiation import PROFILES
from trialgraph.web.http.representation import representation
from trialgraph.web.http.signposting import CC0, Link
from trialgraph.web.things import schema_org

blueprint = Blueprint("pages", __name__)

_HTML: Final = "text/html"
_EXAMPLES_SHOWN: Final = 8
_SEED_TRIALS: Final = (
    f"SELECT ?nctId ?condition {{ GRAPH <{Graph.SEED}> {{ "
    "?trial <https://w3id.org/trialgraph/ontology#nctId> ?nctId . OPTIONAL { "
    "?trial <https://w3id.org/trialgraph/ontology#condition>/<https://w3id.org/trialgraph/ontology#fullName> "
    "?condition } } } ORDER BY ?nctId LIMIT 12"
)

_WITH_RESULTS: Final = TrialQuery(chosen={"results": ("true",)}, sort="newest")
_TRIALS_SHOWN: Final = 3
_COUNTED: Final = {
    "condition": "diseases studied",
    "drug": "drugs given",
    "target": "their targets",
    "endpoint": "kinds of endpoint measured",
    "sponsor": "sponsors",
    "country": "countries",
}
_STUDIED: Final = ("condition", "drug")


@blueprint.get("/")
def start() -> AnyResponse:
    """Return the start page."""
    if request.args.get("q", "").strip():
        return redirect(f"/search?{urlencode({'q': request.args['q']})}", 303)
    here = reading()
    body = here.once(f"start {request.url_root}", _start_page)
    return representation(body, _HTML, here.release, links=dataset_links())


def _start_page() -> str:
    here = reading()
    trials = trial_index(here.release)
    seed = [(lexical(row["nctId"]), lexical(row.get("condition", '""'))) for row in here.asking.rows(_SEED_TRIALS)]
    found = trials.search(_WITH_RESULTS, _TRIALS_SHOWN) if trials else None
    studied = trials.search(TrialQuery(), 1) if trials and trials.facets.size > len(seed) else None
    return render_template(
        "start.html",
        figures=_figures(trials),
        manifest=here.release.manifest,
        seed=seed,
        others=[row for row in found.rows if row.nct not in {nct for nct, _ in seed}] if found else [],
        studied=[facet for facet in studied.facets if facet.name in _STUDIED] if studied else [],
        examples=_few_examples(),
        release=here.release,
        endpoint=f"{request.url_root}sparql",
        structured=schema_org.embedded(schema_org.document([dataset(request.url_root)])),
    )


def _figures(trials: TrialIndex | None) -> dict[str, int]:
    """Return how many trials there are and how many things they have: what no trial has is not counted."""
    if trials is None:
        index = search_index(reading().release)
        kinds = {kind: index.count(kind) for kind in index.kinds()} if index else {}
        return {
            KIND_TITLES[kind].lower(): count for kind, count in kinds.items() if kind in KIND_TITLES and count > 1
        }
    counted = trials.facets.value_counts()
    return {"trials": trials.facets.size} | {
        title: counted[name] for name, title in _COUNTED.items() if counted.get(name)
    }


def _few_examples() -> list[Any]:
    """Return some of the examples: of records where there are some, else those that show the curated trials."""
    here = reading()
    first, rest = by_what_is_held(here.examples.values(), here.graphs)
    overview = [example for example in first if example.name.startswith("S")]
    return (first if rest else overview or first)[:_EXAMPLES_SHOWN]


def dataset_links() -> list[Link]:
    """Return the typed links of the landing page of the dataset (Signposting level 1)."""
    return [
        Link("cite-as", BASE.rstrip("/")),
        Link("canonical", "/"),
        Link("describedby", "/void.ttl", {"type": "text/turtle"}),
        Link("describedby", "/.well-known/void", {"type": "application/ld+json"}),
        Link("type", "https://schema.org/AboutPage"),
        Link("type", "https://schema.org/Dataset"),
        Link("license", CC0),
        Link("author", "/"),
        Link("item", "/downloads/latest/", {"type": "text/html"}),
        Link("search", "/search", {"type": "text/html"}),
        Link("service-desc", "/openapi.json", {"type": "application/vnd.oai.openapi+json"}),
        Link("service-doc", "/use-it-from", {"type": "text/html"}),
    ]


def dataset(root: str) -> dict[str, Any]:
    """Return the dataset in schema.org's words, with what the Bioschemas Dataset profile 1.0 asks for."""
    release = reading().release
    manifest = release.manifest
    return {
        "@id": BASE.rstrip("/"),
        "@type": "Dataset",
        "http://purl.org/dc/terms/conformsTo": {"@id": "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"},
        "name": "trialgraph",
        "alternateName": "Clinical-trial records as a knowledge graph",
        "description": (
            "Clinical trials as RDF: registry records without loss, with their regimens, endpoints and populations "
            "as terms that can be compared, and each curated fact with its source."
        ),
        "identifier": BASE.rstrip("/"),
        "url": root,
        "license": CC0,
        "keywords": ["clinical trials", "RDF", "SPARQL", "knowledge graph", "dosage regimen", "endpoint"],
        "version": release.version,
        "datePublished": str(manifest.get("issued", release.version)),
        "creator": {"@type": "Organization", "name": "The trialgraph project", "url": root},
        "isBasedOn": "https://clinicaltrials.gov/",
        "measurementTechnique": "conversion of registry records, and curation from cited documents",
        "variableMeasured": ["phase", "dose", "endpoint", "condition", "eligibility"],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "trialgraph releases", "url": f"{root}downloads/"},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": str(dump["path"]).rsplit("/", 1)[-1],
                "contentUrl": f"{root}downloads/{release.version}/{str(dump['path']).rsplit('/', 1)[-1]}",
                "encodingFormat": dump["media_type"],
                "contentSize": f"{dump['bytes']} B",
                "sha256": dump["sha256"],
            }
            for dump in manifest.get("dumps", [])
            if dump.get("compression") == "gzip" and not dump.get("graph")
        ],
    }


@blueprint.get("/status")
def status() -> Response:
    """Return how good the release and its server are, as measured when they were made and started."""
    here = reading()
    manifest = here.release.manifest
    body = render_template(
        "status.html",
        score=_score(here.settings.release, here.release),
        validation=manifest.get("validation"),
        coverage=_coverage(here.release),
        agreement=_agreement(),
        manifest=manifest,
        graph_names=GRAPHS,
        release=here.release,
    )
    return representation(body, _HTML, here.release, cache="no-cache")


def _coverage(release: Release) -> dict[str, Any] | None:
    """Return what the release tells of the reading of its texts; None for one made without."""
    path = release.path / "interpretation.json"
    found: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
    return found


@cache
def _agreement() -> list[dict[str, str]]:
    """Return how far reading agrees with labels, by slot (`data/interpretation-agreement.tsv`)."""
    lines = (packaged("data") / "interpretation-agreement.tsv").read_text("utf-8").splitlines()
    heading, *rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def _score(root: Path, release: Release) -> dict[str, Any] | None:
    """Return what the server measured of itself when it started; of another release, what the build measured."""
    live = read_note(root, SCORE_NOTE)
    is_of_this = live.get("measured", {}).get("release") == release.version
    return live if is_of_this else release.manifest.get("score")


@blueprint.get("/use-it-from")
def use_it_from() -> Response:
    """Return how the data are used from other programs."""
    here = reading()
    body = render_template(
        "use-it-from.html", root=request.url_root.rstrip("/"), release=here.release, profiles=PROFILES
    )
    return representation(body, _HTML, here.release)


@blueprint.get("/profile/<token>")
def profile(token: str) -> AnyResponse:
    """Lead to what a profile says."""
    return redirect(f"/use-it-from#profile-{token}" if token.isalpha() else "/use-it-from#profiles", 303)
