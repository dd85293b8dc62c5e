"""The JSON-LD context of the ontology: every property under its own name."""

import json
from typing import Any, Final

from trialgraph import vocabulary
from trialgraph.mapping.declarations import PARTIAL_DATE, TG, Declarations, Property
from trialgraph.terms import XSD

_TYPED: Final = frozenset(XSD + name for name in ("integer", "boolean", "decimal", "date"))


def context(declarations: Declarations) -> str:
    """Return the JSON-LD 1.1 context as JSON text, sorted, with a line break at its end.

    A property whose values are things is `@id`-typed, so they read as plain IRIs; one with a fixed datatype
    carries it, so values read as plain JSON. Dates that may be partial keep their datatype with the value.
    """
    terms: dict[str, Any] = {"id": "@id", "type": "@type", "label": "rdfs:label"}
    terms |= {prefix: vocabulary.PREFIXES[prefix] for prefix in ("rdfs", "tg", "xsd")}
    for declared in declarations.properties.values():
        if not declared.is_annotation:
            terms[declared.name] = _term(declared)
    for class_ in sorted(declarations.supers):
        if class_.startswith(TG):
            terms[class_.removeprefix(TG)] = "tg:" + class_.removeprefix(TG)
    body = {"@version": 1.1, **{name: terms[name] for name in sorted(terms)}}
    return json.dumps({"@context": body}, ensure_ascii=False, indent=1) + "\n"


def _term(declared: Property) -> Any:
    name = "tg:" + declared.name
    if declared.range.startswith(XSD) or declared.range == PARTIAL_DATE:
        if declared.range in _TYPED:
            return {"@id": name, "@type": "xsd:" + declared.range.removeprefix(XSD)}
        return name
    return {"@id": name, "@type": "@id"}
