"""One query evaluated on the open store: header and body of the answer, or what went wrong."""

import contextlib
import re
from collections.abc import Iterable
from itertools import chain, islice
from time import perf_counter
from typing import Any, Final

import pyoxigraph as ox

from trialgraph.formats import SPARQL_JSON, RdfFormat, by_name
from trialgraph.query.workers.worker.join_engine import JoinEngine
from trialgraph.query.workers.worker.result_sink import LAYOUTS, Layout, ResultTooLargeError, Sink
from trialgraph.query.workers.worker.result_writer import write_graph, write_table

_BOOLEAN: Final = b'{"head":{},"boolean":'
_MOST_MERGED: Final = 50_000
"""Quads that are merged anew in memory, which takes a quarter of a second."""


class Answerer:
    """Answers requests from one open store."""

    def __init__(self, store: ox.Store, dataset: dict[str, Any], joins: JoinEngine | None = None) -> None:
        """`dataset` tells of the release: `apart`, the graphs that its union lacks; `graphs`, where some are parts.

        Both are None where the release does not tell; `base` is what relative IRIs are relative to.
        """
        self._store, self._joins = store, joins
        self._base: str = dataset["base"]
        self._apart = _named(dataset["apart"])
        self._graphs = _named(dataset["graphs"])
        self._merge: tuple[Any, ox.Store | None] | None = None
        # A build keeps the union of its graphs, but for the large ones kept apart, in the default graph: then no
        # triple is met twice. Stores of other makers have nothing there, and their union is made per query.
        self._union_kept = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None

    def answer(self, request: dict[str, Any], spool: int) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the answer, whatever happens short of the death of the process."""
        started = perf_counter()
        try:
            header, body = self._evaluate(request, spool)
        except SyntaxError as error:
            return _syntax_error(str(error)), b""
        except ResultTooLargeError:
            return {"error": "too-large"}, b""
        except MemoryError:
            return {"error": "memory"}, b""
        except (RuntimeError, ValueError) as error:
            return {"error": "evaluation", "reason": str(error)}, b""
        except OSError as error:
            return {"error": "denied" if "ermission denied" in str(error) else "store", "reason": str(error)}, b""
        header["seconds"] = perf_counter() - started
        return header, body

    def _query(self, text: str, request: dict[str, Any]) -> Any:
        default, named = request["default"], request["named"]
        graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
        if self._graphs is None and default is not None and len(set(default)) > 1:
            merged = self._merged(tuple(default), None if named is None else tuple(named))
            if merged:
                return merged.query(text, base_iri=self._base, default_graph=ox.DefaultGraph())
        if default is not None:
            graphs = [*map(ox.NamedNode, default)]
        elif self._union_kept and not request["from"]:
            if self._apart is None:
                raise OSError("this release was made by an older version of trialgraph; build it again")
            graphs = [ox.DefaultGraph(), *self._apart]
        # No query may see the graphs that only hold parts of others; few name any.
        seen = self._graphs if named is None and "GRAPH" in text.upper() else _named(named)
        return self._store.query(
            text,
            base_iri=self._base,
            use_default_graph_as_union=graphs is None and not request["from"],
            default_graph=graphs,
            named_graphs=seen,  # type: ignore[arg-type]
        )

    def _merged(self, default: tuple[str, ...], named: tuple[str, ...] | None) -> ox.Store | None:
        """Return a store with the merge of some graphs as its default graph; None when they are not small.

        For stores of other makers, of which nothing tells what their graphs share.
        """
        if self._merge and self._merge[0] == (default, named):
            return self._merge[1]
        names: Any = self._store.named_graphs() if named is None else map(ox.NamedNode, named)
        quads = chain(
            (
                ox.Quad(quad.subject, quad.predicate, quad.object)
                for graph in dict.fromkeys(default)
                for quad in self._store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
            ),
            (quad for graph in names for quad in self._store.quads_for_pattern(None, None, None, graph)),
        )
        taken = list(islice(quads, _MOST_MERGED + 1))
        store = ox.Store() if len(taken) <= _MOST_MERGED else None
        if store is not None:
            store.bulk_extend(taken)
        self._merge = ((default, named), store)
        return store

    def _joined(self, request: dict[str, Any], name: str) -> bytes | None:
        """Return the document of the second engine; None where it is not to be asked, or cannot answer."""
        if self._joins and (text := request.get(name)):
            with contextlib.suppress(ValueError):
                return self._joins.document(text)
        return None

    def _planned(self, request: dict[str, Any]) -> Any:
        if planned := request.get("plan"):
            with contextlib.suppress(SyntaxError):  # what was asked tells best what is wrong with it
                return self._query(planned, request)
        return self._query(request["text"], request)

    def _evaluate(self, request: dict[str, Any], spool: int) -> tuple[dict[str, Any], bytes]:
        joined = self._joined(request, "joined")
        results: Any = self._planned(request) if joined is None else None
        kind = "graph" if isinstance(results, ox.QueryTriples) else "solutions"
        if isinstance(results, ox.QueryBoolean) or (joined or b"").startswith(_BOOLEAN):
            kind = "boolean"
        format_ = by_name(request["graph" if kind == "graph" else "solutions"])
        sink = Sink(spool, request["limit"], LAYOUTS.get(format_.media_type) or Layout(), request.get("note", ""))
        rows: int | None = None
        left_out = 0
        if isinstance(format_, RdfFormat):
            rows, left_out = write_graph(results, sink, format_)
        elif joined is not None and format_ is SPARQL_JSON:
            sink.write(joined)  # to read it and write it again would take ten times what the answer took
        else:
            left_out = write_table(_read(joined) if results is None else results, sink, format_)
        if kind == "solutions":
            rows = sink.rows()
        header = {
            "kind": kind,
            "size": sink.size,
            "spooled": sink.spooled,
            "rows": rows,
            "cut": False,
            "left_out": left_out,
            "engine": "Oxigraph" if joined is None else "sparq",
        }
        if request.get("probe") and self._has_more(request, joined=joined is not None):
            sink.write_note()
            header["cut"] = True
        return header, sink.body()

    def _has_more(self, request: dict[str, Any], *, joined: bool) -> bool:
        more = self._joined(request, "joined_probe") if joined else None
        rows = self._query(request["probe"], request) if more is None else _read(more)
        return next(iter(rows), None) is not None


def _named(graphs: Iterable[str] | None) -> list[ox.NamedNode] | None:
    return None if graphs is None else [*map(ox.NamedNode, graphs)]


def _read(document: bytes | None) -> Any:
    return ox.parse_query_results(document or b"", ox.QueryResultsFormat.JSON)


# The grammar's character classes, such as ['A' ..= 'Z' | '\\u{00C0}'..='\\u{00D6}'], help nobody who reads an error.
_CHARACTER_CLASS: Final = re.compile(r",?\s*\[(?:_|'[^\]]*)\]")
_SYNTAX_MESSAGE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def _syntax_error(message: str) -> dict[str, Any]:
    found = _SYNTAX_MESSAGE.search(message)
    if not found:
        return {"error": "syntax", "reason": message}
    reason = _CHARACTER_CLASS.sub("", found[3]).strip(", \n")
    return {"error": "syntax", "reason": reason, "line": int(found[1]), "column": int(found[2])}
