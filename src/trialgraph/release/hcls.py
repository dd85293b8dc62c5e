"""The HCLS community profile for dataset descriptions as a table (W3C note, 14 May 2015, section 5).

Each row is an element with the properties that give it, what its values are, and its requirement at the summary,
the version and the distribution level. `shapes/description.ttl` says the same in SHACL; a test compares the two.

>>> title = ELEMENTS[2]
>>> title.name, title.properties, title.level("summary")
('title', ('dcterms:title',), 'MUST')
"""

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["summary", "version", "distribution"]
LEVELS: Final[tuple[Level, ...]] = ("summary", "version", "distribution")


@dataclass(frozen=True)
class Element:
    """A row of the profile."""

    name: str
    properties: tuple[str, ...]
    """Prefixed names; any one of them gives the element."""
    value: str
    """`iri`, `text` (with a language), `string`, `date`, `number`, or the classes one of which is meant."""
    requirements: tuple[str, str, str]

    def level(self, level: Level) -> str:
        """Return the requirement at a level: MUST, SHOULD, MAY, SHOULD NOT or MUST NOT; empty: nothing is said."""
        return self.requirements[LEVELS.index(level)]


_CODES: Final = {"M": "MUST", "S": "SHOULD", "m": "MAY", "s": "SHOULD NOT", "N": "MUST NOT", "-": ""}

# name | properties | value | summary version distribution, as M(UST), S(HOULD), m(ay), N (must not), s(hould not)
_TABLE: Final = """
type of dataset         | rdf:type                                       | dctypes:Dataset                | M M S
type of distribution    | rdf:type                                       | void:Dataset dcat:Distribution | N N M
title                   | dcterms:title                                                  | text           | M M M
alternative title       | dcterms:alternative                                            | text           | m m m
description             | dcterms:description                                            | text           | M M M
date of creation        | dcterms:created                                                | date           | N S S
other date              | pav:createdOn pav:authoredOn pav:curatedOn                     | date           | N m m
creator                 | dcterms:creator                                                | iri            | N M M
contributor             | dcterms:contributor pav:createdBy pav:authoredBy pav:curatedBy | iri            | N m m
publisher               | dcterms:publisher                                              | iri            | M M M
date of issue           | dcterms:issued                                                 | date           | N S S
page                    | foaf:page                                                      | iri            | S S S
logo                    | schema:logo                                                    | iri            | S S S
keyword                 | dcat:keyword                                                   | string         | m m m
licence                 | dcterms:license                                                | iri            | m S M
rights                  | dcterms:rights                                                 | text           | m m m
language                | dcterms:language                                               | iri            | N S S
reference               | dcterms:references                                             | iri            | m m m
theme                   | dcat:theme                                                     | iri            | m m m
vocabulary              | void:vocabulary                                                | iri            | N N S
standard                | dcterms:conformsTo                                             | iri            | N m S
related material        | rdfs:seeAlso                                                   | iri            | m m m
partition               | dcterms:hasPart                                                | iri            | m m N
preferred prefix        | idot:preferredPrefix                                           | string         | m m m
alternate prefix        | idot:alternatePrefix                                           | string         | m m m
identifier pattern      | idot:identifierPattern                                         | string         | N N m
IRI pattern             | void:uriRegexPattern                                           | string         | N N m
file access pattern     | idot:accessPattern                                             | iri            | N N m
example identifier      | idot:exampleIdentifier                                         | string         | N N S
example resource        | void:exampleResource                                           | iri            | N N S
version                 | pav:version                                                    | string         | N M S
version of              | dcterms:isVersionOf                                            | iri            | N M N
previous version        | pav:previousVersion                                            | iri            | N S S
current version         | pav:hasCurrentVersion                                          | iri            | m N N
source                  | dcterms:source pav:retrievedFrom prov:wasDerivedFrom           | iri            | N S S
creation tool           | pav:createdWith                                                | iri            | N S S
update frequency        | dcterms:accrualPeriodicity                                     | iri            | S N N
distribution            | dcat:distribution                                              | iri            | N S N
format                  | dcterms:format                                                 | iri string     | N N M
folder of files         | dcat:accessURL                                                 | iri            | m m m
address of the file     | dcat:downloadURL                                               | iri            | N N S
size in bytes           | dcat:byteSize                                                  | number         | N N S
address of an RDF file  | void:dataDump                                                  | iri            | N N S
SPARQL endpoint         | void:sparqlEndpoint                                            | iri            | S s s
landing page            | dcat:landingPage                                               | iri            | N m m
linkset                 | void:subset                                                    | iri            | N N S
number of triples       | void:triples                                                   | number         | N N S
number of entities      | void:entities                                                  | number         | N N S
number of subjects      | void:distinctSubjects                                          | number         | N N S
number of properties    | void:properties                                                | number         | N N S
number of objects       | void:distinctObjects                                           | number         | N N S
partition by class      | void:classPartition                                            | iri            | N N S
partition by property   | void:propertyPartition                                         | iri            | N N m
"""


def _element(row: str) -> Element:
    name, properties, value, codes = (cell.strip() for cell in row.split("|"))
    summary, version, distribution = (_CODES[code] for code in codes.split())
    return Element(name, tuple(properties.split()), value, (summary, version, distribution))


ELEMENTS: Final = tuple(_element(row) for row in _TABLE.strip().splitlines())
RDF_ONLY: Final = (
    "void:vocabulary void:exampleResource void:dataDump void:subset void:triples void:entities "
    "void:distinctSubjects void:properties void:distinctObjects void:classPartition idot:exampleIdentifier"
).split()
"""What tells what a distribution holds; ours stands once, at the RDF distribution, not at each file of it."""
