"""Terms, property paths, triple patterns and data blocks (SPARQL 1.1 section 19.8, rules 52 to 109).

The terms of RDF 1.2 too, as far as Oxigraph takes them.

>>> parser = TriplesParser("?t a <u:T> ; <u:arm>/^<u:of> ?a, ?b .")
>>> block = parser.same_subject()
>>> [(triple.object.text, len(triple.verb.steps)) for triple in block.triples]
[('<u:T>', 1), ('?a', 2), ('?b', 2)]
"""

import re
from typing import Final, Never

from trialgraph.sparql.lexer import Lexer, fault
from trialgraph.sparql.query import Step, Term, Triple, Triples, Values, Verb, unescaped
from trialgraph.vocabulary import PREFIXES

_MOST_NESTED: Final = 100
"""Of groups, terms and paths in one another: each level is a call or two."""
_PATH_MARKS: Final = frozenset("/|*+?")
_SIGNS: Final = frozenset("+-")
_NOT_IN_IRI: Final = re.compile(r'[<>"{}|^`\\\x00-\x20]')


class TriplesParser(Lexer):
    """Reads triple patterns; knows the prefixes."""

    def __init__(self, text: str, *, one_dot: bool = False) -> None:
        super().__init__(text, one_dot=one_dot)
        self.prefixes: dict[str, str] = {}
        self.base = ""
        self.has_paths = True
        """Whether a property path may stand where a property does: not in a template (rule 75)."""
        self._triples: list[Triple] = []
        self._variables: dict[str, None] = {}
        self._is_plain = True
        self._depth = 0

    def deeper(self) -> None:
        """Go one level down; raises QuerySyntaxError when that is too deep."""
        self._depth += 1
        if self._depth > _MOST_NESTED:
            self.fail(f"at most {_MOST_NESTED} groups, lists or paths in one another")

    def higher(self) -> None:
        """Come one level up."""
        self._depth -= 1

    def is_known_name(self) -> bool:
        """Whether what comes next is a name whose prefix is declared."""
        return self.kind == "name" and self.value.partition(":")[0] in self.prefixes

    def is_iri(self) -> bool:
        """Whether what comes next is an IRI."""
        return self.kind == "iri" or self.is_known_name()

    def iri(self) -> Term:
        """Take an IRI; raises QuerySyntaxError, which tells of a prefix that is not declared."""
        if not self.is_iri():
            if self.kind == "name":
                prefix = self.value.partition(":")[0]
                if prefix.lower() in {"http", "https", "urn"}:
                    written = self.text[self.start :].split(maxsplit=1)[0]
                    raise fault(self.text, self.start, f"an IRI stands in angle brackets: <{written[:80]}>")
                known = PREFIXES.get(prefix, "...")
                reason = f"the prefix {prefix}: is not declared; begin with PREFIX {prefix}: <{known}>"
                raise fault(self.text, self.start, reason)
            self.fail("an IRI")
        return self._taken("iri")

    def fail_at_iri(self, expected: str) -> Never:
        """Fail where an IRI could stand: of a name whose prefix is not declared, that is what is wrong."""
        if self.kind == "name":
            self.iri()
        self.fail(expected)

    def _check_escapes(self) -> None:
        if _NOT_IN_IRI.search(unescaped(self.value[1:-1])):
            self.fail("no escaped blanks or brackets in an IRI")

    def variable(self) -> str:
        """Take a variable, and return it with a question mark."""
        if self.kind != "var":
            self.fail("a variable")
        name = f"?{self.value[1:]}"
        self.step()
        return name

    def variable_or_iri(self) -> Term:
        """Take a variable or an IRI."""
        return self._taken("var") if self.kind == "var" else self.iri()

    def _taken(self, kind: str) -> Term:
        text = f"?{self.value[1:]}" if kind == "var" else self.value
        term = Term(kind, text, self.start, self.end)
        if self.kind == "iri" and "\\" in text:
            self._check_escapes()
        self.step()
        if kind == "var":
            self._variables[text] = None
        return term

    def literal(self) -> Term | None:
        """Take a literal, if one comes next."""
        start = self.start
        if self.kind == "string":
            self.step()
            if self.kind == "language":
                self.step()
            elif self.mark("^^"):
                self.iri()
        elif self.kind == "number":
            self.step()
        elif self.kind == "mark" and self.value in _SIGNS:
            self.step()
            if self.kind != "number":
                self.fail("a number")
            self.step()
        elif not (self._boolean("true") or self._boolean("false")):
            return None
        return Term("literal", self.text[start : self.last], start, self.last)

    def _boolean(self, word: str) -> bool:
        if self.kind not in {"word", "name"} or not self.value.startswith(word):
            return False
        self._split(len(word))
        return True

    def term(self) -> Term:
        """Take a term that holds no pattern of its own; raises QuerySyntaxError."""
        kind = self.kind
        if kind == "var":
            return self._taken("var")
        if kind == "iri" or self.is_known_name():
            return self._taken("iri")
        if kind in {"blank", "anon"}:
            return self._taken("blank")
        if kind == "nil":
            return self._taken("literal")
        if self.value == "<<(" and kind == "mark":
            return self._triple_term()
        literal = self.literal()
        if literal is None:
            if kind == "name":
                self.iri()
            self.fail("a term")
        return literal

    def _triple_term(self) -> Term:
        start = self.start
        self.deeper()
        self.step()
        self.node()
        self.verb()
        self.node()
        self.expect(")>>")
        self.higher()
        self._is_plain = False
        return Term("nested", self.text[start : self.last], start, self.last)

    def node(self) -> Term:
        """Take a term, or what stands for one: a list, a blank node with its properties, a reified triple."""
        if self.kind != "mark" or self.value not in {"(", "[", "<<"}:
            return self.term()
        start, opening = self.start, self.value
        self.deeper()
        self.step()
        self._is_plain = False
        node = Term("nested", "", start, start)
        if opening == "(":
            while not self.mark(")"):
                self.node()
        elif opening == "[":
            self._properties(node)
            self.expect("]")
        else:
            self.node()
            self.verb()
            self.node()
            self._reifiers(node)
            self.expect(">>")
        self.higher()
        return node._replace(text=self.text[start : self.last], end=self.last)

    def verb(self) -> Verb:
        """Take a variable or a property path."""
        start = self.start
        if self.kind == "var":
            return Verb(self._taken("var").text, (), start, self.last)
        if not self.has_paths and self.kind == "mark":
            self.fail("a property, and no path")
        if self.is_iri():  # as nearly all are
            predicate = self._taken("iri").text
            if not self.has_paths or self.kind != "mark" or self.value not in _PATH_MARKS:
                return Verb("", (Step(inverse=False, predicate=predicate),), start, self.last)
            self.back(start)
        steps = self._alternatives() if self.has_paths else [Step(inverse=False, predicate=self._predicate())]
        return Verb("", tuple(steps or ()), start, self.last)

    def begins_verb(self) -> bool:
        """Whether what comes next may begin a verb."""
        if self.kind in {"var", "iri", "name"}:
            return self.kind != "name" or self.is_known_name() or self.value[0] == "a"
        return self.value[:1] == "a" if self.kind == "word" else self.value in {"^", "!", "("} and self.kind == "mark"

    def _alternatives(self) -> list[Step] | None:
        """Take a path; return its steps when it is a sequence of predicates."""
        steps = self._sequence()
        while self.mark("|"):
            self._sequence()
            steps = None
        return steps

    def _sequence(self) -> list[Step] | None:
        steps: list[Step] | None = []
        while True:
            inverse = self.mark("^")
            inner = self._primary()
            if self.kind == "mark" and self.value in {"*", "+", "?"}:
                self.step()
                inner = None
            if steps is not None:
                simple = inner is not None and (not inverse or len(inner) == 1)
                steps = [*steps, *self._turned(inner or [], inverse=inverse)] if simple else None
            if not self.mark("/"):
                return steps

    @staticmethod
    def _turned(steps: list[Step], *, inverse: bool) -> list[Step]:
        return [Step(step.inverse != inverse, step.predicate) for step in steps]

    def _primary(self) -> list[Step] | None:
        if self.mark("!"):
            self._negated()
            return None
        if self.mark("("):
            self.deeper()
            steps = self._alternatives()
            self.expect(")")
            self.higher()
            return steps
        return [Step(inverse=False, predicate=self._predicate())]

    def _predicate(self) -> str:
        if self.is_iri():
            return self._taken("iri").text
        if self.kind not in {"word", "name"} or self.value[0] != "a":
            if self.kind == "name":
                self.iri()
            self.fail("a property")
        self._split(1)
        return "a"

    def _negated(self) -> None:
        many = self.mark("(")
        while True:
            self.mark("^")
            self._predicate()
            if not many:
                return
            if self.mark(")"):
                return
            self.expect("|")

    def _properties(self, subject: Term) -> None:
        """Take verbs and their objects."""
        while True:
            verb = self.verb()
            while True:
                triple = Triple(subject, verb, self.node())
                self._triples.append(triple)
                self._reifiers(triple.object)
                if not self.mark(","):
                    break
            if not self.mark(";"):
                return
            while self.mark(";"):
                pass
            if not self.begins_verb():
                return

    def _reifiers(self, node: Term) -> None:
        while True:
            if self.mark("~"):
                self._is_plain = False
                if self.kind in {"var", "iri", "blank", "anon"} or self.is_known_name():
                    self.term()
            elif self.mark("{|"):
                self._is_plain = False
                self._properties(node)
                self.expect("|}")
            else:
                return

    def same_subject(self) -> Triples:
        """Take a subject with its properties."""
        start = self.start
        self._triples, self._variables, self._is_plain = [], {}, True
        begins = self.value if self.kind == "mark" else ""
        subject = self.node()
        # A blank node with properties, a list and a reified triple may stand alone; any other subject may not.
        if begins not in {"[", "(", "<<"} or self.begins_verb():
            self._properties(subject)
        return Triples(tuple(self._triples), tuple(self._variables), self._is_plain, start, self.last)

    def begins_triples(self) -> bool:
        """Whether what comes next may begin a triple pattern, and is no keyword."""
        kind = self.kind
        if kind in {"var", "iri", "nil", "anon", "number", "blank", "string"} or self.is_known_name():
            return True
        if kind in {"word", "name"}:
            return self.value.startswith(("true", "false"))
        return kind == "mark" and self.value in {"(", "[", "<<", "<<(", "+", "-"}

    def data_block(self, start: int) -> Values:
        """Take what follows VALUES; raises QuerySyntaxError, also for a row of another length."""
        if self.kind == "var":
            names = [self.variable()]
            self.expect("{")
            rows = 0
            while not self.mark("}"):
                self._value()
                rows += 1
            return Values(tuple(names), rows, start, self.last)
        names = []
        if self.kind == "nil":
            self.step()
        else:
            self.expect("(")
            while not self.mark(")"):
                names.append(self.variable())
        self.expect("{")
        rows = 0
        while not self.mark("}"):
            self._row(len(names))
            rows += 1
        return Values(tuple(names), rows, start, self.last)

    def _row(self, length: int) -> None:
        found, start = 0, self.start
        if self.kind == "nil":
            self.step()
        else:
            self.expect("(")
            while not self.mark(")"):
                self._value()
                found += 1
        if found != length:
            raise fault(
                self.text, start, f"each row of VALUES has as many values as variables: {length}, not {found}"
            )

    def _value(self) -> None:
        if self.is_iri():
            self.step()
        elif self.value == "<<(":
            self._triple_term()
        elif self.literal() is None and not self.take("UNDEF"):
            if self.kind == "name":
                self.iri()
            self.fail("a value or UNDEF")
