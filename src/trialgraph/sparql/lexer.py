r"""The terminals of SPARQL (1.1 section 19.8), read one by one as a parser asks for them.

A `<` begins an IRI where a term may stand and is a comparison where an operator may; a word is split where a keyword
may end, since no blank is needed behind one. So nothing depends on the longest match, and what is read here is what
Oxigraph reads, also without a blank between any two terminals.

>>> lexer = Lexer("?x<?y # and so on")
>>> lexer.kind, lexer.value
('var', '?x')
>>> lexer.step()
>>> lexer.operator()
'<'
>>> lexer.kind, lexer.value
('var', '?y')
"""

import re
from typing import Final, Never

from trialgraph.errors import QuerySyntaxError
from trialgraph.sparql.advice import advice

_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_MORE: Final = "0-9\u00b7\u0300-\u036f\u203f-\u2040"
# A possessive repeat of what may fail half way leaves Python before 3.11.5 in the wrong place, an atomic group never.
# Each repeated group below begins with what is rare, so that a long text costs no memory for places to go back to.
_PLX: Final = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_PLAIN: Final = rf"[{_BASE}_\-:{_MORE}]*+"
_LOCAL: Final = rf"{_PLAIN}(?>(?:{_PLX}{_PLAIN})*)"
_LOCAL_FIRST: Final = rf"(?:[{_BASE}_:0-9]|{_PLX})"
_SOME: Final = rf"(?:[{_BASE}_\-:{_MORE}]|{_PLX}){_LOCAL}"
_PREFIX: Final = rf"(?:[{_BASE}](?:[{_BASE}_\-.{_MORE}]{{0,254}}[{_BASE}_\-{_MORE}])?)?"
_HEX: Final = "[0-9A-Fa-f]"
# No half of a surrogate pair, and nothing behind the last codepoint.
_CODEPOINT: Final = (
    rf"\\u(?![Dd][89A-Fa-f]){_HEX}{{4}}"
    rf"|\\U(?:0000(?![Dd][89A-Fa-f]){_HEX}{{4}}|000[1-9A-Fa-f]{_HEX}{{4}}|0010{_HEX}{{4}})"
)
_ESCAPE: Final = rf"""(?:\\[tbnrf"'\\]|{_CODEPOINT})"""
_STRING: Final = rf"""
    \"\"\"(?>(?:[^"\\]++|"{{1,2}}(?!")|{_ESCAPE})*)\"\"\" | '''(?>(?:[^'\\]++|'{{1,2}}(?!')|{_ESCAPE})*)'''
    | "[^"\\\r\n]*+(?>(?:{_ESCAPE}[^"\\\r\n]*+)*)" | '[^'\\\r\n]*+(?>(?:{_ESCAPE}[^'\\\r\n]*+)*)'"""
SPACE: Final = r"(?:[ \t\r\n]++|\#[^\r\n]*+)*+"
_IRI_PLAIN: Final = r'[^<>"{}|^`\\\x00-\x20]*+'
_NAME: Final = rf"{_PREFIX}:(?:{_LOCAL_FIRST}{_LOCAL}(?>(?:\.++{_SOME})*))?"
_NAME_OF_ONE_DOT: Final = rf"{_PREFIX}:(?:{_LOCAL_FIRST}{_LOCAL}(?>(?:\.++{_SOME})?))?"
_TERMINALS: Final = rf"""{SPACE}(?: (?P<var>[?$][{_BASE}_0-9][{_BASE}_{_MORE}]*+)
    | (?P<iri><{_IRI_PLAIN}(?>(?:(?:{_CODEPOINT}){_IRI_PLAIN})*)>)
    | (?P<name>{_NAME})
    | (?P<nil>\([ \t\r\n]*+\)) | (?P<anon>\[[ \t\r\n]*+\])
    | (?P<number>(?:[0-9]++\.[0-9]*|\.[0-9]++|[0-9]++)[eE][+\-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)
    | (?P<mark><<\(|\)>>|<<|>>|\{{\||\|\}}|\^\^|[{{}}()\[\];,.*+\-=/!|^?~])
    | (?P<blank>_:[{_BASE}_0-9][{_BASE}_\-{_MORE}]*+(?>(?:\.++[{_BASE}_\-{_MORE}]++)*))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]{{0,63}}) | (?P<string>{_STRING})
    | (?P<language>@[A-Za-z]++(?>(?:-[A-Za-z0-9]++)*)(?:--[A-Za-z]++)?) | (?P<end>\Z) | (?P<bad>.) )"""
_TERMINAL: Final = re.compile(_TERMINALS, re.VERBOSE | re.DOTALL)
_TERMINAL_OF_ONE_DOT: Final = re.compile(_TERMINALS.replace(_NAME, _NAME_OF_ONE_DOT), re.VERBOSE | re.DOTALL)
_OPERATOR: Final = re.compile(
    rf"""{SPACE}(\|\||&&|!=|<=|>=|[=<>+\-*/]|IN(?={SPACE}\()|NOT{SPACE}IN(?={SPACE}\())""", re.VERBOSE | re.IGNORECASE
)


class Lexer:
    """Reads on from terminal to terminal; holds the one that comes next."""

    def __init__(self, text: str, *, one_dot: bool = False) -> None:
        """With `one_dot` names are read as Oxigraph reads them, which ends `a:b.c.d` before the second dot."""
        self.text = text
        self._match = (_TERMINAL_OF_ONE_DOT if one_dot else _TERMINAL).match
        self.is_dotted = one_dot
        """Whether there is a name that Oxigraph reads in another way."""
        self.last = 0
        """Where the terminal before ends."""
        self.kind, self.value, self.start, self.end = "", "", 0, 0
        """Of the terminal that comes next: its kind, its text, where it begins and ends."""
        self.spans: list[tuple[int, int]] = []
        """Of all that were taken."""
        self._look(0)

    def _look(self, place: int) -> None:
        found = self._match(self.text, place)
        if found is None:  # the last alternatives take anything
            raise AssertionError
        kind = found.lastgroup or ""
        self.start, self.end = found.span(found.lastindex or 0)
        self.kind, self.value = kind, found[found.lastindex or 0]
        if kind == "name" and self.value.count(".") > 1 and self.value.partition(":")[2].count(".") > 1:
            self.is_dotted = True

    def step(self) -> None:
        """Take the terminal that comes next."""
        self.last = end = self.end
        self.spans.append((self.start, end))
        self._look(end)

    def skip(self, spans: tuple[tuple[int, int], ...]) -> None:
        """Take the terminals that are known to stand at the beginning, at least one."""
        self.spans.extend(spans)
        self.last = spans[-1][1]
        self._look(self.last)

    def back(self, place: int) -> None:
        """Read again from a place where a terminal begins."""
        while self.spans and self.spans[-1][0] >= place:
            self.spans.pop()
        self.last = self.spans[-1][1] if self.spans else 0
        self._look(place)

    def is_word(self, word: str) -> bool:
        """Whether what comes next begins with a keyword, which is given in capitals."""
        return self.kind in {"word", "name"} and self.value[: len(word)].upper() == word

    def take(self, word: str) -> bool:
        """Take a keyword, given in capitals, if it comes next; what is written behind it without a blank stays."""
        if self.kind not in {"word", "name"} or self.value[: len(word)].upper() != word:
            return False
        self._split(len(word))
        return True

    def mark(self, mark: str) -> bool:
        """Take a mark, if it comes next."""
        if self.value == mark and self.kind == "mark":
            self.step()
            return True
        return False

    def dot(self) -> bool:
        """Take a dot, if it comes next, even as the first of `.5`."""
        if self.kind == "number" and self.value[0] == ".":
            self._split(1)
            return True
        return self.mark(".")

    def _split(self, length: int) -> None:
        self.end = self.start + length
        self.step()

    def expect(self, mark: str) -> None:
        """Take a mark; raises QuerySyntaxError when another terminal comes."""
        if self.value != mark or self.kind != "mark":
            self.fail(mark)
        self.step()

    def expect_word(self, word: str) -> None:
        """Take a keyword; raises QuerySyntaxError when another terminal comes."""
        if not self.take(word):
            self.fail(word)

    def operator(self) -> str:
        """Take an operator of expressions, if it comes next, and return it in capitals; else nothing."""
        found = _OPERATOR.match(self.text, self.last)
        if not found:
            return ""
        self.start, self.end = found.span(1)
        self.step()
        operator = found[1].upper()
        return operator if operator[0] != "N" else "NOT IN"

    def fail(self, expected: str) -> Never:
        """Raise QuerySyntaxError at the terminal that comes next."""
        found = "the end" if self.kind == "end" else f"`{self.value[:40]}`"
        before = self.text[slice(*self.spans[-1])] if self.spans else ""
        kind = Lexer(before).kind + "+" * (self.start == self.last) if before else ""
        said = advice(expected, before, self.kind, self.value, kind, behind=self.text[self.start : self.start + 200])
        raise fault(self.text, self.start, f"expected {expected}, found {found}{said and f'; {said}'}")


def fault(text: str, place: int, reason: str) -> QuerySyntaxError:
    """Return an error that tells the line and column of a place, both counted from one."""
    return QuerySyntaxError(reason, text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place))
