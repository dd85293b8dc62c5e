"""Write what another endpoint answered in the format that was asked of us.

It is asked for SPARQL JSON, or for N-Triples or Turtle, and that is read in whole, so one that is not well-formed
is found out, and every format is as exact as ours, whatever the other side makes of it: Virtuoso answers ASK with a
table, writes JSON with `typed-literal`, and TSV without `?` and `<`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from trialgraph.errors import EngineUnavailable, ResultTooLarge
from trialgraph.formats import SPARQL_JSON, RdfFormat, ResultFormat
from trialgraph.query.request import Result, Spool
from trialgraph.query.workers.worker.result_sink import LAYOUTS, Layout, ResultTooLargeError, Sink
from trialgraph.query.workers.worker.result_writer import write_graph, write_table

ACCEPT: Final = {
    "solutions": (SPARQL_JSON.media_type,),
    "boolean": (SPARQL_JSON.media_type,),
    "graph": ("application/n-triples", "text/turtle"),
}
"""What the other side is asked for, by kind of answer."""
_MOST_TERMS_OF_TERMS: Final = 500
_LONGEST_MARK: Final = 20
_VIRTUOSO_ASK: Final = "__ASK_RETVAL"
_BOOLEANS: Final = (b'{"head":{},"boolean":false}', b'{"head":{},"boolean":true}')


def rewrite(answer: Result, form: ResultFormat | RdfFormat, limit_bytes: int, note: str = "") -> None:
    """Write an answer in another format, in place; count its rows, and leave a note in a table that was cut.

    Raises EngineUnavailable when the answer is not what it says it is, ResultTooLarge.
    """
    spool = Spool()
    sink = Sink(spool.descriptor, limit_bytes, LAYOUTS.get(form.media_type) or Layout(), note)
    try:
        with _opened(answer) as source:
            if isinstance(form, RdfFormat):
                answer.rows, answer.left_out = _write_graph(source, sink, form)
            else:
                answer.left_out = _write_results(source, sink, form, boolean=answer.kind == "boolean")
                answer.rows = None if answer.kind == "boolean" else sink.rows()
    except ResultTooLargeError:
        raise ResultTooLarge(limit_bytes) from None
    except (SyntaxError, ValueError, LookupError) as error:
        raise EngineUnavailable(f"its answer cannot be read: {str(error)[:200]}") from error
    if note:
        sink.write_note()
    answer.format, answer.size, answer.body = form, sink.size, sink.body()
    answer.spool = spool if sink.spooled else None


class _Vetted:
    """A file as pyoxigraph may read it.

    Without what Virtuoso writes before the names of blank nodes: `nodeID://` is no name. And with few terms made of
    terms: pyoxigraph reads and drops them with a call for each level, and that of a million ends the process.
    """

    # The quotation marks inside a string of JSON are escaped, so these cannot be text; in Turtle they could.
    _FOUND, _PUT = b'"bnode", "value": "nodeID://', b'"bnode", "value": "'
    _TERM_OF_TERMS = re.compile(rb'"type"\s*:\s*"triple"|<<\(')

    def __init__(self, file: BinaryIO, *, is_json: bool = False) -> None:
        self._file = file
        self._is_json = is_json
        self._waiting = self._end = b""
        self._at_end = False
        self._terms_of_terms = 0

    def read(self, size: int) -> bytes:
        """Return at most so many bytes; none at the end."""
        while not self._at_end and len(self._waiting) < size + len(self._FOUND):
            block = self._file.read(65536)
            self._at_end = not block
            self._count(block)
            self._waiting += block
            if self._is_json:
                self._waiting = self._waiting.replace(self._FOUND, self._PUT)
        # What is found may have begun, so its length is kept back until more has come.
        ready = len(self._waiting) if self._at_end else len(self._waiting) - len(self._FOUND)
        taken, self._waiting = self._waiting[: min(size, ready)], self._waiting[min(size, ready) :]
        return taken

    def _count(self, block: bytes) -> None:
        around = self._end + block
        self._terms_of_terms += len(self._TERM_OF_TERMS.findall(around))
        self._end = around[-_LONGEST_MARK:]
        if self._terms_of_terms > _MOST_TERMS_OF_TERMS:
            raise ValueError(f"more than {_MOST_TERMS_OF_TERMS} terms in it are made of terms")


@contextmanager
def _opened(answer: Result) -> Iterator[BinaryIO]:
    with answer.open() or BytesIO(answer.body) as file:
        yield file


def _write_graph(source: BinaryIO, sink: Sink, form: RdfFormat) -> tuple[int, int]:
    # Turtle includes N-Triples. Lenient: an odd IRI in the data must not keep all else from being shown.
    vetted: Any = _Vetted(source)
    quads = ox.parse(vetted, ox.RdfFormat.TURTLE, lenient=True)
    return write_graph((quad.triple for quad in quads), sink, form)


def _write_results(source: BinaryIO, sink: Sink, form: ResultFormat, *, boolean: bool) -> int:
    vetted: Any = _Vetted(source, is_json=True)
    results: Any = ox.parse_query_results(vetted, ox.QueryResultsFormat.JSON)
    if boolean and isinstance(results, ox.QuerySolutions):
        value = next((row[_VIRTUOSO_ASK] for row in results), None)  # there is no row for false
        results = ox.parse_query_results(
            _BOOLEANS[value is not None and value.value == "1"], ox.QueryResultsFormat.JSON
        )
    return write_table(results, sink, form)
