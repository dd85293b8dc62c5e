"""FAIR-Checker, which reads what a page embeds, and F-UJI, which follows its links: start page."""

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

from trialgraph.release.description_input import DATASET
from trialgraph.release.graph_builder import expand
from trialgraph.score.checks import Check, gives, namespace, share, smallest_file, triples, uses_all, uses_any, yes
from trialgraph.score.criteria import SERVER, Criterion, Outcome, Subject
from trialgraph.score.known_vocabularies import is_known
from trialgraph.terms import RDF_TYPE, is_iri, lexical
from trialgraph.vocabulary import BASE

_EMBEDDED: Final = re.compile(rb'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_HTML: Final = "text/html"
_OPEN: Final = {"text/turtle", "application/n-triples", "application/n-quads", "application/ld+json"}


def _embedded(subject: Subject) -> dict[str, Any]:
    """Return the JSON-LD of the start page; empty when there is none."""
    match = _EMBEDDED.search(subject.ask("/", _HTML).body)
    found = json.loads(match[1]) if match else {}
    return found if isinstance(found, dict) else {}


def _embeds(*keys: str) -> Check:
    """Return a check that the start page embeds JSON-LD with all of these keys."""

    def check(subject: Subject) -> Outcome:
        found = _embedded(subject)
        missing = [key for key in keys if not found.get(key)]
        return share(len(keys) - len(missing), len(keys), f"lacks {', '.join(missing)}" if missing else "all there")

    return check


def _terms_of(said: Any) -> set[str]:
    """Return the keys and types of embedded JSON-LD, short names as schema.org's."""
    if isinstance(said, list):
        return {term for member in said for term in _terms_of(member)}
    if not isinstance(said, dict):
        return set()
    types = said.get("@type", [])
    named = {key for key in said if key[0] != "@"} | set([types] if isinstance(types, str) else types)
    return {name if ":" in name else f"https://schema.org/{name}" for name in named}.union(
        *(_terms_of(value) for value in said.values())
    )


def _known_terms(subject: Subject) -> Outcome:
    terms = _terms_of(_embedded(subject))
    unknown = sorted(term for term in terms if not is_known(namespace(term)))
    found = f"{len(terms)} terms" + (
        f"; not known: {', '.join(unknown)}" if unknown else ", all of known vocabularies"
    )
    return share(len(terms) - len(unknown), len(terms), found)


def _vocabularies(subject: Subject) -> Outcome:
    """Whether some of the description's vocabularies are registered; more is asked of the page alone."""
    used = {namespace(p[1:-1]) for _, p, _ in subject.description}
    unknown = sorted(name for name in used if not is_known(name))
    return yes(
        len(unknown) < len(used), f"{len(used) - len(unknown)} known; not known: {', '.join(unknown) or 'none'}"
    )


def _authorities(subject: Subject) -> Outcome:
    hosts = {urlsplit(t[1:-1]).netloc for s, _, o in subject.description for t in (s, o) if is_iri(t)}
    return yes(len(hosts) >= 3, f"{len(hosts)} hosts")


def _no_blank_nodes(subject: Subject) -> Outcome:
    blank = sum(o.startswith("_:") for _, _, o in subject.description)
    return yes(not blank, f"{blank} blank nodes")


def _identifiers_org(subject: Subject) -> Outcome:
    hosts = ("<http://identifiers.org/", "<https://identifiers.org/")
    found = {term for triple in subject.description for term in triple if term.startswith(hosts)}
    return yes(bool(found), f"{len(found)} terms of identifiers.org")


def _persistent(subject: Subject) -> Outcome:
    found = sorted(lexical(value) for value in subject.values(DATASET, expand("dcterms:identifier")))
    return yes(any(value.startswith(BASE) for value in found), ", ".join(found) or "none")


def _data_identifiers(subject: Subject) -> Outcome:
    """Whether each file of data has a name of its own that lasts."""
    files = {s for s, p, _ in subject.description if p == f"<{expand('dcat:downloadURL')}>"}
    lasting = {s for s in files if s.startswith("<" + BASE)}
    return share(len(lasting), len(files), f"{len(lasting)} of {len(files)} files")


def _links_to_data(subject: Subject) -> Outcome:
    path = smallest_file(subject)
    if not path:
        return 0.0, "no file of data with its size"
    answer = subject.ask(path)
    return yes(answer.status == 200, f"{path}: {answer.status}, {len(answer.body):,} bytes")


def _spdx(subject: Subject) -> Outcome:
    found = str(_embedded(subject).get("license", ""))
    return yes(found.startswith("https://spdx.org/licenses/"), found or "none")


def _typed_links(subject: Subject) -> Outcome:
    link = subject.ask("/", _HTML).headers.get("link", "")
    match = re.search(r'<([^>]+)>; rel="describedby"; type="text/turtle"', link)
    found = triples(subject.ask(match[1], "text/turtle")) if match and match[1].startswith("/") else []
    return yes(bool(found), f"{len(found)} triples behind rel=describedby")


def _open_formats(subject: Subject) -> Outcome:
    media = {o[1:-1].partition("media-types/")[2] for _, p, o in subject.description if p.endswith("mediaType>")}
    return yes(bool(media & _OPEN), ", ".join(sorted(media)) or "none")


def _standards(subject: Subject) -> Outcome:
    found = {o[1:-1] for _, p, o in subject.description if p == f"<{expand('dcterms:conformsTo')}>"}
    return yes(any("hcls" in name for name in found), ", ".join(sorted(found)) or "none")


def _is_typed(subject: Subject) -> Outcome:
    types = {o for s, p, o in subject.description if p == RDF_TYPE and s == f"<{DATASET}>"}
    return yes(bool(types), f"{len(types)} types")


_REMEDY: Final = "complete the description, release/catalog.py"
_EMBED: Final = "complete the embedded JSON-LD, web/pages.py"
FAIR_CHECKER: Final = (
    Criterion("F1A", "FAIR-Checker", "the page can be reached", gives("/", _HTML), "start the server", SERVER),
    Criterion("F1A-b", "FAIR-Checker", "no blank nodes", _no_blank_nodes, "name them"),
    Criterion("F1B", "FAIR-Checker", "an identifier", uses_any("dcterms:identifier", "schema:identifier"), _REMEDY),
    Criterion("F1B-b", "FAIR-Checker", "a namespace of identifiers.org", _identifiers_org, _REMEDY),
    Criterion("F2A", "FAIR-Checker", "structured metadata in the page", _embeds("@type", "name"), _EMBED, SERVER),
    Criterion("F2B-weak", "FAIR-Checker", "some known vocabulary", _vocabularies, _REMEDY),
    Criterion("F2B-strong", "FAIR-Checker", "only known terms in the page", _known_terms, _EMBED, SERVER),
    Criterion(
        "A1.1",
        "FAIR-Checker",
        "title, description or address",
        uses_any("dcterms:title", "dcterms:description", "dcat:accessURL", "dcat:downloadURL", "dcat:endpointURL"),
        _REMEDY,
    ),
    Criterion("A1.2", "FAIR-Checker", "access rights", uses_any("dcterms:accessRights", "dcterms:rights"), _REMEDY),
    Criterion("I3", "FAIR-Checker", "three hosts or more in its IRIs", _authorities, "link to others"),
    Criterion("R1.1", "FAIR-Checker", "a licence", uses_any("dcterms:license", "schema:license"), _REMEDY),
    Criterion("R1.2", "FAIR-Checker", "provenance", uses_any("prov:wasGeneratedBy", "pav:createdWith"), _REMEDY),
)
F_UJI: Final = (
    Criterion("FsF-F1-01MD", "F-UJI", "an identifier for each file of data", _data_identifiers, _REMEDY),
    Criterion("FsF-F1-02MD", "F-UJI", "a persistent identifier", _persistent, _REMEDY),
    Criterion(
        "FsF-F2-01M",
        "F-UJI",
        "core elements",
        uses_all(
            "dcterms:creator",
            "dcterms:title",
            "dcterms:identifier",
            "dcterms:publisher",
            "dcterms:issued",
            "dcterms:description",
            "dcat:keyword",
        ),
        _REMEDY,
    ),
    Criterion("FsF-F3-01M", "F-UJI", "address of the data", uses_any("dcat:downloadURL"), _REMEDY),
    Criterion("FsF-F3-01M-b", "F-UJI", "the data at their address", _links_to_data, "serve the dumps", SERVER),
    Criterion(
        "FsF-F4-01M",
        "F-UJI",
        "embedded JSON-LD on the page",
        _embeds("name", "description", "identifier", "license", "creator", "distribution", "datePublished"),
        _EMBED,
        SERVER,
    ),
    Criterion("FsF-A1-01M", "F-UJI", "access level", uses_any("dcterms:accessRights"), _REMEDY),
    Criterion(
        "FsF-A1-02MD",
        "F-UJI",
        "metadata at its identifier",
        gives("/id/dataset", "text/turtle", "dataset"),
        "dereference the dataset",
        SERVER,
    ),
    Criterion(
        "FsF-I1-01M", "F-UJI", "RDF by negotiation", gives("/.well-known/void", "text/turtle"), "negotiate", SERVER
    ),
    Criterion("FsF-I1-01M-b", "F-UJI", "RDF by a typed link", _typed_links, "link to the description", SERVER),
    Criterion("FsF-I2-01M", "F-UJI", "registered vocabularies", _vocabularies, _REMEDY),
    Criterion("FsF-I3-01M", "F-UJI", "related things as links", uses_any("dcterms:source", "rdfs:seeAlso"), _REMEDY),
    Criterion("FsF-R1-01MD", "F-UJI", "what kind of thing it is", _is_typed, _REMEDY),
    Criterion(
        "FsF-R1-01MD-b",
        "F-UJI",
        "type, size and format of the data",
        uses_all("dcat:byteSize", "dcat:mediaType"),
        _REMEDY,
    ),
    Criterion("FsF-R1.1-01M", "F-UJI", "a licence", uses_any("dcterms:license"), _REMEDY),
    Criterion("FsF-R1.1-01M-b", "F-UJI", "a licence by its SPDX address", _spdx, _EMBED, SERVER),
    Criterion(
        "FsF-R1.2-01M", "F-UJI", "provenance in PROV or PAV", uses_all("prov:wasGeneratedBy", "pav:version"), _REMEDY
    ),
    Criterion("FsF-R1.3-01M", "F-UJI", "a standard of the community", _standards, _REMEDY),
    Criterion("FsF-R1.3-02D", "F-UJI", "an open format", _open_formats, _REMEDY),
)
