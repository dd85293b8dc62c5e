"""The parts of a release's records: made by several processes, or taken over from where they are already.

What a chunk was made into is noted beside the parts as soon as they are whole, so a killed build loses no more
than the chunks it was at.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Final

import msgspec

from trialgraph.build.chunks import Made, Maker, Recipe, is_whole, key_of, make_chunk
from trialgraph.build.gathering import Chunk
from trialgraph.store import link

INDEX: Final = "index.json"
_NOTES: Final = ".notes"
_AHEAD: Final = 4
"""Chunks under way at once, each of some megabytes."""

_notes: Final = msgspec.json.Decoder(Made)
_index: Final = msgspec.json.Decoder(list[Made])


class Parts:
    """The parts in a folder, some of them perhaps left by a build that was killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / _NOTES).mkdir(parents=True, exist_ok=True)
        self._known: dict[str, tuple[Made, Path]] = {}
        for note in (folder / _NOTES).glob("*.json"):
            made = _notes.decode(note.read_bytes())
            self._known[made.key] = (made, folder)

    def know(self, folder: Path) -> None:
        """Take over what is needed from the parts of another release."""
        for made in read_index(folder):
            self._known.setdefault(made.key, (made, folder))

    def make(self, chunks: Iterable[Chunk], recipe: Recipe, pool: Executor | None) -> Iterator[Made]:
        """Yield what each chunk is made into, in order; the work is done by the pool, or here when there is none."""
        under_way: deque[Future[Made]] = deque()
        submit = _submitter(recipe, pool)
        for chunk in chunks:
            under_way.append(self._taken_over(key_of(chunk, recipe.digest)) or submit(chunk))
            if len(under_way) > _AHEAD:
                yield self._noted(under_way.popleft().result())
        while under_way:
            yield self._noted(under_way.popleft().result())

    def finish(self, made: list[Made]) -> None:
        """Write the index; remove notes and parts that belong to none of the chunks."""
        shutil.rmtree(self.folder / _NOTES)
        wanted = {each.path(self.folder, part) for each in made for part in each.parts}
        for path in self.folder.iterdir():
            if path not in wanted:
                path.unlink()
        entries = [msgspec.structs.replace(each, rejected=()) for each in made]
        lines = b",\n".join(msgspec.json.encode(entry) for entry in entries)
        (self.folder / INDEX).write_bytes(b"[\n" + lines + b"\n]\n")

    def _taken_over(self, key: str) -> Future[Made] | None:
        # What was set aside says where it was read, and that may have changed: such a chunk is made again.
        made, folder = self._known.get(key, (None, self.folder))
        if made is None or made.rejected or not is_whole(made, folder):
            return None
        if folder != self.folder:
            for part in made.parts:
                link(made.path(folder, part), made.path(self.folder, part))
        return _done(made)

    def _noted(self, made: Made) -> Made:
        note = self.folder / _NOTES / f"{made.key}.json"
        draft = note.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(made))
        draft.replace(note)
        return made


def read_index(folder: Path) -> list[Made]:
    """Return what the chunks of a release were made into; nothing for a release without records."""
    index = folder / INDEX
    return _index.decode(index.read_bytes()) if index.is_file() else []


def _submitter(recipe: Recipe, pool: Executor | None) -> Callable[[Chunk], Future[Made]]:
    if pool is not None:
        return lambda chunk: pool.submit(make_chunk, chunk)
    maker = Maker(recipe)
    return lambda chunk: _done(maker.make(chunk))


def _done(made: Made) -> Future[Made]:
    future: Future[Made] = Future()
    future.set_result(made)
    return future
