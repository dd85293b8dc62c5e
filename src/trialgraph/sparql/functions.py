"""The functions of SPARQL by name, and how many arguments each takes (1.1, 17.4, and SPARQL 1.2)."""

from typing import Final

from trialgraph.sparql.query import AGGREGATES

ANY: Final = 2**31
ARITY: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys("NOW RAND UUID STRUUID".split(), (0, 0)),
    **dict.fromkeys(
        "STR LANG LANGDIR DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI YEAR MONTH "
        "DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512 ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC "
        "HASLANG HASLANGDIR SUBJECT PREDICATE OBJECT ISTRIPLE".split(),
        (1, 1),
    ),
    **dict.fromkeys(
        "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM ADJUST".split(), (2, 2)
    ),
    **dict.fromkeys("IF STRLANGDIR TRIPLE".split(), (3, 3)),
    **dict.fromkeys("SUBSTR REGEX".split(), (2, 3)),
    **dict.fromkeys("CONCAT COALESCE".split(), (0, ANY)),
    "BNODE": (0, 1),
    "REPLACE": (3, 4),
    **dict.fromkeys(AGGREGATES, (1, 1)),
}
