"""`/shapes`: the SHACL shapes as Turtle, whole or in parts, and which data each part holds for.

    /shapes                         the manifest, and all shapes
    /shapes/records.ttl             for the graph of registry records
    /shapes/curated.ttl             for what curators state
    /shapes/interpretation.ttl      for what the texts of records mean
    /shapes/links.ttl               for links of names to shared things
    /shapes/description.ttl         for the description of a release

The parts hold for different graphs, whose nodes are of the same classes: check each graph by its own part, with the
ontology beside it or merged into it. A drug that a curator states and one that a vocabulary names are both `tg:Drug`;
who states them decides what must be true of them, and that is what a graph tells. No target of SHACL Core can see a
graph, and targets in SPARQL are read by few engines; `sh:shapesGraph` (SHACL 3.1), by which the manifest names the
part of each graph, is the standard's own way.
`tests/validation/test_engines_on_a_release.py` holds three engines to it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from trialgraph.settings import packaged
from trialgraph.vocabulary import BASE, Graph
from trialgraph.web.context.release_view import reading
from trialgraph.web.http.representation import representation

blueprint = Blueprint("shape_files", __name__)
_TURTLE: Final = "text/turtle"

_HOW: Final = (
    "Check each graph by the part that sh:shapesGraph names for it, with the ontology merged in or not: who states a"
    " thing decides what must be true of it, and that is what its graph tells."
    " All parts are SHACL Core and SHACL-SPARQL."
)


@dataclass(frozen=True)
class Part:
    """Shapes that hold for some graphs."""

    name: str
    label: str
    graphs: tuple[str, ...]

    def files(self) -> list[Path]:
        """Return the files of the part, in order."""
        folder = packaged("shapes")
        top = [path for path in sorted(folder.glob("*.ttl")) if path.stem != "prefixes"]
        chosen = {
            "records": [path for path in top if path.stem.startswith("registry")],
            "description": [path for path in top if path.stem == "description"],
            "links": sorted((folder / "links").glob("*.ttl")),
            "interpretation": sorted((folder / "interpretation").glob("*.ttl")),
        }
        others = [path for path in top if not path.stem.startswith(("registry", "description"))]
        return [folder / "prefixes.ttl", *chosen.get(self.name, others)]


PARTS: Final = (
    Part("records", "shapes of registry records", (Graph.REGISTRY,)),
    Part("curated", "shapes of curated data", (Graph.SEED, Graph.MIRRORS)),
    Part("interpretation", "shapes of what the texts of records mean", (Graph.INTERPRETATION,)),
    Part("links", "shapes of links of names to shared things", (Graph.LINKS, Graph.LINKS_SA)),
    Part("description", "shapes of the description of a release", (Graph.DESCRIPTION,)),
)


def manifest() -> str:
    """Return which parts there are and which graphs each holds for, as Turtle.

    >>> "/graph/registry> sh:shapesGraph <https://w3id.org/trialgraph/shapes/records>" in manifest()
    True
    """
    lines = [
        "@prefix dcterms: <http://purl.org/dc/terms/> .",
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .",
        "@prefix sh: <http://www.w3.org/ns/shacl#> .",
        "",
        f'<{BASE}shapes> a owl:Ontology ; rdfs:label "shapes of trialgraph" ;',
        f'    rdfs:comment "{_HOW}" .',
    ]
    for part in PARTS:
        iri = f"<{BASE}shapes/{part.name}>"
        lines += [
            f'{iri} a owl:Ontology ; rdfs:label "{part.label}" .',
            f"<{BASE}shapes> dcterms:hasPart {iri} .",
            *(f"<{graph}> sh:shapesGraph {iri} ." for graph in part.graphs),
        ]
    return "\n".join([*lines, ""])


def _text(parts: tuple[Part, ...]) -> str:
    files = dict.fromkeys(path for part in parts for path in part.files())
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@blueprint.get("/shapes")
@blueprint.get("/shapes.ttl")
def shapes() -> Response:
    """Give the manifest and all shapes in one file."""
    return representation(f"{manifest()}\n{_text(PARTS)}", _TURTLE, reading().release)


@blueprint.get("/shapes/<name>")
def part_of_shapes(name: str) -> Response:
    """Give one part of the shapes; `.ttl` may stand behind its name."""
    chosen = tuple(part for part in PARTS if part.name == name.removesuffix(".ttl"))
    if not chosen:
        raise NotFound
    return representation(_text(chosen), _TURTLE, reading().release)
