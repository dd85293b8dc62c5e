"""Advice beside an error of syntax: what a person means who writes this there, and how SPARQL says it.

A row holds for what was expected, what stands before and what was found; the first that fits is given.

>>> advice("{", "?x", "word", "WHRE"), advice("the end of the query", "}", "mark", "}")
('did you mean WHERE?', 'there is one } too many')
>>> advice("a term", "tg:phase", "bad", "'"), advice("a term", "?p", "var", "?x")
('a text in single quotation marks ends on its line', '')
"""

import unicodedata
from difflib import get_close_matches
from typing import Final, NamedTuple

_FORM: Final = "SELECT, ASK, CONSTRUCT or DESCRIBE"
_COLUMNS: Final = "variables, (expressions AS ?variables) or *"
_MEMBER: Final = "a triple pattern, a keyword or }"
_DOT: Final = "a dot, or a semicolon"
_END: Final = "the end of the query"
_EXPRESSION: Final = "an expression"
_CLOSED: Final = "an expression in brackets, or a function"
_VALUE: Final = "a value or UNDEF"
_BEHIND: Final = "ORDER GROUP HAVING LIMIT OFFSET"
_INSIDE: Final = "FILTER OPTIONAL BIND MINUS UNION GRAPH SERVICE"
_AGGREGATES: Final = "COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT"
_QUESTION: Final = "a variable has its question mark, and a name right behind it: ?{}"
_UNION: Final = "UNION stands between two groups in braces: { ... } UNION { ... }"
_NEEDS_NAME: Final = "a value needs a name: (expression AS ?name)"
KEYWORDS: Final = """SELECT CONSTRUCT ASK DESCRIBE WHERE FROM PREFIX BASE DISTINCT REDUCED OPTIONAL UNION MINUS
    FILTER BIND VALUES GRAPH SERVICE GROUP HAVING ORDER LIMIT OFFSET EXISTS""".split()
_MOST_LIKE: Final = 0.7


class _Row(NamedTuple):
    expected: tuple[str, ...]
    """What the grammar wants; none: anything."""
    before: str
    """Terminals that may stand before, in capitals; empty: any."""
    found: str
    """Terminals that may be found, in capitals, or kinds of them with a colon; empty: any."""
    say: str
    """`{}` is what was found."""


_ROWS: Final = tuple(_Row(*row) for row in (
    ((_FORM,), "", ":end", "there is no query here: one begins with SELECT, for instance"),
    ((_FORM,), "", "@PREFIX @BASE", "in SPARQL it is PREFIX tg: <...>, without @ and dot"),
    ((_FORM,), "", ".", "no dot stands behind PREFIX and BASE"),
    ((_FORM,), "", "`", "send the query alone, without the marks around it"),
    ((_FORM,), "", "&", "`&lt;` stands for `<` in pages: put the characters themselves"),
    ((_FORM,), "", "{", "send the query alone, as the parameter query or as the body"),
    (("an IRI in angle brackets",), "", "HTTP: HTTPS: URN:", "<...> stands around it"),
    ((_COLUMNS,), "", f"{_AGGREGATES} STR", "an expression stands in brackets, with a name: ({}(?x) AS ?name)"),
    ((_COLUMNS,), "", "TOP", "LIMIT behind the group says how many"),
    ((_COLUMNS,), "", "WHERE { FROM :end", "name what to select, or say * for all variables"),
    ((_COLUMNS,), "", "+ %", "this is the text of an address (+ for a blank, %7B for a brace): decode it first"),
    ((_COLUMNS, "{"), "", "%", "this is the text of an address (%7B for a brace): decode it first"),
    ((_COLUMNS, "a variable"), "", ":word :name", _QUESTION),
    ((_COLUMNS, _MEMBER, "a variable", "a term"), "", "? $", "a variable has a name right behind its mark: ?x"),
    (("{",), "", ",", "variables are parted by blanks, not by commas"),
    (("{",), "UNION", "", _UNION),
    (("{", _MEMBER, _DOT), "", _BEHIND, "{} stands behind the } of the group"),
    (("{",), "", "-", "a name of a variable holds letters, digits and _"),
    (("{",), "*", ":var", "* is all variables: name none beside it"),
    (("{",), "WHERE OPTIONAL MINUS EXISTS UNION ASK", "", "patterns stand in braces: { ... }"),
    (("WHERE",), "CONSTRUCT", "", "a template in braces, then the patterns: CONSTRUCT { ... } WHERE { ... }"),
    ((_COLUMNS, "variables, IRIs or *"), "", "{", "name what to describe: IRIs, variables or *"),
    ((_MEMBER, _DOT), "", "UNION", _UNION),
    ((_MEMBER,), "", "LET SET", "a value is given by BIND(expression AS ?variable)"),
    ((_MEMBER,), "", ":end", "a } is missing"),
    ((_MEMBER,), ".", ".", "one dot ends a pattern"),
    ((_MEMBER, _END), "", "/ - --", "a comment begins with #"),
    ((_MEMBER, _DOT, "a term"), "", "@", 'a language follows its text without a blank: "text"@en'),
    ((_MEMBER,), "", "_ _US _GB", "a language has a hyphen: @en-US"),
    ((_MEMBER,), "", "^", 'a datatype follows two of them: "1"^^xsd:integer'),
    ((_MEMBER, _DOT), ":number", "-", 'a date is a text with its datatype: "2020-01-31"^^xsd:date'),
    ((_MEMBER, _DOT, "}", ")"), ":string", ":word :name", "a quotation mark inside a text needs a backslash"),
    ((_DOT,), "", ":var :iri :name :blank :string :number", "a dot ends each triple pattern"),
    (("}",), "", _INSIDE, "a template holds triples alone; {} belongs into WHERE"),
    ((_END,), "", "}", "there is one } too many"),
    ((_END,), "", f"{_INSIDE} VALUES", "{} stands inside the braces of a group"),
    ((_END,), "", "{", "all patterns stand inside the braces of one group"),
    ((_END,), ":number", ",", "LIMIT says how many, OFFSET how many to leave out before"),
    ((_END,), "", ",", "what is listed is parted by blanks, not by commas"),
    ((_END,), "", _BEHIND, "the order is GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET"),
    ((_END,), "", "SELECT ASK CONSTRUCT DESCRIBE", "one query at a time"),
    ((_END,), "", "; .", "nothing stands behind a query"),
    (("AS",), "", ")", _NEEDS_NAME),
    (("AS",), "", ":var :word", "AS stands between an expression and its name"),
    (("(",), "ORDER BY ASC DESC", "", "brackets stand around what is sorted by: DESC(?x)"),
    (("(",), "BIND", "", "brackets stand around it: BIND(expression AS ?variable)"),
    (("(",), "", "", "brackets stand around the arguments of a function"),
    (("BY",), "", "", "the words are ORDER BY, GROUP BY"),
    ((_CLOSED,), "", "", "brackets stand around it: FILTER(?x > 1)"),
    ((_EXPRESSION,), "=", "=", "equality is written with one ="),
    ((_EXPRESSION,), "=", ">", "at least is written >="),
    ((_EXPRESSION,), "=", "<", "at most is written <="),
    ((_EXPRESSION,), "<", ">", "unequal is written !="),
    ((_EXPRESSION,), "", "LOWER LCASE", "the function is LCASE"),
    ((_EXPRESSION,), "", "UPPER", "the function is UCASE"),
    ((_EXPRESSION,), "", "LENGTH LEN", "the function is STRLEN"),
    ((_EXPRESSION,), "", "SUBSTRING", "the function is SUBSTR"),
    ((_EXPRESSION,), "", "NVL IFNULL ISNULL", "COALESCE gives the first value there is, BOUND tells of one"),
    ((_EXPRESSION,), "", "CAST", "a cast is a call of the datatype: xsd:integer(?x)"),
    ((_EXPRESSION,), "", "STARTSWITH", "the function is STRSTARTS"),
    ((_EXPRESSION,), "", "ENDSWITH", "the function is STRENDS"),
    (("EXISTS",), "NOT", "", "`not` is written !(?x > 1); NOT EXISTS { ... } looks for patterns"),
    ((")",), "", "AND", "`and` is written &&"),
    ((")",), "", "OR", "`or` is written ||"),
    ((")",), "", "LIKE CONTAINS", 'CONTAINS(LCASE(?x), "text") looks for a part, REGEX(?x, "pattern") for a pattern'),
    ((")",), "", "IS", "BOUND(?x) tells whether there is a value"),
    ((")",), "", "BETWEEN", "`between` is two comparisons: ?x >= 1 && ?x <= 2"),
    ((")",), "", "IN NOT", "a list stands in brackets: IN (1, 2)"),
    ((")",), "", ",", 'this function takes one argument; a separator is said so: GROUP_CONCAT(?x; SEPARATOR=", ")'),
    (("SEPARATOR",), "", "", 'the separator is said so: GROUP_CONCAT(?x; SEPARATOR=", ")'),
    ((")",), "", "} :end", "a ) is missing"),
    (("a property",), "", "=", "values are compared by FILTER(?x = ?y), and given by BIND(?y AS ?x)"),
    (("a property",), "", "}", "a triple pattern has a subject, a property and a value"),
    (("a property",), "/", ":var", "no step of a path is a variable: make two patterns of it"),
    (("a property",), "/", "/", "one / stands between two steps"),
    (("a property",), "", "A IS ISA", "`a`, in small, says the type"),
    (("a property",), "", ":word", "a name has a prefix (tg:{}), an IRI angle brackets"),
    (("a number",), "+", "", "one + stands behind a property: one or more of it"),
    (("a term",), "", "}", "a triple pattern has a subject, a property and a value"),
    (("a term", _EXPRESSION), "", "TRUE FALSE", "true and false are written small"),
    (("a term", _EXPRESSION), "", "NULL NONE", "nothing is null: FILTER NOT EXISTS { ... } asks for what is missing"),
    (("a term", _EXPRESSION), "", "% { $", "this looks like a placeholder that was not filled in"),
    (("a term", "a property"), "", "&", "`&lt;` stands for `<` in pages: put the characters themselves"),
    (("a term",), "", "\\ >", "a path has / between its steps"),
    (("a term",), "", ":word", 'a name has a prefix (tg:{}), a text quotation marks ("{}")'),
    (("a term",), "", ",", "one comma stands between two values"),
    ((_MEMBER, "a term"), "", ":word", 'did you mean a name (tg:{}), a text ("{}") or a variable (?{})?'),
    (("an IRI",), "GRAPH", "", "GRAPH needs the name of a graph: GRAPH ?g { ... }"),
    (("an IRI",), "SERVICE", "", "SERVICE needs the address of an endpoint: SERVICE <https://...> { ... }"),
    (("an IRI",), "FROM NAMED", "", "FROM names a graph by its IRI; what is looked for stands in braces"),
    ((_VALUE,), "", ",", "values are parted by blanks, not by commas"),
    ((_VALUE,), "", ":var", "values are IRIs, texts and numbers, no variables"),
    (("{",), "", "(", "patterns and values stand in braces: { ... }"),
    (("{",), "", ":var", "patterns stand in braces; more than one variable of VALUES in brackets"),
    ((_EXPRESSION,), "", ":word", "there is no function of this name"),
    (("{",), "", ":word", _QUESTION),
    ((_FORM,), "", ":word", "this endpoint takes SPARQL 1.1, without extensions"),
    ((_COLUMNS, "{"), "", ":language", "a variable has its question mark, and a name right behind it"),
    (("a whole number",), "", "", "LIMIT and OFFSET take a whole number, such as 10"),
    ((")",), "", ":var :iri :name :string :number", "a ) or an operator is missing"),
))  # fmt: skip
"""By what is expected, what stands before, and what is found."""

_CHARACTERS: Final = {
    "\u2013": "a minus is written -",
    "\u2014": "a minus is written -",
    "\u2212": "a minus is written -",
    "\u2265": "at least is written >=",
    "\u2264": "at most is written <=",
    "\u2260": "unequal is written !=",
    "\u00d7": "times is written *",
    "\u2026": "something was left out here",
    **dict.fromkeys("\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb", "texts stand in straight quotation marks"),
    "'": "a text in single quotation marks ends on its line",
    '"': "a text in double quotation marks ends on its line",
    "<": "an IRI in angle brackets holds no blank",
    "&": "`and` is written &&",
}
"""Characters that begin nothing in SPARQL."""


def advice(expected: str, before: str, kind: str, value: str, before_kind: str = "") -> str:
    """Return what to say to somebody who wrote `value` where something else was expected; mostly nothing.

    `before` is the terminal before, with its kind; `kind` that of the terminal that was found.
    """
    if kind == "bad" and (found := _character(value, expected)):
        return found
    capitals = value.upper()
    near = get_close_matches(capitals, KEYWORDS, n=1, cutoff=_MOST_LIKE) if kind == "word" else []
    if near and near[0] != capitals and expected in {_MEMBER, _DOT, _END, _FORM, "{", "WHERE"}:
        return f"did you mean {near[0]}?"
    for row in _ROWS:
        if (
            expected in row.expected
            and _fits(row.before, before.upper(), before_kind)
            and _fits(row.found, capitals, kind)
        ):
            return row.say.replace("{}", value[:40])
    return ""


def _fits(wanted: str, capitals: str, kind: str) -> bool:
    return not wanted or capitals in (names := wanted.split()) or f":{kind}" in names


def _character(character: str, expected: str) -> str:
    if character in _CHARACTERS and not (character == "&" and expected != ")"):
        return _CHARACTERS[character]
    if character.isspace() or not character.isprintable():
        return f"this is {unicodedata.name(character, 'a control character').lower()}: type a blank"
    return ""
