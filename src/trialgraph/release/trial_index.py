"""The search index of trials: words by field, what a list shows of each, facets as arrays.

Two files of a release. `trials.sqlite` has a row a trial, newest number first, an FTS5 index over the terms of its
texts (`resource.search_terms`), the words as they are written (for spelling), and the values of each facet with their
labels; what others call a value is its alias.
`trials.facets` holds for each facet, as little-endian 32-bit integers, where the values of each trial begin,
those values, where the trials of each value begin, and those trials, and for each other order of a list the rank of
each trial; `facet` and `ranking` say at which places of the file.
"""

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final

from trialgraph.resource.name_key import is_obsolete
from trialgraph.resource.search_terms import identifier_words, search_terms, surface_words
from trialgraph.store import Reader
from trialgraph.terms import is_literal, lexical
from trialgraph.vocabulary import RESOURCE, prologue

FILE_NAME: Final = "trials.sqlite"
FACETS_NAME: Final = "trials.facets"
_PREFIXES: Final = prologue("tg", "rdfs", "skos")


@dataclass(frozen=True, slots=True)
class TextField:
    """A column of words: the SPARQL patterns that give `?trial` and `?text`, each asked for itself.

    `things` are patterns for `?trial` and `?thing` with those for `?thing` and `?text`: names that many trials share.
    """

    column: str
    patterns: tuple[str, ...]
    things: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow a list of trials: a pattern for `?trial`, `?value` and, where the value is an IRI, `?label`.

    `same` gives `?value` and what else it is called: a text, or the identifier that another vocabulary has for it.
    """

    name: str
    title: str
    pattern: str
    same: str = ""


_NAMES: Final = "rdfs:label|skos:altLabel|skos:prefLabel|tg:fullName|tg:abbreviation|tg:alternativeName"
_CALLED: Final = (
    "?thing skos:exactMatch ?same . ?name tg:denotes ?thing ; rdfs:label ?text "
    "; skos:exactMatch|skos:closeMatch ?same "
    'FILTER(!REGEX(?text, "[0-9] ?(mg|g|ug|mcg|ml|iu|units?)([^a-z]|$)", "i"))'
)
"""What any record calls a thing, such as a brand; strengths and doses are no part of a name."""
TEXTS: Final = (
    TextField(
        "title",
        (
            "?trial a tg:Trial ; tg:briefTitle|tg:officialTitle|tg:acronym|rdfs:label ?text",
            "?trial a tg:Trial ; tg:nctId|tg:nctIdAlias|tg:orgStudyId ?text",
            "?trial a tg:Trial ; tg:secondaryIdentifier/tg:secondaryId ?text",
        ),
    ),
    TextField(
        "intervention",
        (
            "?trial a tg:Trial ; tg:intervention ?i . ?i rdfs:label|tg:interventionName ?text",
            "?trial a tg:Trial ; tg:intervention/tg:interventionOtherName ?text",
            "?trial a tg:Trial ; tg:interventionMeshTerm/rdfs:label ?text",
        ),
        (
            ("?trial a tg:Trial ; tg:intervention/tg:drug ?thing", f"?thing a tg:Drug ; {_NAMES} ?text"),
            ("?trial a tg:Trial ; tg:intervention/tg:drug ?thing", f"?thing a tg:Drug . {_CALLED}"),
            ("?trial a tg:Trial ; tg:intervention/tg:drug/tg:target ?thing", f"?thing a tg:Target ; {_NAMES} ?text"),
        ),
    ),
    TextField(
        "condition",
        (
            "?trial a tg:Trial ; tg:conditionName|tg:keyword ?text",
            "?trial a tg:Trial ; tg:conditionMeshTerm|tg:conditionMeshAncestorTerm ?term . ?term rdfs:label ?text",
        ),
        (
            (
                "?trial a tg:Trial ; tg:condition|tg:disease|tg:studiesDisease ?thing",
                f"?thing a ?kind ; {_NAMES} ?text VALUES ?kind {{ tg:Condition tg:Disease }}",
            ),
            ("?trial a tg:Trial ; tg:studiesDisease ?thing", f"?thing a tg:Disease . {_CALLED}"),
        ),
    ),
    TextField(
        "sponsor",
        (
            "?trial a tg:Trial ; tg:leadSponsorName ?text",
            "?trial a tg:Trial ; tg:collaborator/rdfs:label ?text",
        ),
    ),
)
FACETS: Final = (
    Facet("status", "Status", "?trial tg:overallStatus ?value . ?value skos:prefLabel ?label"),
    Facet("phase", "Phase", "?trial tg:phase ?value . ?value skos:prefLabel ?label"),
    Facet("type", "Study type", "?trial tg:studyType ?value . ?value skos:prefLabel ?label"),
    Facet("age", "Age group", "?trial tg:standardAge ?value . ?value skos:prefLabel ?label"),
    Facet(
        "condition",
        "Condition",
        "?trial tg:studiesDisease ?value . ?value rdfs:label ?label",
        "?value a tg:Disease . "
        "{ ?value skos:exactMatch ?same } UNION { ?name tg:denotes ?value ; skos:exactMatch ?same }",
    ),
    Facet(
        "drug",
        "Drug",
        "?trial tg:intervention/tg:drug ?value . ?value rdfs:label ?label",
        "?value a tg:Drug ; skos:exactMatch ?same",
    ),
    Facet("target", "Target", "?trial tg:intervention/tg:drug/tg:target ?value . ?value rdfs:label ?label"),
    Facet("endpoint", "Endpoint", "?trial tg:outcome/tg:endpoint ?value . ?value rdfs:label ?label"),
    Facet("sponsor", "Sponsor", "?trial tg:sponsor ?value . ?value rdfs:label ?label"),
    Facet(
        "country",
        "Country",
        "{ ?trial tg:inCountry ?value . ?value rdfs:label ?label } UNION "
        "{ ?trial tg:country ?value FILTER NOT EXISTS { ?trial tg:inCountry ?known } }",
        "?site a tg:Site ; tg:inCountry ?value ; tg:country ?same",
    ),
    Facet("year", "Start year", "?trial tg:startYear ?value"),
    Facet("results", "Results", "?trial tg:hasResults ?value"),
    Facet(
        "unit",
        "Dose unit",
        "?trial tg:arm/tg:doseSpecification/tg:dose ?dose . ?dose tg:unit ?value "
        'OPTIONAL { ?dose rdfs:label ?text BIND(STRAFTER(?text, " ") AS ?label) FILTER(!REGEX(?label, "[0-9]")) }',
    ),
)
"""The facets in the order of the page; one more is one more row."""

RANKINGS: Final = {"start": "start", "enrollment": "enrollment"}
"""The orders of a list beside that of its numbers, each with the column of `trial` it goes by, highest first."""
_SHOWN: Final = {
    "title": "tg:briefTitle|rdfs:label",
    "start": "tg:startDate",
    "enrollment": "tg:enrollmentCount",
    "sponsor": "tg:leadSponsorName",
}
_SCHEMA: Final = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE trial (
  id INTEGER PRIMARY KEY, nct TEXT NOT NULL, title TEXT, start TEXT, enrollment INTEGER, sponsor TEXT
);
CREATE TABLE facet (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL,
  starts INTEGER NOT NULL, "values" INTEGER NOT NULL, inverse_starts INTEGER NOT NULL, trials INTEGER NOT NULL
);
CREATE TABLE value (
  facet INTEGER NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL, trials INTEGER NOT NULL,
  PRIMARY KEY (facet, number)
) WITHOUT ROWID;
CREATE TABLE alias (
  facet INTEGER NOT NULL, alias TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (facet, alias)
) WITHOUT ROWID;
CREATE TABLE ranking (name TEXT PRIMARY KEY, ranks INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE spelling (word TEXT PRIMARY KEY, trials INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
  title, intervention, condition, sponsor, content = '', columnsize = 0, detail = column, prefix = '3',
  tokenize = "unicode61 tokenchars '_'"
);
CREATE TEMP TABLE piece (trial INTEGER, field INTEGER, text TEXT);
"""


def write_trial_index(folder: Path, reader: Reader) -> int:
    """Write both files of a release into a folder; return how many trials they hold. Same graph, same bytes."""
    trials = sorted({_path(row[0]) for row in _select(reader, "?trial", "?trial a tg:Trial")} - {""}, reverse=True)
    numbers = {path: number for number, path in enumerate(trials)}
    with closing(sqlite3.connect(folder / FILE_NAME)) as index, (folder / FACETS_NAME).open("wb") as arrays:
        index.executescript(_SCHEMA)
        _write_shown(index, reader, numbers)
        for number, field in enumerate(TEXTS):
            for pattern in field.patterns:
                pieces = ((at, number, text) for at, text in _pairs(reader, pattern, numbers))
                index.executemany("INSERT INTO piece VALUES (?, ?, ?)", pieces)
            for trials_of, names_of in field.things:
                called = _names(reader, names_of)
                rows = _select(reader, "?trial ?thing", trials_of)
                known = ((numbers.get(_path(trial)), called.get(thing or "")) for trial, thing in rows)
                pieces = ((at, number, text) for at, text in known if at is not None and text)
                index.executemany("INSERT INTO piece VALUES (?, ?, ?)", pieces)
        _write_words(index)
        for facet in FACETS:
            _write_facet(index, arrays, reader, facet, numbers)
        for name, column in RANKINGS.items():
            order = index.execute(f"SELECT id FROM trial ORDER BY {column} IS NULL, {column} DESC, id")  # noqa: S608
            ranks = array("i", bytes(4 * len(trials)))
            for rank, (trial,) in enumerate(order):
                ranks[trial] = rank
            index.execute("INSERT INTO ranking VALUES (?, ?)", (name, _append(arrays, ranks)))
        index.execute("INSERT INTO words (words) VALUES ('optimize')")
        index.commit()
        index.execute("VACUUM")
    return len(trials)


def _select(reader: Reader, names: str, pattern: str) -> Iterator[tuple[str | None, ...]]:
    return reader.select(f"{_PREFIXES}SELECT DISTINCT {names} {{ {pattern} }}")


def _path(term: str | None) -> str:
    return term[1 + len(RESOURCE) : -1] if term and term.startswith("<" + RESOURCE) else ""


def _pairs(reader: Reader, pattern: str, numbers: dict[str, int]) -> Iterator[tuple[int, str]]:
    for trial, text in _select(reader, "?trial ?text", pattern):
        number = numbers.get(_path(trial))
        if number is not None and text and is_literal(text):
            yield number, lexical(text)


def _names(reader: Reader, pattern: str) -> dict[str, str]:
    """Return the names of each thing as one text, the shortest first."""
    found: dict[str, set[str]] = defaultdict(set)
    for thing, text in _select(reader, "?thing ?text", pattern):
        if thing and text and is_literal(text):
            found[thing].add(lexical(text))
    return {thing: " . ".join(sorted(names, key=lambda each: (len(each), each))) for thing, names in found.items()}


def _write_shown(index: sqlite3.Connection, reader: Reader, numbers: dict[str, int]) -> None:
    rows = [{"id": number, "nct": path, **dict.fromkeys(_SHOWN)} for path, number in numbers.items()]
    for column, predicate in _SHOWN.items():
        for number, text in _pairs(reader, f"?trial a tg:Trial ; {predicate} ?text", numbers):
            known = rows[number][column]
            # A trial of several sources may have several titles; the longest says most, and the choice is the same
            # each time.
            rows[number][column] = (
                text if known is None else max(str(known), text, key=lambda each: (len(each), each))
            )
    index.executemany("INSERT INTO trial VALUES (:id, :nct, :title, :start, :enrollment, :sponsor)", rows)


def _write_words(index: sqlite3.Connection) -> None:
    spelling: Counter[str] = Counter()
    # Sorted on disk and read row by row: half a million trials have ten million pieces.
    rows = index.execute("SELECT DISTINCT trial, field, text FROM piece ORDER BY trial, field, text")
    for trial, pieces in groupby(rows, itemgetter(0)):
        columns: list[dict[str, None]] = [{} for _ in TEXTS]
        written: set[str] = set()
        for _, field, text in pieces:
            columns[field].update(dict.fromkeys(search_terms(text, every=True)))
            written.update(surface_words(text))
        spelling.update(written)
        index.execute(
            "INSERT INTO words (rowid, title, intervention, condition, sponsor) VALUES (?, ?, ?, ?, ?)",
            (trial, *map(" ".join, columns)),
        )
    index.executemany("INSERT INTO spelling VALUES (?, ?)", sorted(spelling.items()))


def _members(reader: Reader, facet: Facet, numbers: dict[str, int]) -> Iterator[tuple[int, str, str]]:
    """Yield the trial, value and label of each membership.

    A value is the notation of a coded value, what follows `/id/` in the IRI of a thing, or a text as it is.
    """
    labelled = "?label" in facet.pattern
    for trial, value, *label in _select(reader, f"?trial ?value {'?label' if labelled else ''}", facet.pattern):
        number = numbers.get(_path(trial))
        if number is None or not value:
            continue
        yield number, _value(value), lexical(label[0]) if label and label[0] else ""


def _value(term: str) -> str:
    """Return how a value is named in addresses.

    >>> _value("<https://w3id.org/trialgraph/id/scheme/phase/PHASE3>"), _value('"mg"')
    ('PHASE3', 'mg')
    """
    text = lexical(term) if is_literal(term) else _path(term) or term[1:-1]
    return text.rsplit("/", 1)[-1] if text.startswith("scheme/") else text


def _aliases(values: Collection[str], same: Iterable[Sequence[str | None]]) -> dict[str, str]:
    """Return what is another name of a value: a text that it has, or a value whose identifier it matches exactly.

    Of one vocabulary no two values are the same: it tells them apart itself. A name of several values is none's.

    >>> rows = [("<https://w3id.org/trialgraph/id/disease/MONDO:0011122>", "<http://id.nlm.nih.gov/mesh/D009765>")]
    >>> _aliases({"disease/MONDO:0011122", "disease/MESH:D009765"}, rows)
    {'disease/MESH:D009765': 'disease/MONDO:0011122'}
    >>> _aliases({"country/TR"}, [("<https://w3id.org/trialgraph/id/country/TR>", '"Turkey"')])
    {'Turkey': 'country/TR'}
    """
    own = {value.rpartition("/")[2].replace(":", " ").upper(): value for value in values if ":" in value}
    found: dict[str, str] = {}
    for term, other in sorted(row for row in ((one, two) for one, two in same) if row[0] and row[1]):
        value = _value(term or "")
        text = other or ""
        alias = lexical(text) if is_literal(text) else own.get(identifier_words(text[1:-1]).upper(), "")
        apart = alias.partition(":")[0] != value.partition(":")[0]
        if value in values and value not in found and alias and apart and (is_literal(text) or alias in values):
            found[alias] = value if found.get(alias, value) == value else ""
    return {alias: value for alias, value in found.items() if value and value not in found}


def _write_facet(
    index: sqlite3.Connection,
    arrays: BinaryIO,
    reader: Reader,
    facet: Facet,
    numbers: dict[str, int],
) -> None:
    """Write the values of a facet, most frequent first, their aliases, and its four arrays."""
    number, trials = FACETS.index(facet), len(numbers)
    labels: dict[str, str] = {}
    by_value: dict[str, set[int]] = defaultdict(set)
    for trial, value, label in _members(reader, facet, numbers):
        labels[value] = _better(label, labels.get(value, ""))
        by_value[value].add(trial)
    aliases = _aliases(by_value, _select(reader, "?value ?same", facet.same) if facet.same else ())
    for alias, value in aliases.items():
        by_value[value] |= by_value.pop(alias, set())
        labels[value] = _better(labels.pop(alias, "") or alias, labels[value])
    labels = {value: label or value for value, label in labels.items()}
    order = sorted(by_value, key=lambda value: (-len(by_value[value]), labels[value], value))
    by_trial: dict[int, list[int]] = defaultdict(list)
    for at, value in enumerate(order):
        for trial in by_value[value]:
            by_trial[trial].append(at)
    places = [
        _append(arrays, _starts(len(by_trial.get(trial, ())) for trial in range(trials))),
        _append(arrays, array("i", [value for trial in range(trials) for value in by_trial.get(trial, ())])),
        _append(arrays, _starts(len(by_value[value]) for value in order)),
        _append(arrays, array("i", [trial for value in order for trial in sorted(by_value[value])])),
    ]
    index.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?, ?)", (number, facet.name, facet.title, *places))
    rows = ((number, at, value, labels[value], len(by_value[value])) for at, value in enumerate(order))
    index.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?)", rows)
    places_of = {value: at for at, value in enumerate(order)}
    named = ((number, alias, places_of[value]) for alias, value in sorted(aliases.items()))
    index.executemany("INSERT INTO alias VALUES (?, ?, ?)", named)


def _better(one: str, other: str) -> str:
    """Return the shorter of two labels in their natural order; of one that is empty or given up, the other.

    >>> _better("Korea, Republic of", "South Korea"), _better("", "mg"), _better("obsolete hernia", "Hernia, Hiatal")
    ('South Korea', 'mg', 'Hernia, Hiatal')
    """
    return min(one, other, key=lambda each: (not each, is_obsolete(each), ", " in each, len(each), each))


def _starts(lengths: Iterable[int]) -> "array[int]":
    starts = array("i", [0])
    for length in lengths:
        starts.append(starts[-1] + length)
    return starts


def _append(arrays: BinaryIO, values: "array[int]") -> int:
    """Append integers to the file; return their place, counted in integers."""
    if array("i", [1]).tobytes() != b"\1\0\0\0":
        values.byteswap()
    place = arrays.tell() // 4
    arrays.write(values.tobytes())
    return place
