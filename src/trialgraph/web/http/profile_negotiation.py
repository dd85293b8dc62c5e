"""Content Negotiation by Profile (W3C): how much of a resource, and in whose words.

A client names a profile by `_profile=token` or by `Accept-Profile: <uri>`; `_profile=alt` lists them all.

>>> choose_profile("schema", "").token
'schema'
>>> choose_profile("", "<https://example.org/other>, <https://schema.org/>;q=0.8").token
'schema'
"""

import re
from dataclasses import dataclass
from typing import Final

from trialgraph.vocabulary import BASE


@dataclass(frozen=True)
class Profile:
    """One way of describing a resource."""

    token: str
    iri: str
    title: str
    definition: str


FULL: Final = Profile(
    "full",
    BASE + "ontology#",
    "full",
    "Every statement about the resource and its parts, with the labels of what they point to.",
)
MINIMAL: Final = Profile(
    "minimal", BASE + "profile/minimal", "minimal", "The statements about the resource itself, nothing else."
)
LABELS: Final = Profile(
    "labels",
    BASE + "profile/labels",
    "labels",
    "The label and the class of the resource, and the labels of its parts and of what they point to.",
)
SCHEMA: Final = Profile(
    "schema", "https://schema.org/", "schema.org", "What schema.org has words for, such as MedicalTrial and Drug."
)
ALTERNATES: Final = Profile(
    "alt",
    "http://www.w3.org/ns/dx/connegp/altr",
    "alternates",
    "The list of the profiles and formats that there are of the resource.",
)
PROFILES: Final = (FULL, MINIMAL, LABELS, SCHEMA, ALTERNATES)

_WANTED: Final = re.compile(r"<([^>]*)>\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?")


def by_token(token: str) -> Profile | None:
    """Return the profile of a token or an IRI."""
    return next((profile for profile in PROFILES if token in (profile.token, profile.iri)), None)


def choose_profile(token: str, accept_profile: str) -> Profile:
    """Return the profile asked for; the full one when none of those asked for is known.

    The query string goes before the header. Section 6.4 of the draft lets a server answer with a profile of its
    own choice, which it names in `Link`.
    """
    named = by_token(token) if token else None
    if named is not None:
        return named
    wanted = [(float(quality or 1), iri) for iri, quality in _WANTED.findall(accept_profile)]
    for quality, iri in sorted(wanted, key=lambda item: -item[0]):
        found = by_token(iri)
        if quality > 0 and found is not None:
            return found
    return FULL
