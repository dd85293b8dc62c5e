"""How fast and how well trials are found: p95 over as many made trials as the registry has, and recall over a release.

    python benchmarks/search.py speed [--trials 577000] [--index FOLDER]
    python benchmarks/search.py recall RELEASE [--records my-records.jsonl.gz]

`speed` makes the index of made trials, whose words are as frequent as words are (Zipf), and asks it what people ask;
an index that is in the folder already is asked again. It is made directly, without a release.
`recall` takes the truth from the links of a release by SPARQL: the trials of which an intervention is linked to a
drug; it asks for the names of the thirty drugs that most trials give, for one misspelling of each of twenty and for one
variant (upper case, a brand, a code, a plural, an apostrophe) of each of twenty. With `--records` the truth is what the
records say instead: the trials of which an intervention, or another name of one, has the name or the variant.
"""

import argparse
import gzip
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trialgraph.release.trial_index import FACETS, FACETS_NAME, write_trial_index
from trialgraph.store import Reader, open_release
from trialgraph.terms import iri, string
from trialgraph.vocabulary import RESOURCE
from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery

SYLLABLES = "ab ra mi tu zo pel ki nos ta ver li cor do sen fa gu ri xi mab nib vir stat ol in".split()
STATUSES = "COMPLETED RECRUITING TERMINATED WITHDRAWN UNKNOWN ACTIVE_NOT_RECRUITING".split()
PHASES = "NA PHASE1 PHASE2 PHASE3 PHASE4 EARLY_PHASE1".split()
TYPES, AGES = ("INTERVENTIONAL", "OBSERVATIONAL"), ("ADULT", "OLDER_ADULT", "CHILD")
OTHERS = {
    "country": ["France", "Japan", "United States", "Chile"],
    "results": ["true", "false"],
    "unit": ["mg", "mL", "ug"],
}
ASKED = 400


class MadeTrials:
    """Stands in for the reader of a release: answers the index's own questions with made trials."""

    def __init__(self, count: int) -> None:
        draw = random.Random(20_261)  # noqa: S311 - the same trials each time
        self.names = ["".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))) for _ in range(40_000)]
        self.drugs, self.diseases = self.names[:6000], self.names[6000:12_000]
        self.count, self.draw = count, draw

    def word(self) -> str:
        """Return a word, the first of them far more often than the last."""
        return self.names[int(len(self.names) * self.draw.random() ** 4)]

    def of(self, kind: list[str]) -> tuple[int, str]:
        """Return one of the drugs or diseases, with its number."""
        at = int(len(kind) * self.draw.random() ** 3)
        return at, kind[at]

    def select(self, query: str) -> Iterator[tuple[str | None, ...]]:
        """Yield rows for a query of `trial_index`."""
        if "?same" in query and "?text" not in query:
            return
        if "?thing ?text" in query:
            yield from ((iri(f"{RESOURCE}drug/{at}"), string(name)) for at, name in enumerate(self.drugs))
            return
        made = self._values(query)
        for number in range(self.count):
            trial = iri(f"{RESOURCE}NCT{number:08d}")
            yield from ((trial, *row) for row in made(number))

    def _values(self, query: str) -> Any:
        """Return what gives the rows of a trial for a query of the index."""
        facet = next((facet.name for facet in FACETS if facet.pattern in query), "")
        if facet:
            return self._facet(facet)
        if "?trial ?thing" in query:
            return lambda _: [(iri(f"{RESOURCE}drug/{self.of(self.drugs)[0]}"),)]
        texts = {
            "tg:nctId": lambda number: f"NCT{number:08d}",
            "tg:startDate": lambda _: f"{self.draw.choice(range(1995, 2027))}-0{self.draw.choice(range(1, 10))}",
            "tg:enrollmentCount": lambda _: str(self.draw.choice(range(1000))),
            "briefTitle": lambda _: " ".join(self.word() for _ in range(9)),
        }
        text = next((text for name, text in texts.items() if name in query), lambda _: self.word())
        return (lambda number: [(string(text(number)),)]) if "?text" in query else (lambda _: [()])

    def _facet(self, facet: str) -> Any:
        choice = self.draw.choice
        things = {
            "drug": self.drugs,
            "condition": self.diseases,
            "target": self.drugs[:300],
            "endpoint": self.drugs[:110],
        }
        things["sponsor"] = self.names
        codes = {"status": STATUSES, "phase": PHASES, "type": TYPES, "age": AGES}
        if facet in things:
            return lambda _: [
                (iri(f"{RESOURCE}{facet}/{at}"), string(name)) for at, name in (self.of(things[facet]),)
            ]
        if facet in codes:
            values = codes[facet]
            return lambda _: [(iri(f"{RESOURCE}scheme/{facet}/{code}"), string(code)) for code in (choice(values),)]
        values = [str(year) for year in range(1995, 2027)] if facet == "year" else OTHERS[facet]
        return lambda _: [(string(choice(values)),)]


def questions(made: MadeTrials) -> Iterator[TrialQuery]:
    """Yield what people ask: words, several words, beginnings, misspellings, filters, orders, later pages."""
    draw = made.draw
    for at in range(ASKED):
        words = made.word()
        match at % 8:
            case 1:
                words += " " + made.word()
            case 2:
                words = words[: max(3, len(words) - 2)]
            case 3:
                place = draw.randrange(1, len(words))
                words = words[:place] + "q" + words[place + 1 :]
            case 4:
                words = f"recruiting phase 3 {words}"
        chosen = {"status": ("COMPLETED",), "year": (str(draw.randint(2000, 2026)),)} if at % 8 == 5 else {}
        text = "" if at % 8 == 6 else words
        yield TrialQuery(
            text, chosen, draw.choice(("relevance", "newest", "start", "enrollment")), 3 if at % 8 == 7 else 1
        )


def speed(count: int, folder: Path | None) -> int:
    """Print the times of searches over made trials; return the exit status: 1 where p95 is 100 ms or more."""
    with tempfile.TemporaryDirectory() as passing:
        where = folder or Path(passing)
        where.mkdir(parents=True, exist_ok=True)
        if not (where / FACETS_NAME).exists():
            started = time.perf_counter()
            write_trial_index(where, MadeTrials(count))  # type: ignore[arg-type]
            size = sum(path.stat().st_size for path in where.iterdir()) / 1e6
            print(
                f"{count:,} made trials: index of {size:.0f} MB in {time.perf_counter() - started:.0f} s", flush=True
            )
        index = TrialIndex(where)
        index.search(TrialQuery())
        times = []
        for query in questions(MadeTrials(count)):
            started = time.perf_counter()
            index.search(query)
            times.append(((time.perf_counter() - started) * 1000, query.text))
    cuts = statistics.quantiles([spent for spent, _ in times], n=100)
    print(f"{len(times)} searches of {index.facets.size:,} trials: median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms")
    print("slowest: " + ", ".join(f"{text!r} {spent:.0f} ms" for spent, text in sorted(times)[:-6:-1]))
    return int(cuts[94] >= 100)


DRUGS = {
    "sildenafil": "Viagra", "tadalafil": "Cialis", "vardenafil": "Levitra", "trastuzumab": "TRASTUZUMAB", "paclitaxel": "Paclitaxel-",
    "pembrolizumab": "MK 3475", "nivolumab": "Opdivo", "pertuzumab": "Perjeta®", "palbociclib": "PD0332991", "ribociclib": "LEE-011",
    "empagliflozin": "Jardiance", "dapagliflozin": "Farxiga", "sacubitril": "LCZ-696", "semaglutide": "Ozempic", "carvedilol": "Carvedilols",
    "spironolactone": "Aldactone", "fulvestrant": "Faslodex", "capecitabine": "Xeloda", "docetaxel": "Taxotere", "letrozole": "Femara",
    "carboplatin": "", "cisplatin": "", "cyclophosphamide": "", "doxorubicin": "", "metformin": "", "ivabradine": "", "tamoxifen": "",
    "furosemide": "", "dexamethasone": "", "levosimendan": "", "atezolizumab": "",
}  # fmt: skip
"""Drugs of the records that this repository is measured with, each with a variant of its name."""
TRUTH = """PREFIX tg: <https://w3id.org/trialgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def rows(reader: Reader, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query as plain texts."""
    return [
        tuple(
            (term or "").strip("<>").removeprefix(RESOURCE).split('"')[-2 if '"' in (term or "") else 0]
            for term in row
        )
        for row in reader.select(TRUTH + query)
    ]


def recall(root: Path) -> int:
    """Print how many of the trials that give a drug are found by its name, a slip and a variant of it."""
    release = open_release(root)
    reader, index = Reader(release), TrialIndex(release.path)
    truth: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for drug, name, trial in rows(
        reader,
        "SELECT DISTINCT ?drug ?name ?trial { ?trial a tg:Trial ; tg:intervention/tg:drug ?drug . ?drug rdfs:label ?name }",
    ):
        truth.setdefault(drug, set()).add(trial)
        names[drug] = name
    common = sorted(truth, key=lambda drug: (-len(truth[drug]), drug))
    slips = {drug: slipped(names[drug], at) for at, drug in enumerate(common[:20])}
    others = dict(
        rows(reader, "SELECT ?drug (MIN(?other) AS ?name) { ?drug a tg:Drug ; skos:altLabel ?other } GROUP BY ?drug")
    )
    varied = {drug: others.get(drug, names[drug].upper()) for drug in common[:20]}
    worst = 1.0
    for title, asked, least in (
        ("names", {drug: names[drug] for drug in common[:30]}, 0.98),
        ("misspellings", slips, 0.95),
        ("variants", varied, 0.95),
    ):
        shares = {drug: share(index, text, truth[drug]) for drug, text in asked.items()}
        found = sum(shares[drug] * len(truth[drug]) for drug in asked)
        every = sum(len(truth[drug]) for drug in asked)
        print(
            f"{len(asked)} {title}: {found:.0f} of {every} trials found, {100 * found / every:.1f} % (at least {100 * least:.0f} %)"
        )
        for drug, part in shares.items():
            if part < least:
                print(f"  {asked[drug]!r}: {100 * part:.0f} % of {len(truth[drug])}")
        worst = min(worst, found / every / least)
    return int(worst < 1)


def recall_of_records(root: Path, path: Path) -> int:
    """Print the same by what records say; return the exit status: 1 where one of the three shares is too low."""
    index = TrialIndex(open_release(root).path)
    said: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            section = record["protocolSection"]
            given = section.get("armsInterventionsModule", {}).get("interventions", [])
            names = [name for each in given for name in (each["name"], *each.get("otherNames", []))]
            said[section["identificationModule"]["nctId"]] = " | ".join(names).lower()
    truth = {
        drug: {nct for nct, names in said.items() if re.search(rf"(?<![a-z]){drug}(?![a-z])", names)}
        for drug in DRUGS
    }
    known = [drug for drug in DRUGS if truth[drug]]
    asked = (
        ("names", {drug: drug for drug in known}, 0.98),
        ("misspellings", {drug: slipped(drug, at) for at, drug in enumerate(known[:20])}, 0.95),
        ("variants", {drug: DRUGS[drug] for drug in known if DRUGS[drug]}, 0.95),
    )
    return int(min(told(index, title, words, truth) / least for title, words, least in asked) < 1)


def told(index: TrialIndex, title: str, asked: dict[str, str], truth: dict[str, set[str]]) -> float:
    """Print and return the share of trials found, of all that there are."""
    shares = {drug: share(index, text, truth[drug]) for drug, text in asked.items()}
    every = sum(len(truth[drug]) for drug in asked)
    found = sum(round(shares[drug] * len(truth[drug])) for drug in asked)
    print(f"{len(asked)} {title}: {found} of {every} trials found, {100 * found / every:.1f} %")
    print(
        "".join(
            f"  {asked[drug]!r}: {100 * part:.0f} % of {len(truth[drug])}\n"
            for drug, part in shares.items()
            if part < 1
        ),
        end="",
    )
    return found / every


def slipped(name: str, at: int) -> str:
    """Return a name with one slip: a letter left out, doubled, exchanged with the next, or another."""
    place = len(name) // 2
    match at % 4:
        case 0:
            return name[:place] + name[place + 1 :]
        case 1:
            return name[:place] + name[place] + name[place:]
        case 2:
            return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
    return name[:place] + ("a" if name[place] != "a" else "e") + name[place + 1 :]


def share(index: TrialIndex, text: str, wanted: set[str]) -> float:
    """Return which part of the trials a search finds."""
    found = {row.nct for row in index.search(TrialQuery(text), 100_000).rows}
    return len(found & wanted) / len(wanted)


def main() -> int:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    of_speed = commands.add_parser("speed")
    of_speed.add_argument("--trials", type=int, default=577_000)
    of_speed.add_argument("--index", type=Path)
    of_recall = commands.add_parser("recall")
    of_recall.add_argument("release", type=Path)
    of_recall.add_argument("--records", type=Path)
    given = parser.parse_args()
    if given.command == "speed":
        return speed(given.trials, given.index)
    return recall_of_records(given.release, given.records) if given.records else recall(given.release)


if __name__ == "__main__":
    sys.exit(main())
