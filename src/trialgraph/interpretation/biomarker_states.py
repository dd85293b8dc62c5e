"""States of biomarkers in a text: which marker stands with which state, whatever is wanted of it.

>>> [(each.marker, each.state, each.variant) for each in stated("KRAS G12C mutation; EGFR inhibitor; ER+/HER2-")]
[('KRAS', 'MUTATED', 'G12C'), ('ER', 'POSITIVE', None), ('HER2', 'NEGATIVE', None)]
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from trialgraph.interpretation.comparison import comparisons
from trialgraph.interpretation.criterion_tokenizer import PhraseTrie, Token, tokens
from trialgraph.interpretation.lexicon import rows

REQUIRED: Final = "required"


@dataclass(frozen=True, slots=True)
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


@dataclass(slots=True)
class _Piece:
    """A token or phrase among the tokens: a marker (M), state (S), link (L), blocking word (T), negation (N)."""

    kind: str
    value: str
    start: int
    end: int
    first: int
    last: int


@cache
def _trie() -> PhraseTrie[tuple[str, str]]:
    phrases: list[tuple[str, tuple[str, str]]] = []
    for row in rows("biomarkers"):
        phrases += [(name, ("M", row["code"])) for name in row["names"].split(";")]
    phrases += [(row["phrase"], ("S", row["state"])) for row in rows("biomarker_states")]
    phrases += [(word, ("T", word)) for word in _TREATMENTS]
    phrases += [(word, ("L", word)) for word in ("and", "or", ",", "/", "and/or", "&", "as well as", "nor", ";")]
    phrases += [(word, ("N", word)) for word in _NEGATIONS]
    phrases += [(word, ("D", word)) for word in ("triple negative", "triple-negative", "tnbc", "mtnbc")]
    phrases += [(word, ("Z", word)) for word in _DEFICIENT]
    return PhraseTrie(phrases)


_TREATMENTS: Final = (
    "inhibitor inhibitors tki tkis antagonist antagonists antibody antibodies directed "
    "targeted targeting agent agents blocker "
    "blockers therapy therapies drug drugs treatment treatments inhibition inhibiting "
    "conjugate vaccine vaccines car-t car testing "
    "pathway agonist agonists degrader degraders modulator modulators blockade degraders tyrosine kinase-inhibitor"
).split()
_NEGATIONS: Final = (
    "no|not|without|absence of|lack of|lacks|lacking|non|never|exclude|excluding|excluded|must not|do not have"
    "|does not have|ineligible|other than|free of|rule out|ruled out"
).split("|")
_DEFICIENT: Final = ("msi-h", "msi-high", "dmmr", "mss", "pmmr", "tmb-h", "tmb-high", "hrd-positive", "msi h")
_ABBREVIATED: Final = {
    "msi-h": ("MSI", "positive", "HIGH"),
    "msi h": ("MSI", "positive", "HIGH"),
    "msi-high": ("MSI", "positive", "HIGH"),
    "dmmr": ("MMR", "negative", "DEFICIENT"),
    "mss": ("MSI", "negative", "STABLE"),
    "pmmr": ("MMR", "positive", "PROFICIENT"),
    "tmb-h": ("TMB", "positive", "HIGH"),
    "tmb-high": ("TMB", "positive", "HIGH"),
    "hrd-positive": ("HRD", "positive", "POSITIVE"),
}
_AMBIGUOUS: Final = frozenset(
    ("met", "ret", "er", "pr", "hr", "ar", "ras", "ph", "mll", "alk", "atm", "cea", "kit", "trk", "msi", "mss")
)
"""Names that count only in capitals (`met`, `er`, `hr` are words)."""
_VARIANT: Final = re.compile(
    r"[\s,(-]{0,2}(?P<variant>(?:p\.)?[A-Z]\d{2,4}[A-Z*]?(?:/[A-Z])?(?![a-z])"
    r"|exon[\s-]?\d{1,2}(?:\s?(?:insertion|deletion|skipping|del|ins))?s?"
    r"|(?:ex)?\d{2}(?:ins|del)|itd|tkd|v600e?/?k?|variant iii)",
    re.IGNORECASE,
)
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
_SCORE: Final = re.compile(
    r"\b(?:tps|cps|tc|ic|tumor proportion score|combined positive score|expression|score)\b", re.IGNORECASE
)


def _pieces(words: str, found: Sequence[Token]) -> Iterator[_Piece]:
    """Yield the phrases of the lexicons and all other words."""
    trie = _trie()
    index = 0
    while index < len(found):
        token = found[index]
        hit = trie.longest(found, index)
        if hit is not None:
            after, (kind, value) = hit
            written = words[token.start : found[after - 1].end]
            if kind == "M" and written.lower() in _AMBIGUOUS and not written[:2].isupper():
                kind = "W"
            if kind == "M" and _inside(words, token.start):
                kind = "W"
            yield _Piece(kind, value, token.start, found[after - 1].end, index, after)
            index = after
            continue
        yield _Piece("W", token.text, token.start, token.end, index, index + 1)
        index += 1


def _inside(words: str, start: int) -> bool:
    """Return whether a name is part of another (`anti-HER2`)."""
    return words[max(0, start - 5) : start].lower().endswith(("anti-", "anti ", "pan-"))


@cache
def _markers() -> frozenset[str]:
    """Return the first words of markers, with which a text must hold one to speak of any."""
    names = [name for row in rows("biomarkers") for name in row["names"].split(";")]
    phrases = [*names, *_DEFICIENT, "triple", "tnbc", "mtnbc"]
    openings = {found[0].text for name in phrases if (found := tokens(name))}
    return frozenset(openings | {f"{word}s" for word in openings})


def stated(words: str) -> Iterator[Biomarker]:
    """Yield each marker with its state: beside it, shared by a list, or before it (`mutations in EGFR or ALK`)."""
    found = tokens(words)
    if _markers().isdisjoint(token.text for token in found):
        return
    pieces = list(_pieces(words, found))
    if any(piece.kind in "MDZ" for piece in pieces):
        yield from _walked(words, pieces)


def _walked(words: str, pieces: Sequence[_Piece]) -> Iterator[Biomarker]:
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        if piece.kind == "D":
            yield _made("TRIPLE_NEGATIVE", "positive", None, piece.start, piece.end, "biomarker/triple-negative")
        elif piece.kind == "Z":
            marker, sign, state = _ABBREVIATED[piece.value]
            yield replace(
                _made(marker, "positive", None, piece.start, piece.end, "biomarker/abbreviated"),
                sign=sign,
                state=state,
            )
        elif piece.kind == "M":
            listed, after = _list(pieces, index)
            yield from _of_list(words, pieces, listed, after)
            index = after
            continue
        index += 1


def _list(pieces: Sequence[_Piece], index: int) -> tuple[list[int], int]:
    """Return the markers that are listed here without a state between them, and the index after the last."""
    listed = [index]
    at = index + 1
    while at < len(pieces):
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


def _of_list(words: str, pieces: Sequence[_Piece], listed: list[int], after: int) -> Iterator[Biomarker]:
    """Yield the markers of a list with the state behind it or before it."""
    last = pieces[listed[-1]]
    stop = last.end
    variant = _VARIANT.match(words, stop)
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
    named = _named(words, pieces, listed, variant, state, end)
    if named:
        yield from named
        return
    plain = state in (None, "expressed") or last.value in ("PD-L1", "KI-67")
    if cut is not None and plain and last.value in ("PD-L1", "KI-67", "CD20", "CD30", "ER", "PR", "AR", "CD19"):
        for value in dict.fromkeys(pieces[index].value for index in listed):
            yield replace(cut, marker=value)
        return
    if state is None:
        state, begin = _state_before(pieces, listed[0])
        if state is None:
            return
        for index in listed:
            yield _made(
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
            yield _made(
                pieces[index].value,
                state,
                None,
                pieces[index].start,
                end,
                rule if index == listed[-1] else "biomarker/list",
            )


_TREATED_BEHIND: Final = re.compile(r"[\s-]{0,2}(?:targeted|inhibitors?|directed|therapy|agents?)\b")


def _named(  # noqa: PLR0917
    words: str,
    pieces: Sequence[_Piece],
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
            *_variants(words, last, state, variant, max(end, variant.end())),
            *(_made(each.value, state, None, each.start, end, "biomarker/list") for each in others),
        ]
    if state == "mutated" and len({pieces[index].value for index in listed}) == 1:
        between = _FURTHER.match(words, end)
        if between and (inner := _VARIANT.match(words, between.end())):
            return list(_variants(words, last, state, inner, inner.end()))
    return []


def _variants(words: str, marker: _Piece, state: str, first: re.Match[str], end: int) -> Iterator[Biomarker]:
    """Yield a marker once for each change that is listed (`exon 19 deletion or L858R`)."""
    found: re.Match[str] | None = first
    names: list[str] = []
    while found is not None and len(names) < _MOST_VARIANTS:
        name = " ".join(found["variant"].split())
        name = name.lower().replace("exon-", "exon ") if name.lower().startswith("ex") else name
        end = max(end, found.end())
        between = _FURTHER.match(words, found.end())
        following = _VARIANT.match(words, between.end()) if between else None
        if following is None and (point := _VARIANT.match(words, found.end())):
            following = point
        # a point stands for the exon it is in
        within = following is not None and _EXON_ONLY.fullmatch(name) and _POINT.fullmatch(following["variant"])
        if name not in names and not within:
            names.append(name)
        found = following
    for name in names:
        yield replace(_made(marker.value, state, None, marker.start, end, "biomarker/variant"), variant=name)


_MOST_VARIANTS: Final = 6
_FURTHER: Final = re.compile(
    r"(?:\s?[,(/:\[)]|\s(?:and/or|or|and|mutations?|substitutions?|insertions?|point|such as|including|either"
    r"|sensiti[sz]ing|activating|classical|common|other|in|of|the|an?|exons?(?=\s[A-Z])|i\.?e\.?)(?!\w)){1,6}",
    re.IGNORECASE,
)
_EXON_ONLY: Final = re.compile(r"exon[\s-]?\d{1,2}", re.IGNORECASE)
_POINT: Final = re.compile(r"(?:p\.)?[A-Z]\d{2,4}[A-Z*]", re.IGNORECASE)


def _made(  # noqa: PLR0917
    marker: str, state: str, variant: str | None, start: int, end: int, rule: str
) -> Biomarker:
    sign, code = _STATE_CODES[state]
    if marker == "MMR" and state == "deficient":
        sign = "negative"
    if marker == "MSI" and state == "wild-type":
        code = "STABLE"
    return Biomarker(marker, sign, code, variant, None, None, None, None, REQUIRED, start, end, rule)


_OPEN: Final = frozenset(
    "status testing analysis test tests detection assessment assay profile results result "
    "determination screening".split()
)
"""Words after which a change is looked for, not there."""
_SIGN: Final = re.compile(r"\s?(?:\([^)]{1,30}\)\s?)?(?P<sign>\+(?!/-)|\(\+\)|-(?![A-Za-z0-9])|\(-\)|−)")
_PLUS_MINUS: Final = re.compile(r"\s?-(?=/|,|\)|\s|$|[A-Z]{2,5}[+-])")


def _state_behind(words: str, pieces: Sequence[_Piece], after: int) -> tuple[str | None, int]:
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


def _joined_state(piece: _Piece, following: _Piece | None, end: int) -> tuple[str | None, int]:
    """Return a state with the word behind it (`mutation positive`), None where it is only looked for (`status`)."""
    behind = following.value if following is not None else ""
    if behind in _OPEN and piece.value in ("mutated", "expressed", "amplified", "rearranged"):
        return None, end
    if following is not None and following.kind == "S":
        if piece.value == "expressed" and behind in ("positive", "negative"):
            return behind, following.end
        if piece.value == "mutated" and behind in ("positive", "negative"):
            return ("mutated" if behind == "positive" else "wild-type"), following.end
        if piece.value == "positive" and behind == "mutated":
            return "mutated", following.end
    return piece.value, piece.end


_ENDS_NAME: Final = frozenset("testing test assay therapy cancer breast to for by who with".split())
_NAMES_ON: Final = frozenset("- ( ) [ ] gene genes receptor".split())


def _state_before(pieces: Sequence[_Piece], index: int) -> tuple[str | None, int]:
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
            if linked or (close and piece.value in ("wild-type", "mutated", "deleted", "amplified")):
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


def _cut_off(words: str, first: _Piece, end: int) -> Biomarker | None:
    """Return the marker with the threshold of its expression, where one is compared."""
    start = first.start
    piece = words[start : min(len(words), end + 90)]
    code = "pd-l1"
    text = piece if first.value == "PD-L1" else "PD-L1" + piece[end - start :]
    for entry in comparisons(text[:120])[:1]:
        if entry.what == code:
            shift = 0 if first.value == "PD-L1" else (end - start) - 5
            stop = start + entry.end + shift
            value = entry.low if entry.low is not None else entry.high
            below = entry.op in ("<", "<=")
            made = _made(first.value, "negative" if below else "expressed", None, start, stop, "biomarker/cut-off")
            return (
                replace(made, op=entry.op, low=entry.low, high=entry.high, unit=entry.unit or "%")
                if value is not None
                else None
            )
    return None
