"""Real records, repeated under new NCT numbers until they make so many quads.

    python benchmarks/records.py --quads 10000000 > ten-million.jsonl
    python benchmarks/records.py --quads 1000000 --records ../shared/records/ctgov-v2.jsonl.gz | trialgraph build -

The first pass gives the records as they are; each further pass gives every record again with its own NCT number
replaced throughout its text, by numbers from NCT90000001 up. The same arguments give the same bytes.
"""

import argparse
import gzip
import itertools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from trialgraph import formats, terms
from trialgraph.mapping import Plan
from trialgraph.settings import packaged

RECORDS = Path(__file__).resolve().parents[2] / "shared" / "records" / "ctgov-v2.jsonl.gz"
"""Where the real records are expected: JSON lines, gzip."""
_NCT_ID = re.compile(rb'"nctId": ?"(NCT\d{8})"')


def plan() -> Plan:
    """Return the plan that the ontology in this checkout declares."""
    files = sorted(packaged("ontology").glob("*.ttl"))
    return Plan.compile(
        triple for file in files for triple, _ in terms.parse(file.read_bytes(), formats.TURTLE.oxigraph)
    )


def lines(path: Path = RECORDS) -> list[bytes]:
    """Return the records as lines of JSON."""
    with gzip.open(path) as file:
        return list(file)


def repeated(quads: int, path: Path = RECORDS) -> Iterator[bytes]:
    """Yield lines of JSON, one record each, until their map makes at least so many quads."""
    once, mapping, made = lines(path), plan(), 0
    sizes = [len(mapping.to_triples(json.loads(line))) for line in once]
    fresh = itertools.count(90_000_001)
    for turn in itertools.count():
        for line, size in zip(once, sizes, strict=True):
            if made >= quads:
                return
            made += size
            yield line if turn == 0 else _renumbered(line, b"NCT%08d" % next(fresh))


def _renumbered(line: bytes, nct: bytes) -> bytes:
    own = _NCT_ID.search(line)
    if own is None:
        raise ValueError(f"no NCT number in {line[:80]!r}")
    return line.replace(own[1], nct)


def main() -> None:
    """Write the lines to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--records", type=Path, default=RECORDS)
    options = parser.parse_args()
    sys.stdout.buffer.writelines(repeated(options.quads, options.records))


if __name__ == "__main__":
    main()
