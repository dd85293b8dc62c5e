"""A biomarker in a state, and its changes by name: `EGFR exon 19 deletion or L858R`.

>>> words, marker = "EGFR L858R or T790M", Piece("M", "EGFR", 0, 4, 0, 1)
>>> [each.variant for each in changes(words, marker, "mutated", VARIANT.match(words, 4), 10)]
['L858R', 'T790M']
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.biomarker_names import Piece
from trialgraph.interpretation.value_class import value_class

__all__ = ["REQUIRED", "VARIANT", "Biomarker", "Piece", "biomarker_of", "changes", "named_changes"]

REQUIRED: Final = "required"


@value_class(frozen=True, slots=True)
class Biomarker:
    """A marker in a state; `start` and `end` are positions in the words."""

    marker: str
    sign: str
    """`positive` where the marker, or its change, is there; `negative` where it is not."""
    state: str
    variant: str | None
    """The change by name, where one is given: `G12C`, `exon 20 insertion`."""
    op: str | None
    low: float | None
    high: float | None
    unit: str | None
    requirement: str
    start: int
    end: int
    rule: str
    or_another: bool = False
    """Whether another one that the text names suffices instead."""


_STATE_CODES: Final = {
    "positive": ("positive", "POSITIVE"),
    "negative": ("negative", "NEGATIVE"),
    "low": ("positive", "LOW"),
    "expressed": ("positive", "EXPRESSED"),
    "mutated": ("positive", "MUTATED"),
    "wild-type": ("negative", "WILD_TYPE"),
    "rearranged": ("positive", "REARRANGED"),
    "amplified": ("positive", "AMPLIFIED"),
    "deleted": ("positive", "DELETED"),
    "deficient": ("positive", "DEFICIENT"),
    "methylated": ("positive", "METHYLATED"),
    "carrier": ("positive", "MUTATED"),
}


def biomarker_of(  # noqa: PLR0917
    marker: str, state: str, variant: str | None, start: int, end: int, rule: str
) -> Biomarker:
    """Return a marker in a state of `biomarker_states.tsv`, required until its context says otherwise."""
    sign, code = _STATE_CODES[state]
    if marker == "MMR" and state == "deficient":
        sign = "negative"
    if marker == "MSI" and state == "wild-type":
        code = "STABLE"
    return Biomarker(marker, sign, code, variant, None, None, None, None, REQUIRED, start, end, rule)


VARIANT: Final = re.compile(
    r"[\s,()\]-]{0,3}(?P<variant>(?:p\.)?[A-Z]\d{2,4}[A-Z*]?(?:/[A-Z])?(?![a-z])"
    r"|exon[\s-]?\d{1,2}(?:\s?(?:insertion|deletion|skipping|del|ins))?s?"
    r"|(?:ex)?\d{2}(?:ins|del)|itd|tkd|v600e?/?k?|variant iii)",
    re.IGNORECASE,
)


def named_changes(  # noqa: PLR0917
    words: str,
    pieces: Sequence[Piece],
    listed: list[int],
    variant: re.Match[str] | None,
    state: str | None,
    end: int,
) -> list[Biomarker]:
    """Return the changes that are named behind a list of markers, those of its last marker."""
    last = pieces[listed[-1]]
    if (
        variant
        and len(variant["variant"].strip()) > len("v1")
        and (state is None or state in ("mutated", "deleted", "positive"))
    ):
        state = "deleted" if state == "deleted" and "del" not in variant["variant"].lower() else "mutated"
        others = [pieces[index] for index in listed[:-1] if pieces[index].value != last.value]
        return [
            *changes(words, last, state, variant, max(end, variant.end())),
            *(biomarker_of(each.value, state, None, each.start, end, "biomarker/list") for each in others),
        ]
    if state == "mutated" and len({pieces[index].value for index in listed}) == 1:
        between = _FURTHER.match(words, end)
        if between and (inner := VARIANT.match(words, between.end())):
            return list(changes(words, last, state, inner, inner.end()))
    return []


_EXON: Final = re.compile(r"(?:ex(?:on)?)?[ -]?(\d{2})[ -]?(?P<kind>del|ins)(?:etions?|ertions?)?", re.IGNORECASE)
_KINDS: Final = {"del": "deletion", "ins": "insertion"}


def _exon(name: str) -> str:
    """Return a change in an exon in one form: `Ex19del`, `19del` and `exon-19 deletion` are `exon 19 deletion`."""
    whole = _EXON.fullmatch(name)
    if whole:
        return f"exon {whole[1]} {_KINDS[whole['kind'].lower()]}"
    return re.sub(r"^exon[ -]?(?=\d)", "exon ", name.lower()) if name.lower().startswith("ex") else name


def changes(words: str, marker: Piece, state: str, first: re.Match[str], end: int) -> Iterator[Biomarker]:
    """Yield a marker once for each change that is listed (`exon 19 deletion or L858R`)."""
    found: re.Match[str] | None = first
    names: list[str] = []
    while found is not None and len(names) < _MOST_VARIANTS:
        name = " ".join(found["variant"].split()).removeprefix("p.").removeprefix("P.")
        name = _exon(name)
        end = max(end, found.end())
        between = _FURTHER.match(words, found.end())
        following = VARIANT.match(words, between.end()) if between else None
        if following is None and (point := VARIANT.match(words, found.end())):
            following = point
        # a point stands for the exon it is in
        within = following is not None and _EXON_ONLY.fullmatch(name) and _POINT.fullmatch(following["variant"])
        if name not in names and not within:
            names.append(name)
        found = following
    for name in names:
        yield replace(biomarker_of(marker.value, state, None, marker.start, end, "biomarker/variant"), variant=name)


_MOST_VARIANTS: Final = 6
_FURTHER: Final = re.compile(
    r"(?:\s?[,(/:\[)]|\s(?:and/or|or|and|mutations?|substitutions?|insertions?|point|such as|including|either"
    r"|sensiti[sz]ing|activating|classical|common|other|in|of|the|an?"
    r"|(?:exons? )?(?:18|19|20|21)(?=\s[A-Z]\d)|exons?(?=\s[A-Z])|i\.?e\.?)(?!\w)){1,6}",
    re.IGNORECASE,
)
_EXON_ONLY: Final = re.compile(r"exon[\s-]?\d{1,2}", re.IGNORECASE)
_POINT: Final = re.compile(r"(?:p\.)?[A-Z]\d{2,4}[A-Z*]", re.IGNORECASE)
