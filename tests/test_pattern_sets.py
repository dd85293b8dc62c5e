"""Sets of patterns find what one pattern of all of them finds, and no text that matches lacks all literals."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.interpretation.held_literals import HELD, bits_of
from trialgraph.interpretation.pattern_set import GuardedPattern, PatternSet
from trialgraph.interpretation.required_literals import required_conditions, required_literals, split_alternatives

LETTERS = "abc -"
ATOMS = st.sampled_from(
    ["a", "b", "c", "-", " ", r"\b", ".", "[ab]", "[^a]", r"\w", r"\-", "^", "$", "(?<!a)", "(?=b)"]
)
REPEATS = st.sampled_from(["", "", "", "?", "*", "+", "{0,2}", "{2}", "{1,3}", "*?", "+?"])


def _repeated(pieces):
    return st.tuples(pieces, REPEATS).map(lambda pair: pair[0] + ("" if _no_width(pair[0]) else pair[1]))


def _no_width(piece: str) -> bool:
    return piece in (r"\b", "^", "$") or piece.startswith(("(?<", "(?="))


def _patterns():
    return st.recursive(
        _repeated(ATOMS),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map("".join),
            _repeated(st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")),
        ),
        max_leaves=8,
    )


TEXTS = st.text(LETTERS, max_size=12)


@given(_patterns(), TEXTS)
def test_a_match_holds_a_required_literal(pattern, text):
    literals = required_literals(pattern)
    match = re.search(pattern, text)
    if match is not None and literals is not None:
        assert any(literal in match[0] for literal in literals)


@given(_patterns(), TEXTS)
def test_a_text_that_matches_has_all_bits_of_the_pattern(pattern, text):
    bits = bits_of(required_conditions(pattern))
    if re.search(pattern, text) is not None:
        assert HELD[text] & bits == bits


@given(_patterns(), TEXTS, st.integers(0, 4), st.integers(0, 12))
def test_a_guarded_pattern_finds_what_the_pattern_finds(pattern, text, start, end):
    plain, guarded = re.compile(pattern), GuardedPattern(pattern)
    expected, found = plain.search(text, start, end), guarded.search(text, start, end)
    assert (found and found.span()) == (expected and expected.span())
    assert [match.span() for match in guarded.finditer(text)] == [match.span() for match in plain.finditer(text)]


@pytest.mark.parametrize(
    ("literal", "text", "held"),
    [
        ("relaps", "notrelapsed,", True),
        ("relaps", "relap sed", False),
        (" or ", "a or b", True),
        (" or ", "disorder", False),
        ("history of", "prehistory\nofa", True),
        ("history of", "historyxof", False),
        (" ", "x", True),  # nothing but a blank may stand anywhere
    ],
)
def test_literals_that_a_text_holds(literal, text, held):
    bits = bits_of([(literal,)])
    assert (HELD[text] & bits == bits) == held


def test_literals_that_are_met_later_are_held_by_words_met_before():
    assert HELD["quaxbury"] >= 0
    bits = bits_of([("axbu",)])
    assert bits
    assert HELD["quaxbury"] & bits


@given(st.lists(_patterns(), min_size=1, max_size=4), TEXTS, st.integers(0, 4), st.integers(0, 12))
def test_a_set_finds_what_one_pattern_finds(patterns, text, start, end):
    whole, apart = re.compile("|".join(f"(?:{each})" for each in patterns)), PatternSet(patterns)
    found = whole.search(text)
    assert (apart.search(text) is None) == (found is None)
    assert apart.matches(text) == (found is not None)
    if found is not None:
        assert apart.search(text).span() == found.span()
    expected = [match.span() for match in whole.finditer(text, start, end) if match[0]]
    if all(match.span()[0] != match.span()[1] for match in whole.finditer(text, start, end)):
        assert [match.span() for match, _ in apart.finditer(text, start, end)] == expected


@given(_patterns())
def test_alternatives_of_a_pattern_are_the_pattern(pattern):
    parts = split_alternatives(f"{pattern}|bc")
    assert "|".join(parts) == f"{pattern}|bc"
    assert all(re.compile(part) for part in parts)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("relaps|recurr", ("recurr", "relaps")),
        (r"\btime (?:to|from)", ("time ",)),
        (r"(?P<n>\d+)\s?cycles?", ("cycle",)),
        (r"decentrali[sz]ed", ("decentrali",)),
        (r"\(auc\)|area", ("(auc)", "area")),
        ("(?:no )?progress", ("progress",)),
        ("(?:no )?", None),
        ("a|", None),
        ("(?i:abc)", None),
        (r"(a)\1", None),
    ],
)
def test_literals_of_a_pattern(pattern, literals):
    assert required_literals(pattern) == literals


@pytest.mark.parametrize("text", ["LIGIB", "lıgib", "ligib", "xyz", "ſ"])  # a dotless i is an i where case is ignored
def test_case_is_ignored_as_patterns_ignore_it(text):
    pattern = "Ligib|s"
    assert bool(GuardedPattern(pattern, ignore_case=True).search(text)) == bool(
        re.search(pattern, text, re.IGNORECASE)
    )
    assert PatternSet.of_pattern(pattern, ignore_case=True).matches(text) == bool(
        re.search(pattern, text, re.IGNORECASE)
    )
