"""The words by which a text is found, alike for what is searched and for what is asked.

>>> search_terms("Tumours (PD-1 positive)") == search_terms("tumor pd1 positive")
True
"""

import re
from typing import Final

from trialgraph.resource.name_key import exact_key, words

_PIECE: Final = re.compile(r"[^\s,;:()\[\]{}/|+&]+")
_WORD: Final = re.compile(r"[^\W\d_]{4,40}")
_APART: Final = re.compile(r"^[a-z]{1,5}$|^\d{1,5}$")
_IRI: Final = re.compile(r"https?://\S+")
_TRIAL: Final = re.compile(r"nct[\s:#-]*(\d{8})", re.IGNORECASE)
_TRIAL_PAGE: Final = re.compile(
    r"(?:https?://|www\.|clinicaltrials\.gov/)\S*?[/:](nct\d{8})/?(?:[?#]\S*)?", re.IGNORECASE
)
"""The address of a trial, here, in the registry or elsewhere: its number is the last of the path."""
_PAGE: Final = re.compile(r"https?://(?:www\.)?uniprot\.org/uniprot(?:kb)?/([A-Za-z0-9]+)(?:[/?#.]\S*)?")
"""The page of a protein, whose address is not its IRI: Bioregistry uniprot."""
_CURIE: Final = re.compile(r"[A-Za-z][\w.]*:(?=\S*\d)[\w.-]+")
LONGEST: Final = 4000
"""Characters of a text that are read; no name is longer."""


def search_terms(text: str, *, every: bool = False) -> list[str]:
    """Return the terms of a text in order: one form for each word, and for a code its letters and digits joined.

    A query needs one term for each word. With `every`, as an index wants it, a code gives its parts too, and short
    letters beside digits are joined also where a space is between them.

    >>> search_terms("Crohn's diseases"), search_terms("anti-PD-1"), search_terms("JS-004", every=True)
    (['crohn', 'disease'], ['antipd1'], ['js', '004', 'js004'])
    >>> search_terms("PD 1", every=True)
    ['pd', '1', 'pd1']
    """
    found: list[str] = []
    before = ""
    for piece in _PIECE.findall(text[:LONGEST]):
        plain = re.sub(r"['’]s?$", "", piece)
        joined = exact_key(plain).replace(" ", "")
        parts = words(plain)
        is_code = joined.isalnum() and not joined.isalpha() and not joined.isdigit()
        if every:
            found += parts
            if joined not in parts and joined and (is_code or len(parts) > 1):
                found.append(joined)
            if before and joined.isdigit() != before.isdigit() and _APART.match(joined) and _APART.match(before):
                found.append(before + joined)
        elif is_code:
            found.append(joined)
        else:
            found += parts
        before = joined
    return found


def surface_words(text: str) -> list[str]:
    """Return the words of a text as written, in lower case, of four letters or more: what spelling is held to.

    >>> surface_words("Pembrolizumab (MK-3475) in NSCLC")
    ['pembrolizumab', 'nsclc']
    """
    return _WORD.findall(text[:LONGEST].lower())


def is_identifier(text: str) -> bool:
    """Whether a text is an identifier rather than a name: an IRI, or a CURIE with a digit. None is nearly another.

    >>> is_identifier("UNII:DPT0O3T46P"), is_identifier("https://id.nlm.nih.gov/mesh/D003424"), is_identifier("PD-1")
    (True, True, False)
    """
    return bool(_IRI.fullmatch(text.strip()) or _CURIE.fullmatch(text.strip()))


def identifier_words(outside: str) -> str:
    """Return the end of an IRI: what a CURIE has, its prefix and identifier.

    >>> identifier_words("http://identifiers.org/unii/DPT0O3T46P")
    'unii DPT0O3T46P'
    >>> identifier_words("http://purl.obolibrary.org/obo/MONDO_0005252")
    'MONDO 0005252'
    >>> identifier_words("https://identifiers.org/HGNC:8760")
    'HGNC 8760'
    """
    before, last = ["", *outside.rstrip("/").replace("#", "/").split("/")][-2:]
    parts = re.split("[_:]", last)
    return " ".join(parts) if len(parts) > 1 else f"{before} {last}"


def written_name(text: str) -> str:
    """Return what a text is looked up by: of an IRI its end, of a trial its number, any other text as it is.

    >>> written_name("http://purl.obolibrary.org/obo/MONDO_0005252"), written_name("HGNC:8760")
    ('MONDO 0005252', 'HGNC:8760')
    >>> written_name("nct 06095583"), written_name("https://clinicaltrials.gov/ct2/show/NCT06095583?rank=1")
    ('NCT06095583', 'NCT06095583')
    >>> written_name("https://www.uniprot.org/uniprotkb/Q15116/entry")
    'uniprot Q15116'
    """
    stripped = text.strip()
    if found := _TRIAL_PAGE.fullmatch(stripped):
        return found[1].upper()
    if found := _TRIAL.fullmatch(stripped):
        return f"NCT{found[1]}"
    if found := _PAGE.fullmatch(stripped):
        return f"uniprot {found[1]}"
    return identifier_words(stripped) if _IRI.fullmatch(stripped) else text
