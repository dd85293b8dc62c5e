"""Criteria on the page of a trial: by side, in their order, as deep as they stand; requirements by how they are asked."""

from trialgraph.web.things.trial_page import _criteria, _requirements


class Thing:
    """As much of a node as the page asks of it."""

    def __init__(self, term, **values):
        self.term, self.values = term, values
        self.label, self.name = values.get("label", term), values.get("name", term)

    def many(self, name):
        return self.values.get(name, [])

    def one(self, name):
        return next(iter(self.many(name)), None)

    def text(self, name):
        return self.values.get(name, "")


INCLUSION, EXCLUSION = Thing("inclusion"), Thing("exclusion")
TYPE, VALUE = Thing("laboratory"), Thing("Platelet count ≥ 100 10*9/L")


def test_criteria_stand_by_side_in_their_order():
    first = Thing("1", position="1", criterionSide=[INCLUSION], criterionType=[TYPE])
    under = Thing("2", position="2", criterionSide=[INCLUSION], underCriterion=[first], threshold=[VALUE])
    third = Thing("3", position="10", criterionSide=[EXCLUSION])
    fourth = Thing("4", position="11")
    found = _criteria(Thing("trial", criterion=[third, under, fourth, first]))
    assert [(side, [row.criterion.term for row in rows]) for side, rows in found] == [
        ("Inclusion", ["1", "2"]),
        ("Exclusion", ["3"]),
        ("Neither", ["4"]),
    ]
    assert [row.depth for row in found[0][1]] == [0, 1]
    assert found[0][1][1].thresholds == [VALUE]


def test_what_is_required_comes_first():
    allowed = Thing("a", position="1", requirement=[Thing("allowed", name="ALLOWED")])
    required = Thing("b", position="2", requirement=[Thing("required", name="REQUIRED")])
    found = _requirements(Thing("trial", populationRequirement=[allowed, required]))
    assert [(asked, [node.term for node in nodes]) for asked, nodes in found] == [
        ("Required", ["b"]),
        ("Allowed", ["a"]),
    ]
