"""What SIB's tools ask of an endpoint, and Signposting of the pages beside it."""

import re
from typing import Final
from urllib.parse import quote

from trialgraph.release.graph_builder import expand
from trialgraph.score.checks import RDF, Check, has_rows, smallest_file, triples, yes
from trialgraph.score.criteria import SERVER, Criterion, Outcome, Subject

_DECLARED: Final = "SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix }"
_EXAMPLES: Final = (
    "SELECT DISTINCT ?q { ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct ?query }"
)
_CLASSES: Final = (
    "SELECT DISTINCT ?class ?property { ?graph sd:graph [ void:classPartition ?c ] . "
    "?c void:class ?class ; void:propertyPartition [ void:property ?property ] }"
)
_LINK: Final = re.compile(r'<([^>]*)>((?:\s*;\s*[\w-]+="[^"]*")*)')


def _allows_all(subject: Subject) -> Outcome:
    found = subject.ask("/sparql", RDF).headers.get("access-control-allow-origin", "none")
    return yes(found == "*", found)


def _names_itself(subject: Subject) -> Outcome:
    named = {o[1:-1] for _, p, o in triples(subject.ask("/sparql", RDF)) if p == f"<{expand('sd:endpoint')}>"}
    return yes(named == {f"{subject.site}/sparql"}, ", ".join(sorted(named)) or "none")


def _takes_other_parameters(subject: Subject) -> Outcome:
    answer = subject.ask("/sparql?ac=1&query=" + quote("ASK {}"), "application/sparql-results+json")
    return yes(answer.status == 200, str(answer.status))


def _void_names_endpoint(subject: Subject) -> Outcome:
    query = "SELECT ?d { ?d a void:Dataset ; void:sparqlEndpoint <%s/sparql> }"
    return has_rows(query % subject.site)(subject)


SIB: Final = (
    Criterion("prefixes", "SIB", "prefixes by sh:declare", has_rows(_DECLARED), "load the prefixes of the examples"),
    Criterion("examples", "SIB", "example queries", has_rows(_EXAMPLES), "load the examples"),
    Criterion("classes", "SIB", "VoID with partitions", has_rows(_CLASSES), "load the description"),
    Criterion(
        "endpoint",
        "SIB",
        "a VoID dataset that names the endpoint",
        _void_names_endpoint,
        "build with the address that the server has, by TRIALGRAPH_PUBLIC_URL",
    ),
    Criterion(
        "cors", "SIB", "pages of others may ask (CORS)", _allows_all, "send Access-Control-Allow-Origin", SERVER
    ),
    Criterion(
        "sd:endpoint",
        "SIB",
        "the service description names the address asked",
        _names_itself,
        "set TRIALGRAPH_PUBLIC_URL to the address that users see",
        SERVER,
    ),
    Criterion(
        "ac", "SIB", "parameters it does not know are no trouble", _takes_other_parameters, "ignore them", SERVER
    ),
)


def _links(subject: Subject, path: str, accept: str) -> dict[str, list[str]]:
    """Return the typed links of an address: targets by relation."""
    found: dict[str, list[str]] = {}
    for target, attributes in _LINK.findall(subject.ask(path, accept).headers.get("link", "")):
        relation = re.search(r'rel="([^"]*)"', attributes)
        found.setdefault(relation[1] if relation else "", []).append(target)
    return found


def _signposts(path: str, accept: str, *relations: str) -> Check:
    """Return a check that an address has links of these relations."""

    def check(subject: Subject) -> Outcome:
        found = _links(subject, path, accept)
        missing = [relation for relation in relations if relation not in found]
        return yes(not missing, f"lacks {', '.join(missing)}" if missing else "all there")

    return check


def _file_signposts(subject: Subject) -> Outcome:
    path = smallest_file(subject)
    return _signposts(path, "*/*", "collection", "license")(subject) if path else (0.0, "no files")


def _linkset(subject: Subject) -> Outcome:
    targets = _links(subject, "/page/dataset", "text/html").get("linkset", [])
    answer = subject.ask(targets[0]) if targets and targets[0].startswith("/") else None
    type_ = answer.headers.get("content-type", "") if answer else "none"
    return yes(type_.startswith("application/linkset+json"), type_)


_LINK_IT: Final = "add the links, web/links.py"
SIGNPOSTING: Final = (
    Criterion(
        "landing",
        "Signposting",
        "level 1: the start page",
        _signposts("/", "text/html", "cite-as", "describedby", "type", "license", "item", "author"),
        _LINK_IT,
        SERVER,
    ),
    Criterion(
        "page",
        "Signposting",
        "level 1: the page of a thing",
        _signposts("/page/dataset", "text/html", "cite-as", "describedby", "type", "license", "author"),
        _LINK_IT,
        SERVER,
    ),
    Criterion(
        "metadata",
        "Signposting",
        "level 1: its data",
        _signposts("/data/dataset.ttl", RDF, "describes", "license"),
        _LINK_IT,
        SERVER,
    ),
    Criterion("item", "Signposting", "level 1: a file", _file_signposts, _LINK_IT, SERVER),
    Criterion("linkset", "Signposting", "level 2: all links in one document", _linkset, _LINK_IT, SERVER),
)
