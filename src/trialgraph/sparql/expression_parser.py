"""Expressions (SPARQL 1.1, 19.8, rules 107 to 127), with a list for open brackets, not calls.

Twenty thousand brackets in one another are as good as two: nothing here is called again for them, except for EXISTS.
"""

from typing import Final

from trialgraph.sparql.functions import ANY, ARITY
from trialgraph.sparql.lexer import fault
from trialgraph.sparql.query import AGGREGATES, VOLATILE, Call, Expression, Group
from trialgraph.sparql.triples_parser import TriplesParser

_RELATIONS: Final = frozenset(("=", "!=", "<", ">", "<=", ">=", "IN", "NOT IN"))


class _Open:
    """An open bracket: of a call, of the list behind IN, or of neither."""

    __slots__ = ("argument", "arguments", "name", "related", "start")

    def __init__(self, name: str, start: int, argument: int = 0) -> None:
        self.name, self.start, self.argument = name, start, argument
        self.arguments: list[tuple[int, int]] = []
        self.related = False
        """Whether there is a comparison since the last && or ||: they do not chain."""


class ExpressionParser(TriplesParser):
    """Reads expressions.

    >>> found = ExpressionParser("STR(?x) IN ('a', LCASE(?y)) ) and more").expression()
    >>> sorted(found.variables), [(call.name, len(call.arguments)) for call in found.calls], found.end
    (['?x', '?y'], [('STR', 1), ('LCASE', 1)], 27)
    """

    def __init__(self, text: str, *, one_dot: bool = False) -> None:
        super().__init__(text, one_dot=one_dot)
        self.volatile: set[str] = set()
        """The functions called so far whose value is another each time."""
        self._calls: list[Call] = []
        self._uses: list[tuple[str, int]] = []
        self._groups: list[Group] = []

    def group(self) -> Group:
        """Take a group."""
        raise NotImplementedError

    def begins_call(self) -> bool:
        """Whether the word that comes next is a function, EXISTS or NOT."""
        return self.value.upper() in ARITY or self.is_word("EXISTS") or self.is_word("NOT")

    def constraint(self) -> Expression:
        """Take what may follow FILTER: a call, or an expression in brackets."""
        return self._expression(closed=True)

    def expression(self) -> Expression:
        """Take an expression."""
        return self._expression(closed=False)

    def _expression(self, *, closed: bool) -> Expression:
        """Take an expression; a closed one ends with the bracket that ends its first operand, and must have one."""
        kept = self._calls, self._uses, self._groups
        calls: list[Call] = []
        uses: list[tuple[str, int]] = []
        groups: list[Group] = []
        self._calls, self._uses, self._groups = calls, uses, groups
        start = self.start
        self._operands(closed=closed)
        found = Expression(start, self.last, tuple(uses), tuple(calls), tuple(groups), "")
        self._calls, self._uses, self._groups = kept
        if not calls and len(groups) + len(uses) == 1:
            found = found._replace(only=self._only(found))
        return found

    def _only(self, found: Expression) -> str:
        if found.uses:
            name = found.uses[0][0]
            return name if found.end - found.start == len(name) else ""
        if found.end != found.groups[0].end:
            return ""
        return {"N": "NOT EXISTS", "E": "EXISTS"}.get(self.text[found.start].upper(), "")

    def _operands(self, *, closed: bool) -> None:
        opened = [_Open("", 0)]
        while True:
            if not self._operand(opened, closed=closed and len(opened) == 1):
                continue
            while not (closed and len(opened) == 1):
                if (next_one := self._goes_on(opened)) == "operand":
                    break
                if next_one != "again":
                    if len(opened) == 1:
                        return
                    if self._close(opened):
                        break
            else:
                return

    def _operand(self, opened: list[_Open], *, closed: bool) -> bool:
        """Take an operand; false when it has only begun, with a bracket, so that another must follow."""
        if not closed and self.kind == "mark":
            self._signs()
        kind = self.kind
        if kind == "mark" and self.value == "(":
            opened.append(_Open("(", self.start))
            self.step()
            return False
        if kind == "iri" or (kind == "name" and self.is_known_name()):
            return self._iri_or_call(opened, closed=closed)
        if kind == "word" and self.value.upper() in ARITY:
            return self._call(opened)
        if self.is_word("EXISTS") or self.is_word("NOT"):
            self.take("NOT")
            self.expect_word("EXISTS")
            self._groups.append(self.group())
        elif closed:
            if kind == "name":
                self.iri()
            self.fail("an expression in brackets, or a function")
        elif kind == "var":
            self._uses.append((f"?{self.value[1:]}", self.start))
            self.step()
        elif kind == "mark" and self.value == "<<(":
            self._variables, start = {}, self.start
            self.term()
            self._uses += ((name, start) for name in self._variables)
        elif self.literal() is None:
            if kind == "name":
                self.iri()
            self.fail("an expression")
        return True

    def _signs(self) -> None:
        if self.kind != "mark":
            return
        while self.mark("!"):
            pass
        if self.value in {"+", "-"}:
            self.step()

    def _iri_or_call(self, opened: list[_Open], *, closed: bool) -> bool:
        written, start = self.value, self.start
        self.step()
        if self.kind == "nil":
            self.step()
            self._called(written, start, [])
            return True
        if self.mark("("):
            self.take("DISTINCT")
            opened.append(_Open(written, start, self.start))
            return False
        if closed:
            self.fail("the arguments of a function")
        return True

    def _call(self, opened: list[_Open]) -> bool:
        start, name = self.start, self.value.upper()
        self.step()
        if name in VOLATILE:
            self.volatile.add(name)
        if self.kind == "nil":
            self.step()
            self._called(name, start, [])
            return True
        self.expect("(")
        if name in AGGREGATES:
            self.take("DISTINCT")
            if name == "COUNT" and self.mark("*"):
                argument = self.spans[-1]
                self.expect(")")
                self._called(name, start, [argument])
                return True
        elif self.mark(")"):  # with a comment between the brackets
            self._called(name, start, [])
            return True
        opened.append(_Open(name, start, self.start))
        return False

    def _called(self, name: str, start: int, arguments: list[tuple[int, int]]) -> None:
        fewest, most = ARITY.get(name, (0, ANY))
        if not fewest <= len(arguments) <= most:
            wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            reason = f"{name} takes {wanted} argument{'s' * (most != 1)}, not {len(arguments)}"
            raise fault(self.text, start, reason)
        self._calls.append(Call(name, start, tuple(arguments), self.last))

    def _goes_on(self, opened: list[_Open]) -> str:
        """Take an operator, if one follows; say whether an `operand` must follow, or it goes on `again`."""
        operator = self.operator()
        if not operator:
            return ""
        around = opened[-1]
        if operator in {"||", "&&"}:
            around.related = False
        elif operator in _RELATIONS:
            if around.related:
                self.fail("&& or || between two comparisons")
            around.related = True
        if operator not in {"IN", "NOT IN"}:
            return "operand"
        if self.kind == "nil":
            self.step()
            return "again"
        opened.append(_Open("IN", self.start, self.end))
        self.expect("(")
        if self.mark(")"):  # with a comment between the brackets
            opened.pop()
            return "again"
        return "operand"

    def _close(self, opened: list[_Open]) -> bool:
        """Take what ends an operand inside a bracket; true for a comma, so that another must follow."""
        inner = opened[-1]
        if inner.name == "(":
            self.expect(")")
            opened.pop()
            return False
        inner.arguments.append((inner.argument, self.last))
        if inner.name not in AGGREGATES and self.mark(","):
            inner.argument, inner.related = self.start, False
            return True
        if inner.name == "GROUP_CONCAT" and self.mark(";"):
            self.expect_word("SEPARATOR")
            self.expect("=")
            if self.kind != "string":
                self.fail("a string")
            self.step()
        self.expect(")")
        opened.pop()
        if inner.name != "IN":
            self._called(inner.name, inner.start, inner.arguments)
        return False
