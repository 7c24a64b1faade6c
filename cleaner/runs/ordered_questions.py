"""Questions about what came before in a run: asked by pieces worked on at once, answered in the order of the input."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Mask
    from ...schemas.checks.seen import DuplicateIndex

Question = tuple[str, tuple[Any, ...]]


class Closed(Exception):  # noqa: N818
    """Report that the run is over, so that nobody waits for a turn that never comes."""


class Sequencer:
    """Whose turn it is. Pieces are numbered in the order of the input."""

    def __init__(self, seen: DuplicateIndex) -> None:
        self.seen = seen
        self._next = 0
        self._closed = False
        self._change = threading.Condition()

    def wait(self, number: int) -> None:
        """Wait for the turn of a piece. Raises `Closed` if the run is over."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._next == number)
            if self._closed:
                raise Closed

    def advance(self) -> None:
        """Give the turn to the next piece."""
        with self._change:
            self._next += 1
            self._change.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._change:
            self._closed = True
            self._change.notify_all()


class OrderedQuestions:
    """What one piece asks. It may ask all over again, and is given the same answers."""

    def __init__(self, turns: Sequencer, number: int) -> None:
        self._turns, self._number = turns, number
        self._answers: list[Mask] = []
        self._asked = 0
        self._over = False

    def begin(self) -> None:
        """Begin, or begin again."""
        self._asked = 0

    def ask(self, question: Question) -> Mask:
        """Answer a question: the name of a method of `DuplicateIndex`, and its arguments."""
        if self._asked == len(self._answers):
            self._turns.wait(self._number)
            name, arguments = question
            self._answers.append(getattr(self._turns.seen, name)(*arguments))
        self._asked += 1
        return self._answers[self._asked - 1]

    def end(self) -> None:
        """Say that the piece has nothing more to ask."""
        if not self._over:
            self._turns.wait(self._number)
            self._turns.advance()
            self._over = True
