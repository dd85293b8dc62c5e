"""Value classes: frozen data classes to who checks the program, made at the cost of plain ones.

What is found in a text are small objects by the hundred a record. Each field of a frozen data class is set through
`object.__setattr__`, which takes eight times as long as an assignment; the type checker forbids assignments anyway.

>>> @value_class(frozen=True, slots=True)
... class Place:
...     start: int
...     end: int
>>> Place(1, 2) == Place(1, 2), len({Place(1, 2), Place(1, 2)})
(True, 1)
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from dataclasses import dataclass

    def value_class(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """Return the decorator of a class whose objects are never changed; they compare and hash by value."""
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=frozen)


__all__ = ["value_class"]
