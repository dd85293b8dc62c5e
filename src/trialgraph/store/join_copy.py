"""A copy of the default graph for a second engine, sparq, which joins large graphs faster.

It is made from the triples as they were written, with literals as Oxigraph's store keeps them, so that both engines
give the same to the letter; by a process of its own, since it takes 400 bytes of memory a triple until it is saved.
"""

import multiprocessing
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

try:
    import sparq
except ImportError:  # it is optional
    sparq = None

JOIN_COPY: Final = "sparq"
"""Folder of a release that holds the copy."""
_TYPED: Final = re.compile(rb'"([^"\\\n]*)"\^\^<http://www\.w3\.org/2001/XMLSchema#(\w+)>(?= \.\n)')
_TAGGED: Final = re.compile(rb'"@[A-Za-z0-9-]*[A-Z][A-Za-z0-9-]*(?= \.\n)')
"""The end of a literal with a language tag that is not in small letters."""
# The forms that a store keeps as they are; literals of other types are asked for, one by one.
_PLAIN: Final = {
    b"integer": re.compile(rb"0|-?[1-9][0-9]{0,17}"),
    b"decimal": re.compile(rb"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{0,5}[1-9])?(?<!-0)"),
    b"boolean": re.compile(rb"true|false"),
    b"date": re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    b"anyURI": re.compile(rb".*"),
}
_FROM_QUADS: Final = 300_000
"""Releases below this are answered quickly anyway."""
_BYTES: Final = 450
"""Of memory, for each triple, while the copy is made."""


def is_worth_it(quads: int) -> bool:
    """Whether a release of so many quads is large enough for a copy, and small enough for this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return sparq is not None and quads >= _FROM_QUADS and quads * _BYTES < memory / 2


def save_join_copy(blocks: Iterable[bytes], folder: Path, quads: int | None = None) -> None:
    """Copy lines of N-Triples into a new folder; one that comes several times counts once.

    Where they are not as many as there are `quads`, something is missing, and there is no copy.

    Raises ChildProcessError when the copy cannot be made.
    """
    folder.mkdir()
    lines, count = folder / "triples.nt", 0
    with lines.open("wb") as file:
        for block in as_kept(blocks):
            count += block.count(b"\n")
            file.write(block)
    if quads not in {None, count}:
        shutil.rmtree(folder)
        return
    process = multiprocessing.get_context("spawn").Process(target=_save, args=(lines, folder))
    process.start()
    process.join()
    if process.exitcode:
        raise ChildProcessError(
            f"no copy for joins could be made in {folder}: its maker ended with {process.exitcode}"
        )


def as_kept(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines of N-Triples with their literals as Oxigraph's store keeps them, odd ones last.

    >>> integer = b"<http://www.w3.org/2001/XMLSchema#integer>"
    >>> lines = [b'<u:s> <u:p> "1"^^' + integer + b" .\\n", b'<u:s> <u:p> "01"^^' + integer + b" .\\n"]
    >>> [line.count(b'"1"') for line in as_kept([b"".join(lines)])]
    [1, 1]
    """
    odd: list[tuple[bytes, bytes]] = []
    for block in blocks:
        kept, start = [], 0
        for line, end, literal in _odd_lines(block):
            odd.append((block[line:end], literal))
            kept.append(block[start:line])
            start = end
        yield b"".join((*kept, block[start:])) if kept else block
    store = ox.Store()
    numbers = {literal: number for number, literal in enumerate(dict.fromkeys(literal for _, literal in odd))}
    asked = b"".join(b"<urn:%d> <urn:p> %s .\n" % (number, literal) for literal, number in numbers.items())
    store.bulk_load(asked, format=ox.RdfFormat.N_TRIPLES)
    said = {int(str(quad.subject)[5:-1]): str(quad.object).encode() for quad in store}
    yield b"".join(line[: -len(literal) - 3] + said[numbers[literal]] + b" .\n" for line, literal in odd)


def _odd_lines(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield where lines begin and end whose literal a store may keep in another form, with the literal, in order."""
    ends = [match.end() for match in _TYPED.finditer(block) if _is_odd(match)]
    ends += [match.end() for match in _TAGGED.finditer(block)]
    for end in sorted(ends):
        begin = block.rfind(b"\n", 0, end) + 1
        # Subjects and predicates hold no quotation mark.
        yield begin, end + len(b" .\n"), block[block.index(b'"', begin) : end]


def _is_odd(typed: re.Match[bytes]) -> bool:
    plain = _PLAIN.get(typed[2])
    return not (plain and plain.fullmatch(typed[1]))


def _save(lines: Path, folder: Path) -> None:
    graph = sparq.Graph.load(lines, format="ntriples")
    lines.unlink()
    graph.save(str(folder))
