"""HCLS: every MUST, SHOULD and their opposites of the community profile, at its three levels."""

from typing import Final

from trialgraph.release.description_input import DATASET
from trialgraph.release.graph_builder import expand
from trialgraph.release.hcls import ELEMENTS, LEVELS, Element, Level
from trialgraph.score.checks import Check, yes
from trialgraph.score.criteria import Criterion, Outcome, Subject

_PREVIOUS: Final = "previous version"


def _current(subject: Subject) -> str:
    found = sorted(subject.values(DATASET, expand("pav:hasCurrentVersion")))
    return found[0][1:-1] if found else ""


def _check(element: Element, level: Level) -> Check:
    def check(subject: Subject) -> Outcome:
        version, wanted = _current(subject), "NOT" not in element.level(level)
        if wanted and element.name == _PREVIOUS and f"<{version}>" in subject.values(DATASET, expand("dcat:first")):
            return None, "this is the first version"
        focus = {"summary": DATASET, "version": version, "distribution": f"{version}/rdf"}[level]
        given = {o for name in element.properties for o in subject.values(focus, expand(name))}
        if element.properties == ("rdf:type",):
            given &= {f"<{expand(class_)}>" for class_ in element.value.split()}
        return yes(bool(given) == wanted, f"{len(given)} found")

    return check


HCLS: Final = tuple(
    Criterion(
        f"HCLS {level} {element.name}",
        f"HCLS {'MUST' if 'MUST' in element.level(level) else 'SHOULD'}",
        f"{level} level {element.level(level)} have: {element.name} ({' or '.join(element.properties)})",
        _check(element, level),
        f"correct {' or '.join(element.properties)} in the description, release/catalog.py",
    )
    for level in LEVELS
    for element in ELEMENTS
    if element.level(level) not in ("", "MAY")
)
