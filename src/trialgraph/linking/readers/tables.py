"""Rows of an owner's table by column name; a missing column is an error that says what to give.

>>> from trialgraph.linking.vocabulary_files import Member
>>> from contextlib import nullcontext
>>> import io, pathlib
>>> file = Member("x.tsv", "x.tsv", lambda: nullcontext(io.BytesIO(b"id\\tname\\n1\\tone\\n")), pathlib.Path("x.tsv"))
>>> list(rows(file, ("id", "name"), "give a table"))
[{'id': '1', 'name': 'one'}]
"""

import csv
from collections.abc import Iterator, Sequence

from trialgraph.linking.vocabulary_files import Member


def rows(member: Member, required: Sequence[str], remedy: str, *, delimiter: str = "\t") -> Iterator[dict[str, str]]:
    """Yield the rows of a table with a header; an absent cell is empty. Raises SourceError for an absent column."""
    lines = (line.lstrip("\ufeff") if number == 0 else line for number, line in enumerate(member.lines()))
    table = csv.DictReader(lines, delimiter=delimiter, restval="")
    names = list(table.fieldnames or ())
    missing = [name for name in required if name not in names]
    if missing:
        raise member.error(f"it has no column {', '.join(missing)}", remedy)
    try:
        for row in table:
            yield {name: row[name] for name in names}
    except csv.Error as error:
        raise member.error(f"line {table.line_num}: {error}") from None
