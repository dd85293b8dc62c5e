"""The OpenAPI document: one operation for each example query, and the other calls that give data.

>>> document = json.loads(openapi("https://e.org", "2026-11-23", {}))
>>> document["openapi"], sorted(document["paths"])[:2]
('3.1.0', ['/.well-known/void', '/api/examples'])
"""

import json
from typing import Any, Final

from trialgraph.formats import RDF_FORMATS, RESULT_FORMATS
from trialgraph.web.context.example_queries import Example
from trialgraph.web.http.profile_negotiation import PROFILES

_PROBLEM: Final = {
    "description": "What is wrong, as text or as problem details (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_TABLES: Final[dict[str, Any]] = {format_.media_type: {"schema": {}} for format_ in RESULT_FORMATS}
_GRAPHS: Final[dict[str, Any]] = {format_.media_type: {"schema": {}} for format_ in RDF_FORMATS}
_JSON: Final[dict[str, Any]] = {"application/json": {"schema": {}}}


def openapi(root: str, version: str, examples: dict[str, Example]) -> str:
    """Return the OpenAPI 3.1 document of a server at `root`, as JSON."""
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "trialgraph",
            "version": version,
            "summary": "Clinical trials as a knowledge graph",
            "description": "Every example query is a call of its own; any other question goes to /sparql.",
            "license": {"name": "CC0 1.0", "identifier": "CC0-1.0"},
        },
        "servers": [{"url": root}],
        "tags": [
            {"name": "examples", "description": "Questions with their queries"},
            {"name": "things", "description": "Data about one thing"},
            {"name": "look-up", "description": "Things by name"},
            {"name": "query", "description": "Any question"},
        ],
        "paths": {**_paths(), **{f"/api/examples/{name}": _call(example) for name, example in examples.items()}},
        "components": {"schemas": {"Problem": _PROBLEM_SCHEMA}},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def _call(example: Example) -> dict[str, Any]:
    formats = RESULT_FORMATS if example.form in ("select", "ask") else RDF_FORMATS
    parameters = [
        _parameter(known.name, known.meaning or known.name, known.kind, known.default) for known in example.parameters
    ]
    parameters.append(_parameter("format", "The format of the answer", "string", formats[0].name))
    parameters[-1]["schema"]["enum"] = [format_.name for format_ in formats]
    return {
        "get": {
            "operationId": example.name,
            "summary": example.label,
            "description": example.question,
            "tags": ["examples"],
            "parameters": parameters,
            "responses": _responses(_TABLES if formats is RESULT_FORMATS else _GRAPHS),
        }
    }


def _paths() -> dict[str, Any]:
    profiles = _parameter("_profile", "How much, and in whose words", "string", PROFILES[0].token)
    profiles["schema"]["enum"] = [profile.token for profile in PROFILES]
    path = {
        "name": "path",
        "in": "path",
        "required": True,
        "description": "What follows /id/ in the name of the thing",
        "schema": {"type": "string"},
        "example": "NCT06095583",
    }
    formats = [format_.extension for format_ in RDF_FORMATS]
    extension = {"name": "extension", "in": "path", "required": True, "schema": {"type": "string", "enum": formats}}
    text = _parameter("q", "Words of a name; the last may be a beginning", "string", "tifcemalimab")
    return {
        "/.well-known/void": _get("void", "The description of the dataset", "things", _GRAPHS, []),
        "/api/examples": _get("examples", "The example queries", "examples", _JSON, []),
        "/data/{path}.{extension}": _get(
            "data", "Data about one thing", "things", _GRAPHS, [path, extension, profiles]
        ),
        "/lookup": _get("lookup", "Things by the words of their names", "look-up", _JSON, [text]),
        "/reconcile": _get("reconcile", "The Reconciliation Service API 0.2", "look-up", _JSON, []),
        "/sparql": _get(
            "sparql",
            "A SPARQL 1.1 query",
            "query",
            {**_TABLES, **_GRAPHS},
            [_parameter("query", "The query", "string", "SELECT * { ?s ?p ?o } LIMIT 10")],
        ),
    }


def _get(name: str, summary: str, tag: str, content: dict[str, Any], parameters: list[Any]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": [tag],
            "parameters": parameters,
            "responses": _responses(content),
        }
    }


def _responses(content: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "The answer", "content": content}, "4XX": _PROBLEM, "5XX": _PROBLEM}


def _parameter(name: str, meaning: str, kind: str, default: str) -> dict[str, Any]:
    made = default if kind == "string" else json.loads(default)
    return {"name": name, "in": "query", "description": meaning, "schema": {"type": kind, "default": made}}
