"""States of biomarkers in a text: which marker stands with which state, whatever is wanted of it.

>>> [(each.marker, each.state, each.variant) for each in stated("KRAS G12C mutation; EGFR inhibitor; ER+/HER2-")]
[('KRAS', 'MUTATED', 'G12C'), ('ER', 'POSITIVE', None), ('HER2', 'NEGATIVE', None)]
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.biomarker_changes import REQUIRED, VARIANT, Biomarker, biomarker_of, named_changes
from trialgraph.interpretation.biomarker_names import ABBREVIATED, Piece, name_pieces, opening_words
from trialgraph.interpretation.comparison import comparisons
from trialgraph.interpretation.criterion_tokenizer import tokens

__all__ = ["REQUIRED", "Biomarker", "stated"]


def stated(words: str) -> Iterator[Biomarker]:
    """Yield each marker with its state: beside it, shared by a list, or before it (`mutations in EGFR or ALK`)."""
    found = tokens(words)
    if opening_words().isdisjoint(token.text for token in found):
        return
    pieces = list(name_pieces(words, found))
    if any(piece.kind in "MDZ" for piece in pieces):
        yield from _walked(words, pieces)


def _walked(words: str, pieces: Sequence[Piece]) -> Iterator[Biomarker]:
    index, changed = 0, -1
    while index < len(pieces):
        piece = pieces[index]
        if piece.kind == "D":
            yield biomarker_of(
                "TRIPLE_NEGATIVE", "positive", None, piece.start, piece.end, "biomarker/triple-negative"
            )
        elif piece.kind == "Z":
            marker, sign, state = ABBREVIATED[piece.value]
            yield replace(
                biomarker_of(marker, "positive", None, piece.start, piece.end, "biomarker/abbreviated"),
                sign=sign,
                state=state,
            )
        elif piece.kind == "M":
            listed, after = _list(words, pieces, index)
            found = list(_of_list(words, pieces, listed, after))
            goes_on = not found and changed >= 0 and _GOES_ON.fullmatch(words, changed, piece.start) is not None
            if goes_on:
                rule = "biomarker/list"
                found = [
                    biomarker_of(each.value, "mutated", None, each.start, each.end, rule)
                    for each in (pieces[one] for one in listed)
                ]
            of_list = len(listed) > 1 and any(each.rule == "biomarker/variant" for each in found)
            changed = max(each.end for each in found) if goes_on or of_list else -1
            yield from found
            index = after
            continue
        index += 1


def _list(words: str, pieces: Sequence[Piece], index: int) -> tuple[list[int], int]:
    """Return the markers that are listed here without a state between them, and the index after the last."""
    listed = [index]
    at = index + 1
    while at < len(pieces) and not _has_sign(words, pieces[listed[-1]].end):
        step = at
        while (
            step < len(pieces)
            and step - at < 6
            and (
                pieces[step].kind == "L"
                or pieces[step].value
                in ("(", ")", "[", "]", "-", "a", "an", "the", "gene", "genes", "activating", "sensitizing")
            )
        ):
            step += 1
        if (
            step < len(pieces)
            and step > at - 1
            and pieces[step].kind == "M"
            and step != at - 1
            and (step > at or pieces[step].value == pieces[listed[-1]].value)
        ):
            listed.append(step)
            at = step + 1
            continue
        break
    return listed, at


_GOES_ON: Final = re.compile(r"[\s)\]]*[,/](?:\s?(?:and/or|or|and))?\s?|[\s)\]]*\s(?:and/or|or|and)\s")
"""Between a marker with a named change, in a list of markers, and those that follow (`BRAF (V600E), ROS1`)."""
_TREATED_BEHIND: Final = re.compile(r"[\s-]{0,2}(?:targeted|inhibitors?|directed|therapy|agents?)\b")


def _of_list(  # noqa: PLR0911
    words: str, pieces: Sequence[Piece], listed: list[int], after: int
) -> Iterator[Biomarker]:
    """Yield the markers of a list with the state behind it or before it."""
    last = pieces[listed[-1]]
    stop = last.end
    variant = VARIANT.match(words, stop)
    state, end = _state_behind(words, pieces, after)
    cut = _cut_off(words, pieces[listed[0]], stop)
    rule = "biomarker/state"
    if state != "positive" and re.search(
        r"\b(?:targeting|against|directed at|inhibiting)\s$",
        words[max(0, pieces[listed[0]].start - 14) : pieces[listed[0]].start],
        re.IGNORECASE,
    ):
        return
    if variant and _TREATED_BEHIND.match(words, variant.end()):
        return
    named = named_changes(words, pieces, listed, variant, state, end)
    if named:
        yield from named
        return
    shown = _shown(words, state, end, cut) and last.value not in ("PD-L1", "KI-67")
    plain = state in (None, "expressed") or last.value in ("PD-L1", "KI-67") or shown
    if cut is not None and plain and last.value in ("PD-L1", "KI-67", "CD20", "CD30", "ER", "PR", "AR", "CD19"):
        for value in dict.fromkeys(pieces[index].value for index in listed):
            yield replace(cut, marker=value, state="POSITIVE" if shown else cut.state)
        return
    if state is None:
        if after < len(pieces) and pieces[after].kind == "T":
            return
        state, begin = _state_before(words, pieces, listed[0])
        if state is None:
            return
        for index in listed:
            yield biomarker_of(
                pieces[index].value,
                state,
                None,
                min(begin, pieces[index].start),
                pieces[index].end,
                "biomarker/before",
            )
        return
    seen = set()
    for index in listed:
        if pieces[index].value not in seen:
            seen.add(pieces[index].value)
            yield biomarker_of(
                pieces[index].value,
                state,
                None,
                pieces[index].start,
                end,
                rule if index == listed[-1] else "biomarker/list",
            )


_TO_CUT: Final = re.compile(
    r"[\s(:,]{0,3}(?:(?:in|at|with|defined as|i\.?e\.?,?|expression|staining)\s){0,3}"
    r"(?:[≥>]|=>|at least|more than|\d)",
    re.IGNORECASE,
)


def _shown(words: str, state: str | None, end: int, cut: Biomarker | None) -> bool:
    """Return whether a positive state is told with its threshold right behind (`ER-positive in >= 10% of cells`)."""
    told = state == "positive" and cut is not None and cut.sign == "positive" and cut.low is not None
    return told and _TO_CUT.match(words, end) is not None


_OPEN: Final = frozenset(
    "status testing analysis test tests detection assessment assay profile results result "
    "determination screening".split()
)
"""Words after which a change is looked for, not there."""
_SIGN: Final = re.compile(r"\s?(?:\([^)]{1,30}\)\s?)?(?P<sign>\+(?!/-)|\(\+\)|-(?![A-Za-z0-9])|\(-\)|−)")
_PLUS_MINUS: Final = re.compile(
    r"\s?-(?!\s?(?i:positive|negative|mutant|mutated|amplified|expressing)\b)"
    r"(?!\s?/?\s?(?:and/or|or|and)?\s?\w[\w ()]{0,40}-\s?(?i:positive|negative)\b)"
    r"(?=/|,|\)|\s|$|(?:ER|PR|PGR|PgR|HR|HER2?|AR|CD)[+-])"
)
"""A minus for a negative state: no hyphen of a word that comes (`ER-/ or PR- positive`)."""


def _has_sign(words: str, end: int) -> bool:
    """Return whether a plus or minus of its own stands behind a marker (`ER-/HER2+`)."""
    if words[end : end + 2].strip()[:1] not in ("+", "-", "−", "("):
        return False
    sign = _SIGN.match(words, end)
    return bool(_PLUS_MINUS.match(words, end)) or (sign is not None and sign["sign"] != "-")


def _state_behind(words: str, pieces: Sequence[Piece], after: int) -> tuple[str | None, int]:
    """Return the state that stands behind a marker, and where it ends; None where another word comes first."""
    end = pieces[after - 1].end
    sign = _SIGN.match(words, end)
    if sign and "+" in sign["sign"]:
        return "positive", sign.end()
    if _PLUS_MINUS.match(words, end) or (sign and sign["sign"] in ("(-)", "−")):
        return "negative", end + 1
    skipped = depth = 0
    for at in range(after, len(pieces)):
        piece = pieces[at]
        if piece.kind == "S":
            return _joined_state(piece, pieces[at + 1] if at + 1 < len(pieces) else None, end)
        if piece.kind in "TMDZ" or piece.value in (".", ";", ":") or piece.value in _ENDS_NAME:
            return None, end
        if piece.value in ("(", "["):
            depth += 1
        elif piece.value in (")", "]"):
            depth = max(depth - 1, 0)
        elif piece.kind in "LN" and not depth:
            return None, end
        skipped += piece.kind == "W" and piece.value not in _NAMES_ON
        if skipped >= 6:
            break
    return None, end


def _joined_state(piece: Piece, following: Piece | None, end: int) -> tuple[str | None, int]:
    """Return a state with the word behind it (`mutation positive`), None where it is only looked for (`status`)."""
    behind = following.value if following is not None else ""
    if behind in _OPEN and piece.value in ("mutated", "expressed", "amplified", "rearranged"):
        return None, end
    if following is not None and following.kind == "S":
        if piece.value == "expressed" and behind in ("positive", "negative"):
            return behind, following.end
        if piece.value == "mutated" and behind in ("positive", "negative"):
            return ("mutated" if behind == "positive" else "wild-type"), following.end
        if piece.value in ("rearranged", "amplified") and behind in ("positive", "negative"):
            return ("negative" if behind == "negative" else piece.value), following.end
        if piece.value == "positive" and behind == "mutated":
            return "mutated", following.end
    return piece.value, piece.end


_ENDS_NAME: Final = frozenset("testing test assay therapy cancer breast to for by who with as".split())
_NAMES_ON: Final = frozenset("- ( ) [ ] gene genes receptor".split())


_VERB: Final = re.compile(r"(?:do(?:es)? )?(?:not )?(?:over-?)?express(?:es|ing)?$", re.IGNORECASE)
"""A state that is said of what stands behind it (`cells express CD19`)."""
_OF_A_PRODUCT: Final = re.compile(
    r"[\s-]{0,2}(?:cars?\b|specific|directed|targeted|chimeric|receptors?\b|antibod|t[ -]cell)", re.IGNORECASE
)
"""Behind a marker that is what cells are made to bind (`T cells expressing CD19 CAR`)."""


def _state_before(words: str, pieces: Sequence[Piece], index: int) -> tuple[str | None, int]:
    """Return the state said of a marker before it: `wild-type KRAS`, `mutations in EGFR`, `negative for HER2`."""
    at, skipped = index - 1, 0
    while at >= 0 and skipped < 4:
        piece = pieces[at]
        if piece.kind == "S":
            linked = any(between.value in ("in", "of", "for", "the") for between in pieces[at + 1 : index])
            close = index - at == 1 or all(
                between.value in ("-", "type", "(", "germline", "somatic") for between in pieces[at + 1 : index]
            )
            if linked and piece.value == "expressed" and at and pieces[at - 1].value in ("negative", "positive"):
                return pieces[at - 1].value, pieces[at - 1].start
            verb = index - at == 1 and _VERB.match(words, piece.start, piece.end)
            if verb and _OF_A_PRODUCT.match(words, pieces[index].end):
                return None, 0
            if linked or verb or (close and piece.value in ("wild-type", "mutated", "deleted", "amplified")):
                return piece.value, piece.start
            return None, 0
        if piece.value not in (
            "in",
            "of",
            "for",
            "the",
            "a",
            "an",
            "-",
            "(",
            "either",
            "gene",
            "genes",
            "both",
            "germline",
            "somatic",
            "one",
            "following",
            "type",
            ":",
        ):
            return None, 0
        skipped += 1
        at -= 1
    return None, 0


def _cut_off(words: str, first: Piece, end: int) -> Biomarker | None:
    """Return the marker with the threshold of its expression, where one is compared."""
    start = first.start
    piece = words[start : min(len(words), end + 90)]
    code = "pd-l1"
    text = piece if first.value == "PD-L1" else "PD-L1" + piece[end - start :]
    for entry in comparisons(text[:120])[:1]:
        if entry.what == code and (first.value == "PD-L1" or entry.unit == "%"):
            shift = 0 if first.value == "PD-L1" else (end - start) - 5
            stop = start + entry.end + shift
            value = entry.low if entry.low is not None else entry.high
            below = entry.op in ("<", "<=")
            made = biomarker_of(
                first.value, "negative" if below else "expressed", None, start, stop, "biomarker/cut-off"
            )
            return (
                replace(made, op=entry.op, low=entry.low, high=entry.high, unit=entry.unit or "%")
                if value is not None
                else None
            )
    return None
