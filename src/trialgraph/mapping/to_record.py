"""From graph to record: the same tree compiled into functions that read triples.

Triples come in any order and may have gone through a store. The IRI of a subject says which object it is
(`…/arm/2` is the second element of `armGroups`); what the map did not make (labels, shortcuts, other layers) is
passed over.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from trialgraph.errors import UnmappableRecord
from trialgraph.mapping.field_tree import Branch, Elements, Leaf, Node, Tree, Values
from trialgraph.mapping.literals import DECODERS, Decoder, decode_string
from trialgraph.mapping.to_rdf import ORDER, ranking
from trialgraph.mapping.unmapped import POINTER, VALUE, tokens_of
from trialgraph.terms import Term, Triple
from trialgraph.vocabulary import NCT_ID, RESOURCE

Reader = Callable[[dict[str, Any], Term], None]
ToRecord = Callable[[Iterable[Triple]], dict[str, Any]]

_TRIAL_START: Final = "<" + RESOURCE
_ID_END: Final = len(_TRIAL_START) + 11
_UNMAPPED: Final = "record/unmapped"


class _Values(list[Any]):
    """The distinct values of an array, unordered as yet."""


class _Elements(dict[int, Any]):
    """The elements of an array by index from 0, not all seen as yet."""


class _Place:
    """A subject: the object it is, and how its triples are read."""

    __slots__ = ("plan", "readers", "value")

    def __init__(self, value: dict[str, Any], readers: dict[Term, Reader], plan: "_NodePlan") -> None:
        self.value = value
        self.readers = readers
        self.plan = plan


class _NodePlan:
    """How a node is read."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.readers: dict[Term, Reader] = {}
        self.record_readers: dict[Term, Reader] = {}
        self.arrays = {segment: (array, _NodePlan(array.node)) for segment, array in node.elements.items()}
        for leaf in node.leaves:
            if not isinstance(leaf, Elements):
                readers = self.record_readers if leaf.on_record else self.readers
                readers[f"<{leaf.declared.iri}>"] = _reader(leaf)
        self.finish = _finisher(self)


def compile_backward(tree: Tree) -> ToRecord:
    """Return the function from the triples of one trial to its record."""
    root = _NodePlan(tree.root)

    def to_record(triples: Iterable[Triple]) -> dict[str, Any]:
        reading = _Reading(root)
        places = reading.places
        for subject, predicate, object_ in triples:
            place = places[subject] if subject in places else reading.place(subject)
            if place is not None:
                reader = place.readers.get(predicate)
                if reader is not None:
                    reader(place.value, object_)
                elif predicate == ORDER:
                    name, _, order = decode_string(object_).partition(" ")
                    reading.orders[id(place.value), name] = [int(rank) for rank in order.split()]
        return reading.finish()

    return to_record


class _Reading:
    """One record on its way back."""

    def __init__(self, root: _NodePlan) -> None:
        self._root = root
        self._record: dict[str, Any] = {}
        self._nct = ""
        self._unmapped: list[dict[str, Any]] = []
        self.places: dict[Term, _Place | None] = {}
        self.orders: dict[tuple[int, str], list[int]] = {}

    def place(self, subject: Term) -> _Place | None:
        """Return the place of a subject, or None when it is not of the trial or not of this map."""
        place = self._place(subject) if subject.startswith(_TRIAL_START) else None
        self.places[subject] = place
        return place

    def _place(self, subject: Term) -> _Place | None:
        nct, rest = subject[len(_TRIAL_START) : _ID_END], subject[_ID_END:-1]
        if not NCT_ID.fullmatch(nct) or rest[:1] not in ("", "/"):
            return None
        if self._nct and nct != self._nct:
            raise UnmappableRecord(f"triples of {nct} stand among them", "give one trial at a time", nct_id=self._nct)
        self._nct = nct
        if rest in ("", "/record"):
            readers = self._root.record_readers if rest else self._root.readers
            return _Place(self._record, readers, self._root)
        return self._element(subject)

    def _element(self, subject: Term) -> _Place | None:
        """Return the place of `<…/NCT…/[parent/]segment/number>`."""
        head, _, number = subject[:-1].rpartition("/")
        above, segment = head[:_ID_END], head[_ID_END + 1 :]
        parts = segment.split("/")
        for index in range(len(parts) - 1, -1, -1):
            if parts[index].isdigit():
                above, segment = f"{head[:_ID_END]}/{'/'.join(parts[: index + 1])}", "/".join(parts[index + 1 :])
                break
        if not number.isdigit():
            return None
        if segment == _UNMAPPED:
            value: dict[str, Any] = {}
            self._unmapped.append(value)
            return _Place(value, _UNMAPPED_READERS, self._root)
        return self._below(above + ">", segment, int(number) - 1)

    def _below(self, above: Term, segment: str, index: int) -> _Place | None:
        parent = self.places[above] if above in self.places else self.place(above)
        if parent is None or segment not in parent.plan.arrays:
            return None
        array, plan = parent.plan.arrays[segment]
        elements = _inside(parent.value, array.keys).setdefault(array.keys[-1], _Elements())
        value = elements.setdefault(index, {})
        return _Place(value, plan.readers, plan)

    def finish(self) -> dict[str, Any]:
        for found in self._unmapped:
            self._restore(tokens_of(found["pointer"]), json.loads(found["value"]))
        self._root.finish(self._record, self.orders)
        return self._record

    def _restore(self, tokens: list[str], value: Any) -> None:
        """Put a value back where it stood; only declared objects and arrays can stand around it."""
        target: Any = self._record
        branch: Branch | Leaf | None = self._root.node.root
        for token in tokens[:-1]:
            if isinstance(branch, Elements):  # token is an index
                target, branch = target.setdefault(int(token), {}), branch.node.root
            else:
                branch = branch.children.get(token) if isinstance(branch, Branch) else None
                target = target.setdefault(token, _Elements() if isinstance(branch, Elements) else {})
        target[int(tokens[-1]) if isinstance(branch, Elements) else tokens[-1]] = value


def _inside(value: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return the object around the last key, made where it is not there yet."""
    for key in keys[:-1]:
        value = value.setdefault(key, {})
    return value


def _decoder(leaf: Leaf) -> Decoder:
    if leaf.declared.scheme is None:
        return DECODERS[leaf.declared.range]
    scheme = leaf.declared.scheme
    notations = {f"<{concept.iri}>": concept.notation for concept in scheme.literals}

    def decode(term: Term) -> str:
        notation = notations.get(term) or scheme.notation_of(term[1:-1])
        if notation is None:
            raise UnmappableRecord(
                f"{term} is no concept of its scheme", "rebuild the release from the records", field_path=leaf.path
            )
        return notation

    return decode


def _reader(leaf: Leaf) -> Reader:
    decode, keys, name = _decoder(leaf), leaf.keys, leaf.keys[-1]

    def read(value: dict[str, Any], term: Term) -> None:
        value[name] = decode(term)

    def read_inside(value: dict[str, Any], term: Term) -> None:
        _inside(value, keys)[name] = decode(term)

    def read_values(value: dict[str, Any], term: Term) -> None:
        _inside(value, keys).setdefault(name, _Values()).append(decode(term))

    if type(leaf) is Values:
        return read_values
    return read_inside if len(keys) > 1 else read


def _read_pointer(value: dict[str, Any], term: Term) -> None:
    value["pointer"] = decode_string(term)


def _read_value(value: dict[str, Any], term: Term) -> None:
    value["value"] = decode_string(term)


_UNMAPPED_READERS: Final[dict[Term, Reader]] = {POINTER: _read_pointer, VALUE: _read_value}

_Finisher = Callable[[dict[str, Any], dict[tuple[int, str], list[int]]], None]


def _finisher(plan: _NodePlan) -> _Finisher:
    """Return the function that puts the arrays of a finished object in order, itself and inside."""
    values = [(leaf.keys, ranking(leaf)) for leaf in plan.node.leaves if type(leaf) is Values]
    arrays = [(array.keys, below) for array, below in plan.arrays.values()]

    def finish(value: dict[str, Any], orders: dict[tuple[int, str], list[int]]) -> None:
        for keys, rank in values:
            around = _look(value, keys)
            found = around.get(keys[-1]) if around else None
            if around and type(found) is _Values:
                found.sort(key=rank)
                order = orders.get((id(value), keys[-1]))
                around[keys[-1]] = [found[rank] for rank in order] if order else list(found)
        for keys, below in arrays:
            around = _look(value, keys)
            found = around.get(keys[-1]) if around else None
            if around and type(found) is _Elements:
                around[keys[-1]] = elements = [element for _, element in sorted(found.items())]
                for element in elements:
                    if type(element) is dict:
                        below.finish(element, orders)

    return finish


def _look(value: Any, keys: tuple[str, ...]) -> dict[str, Any] | None:
    for key in keys[:-1]:
        value = value.get(key) if type(value) is dict else None
    return value if type(value) is dict else None
