"""The files of one shard of a release: what is known of them, and how they are read."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import zstandard

INDEX: Final = "index.json"
_BLOCK: Final = 8 * 2**20


class Shard(msgspec.Struct, frozen=True):
    """What is known of a chunk's parts; the index of a release holds one for each."""

    key: str
    """Digest of the records and of what made them into quads."""
    first: str
    """NCT id of the first record."""
    last: str
    records: int
    triples: int
    results: dict[str, int]
    """Validation results by severity."""
    parts: dict[str, tuple[int, str]]
    """Size and SHA-256 of each part."""
    rejected: tuple[str, ...] = ()
    """Lines for `rejected.jsonl`."""

    @property
    def stem(self) -> str:
        """What the names of the parts begin with."""
        return f"{self.first}-{self.key[:16]}"

    def path(self, folder: Path, part: str) -> Path:
        """Return the path of a part."""
        return folder / f"{self.stem}.{part}.zst"


_index: Final = msgspec.json.Decoder(list[Shard])


def read_index(folder: Path) -> list[Shard]:
    """Return what the chunks of a release were made into; nothing for a release without records."""
    index = folder / INDEX
    return _index.decode(index.read_bytes()) if index.is_file() else []


def read_part(made: Shard, folder: Path, part: str) -> bytes:
    """Return a part as text."""
    return b"".join(part_blocks(made, folder, part))


def part_blocks(made: Shard, folder: Path, part: str, size: int = _BLOCK) -> Iterator[bytes]:
    """Yield a part as text, in blocks of whole lines of about so many bytes; the last may lack its line end."""
    with made.path(folder, part).open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        rest = b""
        while read := stream.read(size):
            block = rest + read
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            if end:
                yield block[:end]
        if rest:
            yield rest


def is_whole(made: Shard, folder: Path) -> bool:
    """Tell whether every part is there as it was written."""
    for part, (size, digest) in made.parts.items():
        path = made.path(folder, part)
        if not path.is_file() or path.stat().st_size != size:
            return False
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return False
    return True
