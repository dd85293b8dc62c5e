"""The record as the declarations see it: which field stands where, and on which node of the graph.

    Node (the trial)                      one per array of objects, and the root
      root: Branch                        single nested objects; flattened away in the graph
        Leaf      enrollmentInfo.count    one literal or concept
        Values    conditions[]            several
        Elements  armGroups[]  -> Node    one node of the graph for each element

Both directions of the map are compiled from this tree.
"""

from dataclasses import dataclass, field
from typing import Final

from trialgraph.errors import MappingError
from trialgraph.mapping.declarations import DATATYPES, TG, Declarations, Property

TRIAL: Final = TG + "Trial"
RECORD: Final = TG + "RegistryRecord"
_CONCEPT: Final = "http://www.w3.org/2004/02/skos/core#Concept"


@dataclass
class Leaf:
    """A field with one value."""

    path: str
    keys: tuple[str, ...]
    """Keys from the object of the node to the value."""
    declared: Property
    on_record: bool
    """Whether it hangs on the registry record and not on the trial (fields of the root only)."""


@dataclass
class Values(Leaf):
    """A field with an array of values."""


@dataclass
class Elements(Leaf):
    """A field with an array of objects."""

    node: "Node"


@dataclass
class Branch:
    """A single nested object."""

    keys: tuple[str, ...]
    children: dict[str, "Branch | Leaf"] = field(default_factory=dict)


@dataclass
class Node:
    """What becomes a node of the graph: the whole record, or the elements of an array of objects."""

    path: str
    class_: str
    parent: "Node | None"
    root: Branch = field(default_factory=lambda: Branch(()))
    elements: dict[str, Elements] = field(default_factory=dict)
    """Arrays of objects by the segment of their IRIs, `record/` before it for those on the record."""
    leaves: list[Leaf] = field(default_factory=list)


@dataclass
class Tree:
    """The root node, and every field by its path."""

    root: Node
    leaves: dict[str, Leaf]
    owners: dict[str, Node]
    """The node on which each field stands, by its path."""


def build(declarations: Declarations) -> Tree:
    """Return the tree of all registry fields.

    Raises MappingError when two properties claim a path, an array has no segment, a range does not fit,
    a domain is not the class of the node the field stands on, or two fields of a node share a property.
    """
    by_path: dict[str, Property] = {}
    for declared in declarations.properties.values():
        for path in declared.paths:
            if path in by_path:
                raise MappingError(declared.iri, f"field {path} is declared by {by_path[path].iri} too")
            by_path[path] = declared
    tree = Tree(Node("", TRIAL, None), {}, {})
    # Arrays before what is inside them.
    for path in sorted(by_path, key=lambda path: path.count("[]") * 2 - path.endswith("[]")):
        _place(tree, path, by_path[path], declarations)
    _check_properties(tree.root)
    return tree


def _place(tree: Tree, path: str, declared: Property, declarations: Declarations) -> None:
    owner = _owner(tree, path, declared)
    keys = tuple(path[len(owner.path) :].lstrip(".").removesuffix("[]").split("."))
    on_record = owner is tree.root and RECORD in declared.domains
    if not declarations.applies(declared, RECORD if on_record else owner.class_):
        raise MappingError(declared.iri, f"field {path} stands on a {owner.class_}, which its domain does not allow")
    leaf = _leaf(path, keys, declared, on_record, owner)
    branch = owner.root
    for depth, key in enumerate(keys[:-1], 1):
        child = branch.children.setdefault(key, Branch(keys[:depth]))
        if not isinstance(child, Branch):
            raise MappingError(declared.iri, f"field {path} stands inside field {child.path}, which is no object")
        branch = child
    if keys[-1] in branch.children:
        raise MappingError(declared.iri, f"field {path} is declared as an object, as a value or as an array too")
    branch.children[keys[-1]] = leaf
    owner.leaves.append(leaf)
    tree.leaves[path] = leaf
    tree.owners[path] = owner
    if isinstance(leaf, Elements):
        _register(owner, leaf)


def _owner(tree: Tree, path: str, declared: Property) -> Node:
    inside = path[: path.rfind("[]", 0, -2) + 2] if "[]" in path[:-2] else ""
    if not inside:
        return tree.root
    array = tree.leaves.get(inside)
    if not isinstance(array, Elements):
        raise MappingError(
            declared.iri, f"field {path} is inside {inside}, which is not declared as an array of objects"
        )
    return array.node


def _leaf(path: str, keys: tuple[str, ...], declared: Property, on_record: bool, owner: Node) -> Leaf:
    literal = declared.range in DATATYPES
    concept = declared.range == _CONCEPT and declared.scheme is not None
    if literal or concept:
        return (Values if path.endswith("[]") else Leaf)(path, keys, declared, on_record)
    if not path.endswith("[]"):
        raise MappingError(declared.iri, f"field {path} cannot have the range {declared.range}")
    if not declared.segment or any(part.isdigit() or not part for part in declared.segment.split("/")):
        raise MappingError(declared.iri, f"the array {path} needs a tg:segment, without numbers")
    return Elements(path, keys, declared, on_record, Node(path, declared.range, owner))


def _register(owner: Node, array: Elements) -> None:
    segment = ("record/" if array.on_record else "") + array.declared.segment
    if segment in owner.elements or segment in ("record", "record/unmapped"):
        raise MappingError(array.declared.iri, f"segment {segment} is taken, so IRIs of {array.path} would collide")
    owner.elements[segment] = array


def _check_properties(node: Node) -> None:
    seen: dict[tuple[bool, str], str] = {}
    orders: set[str] = set()
    for leaf in node.leaves:
        other = seen.setdefault((leaf.on_record, leaf.declared.iri), leaf.path)
        if other != leaf.path:
            raise MappingError(leaf.declared.iri, f"fields {other} and {leaf.path} stand on one node")
        if type(leaf) is Values:
            if leaf.keys[-1] in orders:
                raise MappingError(leaf.declared.iri, f"two arrays of one node are called {leaf.keys[-1]}")
            orders.add(leaf.keys[-1])
        if isinstance(leaf, Elements):
            _check_properties(leaf.node)
