"""Labels of what no single field labels: elements of arrays, by the pattern of their class.

>>> label = labeller("event count", "{numAffected} of {numAtRisk}|{numAffected}")
>>> label({"numAffected": 3, "numAtRisk": 120}, 1), label({"numAffected": 0}, 2), label({}, 3)
('"3 of 120"', '"0"', '"event count 3"')
"""

import re
from collections.abc import Callable
from typing import Any, Final

from trialgraph.mapping.literals import encode_string
from trialgraph.terms import Term

LabelOf = Callable[[dict[str, Any], int], Term]
"""Gives the label of an element, from its object and its position counted from 1."""

_KEY: Final = re.compile(r"\{(\w+)\}")


def labeller(class_label: str, pattern: str) -> LabelOf:
    """Return what labels the elements of a class.

    The pattern names keys of the element's object in braces; of several, parted by `|`, the first counts whose keys
    all hold a text or a number. Where none does, the label is that of the class and the position.
    """
    alternatives = [(_KEY.findall(part), _KEY.sub("{}", part)) for part in pattern.split("|") if part]

    def label(value: dict[str, Any], number: int) -> Term:
        for keys, template in alternatives:
            found = [value.get(key) for key in keys]
            if all(type(each) is int or (type(each) is str and each.strip()) for each in found):
                term = encode_string(template.format(*found))
                if term is not None:
                    return term
        return f'"{class_label} {number}"'

    return label
