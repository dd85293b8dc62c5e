"""Checks tables by the validator of KGX, with the Biolink Model that the package biolink-model carries.

    python kgx_check.py FOLDER tsv

KGX would fetch model and prefixes from the web; here both are those installed. Prints what was found as JSON.
"""

import json
import sys
from collections import Counter
from contextlib import redirect_stdout
from functools import partialmethod
from importlib.resources import files
from pathlib import Path

import bmt

MODEL = files("biolink_model")
bmt.Toolkit.__init__ = partialmethod(
    bmt.Toolkit.__init__, str(MODEL / "schema" / "biolink_model.yaml"), {"predicate mappings": []}
)

import kgx.config  # noqa: E402 - it makes a toolkit while it is imported

kgx.config.jsonld_context_map["biolink"] = json.loads(
    (MODEL / "prefixmaps" / "biolink-model-prefix-map.json").read_text()
)

from kgx.transformer import Transformer  # noqa: E402
from kgx.validator import Validator  # noqa: E402

folder, syntax = Path(sys.argv[1]), sys.argv[2]
checked = Counter()
with redirect_stdout(sys.stderr):
    validator = Validator(progress_monitor=lambda kind, _record: checked.update([kind.name.lower() + "s"]))
    Transformer(stream=True).transform(
        {
            "format": syntax,
            "filename": [str(folder / f"trialgraph-kgx-{kind}.{syntax}") for kind in ("nodes", "edges")],
        },
        {"format": "null"},
        inspector=validator,
    )
json.dump({"checked": checked, "errors": validator.get_errors()}, sys.stdout)
