"""SHACL Core shapes of the registry layer, made from the declarations.

They say of each class which properties its nodes have, with datatype, concepts or class of the values and how
many. What the map guarantees is a Violation when it fails; what only the registry could keep right (a date that
is none) is a Warning, and what is merely worth knowing (a part of the record nobody declared) Info.
"""

from collections.abc import Iterator
from typing import Final

from trialgraph import vocabulary
from trialgraph.mapping.declarations import DATATYPES, PARTIAL_DATE, TG, Declarations, Property, Scheme
from trialgraph.mapping.field_tree import RECORD, TRIAL, Elements, Node, Tree, Values
from trialgraph.mapping.shared_resources import SHARED_RULE
from trialgraph.terms import XSD

_PREFIXES: Final = {
    **{prefix: vocabulary.PREFIXES[prefix] for prefix in ("rdfs", "sh", "tg", "xsd")},
    "tgsh": vocabulary.BASE + "shapes#",
}
_HEAD: Final = """\
# Shapes of the registry layer: for each class of node, the properties it can have.
# Made from the declarations in ontology/registry.ttl; a test makes this file again and compares.

"""
_DATES: Final = "sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYearMonth ] [ sh:datatype xsd:gYear ] )"
_NUMBERS: Final = "sh:or ( [ sh:datatype xsd:decimal ] [ sh:datatype xsd:integer ] )"
_SINGLE_RULES: Final = frozenset("combine number comparator sign low high year earliest latest years days".split())
_ONE: Final = "sh:minCount 1 ; sh:maxCount 1"
_AT_MOST_ONE: Final = "sh:maxCount 1"
_MESH: Final = f'sh:nodeKind sh:IRI ; sh:pattern "^{vocabulary.PREFIXES["mesh"]}"'
_UNMAPPED: Final = TG + "UnmappedValue"


def raw_shapes(declarations: Declarations, tree: Tree) -> str:
    """Return the shapes graph as Turtle text; the same declarations give the same text.

    It is meant for the registry graph alone: curated statements use the same classes with other obligations.
    """
    prefixes = [f"@base <{vocabulary.RESOURCE}> ."]
    prefixes += [f"@prefix {prefix}: <{iri}> ." for prefix, iri in _PREFIXES.items()]
    nodes = _nodes_by_class(tree.root)
    blocks = [_block(class_, declarations, nodes.get(class_, [])) for class_ in (*nodes, _UNMAPPED)]
    return _HEAD + "\n".join(prefixes) + "\n\n" + "\n".join(blocks)


def _nodes_by_class(root: Node) -> dict[str, list[Node]]:
    """Return the nodes of the tree that become things of each class; the root is trial and record both."""
    found: dict[str, list[Node]] = {TRIAL: [root], RECORD: [root]}
    todo = [root]
    while todo:
        node = todo.pop(0)
        below = [array.node for array in node.elements.values()]
        for child in below:
            found.setdefault(child.class_, []).append(child)
        todo += below
    return found


def _block(class_: str, declarations: Declarations, nodes: list[Node]) -> str:
    name = _name(class_)
    shapes = dict(_property_shapes(class_, declarations, nodes))
    lines = [
        f"tgsh:registry-{name} a sh:NodeShape",
        f'rdfs:label "{declarations.class_labels[class_]}"',
        f"sh:targetClass tg:{name}",
        "sh:property " + ",\n        ".join(f"tgsh:registry-{name}-{local}" for local in shapes),
    ]
    parts = [" ;\n    ".join(lines) + " .\n"]
    parts += [f"tgsh:registry-{name}-{local} {shape} .\n" for local, shape in shapes.items()]
    return "\n".join(parts)


def _property_shapes(class_: str, declarations: Declarations, nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Yield local name and text of each property shape of a class."""
    fields, supers = _fields(class_, nodes), _supers(class_, nodes)
    for declared in declarations.properties.values():
        made = bool(declared.rule) and declarations.applies(declared, class_)
        if declared.iri in fields:
            yield declared.name, _shape(declared, fields[declared.iri] and not made, declarations)
        elif made or declared.iri in supers:
            yield declared.name, _shape(declared, declared.rule in _SINGLE_RULES, declarations)
    yield from _common(class_, nodes)


def _fields(class_: str, nodes: list[Node]) -> dict[str, bool]:
    """Return the properties whose fields stand on nodes of a class, and whether one value is all they can have."""
    found: dict[str, bool] = {}
    for node in nodes:
        for leaf in node.leaves:
            if leaf.on_record == (class_ == RECORD):
                single = not isinstance(leaf, Values | Elements)
                found[leaf.declared.iri] = found.get(leaf.declared.iri, True) and single
    return found


def _supers(class_: str, nodes: list[Node]) -> set[str]:
    leaves = [leaf for node in nodes for leaf in node.leaves if leaf.on_record == (class_ == RECORD)]
    return {above for leaf in leaves for above in leaf.declared.supers}


def _shape(declared: Property, single: bool, declarations: Declarations) -> str:
    values, what, severity = _values(declared, declarations)
    count = _AT_MOST_ONE if single else ""
    if declared.name == "nctId":
        count, values = _ONE, values + ' ; sh:pattern "^NCT[0-9]{8}$"'
    message = f"tg:{declared.name} is {what}" + (", and there is at most one" if single else "")
    return _text("tg:" + declared.name, [count, values], severity, message)


def _text(path: str, constraints: list[str], severity: str, message: str) -> str:
    lines = [f"sh:path {path}", *filter(None, constraints), f"sh:severity sh:{severity}", f'sh:message "{message}"']
    return "a sh:PropertyShape ;\n    " + " ;\n    ".join(lines)


def _values(declared: Property, declarations: Declarations) -> tuple[str, str, str]:
    """Return what values must be, in Turtle and in words, and how bad it is when they are not."""
    if declared.range in DATATYPES:
        return _literals(declared)
    if declared.scheme:
        concepts = _concepts(declared.scheme, with_combined=bool(declared.rule))
        return (
            f"sh:in ( {concepts} )",
            f"a concept of {_relative(declared.scheme.iri)}",
            ("Violation" if declared.rule else "Warning"),
        )
    if declared.rule == "mesh":
        return _MESH, "a MeSH descriptor", "Violation"
    label = declarations.class_labels[declared.range]
    if declared.rule == SHARED_RULE:
        return "sh:nodeKind sh:IRI", f"the IRI of a thing of the kind {label}", "Violation"
    return f"sh:nodeKind sh:IRI ; sh:class tg:{_name(declared.range)}", f"a thing of the kind {label}", "Violation"


def _literals(declared: Property) -> tuple[str, str, str]:
    if declared.range == PARTIAL_DATE:
        return _DATES, "a date, a month or a year", "Warning"
    if declared.range == XSD + "date":
        return "sh:datatype xsd:date", "a date", "Warning"
    if declared.range == XSD + "decimal" and not declared.rule:
        return _NUMBERS, "a number", "Violation"
    name = declared.range.removeprefix(XSD)
    return f"sh:datatype xsd:{name}", f"a literal of xsd:{name}", "Violation"


def _concepts(scheme: Scheme, *, with_combined: bool) -> str:
    return " ".join(_relative(concept.iri) for concept in (scheme.concepts if with_combined else scheme.literals))


def _relative(iri: str) -> str:
    return f"<{iri.removeprefix(vocabulary.RESOURCE)}>"


def _name(class_: str) -> str:
    return class_.removeprefix(TG)


def _common(class_: str, nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Yield the shapes of what the map itself adds: types, positions, labels, order, the unmapped."""
    if class_ == TRIAL:
        constraints = [_ONE, "sh:nodeKind sh:IRI ; sh:class tg:RegistryRecord"]
        yield "record", _text("tg:record", constraints, "Violation", "a trial has one registry record")
    if class_ == RECORD:
        message = "part of the record fits no declaration and is kept as JSON text"
        yield "unmapped", _text("tg:unmapped", ["sh:maxCount 0"], "Info", message)
    if class_ not in (TRIAL, RECORD):
        constraints = [_ONE, "sh:datatype xsd:integer", "sh:minInclusive 1"]
        yield "position", _text("tg:position", constraints, "Violation", "an element has one position, from 1 up")
    if class_ == _UNMAPPED:
        for name in ("jsonPointer", "jsonValue"):
            yield name, _text(f"tg:{name}", [_ONE, "sh:datatype xsd:string"], "Violation", f"there is one tg:{name}")
    leaves = [leaf for node in nodes for leaf in node.leaves if leaf.on_record == (class_ == RECORD)]
    if any(leaf.declared.also_label for leaf in leaves):
        constraints = [_AT_MOST_ONE, "sh:datatype xsd:string"]
        yield "label", _text("rdfs:label", constraints, "Violation", "there is at most one label, without language")
    if any(type(leaf) is Values for leaf in leaves):
        constraints = ["sh:datatype xsd:string", 'sh:pattern "^[A-Za-z]+( [0-9]+)+$"']
        yield "arrayOrder", _text("tg:arrayOrder", constraints, "Violation", "an order is a name and ranks")
