"""What a release tells of its reading: how many texts gave a dose, how many did not and why."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

COVERAGE: Final = "coverage"
"""The part of a derivation that rows of coverage are written to."""
COVERAGE_FILE: Final = "interpretation.json"
_MOST: Final = 20


def write_coverage(path: Path, rows: Iterable[bytes]) -> None:
    """Write the counts of rows (kind, what, words or place, trial), sorted: the reasons most often met first."""
    texts: Counter[str] = Counter()
    left: Counter[str] = Counter()
    examples: dict[str, tuple[str, str]] = {}
    for row in rows:
        kind, what, words, trial = row.decode().rstrip("\n").split("\t")
        if kind == "text":
            texts[what] += 1
        else:
            left[what] += 1
            examples.setdefault(what, (words, trial.partition("#")[0]))
    gave = texts.pop("gave a dose", 0)
    told = {
        "textsWithAnAmount": gave + texts.total(),
        "gaveADose": gave,
        "gaveNone": dict(sorted(texts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]),
        "leftAsText": [
            {"reason": reason, "times": times, "words": examples[reason][0], "trial": examples[reason][1]}
            for reason, times in sorted(left.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
        ],
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
