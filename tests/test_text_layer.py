"""The text layer: stored strings and their plain form, numbers, quantities, lengths of time, intervals."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trialgraph.interpretation.durations import intervals, lengths
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.quantities import plain_number, quantities
from trialgraph.interpretation.stored_text import StoredText

LETTERS = st.text(st.sampled_from("ab 1½２＜≥㎎ﬁİ²³⁵\\^*[](&gt;\u200b\n\t-x"), max_size=60)


@given(LETTERS)
def test_spans_are_the_stored_words_and_positions_go_there_and_back(stored):
    text = StoredText(stored)
    assert len(text.folded) == len(text.plain)
    last = 0
    for position in range(len(text.plain) + 1):
        start, end, exact = text.span(position, position + 1 if position < len(text.plain) else position)
        assert stored[start:end] == exact
        assert start >= last
        last = start
    assert text.span(0, len(text.plain))[1] <= len(stored)


@given(LETTERS)
def test_lines_lie_within_the_text_in_order(stored):
    text = StoredText(stored)
    last = 0
    for line in text.lines:
        assert last <= line.start <= line.end <= len(text.plain)
        last = line.end


@given(
    st.decimals(min_value="0.001", max_value=10**9, places=3),
    st.sampled_from(["mg", "mg/m\\^2", "µg/kg", "mL", "IU"]),
)
def test_digits_and_units_of_a_sentence_come_back(number, unit):
    # Without zeros at the end: three of them behind a point are thousands for units of activity.
    (found,) = quantities(StoredText(f"Participants receive {number.normalize():,f} {unit} of it."))
    assert found.value == plain_number(str(number))
    assert found.unit == {"mg/m\\^2": "mg/m2", "µg/kg": "ug/kg", "IU": "[iU]"}.get(unit, unit)


DIGITS = {
    "ascii": 0x30,
    "full width": 0xFF10,
    "arabic": 0x660,
    "persian": 0x6F0,
    "devanagari": 0x966,
    "bengali": 0x9E6,
}
SPELLINGS = [
    (row["spelling"], row["code"], row["case"] == "any") for row in rows("units") if row["spelling"].isalpha()
]


@given(
    st.integers(2, 9999),
    st.sampled_from(sorted(DIGITS)),
    st.sampled_from(SPELLINGS),
    st.sampled_from(["", " ", "\u00a0"]),
)
def test_every_spelling_of_a_unit_is_read_behind_digits_of_any_alphabet(number, alphabet, spelling, between):
    word, code, _ = spelling
    written = "".join(chr(DIGITS[alphabet] + int(digit)) for digit in str(number))
    found = [(one.value, one.numerator) for one in quantities(StoredText(f"They receive {written}{between}{word}."))]
    assert found == [(str(number), code)]


@given(
    st.integers(1, 999),
    st.integers(3, 12),
    st.sampled_from(
        [
            "{0} x 10^{1}",
            "{0}x10^{1}",
            "{0}×10\\^{1}",
            "{0} × 10{2}",
            "{0}x10E{1}",
            "{0}E{1}",
            "{0} x 10e{1}",
            "{0}*10^{1}",
        ]
    ),
)
def test_powers_of_ten_are_read_however_they_are_written(factor, power, form):
    assume((factor, form) != (10, "{0}E{1}"))  # "10E6 cells" is a million: ten is the base there, no factor
    raised = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    (found,) = quantities(StoredText("A dose of " + form.format(factor, power, raised) + " cells/kg."))
    assert (found.value, found.unit) == (str(factor * 10**power), "{cells}/kg")


@pytest.mark.parametrize(
    ("words", "value", "high", "unit"),
    [
        ("5 x 10⁶ CAR-T cells", "5000000", None, "{cells}"),
        ("2×10⁶/kg CAR-T cells", "2000000", None, "{cells}/kg"),
        ("１００～２００ ㎎", "100", "200", "mg"),
        ("0,5 mg/kg/day", "0.5", None, "mg/kg/d"),
        ("10 mg/kg.min", "10", None, "mg/kg/min"),
        ("two tablets", "2", None, "{tablet}"),
        ("half a tablet", "0.5", None, "{tablet}"),
    ],
)
def test_quantities(words, value, high, unit):
    assert [(found.value, found.high, found.unit) for found in quantities(StoredText(words))] == [(value, high, unit)]


@pytest.mark.parametrize(
    ("words", "times", "every", "unit"),
    [
        ("Q12H", "1", "12", "h"),
        ("qPM", "1", "1", "d"),
        ("3x/week", "3", "1", "wk"),
        ("4-weekly", "1", "4", "wk"),
        ("once per cycle", "1", "1", "{cycle}"),
        ("as needed", None, None, "prn"),
    ],
)
def test_intervals(words, times, every, unit):
    assert [(found.times, found.every, found.unit) for found in intervals(StoredText(words))] == [
        (times, every, unit)
    ]


@pytest.mark.parametrize(
    "hostile", ["1" * 100_000, "1 " * 50_000, "(" * 100_000, "10^" * 30_000, "a-" * 50_000, "\\" * 100_000]
)
def test_hostile_texts_are_read(hostile):
    text = StoredText(hostile)
    assert list(quantities(text)) == []
    list(intervals(text))
    list(lengths(text))
