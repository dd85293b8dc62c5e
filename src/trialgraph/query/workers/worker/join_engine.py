"""The second engine of a worker: sparq, on a copy of the default graph, where there is one.

It orders joins by counts of its own, and answers in milliseconds what keeps Oxigraph busy for minutes. What it cannot
answer, Oxigraph is asked.
"""

import contextlib
from pathlib import Path
from typing import Any

try:
    import sparq
except ImportError:  # it is optional
    sparq = None

FOLDER = "sparq"
"""Of a release, beside its store."""


class JoinEngine:
    """An open copy of the default graph."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    @classmethod
    def beside(cls, store_path: str, scratch: str) -> "JoinEngine | None":
        """Open the copy beside a store; None when there is none, none is wanted, or the library is not installed.

        sparq writes logs of changes beside the files it opens, even where there are none to come. A release is never
        written to, so the copy is opened by links in a folder of the server's, which all workers share.
        """
        folder = Path(store_path).with_name(FOLDER)
        if not scratch or sparq is None or not folder.is_dir():
            return None
        links = Path(scratch, folder.parent.name)
        links.mkdir(exist_ok=True)
        for path in folder.iterdir():
            with contextlib.suppress(FileExistsError):
                links.joinpath(path.name).symlink_to(path)
        return cls(sparq.Graph.open(str(links)))

    def document(self, text: str) -> bytes:
        """Return the results of a SELECT or ASK in SPARQL JSON, written as pyoxigraph writes them, byte for byte.

        Raises ValueError for what it cannot answer.
        """
        try:
            document: str = self._graph.query_json(text)
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # which pyo3 derives from BaseException, and does not export
                raise ValueError(str(error)) from None
            raise
        return document.encode()
