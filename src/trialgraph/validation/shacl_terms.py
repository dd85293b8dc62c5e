"""The IRIs of SHACL, RDF and RDFS that this room names, as terms, and terms as a person reads them."""

import re
from typing import Final

from trialgraph.terms import Term
from trialgraph.vocabulary import PREFIXES

SHACL: Final = "http://www.w3.org/ns/shacl#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"

RDF_FIRST: Final = f"<{_RDF}first>"
RDF_REST: Final = f"<{_RDF}rest>"
RDF_NIL: Final = f"<{_RDF}nil>"
RDFS_CLASS: Final = f"<{_RDFS}Class>"
RDFS_SUBCLASS: Final = f"<{_RDFS}subClassOf>"
OWL_CLASS: Final = "<http://www.w3.org/2002/07/owl#Class>"
OWL_IMPORTS: Final = "<http://www.w3.org/2002/07/owl#imports>"


def sh(name: str) -> Term:
    """Return a term of the SHACL vocabulary.

    >>> sh("path")
    '<http://www.w3.org/ns/shacl#path>'
    """
    return f"<{SHACL}{name}>"


def component(name: str) -> Term:
    """Return the constraint component of a name.

    >>> component("MinCount")
    '<http://www.w3.org/ns/shacl#MinCountConstraintComponent>'
    """
    return sh(name + "ConstraintComponent")


VIOLATION: Final = sh("Violation")
WARNING: Final = sh("Warning")
INFO: Final = sh("Info")

_IRI = re.compile(r"<([^>]*)>")
_LOCAL = re.compile(r"[A-Za-z_][\w-]*|\d+")


def short(text: str) -> str:
    """Return a term, or a property path, with the prefixes of our dumps where the local name is plain.

    >>> short("<http://www.w3.org/2000/01/rdf-schema#label>/^<https://example.org/a>")
    'rdfs:label/^<https://example.org/a>'
    >>> short('"see <http://www.w3.org/2000/01/rdf-schema#label>"^^<http://www.w3.org/2001/XMLSchema#string>')
    '"see <http://www.w3.org/2000/01/rdf-schema#label>"^^xsd:string'
    """
    if text.startswith('"') and (end := text.rindex('"') + 1) > 1:  # what stands in quotes is no term
        return text[:end] + short(text[end:])
    return _IRI.sub(lambda match: _short_iri(match[1]), text)


def _short_iri(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"
