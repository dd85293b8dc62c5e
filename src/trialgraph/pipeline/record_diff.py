"""What differs between two versions of a record, or between all records before and after.

>>> [(c.place, c.old, c.new) for c in changes({"a": [{"b": 1}], "c": "x"}, {"a": [{"b": 2}]})]
[('/a/0/b', 1, 2), ('/c', 'x', <nothing>)]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from trialgraph.mapping.typed_values import mesh_descriptor
from trialgraph.registry.record import Document


class _Nothing(Enum):
    NOTHING = "nothing"

    def __repr__(self) -> str:
        return "<nothing>"


NOTHING: Final = _Nothing.NOTHING
"""Stands for a value that is not there; a value that is there may be null."""

_MESH_LISTS: Final = (("meshes",), ("ancestors",))
_COPIED: Final = ("derivedSection", "miscInfoModule", "versionHolder")
"""The day the registry made its copy: it changes in every record every day and says nothing of the trial."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value that differs."""

    path: tuple[str | int, ...]
    old: Any
    new: Any

    @property
    def field(self) -> str:
        """The path as `tg:registryField` writes it.

        >>> FieldChange(("armGroups", 0, "label"), "A", "B").field
        'armGroups[].label'
        """
        return "".join("[]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")

    @property
    def place(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)


def changes(old: Document, new: Document) -> list[FieldChange]:
    """Return what differs, in the order of the fields, `versionHolder` left out.

    A MeSH identifier that has lost the zeros which filled it up until November 2024 is the same.

    Objects are compared by key and arrays of objects by position; an array of anything else counts as one value.
    """
    return [change for change in _changes((), old, new) if change.path != _COPIED]


def paths_in(value: Any, path: str = "") -> set[str]:
    """Return the paths of all values inside a value, those of the elements of an array as one.

    >>> sorted(paths_in({"a": [{"b": 1}, {"c": 2}], "d": ["x"]}))
    ['.a[].b', '.a[].c', '.d[]']
    """
    if isinstance(value, dict):
        return set().union(*(paths_in(inner, f"{path}.{key}") for key, inner in value.items()))
    if isinstance(value, list):
        return set().union(*(paths_in(inner, f"{path}[]") for inner in value))
    return set() if value is None and not path else {path}


def _changes(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[FieldChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *(key for key in new if key not in old)):
            yield from _changes((*path, key), old.get(key, NOTHING), new.get(key, NOTHING))
    elif _is_list_of_objects(old) and _is_list_of_objects(new):
        for position in range(max(len(old), len(new))):
            yield from _changes((*path, position), _at(old, position), _at(new, position))
    elif not _same(old, new) and not _is_same_mesh(path, old, new):
        yield FieldChange(path, old, new)


def _is_same_mesh(path: tuple[str | int, ...], old: Any, new: Any) -> bool:
    """Tell whether a field holds one MeSH identifier, with and without filling zeros."""
    if path[-1:] != ("id",) or path[:1] != ("derivedSection",) or path[2:3] not in _MESH_LISTS:
        return False
    meant = mesh_descriptor(old) if isinstance(old, str) else None
    return meant is not None and isinstance(new, str) and meant == mesh_descriptor(new)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _at(items: list[Any], position: int) -> Any:
    return items[position] if position < len(items) else NOTHING


def _same(old: Any, new: Any) -> bool:
    # In Python, true equals 1 and 1 equals 1.0; in JSON they are different values.
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    return type(old) is type(new) and bool(old == new)
