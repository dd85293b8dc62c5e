"""Which dose a schedule belongs to: beside it, in its list, before it, or in the whole text.

The guide's rules 2, 14 and 23: a thing said once for several doses belongs to each of them; what the first mention
leaves open is filled from a later one.
"""

from collections.abc import Sequence

from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.floating_schedules import SLOTS, share_floating
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.mark_placement import place
from trialgraph.interpretation.sentence_sharing import spread
from trialgraph.interpretation.step_brackets import note_brackets


def assign(scopes: Sequence[Scope], marks: Sequence[Mark], sentences: Sequence[tuple[int, int]], folded: str) -> None:
    """Give each scope what belongs to it, in `given`."""
    by_sentence: dict[int, list[Scope]] = {}
    for scope in scopes:
        by_sentence.setdefault(scope.sentence, []).append(scope)
    for inside in by_sentence.values():
        note_brackets(inside, folded)
    floating: list[tuple[int, Mark]] = []
    number = 0
    for mark in marks:
        while number + 1 < len(sentences) and sentences[number + 1][0] <= mark.start:
            number += 1
        beside = by_sentence.get(number)
        if beside:
            place(mark, beside, folded)
        else:
            floating.append((number, mark))
    for inside in by_sentence.values():
        for slot in SLOTS:
            spread(slot, inside, folded)
    share_floating(floating, scopes, sentences, folded)
