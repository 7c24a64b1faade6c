"""The gate reads texts with markup by one network and plain texts by another, in whatever batch they are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.cleaner.rule_tools.examples import CLOSING, MIDDLE, OPENING
from copydesk.rules.gate.decision import load_gate
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory

MENU = ["Boats", "Bridges", "Weather and tides", "Shop", "Who we are", "Jobs at the harbour"]
PLAIN = "\n".join([*MENU, OPENING, MIDDLE, CLOSING, "Ropes and tar", "More from the quay"])
LINKS = "".join(f"<li><a href=/{n}>{name}</a></li>" for n, name in enumerate(MENU))
HTML = (
    f"<div class=main-menu><ul>{LINKS}</ul></div><article><p>{OPENING}</p><p>{MIDDLE}</p><p>{CLOSING}</p></article>"
    "<footer><a href=/q>More from the quay</a></footer>"
)


@pytest.fixture(scope="module")
def kernel():
    return Kernel(load_ruleset(profile="page"), cache_directory())


def clean(kernel, texts: list[str]) -> list[tuple]:
    cleaned = kernel.clean(pa.array(texts, pa.large_string()))
    edits = cleaned.edits.to_pylist()
    names = ("rule", "start", "end", "detail")
    return [
        (text, [tuple(edit[name] for name in names) for edit in edits if edit["row"] == row])
        for row, text in enumerate(cleaned.texts.to_pylist())
    ]


def test_texts_of_both_kinds_do_not_depend_on_each_other(kernel):
    (plain,), (marked,) = clean(kernel, [PLAIN]), clean(kernel, [HTML])
    assert clean(kernel, [HTML, PLAIN, HTML, PLAIN]) == [marked, plain, marked, plain]


def test_a_cut_names_what_the_markup_said(kernel):
    ((text, edits),) = clean(kernel, [HTML])
    assert text.endswith("\n\n".join([OPENING, MIDDLE, CLOSING]))
    details = [detail for rule, _, _, detail in edits if rule == "gate/line"]
    assert any("all of it is links, in a block named for a menu" in detail for detail in details)


def test_plain_texts_do_not_load_the_network_for_markup(kernel):
    gate = type(load_gate())()
    data = b"Boats\nBridges\n"
    read = gate.read(np.frombuffer(data, np.uint8), np.array([0, 6]), np.array([5, 13]))
    assert read.marked is None
    assert "marked" not in vars(gate)
