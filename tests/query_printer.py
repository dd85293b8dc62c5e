"""Random queries, written with nothing, blanks, comments or line ends between any two terminals, and in any case."""

import random

PREFIXES = {
    "": "http://e.org/", "a": "http://e.org/", "x": "http://e.org/x/", "Filter": "http://e.org/f/",
    "silent": "http://e.org/s/", "true": "http://e.org/t/", "not": "http://e.org/n/", "x.y": "http://e.org/z/",
    "service": "urn:",
}  # fmt: skip
VARIABLES = ["?a", "?a", "?b", "?b", "$c", "?FILTER", "?_1", "?é"]
IRIS = [
    "<http://e.org/p>", "<http://e.org/q?x=1&y=(2),%20;#f>", ":p", ":p", ":q", "a:p", "x:y", "x:p.q", "Filter:p",
    "true:p", "silent:p", "not:p", ":", r"x:\~a\.b%2F", "x:1", r"<http://e.org/\u0070>", "<p>", "x.y:z",
]  # fmt: skip
LITERALS = [
    "1", "2.5", ".5", "1e3", "-1", "+2", "true", "false", '"s"', "'s'", '"SERVICE :x {"', '"""a "quoted" one"""',
    "'''it's\n'''", '"#"', r'"\u0022\\u0041\n"', '"en"@en', '"3"^^<http://www.w3.org/2001/XMLSchema#integer>',
    '"4"^^x:t', '"\\"}"', "''",
]  # fmt: skip
SEPARATORS = ["", " ", "\n", "\t", "\r\n", "#\n", "# SERVICE <x> {\r", "  #'\n"]


class Printer:
    """Makes one random query; the same seed makes the same."""

    def __init__(self, seed, services=()):
        self.random = random.Random(seed)  # noqa: S311  nothing secret
        self.services = services
        self.made = 0

    def one(self, *options):
        return self.random.choice(options)

    def chance(self, share):
        return self.random.random() < share

    def term(self):
        some = self.random.random()
        if some < 0.5:
            return [self.one(*VARIABLES)]
        if some < 0.75:
            return [self.one(*IRIS)]
        if some < 0.92:
            return [self.one(*LITERALS)]
        return [self.one("[]", "()", "_:b1")]

    def path(self, depth=0):
        if depth > 2 or self.chance(0.6):
            return [self.one(*IRIS, "a", "a")]
        inner = self.path(depth + 1)
        return self.one(
            lambda: [*inner, self.one("*", "+", "?")],
            lambda: [*inner, self.one("/", "|"), *self.path(depth + 1)],
            lambda: ["(", *inner, ")", *([self.one("*", "?")] if self.chance(0.5) else [])],
            lambda: ["^", self.one(*IRIS)],
            lambda: ["!", self.one(*IRIS)],
            lambda: ["!", "(", self.one(*IRIS), "|", "^", "a", ")"],
        )()

    def verb(self):
        return [self.one(*VARIABLES)] if self.chance(0.2) else self.path()

    def node(self):
        if self.chance(0.08):
            return ["[", *self.verb(), *self.term(), "]"]
        return ["(", *self.term(), *self.term(), ")"] if self.chance(0.04) else self.term()

    def triples(self):
        found = [self.one(*VARIABLES, *VARIABLES, *IRIS), *self.verb(), *self.node()]
        while self.chance(0.25):
            found += [",", *self.node()]
        while self.chance(0.35):
            found += [";", *self.verb(), *self.node()]
        return found

    def expression(self, depth=0):
        if depth > 2 or self.chance(0.35):
            return self.one(
                lambda: [self.one(*VARIABLES)], lambda: [self.one(*VARIABLES)], lambda: [self.one(*LITERALS)],
                lambda: [self.one(*IRIS)], lambda: ["BOUND", "(", self.one(*VARIABLES), ")"],
                lambda: [self.one("NOW", "RAND", "STRUUID", "UUID", "BNODE"), "()"],
                lambda: [*self.one(["NOT"], []), "EXISTS", *self.group(2)],
            )()  # fmt: skip
        inner, more = self.expression(depth + 1), self.expression(depth + 1)
        return self.one(
            lambda: ["(", *inner, ")"],
            lambda: [*inner, self.one("+", "-", "*", "/", "&&", "||"), *more],
            lambda: ["(", *inner, self.one("<", ">", "=", "!=", "<=", ">="), *more, ")"],
            lambda: [*inner, self.one("<", ">", "="), *more],
            lambda: [self.one("STR", "LCASE", "ISIRI"), "(", *inner, ")"],
            lambda: [self.one("!", "-"), "(", *inner, ")"],
            lambda: [self.one("COALESCE", "CONCAT"), "(", *inner, ",", *more, ")"],
            lambda: ["IF", "(", *inner, ",", *more, ",", *self.expression(depth + 1), ")"],
            lambda: ["(", *inner, *self.one(["NOT"], []), "IN", "(", *more, ",", *self.expression(3), ")", ")"],
        )()  # fmt: skip

    def member(self, depth):
        return self.one(
            lambda: ["FILTER", "(", *self.expression(), ")"],
            lambda: ["FILTER", "(", *self.expression(), ")"],
            lambda: ["FILTER", *self.one(["NOT"], []), "EXISTS", *self.group(depth)],
            lambda: [self.one("OPTIONAL", "MINUS"), *self.group(depth)],
            lambda: [*self.group(depth), "UNION", *self.group(depth)],
            lambda: ["GRAPH", self.one(*VARIABLES, *IRIS), *self.group(depth)],
            lambda: ["BIND", "(", *self.expression(1), "AS", self.new(), ")"],
            lambda: ["VALUES", self.one(*VARIABLES), "{", *self.values(), "}"],
            lambda: ["VALUES", "(", "?a", "?b", ")", "{", "(", *self.values(2, 2), ")", "}"],
            lambda: ["{", "SELECT", *self.one(["*"], ["DISTINCT", "?a"]), *self.group(depth), *self.slice(), "}"],
            lambda: self.service(depth),
        )()

    def service(self, depth):
        if not self.services:
            return self.group(depth)
        return ["SERVICE", *self.one(["SILENT"], []), self.one(*self.services), *self.group(depth)]

    def new(self):
        self.made += 1
        return f"?new{self.made}"

    def values(self, least=0, most=3):
        return [self.one(*IRIS, *LITERALS, "UNDEF") for _ in range(self.random.randint(least, most))]

    def slice(self):
        found = ["LIMIT", "5"] if self.chance(0.3) else []
        return [*found, "OFFSET", "1"] if self.chance(0.2) else found

    def group(self, depth=0):
        found = ["{"]
        for _ in range(self.random.randint(0, 3)):
            if depth > 2 or self.chance(0.6):
                found += [*self.triples(), "."]
            else:
                found += self.member(depth + 1)
                if self.chance(0.2):
                    found.append(".")
        if found[-1] == "." and self.chance(0.7):
            found.pop()
        return [*found, "}"]

    def sources(self):
        found = []
        while self.chance(0.15):
            found += ["FROM", *self.one(["NAMED"], []), self.one(*IRIS)]
        return found

    def query(self):
        """Return the terminals of a query."""
        found = []
        for prefix in self.random.sample(sorted(PREFIXES), self.random.randint(2, len(PREFIXES))):
            found += ["PREFIX", f"{prefix}:", f"<{PREFIXES[prefix]}>"]
        order = ["ORDER", "BY", "DESC", "(", "?a", ")", "?b"] if self.chance(0.2) else []
        return found + self.one(
            lambda: [
                "SELECT", *self.one(["*"], ["?a"], ["DISTINCT", "?a", "?b"], ["REDUCED", "*"]), *self.sources(),
                *self.one(["WHERE"], []), *self.group(), *order, *self.slice(),
            ],
            lambda: ["SELECT", "(", *self.expression(), "AS", "?new", ")", *self.group()],
            lambda: [
                "SELECT", "(", self.one("COUNT", "SUM", "GROUP_CONCAT"), "(", *self.one(["DISTINCT"], []),
                *self.expression(), ")", "AS", "?new", ")", *self.group(),
            ],
            lambda: ["ASK", *self.sources(), *self.group()],
            lambda: ["CONSTRUCT", "{", *self.triples(), "}", *self.sources(), "WHERE", *self.group()],
            lambda: ["DESCRIBE", self.one(*VARIABLES, *IRIS), *self.sources(), *self.group()],
        )()  # fmt: skip

    def text(self, separators=SEPARATORS):
        """Return a query, written in any way but one: `x:y.SERVICE` is a name, where Oxigraph may take back the dot."""
        found, terminals = [], self.query()
        for terminal, following in zip(terminals, [*terminals[1:], ""], strict=True):
            between = self.one(*separators)
            is_name = terminal == "." and following[:1].isalpha()
            found += [self.cased(terminal), " " if is_name and not between else between]
        return "".join(found)

    def cased(self, terminal):
        if terminal.isascii() and terminal.isupper() and terminal.replace("_", "").isalpha():
            return self.one(terminal, terminal, terminal.lower(), terminal.title())
        return terminal
