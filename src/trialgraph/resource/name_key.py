"""Keys under which names of conditions and drugs are filed and looked up: exact, bag of words, code."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from trialgraph.settings import packaged

DISEASE, DRUG = "disease", "drug"
"""The two kinds of names that have keys of their own beside the exact one."""

LONGEST_NAME = 400
"""Names longer than this many characters are no names; they get no key."""

_APOSTROPHES = re.compile(r"['’‘`´ʼ′®™©℠]")
WIDE = str.maketrans("（）［］【】／＋－", "()[][]/+-")
"""Signs of the width of Chinese letters, each with the narrow one."""

_REFERENCES = re.compile(r"&(?:[A-Za-z]{2,6}|#\d{1,4}|#[Xx][0-9A-Fa-f]{1,4});")
_BREAKS = re.compile(r"[^0-9a-z]+")
_ORDERED = frozenset(("without", "due", "after", "following"))
_OPPOSITE = frozenset(("positive", "negative"))
_RUNS = re.compile(r"[a-z]+|[0-9]+")
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "π": "pi", "σ": "sigma", "τ": "tau", "ω": "omega", "ß": "ss",
    "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ı": "i",
}  # fmt: skip
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_NUMBERED = re.compile(r"(\d{1,2}|i{1,3}|iv|vi{0,3}|ix)([a-h])(\d?)")
_STOP = frozenset("an by for in nos of on the to unspecified".split())
_PLURALS = (("oses", "osis"), ("yses", "ysis"), ("tases", "tasis"), ("ritides", "ritis"), ("itides", "itis"))
_NO_PLURAL = ("ss", "us", "is", "as", "os")
LONGEST_CODE = 24
"""Letters of the longest name that is also filed as a code."""


def without_entities(text: str) -> str:
    """Return a text with the character references that a form escaped up to three times, in any case, as characters.

    >>> [without_entities(text) for text in ("Alzheimer&Amp;#39;s Disease", "Obesity &AMP; Diabetes", "R&D")]
    ["Alzheimer's Disease", 'Obesity & Diabetes', 'R&D']
    """
    for _ in range(3):
        if "&" not in text:
            break
        text = html.unescape(_REFERENCES.sub(lambda found: found[0].lower(), text))
    return text


def is_obsolete(label: str) -> bool:
    """Return whether the owner of a term has given it up, as labels in ontologies of OBO say.

    >>> is_obsolete("obsolete hernia"), is_obsolete("hernia")
    (True, False)
    """
    return label.casefold().startswith("obsolete")


@lru_cache(maxsize=1 << 14)
def exact_key(name: str) -> str:
    """Return the name in lower case without accents, apostrophes and punctuation; empty when nothing is left.

    >>> exact_key("Crohn’s disease"), exact_key("β-Thalassaemia, major"), exact_key("Entresto™"), exact_key("(?)")
    ('crohns disease', 'beta thalassaemia major', 'entresto', '')
    """
    if len(name) > LONGEST_NAME:
        return ""
    if name.isascii():
        return _BREAKS.sub(" ", name.replace("'", "").replace("`", "").lower()).strip()
    name = _APOSTROPHES.sub("", name)  # before the marks are taken apart: a trade mark sign would become letters
    if not name.isascii():
        name = "".join(_GREEK.get(letter, letter) for letter in name.casefold())
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return _BREAKS.sub(" ", name.lower()).strip()


@lru_cache(maxsize=1 << 14)
def bag_key(name: str) -> str:
    """Return the words of a name in one form each, sorted, so that order, number and spelling do not tell.

    Where order does tell, it is kept: ER positive, HER2 negative is not ER negative, HER2 positive.

    >>> bag_key("Tumours of the Breast") == bag_key("breast tumor") == bag_key("Neoplasms, Breast")
    True
    >>> bag_key("Type II Diabetes"), bag_key("Heart failure without oedema")
    ('2 diabetes', 'heart failure without edema')
    """
    return _bag(words(name))


def _bag(found: Iterable[str]) -> str:
    found = [word for word in found if word != "type"]
    if _ORDERED.isdisjoint(found) and not _OPPOSITE.issubset(found):
        found.sort()
    return " ".join(found)


def bag_keys_of_spellings(tokens: Sequence[str], at: int, spellings: Iterable[str]) -> list[str]:
    """Return the bag key of the words of an exact key with each spelling of the one at a place in its stead.

    Spellings are letters alone, at least six. The other words are brought into their form once, not each time.

    >>> bag_keys_of_spellings(["breast", "tumuors"], 1, ["tumours", "tumuor"])
    ['breast neoplasm', 'breast tumuor']
    """
    if (
        any(len(word) == 1 and word.isalpha() for word in tokens[at + 1 :])
        or sum(map(len, tokens)) + len(tokens) > LONGEST_NAME
    ):
        return [bag_key(" ".join([*tokens[:at], each, *tokens[at + 1 :]])) for each in spellings]
    before, behind = words(" ".join(tokens[:at])), words(" ".join(tokens[at + 1 :]))
    return [_bag([*before, *([_form(each)] if each not in _STOP else ()), *behind]) for each in spellings]


def words(name: str) -> list[str]:
    """Return the words of a name in one form each, in their order, without stop words.

    A letter after a number belongs to it: type 3 A is type 3a, never type 3.

    >>> words("Chronic Renal Diseases"), words("Mucopolysaccharidosis Type III A"), words("Type IIIA"), words("type2")
    (['chronic', 'kidney', 'disease'], ['mucopolysaccharidosis', 'type', '3a'], ['type', '3a'], ['type', '2'])
    """
    found: list[str] = []
    for word in exact_key(name).split():
        if len(word) == 1 and word.isalpha() and word != "i" and found and found[-1].isdigit():
            found[-1] += word
        elif word != "a" or found:  # the article stands first; later it is hepatitis A, vitamin A, type A
            found += _forms(word)
    return found


@lru_cache(maxsize=1 << 16)
def _forms(word: str) -> tuple[str, ...]:
    """Return the forms of the words that a word of a key holds: a number with its letter is one, type2 is two.

    >>> _forms("iiia"), _forms("type2"), _forms("kidneys"), _forms("of")
    (('3a',), ('type', '2'), ('kidney',), ())
    """
    if (numbered := _NUMBERED.fullmatch(word)) is not None:
        return (_ROMAN.get(numbered[1], numbered[1]) + numbered[2] + numbered[3],)
    return tuple(form for run in _RUNS.findall(word) if (form := _form(run)) and run not in _STOP)


def code_key(name: str) -> str:
    """Return letters and digits of a short name that holds both, else an empty string.

    >>> code_key("VP-16"), code_key("BAY 63-2521"), code_key("aspirin"), code_key("14")
    ('vp16', 'bay632521', '', '')
    """
    key = exact_key(name).replace(" ", "")
    mixed = len(key) <= LONGEST_CODE and any(c.isdigit() for c in key) and any(c.isalpha() for c in key)
    return key if mixed else ""


def keys(name: str, kind: str) -> tuple[str, ...]:
    """Return the keys a vocabulary's name is filed under: exact, `~` bag for diseases, `#` code for drugs.

    >>> keys("Breast Neoplasms", "disease"), keys("VP-16", "drug"), keys("", "drug")
    (('breast neoplasms', '~breast neoplasm'), ('vp 16', '#vp16'), ())
    """
    exact = exact_key(name)
    if not exact:
        return ()
    if kind == DISEASE and (bag := bag_key(name)):
        return exact, "~" + bag
    if kind == DRUG and (code := code_key(name)):
        return exact, "#" + code
    return (exact,)


@lru_cache(maxsize=1 << 16)
def _form(word: str) -> str:
    """Return the one form of a word: table first, then British spelling, Latin and English plurals, roman numbers."""
    if word in _ROMAN:
        return _ROMAN[word]
    forms = _word_forms()
    for known in (word, american := _american(word), single := _singular(american)):
        if known in forms:
            return forms[known]
    return forms.get(single, single)


def _american(word: str) -> str:
    """Return a word with the digraphs and endings of American spelling.

    >>> [_american(word) for word in ("leukaemia", "oedema", "tumour", "aneurysm")]
    ['leukemia', 'edema', 'tumor', 'aneurysm']
    """
    if len(word) < 5:
        return word
    word = word.replace("ae", "e").replace("oe", "e").replace("sulph", "sulf")
    return word[:-3] + "or" if word.endswith("our") else word


def _singular(word: str) -> str:
    """Return a word without the ending of its plural.

    >>> [_singular(word) for word in ("diseases", "metastases", "injuries", "mellitus", "sepsis", "abscesses")]
    ['disease', 'metastasis', 'injury', 'mellitus', 'sepsis', 'abscess']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(_NO_PLURAL):
        return word
    for plural, one in _PLURALS:
        if word.endswith(plural):
            return word[: -len(plural)] + one
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=1)
def _word_forms() -> dict[str, str]:
    """Return the table of words that have another form here: `data/lexicons/linking/word-forms.tsv`."""
    lines = (packaged("data") / "lexicons" / "linking" / "word-forms.tsv").read_text(encoding="utf-8").splitlines()
    return {word: form for word, form, _ in (line.split("\t") for line in lines[1:])}
