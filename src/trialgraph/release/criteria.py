"""What others ask of a dataset and its server, one table a source.

Umaka score: dbcls/umakadata `evaluation.rb` and the criteria of umakadata_gem. FAIR-Checker: its metrics F1A to R1.3.
F-UJI: metrics 0.8. SIB: the three questions of the check page of sparql-editor. HCLS: the table in `hcls.py`.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from trialgraph.release.facts import DATASET
from trialgraph.release.hcls import ELEMENTS, LEVELS, Element, Level
from trialgraph.release.score import Criterion, Outcome, Subject
from trialgraph.release.sheet import expand
from trialgraph.terms import is_iri, lexical
from trialgraph.vocabulary import GRAPHS

_PREFIXES: Final = "".join(
    f"PREFIX {name}: <{expand(name + ':')}>\n" for name in ("rdfs", "owl", "sh", "sd", "void", "void-ext")
)


def _yes(met: bool, found: str) -> Outcome:
    return (1.0 if met else 0.0), found


# ---- HCLS ----


def _hcls(element: Element, level: Level) -> Callable[[Subject], Outcome]:
    def check(subject: Subject) -> Outcome:
        current = sorted(subject.values(DATASET, expand("pav:hasCurrentVersion")))
        version = current[0][1:-1] if current else ""
        focus = {"summary": DATASET, "version": version, "distribution": f"{version}/rdf"}[level]
        given = {o for name in element.properties for o in subject.values(focus, expand(name))}
        if element.properties == ("rdf:type",):
            given &= {f"<{expand(class_)}>" for class_ in element.value.split()}
        wanted = "NOT" not in element.level(level)
        return _yes(bool(given) == wanted, f"{len(given)} found")

    return check


HCLS: Final = tuple(
    Criterion(
        f"HCLS {level} {element.name}",
        f"HCLS {'MUST' if 'MUST' in element.level(level) else 'SHOULD'}",
        f"{level} level {element.level(level)} have: {element.name} ({' or '.join(element.properties)})",
        _hcls(element, level),
        f"correct {' or '.join(element.properties)} in the description, release/catalog.py",
    )
    for level in LEVELS
    for element in ELEMENTS
    if element.level(level) not in ("", "MAY")
)


# ---- Umaka ----


def _freshness(subject: Subject) -> Outcome:
    dates = {lexical(o)[:10] for _, p, o in subject.description if p == f"<{expand('dcterms:modified')}>"}
    if not dates:
        return 0.3, "no date"
    days = (subject.today - subject.today.fromisoformat(max(dates))).days
    value = 1.0 if days <= 30 else 1 - 0.7 * (days - 30) / 335
    return max(0.3, value), f"{days} days old"


def _metadata(subject: Subject) -> Outcome:
    # Asked graph by graph with LIMIT 1, so that it takes no longer when there are many triples.
    graphs = [graph for graph in GRAPHS.values() if _has_rows(subject, f"GRAPH <{graph}> {{ ?s ?p ?o }}")]
    labelled = "GRAPH <%s> { [] a ?c } GRAPH ?other { ?c rdfs:label ?label }"
    good = [graph for graph in graphs if _has_rows(subject, labelled % graph)]
    return (len(good) / len(graphs) if graphs else 0.0), f"{len(good)} of {len(graphs)} graphs have labelled classes"


def _has_rows(subject: Subject, pattern: str) -> bool:
    return any(True for _ in subject.select(f"{_PREFIXES}SELECT * {{ {pattern} }} LIMIT 1"))


def _links(subject: Subject) -> Outcome:
    rows = list(subject.select(_PREFIXES + "SELECT ?o { ?s owl:sameAs|rdfs:seeAlso ?o } LIMIT 1"))
    return _yes(bool(rows), "links to others" if rows else "no links to others")


def _cool(subject: Subject) -> Outcome:
    address = urlsplit(f"{subject.site}/sparql")
    tests = {
        "a host name": not re.fullmatch(r"[\d.]+|\[?[0-9a-f:]+\]?", address.hostname or ""),
        "no port": address.port is None,
        "no query": not address.query,
        "30 characters at most": len(address.geturl()) <= 30,
    }
    missing = [name for name, met in tests.items() if not met]
    return sum(tests.values()) / 4, "lacks " + ", ".join(missing) if missing else "all four"


def _get(path: str, accept: str, pattern: str = "") -> Callable[[Subject], Outcome]:
    """Return a check that an address answers 200 in the type asked for, with a pattern in the body."""

    def check(subject: Subject) -> Outcome:
        if subject.fetch is None:
            return 0.0, "no server"
        status, headers, body = subject.fetch(subject.site + path, {"Accept": accept})
        type_ = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        met = status == 200 and type_.startswith(accept) and re.search(pattern.encode(), body) is not None
        return _yes(met, f"{status} {type_}")

    return check


_CORS: Final = "access-control-allow-origin"


def _cors(subject: Subject) -> Outcome:
    if subject.fetch is None:
        return 0.0, "no server"
    _, headers, _ = subject.fetch(f"{subject.site}/sparql", {"Accept": "text/turtle"})
    found = {value for name, value in headers.items() if name.lower() == _CORS}
    return _yes("*" in found, ", ".join(found) or "none")


_TRIAL: Final = "/id/NCT06095583"
_ALIVE: Final = "/sparql?query=" + quote("CONSTRUCT{?s ?p ?o}{GRAPH ?g{?s ?p ?o}} LIMIT 1")
UMAKA: Final = (
    Criterion("alive", "Umaka", "answers a CONSTRUCT", _get(_ALIVE, "text/turtle"), "start the server", live=True),
    Criterion("freshness", "Umaka", "updated in the last 30 days", _freshness, "make a new release each month"),
    Criterion(
        "sd",
        "Umaka",
        "service description at the endpoint",
        _get("/sparql", "text/turtle", "service-description#|sd:"),
        "describe the service",
        True,
        0.5,
    ),
    Criterion(
        "void",
        "Umaka",
        "VoID at /.well-known/void",
        _get("/.well-known/void", "text/turtle", "void#|void:"),
        "serve the description",
        True,
        0.5,
    ),
    Criterion(
        "metadata",
        "Umaka",
        "typed things and labelled classes in every graph",
        _metadata,
        "label the classes that each graph uses",
        weight=0.5,
    ),
    Criterion(
        "cool",
        "Umaka",
        "a short address with a host name",
        _cool,
        "put the server behind a short host name",
        weight=0.4,
    ),
    Criterion(
        "useful",
        "Umaka",
        "a thing's IRI gives Turtle",
        _get(_TRIAL, "text/turtle", "NCT06095583"),
        "dereference IRIs",
        True,
        0.4,
    ),
    Criterion("links", "Umaka", "links to other datasets", _links, "link with rdfs:seeAlso", weight=0.2),
)


# ---- FAIR-Checker and F-UJI ----


def _any_of(*names: str) -> Callable[[Subject], Outcome]:
    """Return a check that the description uses one of these properties."""

    def check(subject: Subject) -> Outcome:
        used = {p for _, p, _ in subject.description}
        found = [name for name in names if f"<{expand(name)}>" in used]
        return _yes(bool(found), ", ".join(found) or "none")

    return check


def _all_of(*names: str) -> Callable[[Subject], Outcome]:
    """Return a check that the description uses all of these properties."""

    def check(subject: Subject) -> Outcome:
        used = {p for _, p, _ in subject.description}
        missing = [name for name in names if f"<{expand(name)}>" not in used]
        return 1 - len(missing) / len(names), f"lacks {', '.join(missing)}" if missing else "all there"

    return check


def _authorities(subject: Subject) -> Outcome:
    hosts = {urlsplit(t[1:-1]).netloc for s, _, o in subject.description for t in (s, o) if is_iri(t)}
    return _yes(len(hosts) > 3, f"{len(hosts)} hosts")


def _no_blank_nodes(subject: Subject) -> Outcome:
    blank = sum(o.startswith("_:") for _, _, o in subject.description)
    return _yes(not blank, f"{blank} blank nodes")


def _identifier(subject: Subject) -> Outcome:
    found = subject.values(DATASET, expand("dcterms:identifier"))
    return _yes(any("w3id.org" in value for value in found), ", ".join(sorted(found)) or "none")


_DESCRIPTION: Final = "complete the description, release/catalog.py"
FAIR_CHECKER: Final = (
    Criterion(
        "F1A", "FAIR-Checker", "the page can be reached", _get("/", "text/html"), "start the server", live=True
    ),
    Criterion("F1A-b", "FAIR-Checker", "no blank nodes", _no_blank_nodes, "name them"),
    Criterion(
        "F1B", "FAIR-Checker", "an identifier", _any_of("dcterms:identifier", "schema:identifier"), _DESCRIPTION
    ),
    Criterion(
        "F2A",
        "FAIR-Checker",
        "title, description or address",
        _any_of("dcterms:title", "dcat:downloadURL"),
        _DESCRIPTION,
    ),
    Criterion(
        "A1.2", "FAIR-Checker", "access rights", _any_of("dcterms:accessRights", "dcterms:rights"), _DESCRIPTION
    ),
    Criterion("I3", "FAIR-Checker", "more than three hosts in its IRIs", _authorities, "link to others"),
    Criterion("R1.1", "FAIR-Checker", "a licence", _any_of("dcterms:license", "schema:license"), _DESCRIPTION),
    Criterion("R1.2", "FAIR-Checker", "provenance", _any_of("prov:wasGeneratedBy", "pav:createdWith"), _DESCRIPTION),
)
F_UJI: Final = (
    Criterion("FsF-F1-02MD", "F-UJI", "a persistent identifier", _identifier, _DESCRIPTION),
    Criterion(
        "FsF-F2-01M",
        "F-UJI",
        "core elements",
        _all_of(
            "dcterms:creator",
            "dcterms:title",
            "dcterms:identifier",
            "dcterms:publisher",
            "dcterms:issued",
            "dcterms:description",
            "dcat:keyword",
        ),
        _DESCRIPTION,
    ),
    Criterion("FsF-F3-01M", "F-UJI", "address of the data", _any_of("dcat:downloadURL"), _DESCRIPTION),
    Criterion(
        "FsF-F4-01M",
        "F-UJI",
        "embedded JSON-LD on the page",
        _get("/", "text/html", "application/ld\\+json"),
        "embed schema.org JSON-LD",
        live=True,
    ),
    Criterion("FsF-A1-01M", "F-UJI", "access level", _any_of("dcterms:accessRights"), _DESCRIPTION),
    Criterion(
        "FsF-A1-02MD",
        "F-UJI",
        "metadata at its identifier",
        _get("/id/dataset", "text/turtle", "dataset"),
        "dereference the dataset",
        live=True,
    ),
    Criterion(
        "FsF-I1-01M", "F-UJI", "RDF by negotiation", _get("/.well-known/void", "text/turtle"), "negotiate", live=True
    ),
    Criterion(
        "FsF-I3-01M", "F-UJI", "related things as links", _any_of("dcterms:source", "rdfs:seeAlso"), _DESCRIPTION
    ),
    Criterion(
        "FsF-R1-01M",
        "F-UJI",
        "type, size and format of the data",
        _all_of("dcat:byteSize", "dcat:mediaType"),
        _DESCRIPTION,
    ),
    Criterion("FsF-R1.1-01M", "F-UJI", "a licence", _any_of("dcterms:license"), _DESCRIPTION),
    Criterion(
        "FsF-R1.2-01M",
        "F-UJI",
        "provenance in PROV or PAV",
        _all_of("prov:wasGeneratedBy", "pav:version"),
        _DESCRIPTION,
    ),
)


# ---- SIB ----


def _rows(query: str) -> Callable[[Subject], Outcome]:
    """Return a check that a query has rows."""

    def check(subject: Subject) -> Outcome:
        number = sum(1 for _ in subject.select(_PREFIXES + query))
        return _yes(number > 0, f"{number} rows")

    return check


_DECLARED: Final = "SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix }"
_EXAMPLES: Final = (
    "SELECT DISTINCT ?q { ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct ?query }"
)
_CLASSES: Final = (
    "SELECT DISTINCT ?class ?property { ?graph sd:graph [ void:classPartition ?c ] . ?c void:cl"
    "ass ?class ; void:propertyPartition [ void:property ?property ] }"
)
SIB: Final = (
    Criterion("prefixes", "SIB", "prefixes by sh:declare", _rows(_DECLARED), "load the prefixes of the examples"),
    Criterion("examples", "SIB", "example queries", _rows(_EXAMPLES), "load the examples"),
    Criterion("classes", "SIB", "VoID with partitions", _rows(_CLASSES), "load the description"),
    Criterion(
        "cors", "SIB", "pages of others may ask (CORS)", _cors, "send Access-Control-Allow-Origin: *", live=True
    ),
)

CRITERIA: Final = (*HCLS, *UMAKA, *FAIR_CHECKER, *F_UJI, *SIB)
