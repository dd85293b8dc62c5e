"""The concept an outcome measures, of the endpoint scheme, from its measure and description.

The measure decides. Its head (before "as measured by", "in patients with", "compared with") counts before the rest;
within the head the first named of the weightiest phrases. The description is asked where the measure says too little.
"""

from functools import cache

from trialgraph.interpretation.acronym import expansion
from trialgraph.interpretation.endpoint_concepts import concepts
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.lexicon_groups import pattern_group, pattern_set
from trialgraph.interpretation.phrase_index import PhraseIndex, PhraseMatch, Words, phrase_of
from trialgraph.interpretation.value_class import value_class

SURE = 5
"""A phrase of this weight or more decides; a lighter one only where nothing else is said.

One of just this weight names a field or a way of measuring (pharmacokinetics, ultrasound): where the description
begins with one thing that is measured, it is that.
"""
MOST_OF_A_WORD = 5
"""Letters of an instrument's name that may be a word of the language (ARMS, BRIEF): its case is not seen here."""
LEAST_OF_A_WORD = 3
"""Letters that a word must exceed to be more than a part of an abbreviation."""
EQUAL = range(7, 10)
"""Weights that count alike: the first named wins."""
LEAST_OF_A_DESCRIPTION = 6
"""Weight that a phrase of a description must exceed: what may be the disease or a device is no outcome there."""
BEGINNING = 40
"""Words of a description that may say what a title leaves open."""
LONGEST_MEASURE = 80
"""Words of a measure that are asked for a concept."""
BEGINNING_OF_A_DESCRIPTION = 18
"""Words of a description that are asked where the title names nothing: what is measured is said first, then why."""


@value_class(frozen=True, slots=True)
class ConceptFound:
    """A concept with the words it rests on: `field` is `measure` or `description`, places are of its plain text."""

    code: str
    field: str
    start: int
    end: int
    rule: str


@cache
def concept_index() -> PhraseIndex:
    """Return the phrases of `data/lexicons/endpoints.tsv` and the names of instruments as an index."""
    phrases = [phrase_of(row["term"], row["concept"], int(row["weight"])) for row in rows("endpoints")]
    names = (row for row in rows("instruments") if not (row["term"].isalpha() and len(row["term"]) <= MOST_OF_A_WORD))
    phrases += [phrase_of(row["term"], row["concept"], 6) for row in names]
    return PhraseIndex(phrase for phrase in phrases if phrase.elements)


COMPOSITES = frozenset(("MACE", "composite"))
"""Concepts whose members a measure may name."""
_MEMBERS = frozenset(
    "mortality CSS MI stroke HF-hospitalization hospitalization retreatment arrhythmia bleeding thrombosis "
    "renal-function "
    "infection LRC MFS TTP".split()
)


@cache
def _member_index() -> PhraseIndex:
    """Return the phrases of single events, without those of composites, which would hide them."""
    phrases = (phrase_of(row["term"], row["concept"], int(row["weight"])) for row in rows("endpoints"))
    return PhraseIndex(phrase for phrase in phrases if phrase.elements and phrase.code in _MEMBERS)


def members_of(measure: Words) -> tuple[str, ...]:
    """Return the concepts of the events that a composite's measure names, each once, if there are several.

    >>> members_of(Words("death from any cause, myocardial infarction or stroke"))
    ('mortality', 'MI', 'stroke')
    """
    matches = _member_index().matches(measure.normal)
    found = dict.fromkeys(match.phrase.code for match in matches if _weight(match) >= SURE)
    return tuple(found) if len(found) > 1 else ()


def concept_of(measure: Words, description: Words) -> ConceptFound | None:
    """Return the concept of an outcome, None where no phrase names one."""
    best = _best(measure, "measure")
    if best is None or best[0] < SURE:
        other = _best(description, "description", BEGINNING_OF_A_DESCRIPTION)
        if other is not None and _counts_in_a_description(*other, best) and _reason(measure) is None:
            best = other
    elif best[0] == SURE:
        best = _only_one(description, best)
    return best[1] if best else None


def _counts_in_a_description(weight: int, found: ConceptFound, title: tuple[int, ConceptFound] | None) -> bool:
    """Return whether what a description names is the outcome: more than the title says, and no mere circumstance."""
    if title is not None and weight <= title[0]:
        return False
    return weight > LEAST_OF_A_DESCRIPTION or concepts()[found.code].group == "pharmacokinetics"


def _reason(words: Words) -> int | None:
    """Return where a text begins to say what a treatment is given for: `drugs for hypertension` measures neither."""
    found = pattern_set("outcome-patterns", "reason for a treatment").search(words.folded, 1)
    return found.start() if found else None


def _only_one(description: Words, best: tuple[int, ConceptFound]) -> tuple[int, ConceptFound]:
    """Return the one concept that a description names in its beginning, for a title that names only the field."""
    matches = concept_index().matches(description.normal[:BEGINNING])
    deciding = [match for match in matches if match.phrase.weight > SURE]
    if len({match.phrase.code for match in deciding}) != 1:
        return best
    return _weightiest(deciding, description, "description") or best


def _best(words: Words, field: str, longest: int = LONGEST_MEASURE) -> tuple[int, ConceptFound] | None:
    """Return the weightiest phrase of a text; of its head where that has one that decides."""
    named = concept_index().matches(words.normal[:longest])
    matches = [match for match in named if not _of_other_words(match, words)]
    if not matches:
        return None
    reason = _reason(words)
    if reason is not None:
        head = words.before(reason + 1)
        matches = [match for match in matches if match.after <= head]
    cut = pattern_set("outcome-patterns", "tail of a measure").search(words.folded, 12)
    effect = pattern_group("outcome-patterns", "effect on").match(words.folded)
    heading = pattern_group("outcome-patterns", "heading").match(words.folded)
    if effect or heading:
        begin = words.before(max(match.end() for match in (effect, heading) if match))
        found = _weightiest([match for match in matches if match.first >= begin], words, field)
        if found is not None and found[0] > SURE:
            return found
    found = None
    if cut:
        head = words.before(cut.start())
        found = _weightiest([match for match in matches if match.after <= head], words, field)
    population = cut is not None and cut[0].startswith("in ") and found is not None and found[0] >= SURE
    if found is None or (found[0] <= SURE and not population):
        whole = _weightiest(matches, words, field)
        if whole is not None and (found is None or whole[0] > found[0]):
            found = whole
    return found


def _of_other_words(match: PhraseMatch, words: Words) -> bool:
    """Return whether an acronym is said to stand for words that are not of its concept (`BARC` of recovery).

    Behind a number `hr` is that of hours; a depression of something is no mood.
    """
    if match.phrase.name == "depress*" and words.folded.startswith(" of ", words.span(match.first, match.after)[1]):
        return True
    if match.phrase.name == "hr":
        begin = words.span(match.first, match.after)[0]
        if words.folded[max(0, begin - 3) : begin].rstrip(" -")[-1:].isdigit():
            return True
    said = expansion(match.phrase.name, words.folded) if len(match.phrase.elements) == 1 else None
    return said is not None and _vocabulary(match.phrase.code).isdisjoint(Words(said).normal)


@cache
def _vocabulary(code: str) -> frozenset[str]:
    """Return the words of a concept's phrases; expansions are misspelt and varied, so that one word is enough."""
    terms = (row["term"] for table in ("endpoints", "instruments") for row in rows(table) if row["concept"] == code)
    return frozenset(
        word for term in terms for word in phrase_of(term, code, 0).elements if len(word) > LEAST_OF_A_WORD
    )


def _weight(match: PhraseMatch) -> int:
    weight = match.phrase.weight
    return EQUAL[0] if weight in EQUAL else weight


def _weightiest(matches: list[PhraseMatch], words: Words, field: str) -> tuple[int, ConceptFound] | None:
    if not matches:
        return None
    best = max(matches, key=lambda match: (_weight(match), -match.first))
    start, end = words.span(best.first, best.after)
    return _weight(best), ConceptFound(
        _umbrella(matches, best, words), field, start, end, f"endpoint/{best.phrase.name}"
    )


def _decides(match: PhraseMatch) -> bool:
    return _weight(match) >= EQUAL[0]


_CARDIOVASCULAR = frozenset(("MI", "stroke", "HF-hospitalization", "mortality", "CSS", "MACE"))


_HEADS = ("hemodynamic", "physical function", "serolog")
"""Beginnings of phrases that may head what is measured, as vital signs do: `Physical function - handgrip`."""


def _umbrella(matches: list[PhraseMatch], best: PhraseMatch, words: Words) -> str:
    """Return the code of all that a text names where several are one, or of the one thing under a heading.

    Pressure and rate are vital signs, infarction or death a cardiovascular composite; `Vital signs: heart rate` is
    the heart rate.
    """
    code = best.phrase.code
    codes = {match.phrase.code for match in matches if _weight(match) >= EQUAL[0]}
    if code in ("blood-pressure", "heart-rate") and {"blood-pressure", "heart-rate"} <= codes:
        return "vital-signs"
    if code == "AE" and "DLT" in codes:
        return "DLT"
    if code in _CARDIOVASCULAR and code != "MACE" and len(codes & _CARDIOVASCULAR) > 1:
        return "MACE"
    others = [
        match for match in matches if match.first >= best.after and match.phrase.code != code and _decides(match)
    ]
    heads = code in ("vital-signs", "lab") or best.phrase.name.startswith(_HEADS)
    if heads and len({match.phrase.code for match in others}) == 1:
        between = words.folded[
            words.span(best.first, best.after)[1] : words.span(others[0].first, others[0].after)[0]
        ]
        if ":" in between or " -" in between or "- " in between or between == "-":
            return others[0].phrase.code
    return code
