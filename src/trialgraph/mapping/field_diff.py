"""Which fields differ between two versions of a record."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

VERSION_HOLDER: Final = "derivedSection.miscInfoModule.versionHolder"
"""Moves with every release of the registry's data, so it says nothing about the record."""


class Absent(Enum):
    """No value, which JSON null is not."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Change(NamedTuple):
    """One difference: where, and the JSON value before and after (ABSENT where there is none)."""

    field_path: str
    """As in `protocolSection.armsInterventionsModule.armGroups[0].label`; indexes count from 0."""
    old: Any
    new: Any


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Return the differences between two records, in the order of their paths.

    Objects are compared field by field, also where one side has none; arrays of objects element by element,
    an element of one side only as a whole; arrays of values as wholes. `versionHolder` is ignored.

    >>> changes({"a": {"b": 1}, "c": ["x"]}, {"a": {"b": 2, "d": None}, "c": ["x", "y"]})
    [Change(field_path='a.b', old=1, new=2), Change(field_path='a.d', old=<Absent.ABSENT: 'absent'>, new=None), \
Change(field_path='c', old=['x'], new=['x', 'y'])]
    """
    return [change for change in _differences("", old, new) if change.field_path != VERSION_HOLDER]


def _differences(path: str, old: Any, new: Any) -> Iterator[Change]:
    if _same(old, new):
        return
    if _is_object(old) and _is_object(new) and not (ABSENT in (old, new) and {} in (old, new)):
        before = {} if old is ABSENT else old
        after = {} if new is ABSENT else new
        for key in sorted({*before, *after}):
            yield from _differences(f"{path}.{key}" if path else key, before.get(key, ABSENT), after.get(key, ABSENT))
    elif _has_objects(old) and _has_objects(new):
        for index in range(max(len(old), len(new))):
            one, other = (side[index] if index < len(side) else ABSENT for side in (old, new))
            if ABSENT in (one, other):
                yield Change(f"{path}[{index}]", one, other)
            else:
                yield from _differences(f"{path}[{index}]", one, other)
    else:
        yield Change(path, old, new)


def _is_object(value: Any) -> bool:
    return value is ABSENT or type(value) is dict


def _has_objects(value: Any) -> bool:
    return type(value) is list and any(type(element) is dict for element in value)


def _same(old: Any, new: Any) -> bool:
    """Tell whether two JSON values are equal, numbers and Booleans kept apart as JSON keeps them."""
    if type(old) is not type(new):
        return False
    if type(old) is dict:
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if type(old) is list:
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)
