"""Doses as RDF, with the classes of curated data: dose specifications, radiotherapy courses of arms."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from trialgraph.interpretation.arm_assembly import Given, assembled
from trialgraph.interpretation.dose_entry import PER_FRACTION
from trialgraph.interpretation.dose_stages import LOADING, MAINTENANCE, STEP
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.frequency_codes import frequency, frequency_node, interval_node
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.quantity_nodes import label, quantity
from trialgraph.interpretation.record_texts import Line
from trialgraph.interpretation.regimen import readings_of
from trialgraph.interpretation.regimen_state import RegimenText
from trialgraph.interpretation.regimen_triples import cycles, regimen_triples
from trialgraph.interpretation.value_class import value_class
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, integer, iri, string
from trialgraph.vocabulary import TG, concept_iri, trial_iri

MODULE: Final = "protocolSection.armsInterventionsModule"
_STOPS: Final = {
    "progression": "DISEASE_PROGRESSION",
    "toxicity": "INTOLERABLE_TOXICITY",
    "withdrawal": "WITHDRAWAL",
    "death": "DEATH",
    "response": "RESPONSE",
    "surgery": "SURGERY",
    "other": "OTHER",
}
_STAGES: Final = {LOADING: "LOADING", MAINTENANCE: "MAINTENANCE", STEP: "STEP"}
_SPAN: Final = re.compile(r"(<=|>=|>)?(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))? (.+)")
_DAY: Final = re.compile(r"(?<![-\d])(\d{1,3})(?:-(\d{1,3}))?(?![-\d])")
_AMOUNTS: Final = {"dose": TG.dose, "maximum": TG.maximumDose, "strength": TG.strength}


@value_class(frozen=True, slots=True)
class Words:
    """How dose and schedule are told in one line, as a label."""

    dose: Mapping[str, Any]

    def __str__(self) -> str:
        dose = self.dose
        parts = [dose["agent"], label(dose["amount"], dose["amount_high"], dose["unit"])]
        if dose["role"] == "maximum":
            parts.insert(1, "at most")
        parts.append(dose["route"] or "")
        if dose["days"]:
            parts.append(f"on days {dose['days']}")
        if dose["every_unit"]:
            parts.append(frequency(dose["times"], dose["every"], dose["every_unit"])[1])
        return " ".join(part for part in parts if part)


def dose_triples(line: Line, origin: Origin, drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:
    """Yield what a record's texts say is given; `drugs` has the drug of an intervention's node."""
    readings = list(readings_of(line))
    doses = [dose for reading in readings for dose in reading.doses]
    found = assembled(line, doses)
    nodes = _named(line["nct"], found)
    positions = _positions(readings, found, nodes)
    for given, node in zip(found, nodes, strict=True):
        yield from _specification(line["nct"], given, node, drugs)
        if given.dose["rule"] in _STAGES:
            yield node, iri(TG.position), integer(positions[node])
        yield from origin.triples(node, given.words, MODULE)
        if given.contradicts is not None:
            other = nodes[next(number for number, one in enumerate(found) if one is given.contradicts)]
            yield node, iri(TG.contradicts), other
    placed = list(zip(found, nodes, strict=True))
    yield from regimen_triples(line["nct"], readings, placed, origin, MODULE)
    yield from _left_as_text(line["nct"], readings, origin)


def _named(nct: str, found: Sequence[Given]) -> list[Term]:
    """Return a node for each dose: below its arm or its intervention, numbered in order."""
    counts: dict[str, int] = {}
    nodes = []
    for given in found:
        owner = f"arm/{given.arm + 1}" if given.arm is not None else f"intervention/{(given.intervention or 0) + 1}"
        kind = "radiotherapy" if _is_course(given) else "dose"
        place = f"{trial_iri(nct)}/interpretation/{owner}/{kind}"
        counts[place] = counts.get(place, 0) + 1
        nodes.append(iri(f"{place}/{counts[place]}"))
    return nodes


def _positions(readings: Sequence[RegimenText], found: Sequence[Given], nodes: Sequence[Term]) -> dict[Term, int]:
    """Return the place of each dose among those of its owner: steps of an agent in the order of time."""
    places: dict[tuple[object, ...], tuple[int, int]] = {}
    for number, (text, some) in enumerate((reading.path, some) for reading in readings for some in reading.steps):
        for place, dose in enumerate(some):
            places.setdefault((text, dose["start"], dose["end"], dose["amount"], dose["agent"]), (number, place))
    positions = {node: int(node.rstrip(">").rpartition("/")[2]) for node in nodes}
    sequences: dict[tuple[str, int], list[tuple[int, Term]]] = {}
    for given, node in zip(found, nodes, strict=True):
        for words in given.words:
            told = places.get((words.path, words.start, words.end, given.dose["amount"], given.dose["agent"]))
            if told is not None:
                owner = node.rpartition("/")[0]
                sequences.setdefault((owner, told[0]), []).append((told[1], node))
                break
    for steps in sequences.values():
        free = sorted(positions[node] for _, node in steps)
        for number, (_, node) in zip(free, sorted(steps), strict=True):
            positions[node] = number
    return positions


def _is_course(given: Given) -> bool:
    return bool(given.dose["kind"] == "radiation" and given.dose["role"] == "dose")


def _specification(nct: str, given: Given, node: Term, drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:
    """Yield what one dose is: of what, how much, and what belongs to it."""
    dose, course = given.dose, _is_course(given)
    amount, said = quantity(dose["amount"], dose["amount_high"], dose["unit"])
    yield from said
    number = given.arm if given.arm is not None else given.intervention
    owner = iri(f"{trial_iri(nct)}/{'arm' if given.arm is not None else 'intervention'}/{(number or 0) + 1}")
    yield owner, iri(TG.radiotherapy if course else TG.doseSpecification), node
    yield node, RDF_TYPE, iri(TG.RadiotherapyCourse if course else TG.DoseSpecification)
    yield node, RDFS_LABEL, string(str(Words(dose)))
    yield node, iri(TG.asWritten), string(given.words[0].exact)
    yield node, iri(TG.agentName), string(dose["agent"])
    if given.intervention is not None:
        intervention = iri(f"{trial_iri(nct)}/intervention/{given.intervention + 1}")
        yield node, iri(TG.intervention), intervention
        given_drugs = drugs.get(intervention, ())
        if (
            given.named
            and not course
            and dose["kind"] == "drug"
            and (len(given_drugs) == 1 or _is_of_all(dose, given_drugs))
        ):
            yield from ((node, iri(TG.drug), drug) for drug in given_drugs)
    if course:
        yield from _radiation(node, dose, amount)
    else:
        yield node, iri(_AMOUNTS[dose["role"]]), amount
        if dose["role"] == "dose":
            yield node, iri(TG.doseBasis), iri(concept_iri("dose-basis", _basis(dose["unit"])))
    yield node, iri(TG.doseRole), iri(concept_iri("dose-role", dose["role"].upper()))
    if dose["rule"] in _STAGES:
        yield node, iri(TG.doseStage), iri(concept_iri("dose-stage", _STAGES[dose["rule"]]))
    if dose["route"]:
        code = dose["route"].upper().replace("-", "_").replace(" ", "_")
        yield node, iri(TG.route), iri(concept_iri("route", code))
    yield from _schedule(node, dose)


def _is_of_all(dose: Mapping[str, Any], drugs: Sequence[Term]) -> bool:
    """Return whether a dose is one of a combination of just these drugs: "24/26 mg" of two, "A/B 200 mg"."""
    parts = str(dose["amount"]).count("/") + 1
    names = len([name for name in re.split(r"\s*(?:/|\+)\s*|\s(?:and|with)\s", dose["agent"]) if name])
    return len(drugs) > 1 and len(drugs) in (parts, names)


def _basis(unit: str) -> str:
    """Return the notation of what a dose is reckoned by."""
    if unit == "AUC":
        return "AUC"
    return "BODY_SURFACE_AREA" if "/m2" in unit else "BODY_WEIGHT" if "/kg" in unit else "FIXED"


def _radiation(node: Term, dose: Mapping[str, Any], amount: Term) -> Iterator[Triple]:
    """Yield total dose, fractions and dose per fraction; the last by division where it is even to a hundredth."""
    each = dose["rule"] == PER_FRACTION
    yield node, iri(TG.dosePerFraction if each else TG.totalDose), amount
    if not dose["fractions"] or not str(dose["fractions"]).isdigit():
        return
    count = int(dose["fractions"])
    yield node, iri(TG.fractions), integer(count)
    if dose["amount_high"] is None and count and dose["amount"].replace(".", "", 1).isdigit():
        whole = float(dose["amount"]) * count if each else float(dose["amount"]) / count
        if abs(whole * 100 - round(whole * 100)) < 1e-6:
            other, said = quantity(f"{round(whole, 2):g}", None, dose["unit"])
            yield from said
            yield node, iri(TG.totalDose if each else TG.dosePerFraction), other


def _schedule(node: Term, dose: Mapping[str, Any]) -> Iterator[Triple]:
    """Yield how often, on which days, in which cycles, how long and until what."""
    if dose["every_unit"]:
        often = dose["times"], dose["every"], dose["every_unit"]
        concept, said = frequency_node(*often)
        yield node, iri(TG.frequency), concept
        yield from said
        between = interval_node(*often)
        if between:
            yield node, iri(TG.interval), between[0]
            yield from between[1]
        if dose["times"] is not None and dose["every"] is not None:
            period, about = quantity(f"{dose['every']:g}", None, dose["every_unit"])
            yield node, iri(TG.timesPerPeriod), integer(int(dose["times"]))
            yield node, iri(TG.period), period
            yield from about
    if dose["days"]:
        yield node, iri(TG.daysAsWritten), string(dose["days"])
        predicate = iri(TG.dayOfCycle if dose["cycle"] else TG.studyDay)
        yield from ((node, predicate, integer(day)) for day in _days(dose["days"]))
    if dose["cycle"]:
        yield from _length(node, dose["cycle"], {"": TG.cycleLength})
    if dose["cycles"]:
        yield from cycles(node, dose["cycles"])
    if dose["duration"]:
        bounds = {"": TG.duration, "<=": TG.maximumDuration, ">=": TG.minimumDuration, ">": TG.minimumDuration}
        yield from _length(node, dose["duration"], bounds)
    for stop in (dose["until"] or "").split(","):
        if stop:
            yield node, iri(TG.stopCondition), iri(concept_iri("stop-condition", _STOPS[stop]))


def _days(written: str) -> list[int]:
    """Return the days that are written without a sign; ranges are counted out.

    >>> _days("1,8,15"), _days("1-3"), _days("-4,-3")
    ([1, 8, 15], [1, 2, 3], [])
    """
    found: set[int] = set()
    for first, last in _DAY.findall(written):
        found.update(range(int(first), int(last or first) + 1))
    return sorted(day for day in found if day > 0)


def _length(node: Term, written: str, predicates: Mapping[str, str]) -> Iterator[Triple]:
    """Yield a length of time ("<=2 a", "21 d") by the predicate of its sign."""
    match = _SPAN.fullmatch(written)
    if match and (match[1] or "") in predicates:
        value, said = quantity(match[2], match[3], match[4])
        yield node, iri(predicates[match[1] or ""]), value
        yield from said


def _left_as_text(nct: str, readings: Sequence[Any], origin: Origin) -> Iterator[Triple]:
    """Yield the amounts that are no dose, or none that was understood, each with its reason."""
    number = 0
    for reading in readings:
        for amount in reading.amounts:
            if not amount.reason or amount.kind not in _AMOUNT_KINDS:
                continue
            number += 1
            node = iri(f"{trial_iri(nct)}/interpretation/text/{number}")
            start, end, exact = reading.text.span(amount.start, amount.end)
            yield iri(trial_iri(nct)), iri(TG.uninterpreted), node
            yield node, RDF_TYPE, iri(TG.UninterpretedText)
            yield node, RDFS_LABEL, string(exact)
            yield node, iri(TG.reason), string(amount.reason)
            words = Finding(path=reading.path, start=start, end=end, exact=exact, rule=f"amount/{amount.kind}")
            yield from origin.triples(node, [words], MODULE)


_AMOUNT_KINDS: Final = frozenset(
    ("mass", "volume", "substance", "activity", "radioactivity", "absorbed dose", "form", "count", "exposure")
)
