"""What fits no declaration: kept as JSON text with the place where it stood (RFC 6901)."""

import json
import re
from typing import Any, Final

from trialgraph.errors import UnmappableRecord
from trialgraph.mapping.declarations import TG
from trialgraph.mapping.literals import encode_string
from trialgraph.mapping.write_context import Misfit, Run
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, integer

UNMAPPED: Final = f"<{TG}unmapped>"
POINTER: Final = f"<{TG}jsonPointer>"
VALUE: Final = f"<{TG}jsonValue>"
_POSITION: Final = f"<{TG}position>"
_CLASS: Final = f"<{TG}UnmappedValue>"
_NUMBERS: Final = re.compile(r"/(\d+)")


def write(run: Run, nct: str) -> None:
    """Add a node for each value that did not fit, ordered by place.

    Raises UnmappableRecord when a value cannot be kept either: a lone surrogate, a number that is no JSON
    number, a depth beyond what the JSON writer takes.
    """
    found = [(_tokens(misfit), misfit[3]) for misfit in run.misfits]
    found.sort(key=lambda place: place[0])
    for number, (tokens, value) in enumerate(found, 1):
        node = f"{run.record[:-1]}/unmapped/{number}>"
        run.block(run.record).append((run.record, UNMAPPED, node))
        run.blocks[node] = _node(node, number, tokens, value, nct)


def _node(node: Term, number: int, tokens: tuple[str, ...], value: Any, nct: str) -> list[Triple]:
    pointer, text = encode_string(pointer_of(tokens)), _json(value, tokens, nct)
    term = encode_string(text)
    if pointer is None or term is None:
        raise _refused(tokens, nct, "the text holds a lone surrogate, which RDF cannot hold")
    return [
        (node, RDF_TYPE, _CLASS),
        (node, RDFS_LABEL, pointer),
        (node, _POSITION, integer(number)),
        (node, POINTER, pointer),
        (node, VALUE, term),
    ]


def _json(value: Any, tokens: tuple[str, ...], nct: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError) as error:
        raise _refused(tokens, nct, f"the value cannot be written as JSON ({error})") from None


def _refused(tokens: tuple[str, ...], nct: str, reason: str) -> UnmappableRecord:
    return UnmappableRecord(reason, "correct the record at its source", nct_id=nct, field_path=field_path(tokens))


def _tokens(misfit: Misfit) -> tuple[str, ...]:
    """Return the keys and indexes (from 0) from the top of the record to the value."""
    node, subject, keys, _ = misfit
    numbers = iter(_NUMBERS.findall(subject))
    around: list[str] = []
    for token in node.path.split(".") if node.path else ():
        around.append(token.removesuffix("[]"))
        if token.endswith("[]"):
            around.append(str(int(next(numbers)) - 1))
    return (*around, *keys)


def pointer_of(tokens: tuple[str, ...]) -> str:
    """Return the JSON pointer of a place.

    >>> pointer_of(("a/b", "0"))
    '/a~1b/0'
    """
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def tokens_of(pointer: str) -> list[str]:
    """Return keys and indexes of a JSON pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def field_path(tokens: tuple[str, ...]) -> str:
    """Return a place as messages name it.

    >>> field_path(("protocolSection", "armsInterventionsModule", "armGroups", "0", "label"))
    'protocolSection.armsInterventionsModule.armGroups[0].label'
    """
    path = "".join(f"[{token}]" if token.isdigit() else f".{token}" for token in tokens).lstrip(".")
    return path.encode("utf-8", "backslashreplace").decode()
