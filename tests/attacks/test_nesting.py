"""Faults within faults: however deep they are nested, a clean text stays as it is, and cleaning takes linear time."""

from __future__ import annotations

import html
import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel import kernel as kernel_module
from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory
from copydesk.schemas.edits import Edit, undo_edits

KERNELS = {
    profile: Kernel(load_ruleset(profile=profile, plugins=False), cache_directory()) for profile in ("rules", "page")
}
PROSE = "The ferry from Skarnes left the quay an hour late on Monday, because the harbour master had lost a key."


def clean(texts, profile="rules"):
    """Clean texts, check that they restore and that the result is stable, and return it with the failures."""
    cleaned = KERNELS[profile].clean(pa.array(texts, pa.large_string()))
    edits = [[] for _ in texts]
    for edit in cleaned.edits.to_pylist():
        edits[edit.pop("row")].append(Edit(**edit))
    for text, clean_text, of_row in zip(texts, cleaned.texts.to_pylist(), edits, strict=True):
        assert undo_edits(clean_text, of_row) == text
    again = KERNELS[profile].clean(cleaned.texts)
    assert again.texts.to_pylist() == cleaned.texts.to_pylist()
    assert again.edits.num_rows == 0
    return cleaned.texts.to_pylist(), cleaned.failures


AMPERSANDS = ["amp;", "#38;", "#x26;", "AMP;", "#0038;"]


@pytest.mark.parametrize("depth", [1, 2, 15, 16, 17, 18, 40, 200, 3_000])
@pytest.mark.parametrize(("last", "left"), [("lt;", "&lt;"), ("nbsp;", " "), ("eacute;", "é"), ("", "&"), ("x", "&x")])
def test_entities_of_entities_are_resolved(depth, last, left):
    chain = "&" + "".join(AMPERSANDS[n % 5] for n in range(depth)) + last
    [result], failures = clean([f"{PROSE} One {chain} two."])
    assert result == f"{PROSE} One {left} two.".replace("   ", " ").replace("  ", " ")
    assert not failures


def test_a_chain_alone_in_a_line_is_left_to_the_rules_for_lines():
    chains = [f"{PROSE}\n&{'amp;' * depth}nbsp;\n{PROSE}" for depth in (1, 3, 16, 17, 90)]
    assert {*clean(chains)[0]} == {clean([f"{PROSE}\n&nbsp;\n{PROSE}"])[0][0]}


NESTS = {
    "digits": lambda depth: "&#3" * depth + "8" + ";" * depth,
    "zero width": lambda depth: "&#8" * depth + "&#8203;" + "203;" * depth,
    "soft hyphens": lambda depth: "&sh" * depth + "&shy;" + "y;" * depth,
    "entities in quotes": lambda depth: '"' * depth + "&amp;" * depth + 'quot;"' * depth,
    "mojibake in entities": lambda depth: "&Atilde;&fnof;" * depth + "&Acirc;&copy;" * depth,
}


@pytest.mark.parametrize("depth", [3, 16, 17, 18, 33, 120])
@pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS)
def test_other_nests_end_in_a_stable_text(nest, depth):
    other = "Holt &amp;amp; Sons won&#8217;t\u00a0sell  it."
    [result], _ = clean([f"{PROSE} {nest(depth)} end.\r\n{other}\r\n"])
    # whatever becomes of the line, its neighbour is repaired
    assert result.split("\r\n")[1] == "Holt & Sons won’t sell it."


def test_a_line_that_never_settles_is_left_as_it_was():
    nest = "&#8" * 40 + "&#8203;" + "203;" * 40
    [result], _ = clean([f"One {nest}\nHolt &amp; Sons\nTwo {nest}&amp;"])
    assert result == f"One {nest}\nHolt & Sons\nTwo {nest}&amp;"


PIECES = ["&", "#", "x", "amp;", "38;", "26;", "lt;", "8203;", "&#8203;", "shy;", "5", "6;", " ", "\n", "\r"]
PIECES += ["Ã", "©", "\u200b", "”", "“"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_random_nests_are_stable(text):
    clean([text * 3])


def nest_shortcode(depth):
    text = '[gallery ids="1"]'
    for _ in range(depth):
        text = f'[gall{text}ery ids="1"]'
    return text


@pytest.mark.parametrize("profile", KERNELS)
@pytest.mark.parametrize("depth", [1, 15, 16, 17, 18, 60])
def test_cuts_within_cuts_end_in_a_stable_text(profile, depth):
    nested = f"{PROSE} {nest_shortcode(depth)} It rained.\nLeave a comment\n{PROSE}"
    plain = f"{PROSE} {nest_shortcode(0)} It rained.\n{PROSE}"
    result, failures = clean([plain, nested, plain], profile)
    assert result[0] == result[2] == f"{PROSE} It rained.\n{PROSE}".replace("  ", " ")
    assert "Leave a comment" not in result[1]
    if depth < kernel_module.MAX_ROUNDS - 1:
        assert result[1] == result[0]
        assert not failures
    else:
        assert nest_shortcode(depth) in result[1]
        assert [(f.rule, f.cause) for f in failures[1]] == [
            ("templates/shortcode", "it still cuts something after 17 rounds")
        ]


def nest_paragraphs(depth):
    text = f"<p>{PROSE}</p>"
    for level in range(depth):
        text = f"<p>{PROSE} {level}</p><p>{html.escape(text)}</p>"
    return text


@pytest.mark.parametrize("profile", KERNELS)
@pytest.mark.parametrize("depth", [1, 7, 8, 9, 16, 17, 31])
def test_markup_that_was_escaped_again_and_again_is_taken_off(profile, depth):
    [result], failures = clean([nest_paragraphs(depth)], profile)
    assert not {"<", "&"} & {*result}
    assert not failures


def test_markup_that_never_ends_is_left_as_it_was():
    text = nest_paragraphs(70)
    plain = f"<p>{PROSE}</p><p>It rained.</p>"
    result, failures = clean([plain, text, plain])
    assert result == [f"{PROSE}\n\nIt rained.", text, f"{PROSE}\n\nIt rained."]
    assert [failure.cause for failure in failures[1]] == ["its text never settles, so that nothing was changed"]


BARE = [
    f"{PROSE} Rain, <a href='/rain'>again</a>.\n{PROSE}\nTags: html\n",
    f'{PROSE} <di[gallery ids="1"]v>again</div>.\n{PROSE}',
    f"<\u200bp>{PROSE}</\u200bp><\u200bp>{PROSE}</\u200bp>",
]


@pytest.mark.parametrize("profile", KERNELS)
@pytest.mark.parametrize("text", BARE)
def test_markup_that_only_a_cut_makes_is_taken_off(profile, text):
    [result], _ = clean([text], profile)
    assert "<" not in result


TAGS = ["<p>", "</p>", "<b>", "</b>", "<br>", "<a href='/x'>", "</a>", "<div>", "</div>", "<!--", "-->", "&lt;", "&gt;"]
TAGS += ["&amp;", "&#60;", "<", ">", "/", "p", "\u200b", "`", "\nTags: html\n", "\nLeave a comment\n", PROSE, "\n"]
TAGS += ['[gallery ids="1"]', "tag", " "]


@given(st.lists(st.sampled_from(TAGS), max_size=30).map("".join), st.sampled_from([*KERNELS]))
def test_random_markup_is_stable(text, profile):
    clean([text, text + PROSE], profile)


def test_two_rules_that_make_room_for_each_other_are_left_out_together():
    text = "x"
    for depth in range(40):
        text = f'[gall{text}ery ids="1"]' if depth % 2 else f"pic.twit{text}ter.com/abcdefgh"
    clean([f"{PROSE} {text} It rained."])


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "&" + "amp;" * (size // 4) + "lt;",
        lambda size: ("&" + "amp;" * 50 + "lt; ") * (size // 204),
        lambda size: "&#3" * (size // 4) + "8" + ";" * (size // 4),
        lambda size: ("&#8" * 20 + "&#8203;" + "203;" * 20 + "\n") * (size // 148),
        lambda size: nest_shortcode(size // 20),
        lambda size: (nest_shortcode(20) + "\n") * (size // 357),
    ],
)
def test_the_time_grows_with_the_length_and_no_faster(make):
    seconds = []
    for size in (40_000, 320_000):
        started = time.process_time()
        KERNELS["rules"].clean(pa.array([make(size)], pa.large_string()))
        seconds.append(time.process_time() - started)
    # eight times as much, and as much again for what the machine does beside
    assert seconds[1] < 16 * seconds[0] + 0.5
