"""What stands around a thing: partners, comparators, targets, conditions; as a drawing to walk.

Each row of `_AROUND` is one kind of neighbour, asked of the graph or taken from the facets of its trials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from trialgraph.resource.select import Asking
from trialgraph.terms import Term, lexical
from trialgraph.vocabulary import PREFIXES, prologue
from trialgraph.web.context.node import Node, page_address
from trialgraph.web.context.trial_groups import TrialGroup

_MOST: Final = 6
"""Neighbours of a kind in the drawing, the most frequent."""
_PROLOGUE: Final = prologue("tg", "rdfs", "skos")
_BESIDE: Final = "?i tg:drug {thing} . ?arm tg:intervention ?i . ?trial tg:arm ?arm . "
_AROUND: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Drug": (
        ("Acts on", "{thing} tg:target ?other"),
        ("Given with", _BESIDE + "?arm tg:intervention/tg:drug ?other"),
        (
            "Compared with",
            _BESIDE + "?trial tg:arm ?against . ?against tg:intervention/tg:drug ?other "
            "FILTER NOT EXISTS {{ ?against tg:intervention/tg:drug {thing} }} "
            "FILTER NOT EXISTS {{ ?arm tg:intervention/tg:drug ?other }}",
        ),
        ("Studied in", "condition"),
        ("Run by", "sponsor"),
    ),
    "Target": (
        (
            "Drugs that act on it",
            "?other tg:target {thing} ; a tg:Drug OPTIONAL {{ ?trial tg:intervention/tg:drug ?other }}",
        ),
        ("Studied in", "condition"),
        ("Run by", "sponsor"),
    ),
    "Disease": (
        ("Part of", "{thing} skos:broader ?other"),
        ("Narrower", "?other skos:broader {thing} OPTIONAL {{ ?trial tg:studiesDisease ?other }}"),
        ("Drugs given", "drug"),
        ("Targets", "target"),
        ("Run by", "sponsor"),
    ),
    "Endpoint": (
        ("Group", "{thing} skos:broader ?other"),
        ("Narrower", "?other skos:broader {thing} OPTIONAL {{ ?trial tg:outcome/tg:endpoint ?other }}"),
        ("Measured in", "condition"),
        ("Drugs given", "drug"),
    ),
    "Organization": (("Studies", "condition"), ("Gives", "drug"), ("Targets", "target")),
}
"""By class, in the order of the drawing: a title, and a pattern for `?other` and `?trial`, or the name of a facet."""
BOX: Final = (250, 30)
_ROW, _HEAD, _GAP, _CENTRE = 38, 26, 14, (200, 46)
WIDTH: Final = 900
_ROOM: Final = 226
"""Pixels that a label may take in a box."""
_LETTERS: Final = (("iljtfrI.,:;'|!()[]- ", 5.2), ("mwMW@%", 12.0), ("ABCDEFGHJKLNOPQRSTUVXYZ", 9.6))
"""Pixels of letters of the drawing, at most; of any other letter 8.4."""
_WIDEST: Final = 7.0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing beside another: its label, its page, and in how many trials both are; 0 where that is not counted."""

    label: str
    page: str
    trials: int

    @property
    def short(self) -> str:
        """Its label, cut to what a box holds."""
        return fitting(self.label)


@dataclass(frozen=True, slots=True)
class NeighbourGroup:
    """Neighbours of one kind, most frequent first."""

    title: str
    members: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A neighbour in the drawing: the upper left corner of its box, and the curve from the centre."""

    neighbour: Neighbour
    x: int
    y: int
    curve: str
    thickness: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The neighbours of a thing, and where each stands in the drawing."""

    groups: tuple[NeighbourGroup, ...]
    boxes: tuple[PlacedBox, ...]
    heads: tuple[tuple[str, int, int], ...]
    """The title of each group with its place."""
    height: int

    @property
    def centre(self) -> tuple[int, int, int, int]:
        """The box of the thing itself: x, y, width, height."""
        width, height = _CENTRE
        return (WIDTH - width) // 2, (self.height - height) // 2, width, height


@dataclass(frozen=True, slots=True)
class UsedDose:
    """A dose of a drug, as trials give it, and in how many."""

    dose: str
    route: str
    frequency: str
    trials: int


def fitting(label: str, room: float = _ROOM) -> str:
    """Return a label, cut with an ellipsis where its letters take more room than there is, in pixels.

    >>> fitting("non-small cell lung carcinoma"), fitting("MMMMMMMMMMMMMMMMMMMMMMMM")
    ('non-small cell lung carcinoma', 'MMMMMMMMMMMMMMMMM…')
    """
    taken = 0.0
    for at, letter in enumerate(label):
        taken += next((width for letters, width in _LETTERS if letter in letters), 8.4)
        if taken > room:
            return label[: at - 1].rstrip() + "…"
    return label


def neighbourhood(asking: Asking, node: Node, trials: TrialGroup | None) -> Neighbourhood | None:
    """Return what stands around a thing; None where nothing does, or where its class has no such table.

    Raises QueryError.
    """
    kinds = (kind.iri.removeprefix(PREFIXES["tg"]) for kind in node.types)
    rows = next((_AROUND[kind] for kind in kinds if kind in _AROUND), ())
    groups = []
    for title, what in rows:
        members = _asked(asking, node.term, what) if "?" in what else _of_facet(trials, what)
        if members:
            groups.append(NeighbourGroup(title, members))
    return _placed(groups) if groups else None


def _asked(asking: Asking, thing: Term, pattern: str) -> tuple[Neighbour, ...]:
    rows = asking.rows(
        f"{_PROLOGUE}SELECT ?other (SAMPLE(?name) AS ?label) (COUNT(DISTINCT ?trial) AS ?trials) {{ "
        f"{pattern.format(thing=thing)} . ?other rdfs:label ?name FILTER(?other != {thing}) }} "
        f"GROUP BY ?other ORDER BY DESC(?trials) ?label LIMIT {_MOST}"
    )
    found = ((row, page_address(row["other"])) for row in rows if "other" in row)
    return tuple(Neighbour(lexical(row["label"]), page, int(lexical(row["trials"]))) for row, page in found if page)


def _of_facet(trials: TrialGroup | None, facet: str) -> tuple[Neighbour, ...]:
    counts = next((each for each in trials.neighbours if each.name == facet), None) if trials else None
    values = counts.values[:_MOST] if counts else ()
    return tuple(Neighbour(each.label, f"/page/{each.value}", each.trials) for each in values)


def _placed(groups: Sequence[NeighbourGroup]) -> Neighbourhood:
    """Return the groups on both sides of the centre, each side as high as the other if possible."""
    sides: tuple[list[NeighbourGroup], list[NeighbourGroup]] = ([], [])
    heights = [0, 0]
    for group in groups:
        side = int(heights[1] < heights[0])
        sides[side].append(group)
        heights[side] += _HEAD + _ROW * len(group.members) + _GAP
    height = max(*heights, 120)
    most = max((each.trials for group in groups for each in group.members), default=0)
    boxes: list[PlacedBox] = []
    heads: list[tuple[str, int, int]] = []
    for side, listed in enumerate(sides):
        x, y = (WIDTH - BOX[0] - 1) * side, (height - heights[side]) // 2
        for group in listed:
            heads.append((group.title, x, y + _HEAD - 10))
            y += _HEAD
            for each in group.members:
                boxes.append(PlacedBox(each, x, y, _curve(side, x, y, height), _thickness(each.trials, most)))
                y += _ROW
            y += _GAP
    return Neighbourhood(tuple(groups), tuple(boxes), tuple(heads), height)


def _curve(side: int, x: int, y: int, height: int) -> str:
    """Return the path from the edge of the centre to the edge of a box."""
    start = (WIDTH + _CENTRE[0] * (1 if side else -1)) // 2
    end, level = (x if side else x + BOX[0]), y + BOX[1] // 2
    middle = (start + end) // 2
    return f"M{start} {height // 2}C{middle} {height // 2} {middle} {level} {end} {level}"


def _thickness(trials: int, most: int) -> float:
    """Return how thick a line is: the more trials, the thicker.

    >>> _thickness(0, 40), _thickness(10, 40), _thickness(40, 40)
    (1.0, 3.5, 7.0)
    """
    return round(max(1.0, _WIDEST * (trials / most) ** 0.5), 1) if most else 1.0


def doses_used(asking: Asking, drug: Term) -> tuple[UsedDose, ...]:
    """Return the doses in which trials give a drug, the most frequent first; doses that may be of another are not.

    Raises QueryError.
    """
    rows = asking.rows(
        f"{_PROLOGUE}SELECT ?dose ?route ?often (COUNT(DISTINCT ?trial) AS ?trials) {{ {_doses_of(drug)} }} "
        "GROUP BY ?dose ?route ?often ORDER BY DESC(?trials) ?dose ?route ?often LIMIT 15"
    )
    return tuple(
        UsedDose(
            lexical(row["dose"]),
            lexical(row["route"]) if "route" in row else "",
            lexical(row["often"]) if "often" in row else "",
            int(lexical(row["trials"])),
        )
        for row in rows
        if "dose" in row
    )


def _doses_of(drug: Term) -> str:
    return (
        f"?specification tg:drug {drug} . "
        f"FILTER NOT EXISTS {{ ?specification tg:drug ?more FILTER(?more != {drug}) }} "
        "?trial tg:arm/tg:doseSpecification ?specification . "
        "?specification tg:dose/rdfs:label ?dose OPTIONAL { ?specification tg:route/rdfs:label ?route } "
        "OPTIONAL { ?specification tg:frequency/rdfs:label ?often }"
    )


def doses_query(drug: str) -> str:
    """Return the address of the query that lists each dose of a drug with its trial.

    >>> doses_query("https://w3id.org/trialgraph/id/drug/x").startswith("/sparql?query=PREFIX+tg")
    True
    """
    pattern = _doses_of(f"<{drug}>").replace(" . ", " .\n  ").replace(" OPTIONAL", "\n  OPTIONAL")
    query = f"{_PROLOGUE}SELECT DISTINCT ?trial ?dose ?route ?often {{\n  {pattern}\n}}"
    return "/sparql?" + urlencode({"query": query})
