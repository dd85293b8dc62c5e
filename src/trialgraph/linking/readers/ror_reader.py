"""ROR: the dump of research organizations, schema 2 or 1, plain or in its zip.

An acronym is the acronym of many, so its scope is `related`: a name that counts only where something else agrees.
Withdrawn organizations are left out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Edition, Item, Name, Term, TermMapping

_ID: Final = re.compile(r"(?:https://ror\.org/)?(0[a-z0-9]{8})")
_VERSION: Final = re.compile(r"v(\d+\.\d+(?:\.\d+)?)-(\d{4}-\d{2}-\d{2})")
_FILE: Final = re.compile(r".*ror.*\.json", re.IGNORECASE)
COUNTRY: Final = "schema:addressCountry"
"""Predicate of the mapping from an organization to its country (`ISO3166-1:US`)."""


class _Label(msgspec.Struct):
    value: str
    types: list[str] = []


class _GeoNames(msgspec.Struct):
    country_code: str = ""


class _Location(msgspec.Struct):
    geonames_details: _GeoNames = msgspec.field(default_factory=_GeoNames)


class _Relationship(msgspec.Struct):
    type: str = ""
    id: str = ""


class _OldLabel(msgspec.Struct):
    label: str = ""


class _Country(msgspec.Struct):
    country_code: str = ""


class _Organization(msgspec.Struct):
    id: str
    status: str = "active"
    names: list[_Label] = []
    locations: list[_Location] = []
    relationships: list[_Relationship] = []
    name: str = ""
    aliases: list[str] = []
    acronyms: list[str] = []
    labels: list[_OldLabel] = []
    country: _Country | None = None


def read_ror(files: Sequence[Member]) -> Iterator[Item]:
    """Yield the organizations with their names, the one above each, and its country. Raises SourceError."""
    members = [member for member in files if _FILE.fullmatch(member.basename) or not member.archived]
    newest = [member for member in members if "schema_v2" in member.basename] or members
    for member in newest:
        if found := _VERSION.search(member.basename):
            yield Edition(found[1], found[2])
        try:
            organizations = msgspec.json.decode(member.content(), type=list[_Organization])
        except msgspec.DecodeError as error:
            raise member.error(
                f"it is no dump of ROR: {error}", "take …-ror-data_schema_v2.json or its zip"
            ) from None
        for organization in organizations:
            if organization.status != "withdrawn":
                yield from _organization(organization)


def _organization(organization: _Organization) -> Iterator[Item]:
    id_ = _curie(organization.id)
    names = list(_names(organization))
    label = next((name.text for name in names if name.scope == "label"), "")
    if not id_ or not label:
        return
    parents = sorted(
        {_curie(related.id) for related in organization.relationships if related.type.lower() == "parent"}
    )
    others = tuple(name for name in names if name.text != label)
    yield Term(id_, label, "organization", others, tuple(filter(None, parents)))
    codes = {location.geonames_details.country_code for location in organization.locations}
    codes |= {organization.country.country_code} if organization.country else set()
    for code in sorted(filter(None, codes)):
        yield TermMapping(id_, COUNTRY, f"ISO3166-1:{code}", label)


def _names(organization: _Organization) -> Iterator[Name]:
    for name in organization.names:
        scope = "label" if "ror_display" in name.types else "exact"
        yield Name(name.value, "related" if name.types == ["acronym"] else scope)
    if organization.name:
        yield Name(organization.name, "label")
    yield from (Name(text, "exact") for text in organization.aliases)
    yield from (Name(old.label, "exact") for old in organization.labels)
    yield from (Name(text, "related") for text in organization.acronyms)


def _curie(id_: str) -> str:
    found = _ID.fullmatch(id_)
    return f"ROR:{found[1]}" if found else ""
