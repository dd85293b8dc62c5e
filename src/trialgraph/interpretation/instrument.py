"""The scale, questionnaire or functional test of an outcome, in the shortest form its text has.

Known ones are rows of `data/lexicons/instruments.tsv`; others are known by their shape: capital words that end
in Questionnaire, Scale, Index, Inventory and their like.
"""

import re
from functools import cache
from typing import Final

from trialgraph.interpretation.lexicon import Row, rows
from trialgraph.interpretation.lexicon_groups import pattern_group, word_group
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.phrase_index import Phrase, PhraseIndex, Words, phrase_of
from trialgraph.interpretation.stored_text import abbreviations
from trialgraph.interpretation.value_class import value_class

_SHAPE: Final = GuardedPattern(
    r"\b(?P<name>(?:(?:(?!(?:Using|Measured|Assessed|By|With)\b)[A-Z][\w'’/-]{0,40}"
    r"|\d{1,2}-[Ii]tem) (?:(?:of|for|and|in|the|to|on|with|&|-|–) ){0,2}){1,8}"
    r"(?:Questionnaires?|Scales?|Index|Inventory|Scores?|Survey|Checklist|Battery|Interview|Instrument|Diary"
    r"|Assessment Tool|Profile|Test|Schedule)\b(?:[ -](?:Revised|Short Form|Part [AB]))?)"
    r"(?:\s?[-–]?\s?\((?P<short>[A-Za-z][A-Za-z0-9/+ -]{1,14})\))?"
)
_SHORT: Final = re.compile(
    r"(?:[ -][\w'’-]{1,30}){0,3}?\s?[-–]?\s?\((?:the |also |i\.e\. )?"
    r"(?P<short>[A-Za-z][A-Za-z0-9./+-]{1,14}(?:[ -](?:[A-Z0-9][A-Za-z0-9]{0,4}))?)[);,]"
)
_ACRONYM: Final = GuardedPattern(
    r"\((?P<before>[A-Z][A-Za-z0-9-]{1,12})\)\s(?:[Qq]uestionnaire|[Ss]cale|[Ii]nventory|[Ss]urvey|[Ss]core)\b"
    r"|\b(?:[Qq]uestionnaire|[Ss]cale|[Ii]nventory|[Ii]ndex|[Ss]urvey)\s?\((?P<behind>[A-Z][A-Z0-9-]{2,12})\)"
    r"|\b(?P<bare>[A-Z][A-Z0-9]{2,11}(?:-[A-Z0-9]{1,6}){0,2})\s(?:questionnaire|scale|inventory|survey)\b"
)
"""An acronym beside the word for an instrument: (PTP) Inventory, survey (UAS), KEED questionnaire."""
_PROMIS: Final = re.compile(
    r"\)?(?:[ -](?:(?!Measure|Quality|Questionnaire|Score)[A-Z][\w/-]{0,30}|v\d\.\d|\d{1,2}[A-Za-z]?)\b){1,6}"
)
_TABLE: Final = "instrument-words"
_MOST, _MOST_WORDS = 1500, 200
"""Characters and words of a text that are searched."""


@value_class(frozen=True, slots=True)
class InstrumentFound:
    """An instrument as the text names it; `field` is `measure` or `description`, places are of its plain text."""

    name: str
    known: str | None
    """The name in the table, None for one that is known by its shape."""
    field: str
    start: int
    end: int
    around: tuple[int, int]
    """Where the longest form stands that the text gives it there."""


@value_class(frozen=True, slots=True)
class InstrumentText:
    """A text that may name an instrument: its plain form and the words of it, folded."""

    field: str
    plain: str
    words: Words


def instrument_of(measure: InstrumentText, description: InstrumentText, group: str) -> InstrumentFound | None:
    """Return the first instrument of an outcome in its shortest form, None where none is named.

    `group` is that of the outcome's concept: in some no scale is used, only their shapes are met.

    >>> def text(field, plain):
    ...     return InstrumentText(field, plain, Words(plain.lower()))
    >>> instrument_of(text("measure", "Oswestry Disability Index (ODI)"), text("description", ""), "function").name
    'ODI'
    """
    shapes = group in word_group(_TABLE, "concept groups")
    known = {text.field: _known(text) for text in (measure, description)}
    for text in (measure, description):
        found = known[text.field]
        shaped = _shaped(text) if shapes else None
        if found and not (shaped and _replaces(shaped, found[0])):
            same = [one for one in known["measure"] + known["description"] if one.known == found[0].known]
            whole = [one for one in same if not any(_without_module(one.name, other.name) for other in same)]
            shortest = min(whole, key=lambda one: (len(one.name), one.field != "measure"))
            return found[0] if found[0].name.endswith(f" {shortest.name}") else shortest
        if shaped is not None:
            return shaped
    return None


def concept_of_instrument(text: InstrumentText) -> tuple[str, int, int] | None:
    """Return the concept that the first known instrument of a text measures, and where its name stands.

    >>> concept_of_instrument(InstrumentText("measure", "CAT total score", Words("cat total score")))
    ('quality-of-life', 0, 3)
    """
    return next(((_measured()[one.known], one.start, one.end) for one in _known(text) if one.known), None)


@cache
def _measured() -> dict[str, str]:
    """Return the concept of each instrument, that of its first row."""
    return {row["instrument"]: row["concept"] for row in reversed(rows("instruments"))}


def _without_module(name: str, other: str) -> bool:
    """Tell whether a name lacks the number of the module that another has (EORTC QLQ, EORTC QLQ-C30)."""
    rest = other[len(name) :] if other.startswith(name) else ""
    return rest[:1] in ("-", " ") and any(letter.isdigit() for letter in rest)


def _replaces(shaped: InstrumentFound, known: InstrumentFound) -> bool:
    """Tell whether a name known by its shape stands for one of the table: before it, or the longer around it."""
    first, last = shaped.around
    start, end = known.around
    if last <= start:
        return True
    around = first <= start and last >= end
    return around and (len(shaped.name) < len(known.name) or (first < start and known.name.istitle()))


@cache
def _index() -> tuple[PhraseIndex, dict[str, Row]]:
    table = {row["term"]: row for row in rows("instruments")}
    return PhraseIndex(phrase for phrase in (phrase_of(term, term, 1) for term in table) if phrase.elements), table


def _known(text: InstrumentText) -> list[InstrumentFound]:
    """Return the instruments of the table that a text names."""
    index, table = _index()
    found = []
    for match in index.matches(text.words.normal[:_MOST_WORDS]):
        start, end = text.words.span(match.first, match.after)
        if _written(match.phrase, text.plain[start:end]):
            known = table[match.phrase.name]["instrument"]
            end = start + len(text.plain[start:end].split(" is ")[0])  # `KCCQ is a 23-item questionnaire`
            name = text.plain[start:end].replace(")", "").replace("(", "")
            named = InstrumentFound(name, known, text.field, start, end, (start, end))
            found.append(_in_short(text.plain, named))
    return found


def _written(phrase: Phrase, exact: str) -> bool:
    """Tell whether words are the name: a short one that may be a word of the language needs its capitals."""
    name = phrase.name
    if len(phrase.elements) == 1 and name.isalpha() and (name.isupper() or len(name) <= 5):
        return exact == name
    capitals = sum(letter.isupper() or letter.isdigit() for letter in exact)
    return len(phrase.elements) > 2 or capitals >= (2 if name.isupper() else 1)


def _in_short(plain: str, found: InstrumentFound) -> InstrumentFound:
    """Return an instrument by its short form where that follows in brackets, with the bank of PROMIS."""
    if found.name.upper() == "PROMIS":
        return _with_bank(plain, found)
    if found.name.isupper() and len(found.name) <= 6:
        return found
    short = _SHORT.match(plain, found.end)
    refused = word_group(_TABLE, "no acronym")
    if (
        short
        and short["short"] not in refused
        and len(short["short"]) < len(found.name)
        and sum(letter.isupper() for letter in short["short"]) >= 2
    ):
        start, end = short.span("short")
        named = InstrumentFound(short["short"], found.known, found.field, start, end, (found.start, end))
        return _with_bank(plain, named) if named.name == "PROMIS" else named
    if found.name.count(" ") > 1:
        for name, words in abbreviations(plain[found.start : found.end + 120]).items():
            if words.lower().startswith(found.name.lower()):
                start = plain.index(f"({name}", found.start) + 1
                return InstrumentFound(name, found.known, found.field, start, start + len(name), (found.start, start))
    return _with_bank(plain, found) if found.name.upper().startswith("PROMIS") else found


def _with_bank(plain: str, found: InstrumentFound) -> InstrumentFound:
    """Return PROMIS with the item bank that is meant (PROMIS Fatigue Short Form 7a)."""
    bank = _PROMIS.match(plain, found.end)
    if bank is None:
        return found
    name = plain[found.start : bank.end()].replace(")", "")
    return InstrumentFound(name, name, found.field, found.start, bank.end(), (found.around[0], bank.end()))


def _shaped(text: InstrumentText) -> InstrumentFound | None:
    """Return the first name of an instrument's shape."""
    for match in _SHAPE.finditer(text.plain, 0, _MOST):
        start, end = match.start() + _leading(match["name"]), match.end("name")
        name = text.plain[start:end]
        if not _is_name(name):
            continue
        short = (match["short"] or "").strip()
        if (
            short
            and " " not in short
            and short not in word_group(_TABLE, "no acronym")
            and len(short) < len(name)
            and not short.islower()
        ):
            return InstrumentFound(short, None, text.field, *match.span("short"), (start, match.end("short")))
        return InstrumentFound(name, None, text.field, start, end, (start, end))
    return _acronym(text)


def _acronym(text: InstrumentText) -> InstrumentFound | None:
    """Return the first acronym that stands beside the word for an instrument."""
    for match in _ACRONYM.finditer(text.plain, 0, _MOST):
        place = match.span(match.lastgroup or 0)
        if match[match.lastgroup or 0] not in word_group(_TABLE, "no acronym"):
            return InstrumentFound(text.plain[slice(*place)], None, text.field, *place, place)
    return None


def _leading(name: str) -> int:
    """Return how many characters of words stand before a name (Change in the, Mean)."""
    leading = word_group(_TABLE, "leading")
    words = name.split(" ")
    skipped = 0
    while skipped < len(words) - 2 and words[skipped].lower() in leading:
        skipped += 1
    return sum(len(word) + 1 for word in words[:skipped])


def _is_name(name: str) -> bool:
    words = [word.lower() for word in re.findall(r"[\w-]+", name)]
    if len(words) < 2 or word_group(_TABLE, "generic").issuperset(words):
        return False
    return pattern_group("outcome-patterns", "no instrument").search(name) is None
