"""Solution modifiers: GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET and VALUES (SPARQL 1.1, rule 18)."""

from trialgraph.sparql.expression_parser import ExpressionParser
from trialgraph.sparql.query import Column, Expression, Modifiers, Number, Order


class ModifiersParser(ExpressionParser):
    """Reads what stands behind the groups of a query or a subquery.

    >>> found = ModifiersParser("ORDER BY DESC(?n) LIMIT 10").modifiers()
    >>> found.order[0].descending, found.limit.value
    (True, 10)
    """

    def modifiers(self) -> Modifiers:
        """Read GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET and VALUES, as many as there are.

        Raises QuerySyntaxError.
        """
        start = self.last
        grouping: list[Column] = []
        having, order = [], []
        if self.take("GROUP"):
            self.expect_word("BY")
            grouping = self._grouping()
        if self.take("HAVING"):
            having = [self.constraint()]
            while self._begins_constraint():
                having.append(self.constraint())
        if self.take("ORDER"):
            self.expect_word("BY")
            order = self._order()
        limit = offset = None
        while True:
            if limit is None and self.take("LIMIT"):
                limit = self._number()
            elif offset is None and self.take("OFFSET"):
                offset = self._number()
            else:
                break
        values = None
        place = self.start
        if self.take("VALUES"):
            values = self.data_block(place)
        return Modifiers(tuple(grouping), tuple(having), tuple(order), limit, offset, values, start, self.last)

    def _begins_constraint(self) -> bool:
        if self.kind in {"iri", "name"}:
            return self.is_iri()
        if self.kind == "word":
            return self.begins_call()
        return self.kind == "mark" and self.value == "("

    def _grouping(self) -> list[Column]:
        found: list[Column] = []
        while self.kind == "var" or self._begins_constraint():
            start = self.start
            if self.kind == "var":
                found.append(Column(self.variable(), None, start, self.last))
            elif self.mark("("):
                expression, variable = self.expression(), ""
                if self.take("AS"):
                    variable = self.variable()
                self.expect(")")
                found.append(Column(variable or expression.only, expression, start, self.last))
            else:
                expression = self.constraint()
                found.append(Column("", expression, start, self.last))
        if not found:
            self.fail_at_iri("what to group by: variables, functions or expressions in brackets")
        return found

    def _order(self) -> list[Order]:
        found: list[Order] = []
        while True:
            start = self.start
            if self.kind == "word" and self.is_word("ASC"):
                self.take("ASC")
                found.append(Order(self._in_brackets(), False, start, self.last))
            elif self.kind == "word" and self.is_word("DESC"):
                self.take("DESC")
                found.append(Order(self._in_brackets(), True, start, self.last))
            elif self.kind == "var":
                name = self.variable()
                found.append(Order(_just(name, start, self.last), False, start, self.last))
            elif self._begins_constraint():
                found.append(Order(self.constraint(), False, start, self.last))
            elif found:
                return found
            else:
                self.fail_at_iri("what to order by: variables, ASC(...), DESC(...) or expressions in brackets")

    def _in_brackets(self) -> Expression:
        self.expect("(")
        found = self.expression()
        self.expect(")")
        return found

    def _number(self) -> Number:
        start, value = self.start, self.value
        if self.kind != "number" or not value.isdecimal():
            self.fail("a whole number")
        self.step()
        return Number(int(value), start, self.last)


def _just(variable: str, start: int, end: int) -> Expression:
    return Expression(start, end, ((variable, start),), (), (), variable)
