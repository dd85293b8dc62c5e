"""`/shapes`: all shapes and each part are Turtle, and every file of shapes is in one part."""

import pyoxigraph as ox
import pytest

from trialgraph.settings import packaged
from trialgraph.validation import read_shapes
from trialgraph.web.vocabulary.shape_files import PARTS, manifest


def test_each_file_of_shapes_is_in_one_part():
    files = [path for part in PARTS for path in part.files() if path.stem != "prefixes"]
    assert len(files) == len(set(files))
    assert set(files) == {path for path in packaged("shapes").rglob("*.ttl") if path.stem != "prefixes"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_is_a_shapes_graph(part):
    assert read_shapes(*part.files())


def test_the_manifest_names_a_graph_for_each_part():
    graphs = {
        quad.subject.value
        for quad in ox.parse(manifest().encode(), ox.RdfFormat.TURTLE)
        if "shapesGraph" in quad.predicate.value
    }
    assert graphs == {graph for part in PARTS for graph in part.graphs}
