"""Anchors of windows: what a time is counted from (screening, first dose, an operation).

>>> anchor_in("the start of study treatment and later", 0, 38), anchor_in("stroke", 0, 6)
('first-dose', None)
"""

import re
from functools import cache
from typing import Final

from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.window_lengths import Span

_PERIOD: Final = (
    r"(?:[\s,-]{0,2}(?:periods?|time|window|interval|or more|or longer|or less|or greater"
    r"|\([^)]{0,30}\)|must have elapsed|have elapsed|has elapsed|elapsed|have passed"
    r"|has passed|must have passed|should have elapsed|immediately|in duration|duration"
    r"|wash-?out|washout period|whichever is (?:longer|shorter|greater|later)"
    r"|\[[^\]]{0,30}\]|or 5 half-lives|or five half-lives|old|each|of duration|beforehand"
    r"|or earlier|or sooner|,)\b|[\s)\],])*"
)
CONNECTIVE: Final = re.compile(
    rf"^(?:\s{{0,2}}[(\[][^)\]]{{0,30}}[)\]])?{_PERIOD}\s{{0,2}}(?P<link>prior to|prior"
    rf"|before|preceding|previous to|previously to"
    rf"|in advance of|leading up to|of|from|after|following|post|since|until|pre"
    rf"|subsequent to|to|antecedent to|ahead of|at|by|previous|the start of|upon"
    rf"|immediately before|immediately prior to|pror to|priot to)\b[\s-]{{0,2}}"
)
_FAR_CONNECTIVE: Final = re.compile(r"^[^.;:()]{0,55}?\b(?P<link>prior to|before|preceding)\s")
_FARTHER: Final = re.compile(r"^[^.;:]{0,150}?\b(?P<link>prior to|before|preceding)\s")
"""Behind a list of lengths (`28 days or 5 half-lives of the drug, whichever is longer, prior to`)."""
_OF_HISTORY: Final = re.compile(r"^[^a-z]*[)\]]\s{0,2}of\b")
_ENDED: Final = re.compile(
    r"\.\s|[;:]|\bor (?:within|during|for|at least|in the)\b|\band (?:within|during|for"
    r"|at least)\b|,? (?:or|and) \d|\bexcept\b|\bunless\b|\bwhich\b"
)
_ANY_UNIT: Final = re.compile(r"\b(?:hours?|days?|weeks?|months?|years?)\b")


@cache
def _anchors() -> tuple[re.Pattern[str], dict[str, str]]:
    phrases = {row["phrase"].lower(): row["anchor"] for row in rows("anchors")}
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(
        r"\b(?:" + "|".join(re.escape(phrase) for phrase in ordered) + r")(?P<plural>s?)(?![a-z])"
    ), phrases


_WEAK: Final = frozenset(
    {
        "study",
        "the study",
        "this study",
        "trial",
        "the trial",
        "this trial",
        "treatment",
        "therapy",
        "administration",
        "completion",
        "entry",
        "intervention",
        "vaccination",
        "injection",
        "infusion",
        "eligibility",
        "screen",
        "participation",
        "implant",
        "conditioning",
        "study drug",
        "study treatment",
        "study medication",
        "visit 2",
        "visit 3",
        "surgery",
        "stopping",
        "discontinuation",
        "cessation",
        "included",
        "completing",
    }
)


def anchor_in(folded: str, start: int, stop: int) -> str | None:
    """Return the event named in a piece of text, None where none of the known is.

    >>> anchor_in("the start of study treatment and later", 0, 38), anchor_in("stroke", 0, 6)
    ('first-dose', None)
    """
    pattern, phrases = _anchors()
    best: tuple[int, str] | None = None
    for match in pattern.finditer(folded, start, stop):
        phrase = match.group().removesuffix(match["plural"]) if match["plural"] else match.group()
        if phrase in _WEAK and match.start() - start > 34:
            continue
        if best is None:
            best = match.start(), phrases[phrase]
            if phrase not in _WEAK:
                break
        elif match.start() - best[0] <= 30 and phrase not in _WEAK:
            return phrases[phrase]
    return best[1] if best else None


def anchor_of(  # noqa: PLR0911, PLR0917
    folded: str, span: Span, after: str, before: str, end: int, op: str = "<="
) -> tuple[str | None, int]:
    """Return what a window is counted from, and where its words end."""
    connective = CONNECTIVE.match(after)
    if connective is not None and connective["link"] == "of" and _OF_HISTORY.match(after):
        return None, span.end
    if "half" in after[:130] or span.unit == "{half-life}":
        far = _FARTHER.match(folded[span.end : min(end, span.end + 190)])
        found = anchor_in(folded, span.end + far.end(), min(end, span.end + far.end() + 45)) if far else None
        if found and (connective is None or connective["link"] == "of"):
            return found, span.end
    if connective is None:
        far = _FAR_CONNECTIVE.match(after)
        if far and not _ANY_UNIT.search(far.group()):
            position = span.end + far.end()
            found = anchor_in(folded, position, min(end, position + 45))
            if found:
                return found, span.end
        since = re.search(r"\b(?:since|after|following)\s([^.;()]{3,50})$", before)
        if since and re.match(r"^\W*(?:$|[.;)])", after):
            return anchor_in(since.group(1), 0, len(since.group(1))) or "other", span.end
        if re.match(r"^[\s,]*pre-?operative|^\s*preop", after):
            return "procedure", span.end
        return None, span.end
    link = connective["link"]
    position = span.end + connective.end()
    rest = folded[position : min(end, position + 75)]
    ended = _ENDED.search(rest)
    stop = position + (ended.start() if ended else len(rest))
    if link in ("prior", "previous") and not rest[: stop - position].strip(" ,)"):
        return None, span.end + connective.end()
    found = anchor_in(folded, position, stop)
    if found == "other" or found is None:
        words = folded[position:stop].strip(" ,).")
        if (
            link in ("to", "at", "by", "upon")
            or not words
            or (link == "of" and op in (">", ">="))
            or (
                link == "of"
                and re.match(
                    r"(?:stable|treatment with|use|therapy with|continuous|daily|regular|previous|prior|pain"
                    r"|symptoms|disease|exposure|age)\b",
                    words,
                )
            )
        ):
            return None, span.end
        return "other", min(stop, position + 30)
    tail = re.match(r"[^,;.]{0,40}", folded[position:stop])
    if (
        link == "of"
        and found in ("first-dose", "last-dose")
        and re.match(r"(?:treatment|therapy|administration)\b(?! initiation| start)", folded[position:stop])
    ):
        return None, span.end
    return found, position + (tail.end() if tail else 0)
