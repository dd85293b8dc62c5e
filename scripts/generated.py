"""Write again what follows from the ontology and the mapping tables.

That is `shapes/registry.ttl`, `ontology/context.jsonld` and `ontology/alignments.ttl`.

python scripts/generated.py

Run it after changing the ontology or `data/links/terms-to-*.sssom.tsv`; the tests compare.
"""
# ruff: noqa: INP001

from collections.abc import Iterable

from trialgraph import formats, terms
from trialgraph.linking import MappingSet, read_sssom
from trialgraph.mapping import Plan, context, raw_shapes
from trialgraph.settings import packaged
from trialgraph.vocabulary import PREFIXES


def alignments(sets: Iterable[MappingSet]) -> str:
    """Return the mappings of our terms as Turtle, by subject; the tables say why each is so."""
    rows = sorted({(m.subject, m.predicate, m.object) for a_set in sets for m in a_set.mappings})
    used = [(name, iri) for name, iri in PREFIXES.items() if any(t.startswith(iri) for row in rows for t in row)]
    lines = [
        "# How our terms relate to those of others. Made by scripts/generated.py from data/links/terms-to-*.tsv,"
    ]
    lines += ["# where each mapping has its justification, confidence and source.", ""]
    lines += [f"@prefix {name}: <{iri}> ." for name, iri in used] + [""]
    return "\n".join([*lines, *(" ".join(_short(term) for term in row) + " ." for row in rows), ""])


def _short(iri: str) -> str:
    for name, base in PREFIXES.items():
        if iri.startswith(base) and iri[len(base) :].isalnum():
            return f"{name}:{iri[len(base) :]}"
    return f"<{iri}>"


def term_mappings() -> list[MappingSet]:
    """Return the tables that map terms of the ontology."""
    return [read_sssom(path) for path in sorted((packaged("data") / "links").glob("terms-to-*.sssom.tsv"))]


def main() -> None:
    """Write the files."""
    files = sorted(packaged("ontology").glob("*.ttl"))
    plan = Plan.compile(
        triple for file in files for triple, _ in terms.parse(file.read_bytes(), formats.TURTLE.oxigraph)
    )
    (packaged("shapes") / "registry.ttl").write_text(raw_shapes(plan.declarations, plan.tree))
    (packaged("ontology") / "alignments.ttl").write_text(alignments(term_mappings()))
    (packaged("ontology") / "context.jsonld").write_text(context(plan.declarations))


if __name__ == "__main__":
    main()
