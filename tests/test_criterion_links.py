"""Criteria lead to the diseases and drugs that they name, by exact names and the record's own, with the words."""

from trialgraph.interpretation.eligibility import read_criteria
from trialgraph.interpretation.interpretation_triples import interpretation_triples
from trialgraph.interpretation.outcome import read_outcome
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.linking.phrase_linker import Named, PhraseLinker
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.string_linker import StringLinker
from trialgraph.pipeline.criterion_links import criterion_links, prior_drug_links
from trialgraph.terms import iri
from trialgraph.vocabulary import TG

TEXT = (
    "Inclusion Criteria:\n\n* Diagnosed heart failure\n* At least 18 years\n\nExclusion Criteria:\n\n"
    "* Tumor necrosis factor inhibitors\n* Asthma of any kind\n* Earlier asthma\\-like disease"
)
DOCUMENT = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001"},
        "eligibilityModule": {"eligibilityCriteria": TEXT},
    }
}
VERSION = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"
OWN = {"mb 102": Named("drug", "UNII:QJMH6QCF8U", "RELMAPIRAZIN", "exact")}


def said(triples, predicate):
    return [(subject, value) for subject, found, value in triples if found == iri(predicate)]


def test_a_criterion_mentions_what_it_names_with_the_words():
    triples = list(criterion_links(DOCUMENT, RecordLinker(None), Origin(VERSION, "1")))
    things = [value.rpartition("/")[2] for _, value in said(triples, TG.mentions)]
    assert things == ["MONDO:0005252>", "MONDO:0004979>", "MONDO:0004979>"]
    oa = "http://www.w3.org/ns/oa#"
    starts = dict(said(triples, oa + "start"))
    ends = dict(said(triples, oa + "end"))
    for selector, words in said(triples, oa + "exact"):
        start, end = (int(found[selector].split('"')[1]) for found in (starts, ends))
        assert TEXT[start:end] == words.strip('"')
    assert len(said(triples, TG.linkTier)) == len(said(triples, TG.mention)) == 3


def test_names_of_the_record_come_first_and_drugs_only_where_one_is_given():
    linker = PhraseLinker(StringLinker(None))
    assert [one.named.id for one in linker.phrases("Earlier MB-102 or aspirin", OWN, drugs=True)][:1] == [
        "UNII:QJMH6QCF8U"
    ]
    assert not list(linker.phrases("MB-102 in blood", OWN, drugs=False))


def test_words_that_hide_a_name_or_go_on_with_a_letter_name_nothing():
    linker = PhraseLinker(StringLinker(None))
    for words in ("tumor necrosis factor", "hepatitis Z", "disease", "any condition", "in Renal"):
        assert not list(linker.phrases(words, {}, drugs=True)), words


def test_an_earlier_drug_is_linked_by_its_name():
    criteria = "Inclusion Criteria:\n\n* Progression on osimertinib"
    document = {
        "protocolSection": DOCUMENT["protocolSection"] | {"eligibilityModule": {"eligibilityCriteria": criteria}}
    }
    linker = RecordLinker(None)
    linker.phrases._known["osimertinib"] = (Named("drug", "UNII:3C06JJ0Z2O", "OSIMERTINIB", "exact"),)
    triples = list(prior_drug_links(list(interpretation_triples(document, VERSION)), linker))
    [(_, drug)] = said(triples, TG.drug)
    assert drug.endswith("/drug/UNII:3C06JJ0Z2O>")


def test_an_unchanged_text_is_not_read_again_for_the_next_version():
    def version(title, *measures):
        outcomes = [{"measure": measure, "timeFrame": "12 weeks"} for measure in measures]
        return {
            "protocolSection": DOCUMENT["protocolSection"]
            | {
                "identificationModule": {"nctId": "NCT00000001", "briefTitle": title},
                "outcomesModule": {"primaryOutcomes": outcomes},
            }
        }

    read_criteria.cache_clear()
    read_outcome.cache_clear()
    before = list(interpretation_triples(version("A trial", "Overall survival", "Change in HbA1c"), VERSION))
    assert (read_criteria.cache_info().misses, read_outcome.cache_info().misses) == (1, 2)
    same = list(interpretation_triples(version("Another title", "Overall survival", "Change in HbA1c"), VERSION))
    assert (read_criteria.cache_info().misses, read_outcome.cache_info().misses) == (1, 2)
    assert same == before
    list(interpretation_triples(version("A trial", "Overall survival", "Change in weight"), VERSION))
    assert (read_criteria.cache_info().misses, read_outcome.cache_info().misses) == (1, 3)
