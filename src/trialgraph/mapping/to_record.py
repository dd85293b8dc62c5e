"""From graph to record: the same tree compiled into functions that read triples.

Triples come as lines of canonical N-Triples, in any order, and may have gone through a store. Lines of one subject
that stand together are read without looking the subject up again, and a line that is passed over is not decoded.
The IRI of a subject says which object it is
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
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import NCT_ID, RESOURCE

_Store = Callable[["_Reading", dict[str, Any], Any], None]
Reader = tuple[str, Decoder | None, _Store | None]
"""How a value is read: its key, its decoder where it is no text, and where it is kept if not below the key alone."""
ToRecord = Callable[[Iterable[bytes]], dict[str, Any]]
_Place = tuple[dict[str, Any], "dict[bytes, Reader]", "_NodePlan"]
"""A subject: the object it is, how its triples are read, and the plan of what stands below it."""

_TRIAL_START: Final = "<" + RESOURCE
_ID_END: Final = len(_TRIAL_START) + 11
_UNMAPPED: Final = "record/unmapped"
_MOST_SLOTS: Final = 1 << 16
"""Distinct ends of IRIs of which it is remembered where they stand."""


class _Values(list[Any]):
    """The distinct values of an array, unordered as yet."""


class _Elements(dict[int, Any]):
    """The elements of an array by index from 0, not all seen as yet."""


class _NodePlan:
    """How a node is read."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.readers: dict[bytes, Reader] = {}
        self.record_readers: dict[bytes, Reader] = {}
        self.arrays = {segment: (array.keys, _NodePlan(array.node)) for segment, array in node.elements.items()}
        for leaf in node.leaves:
            if not isinstance(leaf, Elements):
                readers = self.record_readers if leaf.on_record else self.readers
                readers[f"<{leaf.declared.iri}>".encode()] = _reader(leaf)
        for readers in (self.readers, self.record_readers):
            readers[ORDER.encode()] = "", decode_string, _Reading.keep_order
        self.is_flat = not self.arrays and not any(type(leaf) is Values for leaf in node.leaves)
        """Whether nothing is left to be done for its objects once their triples are read."""
        self.finish = _finisher(self)


def compile_backward(tree: Tree) -> ToRecord:
    """Return the function from the lines of one trial, each a triple and a point, to its record."""
    root = _NodePlan(tree.root)
    slots = _Slots(root)

    def to_record(lines: Iterable[bytes]) -> dict[str, Any]:
        reading = _Reading(slots)
        nothing: _Place = ({}, _NO_READERS, root)
        value, readers, _ = nothing
        subject = b""
        for line in lines:
            at, predicate, rest = line.split(b" ", 2)
            if at != subject:
                subject = at
                value, readers, _ = reading.place(at) or nothing
            reader = readers.get(predicate)
            if reader is None:
                continue
            name, decode, store = reader
            term = rest[:-2].decode()
            if decode is None:
                value[name] = term[1:-1] if term[-1] == '"' and "\\" not in term else lexical(term)
            elif store is None:
                value[name] = decode(term)
            else:
                store(reading, value, decode(term))
        return reading.finish()

    return to_record


def _stands(rest: str) -> tuple[str, str, int] | None:
    """Return where `[/parent]/segment/number` stands: its parent, its segment and its index from 0; else None.

    >>> _stands("/arm/2"), _stands("/result/outcome/1/class/3"), _stands("/condition")
    (('', 'arm', 1), ('/result/outcome/1', 'class', 2), None)
    """
    *parts, number = rest[1:].split("/")
    if not number.isdigit():
        return None
    for index in range(len(parts) - 1, -1, -1):
        if parts[index].isdigit():
            return "/" + "/".join(parts[: index + 1]), "/".join(parts[index + 1 :]), int(number) - 1
    return "", "/".join(parts), int(number) - 1


_Slot = tuple[bytes, tuple[str, ...], str, int, _NodePlan]
"""Where an element stands in any record: in what, the keys to its array, the last of them, its index, its plan."""


class _Slots(dict[bytes, _Slot | None]):
    """Slots by what follows the trial in an IRI, None for what is no element; filled as met, up to a bound."""

    def __init__(self, root: _NodePlan) -> None:
        super().__init__()
        self.root: Final = root

    def __missing__(self, rest: bytes) -> _Slot | None:
        slot = self._slot(rest)
        if len(self) < _MOST_SLOTS:
            self[rest] = slot
        return slot

    def _slot(self, rest: bytes) -> _Slot | None:
        stands = _stands(rest.decode())
        if stands is None:
            return None
        parent, segment, index = stands[0].encode(), stands[1], stands[2]
        if segment == _UNMAPPED:
            return parent, (), "", index, self.root
        around = self[parent] if parent else None
        arrays = around[4].arrays if around else {} if parent else self.root.arrays
        if segment not in arrays:
            return None
        keys, plan = arrays[segment]
        return parent, keys[:-1], keys[-1], index, plan


class _Reading:
    """One record on its way back."""

    def __init__(self, slots: _Slots) -> None:
        self._slots = slots
        self._record: dict[str, Any] = {}
        self._trial = b""
        self._unmapped: list[dict[str, Any]] = []
        root = slots.root
        self._places: dict[bytes, _Place | None] = {
            b"": (self._record, root.readers, root),
            b"/record": (self._record, root.record_readers, root),
        }
        """By what follows the trial in the IRI of a subject."""
        self._orders: _Orders = {}

    def keep_order(self, value: dict[str, Any], told: str) -> None:
        """Keep in which order the values of an array stood: its key and the rank of each."""
        name, _, order = told.partition(" ")
        self._orders[id(value), name] = [int(rank) for rank in order.split()]

    def place(self, subject: bytes) -> _Place | None:
        """Return the place of a subject; None when it is not of the trial or of this map."""
        if subject[:_ID_END] != self._trial and not self._is_of_a_trial(subject.decode()):
            return None
        return self._at(subject[_ID_END:-1])

    def _is_of_a_trial(self, subject: str) -> bool:
        """Tell whether a subject is of a trial, which is that of this record from then on."""
        trial, nct, rest = subject[:_ID_END], subject[len(_TRIAL_START) : _ID_END], subject[_ID_END:-1]
        if not subject.startswith(_TRIAL_START) or not NCT_ID.fullmatch(nct) or rest[:1] not in ("", "/"):
            return False
        if self._trial:
            own = self._trial.decode()[len(_TRIAL_START) :]
            raise UnmappableRecord(f"triples of {nct} stand among them", "give one trial at a time", nct_id=own)
        self._trial = trial.encode()
        return True

    def _at(self, rest: bytes) -> _Place | None:
        """Return the place of `[/parent]/segment/number`, made when it is met first, before or after its parent."""
        places = self._places
        if rest in places:
            return places[rest]
        place: _Place | None = None
        slot = self._slots[rest]
        if slot is not None:
            parent, above, key, index, plan = slot
            if not key:
                value: dict[str, Any] = {}
                self._unmapped.append(value)
                place = value, _UNMAPPED_READERS, plan
            elif (outer := places.get(parent) or self._at(parent)) is not None:
                around = outer[0]
                for each in above:
                    around = around.setdefault(each, {})
                elements = around.get(key)
                if elements is None:
                    elements = around[key] = _Elements()
                place = elements.setdefault(index, {}), plan.readers, plan
        places[rest] = place
        return place

    def finish(self) -> dict[str, Any]:
        for found in self._unmapped:
            self._restore(tokens_of(found["pointer"]), json.loads(found["value"]))
        self._slots.root.finish(self._record, self._orders)
        return self._record

    def _restore(self, tokens: list[str], value: Any) -> None:
        """Put a value back where it stood; only declared objects and arrays can stand around it."""
        target: Any = self._record
        branch: Branch | Leaf | None = self._slots.root.node.root
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

    def keep_inside(_: _Reading, value: dict[str, Any], found: Any) -> None:
        _inside(value, keys)[name] = found

    def keep_values(_: _Reading, value: dict[str, Any], found: Any) -> None:
        _inside(value, keys).setdefault(name, _Values()).append(found)

    if type(leaf) is Values:
        return name, decode, keep_values
    if len(keys) > 1:
        return name, decode, keep_inside
    return name, None if decode is decode_string else decode, None


_UNMAPPED_READERS: Final[dict[bytes, Reader]] = {
    POINTER.encode(): ("pointer", None, None),
    VALUE.encode(): ("value", None, None),
}
_NO_READERS: Final[dict[bytes, Reader]] = {}

_Orders = dict[tuple[int, str], list[int]]
"""In which order the values of arrays stood: by the object around an array and its key."""
_Finisher = Callable[[dict[str, Any], _Orders], None]


def _finisher(plan: _NodePlan) -> _Finisher:
    """Return the function that puts the arrays of a finished object in order, itself and inside."""
    values = [(leaf.keys, ranking(leaf)) for leaf in plan.node.leaves if type(leaf) is Values]
    arrays = list(plan.arrays.values())

    def finish(value: dict[str, Any], orders: _Orders) -> None:
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
                around[keys[-1]] = elements = [found[index] for index in sorted(found)]
                for element in () if below.is_flat else elements:
                    if type(element) is dict:
                        below.finish(element, orders)

    return finish


def _look(value: Any, keys: tuple[str, ...]) -> dict[str, Any] | None:
    for key in keys[:-1]:
        value = value.get(key) if type(value) is dict else None
    return value if type(value) is dict else None
