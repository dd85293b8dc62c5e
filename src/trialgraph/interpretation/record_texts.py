"""The texts of a record that readers take, as the lines of `trialgraph interpret --text` hold them.

>>> arms = {"armGroups": [{"label": "A", "description": "5 mg"}]}
>>> document = {"protocolSection": {"armsInterventionsModule": arms}}
>>> regimen_line(document)["texts"]
{'armGroups[0].label': 'A', 'armGroups[0].description': '5 mg'}
"""

from typing import Any

Document = dict[str, Any]
Line = dict[str, Any]


def nct_of(document: Document) -> str | None:
    """Return the record's NCT id (`protocolSection.identificationModule.nctId`)."""
    found = section(document, "identificationModule").get("nctId")
    return found if isinstance(found, str) else None


def section(document: Document, module: str) -> Document:
    """Return a module of the protocol section, empty where the record has none."""
    protocol = document.get("protocolSection")
    found = protocol.get(module) if isinstance(protocol, dict) else None
    return found if isinstance(found, dict) else {}


def items(parent: Document, key: str) -> list[Document]:
    """Return the objects of an array, in their order; an entry that is none is an empty object."""
    found = parent.get(key)
    return [item if isinstance(item, dict) else {} for item in found] if isinstance(found, list) else []


def text_of(parent: Document, key: str) -> str | None:
    """Return a string that is not empty."""
    found = parent.get(key)
    return found if isinstance(found, str) and found else None


def regimen_line(document: Document) -> Line:
    """Return what the reader of regimens takes: texts by path, arms, interventions (`armsInterventionsModule`)."""
    module = section(document, "armsInterventionsModule")
    arms, interventions = items(module, "armGroups"), items(module, "interventions")
    texts: dict[str, str] = {}
    for name, entries, keys in (
        ("armGroups", arms, ("label", "description")),
        ("interventions", interventions, ("name", "description")),
    ):
        for number, entry in enumerate(entries):
            for key in keys:
                text = text_of(entry, key)
                if text is not None:
                    texts[f"{name}[{number}].{key}"] = text
    return {
        "nct": nct_of(document),
        "texts": texts,
        "arms": [
            {
                "label": text_of(arm, "label"),
                "interventions": [one for one in arm.get("interventionNames") or [] if isinstance(one, str)],
            }
            for arm in arms
        ],
        "interventions": [
            {
                "type": text_of(one, "type"),
                "name": text_of(one, "name"),
                "arms": [label for label in one.get("armGroupLabels") or [] if isinstance(label, str)],
                "otherNames": [name for name in one.get("otherNames") or [] if isinstance(name, str)],
            }
            for one in interventions
        ],
    }
