"""The word of a release that is nearest to one that it does not have: "did you mean"."""

import sqlite3

from rapidfuzz.distance import OSA


def nearest_word(index: sqlite3.Connection, word: str) -> str:
    """Return the word of the release that is nearest to one that it does not have; empty when none is near.

    One slip is forgiven from four letters on, two from eight on; of equally near words the more frequent one.
    """
    most = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    if not most:
        return ""
    query = "SELECT * FROM spelling WHERE (word BETWEEN ? AND ? OR word LIKE ?) AND length(word) BETWEEN ? AND ?"
    asked = (word[:2], word[:2] + "\U0010ffff", f"%{word[-4:]}", len(word) - most, len(word) + most)
    near = [
        (distance, -count, other)
        for other, count in index.execute(query, asked)
        if (distance := OSA.distance(word, other, score_cutoff=most)) <= most
    ]
    return min(near)[2] if near else ""
