"""Random graphs and random shapes: the fast path and pySHACL report the same."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.validation_agreement import assert_same_verdicts

from trialgraph.errors import ShapeError
from trialgraph.terms import RDF_TYPE, TRUE, XSD, Triple, boolean, integer, language, string, typed
from trialgraph.validation import read_shapes
from trialgraph.validation.shacl_terms import RDF_FIRST, RDF_NIL, RDF_REST, RDFS_SUBCLASS, sh

EX = "https://example.org/"
NODES = [f"<{EX}{name}>" for name in "abcd"] + ["_:x", "_:y"]
CLASSES = [f"<{EX}{name}>" for name in ("C", "D", "E")]
PREDICATES = [f"<{EX}{name}>" for name in "pqr"]
LITERALS = [
    integer(1), integer(2), integer(10), typed("01", XSD + "integer"), typed("x", XSD + "integer"),
    typed("1.5", XSD + "decimal"), typed("2.0E0", XSD + "double"), typed("300", XSD + "byte"),
    string("a"), string("b"), string("abc"), string(""), language("a", "en"), language("b", "en"),
    language("a", "de-at"), boolean(True), boolean(False), typed("2024-01-31", XSD + "date"),
    typed("2024-06-01", XSD + "date"), typed("2024-02-30", XSD + "date"), typed("2024-06", XSD + "gYearMonth"),
    typed("2024-06-01T10:00:00", XSD + "dateTime"), typed("2024-06-01T10:00:00Z", XSD + "dateTime"),
]  # fmt: skip
LIMITS = [term for term in LITERALS if "@" not in term]
DATATYPES = ["string", "integer", "decimal", "boolean", "date", "dateTime", "gYearMonth", "byte"]
KINDS = ["IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]

graphs = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(NODES), st.just(RDF_TYPE), st.sampled_from(CLASSES)),
        st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES + LITERALS)),
        st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES + LITERALS)),
    ),
    max_size=14,
)
axioms = st.lists(st.tuples(st.sampled_from(CLASSES), st.just(RDFS_SUBCLASS), st.sampled_from(CLASSES)), max_size=2)


class Drawn:
    """A shapes graph while it is drawn."""

    def __init__(self, draw) -> None:
        self.draw = draw
        self.triples: list[Triple] = []
        self.labels = 0

    def one(self, options):
        return self.draw(st.sampled_from(options))

    def number(self):
        return integer(self.draw(st.integers(0, 3)))

    def label(self):
        self.labels += 1
        return f"_:s{self.labels}"

    def list(self, members):
        head = RDF_NIL
        for member in reversed(members):
            cell = self.label()
            self.triples += [(cell, RDF_FIRST, member), (cell, RDF_REST, head)]
            head = cell
        return head

    def add(self, subject, name, value):
        self.triples.append((subject, sh(name), value))

    def path(self, depth=0):
        kind = self.one(
            ["predicate"] * (3 if depth < 2 else 1) + (["inverse", "sequence", "other"] if depth < 2 else [])
        )
        if kind == "predicate":
            return self.one(PREDICATES)
        if kind == "sequence":
            return self.list([self.path(depth + 1), self.path(depth + 1)])
        label = self.label()
        if kind == "inverse":
            self.add(label, "inversePath", self.one(PREDICATES))
        else:
            name = self.one(["alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"])
            step = self.path(depth + 1)
            self.add(label, name, self.list([step, self.one(PREDICATES)]) if name == "alternativePath" else step)
        return label

    def shape(self, depth=0, with_path=None, name=None):
        name = name or self.label()
        if with_path is None:
            with_path = self.one([True, False])
        if with_path:
            self.add(name, "path", self.path())
        else:
            self.triples.append((name, RDF_TYPE, sh("NodeShape")))
        options = ["value", "value", "pair", "set"] + (["nested", "nested"] if depth < 2 else [])
        for _ in range(self.draw(st.integers(1, 2))):
            getattr(self, self.one(options))(name, depth, with_path)
        if self.draw(st.integers(0, 9)) == 0:
            self.add(name, "deactivated", TRUE)
        if self.draw(st.integers(0, 3)) == 0:
            self.add(name, "severity", sh(self.one(["Warning", "Info"])))
            self.add(name, "message", self.one([string("not so"), language("not so", "en")]))
        return name

    def value(self, name, _depth, _with_path):
        term = self.one(
            ["class", "datatype", "nodeKind", "minInclusive", "maxExclusive", "minExclusive", "maxInclusive",
             "minLength", "maxLength", "pattern", "languageIn", "in"]
        )  # fmt: skip
        self.add(name, term, {
            "class": lambda: self.one(CLASSES),
            "datatype": lambda: f"<{XSD}{self.one(DATATYPES)}>",
            "nodeKind": lambda: sh(self.one(KINDS)),
            "minLength": lambda: self.one([integer(1), integer(3)]),
            "maxLength": self.number,
            "pattern": lambda: string(self.one(["^a", "b", "[0-9]+", "C$", "^$"])),
            "languageIn": lambda: self.list([string(self.one(["en", "de", "fr"]))]),
            "in": lambda: self.list(self.draw(st.lists(st.sampled_from(LITERALS + NODES[:4]), max_size=3))),
        }.get(term, lambda: self.one(LIMITS))())  # fmt: skip

    def pair(self, name, _depth, with_path):
        terms = ["equals", "disjoint"] + (["lessThan", "lessThanOrEquals"] if with_path else [])
        self.add(name, self.one(terms), self.one(PREDICATES))

    def set(self, name, _depth, with_path):
        term = self.one(["hasValue", "closed"] + (["minCount", "maxCount", "uniqueLang"] if with_path else []))
        if term == "closed":
            self.add(name, "ignoredProperties", self.list([self.one([RDF_TYPE, PREDICATES[0]])]))
        self.add(name, term, {
            "hasValue": lambda: self.one(LITERALS + NODES[:4]),
            "minCount": self.number,
            "maxCount": self.number,
        }.get(term, lambda: TRUE)())  # fmt: skip

    def nested(self, name, depth, with_path):
        term = self.one(["node", "property", "not", "and", "or", "xone"] + (["qualified"] if with_path else []))
        if term == "property":
            self.add(name, term, self.shape(depth + 1, with_path=True))
        elif term in ("node", "not"):
            self.add(name, term, self.shape(depth + 1))
        elif term == "qualified":
            self.add(name, "qualifiedValueShape", self.shape(depth + 1))
            self.add(name, self.one(["qualifiedMinCount", "qualifiedMaxCount"]), self.number())
            if self.one([True, False]):
                self.add(name, "qualifiedValueShapesDisjoint", TRUE)
        else:
            self.add(name, term, self.list([self.shape(depth + 1), self.shape(depth + 1)]))


@st.composite
def shapes_graphs(draw):
    drawn = Drawn(draw)
    for number in range(draw(st.integers(1, 2))):
        name = drawn.shape(name=f"<{EX}Shape{number}>")
        for _ in range(draw(st.integers(1, 2))):
            target = drawn.one(["targetClass", "targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"])
            options = {"targetClass": CLASSES, "targetNode": NODES[:4] + LITERALS}.get(target, PREDICATES)
            drawn.add(name, target, drawn.one(options))
    return list(dict.fromkeys(drawn.triples))


def _read(triples):
    try:
        return read_shapes(triples)
    except ShapeError:
        assume(False)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(graphs, axioms, shapes_graphs())
def test_the_engines_agree(graph, subclass_axioms, shapes):
    assert_same_verdicts(list(dict.fromkeys([*graph, *subclass_axioms])), _read(shapes))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(graphs, graphs, axioms, shapes_graphs())
def test_the_engines_agree_with_a_background(graph, known, subclass_axioms, shapes):
    assert_same_verdicts(list(dict.fromkeys(graph)), _read(shapes), background=(*known, *subclass_axioms))
