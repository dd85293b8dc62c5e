"""Names beside an amount: which words of a text may be names of agents, and which of two is meant."""

import re
from bisect import bisect_left
from functools import cached_property
from typing import Final

from trialgraph.interpretation.agent_names import Word, form_words, is_common, words_of
from trialgraph.interpretation.dose_amounts import Amount
from trialgraph.interpretation.regimen_state import PLACEBO, VEHICLE, Agent, RegimenText

_PEOPLE: Final = re.compile(
    r"\b(?:patients?|participants?|subjects?|volunteers?|who|whom|adults?|children|women|men|groups?|individuals?"
    r"|that|which|when|if|unless|except)\b"
)
_RECEIVING: Final = re.compile(
    r"\b(?:receiv(?:e|es|ed|ing)|takes?|taking|took|gets?|uses?|using|"
    r"undergo\w*|ingest|consume|inject|apply|administer"
    r"|inhale|given to)\b"
)
_PREPOSITIONS: Final = frozenset(
    (
        "before after during for in to on by from against prior until since within while through under at into when"
    ).split()
)
_ARTICLES: Final = frozenset(
    (
        "the a an their each any standard first of last time day start end onset night morning evening moment point"
    ).split()
)
_JOINER: Final = re.compile(r"\b(?:or|and|plus|then|followed)\b|\+|,")
_BETWEEN: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_TOUCHING: Final = re.compile(r"[\s(:,=-]*")
_MAX_BETWEEN: Final = 160
_FAR: Final = 36
"""A name further before an amount than this gives way to one right behind it."""
_BEHIND: Final = re.compile(
    r"(?:\.(?=\s[a-z]))?(?:\s{0,2}(?:-|\)|\(?(?:w/w|w/v|v/v)\)?"
    r"|(?:tablets? |capsules? )?(?:as (?:a |the )?)?(?:single |oral |daily |total |fixed |initial |loading |starting "
    r"|weekly |maximum |maintenance )?(?:dose|dosage|ld|md)s?(?:\s?\([^()]{1,16}\)){0,2}(?= "
    r"of)"
    r"|(?:tablets?|tabs?|capsules?|caps?|pills?|vials?|injections?|infusions?|solution|gel|cream|ointment|boost|bolus"
    r"|intravenous infusion|iv infusion|intravenous|iv|oral|subcutaneous|sachets?|suspension|puffs?|drops?|ampoules?"
    r"|(?:once |twice )?daily|(?:per|a|each|every) (?:\d{1,2} )?(?:days?|weeks?)"
    r"|(?:pa?ediatric |adult |liquid )?formulation|units?|portions?|volume|mixture|aliquots?)(?= of))\s{0,2}){0,3}"
    r"(?:\s?\d{1,3}(?:\.\d{1,3})?\s?%(?= [a-z]))?\s{0,2}(?P<of>of\s{1,2}(?:the "
    r"|a |an |oral |intravenous |iv |generic "
    r"|topical |active |compound |subcutaneous |study drug "
    r"|recombinant |either |commercial |blinded |lyophilized |[a-z]{3,12}-release |freshly "
    r"|dry |pure |plain |open-label |inhaled |sterile "
    r"|\d{1,3}(?:\.\d{1,3})?\s?% ?(?:\(?w/[wv]\)? )?|%\s?\d{1,3}(?:\.\d{1,3})? ){0,3})?"
    r"(?:(?:once |twice )?daily )?(?:total |oral |intravenous |iv |topical |subcutaneous "
    r"|preservative-free )?[\"“'‘]?",
    re.IGNORECASE,
)


_AFTER_WHAT: Final = re.compile(
    r"[\s*•-]*\(?(?:after|before|prior to|following|patients who|participants who"
    r"|(?:patients|participants|subjects) [^,:;]{0,30}tak\w+"
    r"|.{0,60}\bconcurrently tak\w+)\b[^:;]{0,120}"
)
_TURN: Final = re.compile(r"\s?(?:\([^()]{0,40}\))?\s?(?::|,?\s(?:will|may|should|can)\b).{0,40}", re.DOTALL)
_CLAUSE: Final = re.compile(r"\b(?:that|which|if|unless|except)\b")
_GROUP: Final = re.compile(r"\s?(?:study |treatment )?(?:arms?|groups?|cohorts?)\b")


_NO_SUBSTANCE: Final = re.compile(
    r"(?![a-z]*trexed$|colony-stimulating$)[a-z-]{3,}(?:ed|ing|ly|tion|tions|ment|ments|ity|ness|ology|scopy|graphy|ectomy|otomy)"
)
"""Words in small letters that end so are verbs, adverbs, actions and procedures, not substances."""


_REGIMEN: Final = re.compile(r"\b(?:chemotherapy|regimen|protocol)$")
"""The end of a regimen's name: the agents of its doses have names of their own."""
_TREATED: Final = re.compile(
    r"\b(?:(?:treatment|therapy|management|prevention|prophylaxis|relief|control) of|diagnosed with|suffering from"
    r"|patients with)\s(?:the |their |active |acute |chronic |severe )?$"
)
_SITE: Final = re.compile(r"(?:para|peri|intra|epi|sub|trans|inter|lumb|cervic)[a-z]{3,14}(?:al|ar|ic|ous)")
"""Words that say where something is given: "100 mL paraspinal normal saline"."""
_ISOTOPE: Final = re.compile(r"[A-Z][a-z]?-\d{1,3}|\d{2,3}-?[A-Z][a-z]?")
_AMOUNT: Final = re.compile(r"\d[\d.,]*(?:mg|mcg|ug|g|ml|iu|gy|m|h|d|w|x)", re.IGNORECASE)


_NO_NAME: Final = re.compile(
    r"/?(?:mg|mcg|ug|µg|g|ml|iu|gy|kg|m2)/"
    r"|(?:cohort|arm|group|level|part|stage|step|cycle|week|day|visit|period|phase)s?-?\d{1,2}[a-z]?",
    re.IGNORECASE,
)
"""What the strokes between amounts leave of them ("5 mg/10 mg"), and what is numbered: "20 mg Cohort1"."""
_RELEASE: Final = frozenset({"MR", "IR", "XR", "ER", "SR", "CR"})
"""How a product releases its drug: part of a name, none alone."""


_DRUG_LIKE: Final = re.compile(
    r"[A-Za-z][a-z]{3,20}(?:stone|prost\w{0,4}|olol|azole|mycin|cillin|mab|tinib|ciclib|pril|sartan|statin|platin|taxel|zepam"
    r"|zolam|tidine|prazole|caine|fentanil|pofol|sone|solone|idine|amide|azine|oxacin|cycline|gliptin|gliflozin|glutide"
    r"|parin|xaban|grel|dronate|setron|triptan|vir|amine|phine|odone|abine|trexate)"
)
"""Names of drugs by their ends (INN stems): "24 h after mifepristone 200 mg"."""


_CODE: Final = re.compile(
    r"[ -]\d{2,3}-\d{3,6}(?=\W)|[ -]\d{3,7}(?=\s\d|\s?[(:])|[ -]\d{5,7}(?=\s[A-Za-z])|[ -]\d{3}(?=, \d)"
)
"""The number of a code name behind its letters: "BAY 38-9456", "SAR 439859"."""


_LETTERED: Final = (
    "vit",
    "botulinum",
    "immunoglobulin",
    "amphotericin",
    "penicillin",
    "polymyxin",
    "mitomycin",
    "cyclosporin",
)
"""Beginnings of names that a letter ends: "Immunoglobulin M", "Amphotericin B"."""
_LETTER: Final = re.compile(r"(?:^|(?<=[ (,+]))(?P<letter>[A-Z]) $")
_CALLED_BY_LETTER: Final = re.compile(r"\b(?P<name>[A-Za-z][\w-]{4,30}) \((?P<letter>[A-Z])\)")
_ACRONYM: Final = re.compile(r"[A-Z][A-Z0-9]+(?:-[A-Z0-9]{1,3})?")
_LIKENED: Final = ("-matched", "-matching")
"""Ends of words that tell what a placebo looks like."""
_USED_AS: Final = re.compile(r"\bused as (?:a )?$")
_IS_GIVEN: Final = re.compile(
    r"\s(?:was|were|is|are|will be)\s(?:given|administered|infused|injected|taken|received)\b"
)
_IS: Final = re.compile(r"\s(?:is|are|was|were)(?: from| as)?(?=\s)")
_NUMBER_OF: Final = re.compile(r"[ -]\d{2,6}(?![\w.,%])")
_SHORT_NAME: Final = 5
_MEASURED: Final = frozenset(
    {"level", "levels", "concentration", "concentrations", "titer", "titers", "titre", "titres"}
)
"""Behind what is measured: "weight and IgE levels"."""


CLASS: Final = re.compile(
    r"(?:.*[\s-])?(?:inhibitor|diuretic|agonist|antagonist|blocker|agent|antibody|antibiotic|steroid|corticosteroid"
    r"|medication|drug|supplement|an(?:a?)esthetic|analgesic|hormone)",
    re.IGNORECASE,
)
"""Words that tell a class of drugs, not a name."""


class Finder:
    """The words of a text and which of them may be names of agents."""

    def __init__(self, state: RegimenText) -> None:
        self.state = state
        self.plain = state.text.plain
        self.folded = state.text.folded
        self.covered = state.covered()
        self.words = [self._bare(word) for word in words_of(self.plain)]
        self.starts = [word.start for word in self.words]
        self.knows = state.context.names.knows
        known = (word for name in state.context.names.known for word in name.split())
        self.known_words = frozenset(word for word in known if word not in form_words())

    def _bare(self, word: Word) -> Word:
        """Return a word without the amount it begins with and the unit it ends with: "mg/ml/Timolol", "X/hour"."""
        start, end = word.start, word.end
        if self.covered[start] and end - start > 2 and not self.covered[end - 1]:
            while start < end and (self.covered[start] or not self.plain[start].isalnum()):
                start += 1
        while start < end and self.covered[end - 1] and not self.covered[start]:
            end -= 1  # an amount is written right behind the name
        if "/" in word.text:
            head, stroke, tail = self.plain[start:end].rpartition("/")
            if stroke and is_common(tail) and len(head) > 2:
                end = start + len(head)
        same = start >= end or (start == word.start and end == word.end)
        return word if same else Word(start, end, self.plain[start:end])

    def beside(self, amount: Amount, floor: int, ceiling: int, following: int | None) -> Agent | None:
        """Return the agent that stands beside an amount, between two positions; None where none does."""
        after = self.behind(amount, ceiling)
        before = self.before(amount, floor)
        touching = before is not None and _TOUCHING.fullmatch(self.plain, before.end or 0, amount.start) is not None
        if after is None or before is None:
            return after or (before if before and (before.how != "agent/near" or self.knows(before.name)) else None)
        if self._is_behind_surely(after, before, amount, touching=touching):
            return after
        known_behind = self.knows(after.name) and not self.knows(before.name)
        joined = _JOINER.search(self.folded, before.end or 0, amount.start)
        if after.how == "agent/of":
            chosen = before if touching and self.knows(before.name) and not self.knows(after.name) else after
        elif touching:
            of_next = following is not None and _TOUCHING.fullmatch(self.plain, after.end or 0, following)
            chosen = after if known_behind and not of_next else before
        elif before.how == "agent/adjacent":
            far = amount.start - (before.end or 0) > _FAR
            chosen = after if joined or far or self.knows(after.name) else before
        elif self.knows(after.name) or not self.knows(before.name):
            chosen = after
        else:
            chosen = before
        return chosen

    def _is_behind_surely(self, after: Agent, before: Agent, amount: Amount, *, touching: bool) -> bool:
        """Return whether the name behind an amount is meant whatever stands before it."""
        if amount.unit == "%" and after.how == "agent/behind" and not touching and not self.knows(before.name):
            return True  # "insulin is added in the 5% glucose"
        if self._is_subject(after, before, amount, touching=touching):
            return True
        if PLACEBO.search(before.name.lower()) and VEHICLE.search(after.name.lower()):
            return True  # "placebo: 100 mL normal saline"
        if _REGIMEN.search(before.name.lower()):
            return True  # "FEC chemotherapy (500 mg/m2 fluorouracil"
        if after.how != "agent/near" and CLASS.fullmatch(before.name) and self._is_substance(after):
            return True  # "a beta agonist (50 ug salmeterol"
        return self._is_short_for(after, before, amount)

    def _is_subject(self, after: Agent, before: Agent, amount: Amount, *, touching: bool) -> bool:
        """Return whether a name behind an amount is what a new clause speaks of: "with B, 150 mg A was given"."""
        if self.folded.endswith("of which ", 0, amount.start):
            return True  # "2 g fish oil, of which 600 mg is DHA"
        if not touching or after.how != "agent/behind":
            return False
        comma = self.plain[before.end or 0 : amount.start].strip() == ","
        return comma and _IS_GIVEN.match(self.folded, after.end or 0) is not None

    def _is_short_for(self, after: Agent, before: Agent, amount: Amount) -> bool:
        """Return whether what stands right behind an amount is a short name, or an isotope: "100 units BTX-A"."""
        if after.how != "agent/behind" or before.how != "agent/near":
            return False
        if amount.kind == "radioactivity":
            return _ISOTOPE.match(after.name) is not None
        return _ACRONYM.fullmatch(after.name) is not None and after.name[0] == before.name[0].upper()

    def lettered(self, amount: Amount) -> Agent | None:
        """Return the drug that a text calls by a letter before an amount: "nocarolumab (N) ... N 9 mg"."""
        letter = _LETTER.search(self.plain, max(0, amount.start - 3), amount.start)
        if letter is None:
            return None
        named = self._lettered_names.get(letter["letter"])
        if named is None or named[1] > amount.start:
            return None
        return Agent(named[0], letter.start("letter"), letter.end("letter"), "agent/adjacent")

    @cached_property
    def _lettered_names(self) -> dict[str, tuple[str, int]]:
        """The first name that begins with a letter and has it in brackets behind it, by letter, and where it ends."""
        found: dict[str, tuple[str, int]] = {}
        for match in _CALLED_BY_LETTER.finditer(self.plain):
            if match["name"][0].upper() == match["letter"]:
                found.setdefault(match["letter"], (match["name"], match.end()))
        return found

    def is_name(self, index: int) -> bool:
        """Return whether a word may be part of an agent's name."""
        word = self.words[index]
        before = self.words[index - 1].text.lower() if index else ""
        if before.startswith(_LETTERED) and len(word.text) <= (3 if before.startswith("vit") else 1):
            return word.text[0].isalpha()
        following = self.words[index + 1].text if index + 1 < len(self.words) else ""
        if following and word.text.lower() == "normal":
            return following.lower() == "saline"
        isotope = _ISOTOPE.fullmatch(word.text) is not None and following[:1].isalpha() and not is_common(following)
        if not word.text[0].isalnum() or self._is_passed(word, following) or len(word.text) == 1:
            return False
        if word.text.endswith(_LIKENED) or _AMOUNT.fullmatch(word.text) or _NO_NAME.fullmatch(word.text):
            return False
        if word.text in self.known_words or word.text.lower() in self.known_words:
            return not is_common(word.text)
        # "N-13 ammonia" is named with its isotope
        nameless = is_common(word.text) or word.text.lower() in form_words() or _NO_SUBSTANCE.fullmatch(word.text)
        return isotope or not nameless

    def _is_substance(self, agent: Agent) -> bool:
        """Return whether a name right behind an amount is one word and no class of drugs."""
        return " " not in agent.name and CLASS.fullmatch(agent.name) is None and len(agent.name) > _SHORT_NAME

    def _is_passed(self, word: Word, following: str) -> bool:
        """Return whether a word belongs to an amount or is what is measured: "0.008 mg/kg/IgE", "the IgE level"."""
        if word.text.lower() == "placebo" and _USED_AS.search(self.folded, max(0, word.start - 12), word.start):
            return True  # "X is used as a placebo at 6 mmol": the agent is X
        measured = following.lower() in _MEASURED and word.text.lower() not in self.known_words
        divides = self.folded.endswith("/kg/", 0, word.start) and bool(self.covered[word.start - 2])
        divides = divides and not self.covered[min(word.end + 1, len(self.covered) - 1)]  # "2 mg/kg/X 80 mg"
        return measured or divides or bool(self.covered[word.start])

    def before(self, amount: Amount, floor: int) -> Agent | None:
        """Return the name before an amount: right before it, or the subject of its sentence."""
        index = bisect_left(self.starts, amount.start) - 1
        steps = 0
        passed: tuple[int, int] | None = None
        while index >= 0 and self.words[index].start >= floor and steps < 40:
            steps += 1
            word = self.words[index]
            if word.text in ")]":
                index = self._opening(index) - 1
                continue
            if word.text in ";\n" or (word.text == "." and steps > 1):
                return None
            if self.is_name(index):
                start = self._phrase_start(index, floor)
                if start == index and word.text in _RELEASE:
                    index -= 1
                    continue
                if self._is_condition(start, index):
                    passed = (self.words[start].start, self.words[index].end)
                    index = start - 1
                    continue
                of_what_was = self._of_what_was(start, index, floor, amount)
                agent = None if of_what_was else self._judged(start, index, amount, passed)
                if agent is not None:
                    return agent
                if amount.start - word.end > _MAX_BETWEEN:
                    return None
                index = start
            index -= 1
        return None

    def _of_what_was(self, start: int, last: int, floor: int, amount: Amount) -> bool:
        """Return whether a name is of what goes before: "After surgery and chemotherapy: 840 mg"."""
        before = self.folded[floor : self.words[start].start]
        behind = self.folded[self.words[last].end : amount.start]
        return _AFTER_WHAT.fullmatch(before) is not None and _TURN.fullmatch(behind) is not None

    def _is_condition(self, start: int, last: int) -> bool:
        """Return whether words name what is treated: "melatonin for treatment of GERD in a dose of 3 mg"."""
        first = self.words[start].start
        treated = _TREATED.search(self.folded, max(0, first - 40), first) is not None
        return treated and not self.knows(self.plain[first : self.words[last].end])

    def _judged(self, start: int, last: int, amount: Amount, passed: tuple[int, int] | None = None) -> Agent | None:
        """Return a name before an amount as agent, with how it stands to it; None where it is none.

        `passed` is where words stand between that name what is treated.
        """
        first, end = self.words[start].start, self.words[last].end
        code = _CODE.match(self.plain, end, amount.start + 1) if self.plain[first:end].isupper() else None
        end = code.end() if code else end
        name = self.plain[first:end]
        between = self.folded[end : amount.start]
        if passed is not None and passed[0] >= end:
            between = self.folded[end : passed[0]] + " " + self.folded[passed[1] : amount.start]
        between = _BETWEEN.sub(" ", between)
        if _GROUP.match(self.folded, end) or _CLAUSE.search(between):
            return None
        joined = re.search(r"\b(?:and|then|followed)\b", between)
        touches = between == " " and start == last and _DRUG_LIKE.fullmatch(name) is not None
        if not self.knows(name) and ((self._governed(start) and not touches) or joined or _PEOPLE.search(between)):
            return None
        common = all(is_common(one.text) or not one.text[0].isalnum() for one in words_of(between))
        known = self._before_bracket(start, name)
        if known is not None and self.plain[end : end + 1] == ",":
            return known
        if common and not _PEOPLE.search(between) and not _RECEIVING.search(between) and len(between) < 90:
            return self._of_bracket(start, last, amount) or Agent(name, first, end, "agent/adjacent")
        return Agent(name, first, end, "agent/near")

    def _before_bracket(self, start: int, name: str) -> Agent | None:
        """Return the record's name before brackets that hold another: "Pioglitazone (Actos, 30 mg/day)"."""
        if start < 2 or self.words[start - 1].text != "(" or self.knows(name) or not self.is_name(start - 2):
            return None
        first = self._phrase_start(start - 2, 0)
        begin, end = self.words[first].start, self.words[start - 2].end
        known = self.plain[begin:end]
        return Agent(known, begin, end, "agent/adjacent") if self.knows(known) else None

    def _of_bracket(self, start: int, last: int, amount: Amount) -> Agent | None:
        """Return the substance in brackets behind a brand: "Farxiga® (dapagliflozin) 5 mg"."""
        if self.words[last].text[-1:] not in "®™":
            return None
        match = re.match(r"\s?\(([A-Za-z][\w -]{2,40})\)", self.plain[self.words[last].end : amount.start])
        if match is None or start > last:
            return None
        begin = self.words[last].end + match.start(1)
        return Agent(match[1], begin, begin + len(match[1]), "agent/adjacent")

    def _opening(self, index: int) -> int:
        """Return the word that opens the bracket that closes here, or this word where none does."""
        depth = 0
        for number in range(index, max(-1, index - 40), -1):
            if self.words[number].text in ")]":
                depth += 1
            elif self.words[number].text in "([":
                depth -= 1
                if depth == 0:
                    return number
        return index

    def _governed(self, start: int) -> bool:
        """Return whether a name stands behind a preposition that makes it no agent ("before chemotherapy")."""
        index = start - 1
        while index >= 0 and self.words[index].text.lower() in _ARTICLES:
            index -= 1
        word = self.words[index].text.lower() if index >= 0 else ""
        followed = word == "by" and index > 0 and self.words[index - 1].text.lower() == "followed"
        return word in _PREPOSITIONS and not followed

    def _phrase_start(self, index: int, floor: int) -> int:
        """Return the first word of the name that ends here."""
        start = index
        while start > 0 and index - start < 5 and self.words[start - 1].start >= floor:
            gap = self.words[start].start - self.words[start - 1].end
            if gap <= 1 and self.is_name(start - 1):
                start -= 1
            elif (
                gap <= 1
                and start > 1
                and self.words[start - 1].text.isdigit()
                and not self.covered[self.words[start - 1].start]
                and self.is_name(start - 2)
            ):
                start -= 2
            else:
                break
        return start

    def behind(self, amount: Amount, ceiling: int) -> Agent | None:
        """Return the name behind an amount: "20 mg of X", "20 mg X"."""
        if self.plain.startswith("/", amount.end):
            return None  # "A 600 mg/B 200 mg"
        told = _IS.match(self.folded, amount.end) if self.folded.endswith("of which ", 0, amount.start) else None
        head = _BEHIND.match(self.plain, told.end() if told else amount.end, ceiling)
        begin = head.end() if head else amount.end
        said_of = bool(head and head["of"])
        first = bisect_left(self.starts, begin)
        if first >= len(self.words) or self.words[first].start - begin > 1:
            return None
        last, joined = -1, False
        begun = first
        for index in range(first, min(first + 9, len(self.words))):
            word = self.words[index]
            if word.start >= ceiling or (index > first and word.start - self.words[index - 1].end > 1):
                break
            if self.is_name(index):
                begun = index if last < 0 else begun
                last = index
                continue
            if (
                (_NO_SUBSTANCE.fullmatch(word.text) or _SITE.fullmatch(word.text))
                and index + 1 < len(self.words)
                and self.is_name(index + 1)
            ):
                continue
            joins = word.text.lower() == "with" or (word.text.lower() == "and" and joined) or word.text == "/"
            if joins and last >= 0 and (amount.kind == "volume" or word.text == "/"):
                joined = True
                continue
            if not (index > first and word.text.isdigit() and not self.covered[word.start]):
                break
        if last < 0 or (begun == last and self.words[last].text in _RELEASE):
            return None
        if last + 1 < len(self.words) and self.words[last + 1].text.lower() == "water":
            last += 1  # "2000 mL of cold water"
        start, end = self.words[begun].start, self.words[last].end
        number = _NUMBER_OF.match(self.plain, end)
        if number and not self.covered[number.end() - 1] and self.knows(self.plain[start : number.end()]):
            end = number.end()  # "1 capsule of LCZ 696"
        return Agent(self.plain[start:end], start, end, "agent/of" if said_of else "agent/behind")
