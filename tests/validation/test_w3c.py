"""The W3C SHACL test suite, result by result: focus node, path, value, severity, component, shape, constraint."""

import pytest
from tests.validation import w3c
from tests.validation.selecting import selector

from trialgraph.errors import ShapeError
from trialgraph.validation import validate

KNOWN_FAILURES_OF_PYSHACL = {
    "sparql/pre-binding/shapesGraph-001": "does not offer $shapesGraph, which is optional (SHACL 5.3.1)",
}

REFUSED_BY_THE_FAST_PATH = {
    "sparql/component/nodeValidator-001": "a constraint component of its own",
    "sparql/component/optional-001": "a constraint component of its own",
    "sparql/component/propertyValidator-select-001": "a constraint component of its own",
    "sparql/component/validator-001": "a constraint component of its own",
    "sparql/pre-binding/shapesGraph-001": "uses $shapesGraph",
}

CORE = w3c.cases("core")
SPARQL = w3c.cases("sparql")

pytestmark = pytest.mark.skipif(not w3c.SUITE.is_dir(), reason="the W3C SHACL test suite is not beside the checkout")


def test_the_suite_is_whole():
    # nodeValidator-001 is in no manifest: proposed, not approved.
    assert (len(CORE), len(SPARQL)) == (98, 23)


def _check(case, **options):
    if case.expected is None:
        with pytest.raises(ShapeError):
            validate(case.data, case.shapes, **options)
    else:
        assert w3c.rows(validate(case.data, case.shapes, **options)) == case.expected


@pytest.mark.parametrize("case", [*CORE, *SPARQL], ids=lambda case: case.name)
def test_reference(case):
    if case.name in KNOWN_FAILURES_OF_PYSHACL:
        pytest.skip(KNOWN_FAILURES_OF_PYSHACL[case.name])
    _check(case, engine="reference")


@pytest.mark.parametrize("case", CORE, ids=lambda case: case.name)
def test_fast_path_on_core(case):
    _check(case, engine="fast")


@pytest.mark.parametrize("case", SPARQL, ids=lambda case: case.name)
def test_fast_path_on_sparql(case):
    if case.name in REFUSED_BY_THE_FAST_PATH:
        with pytest.raises(ShapeError):
            validate(case.data, case.shapes, engine="fast", select=selector(case.data))
    else:
        _check(case, engine="fast", select=selector(case.data))


@pytest.mark.parametrize("case", SPARQL, ids=lambda case: case.name)
def test_fast_path_never_passes_over_sparql(case):
    with pytest.raises(ShapeError):
        validate(case.data, case.shapes, engine="fast")
