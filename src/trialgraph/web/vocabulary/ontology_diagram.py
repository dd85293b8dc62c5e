"""The map at the top of the ontology page: the main classes and the properties between them, as SVG.

Each box and arrow is a term of the ontology; a test holds them to it.

>>> arrow = next(arrow for arrow in arrows() if arrow.name == "arm")
>>> arrow.x2 > arrow.x1
True
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WIDTH, HEIGHT = 164, 38
_COLUMN, _ROW = 244, 80
_MARGIN, _TOP = 8, 26

_PLACES: Final = {
    "RegistryRecord": (0, 0), "Organization": (0, 1), "Condition": (0, 2), "Site": (0, 3), "Statement": (0, 4),
    "Trial": (1, 1.5), "SourceDocument": (1, 4),
    "Arm": (2, 0.5), "DoseEscalation": (2, 1.5), "SafetyAssessment": (2, 4), "OutcomeMeasure": (2, 3),
    "Regimen": (3, 0), "RadiotherapyCourse": (3, 1), "DoseLevel": (3, 2), "Comparison": (3, 3), "Endpoint": (3, 4),
    "DoseSpecification": (4, 0), "Quantity": (4, 1.5), "ResponseCategory": (4, 4),
    "Intervention": (5, 0), "Drug": (5, 1.5), "Target": (5, 3),
}  # fmt: skip
EDGES: Final = (
    ("Trial", "record", "RegistryRecord"), ("Trial", "sponsor", "Organization"), ("Trial", "condition", "Condition"),
    ("Trial", "site", "Site"), ("Trial", "arm", "Arm"), ("Trial", "doseEscalation", "DoseEscalation"),
    ("Trial", "outcome", "OutcomeMeasure"), ("Trial", "safetyAssessment", "SafetyAssessment"),
    ("Arm", "regimen", "Regimen"), ("Arm", "radiotherapy", "RadiotherapyCourse"),
    ("DoseEscalation", "doseLevel", "DoseLevel"), ("Regimen", "doseSpecification", "DoseSpecification"),
    ("DoseSpecification", "dose", "Quantity"), ("RadiotherapyCourse", "totalDose", "Quantity"),
    ("DoseLevel", "dose", "Quantity"), ("DoseSpecification", "intervention", "Intervention"),
    ("Intervention", "drug", "Drug"), ("Drug", "target", "Target"), ("OutcomeMeasure", "comparison", "Comparison"),
    ("OutcomeMeasure", "endpoint", "Endpoint"),
    ("Endpoint", "responseCategory", "ResponseCategory"), ("Statement", "source", "SourceDocument"),
)  # fmt: skip
SIZE: Final = (_MARGIN * 2 + 5 * _COLUMN + WIDTH, _TOP + _MARGIN + 4 * _ROW + HEIGHT)
READING_ORDER: Final = (
    "Trial", "Arm", "Regimen", "DoseSpecification", "Quantity", "Intervention", "Drug", "Target",
    "RadiotherapyCourse", "DoseEscalation", "DoseLevel", "OutcomeMeasure", "Endpoint", "ResponseCategory",
    "Comparison", "SafetyAssessment", "Condition", "Organization", "Site", "RegistryRecord", "Statement",
    "SourceDocument",
)  # fmt: skip
"""The classes of the map in the order in which they are best read."""


@dataclass(frozen=True)
class Box:
    """A class, by its upper left corner."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Arrow:
    """A property from one class to another, from edge to edge, with its label beside the middle."""

    name: str
    x1: float
    y1: float
    x2: float
    y2: float
    is_steep: bool

    @property
    def middle(self) -> tuple[float, float]:
        """Where the label stands."""
        x, y = (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2
        if self.is_steep:
            return x + 6, y + 4
        # Beside a level arrow there is no room between the boxes for a long name, but above them there is.
        return x, y - (HEIGHT / 2 + 4 if self.y1 == self.y2 else 5)


def boxes() -> list[Box]:
    """Return the classes."""
    return [Box(name, _MARGIN + x * _COLUMN, _TOP + y * _ROW) for name, (x, y) in _PLACES.items()]


def arrows() -> Iterator[Arrow]:
    """Yield the properties."""
    at = {box.name: box for box in boxes()}
    for source, name, target in EDGES:
        one, other = at[source], at[target]
        is_steep = one.x == other.x
        if is_steep:
            below = other.y > one.y
            middle = one.x + WIDTH / 2
            yield Arrow(name, middle, one.y + HEIGHT * below, middle, other.y + HEIGHT * (not below), is_steep)
        else:
            right = other.x > one.x
            yield Arrow(
                name,
                one.x + WIDTH * right,
                one.y + HEIGHT / 2,
                other.x + WIDTH * (not right),
                other.y + HEIGHT / 2,
                is_steep,
            )
