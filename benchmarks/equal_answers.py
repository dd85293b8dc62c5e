"""Ask both embedded engines random queries over real predicates, and compare their answers and their times.

    python benchmarks/equal_answers.py RELEASE_ROOT [--queries 5000] [--seconds 3] [--seed 1]

Oxigraph is asked each query as it is and, where that is planned, as planned; sparq what a server would give it. Each
engine runs in a process of its own that is killed when it takes too long. A small release is best, such as one of
sixty records: in a large one many random queries end in products that no engine finishes. A copy for sparq is made
where the release has none. Prints differences, and Markdown; ends with status 1 when there are any.
"""

# ruff: noqa: S311 - chance decides what is asked, and nothing else
import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import sparq
from servers import write_triples

from trialgraph.query.text.analysis import analyze
from trialgraph.query.text.engine_text import rewritten
from trialgraph.store import JOIN_COPY, Statistics, open_release, save_join_copy
from trialgraph.vocabulary import ONTOLOGY

PREFIXES = f"PREFIX tg: <{ONTOLOGY}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "


class Asker:
    """Makes random queries whose patterns join, as those of a release do."""

    def __init__(self, store: ox.Store, statistics: Statistics, seed: int) -> None:
        self.random = random.Random(seed)
        self.store = store
        usual = [iri for iri, counts in statistics.predicates.items() if 5 <= counts[0] <= 40_000]
        self.samples: dict[str, list[Any]] = {}
        for iri in sorted(usual):
            found = []
            for quad, _ in zip(store.quads_for_pattern(None, ox.NamedNode(iri), None), range(300), strict=False):
                found.append((quad.subject, quad.object))
            if found:
                self.samples[iri] = found
        self.predicates = sorted(self.samples)
        self.by_subject: dict[str, list[str]] = {}
        self.made = 0

    def new(self) -> str:
        self.made += 1
        return f"?v{self.made}"

    def pattern(self, known: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return a pattern that goes on from a node that is known, so that there is at least one solution."""
        name, node = self.random.choice(sorted(known.items(), key=lambda item: item[0]))
        quads = list(self.store.quads_for_pattern(node, None, None))[:60] if not isinstance(node, ox.Literal) else []
        if quads and self.random.random() < 0.8:
            quad = self.random.choice(quads)
            if isinstance(quad.object, ox.Literal) and self.random.random() < 0.35 and len(str(quad.object)) < 200:
                return f"{name} <{quad.predicate.value}> {quad.object}", {}
            other = self.new()
            return f"{name} <{quad.predicate.value}> {other}", {other: quad.object}
        quads = [
            q for q, _ in zip(self.store.quads_for_pattern(None, None, node), range(40), strict=False)
            if isinstance(q.subject, ox.NamedNode)
        ]  # fmt: skip
        if not quads:
            return self.start(known)
        quad = self.random.choice(quads)
        other = self.new()
        if self.random.random() < 0.3:
            return f"{name} ^<{quad.predicate.value}> {other}", {other: quad.subject}
        return f"{other} <{quad.predicate.value}> {name}", {other: quad.subject}

    def start(self, known: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        predicate = self.random.choice(self.predicates)
        subject, value = self.random.choice(self.samples[predicate])
        one, other = self.new(), self.new()
        if known:
            name = self.random.choice(sorted(known))
            return f"OPTIONAL {{ {name} <{predicate}> {other} }}", {}
        return f"{one} <{predicate}> {other}", {one: subject, other: value}

    def group(self, size: int, known: dict[str, Any]) -> list[str]:
        found = []
        if not known:
            pattern, more = self.start(known)
            found.append(pattern + " .")
            known |= more
        for _ in range(size):
            pattern, more = self.pattern(known)
            found.append(pattern + (" ." if not pattern.startswith("OPTIONAL") else ""))
            known |= more
        return found

    def filter(self, known: dict[str, Any]) -> str:
        name, node = self.random.choice(sorted(known.items()))
        if isinstance(node, ox.Literal):
            value = str(node) if len(str(node)) < 100 else '"a"'
            word = "".join(c for c in node.value[:4] if c.isalnum()) or "a"
            return self.random.choice([
                f"FILTER({name} {self.random.choice(['<', '>', '<=', '!=', '='])} {value})",
                f'FILTER(CONTAINS(LCASE(STR({name})), "{word.lower()}"))',
                f'FILTER(REGEX(STR({name}), "^{word}"))',
                f"FILTER(STRLEN(STR({name})) > {self.random.randint(1, 30)})",
                f"FILTER(DATATYPE({name}) = DATATYPE({value}))",
                f"FILTER(LANG({name}) = '' || BOUND({name}))",
            ])  # fmt: skip
        return self.random.choice([f"FILTER(isIRI({name}))", f'FILTER(STRSTARTS(STR({name}), "https://w3id.org/"))'])

    def query(self) -> str:
        """Return a query."""
        self.made = 0
        known: dict[str, Any] = {}
        body = self.group(self.random.randint(0, 3), known)
        for _ in range(self.random.randint(0, 2)):
            inner = dict(known)
            more = " ".join(self.group(1, inner))
            body.append(
                self.random.choice(
                    [
                        f"OPTIONAL {{ {more} }}",
                        f"MINUS {{ {more} }}",
                        f"FILTER NOT EXISTS {{ {more} }}",
                        f"FILTER EXISTS {{ {more} }}",
                        f"{{ {more} }} UNION {{ {' '.join(self.group(1, dict(known)))} }}",
                        self.filter(known),
                        self.filter(known),
                        f"BIND(STRLEN(STR({self.random.choice(sorted(known))})) AS ?b{self.made})",
                    ]
                )
            )
        names = sorted(known)
        chosen = self.random.sample(names, min(len(names), 2))
        where = " ".join(body)
        kind = self.random.random()
        if kind < 0.35:
            return f"SELECT (COUNT(*) AS ?n) {{ {where} }}"
        if kind < 0.5:
            by = chosen[0]
            what = self.random.choice(
                ["COUNT({})", "COUNT(DISTINCT {})", "MIN(STR({}))", "MAX(STR({}))", "SUM(STRLEN(STR({})))"]
            )
            return f"SELECT {by} ({what.format(names[-1])} AS ?n) {{ {where} }} GROUP BY {by}"
        if kind < 0.6:
            return f"ASK {{ {where} }}"
        if kind < 0.8:
            return f"SELECT DISTINCT {' '.join(chosen)} {{ {where} }}"
        return f"SELECT {' '.join(chosen)} {{ {where} }}"


def rows_of(document: str) -> object:
    """Return an answer without its order."""
    found = json.loads(document)
    if "boolean" in found:
        return found["boolean"]
    return sorted(
        tuple(sorted((name, term["type"], "" if term["type"] == "bnode" else term["value"], term.get("datatype"), term.get("xml:lang")) for name, term in row.items()))
        for row in found["results"]["bindings"]
    )  # fmt: skip


def serve(engine: str, place: str, channel: Connection) -> None:
    """Answer queries until the other side is gone."""
    graph: Any = sparq.Graph.open(place) if engine == "sparq" else ox.Store.read_only(place)
    while True:
        text = channel.recv()
        started = time.perf_counter()
        try:
            if engine != "sparq":
                document = graph.query(text).serialize(format=ox.QueryResultsFormat.JSON).decode()
            elif "ASK {" in text:
                document = json.dumps({"boolean": graph.ask(text)})
            else:
                document = graph.query_json(text)
            channel.send(
                (time.perf_counter() - started, rows_of(document) if len(document) < 50_000_000 else len(document))
            )
        except (ValueError, SyntaxError, RuntimeError, OSError) as error:
            channel.send((time.perf_counter() - started, f"error {str(error)[:80]}"))


class Engine:
    """A process that answers, started anew when it has been killed."""

    def __init__(self, name: str, place: str) -> None:
        self.name, self.place = name, place
        self.process: Any = None

    def ask(self, text: str, seconds: float) -> tuple[float, object] | None:
        if self.process is None:
            self.channel, theirs = multiprocessing.Pipe()
            self.process = multiprocessing.Process(target=serve, args=(self.name, self.place, theirs), daemon=True)
            self.process.start()
            theirs.close()
        try:
            self.channel.send(text)
            if self.channel.poll(seconds):
                found: tuple[float, object] = self.channel.recv()
                return found
        except (EOFError, OSError):
            pass
        self.process.kill()
        self.process.join()
        self.process = None
        return None


def compare(asker: Asker, statistics: Statistics, engines: dict[str, Engine], options: Any) -> Counter[str]:
    """Ask the engines, print what differs; return how often what was seen, and the seconds of each engine."""
    tally: Counter[str] = Counter()
    for _ in range(options.queries):
        text = PREFIXES + asker.query()
        texts = rewritten(analyze(text), statistics, joins=True)
        planned = rewritten(analyze(text), statistics).get("plan")
        asked = {"as asked": text, "planned": planned, "joined": texts.get("joined")}
        found = {
            name: engines[name].ask(given, options.seconds)
            for name, given in asked.items()
            if given and name in engines
        }
        done = {name: answer for name, answer in found.items() if answer}
        for name in found:
            tally[f"{name}: {'finished' if name in done else 'not finished'}"] += 1
        if len({repr(answer[1]) for answer in done.values()}) > 1:
            tally["different"] += 1
            print(text, *(f"  {name}: {str(answer[1])[:300]}" for name, answer in done.items()), sep="\n")
            sys.stdout.flush()
        if {"as asked", "joined"} <= done.keys():
            tally["compared with sparq"] += 1
            for name in ("as asked", "joined"):
                tally[f"{name}: milliseconds where both finished"] += round(1000 * done[name][0])
        tally["compared as planned"] += {"as asked", "planned"} <= done.keys()
    return tally


def main() -> int:
    """Ask, compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    release = open_release(options.root)
    statistics = Statistics.read(release.path)
    if statistics is None:
        raise SystemExit("no statistics there")
    with tempfile.TemporaryDirectory() as folder:
        lines, store, copy = Path(folder) / "triples.nt", Path(folder) / "store", release.path / JOIN_COPY
        write_triples(release, lines)
        filled = ox.Store(str(store))
        filled.bulk_load(path=lines, format=ox.RdfFormat.N_TRIPLES)
        filled.optimize()
        del filled
        if not copy.is_dir():
            copy = Path(folder) / JOIN_COPY
            save_join_copy([lines.read_bytes()], copy)
        engines = {
            "as asked": Engine("oxigraph", str(store)),
            "planned": Engine("oxigraph", str(store)),
            "joined": Engine("sparq", str(copy)),
        }
        tally = compare(Asker(ox.Store.read_only(str(store)), statistics, options.seed), statistics, engines, options)
    print("| | |\n|---|---:|")
    print("\n".join(f"| {name} | {count:,} |" for name, count in sorted(tally.items())))
    return int(tally["different"] > 0)


if __name__ == "__main__":
    sys.exit(main())
