"""Write again what follows from the ontology: `shapes/registry.ttl` and `ontology/context.jsonld`.

python scripts/generated.py

Run it after changing the ontology; the tests compare.
"""
# ruff: noqa: INP001

from trialgraph import formats, terms
from trialgraph.mapping import Plan, context, raw_shapes
from trialgraph.settings import packaged


def main() -> None:
    """Write both files."""
    files = sorted(packaged("ontology").glob("*.ttl"))
    plan = Plan.compile(
        triple for file in files for triple, _ in terms.parse(file.read_bytes(), formats.TURTLE.oxigraph)
    )
    (packaged("shapes") / "registry.ttl").write_text(raw_shapes(plan.declarations, plan.tree))
    (packaged("ontology") / "context.jsonld").write_text(context(plan.declarations))


if __name__ == "__main__":
    main()
