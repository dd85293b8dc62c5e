"""Results as RDF: the endpoint of each, the outcome it is of, and what its analyses estimate."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from trialgraph.interpretation.endpoint_reader import OUTCOME_LISTS
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.outcome import read_outcome
from trialgraph.interpretation.outcome_triples import SEGMENTS, evidenced, measured
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.record_texts import Document, Line, items, nct_of, section, text_of
from trialgraph.terms import Term, Triple, iri
from trialgraph.vocabulary import TG, concept_iri, trial_iri

MODULE: Final = "resultsSection.outcomeMeasuresModule"
_LISTS: Final = {
    "PRIMARY": "primaryOutcomes",
    "SECONDARY": "secondaryOutcomes",
    "OTHER_PRE_SPECIFIED": "otherOutcomes",
}
_NOT_A_WORD: Final = re.compile(r"[\W_]+")


def results_line(document: Document) -> Line:
    """Return the results of a record with the outcomes it registered."""
    results = document.get("resultsSection")
    module = results.get("outcomeMeasuresModule") if isinstance(results, dict) else None
    outcomes = section(document, "outcomesModule")
    registered = {name: [text_of(entry, "measure") for entry in items(outcomes, name)] for name in OUTCOME_LISTS}
    found = items(module, "outcomeMeasures") if isinstance(module, dict) else []
    return {"nct": nct_of(document), "results": found, "registered": registered}


def result_triples(line: Line, origin: Origin, drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:  # noqa: ARG001 - one call for all kinds
    """Yield what each result measures, which registered outcome it is of, and what its analyses estimate."""
    trial = trial_iri(line["nct"])
    for number, entry in enumerate(line["results"]):
        place = f"result/outcome/{number + 1}"
        result = iri(f"{trial}/{place}")
        texts = [text_of(entry, key) or "" for key in ("title", "description", "timeFrame")]
        found = read_outcome(texts[0], texts[1], texts[2])
        yield from measured(result, found)
        reading = iri(f"{trial}/interpretation/{place}")
        path = f"outcomeMeasures[{number}]"
        yield from evidenced(result, reading, found, path=path, origin=origin, module=MODULE)
        registered = _registered(line["registered"], text_of(entry, "type"), texts[0])
        if registered is not None:
            yield result, iri(TG.resultOf), iri(f"{trial}/outcome/{registered}")
        yield from _estimates(trial, number, entry, origin)


def _registered(outcomes: Mapping[str, list[str | None]], kind: str | None, title: str) -> str | None:
    """Return the place of the registered outcome of a result's kind that bears its title, if there is just one."""
    name = _LISTS.get(kind or "", "")
    same = [number for number, measure in enumerate(outcomes.get(name, [])) if _words(measure) == _words(title)]
    return f"{SEGMENTS[name]}/{same[0] + 1}" if len(same) == 1 and title else None


@lru_cache(maxsize=1024)
def _words(text: str | None) -> str:
    return _NOT_A_WORD.sub(" ", (text or "").lower()).strip()


@cache
def _effect_measures() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["measure"], re.compile(row["pattern"])) for row in rows("effect-measures"))


def effect_measure(written: str) -> str | None:
    """Return the notation of what an analysis estimates, by its parameter type as written.

    >>> effect_measure("Hazard Ratio (HR)"), effect_measure("LS Mean Difference"), effect_measure("Slope")
    ('HAZARD_RATIO', 'MEAN_DIFFERENCE', None)
    """
    folded = written.lower()
    return next((name for name, pattern in _effect_measures() if pattern.search(folded)), None)


def _estimates(trial: str, number: int, entry: Document, origin: Origin) -> Iterator[Triple]:
    for position, analysis in enumerate(items(entry, "analyses"), 1):
        written = text_of(analysis, "paramType") or ""
        name = effect_measure(written)
        if name is None:
            continue
        node = iri(f"{trial}/result/outcome/{number + 1}/analysis/{position}")
        reading = iri(f"{trial}/interpretation/result/outcome/{number + 1}/analysis/{position}")
        yield node, iri(TG.effectMeasure), iri(concept_iri("effect-measure", name))
        path = f"outcomeMeasures[{number}].analyses[{position - 1}].paramType"
        words = Finding(
            path=path, start=0, end=len(written), exact=written, rule=f"effect/{name.lower().replace('_', '-')}"
        )
        for subject, predicate, value in origin.triples(reading, [words], MODULE):
            yield node if subject == reading else subject, predicate, value
