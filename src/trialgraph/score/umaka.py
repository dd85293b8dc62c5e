"""The Umaka score: mean of availability, freshness, operation, usefulness, validity, performance.

The weights of the rows of an aspect add up to 1; rows of weight 0 are shown by Umaka and not scored.
"""

import ipaddress
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from trialgraph.release.graph_builder import expand
from trialgraph.score.checks import PREFIXES, RDF, Check, gives, namespace, share, triples, uses_any, yes
from trialgraph.score.criteria import OTHERS, PUBLIC_HOST, SERVER, Criterion, Outcome, Subject
from trialgraph.score.known_vocabularies import LOV
from trialgraph.terms import RDF_TYPE, Term, lexical
from trialgraph.vocabulary import BASE, Graph
from trialgraph.vocabulary import PREFIXES as NAMESPACES

_DATASETS: Final = {
    f"<{expand(name)}>" for name in ("void:Dataset", "void:DatasetDescription", "sd:Dataset", "sd:Graph")
}
_CONSTRUCT: Final = "CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } } LIMIT 1"
_ASK: Final = "ASK { ?s ?p ?o }"
_CLASSES: Final = "SELECT DISTINCT ?c { GRAPH ?g { [] a ?c } } LIMIT 100 OFFSET %d"
_OFFSETS: Final = (0, 100, 200)
_LONGEST: Final = 30


def _datasets(subject: Subject) -> set[str]:
    return {s for s, p, o in subject.description if p == RDF_TYPE and o in _DATASETS}


def _alive(subject: Subject) -> Outcome:
    answer = subject.ask("/sparql", RDF, {"query": _CONSTRUCT})
    return yes(200 <= answer.status < 300, f"{answer.status} in {1000 * answer.seconds:.0f} ms")


def _freshness(subject: Subject) -> Outcome:
    dated = {f"<{expand(name)}>" for name in ("dcterms:modified", "dcterms:issued")}
    datasets = _datasets(subject)
    dates = {lexical(o)[:10] for s, p, o in subject.description if s in datasets and p in dated}
    if not dates:
        return 0.3, "no date"
    days = (subject.today - subject.today.fromisoformat(max(dates))).days
    value = 1.0 if days <= 30 else 1 - 0.7 * (days - 30) / 335
    return max(0.3, value), f"{days} days old"


def _describes_service(subject: Subject) -> Outcome:
    found = [p for _, p, _ in triples(subject.ask("/sparql", RDF)) if p.startswith("<" + NAMESPACES["sd"])]
    return yes(bool(found), f"{len(found)} triples with a predicate of sd:")


def _has_void(subject: Subject) -> Outcome:
    root = urlsplit(subject.site)
    if root.path.strip("/"):
        return 0.0, f"the site is not at the root of its host but at {root.path}"
    found = {s for s, p, o in triples(subject.ask("/.well-known/void", RDF)) if p == RDF_TYPE and o in _DATASETS}
    return yes(bool(found), f"{len(found)} datasets described")


def _classes(subject: Subject) -> dict[Term, set[Term]]:
    """Return the classes of each named graph, as VoID lists them: to ask for them takes a scan of everything."""
    said = {expand(name): name for name in ("sd:name", "sd:graph", "void:classPartition", "void:class")}
    links: dict[str, dict[Term, set[Term]]] = {name: {} for name in said.values()}
    for s, p, o in subject.description:
        if name := said.get(p[1:-1]):
            links[name].setdefault(s, set()).add(o)
    found: dict[Term, set[Term]] = {}
    for named in links["sd:name"]:
        parts = {
            part for node in links["sd:graph"].get(named, ()) for part in links["void:classPartition"].get(node, ())
        }
        found[named] = {class_ for part in parts for class_ in links["void:class"].get(part, ())}
    own = f"<{Graph.DESCRIPTION}>"  # has no partitions, but is all here
    if own in found:
        found[own] = {o for _, p, o in subject.description if p == RDF_TYPE}
    return found


def _metadata(subject: Subject) -> Outcome:
    """Half for each named graph with typed things, half for each with a class that has a label somewhere."""
    classes = _classes(subject)
    every = " ".join(sorted(set().union(*classes.values())))
    named = f"SELECT DISTINCT ?c {{ VALUES ?c {{ {every} }} GRAPH ?g {{ ?c rdfs:label ?label }} }}"
    labelled = {row[0] for row in subject.select(PREFIXES + named)}
    typed = sum(bool(of) for of in classes.values())
    lacking = sorted(graph for graph, of in classes.items() if not of & labelled)
    found = f"{typed} of {len(classes)} graphs have typed things; not labelled: {', '.join(lacking) or 'none'}"
    return share(typed + len(classes) - len(lacking), 2 * len(classes), found)


def _in_lov(subject: Subject) -> Outcome:
    property_ = f"<{expand('void:property')}>"
    properties = {o for _, p, o in subject.description if p == property_} | {p for _, p, _ in subject.description}
    used = {namespace(term[1:-1]) for term in properties}
    missing = sorted(used - LOV)
    return share(len(used) - len(missing), len(used), f"of {len(used)} namespaces LOV lacks {', '.join(missing)}")


def _in_other_endpoints(_: Subject) -> Outcome:
    return None, "not measured: it depends on the endpoints that Umaka knows"


def _address(test: Callable[[SplitResult], bool]) -> Check:
    """Return a check of the address of the endpoint."""

    def check(subject: Subject) -> Outcome:
        address = urlsplit(f"{subject.site}/sparql")
        return yes(test(address), address.geturl())

    return check


def _has_name(address: SplitResult) -> bool:
    try:
        ipaddress.ip_address(address.hostname or "")
    except ValueError:
        return address.hostname is not None
    return False


def _http_subjects(subject: Subject) -> Outcome:
    """Look at some subjects of each graph, as Umaka does: to look at all would be a scan."""
    sample = "SELECT ?s { GRAPH %s { ?s ?p ?o } FILTER(isIRI(?s)) } LIMIT 100"
    found = [row[0] or "" for graph in sorted(_classes(subject)) for row in subject.select(sample % graph)]
    other = [term for term in found if not term.startswith(("<http://", "<https://"))]
    return yes(bool(found) and not other, other[0] if other else f"{len(found)} subjects are http(s) IRIs")


def _dereferences(subject: Subject) -> Outcome:
    """Follow an example resource; our names are at w3id.org, so it is asked of the server that w3id.org leads to."""
    examples = sorted(o for _, p, o in subject.description if p == f"<{expand('void:exampleResource')}>")
    local = next((term[len(BASE) : -1] for term in examples if term.startswith("<" + BASE)), "/id/dataset")
    outcomes = [gives(local, type_)(subject) for type_ in (RDF, "application/rdf+xml", "text/html")]
    return yes(all(value == 1 for value, _ in outcomes), f"{local}: " + ", ".join(found for _, found in outcomes))


def _links(subject: Subject) -> Outcome:
    rows = list(subject.select(PREFIXES + "SELECT ?o { ?s owl:sameAs|rdfs:seeAlso ?o } LIMIT 1"))
    return yes(bool(rows), "links to others" if rows else "no links to others")


def _performance(subject: Subject) -> Outcome:
    """100 (1 - 10^6 t / N): t seconds more than an ASK takes a list of classes, N the triples that VoID tells of."""
    datasets, predicate = _datasets(subject), f"<{expand('void:triples')}>"
    number = sum(int(lexical(o)) for s, p, o in subject.description if s in datasets and p == predicate)
    json = "application/sparql-results+json"
    least = subject.ask("/sparql", json, {"query": _ASK}).seconds
    times = [subject.ask("/sparql", json, {"query": _CLASSES % offset}).seconds - least for offset in _OFFSETS]
    seconds = max(0.0, sum(times) / len(times))
    value = 1 - 1e6 * seconds / number if number else 0.0
    return max(0.0, value), f"{1000 * seconds:.1f} ms for {number:,} triples"


UMAKA: Final = (
    Criterion("alive", "Umaka", "availability: answers a CONSTRUCT by POST", _alive, "start the server", SERVER),
    Criterion(
        "freshness", "Umaka", "freshness: updated in the last 30 days", _freshness, "make a release each month"
    ),
    Criterion(
        "sd",
        "Umaka",
        "operation: a service description at the endpoint",
        _describes_service,
        "describe the service",
        SERVER,
        0.5,
    ),
    Criterion(
        "void",
        "Umaka",
        "operation: VoID at /.well-known/void of the host",
        _has_void,
        "serve the description",
        SERVER,
        0.5,
    ),
    Criterion(
        "metadata",
        "Umaka",
        "usefulness: typed things and labelled classes in every graph",
        _metadata,
        "label the classes that each graph uses",
        weight=0.5,
    ),
    Criterion(
        "ontology",
        "Umaka",
        "usefulness: namespaces of properties that LOV has",
        _in_lov,
        "what LOV lacks is asked for by DCAT (spdx), HCLS (idot), SIB (void-ext, https://schema.org) and SSSOM, "
        "or is our own: register it at LOV when it is public",
        weight=0.25,
    ),
    Criterion(
        "ontology-others",
        "Umaka",
        "usefulness: namespaces of properties that other endpoints use",
        _in_other_endpoints,
        "",
        OTHERS,
        0.25,
    ),
    Criterion(
        "cool-host",
        "Umaka",
        "validity: a host name, not an IP address",
        _address(_has_name),
        "give the server a host name",
        PUBLIC_HOST,
        0.1,
    ),
    Criterion(
        "cool-port",
        "Umaka",
        "validity: no port",
        _address(lambda address: address.port is None),
        "put a proxy in front",
        PUBLIC_HOST,
        0.1,
    ),
    Criterion(
        "cool-query",
        "Umaka",
        "validity: no query string",
        _address(lambda address: not address.query),
        "leave it out",
        weight=0.1,
    ),
    Criterion(
        "cool-length",
        "Umaka",
        f"validity: at most {_LONGEST} characters",
        _address(lambda address: len(address.geturl()) <= _LONGEST),
        "take a short host name",
        PUBLIC_HOST,
        0.1,
    ),
    Criterion("http", "Umaka", "validity: subjects are http IRIs", _http_subjects, "rename the others", weight=0.2),
    Criterion(
        "useful",
        "Umaka",
        "validity: a thing's IRI gives Turtle, RDF/XML and HTML",
        _dereferences,
        "dereference IRIs",
        SERVER,
        0.2,
    ),
    Criterion("links", "Umaka", "validity: links to other datasets", _links, "link with rdfs:seeAlso", weight=0.2),
    Criterion(
        "performance",
        "Umaka",
        "performance: a list of classes in less than a microsecond for each triple",
        _performance,
        "keep answers in memory, or take a faster machine",
        SERVER,
    ),
    Criterion("publisher", "Umaka", "shown: a publisher", uses_any("dcterms:publisher"), "name it", weight=0),
    Criterion("licence", "Umaka", "shown: a licence", uses_any("dcterms:license"), "name it", weight=0),
    Criterion(
        "languages",
        "Umaka",
        "shown: the languages of the endpoint",
        uses_any("sd:supportedLanguage"),
        "say them",
        weight=0,
    ),
    Criterion("linksets", "Umaka", "shown: linksets", uses_any("void:objectsTarget"), "describe the links", weight=0),
)
