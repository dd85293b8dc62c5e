"""Answers that are remembered, those asked for last; what was not asked for longest gives way.

>>> answers = RecentAnswers(2)
>>> answers.keep("one", 1), answers.keep("two", 2), answers.recall("one"), answers.keep("three", 3)
(1, 2, 1, 3)
>>> answers.recall("two"), answers.recall("one")
(None, 1)
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class RecentAnswers(Generic[Answer]):
    """At most so many answers by what was asked. Unlike `functools.lru_cache` it holds no method, so no cycle."""

    __slots__ = ("_answers", "_most")

    def __init__(self, most: int) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        return len(self._answers)

    def recall(self, asked: Hashable) -> Answer | None:
        """Return the answer to what is asked, None for one that is not remembered."""
        answer = self._answers.get(asked)
        if answer is not None:
            self._answers.move_to_end(asked)
        return answer

    def keep(self, asked: Hashable, answer: Answer) -> Answer:
        """Remember an answer, which is not None, and return it."""
        self._answers[asked] = answer
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return answer
