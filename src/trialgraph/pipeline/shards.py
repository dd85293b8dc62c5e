"""The parts of a release's records: made by several processes, or taken over where they are.

What a chunk was made into is noted beside the parts as soon as they are whole, so a killed build loses no more
than the chunks it was at.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import msgspec

from trialgraph.pipeline.process_pool import Pool
from trialgraph.pipeline.record_order import Chunk
from trialgraph.pipeline.shard_files import INDEX, Shard, is_whole, read_index
from trialgraph.pipeline.shard_maker import MadeShard, Recipe, ShardMaker, key_of, make_shard, take_over
from trialgraph.release.dump_pieces import DumpPlan
from trialgraph.store import link

_NOTES: Final = ".notes"
_notes: Final = msgspec.json.Decoder(Shard)

PlanNow = Callable[[], DumpPlan | None]
"""Tells what the dumps need of a chunk's triples; None when that is asked for later."""


class Shards:
    """The parts in a folder, some of them perhaps left by a build that was killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / _NOTES).mkdir(parents=True, exist_ok=True)
        self._known: dict[str, tuple[Shard, Path]] = {}
        for note in (folder / _NOTES).glob("*.json"):
            made = _notes.decode(note.read_bytes())
            self._known[made.key] = (made, folder)

    def know(self, folder: Path) -> None:
        """Take over what is needed from the parts of another release."""
        for made in read_index(folder):
            self._known.setdefault(made.key, (made, folder))

    def make(self, chunks: Iterable[Chunk], recipe: Recipe, pool: Pool, plan: PlanNow) -> Iterator[MadeShard]:
        """Yield what each chunk is made into, in order; the work is done by the pool, or here when there is none."""
        maker = None if pool.executor else ShardMaker(recipe)

        def submit(chunk: Chunk) -> Future[MadeShard]:
            if made := self._taken_over(key_of(chunk, recipe.digest)):
                return pool.submit(take_over, made, self.folder, plan())
            return pool.submit(maker.make if maker else make_shard, chunk, plan())

        for made, written in pool.in_order(map(submit, chunks)):
            self._note(made)
            yield made, written

    def again(self, made: Iterable[Shard], pool: Pool, plan: PlanNow) -> Iterator[MadeShard]:
        """Yield chunks that were made before, with their triples as the dumps need them."""
        return pool.in_order(pool.submit(take_over, each, self.folder, plan()) for each in made)

    def finish(self, made: list[Shard]) -> None:
        """Write the index; remove notes and parts that belong to none of the chunks."""
        shutil.rmtree(self.folder / _NOTES)
        wanted = {each.path(self.folder, part) for each in made for part in each.parts}
        for path in self.folder.iterdir():
            if path not in wanted:
                path.unlink()
        entries = [msgspec.structs.replace(each, rejected=()) for each in made]
        lines = b",\n".join(msgspec.json.encode(entry) for entry in entries)
        (self.folder / INDEX).write_bytes(b"[\n" + lines + b"\n]\n")

    def _taken_over(self, key: str) -> Shard | None:
        # What was set aside says where it was read, and that may have changed: such a chunk is made again.
        made, folder = self._known.get(key, (None, self.folder))
        if made is None or made.rejected or not is_whole(made, folder):
            return None
        if folder != self.folder:
            for part in made.parts:
                link(made.path(folder, part), made.path(self.folder, part))
        return made

    def _note(self, made: Shard) -> None:
        note = self.folder / _NOTES / f"{made.key}.json"
        draft = note.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(made))
        draft.replace(note)
