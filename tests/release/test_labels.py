"""Whatever a release points at has a label and a type: each thing of ours, and each of others but where a reason is given."""

import gzip
from datetime import date

import pytest
from tests import curated

from trialgraph import terms
from trialgraph.pipeline import BuildOptions, build
from trialgraph.settings import packaged
from trialgraph.store import Reader
from trialgraph.vocabulary import BASE, GRAPHS, ONTOLOGY, PREFIXES

SHARED = curated.HERE.parents[1] / "shared" / "records" / "ctgov-v2.jsonl.gz"
SAMPLE = 40
SKOS, OWL, RDFS, TG = PREFIXES["skos"], PREFIXES["owl"], PREFIXES["rdfs"], ONTOLOGY + "#"
ELSEWHERE = {
    **dict.fromkeys(
        [SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")]
        + [TG + "namesPart", OWL + "annotatedTarget", PREFIXES["prov"] + "wasDerivedFrom"],
        "a term of another vocabulary: what matches it has the label, its owner keeps its own",
    ),
    RDFS + "seeAlso": "a page on the web",
    PREFIXES["dcterms"] + "source": "a page or file on the web",
    PREFIXES["dcterms"] + "license": "a licence",
    PREFIXES["foaf"] + "homepage": "a page on the web",
    OWL + "annotatedProperty": "a property of SKOS or of ours",
    "https://w3id.org/sssom/mapping_justification": "a term of SEMAPV",
    "https://w3id.org/sssom/object_source": "a vocabulary, by its page at the Bioregistry",
    "https://w3id.org/sssom/subject_source": "a vocabulary, by its page at the Bioregistry",
    "https://schema.org/target": "the endpoint",
}
"""Properties that lead to what others name, each with the reason why no label stands here."""
W3C = ("<http://www.w3.org/", "<https://w3id.org/sssom/", "<http://purl.org/dc/")
"""Classes and properties of the languages that everything is written in."""


@pytest.fixture(scope="module", params=["small records of our own", "every fortieth real record"])
def release(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    if request.param.startswith("small"):
        records = sorted((curated.HERE / "questions").glob("*records.json"))
    elif SHARED.is_file():
        records = [sampled(folder)]
    else:
        pytest.skip("the real records are not beside the checkout")
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    options = {"root": folder / "root", "validate": False, "optimize": False, "workers": 1}
    return build(BuildOptions(**folders, issued=date(2026, 1, 2), records=records, **options)).release


def sampled(folder):
    path = folder / "sample.jsonl"
    with gzip.open(SHARED, "rb") as records:
        path.write_bytes(b"".join(line for number, line in enumerate(records) if number % SAMPLE == 0))
    return path


def test_what_a_release_points_at_has_a_label_and_a_type(release):
    labelled, typed, pointed = set(), set(), {}
    for name in set(release.manifest["graphs"]) - {"description", "examples"}:
        for subject, predicate, value in Reader(release).quads(GRAPHS[name]):
            if predicate == terms.RDFS_LABEL:
                labelled.add(subject)
            if predicate == terms.RDF_TYPE:
                typed.add(subject)
            if value.startswith("<"):
                pointed.setdefault(value, set()).add(predicate[1:-1])
    ours = {value for value in pointed if value.startswith(f"<{BASE}")}
    assert len(ours) > 1000
    assert sorted(ours - labelled)[:9] == []
    assert sorted(ours - typed)[:9] == []
    others = {value: by for value, by in pointed.items() if value not in ours | labelled}
    unexplained = {value: by for value, by in others.items() if not by & set(ELSEWHERE) and not value.startswith(W3C)}
    assert sorted(unexplained.items())[:9] == []
