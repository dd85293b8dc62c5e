"""What the shapes find in real records, as a table.

    python benchmarks/warnings_in_records.py > docs/warnings-in-real-records.md
    python benchmarks/warnings_in_records.py --records my-records.jsonl.gz

Every record is mapped and checked with `shapes/registry*.ttl` by the fast path; the same records give the same bytes.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from records import RECORDS, lines, plan

from trialgraph.settings import packaged
from trialgraph.terms import Term, iri_value, lexical, parse
from trialgraph.validation import ValidationResult, compile_shapes, read_shapes
from trialgraph.validation.shacl_terms import INFO, VIOLATION, WARNING
from trialgraph.validation.shape_model import Shapes
from trialgraph.vocabulary import nct_id

SHAPES = sorted(packaged("shapes").glob("registry*.ttl"))
MEANING = packaged("shapes") / "registry-meaning.ttl"
_SEVERITIES = {VIOLATION: "violation", WARNING: "warning", INFO: "remark"}

_HEAD = """\
# What the shapes find in real records

Made by `python benchmarks/warnings_in_records.py`: {records:,} records as they came from ClinicalTrials.gov,
{triples:,} triples, checked with the {rules:,} constraints of `shapes/registry.ttl` (the form of a record) and
`shapes/registry-meaning.ttl` (what it means). {clean:,} of the records give no result.

A violation sets a record aside. Warnings and remarks (`sh:Info`) do not: real records are as they are, and what was
found is published in the report of the release. Each rule says its reason in `rdfs:comment`. Rules on the order of
dates speak of full dates only: XML Schema does not order a month and a day.

| severity | what was found | results | records | for example |
| --- | --- | ---: | ---: | --- |
"""
_QUIET = """
## Found in none of them

"""


def rows(found: dict[tuple[Term, str], list[ValidationResult]]) -> Iterator[str]:
    """Yield a line of the table for each message, the gravest and most frequent first."""
    grave = list(_SEVERITIES)
    for (severity, message), results in sorted(found.items(), key=lambda i: (grave.index(i[0][0]), -len(i[1]), i[0])):
        trials = sorted({nct_id(iri_value(result.focus_node)) or "" for result in results})
        name = _SEVERITIES[severity]
        yield f"| {name} | {message} | {len(results):,} | {len(trials):,} | {trials[0]} |\n"


def quiet(shapes: Shapes, found: dict[tuple[Term, str], list[ValidationResult]]) -> Iterator[str]:
    """Yield a line for each rule of meaning without a result, in the order of its file."""
    said = {message for _, message in found}
    for shape in shapes.by_name.values():
        for message in map(lexical, shape.messages):
            if message not in said:
                yield f"- {message}\n"


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=Path, default=RECORDS)
    options = parser.parse_args()
    files = sorted(packaged("ontology").glob("*.ttl"))
    ontology = [triple for file in files for triple, _ in parse(file.read_bytes(), ox.RdfFormat.TURTLE)]
    shapes, mapping = read_shapes(*SHAPES), plan()
    checker = compile_shapes(shapes, background=ontology)
    found: dict[tuple[Term, str], list[ValidationResult]] = defaultdict(list)
    records = triples = clean = 0
    for text in lines(options.records):
        graph = mapping.to_triples(json.loads(text))
        results = checker.check(graph)
        records, triples, clean = records + 1, triples + len(graph), clean + (not results)
        for result in results:
            found[result.severity, lexical(result.messages[0])].append(result)
    rules = sum(len(shape.constraints) for shape in shapes.by_name.values())
    print(_HEAD.format(records=records, triples=triples, clean=clean, rules=rules), end="")
    print("".join(rows(found)), end="")
    print(_QUIET + "".join(quiet(read_shapes(MEANING), found)), end="")


if __name__ == "__main__":
    main()
