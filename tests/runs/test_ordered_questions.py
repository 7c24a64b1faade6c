"""Pieces that are worked on at once ask in the order of the input."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pytest

from copydesk.cleaner.runs.ordered_questions import Closed, OrderedQuestions, Sequencer
from copydesk.cleaner.runs.seen_records import RunDuplicateIndex
from copydesk.schemas.checks.seen import Keys
from copydesk.schemas.twins import RecordNames


def keys(*hashes: int) -> Keys:
    return Keys(np.array(hashes, np.int64), np.ones(len(hashes), np.bool_))


def names(count: int) -> RecordNames:
    texts = pa.array(["x"] * count, pa.large_string())
    return RecordNames(texts, texts, pa.array([1] * count, pa.int64()))


def ask(questions: OrderedQuestions, *hashes: int) -> list[bool]:
    questions.ask(("enter", (names(len(hashes)),)))
    return questions.ask(("known", ("id", keys(*hashes)))).mask.tolist()


def test_pieces_wait_for_their_turn():
    sequencer = Sequencer(RunDuplicateIndex())
    answers: dict[int, list[bool]] = {}

    def work(number: int) -> None:
        questions = OrderedQuestions(sequencer, number)
        questions.begin()
        answers[number] = ask(questions, number, 7)
        questions.end()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in (2, 1)]
    for thread in threads:
        thread.start()
    assert answers == {}
    work(0)
    for thread in threads:
        thread.join(10)
    # only the first piece has not seen 7 before
    assert answers == {0: [False, False], 1: [False, True], 2: [False, True]}
    assert list(answers) == [0, 1, 2]


def test_a_piece_that_asks_again_gets_the_same_answers():
    sequencer = Sequencer(RunDuplicateIndex())
    questions = OrderedQuestions(sequencer, 0)
    questions.begin()
    assert ask(questions, 1, 1) == [False, True]
    questions.begin()
    assert ask(questions, 1, 1) == [False, True]
    assert ask(questions, 1, 2) == [True, False]


def test_the_turn_passes_once():
    sequencer = Sequencer(RunDuplicateIndex())
    first = OrderedQuestions(sequencer, 0)
    first.end()
    first.end()
    sequencer.wait(1)
    ended = threading.Event()
    threading.Thread(target=lambda: (OrderedQuestions(sequencer, 2).end(), ended.set()), daemon=True).start()
    assert not ended.wait(0.05)
    OrderedQuestions(sequencer, 1).end()
    assert ended.wait(10)


def test_nobody_waits_when_the_run_is_over():
    sequencer = Sequencer(RunDuplicateIndex())
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            ask(OrderedQuestions(sequencer, 5), 1)
        except Closed as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    sequencer.close()
    thread.join(10)
    assert len(errors) == 1
    with pytest.raises(Closed):
        sequencer.wait(0)
