"""Questions about the earlier records of a run: several pieces ask at once, and are answered in the input's order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...schemas.checks.seen import DuplicateIndex

Question = tuple[str, tuple[Any, ...]]
"""The name of a method of `DuplicateIndex`, and its arguments."""


class Closed(Exception):  # noqa: N818
    """Report that the run is over: a turn that a piece waits for will never come."""


class Sequencer:
    """Lets pieces ask one after the other. Pieces are numbered from 0 in the order of the input."""

    def __init__(self, seen: DuplicateIndex) -> None:
        self.seen = seen
        self._turn = 0
        self._closed = False
        self._change = threading.Condition()

    def wait(self, number: int) -> None:
        """Wait for the turn of a piece. Raises `Closed` if the run is over."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._turn == number)
            if self._closed:
                raise Closed

    def advance(self) -> None:
        """Pass the turn to the next piece."""
        with self._change:
            self._turn += 1
            self._change.notify_all()

    def close(self) -> None:
        """End all waiting."""
        with self._change:
            self._closed = True
            self._change.notify_all()


class OrderedQuestions:
    """The questions of one piece. A piece that is done again asks them again, and gets the same answers."""

    def __init__(self, sequencer: Sequencer, number: int) -> None:
        self._sequencer, self._number = sequencer, number
        self._answers: list[Any] = []
        self._asked = 0
        self._ended = False

    def begin(self) -> None:
        """Begin with the first question, also after an earlier attempt."""
        self._asked = 0

    def ask(self, question: Question) -> Any:
        """Return the answer to a question; wait for the turn of the piece first."""
        if self._asked == len(self._answers):
            self._sequencer.wait(self._number)
            name, arguments = question
            self._answers.append(getattr(self._sequencer.seen, name)(*arguments))
        self._asked += 1
        return self._answers[self._asked - 1]

    def end(self) -> None:
        """End the turn of the piece; call it again at will."""
        if not self._ended:
            self._sequencer.wait(self._number)
            self._sequencer.advance()
            self._ended = True
