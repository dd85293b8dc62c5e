"""Write again what follows from the ontology and the mapping tables.

That is `shapes/registry.ttl`, `ontology/context.jsonld`, `ontology/alignments.ttl` and `ontology/endpoints.ttl`.

python scripts/generated.py

Run it after changing the ontology or `data/links/terms-to-*.sssom.tsv`; the tests compare.
"""
# ruff: noqa: INP001

from collections.abc import Iterable

from trialgraph import formats, terms
from trialgraph.interpretation.endpoint_concepts import concepts
from trialgraph.linking import MappingSet, read_sssom
from trialgraph.mapping import Plan, context, raw_shapes
from trialgraph.settings import packaged
from trialgraph.vocabulary import PREFIXES, RESOURCE


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


ABBREVIATED = ("OS", "PFS", "ORR", "DCR", "DoR", "DLT")
"""Endpoints whose label is their abbreviation, as the curated trials have them."""


def endpoint_scheme() -> str:
    """Return the endpoints of `data/lexicons/endpoint-concepts.tsv` as a SKOS scheme in Turtle."""
    lines = [
        "# What outcomes measure, as a scheme of concepts with groups. Made by scripts/generated.py from",
        "# data/lexicons/endpoint-concepts.tsv; phrases that name them are in data/lexicons/endpoints.tsv.",
        "",
        f"@base <{RESOURCE}> .",
        *(f"@prefix {name}: <{PREFIXES[name]}> ." for name in ("tg", "ncit", "rdfs", "skos")),
        "",
        '<scheme/endpoint> a skos:ConceptScheme ;\n    rdfs:label "endpoint" ;\n    skos:prefLabel "endpoint" .',
    ]
    known = list(concepts().values())
    for group in dict.fromkeys(concept.group for concept in known):
        name = f"{group.replace('-', ' ')} endpoints"
        lines += ["", f"<endpoint-group/{group}> a skos:Concept ;", f'    rdfs:label "{name}" ;']
        lines += [f'    skos:prefLabel "{name}" ;', f'    skos:notation "{group}" ;']
        lines += ["    skos:inScheme <scheme/endpoint> ;", "    skos:topConceptOf <scheme/endpoint> ."]
    for concept in known:
        label = concept.code if concept.code in ABBREVIATED else concept.label
        lines += ["", f"<endpoint/{concept.code}> a tg:Endpoint, skos:Concept ;", f'    rdfs:label "{label}" ;']
        lines += [f'    skos:prefLabel "{concept.label}" ;', f'    skos:notation "{concept.code}" ;']
        lines += [f'    skos:definition "{concept.definition}" ;']
        lines += [f"    skos:exactMatch ncit:{concept.ncit} ;"] if concept.ncit else []
        above = f"endpoint/{concept.broader}" if concept.broader else f"endpoint-group/{concept.group}"
        lines += [f"    skos:broader <{above}> ;", "    skos:inScheme <scheme/endpoint> ."]
    return "\n".join([*lines, ""])


def main() -> None:
    """Write the files."""
    (packaged("ontology") / "endpoints.ttl").write_text(endpoint_scheme())
    files = sorted(packaged("ontology").glob("*.ttl"))
    plan = Plan.compile(
        triple for file in files for triple, _ in terms.parse(file.read_bytes(), formats.TURTLE.oxigraph)
    )
    (packaged("shapes") / "registry.ttl").write_text(raw_shapes(plan.declarations, plan.tree))
    (packaged("ontology") / "alignments.ttl").write_text(alignments(term_mappings()))
    (packaged("ontology") / "context.jsonld").write_text(context(plan.declarations))


if __name__ == "__main__":
    main()
