"""Names: prefixes, the IRIs we mint and the terms of our ontology that code uses.

This is the only place where an IRI of ours is made. IRIs are readable, hold no hash, and say where the thing
stands: `…/id/NCT06095583/arm/1` is the first arm of a trial.

>>> trial_iri("NCT06095583")
'https://w3id.org/trialgraph/id/NCT06095583'
>>> nct_id("https://w3id.org/trialgraph/id/NCT06095583/arm/1")
'NCT06095583'
>>> TG.Trial
'https://w3id.org/trialgraph/ontology#Trial'
>>> TG.Trail
Traceback (most recent call last):
    ...
AttributeError: the ontology vocabulary that code may use has no term 'Trail'
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

BASE: Final = "https://w3id.org/trialgraph/"
ONTOLOGY: Final = BASE + "ontology"
RESOURCE: Final = BASE + "id/"
SCHEME: Final = RESOURCE + "scheme/"

NCT_ID: Final = re.compile(r"NCT\d{8}")
"""The registry's identifier: NCT and eight digits (`protocolSection.identificationModule.nctId`)."""


_WRITTEN: Final = re.compile(r"[\s\ufeff\u200b\"',;]*nct[\s_:-]*([0-9]{8})[\s\u200b\"',;]*", re.IGNORECASE)


def nct_number(written: str) -> str | None:
    """Return the NCT id that a person has written in small letters or with blanks; None for what is none.

    >>> nct_number("nct06095583"), nct_number(" NCT 06095583\\r"), nct_number("NCT0609558")
    ('NCT06095583', 'NCT06095583', None)
    """
    found = _WRITTEN.fullmatch(written)
    return f"NCT{found[1]}" if found else None


class Graph:
    """The named graphs of a release; the default graph of a query is their union."""

    ONTOLOGY: Final = BASE + "graph/ontology"
    SEED: Final = BASE + "graph/seed"
    """What the seed document states about the two seed trials."""
    MIRRORS: Final = BASE + "graph/mirrors"
    """What public mirrors of the registry agree on about NCT06095583."""
    REGISTRY: Final = BASE + "graph/registry"
    """What the records say, whole."""
    INTERPRETATION: Final = BASE + "graph/interpretation"
    LINKS: Final = BASE + "graph/links"
    """Identifiers, synonyms and mappings to outside vocabularies."""
    LINKS_SA: Final = BASE + "graph/links-sa"
    """What is known by vocabularies whose licence asks to share alike, apart so that it can be left out."""
    HISTORY: Final = BASE + "graph/history"
    """Versions of records, and which values changed between them."""
    DESCRIPTION: Final = BASE + ".well-known/void"
    """VoID, DCAT, HCLS, PROV and DQV about the release."""
    EXAMPLES: Final = BASE + ".well-known/sparql-examples"


GRAPHS: Final[dict[str, str]] = {
    "ontology": Graph.ONTOLOGY,
    "seed": Graph.SEED,
    "mirrors": Graph.MIRRORS,
    "registry": Graph.REGISTRY,
    "interpretation": Graph.INTERPRETATION,
    "links": Graph.LINKS,
    "links-sa": Graph.LINKS_SA,
    "history": Graph.HISTORY,
    "description": Graph.DESCRIPTION,
    "examples": Graph.EXAMPLES,
}
"""Short names, as `trialgraph dump --graph NAME` and file names use them."""


class ClosedNamespace:
    """A namespace that knows its terms: a misspelt one raises AttributeError."""

    def __init__(self, base: str, terms: frozenset[str]) -> None:
        self._base = base
        self._terms = terms

    def __getattr__(self, name: str) -> str:
        if name in self._terms:
            found = self._base + name
            setattr(self, name, found)  # asked for by the million: the next time it is an attribute like any other
            return found
        raise AttributeError(f"the ontology vocabulary that code may use has no term {name!r}")

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._base + term for term in self._terms))


# Only what code must name: the map takes registry fields from the ontology, pages name those they have a place for.
# `tests/test_vocabulary.py` checks that the ontology declares each.
TG: Final = ClosedNamespace(
    ONTOLOGY + "#",
    frozenset(
        """
        Country inCountry
        Arm Change Condition Drug Endpoint Intervention Organization OutcomeMeasure RecordVersion RegistryRecord
        SafetyAssessment Statement Target Trial abbreviation acronym adverseEventTimeFrame aim allocation alternative
        alternativeName alternatives arm armCount armDescription armStructure armType asWritten assessor atTime
        blinding briefSummary briefTitle category categoryTitle change changedField changedPlace citationText city
        classTitle
        collaborator comparison completionDate component condition conditionMeshTerm control country dayOfCycle
        deathsNumAffected deathsNumAtRisk designedToStudy detailedDescription disease dose doseBasis doseEscalation
        doseLevel dosePerCycle dosePerFraction doseSpecification drug eligibilityCriteria endpoint enrollmentCount
        escalationDesign eventGroup fractions frequency fullName geographicScope gradedBy groupId groupRef
        groupTitle healthyVolunteers interval intervention interventionMeshTerm interventionModel keyword linkLabel
        linkUrl lowerLimit maskedRole masking maximumAge maximumCycles measureClass measuredValue measurement
        MeshDescriptor
        minimumAge minimumCycles monitors nctId nctIdAlias newValue observationalModel officialTitle oldValue
        orgStudyId otherNumAffected otherNumAtRisk otherOutcome outcome outcomeDescription outcomeGroup
        outcomeResult outcomeRole overallStatus phase pmid population position primaryCompletionDate primaryOutcome
        primaryPurpose priorTreatment radiotherapy reference referenceType regimen registryField
        requiredDiseaseStatus route safetyAssessment safetyFocus samplingMethod secondaryOutcome seeAlsoLink
        seriousNumAffected seriousNumAtRisk sex site sponsor spread stage standardAge start startDate stopCondition
        studyKind studyType timeFrame timeOrigin timePerspective timeWindow totalDose treatmentApproach
        treatmentContext unitOfMeasure upperLimit versionDate versionOf
        TrialRegistry numberedBy registryNumber secondaryId secondaryIdentifier
        BaselineMeasure Denominator FlowPeriod OutcomeResult ResultGroup achievement analysis
        analysisGroupDescription analysisParamType ciLowerLimit ciNumSides ciPctValue ciUpperLimit countValue
        denominator denominatorCount denominatorUnits dispersionType dispersionValue dropWithdrawal
        dropWithdrawalCount dropWithdrawalType estimateComment flowComment group measureDescription measureTitle
        measurementComment milestone milestoneType nonInferiorityComment nonInferiorityType numSubjects
        otherAnalysisDescription outcomeResultType pValue pValueComment paramType paramValue periodTitle
        populationDescription resultTimeFrame statisticalComment statisticalMethod testedNonInferiority
        Disease InterventionName Mechanism MeshTerm actionType denotes linkTier mechanism namedAs namesPart
        givesDrug noLinkReason studiesDisease target
        Alternatives DoseSpecification Quantity RadiotherapyCourse Regimen UninterpretedText agentName alternative
        alternatives contradicts cycleLength
        daysAsWritten doseRole doseStage duration fieldPath highValue maximumDose maximumDuration minimumDuration
        readFrom reason rule rulesVersion strength studyDay timesPerPeriod period uninterpreted unit value
        AssessmentCriteria AssessmentTime Instrument TrialFeature assessmentTime criteria criteriaVersion days
        fromBaseline instrument instrumentName length measureType memberEndpoint percentChange testArmCount timeKind
        trialFeature trialKind
        Criterion Threshold CriterionWindow PopulationRequirement DoseEscalation Aim Biomarker criterion
        criterionSide criterionType criterionText negated underCriterion threshold ofMeasurement operator
        lowLimit highLimit limitUnit comparableLow comparableHigh comparableUnit window windowDays windowAnchor
        windowDirection forGroup anyThreshold fromCriterion mention mentions namedThing
        populationRequirement requirement concerns biomarkerState biomarkerPresent orAnother variant priorDrugName
        priorOutcome dltPeriod seeks
        effectMeasure resultOf
        adverseEvent baselineDenominator baselineGroup baselineMeasure conditionMeshAncestorTerm flowGroup flowPeriod
        interventionMeshAncestorTerm otherEvent record seriousEvent
        """.split()
    ),
)

PREFIXES: Final[dict[str, str]] = {
    "tg": ONTOLOGY + "#",
    "tgid": RESOURCE,
    "tggraph": BASE + "graph/",
    "bibo": "http://purl.org/ontology/bibo/",
    "biolink": "https://w3id.org/biolink/vocab/",
    "cto": "http://purl.obolibrary.org/obo/CTO_",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dctypes": "http://purl.org/dc/dcmitype/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "idot": "http://identifiers.org/idot/",
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "mondo": "http://purl.obolibrary.org/obo/MONDO_",
    "ncit": "http://purl.obolibrary.org/obo/NCIT_",
    "oa": "http://www.w3.org/ns/oa#",
    "obi": "http://purl.obolibrary.org/obo/OBI_",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "sssom": "https://w3id.org/sssom/",
    "uniprot": "http://purl.uniprot.org/uniprot/",
    "void": "http://rdfs.org/ns/void#",
    "void-ext": "http://ldf.fi/void-ext#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes of our dumps, pages and examples."""

_READABLE: Final = "_-.,()+&'!*;:@"


def prologue(*names: str) -> str:
    """Return the declarations of prefixes at the head of a query, a line each.

    >>> prologue("rdf")
    'PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\\n'
    """
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in names)


def slug(text: str) -> str:
    """Return text as one readable IRI path segment; `unslug` gives the text back, whatever it is.

    Spaces become underscores, as in Wikipedia's addresses; everything else unusual is percent-encoded.

    >>> slug("Shanghai Junshi Bioscience Co., Ltd.")
    'Shanghai_Junshi_Bioscience_Co.,_Ltd.'
    >>> unslug(slug("a_b c/d")) == "a_b c/d"
    True
    """
    return quote(text, safe=_READABLE.replace("_", "")).replace("_", "%5F").replace("%20", "_")


def unslug(segment: str) -> str:
    """Return the text that `slug` was given."""
    return unquote(segment.replace("_", " "))


def trial_iri(nct: str) -> str:
    """Return the IRI of a trial.

    Raises ValueError when `nct` is not NCT and eight digits.
    """
    if not NCT_ID.fullmatch(nct):
        raise ValueError(f"not an NCT id: {nct!r}; it is NCT and eight digits")
    return RESOURCE + nct


def nct_id(iri: str) -> str | None:
    """Return the NCT id of a trial or of one of its parts, or None when the IRI is neither."""
    if not iri.startswith(RESOURCE):
        return None
    head = iri[len(RESOURCE) :].split("/", 1)[0]
    return head if NCT_ID.fullmatch(head) else None


def concept_iri(scheme: str, notation: str) -> str:
    """Return the IRI of a concept of one of our schemes.

    >>> concept_iri("phase", "EARLY_PHASE1")
    'https://w3id.org/trialgraph/id/scheme/phase/EARLY_PHASE1'
    """
    return f"{SCHEME}{scheme}/{quote(notation, safe=_READABLE)}"


def shared_iri(kind: str, name: str) -> str:
    """Return the IRI of a thing that several trials share, such as a drug or an organization.

    >>> shared_iri("drug", "tifcemalimab")
    'https://w3id.org/trialgraph/id/drug/tifcemalimab'
    """
    return f"{RESOURCE}{kind}/{slug(name)}"
