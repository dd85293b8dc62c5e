"""Records of our own making: together they use every field that the ontology declares, and every oddity of real ones."""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "cases" / "records" / "records.jsonl"


def made_records() -> list[dict[str, Any]]:
    """Return the records, in order of their NCT ids."""
    return [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
