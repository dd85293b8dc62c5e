"""Results in the format asked for: tables by the engine, graphs by the writers of dumps."""

from typing import Any, Final

import pyoxigraph as ox

from trialgraph.formats import SPARQL_XML, Format, RdfFormat
from trialgraph.query.workers.worker.result_sink import Sink
from trialgraph.syntaxes.serializer import Serializer
from trialgraph.syntaxes.xml_text import NOT_XML_BYTES

_BINDING: Final = b"<binding "
_END: Final = b"</binding>"
_RETURN: Final = b"&#13;"


def write_table(results: Any, sink: Sink, format_: Format) -> int:
    """Write solutions or a boolean; return how many values the format cannot hold, which are not there then."""
    if format_ is not SPARQL_XML:
        results.serialize(sink, format_.oxigraph)
        return 0
    output = _WellFormed(sink)
    results.serialize(output, format_.oxigraph)
    output.close()
    return output.left_out


def write_graph(triples: Any, sink: Sink, format_: RdfFormat) -> tuple[int, int]:
    """Write triples; return how many there are, and how many the format cannot hold."""
    output: Any = Serializer(sink, format_)
    if isinstance(triples, ox.QueryTriples):
        triples.serialize(output, ox.RdfFormat.N_TRIPLES)
    else:
        ox.serialize(triples, output, ox.RdfFormat.N_TRIPLES)
    output.close()
    return output.triples, output.left_out


class _WellFormed:
    """SPARQL results as XML on their way to the sink: without values that XML cannot hold.

    The engine writes every character as it is. A carriage return becomes a reference, lest it be read as a line feed
    (XML 1.0, section 2.11).
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting = b""
        self.left_out = 0

    def write(self, chunk: bytes) -> int:
        """Take the next part, and pass on what is whole."""
        size = len(chunk)
        self._waiting += chunk
        end = self._waiting.rfind(_END)
        if end >= 0:
            whole, self._waiting = self._waiting[: end + len(_END)], self._waiting[end + len(_END) :]
            self._pass_on(whole)
        return size

    def flush(self) -> None:
        """Do nothing: what waits is not whole."""

    def close(self) -> None:
        """Pass on the rest."""
        self._pass_on(self._waiting)

    def _pass_on(self, text: bytes) -> None:
        if NOT_XML_BYTES.search(text):
            bindings = text.split(_END)
            kept = [self._without(part) for part in bindings[:-1]]
            text = b"".join(kept) + bindings[-1]
        self._sink.write(text.replace(b"\r", _RETURN))

    def _without(self, part: bytes) -> bytes:
        """Return what stands before a binding, and the binding, where XML can hold it."""
        if not NOT_XML_BYTES.search(part):
            return part + _END
        self.left_out += 1
        return part[: part.rindex(_BINDING)]
