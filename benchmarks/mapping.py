"""How fast the map is, against decoding the JSON, against rdflib and against RML.

    python benchmarks/mapping.py [--records FILE] [--turns 5] [--morph PYTHON]

Figures are CPU seconds of one core, the median of five turns. `--morph` names a Python that has morph-kgc
(it pins an old pyoxigraph, so it needs an environment of its own). RML has no way to say at which position an
element of a JSON array stands, nor to reach from an element to the record around it, so morph-kgc gets only the
fields that stand outside arrays, one flat object a record: of whole records it multiplies out the arrays until
memory is gone, and of nested objects it drops every record that lacks a field another record has. Its mapping is
made from the same declarations.
"""

import argparse
import gc
import importlib.util
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from resource import RLIMIT_AS, RUSAGE_CHILDREN, getrusage, setrlimit
from typing import Any

import msgspec
import records
from rdflib import Graph, Literal, URIRef

from trialgraph import terms, vocabulary
from trialgraph.mapping import Plan
from trialgraph.mapping.field_tree import Leaf
from trialgraph.terms import Triple

RDFLIB_SAMPLE = 12
"""rdflib gets one record in so many: it is slow, and its rate does not change with size."""
MORPH_SECONDS = 300
MORPH_BYTES = 3 * 2**30


def cpu(work: Callable[[], Any], turns: int) -> float:
    """Return the median CPU seconds of some work, garbage collected before and not during it."""
    seconds = []
    for _ in range(turns):
        gc.collect()
        gc.disable()
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
        gc.enable()
    return statistics.median(seconds)


def row(name: str, seconds: float, megabytes: float, quads: int = 0) -> None:
    """Print one line of the table."""
    rate = f"{quads / seconds:14,.0f}" if quads else " " * 14
    print(f"{name:52}{megabytes / seconds:10.1f}{rate}{seconds:10.2f}", flush=True)


def each(function: Callable[[Any], Any], values: Iterable[Any]) -> Callable[[], None]:
    """Return work that calls a function on each value and keeps nothing."""

    def work() -> None:
        for value in values:
            function(value)

    return work


def decoding(lines: list[bytes], megabytes: float, turns: int) -> None:
    """Measure decoding alone, by every decoder that is installed."""
    decoders: dict[str, Callable[[bytes], Any]] = {"json": json.loads, "msgspec": msgspec.json.decode}
    if importlib.util.find_spec("orjson"):
        decoders["orjson"] = importlib.import_module("orjson").loads
    for name, decode in decoders.items():
        row(f"decode alone, {name}", cpu(each(decode, lines), turns), megabytes)


def ours(plan: Plan, lines: list[bytes], megabytes: float, turns: int) -> int:
    """Measure the map both ways; return the number of quads."""
    decoded = [msgspec.json.decode(line) for line in lines]
    graphs = [plan.to_triples(record) for record in decoded]
    quads = sum(map(len, graphs))
    graph = f"<{vocabulary.Graph.REGISTRY}>"

    def to_lines(line: bytes) -> bytes:
        triples = plan.to_triples(msgspec.json.decode(line))
        return "".join([f"{s} {p} {o} {graph} .\n" for s, p, o in triples]).encode()

    row("record -> triples", cpu(each(plan.to_triples, decoded), turns), megabytes, quads)
    row("decode, record -> triples, N-Quads bytes", cpu(each(to_lines, lines), turns), megabytes, quads)
    row("triples -> record", cpu(each(plan.to_record, graphs), turns), megabytes, quads)
    return quads


def against_rdflib(plan: Plan, lines: list[bytes], turns: int) -> None:
    """Measure rdflib making and adding the same triples, their parts taken apart before."""
    sample = lines[::RDFLIB_SAMPLE]
    parts = [[_parts(triple) for triple in plan.to_triples(json.loads(line))] for line in sample]

    def build(triples: list[tuple[str, str, str, str | None]]) -> None:
        graph = Graph()
        for subject, predicate, value, datatype in triples:
            made = URIRef(value) if datatype is None else Literal(value, datatype=URIRef(datatype))
            graph.add((URIRef(subject), URIRef(predicate), made))

    seconds = cpu(each(build, parts), turns)
    row("the same triples into rdflib", seconds, sum(map(len, sample)) / 1e6, sum(map(len, parts)))


def _parts(triple: Triple) -> tuple[str, str, str, str | None]:
    subject, predicate, object_ = triple
    if terms.is_iri(object_):
        return subject[1:-1], predicate[1:-1], object_[1:-1], None
    return subject[1:-1], predicate[1:-1], terms.lexical(object_), terms.datatype(object_)


def against_morph(plan: Plan, lines: list[bytes], python: str, turns: int) -> None:
    """Measure morph-kgc on the fields it can map."""
    leaves = [leaf for leaf in plan.tree.root.leaves if type(leaf) is Leaf]
    flat = [msgspec.json.encode(_flat(msgspec.json.decode(line), leaves)) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "records.json").write_bytes(b'{"studies":[' + b",".join(flat) + b"]}")
        (place / "mapping.ttl").write_text(_rml(leaves, place / "records.json"))
        (place / "config.ini").write_text(
            f"[CONFIGURATION]\noutput_file={place}/out.nt\nnumber_of_processes=1\nlogging_level=ERROR\n"
            f"[records]\nmappings={place}/mapping.ttl\n"
        )
        seconds = []
        for _ in range(turns):
            before = _children()
            command = [python, "-m", "morph_kgc", str(place / "config.ini")]
            subprocess.run(command, check=True, capture_output=True, timeout=MORPH_SECONDS, preexec_fn=_limit_memory)
            seconds.append(_children() - before)
        made = sum(1 for _ in (place / "out.nt").open())
    row(f"morph-kgc, {len(leaves)} of 344 fields", statistics.median(seconds), sum(map(len, flat)) / 1e6, made)


def _flat(record: dict[str, Any], leaves: list[Leaf]) -> dict[str, Any]:
    """Return these fields alone, under the names of their properties."""
    flat: dict[str, Any] = {}
    for leaf in leaves:
        value: Any = record
        for key in leaf.keys:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            flat[leaf.declared.name] = value
    return flat


def _limit_memory() -> None:
    setrlimit(RLIMIT_AS, (MORPH_BYTES, MORPH_BYTES))


def _children() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _rml(leaves: list[Leaf], source: Path) -> str:
    prefixes = (
        "@prefix rr: <http://www.w3.org/ns/r2rml#> .\n"
        "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .\n"
        "@prefix ql: <http://semweb.mmlab.be/ns/ql#> .\n"
    )
    maps = [_triples_map("trial", "", [leaf for leaf in leaves if not leaf.on_record], source)]
    maps.append(_triples_map("record", "/record", [leaf for leaf in leaves if leaf.on_record], source))
    return prefixes + "\n".join(maps)


def _triples_map(name: str, below: str, leaves: list[Leaf], source: Path) -> str:
    number = "{nctId}"
    objects = [
        f"  rr:predicateObjectMap [ rr:predicate <{leaf.declared.iri}> ; rr:objectMap [ {_object(leaf)} ] ]"
        for leaf in leaves
    ]
    return (
        f"<https://example.org/{name}> a rr:TriplesMap ;\n"
        f'  rml:logicalSource [ rml:source "{source}" ; rml:referenceFormulation ql:JSONPath ;'
        f' rml:iterator "$.studies[*]" ] ;\n'
        f'  rr:subjectMap [ rr:template "{vocabulary.RESOURCE}{number}{below}" ] ;\n' + " ;\n".join(objects) + " .\n"
    )


def _object(leaf: Leaf) -> str:
    name, datatype = leaf.declared.name, leaf.declared.range
    if leaf.declared.scheme:
        return f'rr:template "{leaf.declared.scheme.iri}/{{{name}}}" ; rr:termType rr:IRI'
    is_typed = datatype.startswith(terms.XSD) and datatype != terms.XSD + "string"
    return f'rml:reference "{name}"' + (f" ; rr:datatype <{datatype}>" if is_typed else "")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=Path, default=records.RECORDS)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--morph", default="")
    options = parser.parse_args()
    plan, lines = records.plan(), records.lines(options.records)
    megabytes = sum(map(len, lines)) / 1e6
    print(f"{len(lines)} records, {megabytes:.1f} MB of JSON\n{'':52}{'MB/s':>10}{'quads/s':>14}{'CPU s':>10}")
    decoding(lines, megabytes, options.turns)
    quads = ours(plan, lines, megabytes, options.turns)
    against_rdflib(plan, lines, options.turns)
    if options.morph:
        against_morph(plan, lines[::4], options.morph, options.turns)
    print(f"{quads:,} quads, {quads / len(lines):,.0f} a record")


if __name__ == "__main__":
    main()
