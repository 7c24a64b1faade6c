"""The laws that hold for every rule: restore, nothing else changes, idempotent, deterministic, examples."""

from __future__ import annotations

import importlib.util
import os
import random
import re
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import copydesk
from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.cleaner.kernel.lines.fold import flatten_lines
from copydesk.cleaner.kernel.lines.split import split
from copydesk.cleaner.kernel.types import RecordContext
from copydesk.cleaner.rule_tools.examples import CLOSING, MIDDLE, OPENING
from copydesk.rules.code import trailing
from copydesk.rules.ruleset.model import Case
from copydesk.rules.ruleset.ruleset import PROFILES, load_ruleset
from copydesk.schemas.cache.store import cache_directory
from copydesk.schemas.edits import Edit, apply_edits, undo_edits


def _load_reference():
    spec = importlib.util.spec_from_file_location("copydesk_reference", Path(__file__).with_name("reference.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["copydesk_reference"] = module
    spec.loader.exec_module(module)
    return module


RULESETS = {profile: load_ruleset(profile=profile, unsafe=True) for profile in PROFILES}
KERNELS = {profile: Kernel(ruleset, cache_directory()) for profile, ruleset in RULESETS.items()}
CLEANERS = {profile: copydesk.Cleaner(ruleset, suite="none") for profile, ruleset in RULESETS.items()}
RULESET, KERNEL = RULESETS["article"], KERNELS["article"]
# the reference knows all rules but the gate, which has no second form that is simpler
REFERENCE = _load_reference().Reference(RULESETS["rules"])

profiles = pytest.mark.parametrize("profile", PROFILES)

PHRASES = [
    example for info in RULESET.infos.values() for example in (*info.removes, *info.keeps) if isinstance(example, str)
]
PROSE = [
    OPENING,
    MIDDLE,
    CLOSING,
    "It rained.",
    "“Not a word,” she said, and shut the door behind her for good.",
]
ODD = [
    "",
    " ",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "\x00",
    "e\u0301",
    "👩‍👩‍👧",
    "שלום",
    "ı",
    "İ",
    "ſ",
    "K",
    "ς",
    "…",
    "—",
    "\t",
]
DAMAGED = [
    "\u00a0",
    "\u202f",
    "  ",
    " \u00a0",
    "\u00ad",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\x07",
    "\x92",
    "&amp;",
    "&amp;amp;nbsp;",
    "&shy;",
    "&#8217;",
    "&",
    "amp;",
    "&lt;",
    "Ã©",
    "â€™",
    "Ã\u00a0",
    "вЂ™",
    "doesnâ€™t",
    "é",
    "»",
    "”",
    "ไ",
    "क",
    '[gallery ids="1"]',
]
ENDS = ["\n", "\n", "\n\n", "\r\n", "\r", "\u2028", "\u2029", "\n \n", "\n\n\n", "\x85", "\x0b"]


def _damage(parts):
    line, at, damage = parts
    return line[:at] + damage + line[at:]


damaged = st.tuples(st.sampled_from(PHRASES + PROSE), st.integers(0, 30), st.sampled_from(DAMAGED)).map(_damage)
lines = st.one_of(
    damaged,
    st.tuples(damaged, st.integers(0, 30), st.sampled_from(DAMAGED)).map(_damage),
    st.lists(st.sampled_from(DAMAGED), max_size=6).map("".join),
    st.sampled_from(PHRASES),
    st.sampled_from(PHRASES).map(str.upper),
    st.sampled_from(PROSE),
    st.sampled_from(ODD),
    st.tuples(st.sampled_from(ODD), st.sampled_from(PHRASES), st.sampled_from(ODD)).map("".join),
    st.text(max_size=12),
    st.sampled_from(
        ["Ferry Strike Enters Its Third Week", "Ferry strike enters its third week — Lowmoor News", "Menu"]
    ),
)


@st.composite
def texts(draw):
    parts = draw(st.lists(st.tuples(lines, st.sampled_from(ENDS)), max_size=14))
    if draw(st.integers(0, 3)) == 0:  # part of it once more, or most of it
        parts += parts[draw(st.integers(0, 2)) :] + draw(st.sampled_from([[], [("It rained.", "\n")]]))
    text = "".join(line + end for line, end in parts)
    return text.rstrip("\n") if draw(st.booleans()) else text


def clean_one(text, profile="article", title=None, form=None):
    contexts = None if title is None and form is None else [RecordContext(title, form=form)]
    cleaned = KERNELS[profile].clean(pa.array([text], pa.large_string()), contexts)
    edits = [Edit(**{k: v for k, v in edit.items() if k != "row"}) for edit in cleaned.edits.to_pylist()]
    return cleaned.texts[0].as_py(), edits, cleaned


@profiles
@given(text=texts())
def test_restore_gives_the_raw_text_back(profile, text):
    clean, edits, _ = clean_one(text, profile)
    assert undo_edits(clean, edits) == text
    assert apply_edits(text, edits) == clean


@profiles
@given(text=texts())
def test_edits_are_sorted_disjoint_and_say_what_stood_there(profile, text):
    _, edits, _ = clean_one(text, profile)
    at = 0
    for edit in edits:
        assert at <= edit.start < edit.end <= len(text)
        assert text[edit.start : edit.end] == edit.before
        assert edit.rule in RULESET.infos or edit.rule == "layout/edges"
        at = edit.end


@profiles
@given(text=texts())
def test_cleaning_the_clean_text_changes_nothing(profile, text):
    clean, _, _ = clean_one(text, profile)
    again, edits, _ = clean_one(clean, profile)
    assert again == clean
    assert edits == []


def test_a_page_of_which_nothing_would_be_left_stays_as_it_is_cleaned():
    lines = [
        *["This post may contain affiliate links."] * 3,
        "amp;If you buy through our links, we may earn a commission.",
        "I f you buy thro ugh our links, we may earn a commission.",
        *["This post may contain affiliate links."] * 3,
        "Ferry Strike Enters Its Third Week",
        "This post may contain affiliate links.",
        *["Privacy Policy", "Terms of Use", "Contact Us", "Log In", "Subscribe"],
    ]
    clean, edits, cleaned = clean_one("\n".join(lines * 2), "auto")
    assert cleaned.page.tolist() == [True]
    assert edits
    again, edits, cleaned = clean_one(clean, "auto")
    assert cleaned.page.tolist() == [False]
    assert (again, edits) == (clean, [])


@profiles
@given(batch=st.lists(texts(), min_size=2, max_size=6))
def test_a_record_does_not_depend_on_its_batch(profile, batch):
    together = KERNELS[profile].clean(pa.array(batch, pa.large_string()))
    for row, text in enumerate(batch):
        clean, edits, _ = clean_one(text, profile)
        assert together.texts[row].as_py() == clean
        mine = [{k: v for k, v in e.items() if k != "row"} for e in together.edits.to_pylist() if e["row"] == row]
        assert mine == [edit.model_dump() for edit in edits]


@given(
    texts(),
    st.one_of(st.none(), st.sampled_from(["Ferry strike enters its third week | Lowmoor News", "Menu", ""])),
)
def test_the_reference_implementation_agrees(text, title):
    clean, edits, cleaned = clean_one(text, "rules", title or None, "text")
    expected = REFERENCE.clean(text, title or None)
    assert [(edit.rule, edit.start, edit.end, edit.after) for edit in edits] == expected.edits
    assert clean == expected.clean
    learned = cleaned.learned.get(0)
    assert (learned.headlines if learned else []) == expected.headlines


@profiles
@given(text=texts(), title=st.one_of(st.just("Ferry strike enters its third week"), lines))
def test_a_whole_record_restores_and_is_stable(profile, text, title):
    cleaner = CLEANERS[profile]
    cleaned = cleaner.clean({"text": text, "title": title})
    assert cleaned.restore() == text
    edits = [edit for edit in cleaned.edits if edit.field == "headline"]
    if KERNEL.mend(pa.array([title], pa.large_string()))[0][0].as_py().strip():
        assert undo_edits(cleaned.article.headline, edits) == title
    else:  # no headline: there may be one from the text
        assert edits == []
    again = cleaner.clean(cleaned.article.model_dump(mode="json"))
    assert again.article.body == cleaned.article.body
    assert again.article.headline == cleaned.article.headline
    assert again.edits == []


def test_what_ends_an_article_is_lines_of_rules_that_there_are():
    known = {re.sub("-[a-z]{2}$", "", rule_id) for rule_id in RULESET.infos}
    assert trailing._OPENERS.keys() <= known


def test_examples_in_any_order_of_documents():
    documents = [example.before if isinstance(example, Case) else f"{OPENING}\n{example}" for example in PHRASES]
    shuffled = random.Random(7).sample(range(len(documents)), len(documents))
    straight = KERNEL.clean(pa.array(documents, pa.large_string())).texts.to_pylist()
    mixed = KERNEL.clean(pa.array([documents[i] for i in shuffled], pa.large_string())).texts.to_pylist()
    assert [straight[i] for i in shuffled] == mixed


def test_what_may_match_a_line_does_not_depend_on_the_line_before():
    phrases = sorted({line for example in PHRASES for line in example.splitlines()} | {"1 Comment", "Email| RSS"})
    alone = [candidates([phrase])[0] for phrase in phrases]
    for before in ("October 13, 2012", "Like our site", "Σάββατο 14 Ιανουαρίου 2012"):
        assert candidates([line for phrase in phrases for line in (before, phrase)])[1::2] == alone


def candidates(lines):
    """Return, for each line of a buffer, the choices of patterns that it may match."""
    texts = split(pa.array(lines, pa.large_string()))
    flat = flatten_lines(texts, np.arange(len(texts)))
    found = [set() for _ in lines]
    for group, phrases in enumerate(KERNEL._engine._whole):
        for line, choice in zip(*phrases.candidates(flat), strict=True):
            found[texts.row[line]].add((group, int(choice)))
    return found


def test_rules_are_fast_on_hostile_lines():
    import time

    hostile = [
        "a " * 240,
        "- " * 240,
        "1, " * 160,
        "share " * 80,
        "' " * 240,
        "x" * 480,
        "… " * 120,
        "read more: " * 40,
    ]
    started = time.monotonic()
    KERNEL.clean(pa.array(["\n".join(hostile)] * 50, pa.large_string()))
    rules = [f"{mark * 200_000}It rained.{mark * 200_000}" for mark in "-=— \u00a0"]
    KERNEL.clean(pa.array(rules, pa.large_string()))
    assert time.monotonic() - started < 20


def test_a_text_that_the_gate_would_eat_bit_by_bit_stays():
    endless = "café\n" * 15_999 + "café"
    others = ["Ada Holt\n" * 500, f"{OPENING}\n{MIDDLE}\nRead more\nNext article\n{CLOSING}"]
    cleaned = KERNEL.clean(pa.array([others[0], endless, others[1]], pa.large_string()))
    assert cleaned.texts[1].as_py() == endless
    alone = KERNEL.clean(pa.array(others, pa.large_string()))
    assert cleaned.texts.to_pylist()[::2] == alone.texts.to_pylist()
    assert KERNEL.clean(cleaned.texts).edits.num_rows == 0
    # there, too, rules cut what they know
    mixed = KERNEL.clean(pa.array([f"{endless}\nScroll to Top"], pa.large_string()))
    assert set(mixed.edits.column("rule").to_pylist()) == {"navigation/top"}


BENCH = Path(os.environ.get("COPYDESK_BENCH", Path(__file__).parent.parent.parent.parent / "shared" / "bench"))


def real_pages(name, count):
    import json

    import zstandard

    with (BENCH / "dumps" / f"{name}.jsonl.zst").open("rb") as file:
        content = zstandard.ZstdDecompressor().stream_reader(file).read().decode()
    pages = [json.loads(line)["text"] for line in content.split("\n") if line]
    return random.Random(3).sample(pages, count)


at_hand = pytest.mark.skipif(not (BENCH / "dumps").is_dir(), reason="the benchmark pages are not there")


@at_hand
@pytest.mark.parametrize("profile", ["article", "page", "auto"])
@pytest.mark.parametrize("name", ["get_text", "trafilatura_recall"])
def test_laws_hold_on_real_pages(name, profile):
    sample = real_pages(name, 150)
    kernel = KERNELS[profile]
    cleaned = kernel.clean(pa.array(sample, pa.large_string()))
    again = kernel.clean(cleaned.texts)
    assert again.texts.equals(cleaned.texts)
    assert again.edits.num_rows == 0
    edits = [[] for _ in sample]
    for edit in cleaned.edits.to_pylist():
        edits[edit.pop("row")].append(Edit(**edit))
    for text, clean, made in zip(sample, cleaned.texts.to_pylist(), edits, strict=True):
        assert undo_edits(clean, made) == text
    alone = [kernel.clean(pa.array([text], pa.large_string())).texts[0].as_py() for text in sample[:25]]
    assert alone == cleaned.texts.to_pylist()[:25]


@at_hand
@pytest.mark.parametrize("name", ["get_text", "trafilatura_recall"])
def test_the_reference_agrees_on_real_pages(name):
    sample = real_pages(name, 40)
    # the reference knows lines of texts alone, not those within flow
    lines = [RecordContext(form="text")] * len(sample)
    cleaned = KERNELS["rules"].clean(pa.array(sample, pa.large_string()), lines)
    edits = [[] for _ in sample]
    for edit in cleaned.edits.to_pylist():
        edits[edit["row"]].append((edit["rule"], edit["start"], edit["end"], edit["after"]))
    for row, text in enumerate(sample):
        assert edits[row] == REFERENCE.clean(text).edits


@pytest.mark.parametrize("profile", ["rules", "article", "auto"])
def test_speech_and_lists_that_are_the_text_stay(profile):
    speech = "\n".join(f"“{word}”" for word in ["Home?", "Next!", "Search.", "Share.", "Subscribe!", "Advertisement?"])
    names = "\n".join(
        f"{first} {last}" for first in ("Ada", "Ben", "Cara", "Dov") for last in ("Holt", "Lund", "Quist")
    )
    text = f"{OPENING}\n{speech}\n{MIDDLE}"
    assert CLEANERS[profile].clean(text).article.body == text
    winners = f"{OPENING}\n" + "\n".join([names.replace("Holt", f"Holt{n}x") for n in range(6)])
    if profile != "auto":
        assert len(CLEANERS[profile].clean(winners).article.body) > len(winners) / 2


def test_the_reference_spares_the_time_stamps_of_live_blogs():
    parts = ["12:30", "9.41am", "3:20", "Share", OPENING, "It rained.", "", "Leave a Comment", MIDDLE]
    rng = random.Random(20261130)
    texts = ["\n".join(rng.choices(parts, k=rng.randint(5, 12))) for _ in range(60)]
    cleaned = KERNELS["rules"].clean(pa.array(texts, pa.large_string())).texts.to_pylist()
    assert cleaned == [REFERENCE.clean(text).clean for text in texts]
