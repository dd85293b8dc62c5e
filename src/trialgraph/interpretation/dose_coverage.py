"""Which texts with a number and a unit gave a dose, which did not and why: rows for a release.

>>> arms = {"armGroups": [{"label": "A", "description": "5 mg with 240 mL of water"}]}
>>> protocol = {"identificationModule": {"nctId": "NCT00000001"}, "armsInterventionsModule": arms}
>>> list(coverage_rows({"protocolSection": protocol}))[0]
('text', 'gave a dose', 'armGroups[0].description')
"""

from collections.abc import Iterator
from typing import Final

from trialgraph.interpretation.record_texts import Document, regimen_line
from trialgraph.interpretation.regimen import readings_of

Row = tuple[str, str, str]
"""Kind of row (`text` or `words`), what it counts, and where or which words."""
_NO_AMOUNTS: Final = frozenset(
    ("length", "pressure", "energy", "power", "time", "temperature", "electric", "frequency", "area")
)


def coverage_rows(document: Document) -> Iterator[Row]:
    """Yield a row for each text with an amount, and one for each amount that was left as text."""
    for reading in readings_of(regimen_line(document)):
        amounts = [amount for amount in reading.amounts if amount.kind not in _NO_AMOUNTS]
        if not amounts:
            continue
        reasons = sorted({amount.reason for amount in amounts if amount.reason})
        yield "text", "gave a dose" if reading.doses else "; ".join(reasons) or "no agent", reading.path
        for amount in amounts:
            if amount.reason:
                start, end = max(0, amount.start - 30), min(len(reading.text.plain), amount.end + 30)
                words = " ".join(reading.text.plain[start:end].split())
                yield "words", amount.reason, words
