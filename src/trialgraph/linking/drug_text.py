"""Surgery on the name of an intervention: markup, placebo phrases, brackets, parts, doses and forms."""

import re
from collections.abc import Iterator
from string import ascii_letters
from typing import Final

from trialgraph.linking.name_rules import Rules
from trialgraph.resource.name_key import WIDE, exact_key, without_entities

BRACKET: Final = re.compile(r"[(\[{]([^()\[\]{}]{1,300})[)\]}]")
"""A bracket without another one in it."""

JOINED: Final = re.compile(r"\+|&|\b(?:and|with|plus|or|followed by|to)\b", re.IGNORECASE)
"""What joins things of their own; a comma or slash may only explain."""

CARRIED: Final = re.compile(
    r"\b(?:pulsed|loaded|electroporated|transfected|primed)\b[^,;+]*\bcells?\b", re.IGNORECASE
)
"""Cells that carry what stands before them: it is not given by itself."""

COMPANY: Final = re.compile(
    r"\b(?:pharmaceuticals?|pharma|laborator(?:y|ies)|inc|ltd|llc|gmbh|biotech|therapeutics|biosciences)\.?$",
    re.IGNORECASE,
)
"""The end of the name of a company."""

BRAND: Final = re.compile(r"([A-Za-z]{4,30})\s?[®™]")
"""A word with the sign of a trade mark behind it."""

STEM: Final = re.compile(
    r"(?:mab|stobart|fusp|cept|tinib|ciclib|parib|sertib|lisib|degib|rafenib|metinib|domide|zomib|clax|stat|"
    r"olol|pril|sartan|dipine|gliptin|gliflozin|glitazone|glutide|tide|relin|vir|cillin|mycin|floxacin|cycline|conazole|"
    r"oxetine|azepam|azepine|perone|peridone|azine|triptan|gepant|lukast|setron|dronate|platin|taxel|rubicin|poside|trexate|"
    r"prazole|tidine|caine|curium|azolam|barbital|prost|terol|tropium|sone|olone|estrant|oxifene|rotene|trogene|xaban|"
    r"gatran|grel|parin|plase|steride|afil|entan|ciguat|vaptan|renone|stim|poetin|ersen|siran|leucel|bart|tamab|toxin|"
    r"profen|dilol|alol|fenac|coxib|vastatin|fibrate|formin|glinide|dopa|triptyline|pramine|oxacin|fungin|nidazole|bendazole|"
    r"mustine|citabine|trexed|vudine|lutamide|relix|tropin|tocin|pressin|semide|thiazide|azosin|racetam|gabalin|bamate|"
    r"fentanil|orphine|morphone|codone|nabinol|ilide|ainide|darone|begron|fenacin|limus|kinra|bactam|penem|orexant|"
    r"tecan|vinca|blastine|cristine|relbine|degron|tegravir|thromycin|sartane|setmotide|nercept|ketamine|adenant)$"
)
"""Stems at the end of international nonproprietary names (WHO): they tell that a word names a drug, not which."""

_PARTS: Final = re.compile(
    r"\s*(?:[+;&，；、|•·]|,(?!\d)|(?<!\d),)\s*(?:and\s+|or\s+|plus\s+)?|"
    r"\s+(?:combined with|in combination with|combination with|co-?administered with|followed by|together with|"
    r"in addition to|added to|add to|and/or|and|or|plus|with or without|with/without|with|versus|vs\.?|then|either|"
    r"in(?!\s+\d)|on top of|prior to|after|before|for|to|using|containing|formulated in|from|via|per|by|without|"
    r"switch to|based on)\s+|\s*/\s*|\s+-\s+|:\s+",
    re.IGNORECASE,
)
_PLACEBO_OF: Final = re.compile(
    r"\b(?:placebos?|sham|dummy)\s+(?:oral\s+|tablets?\s+|capsules?\s+|injection\s+|solution\s+)?"
    r"(?:for|of|to(?:\s+match(?:ing)?)?|matching|matched\s+to|similar\s+to|identical\s+to|instead\s+of|resembling)\s+"
    r"[^+,;&()\[\]]{1,120}",
    re.IGNORECASE,
)
_PLACEBO: Final = re.compile(r"\bplacebos?\b(?!-|\s+(?:controlled|lead|run))", re.IGNORECASE)
_BESIDE_PLACEBO: Final = re.compile(
    r"(\s*[+&,;，；、:]\s*|\s+(?:and/or|and|or|plus|with|without|followed by|then|versus|vs\.?|against|on top of|"
    r"compared (?:to|with)|combined with|in combination with|in addition to|added to|alternating with)\s+|"
    r"(?:\s+(?:to|before|after)\s+|\s*/\s*)(?=placebos?\b))",
    re.IGNORECASE,
)
"""What parts a placebo from something that is given besides, or in its stead."""

_UP_TO_MORE: Final = r"(?:(?!\s(?:plus|with|followed by|in combination|combined)\b)[^+;()\[\]]){1,200}"
_TARGET: Final = re.compile(
    r"\s*(?:(?<![-\w])(?:targeting(?!\s(?:car|t|nk|cells?)\b)|directed (?:against|at|to)|"
    r"specific (?:for|to)|recogni[sz]ing)"
    rf"|(?<=antibody)\s(?:for|to|against)|(?<=antibodies)\s(?:for|to|against)|(?<=cells)\sagainst)\s{_UP_TO_MORE}",
    re.IGNORECASE,
)
"""What cells or an antibody are made against: it is not given."""
_SIGNS_OF_TARGETS: Final = ("targeting", "directed", "specific", "cogni", "against", "ntibod")

_LEFT_OUT: Final = re.compile(rf"(?<!\bor)(?<!\band)(?<!/)\s\bwithout\s{_UP_TO_MORE}", re.IGNORECASE)
"""What is not given."""

_WORDS: Final = re.compile(r"\S(?:.*\S)?")
_LABEL: Final = re.compile(
    r"^\s*(?:drug|biological|biologic|dietary supplement|combination product|core study|study drug|radiation|device|"
    r"experimental|intervention|comparator|active comparator|arm [a-z0-9])\s*:\s*",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(r"^(?:an?|the)\s+(?=[a-z]{4})", re.IGNORECASE)
_NUCLIDES: Final = "C|H|N|F|I|P|S|O|Ga|Tc|Lu|In|Y|Zr|Cu|Rb|At|Ac|Ra|Sm|Tl|Xe|Re|Pb|Tb|Sn"
_KNOWN_NUCLIDES: Final = (
    r"C-?(?:11|13|14)|N-?13|O-?15|F-?18|I-?(?:12[345]|131)|Ga-?6[78]|Tc-?99m|Lu-?177|In-?111|Y-?90|Zr-?89|"
    r"Cu-?6[0147]|Rb-?82|At-?211|Ac-?225|Ra-?223|Sm-?153|Tl-?201|Xe-?1(?:29|33)|Re-?18[68]|Pb-?212|Tb-?161|Sn-?117m"
)
"""Nuclides that are injected or breathed, where no bracket tells that letters and digits are one."""

_ISOTOPE: Final = re.compile(
    rf"^\s*(?:\[?\s*(?P<a>\d{{1,3}}m?)\s*-?\s*(?P<x>{_NUCLIDES})|\[\s*(?P<y>{_NUCLIDES})\s*-?\s*(?P<b>\d{{1,3}}m?)|"
    rf"(?P<n>{_KNOWN_NUCLIDES})(?=[\s-]))\s*\]?[\s-]*(?=\S)"
)
_ISOTOPE_BEHIND: Final = re.compile(
    rf"^(?P<rest>[^()\[\]]{{3,60}}?)\s*[(\[]\s*(?:(?P<a>\d{{1,3}}m?)\s*-?\s*(?P<x>{_NUCLIDES})|"
    rf"(?P<y>{_NUCLIDES})\s*-?\s*(?P<b>\d{{1,3}}m?))\s*[)\]]"
)
"""An isotope in a bracket behind the name: flutemetamol (18F)."""

_BESIDE_CODE: Final = re.compile(
    r"^(?!(?i:lact|bifid|bacill|strept|sacchar|limosi|enteroc)\w+ )"
    r"(?:(?P<name>[A-Za-z][A-Za-z-]{3,30} [A-Za-z-]{4,30}) [A-Z]{2,6}-?\d{2,7}|"
    r"[A-Z]{2,6}-?\d{2,7} (?P<behind>[A-Za-z][A-Za-z-]{3,30} [A-Za-z-]{4,30}))$"
)
"""A name of two words, none of a strain of bacteria, and a code beside it."""

IMAGED: Final = re.compile(r"^[^+]{3,60}\b(?:and|or|/)\s[^+]{2,40}\s(?:pet|spect)$", re.IGNORECASE)
"""Pictures of several things: amyloid and tau PET."""

_LOWER: Final = re.compile(r"^(11|13|15|18|64|68|89|90|99m|111|12[345]|131|177)(c|n|o|f|cu|ga|zr|y|tc|in|i|lu)(?=-)")
"""An isotope in lower case: 18f-fluorothymidine."""

_METAL: Final = re.compile(r"^(?:Lu|Ga|Tc|In|Zr|Cu|Ac|Pb|Tb|Re)-(?=\S{4})")
"""The metal told again behind its isotope: [177Lu]Lu-DOTATATE."""

_TRACER: Final = re.compile(
    r"\s+(?:radiopharmaceuticals?|radiotracer|radioligand|(?:pet )?tracer|(?:pet )?ligand)(?: injection)?$",
    re.IGNORECASE,
)

_POSITIVE: Final = re.compile(
    r"(?<=\w)\+(?=\s+(?:cells?|t cells?|t-cells?|hspcs?|patients?|tumou?rs?)\b)", re.IGNORECASE
)
_NUMBERS: Final = re.compile(r"(?<=\d)[.,](?=\d)")
_STRENGTHS: Final = re.compile(
    r"(?<![\w-])\d[\d.,]*(?:\s?(?:mg|mcg|g))?(?:\s*[/x×–-]\s*\d[\d.,]*)+(?=\s*(?:mg|mcg|µg|μg|ug|g|ml|iu|units?|%|tab)\b)",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\b([A-Za-z]{1,6})[- ](\d{2,}[A-Za-z]?)(?=\s+\d)")
"""A code before its dose: the number of the code is no part of the dose."""

_HYPHENED_CODE: Final = re.compile(r"\b([A-Za-z]{2,6})-(\d{2,}[A-Za-z]?)\b")
"""Letters and number of a code; the letters may be a word by themselves: PF, preservative-free."""

_CODE_OF_DOSE: Final = re.compile(r"\b([A-Za-z]{2,6})(?:-(?=\d\d)| (?=\d{3}))(\d{2,}[A-Za-z]?)(?=\s+doses?\b)")
"""A code before the word dose: its number does not count doses."""

_SHORT: Final = 3
"""Signs of what stands in brackets and is no name but a mark."""

_PERCENT: Final = re.compile(r"(?<![\w.])\d[\d.,]*\s*%")
CLASS_END: Final = re.compile(
    r"\b(?:inhibitors?|blockers?|agonists?|antagonists?|antibod(?:y|ies)|modulators?)\s*$", re.I
)


_OF_CLASS: Final = re.compile(
    r"^.*?\b(?:inhibitors?|antagonists?|agonists?|antibod(?:y|ies)|modulators?|blockers?|degraders?|activators?)\s+"
    r"([A-Za-z][\w-]*(?:[ -]\d[\w-]*)?)$",
    re.IGNORECASE,
)
"""A name or code behind its class: WEE1 inhibitor AZD1775."""

_BARE_NUMBER: Final = re.compile(r"^([A-Za-z]{7,})\s+\d+(?:[.,]\d+)?$")
"""A dose without its unit behind a word: laquinimod 0.3."""


def cleaned(text: str) -> str:
    """Return a name on one line without markup, label and placebo phrases' objects, its brackets closed.

    >>> cleaned("Drug:  Placebo for allopurinol"), cleaned("Tovinontrine (CRD-750")
    ('placebo', 'Tovinontrine (CRD-750)')
    """
    text = re.sub(r"\s+", " ", without_entities(text.replace("\\", "")).translate(WIDE)).strip(" .;,:")
    text = _ARTICLE.sub("", _LABEL.sub("", text))
    if any(sign in text for sign in _SIGNS_OF_TARGETS):
        text = _TARGET.sub("", text)
    if "without" in text:
        text = _LEFT_OUT.sub("", text)
    text = _POSITIVE.sub(" positive", _with_bare_placebos(_PLACEBO_OF.sub("placebo", text))).strip()
    return text + ")" if text.count("(") > text.count(")") else text


def _with_bare_placebos(text: str) -> str:
    """Return a text whose placebos have lost the words beside them: they tell what is imitated, and the dose.

    >>> _with_bare_placebos("azadrin/becloxil matching placebo + corvadol"), _with_bare_placebos("azadrin or placebo")
    ('placebo + corvadol', 'azadrin or placebo')
    """
    if _PLACEBO.search(text) is None:
        return text
    pieces = re.split(r"([(\[{][^()\[\]{}]*[)\]}])", text)
    for at in range(0, len(pieces), 2):
        said = _BESIDE_PLACEBO.split(pieces[at])
        said[::2] = [_WORDS.sub("placebo", one) if _PLACEBO.search(one) else one for one in said[::2]]
        pieces[at] = "".join(said)
    return "".join(pieces)


def without_brackets(text: str) -> str:
    """Return a text without what stands in brackets, brackets in brackets too.

    >>> without_brackets("tadalafil [T(PRN)]")
    'tadalafil'
    """
    while (shorter := BRACKET.sub(" ", text)) != text:
        text = shorter
    return " ".join(text.split())


def parts_of(text: str) -> list[str]:
    """Return the parts of a combination with their brackets; a class with a slash in its name is one part.

    >>> parts_of("AMG 479 (Ganitumab, human) plus Metformin"), parts_of("CDK4/6 inhibitor with letrozole")
    (['AMG 479 (Ganitumab, human)', 'Metformin'], ['CDK4/6 inhibitor', 'letrozole'])
    """
    held: list[str] = []

    def hide(found: re.Match[str]) -> str:
        held.append(found[0])
        return f" \x00{len(held) - 1}\x00 "

    hidden = BRACKET.sub(hide, text)
    found: list[str] = []
    for piece in _PARTS.split(hidden):
        part = re.sub(r"\x00(\d+)\x00", lambda m: held[int(m[1])], piece).strip(" -.")
        part = re.sub(r"\s+", " ", re.sub(r"\x00(\d+)\x00", lambda m: held[int(m[1])], part))
        if found and CLASS_END.search(part) and re.fullmatch(r"\d\S* .*", part):
            found[-1] = f"{found[-1]}/{part}"
        elif exact_key(part):
            found.append(part)
    return found


def says_several(text: str) -> bool:
    """Return whether a text has more than one part."""
    return len(parts_of(text)) > 1


def without_words(text: str, rules: Rules) -> str:
    """Return the key of a name without the words of its dose, form, route, schedule, company and trial."""
    text = _HYPHENED_CODE.sub(
        lambda found: found[1] + found[2] if rules.drug_words.fullmatch(found[1].casefold()) else found[0], text
    )
    plain = _PERCENT.sub(" ", _STRENGTHS.sub(" 1 ", _CODE.sub(r"\1\2", _CODE_OF_DOSE.sub(r"\1\2", text))))
    key = exact_key(_NUMBERS.sub("", plain).replace("µ", "u").replace("μ", "u"))
    return " ".join(rules.drug_words.sub(" ", key).split())


def wordings(text: str, rules: Rules) -> Iterator[tuple[str, str, bool]]:
    """Yield what is left of a name by each way of taking words away, with the tier and whether it is broader."""
    seen = {exact_key(text)}
    text = _LOWER.sub(lambda found: found[1] + found[2].capitalize(), text)
    bare = without_brackets(text)
    yield from _labelled(text, rules)
    inner = [] if says_several(bare) else [part.strip() for part in BRACKET.findall(text)]
    tried = [
        (bare, "reworded"),
        (text, "reworded"),
        *((one, "bracket") for one in inner if len(one) > _SHORT and not says_several(one)),
    ]
    tried += [(found[1], "reworded") for shape in (_OF_CLASS, _BARE_NUMBER) if (found := shape.match(bare))]
    if (found := _BESIDE_CODE.match(bare)) and " " in without_words(found["name"] or found["behind"], rules):
        tried.append((found["name"] or found["behind"], "reworded"))
    for phrase, tier in tried:
        for left in (phrase, without_words(phrase, rules), _spelled_salts(without_words(phrase, rules), rules)):
            if (key := exact_key(left)) and key not in seen:
                seen.add(key)
                yield left, tier, False


def _labelled(text: str, rules: Rules) -> Iterator[tuple[str, str, bool]]:
    """Yield the names that a name with an isotope before or behind it may be filed by; the plain one is broader."""
    found = _ISOTOPE.match(text)
    if found is not None:
        rests = [_METAL.sub("", text[found.end() :].strip(" -"))]
        letters = found["x"] or found["y"] or found["n"].rstrip("-0123456789m")
        number = found["a"] or found["b"] or found["n"].lstrip(ascii_letters + "-")
    elif (found := _ISOTOPE_BEHIND.match(text)) is not None:
        rests = [found["rest"]]
        letters, number = found["x"] or found["y"], found["a"] or found["b"]
    else:
        return
    rests += [bare for rest in rests if (bare := without_brackets(rest)) != rest]
    plain = [without_words(_TRACER.sub("", rest), rules) for rest in rests]
    for rest in plain:
        for spelled in (f"{rest} {letters}-{number}", f"{number}{letters}-{rest}", f"[{number}{letters}]{rest}"):
            yield spelled, "isotope", False
    for rest in plain:
        yield rest, "isotope", True


def _spelled_salts(key: str, rules: Rules) -> str:
    """Return a key with its salts in their one spelling.

    >>> from trialgraph.linking.name_rules import rules
    >>> _spelled_salts("tetracaine hcl", rules())
    'tetracaine hydrochloride'
    """
    return " ".join(rules.salts.get(word, word) for word in key.split())
