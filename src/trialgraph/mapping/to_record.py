"""From graph to record: the same tree compiled into functions that read triples.

Triples come as lines of canonical N-Triples, in any order, and may have gone through a store. Lines of one subject
that stand together are read without looking the subject up again, and a line that is passed over is not decoded.
The IRI of a subject says which object it is
(`…/arm/2` is the second element of `armGroups`); what the map did not make (labels, shortcuts, other layers) is
passed over.
"""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from trialgraph.errors import UnmappableRecord
from trialgraph.mapping.field_tree import Branch, Elements, Leaf, Node, Tree, Values
from trialgraph.mapping.literals import DECODERS, Decoder, decode_string
from trialgraph.mapping.to_rdf import ORDER, ranking
from trialgraph.mapping.unmapped import POINTER, VALUE, tokens_of
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import NCT_ID, RESOURCE

Reader = str | Callable[[dict[str, Any], Term], None]
"""How a value is read: a function, or, for a text in its own object, the key alone."""
ToRecord = Callable[[Iterable[bytes]], dict[str, Any]]
_Place = tuple[dict[str, Any], "dict[bytes, Reader]", "_NodePlan"]
"""A subject: the object it is, how its triples are read, and the plan of what stands below it."""

_TRIAL_START: Final = "<" + RESOURCE
_ID_END: Final = len(_TRIAL_START) + 11
_UNMAPPED: Final = "record/unmapped"
_ORDER: Final = ORDER.encode()


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
        self.is_flat = not self.arrays and not any(type(leaf) is Values for leaf in node.leaves)
        """Whether nothing is left to be done for its objects once their triples are read."""
        self.finish = _finisher(self)


def compile_backward(tree: Tree) -> ToRecord:
    """Return the function from the lines of one trial, each a triple and a point, to its record."""
    root = _NodePlan(tree.root)

    def to_record(lines: Iterable[bytes]) -> dict[str, Any]:
        reading = _Reading(root)
        nothing: _Place = ({}, _NO_READERS, root)
        value, readers, _ = nothing
        subject = b""
        for line in lines:
            at, predicate, rest = line.split(b" ", 2)
            if at != subject:
                subject = at
                value, readers, _ = reading.place(at.decode()) or nothing
            reader = readers.get(predicate)
            if reader is None:
                if predicate == _ORDER and readers is not _NO_READERS:
                    name, _, order = decode_string(rest[:-2].decode()).partition(" ")
                    reading.orders[id(value), name] = [int(rank) for rank in order.split()]
                continue
            term = rest[:-2].decode()
            if isinstance(reader, str):
                value[reader] = term[1:-1] if term[-1] == '"' and "\\" not in term else lexical(term)
            else:
                reader(value, term)
        return reading.finish()

    return to_record


@lru_cache(maxsize=1 << 16)
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


class _Reading:
    """One record on its way back."""

    def __init__(self, root: _NodePlan) -> None:
        self._root = root
        self._record: dict[str, Any] = {}
        self._trial = ""
        self._unmapped: list[dict[str, Any]] = []
        self._places: dict[str, _Place | None] = {}
        """By what follows the trial in the IRI of a subject."""
        self.orders: dict[tuple[int, str], list[int]] = {}

    def place(self, subject: str) -> _Place | None:
        """Return the place of a subject; None when it is not of the trial or of this map."""
        if subject[:_ID_END] != self._trial and not self._is_of_a_trial(subject):
            return None
        return self._at(subject[_ID_END:-1])

    def _is_of_a_trial(self, subject: str) -> bool:
        """Tell whether a subject is of a trial, which is that of this record from then on."""
        trial, nct, rest = subject[:_ID_END], subject[len(_TRIAL_START) : _ID_END], subject[_ID_END:-1]
        if not subject.startswith(_TRIAL_START) or not NCT_ID.fullmatch(nct) or rest[:1] not in ("", "/"):
            return False
        if self._trial:
            own = self._trial[len(_TRIAL_START) :]
            raise UnmappableRecord(f"triples of {nct} stand among them", "give one trial at a time", nct_id=own)
        self._trial = trial
        return True

    def _at(self, rest: str) -> _Place | None:
        """Return the place of `[/parent]/segment/number`, made when it is met first, before or after its parent."""
        if rest in self._places:
            return self._places[rest]
        place: _Place | None = None
        stands = _stands(rest)
        if stands is None:
            if rest in ("", "/record"):
                place = self._record, self._root.record_readers if rest else self._root.readers, self._root
        elif stands[1] == _UNMAPPED:
            value: dict[str, Any] = {}
            self._unmapped.append(value)
            place = value, _UNMAPPED_READERS, self._root
        elif (parent := self._at(stands[0])) is not None and stands[1] in parent[2].arrays:
            keys, plan = parent[2].arrays[stands[1]]
            around = parent[0] if len(keys) == 1 else _inside(parent[0], keys)
            elements = around.get(keys[-1])
            if elements is None:
                elements = around[keys[-1]] = _Elements()
            place = elements.setdefault(stands[2], {}), plan.readers, plan
        self._places[rest] = place
        return place

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
    if decode is decode_string and type(leaf) is not Values and len(keys) == 1:
        return name

    def read(value: dict[str, Any], term: Term) -> None:
        value[name] = decode(term)

    def read_inside(value: dict[str, Any], term: Term) -> None:
        _inside(value, keys)[name] = decode(term)

    def read_values(value: dict[str, Any], term: Term) -> None:
        _inside(value, keys).setdefault(name, _Values()).append(decode(term))

    if type(leaf) is Values:
        return read_values
    return read_inside if len(keys) > 1 else read


_UNMAPPED_READERS: Final[dict[bytes, Reader]] = {POINTER.encode(): "pointer", VALUE.encode(): "value"}
_NO_READERS: Final[dict[bytes, Reader]] = {}

_Finisher = Callable[[dict[str, Any], dict[tuple[int, str], list[int]]], None]


def _finisher(plan: _NodePlan) -> _Finisher:
    """Return the function that puts the arrays of a finished object in order, itself and inside."""
    values = [(leaf.keys, ranking(leaf)) for leaf in plan.node.leaves if type(leaf) is Values]
    arrays = list(plan.arrays.values())

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
                for element in () if below.is_flat else elements:
                    if type(element) is dict:
                        below.finish(element, orders)

    return finish


def _look(value: Any, keys: tuple[str, ...]) -> dict[str, Any] | None:
    for key in keys[:-1]:
        value = value.get(key) if type(value) is dict else None
    return value if type(value) is dict else None
