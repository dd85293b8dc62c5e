"""Typed links of a resource, for headers and for link sets.

RFC 8288 (Web Linking), RFC 9264 (Linkset), and the Signposting conventions: a landing page says how to cite it, what
describes it, what kind of thing it is about, its licence and who made it; each description says what it describes.

>>> header([Link("license", "https://spdx.org/licenses/CC0-1.0")])
'<https://spdx.org/licenses/CC0-1.0>; rel="license"'
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from trialgraph.formats import JSON_LD, N_TRIPLES, RDF_FORMATS, RDF_XML, TURTLE, RdfFormat
from trialgraph.web.http.profile_negotiation import FULL, PROFILES, Profile

CC0: Final = "https://spdx.org/licenses/CC0-1.0"
HEADER_FORMATS: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
"""Formats that a page announces in its headers; the link set announces all."""


@dataclass(frozen=True)
class Link:
    """A link with its relation, from whatever carries it."""

    relation: str
    target: str
    attributes: dict[str, str] = field(default_factory=dict, hash=False)


def header(links: Iterable[Link]) -> str:
    """Return links as the value of a `Link` header (RFC 8288, section 3)."""
    return ", ".join(
        f'<{link.target}>; rel="{link.relation}"' + "".join(f'; {k}="{v}"' for k, v in link.attributes.items())
        for link in links
    )


def linkset(links: dict[str, list[Link]]) -> bytes:
    """Return links by their anchor as `application/linkset+json` (RFC 9264, section 4.2)."""
    contexts = []
    for anchor, of_anchor in links.items():
        relations: dict[str, list[dict[str, str]]] = defaultdict(list)
        for link in of_anchor:
            relations[link.relation].append({"href": link.target, **link.attributes})
        contexts.append({"anchor": anchor, **relations})
    return json.dumps({"linkset": contexts}, indent=1).encode() + b"\n"


@dataclass(frozen=True)
class Addresses:
    """Where the representations of a resource are, all below the address of the server or relative to it."""

    path: str
    """What follows `/id/` in the name of the resource."""
    iri: str
    server: str = ""

    @property
    def page(self) -> str:
        """The page for people."""
        return f"{self.server}/page/{self.path}"

    def data(self, format_: RdfFormat, profile: Profile = FULL) -> str:
        """Return where the data are in a format."""
        query = "" if profile is FULL else f"?_profile={profile.token}"
        return f"{self.server}/data/{self.path}.{format_.extension}{query}"

    @property
    def linkset(self) -> str:
        """The links themselves."""
        return f"{self.server}/linkset/{self.path}"

    @property
    def home(self) -> str:
        """The landing page of the dataset."""
        return f"{self.server}/"


def of_page(addresses: Addresses, types: Iterable[str], *, every: bool = False) -> list[Link]:
    """Return the links of the page of a resource: Signposting level 1, or with `every` all of level 2."""
    formats = RDF_FORMATS if every else HEADER_FORMATS
    profile = {"profile": FULL.iri}
    described = [
        Link("describedby", addresses.data(format_), {"type": format_.media_type} | (profile if every else {}))
        for format_ in formats
    ]
    return [
        Link("cite-as", addresses.iri),
        Link("canonical", addresses.page),
        *described,
        *(Link("alternate", link.target, {"type": link.attributes["type"]}) for link in described),
        *(Link("type", type_) for type_ in types),
        Link("license", CC0),
        Link("author", addresses.home),
        Link("collection", addresses.home, {"type": "text/html"}),
        *([] if every else [Link("linkset", addresses.linkset, {"type": "application/linkset+json"})]),
    ]


def of_data(addresses: Addresses, format_: RdfFormat, profile: Profile) -> list[Link]:
    """Return the links of a description: what it describes, its profile, and its other forms."""
    others = [other for other in HEADER_FORMATS if other is not format_]
    return [
        Link("describes", addresses.page, {"type": "text/html"}),
        Link("about", addresses.iri),
        Link("canonical", addresses.data(format_, profile)),
        Link("profile", profile.iri),
        Link("license", CC0),
        Link("collection", addresses.home, {"type": "text/html"}),
        Link("alternate", addresses.page, {"type": "text/html"}),
        *(Link("alternate", addresses.data(other, profile), {"type": other.media_type}) for other in others),
        *(
            Link("alternate", addresses.data(format_, other), {"type": format_.media_type, "formats": other.iri})
            for other in PROFILES
            if other is not profile
        ),
        Link("linkset", addresses.linkset, {"type": "application/linkset+json"}),
    ]
