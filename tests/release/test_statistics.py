"""Statistics: the figures are those of the triples, however these are cut into pieces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph import terms
from trialgraph.release import graph_statistics
from trialgraph.release.graph_statistics import DistinctCount, GraphStatistics
from trialgraph.release.void import Ranges
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.vocabulary import ONTOLOGY, RESOURCE

subjects = st.sampled_from(
    [f"<{RESOURCE}NCT0000000{n}{part}>" for n in range(3) for part in ("", "/arm/1", "/arm/2")]
)
classes = st.sampled_from([f"<{ONTOLOGY}#{name}>" for name in ("Trial", "Arm", "Drug")])
predicates = st.sampled_from([f"<{ONTOLOGY}#{name}>" for name in ("arm", "label")])
literals = st.sampled_from(
    [terms.string("a"), terms.integer(1), terms.language("a", "en"), terms.typed("2024", terms.XSD + "gYear")]
)
outside = st.sampled_from(["<http://purl.obolibrary.org/obo/NCIT_C1>", "<https://example.org/x>", "_:b"])
triples = st.sets(
    st.one_of(
        st.tuples(subjects, st.just(terms.RDF_TYPE), classes),
        st.tuples(subjects, predicates, subjects | literals | outside),
    )
)


def pieces(given_triples, size):
    """Cut the sorted lines into texts, each of so many whole subjects."""
    by_subject: dict[str, list[str]] = {}
    for triple in sorted(given_triples):
        by_subject.setdefault(triple[0], []).append(terms.line(triple))
    groups = ["".join(lines) for lines in by_subject.values()]
    return ["".join(groups[start : start + size]) for start in range(0, len(groups), size)]


def added_up(texts):
    total = GraphStatistics()
    for text in texts:
        total += GraphStatistics.of(Passage(text.encode()))
    return total


@given(triples, st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_the_figures_are_those_of_the_triples(given_triples, size):
    counted = added_up(pieces(given_triples, size))
    typed = {s for s, p, _ in given_triples if p == terms.RDF_TYPE}
    objects = {o for _, _, o in given_triples}
    assert counted.triples == len(given_triples)
    assert counted.entities == len(typed)
    assert counted.subjects.count == counted.grouped_subjects == len({s for s, _, _ in given_triples})
    assert counted.literals.count == len({o for o in objects if o.startswith('"')})
    assert counted.resources.count == len({o for o in objects if not o.startswith('"')})
    for class_, members in counted.classes.items():
        assert members == len({s for s, p, o in given_triples if (p, o) == (terms.RDF_TYPE, class_)})
    for predicate, number in counted.properties.items():
        assert number == sum(p == predicate for _, p, _ in given_triples)
    assert sum(counted.links.values()) == sum("NCIT" in o for _, _, o in given_triples)


@given(triples, st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_partitions_add_up_whatever_the_pieces(given_triples, size):
    counted, whole = added_up(pieces(given_triples, size)), added_up(pieces(given_triples, 99))
    assert counted.users == whole.users
    assert counted.members == whole.members
    assert sum(counted.uses.values()) == sum(whole.uses.values()) == len(given_triples)


def test_the_class_of_an_object_is_known_near_by_and_by_its_kind_from_afar():
    arm, trial = f"<{RESOURCE}NCT00000001/arm/1>", f"<{RESOURCE}NCT00000001>"
    says_arm = terms.line((arm, terms.RDF_TYPE, f"<{ONTOLOGY}#Arm>"))
    says_trial = terms.line((trial, terms.RDF_TYPE, f"<{ONTOLOGY}#Trial>")) + terms.line(
        (trial, f"<{ONTOLOGY}#arm>", arm)
    )
    for texts in ([says_arm + says_trial], [says_arm, says_trial]):
        counted = added_up(texts)
        (range_,) = {range_ for (_, predicate, range_) in counted.uses if predicate == f"<{ONTOLOGY}#arm>"}
        assert Ranges([counted]).classes(range_) == ((f"<{ONTOLOGY}#Arm>",), True)


def test_many_distinct_terms_are_estimated_closely_and_it_says_so(monkeypatch):
    monkeypatch.setattr(graph_statistics, "SMALLEST_KEPT", 4096)
    whole, parts = DistinctCount(), DistinctCount()
    numbers = [f'"{number}"' for number in range(60_000)]
    whole.add(numbers)
    for start in range(0, len(numbers), 7000):
        part = DistinctCount()
        part.add(numbers[max(0, start - 500) : start + 7000])
        parts += part
    assert not whole.exact
    assert abs(whole.count - 60_000) < 60_000 * 0.05
    assert parts.count == whole.count


def test_few_distinct_terms_are_counted_exactly():
    counted = DistinctCount()
    counted.add(f'"{number % 1000}"' for number in range(5000))
    assert (counted.exact, counted.count) == (True, 1000)
