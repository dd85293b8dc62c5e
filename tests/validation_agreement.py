"""Both engines on the same data: they must report the same results, down to the messages.

`assert_same_verdicts` is for every test that has triples and shapes: of a record as it came, or damaged on purpose.
pySHACL differs from the standards in places that the fast path does not copy; data that touch them cannot be
compared:

- lexical forms that Python reads and XML Schema does not (`"1_0"^^xsd:integer`, `"1e5"^^xsd:decimal`, a dateTime
  without a time), years outside 0001 to 9999, dates with a time zone, fractions finer than a microsecond;
- `sh:minLength 0` at a blank node, which is a violation;
- `sh:inversePath` of a sequence, which pySHACL does not reverse;
- `sh:languageIn` with a range of two parts and a tag of three;
- `sh:flags` other than `i` and `m`, which pySHACL passes over.
"""

from collections import Counter

from trialgraph.terms import Triple
from trialgraph.validation import Shapes, ValidationReport, compile_shapes, validate


def assert_same_verdicts(
    triples: list[Triple], shapes: Shapes, *, background: tuple[Triple, ...] = ()
) -> ValidationReport:
    """Validate with both engines, assert that the results are the same, and return the report."""
    reference = validate(triples, shapes, background=background)
    fast = ValidationReport.of(compile_shapes(shapes, background=background).check(triples))
    missing = Counter(reference.results) - Counter(fast.results)
    extra = Counter(fast.results) - Counter(reference.results)
    assert not missing, f"only pySHACL finds {list(missing)}"
    assert not extra, f"only the fast path finds {list(extra)}"
    return fast
