"""The word of a release that is nearest to one that finds nothing: "did you mean"."""

import sqlite3

from rapidfuzz.distance import OSA


def nearest_word(index: sqlite3.Connection, word: str, *, another: bool = False) -> str:
    """Return the word of the release that is nearest to one; empty when none is near.

    One slip is forgiven from four letters on, two from eight on; of equally near words the more frequent one. The
    word itself is nearest where the release has it, but with `another`: a slip may be a word too, as `hart`.
    """
    most = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    if not most:
        return ""
    # A slip behind the second letter leaves the first two; one before it leaves what is behind the third.
    end = word[-max(1, min(4, len(word) - 3)) :]
    query = "SELECT * FROM spelling WHERE (word BETWEEN ? AND ? OR word LIKE ?) AND length(word) BETWEEN ? AND ?"
    asked = (
        word[:2],
        word[:2] + "\U0010ffff",
        f"%{end}",
        len(word) - most,
        len(word) + most,
    )
    near = [
        (distance, -count, other)
        for other, count in index.execute(query, asked)
        if (distance := OSA.distance(word, other, score_cutoff=most)) <= most and not (another and not distance)
    ]
    return min(near)[2] if near else ""
