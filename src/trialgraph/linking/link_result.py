"""What linking says of a string: links with relation and tier, or why none, and every step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

EXACT: Final = "exact"
BROAD: Final = "broad"
COMPONENT: Final = "component"
SALT: Final = "salt"
RELATIONS: Final = (EXACT, BROAD, COMPONENT, SALT)
"""How a string relates to what it is linked to."""

PLACEBO: Final = "placebo"
CONTROL: Final = "control"
CLASS: Final = "class"
PROCEDURE: Final = "procedure"
NO_DISEASE: Final = "not-a-disease"
ABSENT: Final = "not-in-vocabularies"
AMBIGUOUS: Final = "ambiguous"
CELL: Final = "cell or gene product"
REASONS: Final = (PLACEBO, CONTROL, CLASS, PROCEDURE, NO_DISEASE, ABSENT, AMBIGUOUS, CELL)
"""Why a string is not linked."""


class NamedTerm(Protocol):
    """A term that bears a name; `trialgraph.linking.label_index.Entry` is one."""

    @property
    def id(self) -> str:
        """CURIE of the term."""
        ...

    @property
    def label(self) -> str:
        """Its preferred name."""
        ...

    @property
    def scope(self) -> str:
        """How the name relates to it."""
        ...

    @property
    def vocabulary(self) -> str:
        """Name of the vocabulary."""
        ...

    @property
    def kind(self) -> str:
        """`disease`, `drug` or another kind."""
        ...


class TermMapping(Protocol):
    """A mapping seen from one of its ends."""

    @property
    def target(self) -> str:
        """CURIE of the other end."""
        ...

    @property
    def predicate(self) -> str:
        """CURIE of the predicate."""
        ...


class NameIndex(Protocol):
    """What linking asks of the vocabularies; `LabelIndex` answers it, and so does a dictionary in a test."""

    def lookup(self, key: str) -> Sequence[NamedTerm]:
        """Return the terms that have a name with this key."""
        ...

    def among(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that `lookup` may find a name by."""
        ...

    def words(self) -> frozenset[str]:
        """Return the words of diseases' exact keys, and their plurals: what a misspelt word may be meant to be."""
        ...

    def mapping(self, id_: str) -> Sequence[TermMapping]:
        """Return the mappings of a term."""
        ...

    def label(self, id_: str) -> str | None:
        """Return the label of a term."""
        ...


@dataclass(frozen=True, slots=True)
class RecordContext:
    """What the record says around a string; it decides abbreviations and homonyms, never more."""

    title: str = ""
    conditions: tuple[str, ...] = ()
    mesh: tuple[tuple[str, str], ...] = ()
    """Identifiers (`MESH:D001943`, pads repaired) and terms that the registry's own algorithm gave the record."""
    other_names: tuple[str, ...] = ()
    description: str = ""
    type: str = ""

    def alone(self) -> "RecordContext":
        """Return the record without the other names of the intervention, for one part of several."""
        return RecordContext(self.title, self.conditions, self.mesh, (), self.description, self.type)


NO_RECORD: Final = RecordContext()
"""No record: what is said of a string by itself."""


class WatchedContext(RecordContext):
    """A record that tells whether it was asked: an answer that did not ask it holds for every record.

    >>> watched = WatchedContext(RecordContext(title="of losartan"))
    >>> watched.asked, watched.title, watched.asked
    (False, 'of losartan', True)
    """

    __slots__ = ("_asked", "_record")

    def __init__(self, record: RecordContext, asked: list[bool] | None = None) -> None:
        object.__setattr__(self, "_record", record)
        object.__setattr__(self, "_asked", [False] if asked is None else asked)

    def __getattribute__(self, name: str) -> object:
        if name.startswith("_") or name in {"asked", "alone"}:
            return object.__getattribute__(self, name)
        object.__getattribute__(self, "_asked")[0] = True
        return getattr(object.__getattribute__(self, "_record"), name)

    @property
    def asked(self) -> bool:
        """Whether anything of the record was looked at."""
        return bool(object.__getattribute__(self, "_asked")[0])

    def alone(self) -> RecordContext:
        """Return the record without other names; asking it counts as asking this one."""
        record: RecordContext = object.__getattribute__(self, "_record")
        return WatchedContext(record.alone(), object.__getattribute__(self, "_asked"))


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a string."""

    id: str
    label: str
    relation: str
    tier: str
    """Which row of `data/lexicons/linking/tiers.tsv` gave it."""
    matched: str
    """The string after preprocessing that was looked up."""
    vocabulary: str
    via: str = ""
    """The term whose exact match or label led here, empty for a hit of its own."""
    part: int = 0
    """For components: which thing of several, from 1; ids with one number are one thing."""
    brand: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried."""

    tier: str
    tried: str
    outcome: str


@dataclass(slots=True)
class Naming:
    """The answer for one string."""

    links: list[Link] = field(default_factory=list)
    none: str | None = None
    steps: list[Step] = field(default_factory=list)
    by_record: bool = True
    """Whether the record was asked; if not, the answer holds for the string in every record."""


_SMALLEST_GENUINE: Final = {"D": 66_000, "C": 580_000}


def repaired_mesh(id_: str) -> str:
    """Return a MeSH identifier without the zeros that the registry put into it before November 2024.

    Descriptors of nine digits begin at D000066388 and supplementary concepts at C000580000 or so; anything smaller
    is an identifier of six digits with three zeros too many.

    >>> repaired_mesh("D000003920"), repaired_mesh("D000077195"), repaired_mesh("C000024352")
    ('D003920', 'D000077195', 'C024352')
    """
    letter, digits = id_[:1].upper(), id_[1:]
    padded = len(digits) == 9 and digits.isdigit() and digits.startswith("000")
    if padded and int(digits) < _SMALLEST_GENUINE.get(letter, 0):
        return letter + digits[3:]
    return letter + digits
