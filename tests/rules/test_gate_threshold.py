"""How sure the gate must be of a line of an article, given what is around it."""

from __future__ import annotations

import numpy as np

from copydesk.rules.gate.decision import AMONG_PROSE, AROUND, ARTICLE, MUCH_PROSE, SURE, raise_threshold


def thresholds(total: list[float], row: list[int], prose: list[bool]) -> list[float]:
    found = raise_threshold(np.array(total, np.float32), np.array(row), np.array(prose), max(row) + 1)
    return [round(float(value), 3) for value in found]


def test_two_sure_lines_make_the_others_of_the_text_candidates() -> None:
    total = [5.0, 5.0, 3.0, 5.0, 3.0]
    expected = [ARTICLE.threshold] * 3 + [SURE] * 2
    assert thresholds(total, [0, 0, 0, 1, 1], [False] * 5) == expected


def test_prose_of_the_next_text_does_not_count() -> None:
    """The last line of a menu stands beside the prose of another text."""
    menu, prose = 10, 10
    total = [5.0] * menu + [-5.0] * prose
    found = thresholds(total, [0] * menu + [1] * prose, [False] * menu + [True] * prose)
    assert found[:menu] == [ARTICLE.threshold] * menu
    # all prose of the second text has much prose around it
    assert found[menu:] == [AMONG_PROSE] * prose


def test_only_near_prose_counts() -> None:
    lines = 2 * AROUND + MUCH_PROSE + 1
    total = [5.0] * lines
    prose = [True] * MUCH_PROSE + [False] * (lines - MUCH_PROSE)
    found = thresholds(total, [0] * lines, prose)
    assert found[MUCH_PROSE] == round(AMONG_PROSE, 3)
    assert found[-1] == ARTICLE.threshold


def test_no_lines_have_no_thresholds() -> None:
    empty = np.zeros(0, np.float32)
    assert raise_threshold(empty, np.zeros(0, np.int64), np.zeros(0, np.bool_), 3).tolist() == []
