"""Markdown taken off: what each construct leaves, what is Markdown, and time that grows with the length alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import copydesk
from copydesk.rules.markup.front_matter import find_front_matter, read_front_matter
from copydesk.rules.markup.markdown import read_markdown, strip_markdown
from copydesk.rules.markup.markdown_signs import has_code_or_table, looks_like_markdown


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("# One\nTwo", "One\n\nTwo"),
        ("One\n===\n\nTwo\n---\nThree", "One\n\nTwo\n\nThree"),
        ("un*believ*able and __so__ ~~on~~", "unbelievable and so on"),
        ("[One](/a 'b') two <https://a.example>", "One two https://a.example"),
        ("[Home](/)[News](/n)", "Home News"),
        (
            "[Terms of Use](/t)and[Policy](/p), [boat](/b)s and **Grund**und",
            "Terms of Use and Policy, boats and Grundund",
        ),
        ("[One][1] and [two][] and [three]\n\n[1]: /a\n[two]: /b 'B'\n[three]: <c>", "One and two and three"),
        ("One ![A boat](b.png) two\n\n[![logo](l.png)](/)\n\nThree", "One  two\n\nThree"),
        ("> One\n> two\n>> three\n\nFour", "One\ntwo\n\nthree\n\nFour"),
        ("- One\n- two\n  three\n    * four", "One\ntwo\nthree\nfour"),
        ("1. One\n2. Two\n\n9) Three", "1. One\n2. Two\n\n9) Three"),
        ("- [x] One\n- [ ] Two", "One\nTwo"),
        ("| a | b |\n|---|---|\n| c | d |", "a | b\nc | d"),
        (r"\*One\* \# two &amp; three &copy;", "*One* # two & three ©"),
        ("One  \ntwo\\\nthree", "One\ntwo\nthree"),
        ("One[^1].\n\n[^1]: Two.", "One.\n\nTwo."),
        ("One\n\n***\n\nTwo", "One\n\nTwo"),
        ("One <b>two</b><br>three\n\n<div align='center'>\nFour &amp; five\n</div>", "One two\nthree\n\nFour & five"),
        ("One <!-- two -->three", "One three"),
        ("`One` and `<b>two</b>` and ``a ` b``", "One and `<b>two</b>` and ``a ` b``"),
        ("One\n\n    two  three\n      four\n\nFive", "One\n\n    two  three\n      four\n\nFive"),
        ("```py\n# one\n\nx  =  *y*\n```\n*Two*", "```py\n# one\n\nx  =  *y*\n```\n\nTwo"),
        ("---\ntitle: One\n---\n\nTwo", "Two"),
        ("[Update]: Delayed\n\n[1]: /a", "[Update]: Delayed"),
        ("## Ünë\r\n\r\n**Täg** 日本 *語*", "Ünë\r\n\r\nTäg 日本 語"),
        ("2 * 3 * 4, snake_case_name, a*b", "2 * 3 * 4, snake_case_name, a*b"),
        ("[never](closed **at all", "[never](closed **at all"),
        ("[\n\nOne](/a/b) and\n[![](/i.png)\n\ntwo](/c)\n\n![\nalt\n\n](/d.png)Three", "One and\n\ntwo\n\nThree"),
        ("**One:**Two **three **four", "One:Two three four"),
        ("**あ（い）**うえ", "あ（い）うえ"),
        ("Use the <div> element, **not** `[a](/b)` <b>two</b>", "Use the <div> element, not `[a](/b)` two"),
        ("# <a\nhref='/a'>One</a>", "One"),
    ],
)
def test_what_markdown_leaves(markup, text):
    assert strip_markdown(markup) == text


@pytest.mark.parametrize(
    "text",
    [
        "# Rain\n\nIt rained.",
        "It [rained](https://rain.example/a_(b)) all day.",
        "It [rained][1] **all day**.\n\n[1]: https://rain.example/",
        "![A boat](boat.png)",
        "| a | b |\n|---|---|\n| c | d |\n\nIt **rained**.",
        "---\ntitle: Rain\n---\nIt rained.",
        "It **rained** all **day**.",
        "Rain\n====\n\n**It** rained.",
        "```\nrain\n```\n\nIt rained.",
        "Above\n\n## Below\n\n<br>\n\nIt <b>rained</b>.",
    ],
)
def test_texts_of_markdown(text):
    assert looks_like_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "It *rained*, and 2 * 3 is 6. #rain #storm",
        "f**k and s**t, he said",
        "- Bonjour, dit-il.\n- Bonsoir, dit-elle.",
        "* Milk\n* Eggs",
        "1. Milk\n2. Eggs",
        "> Quoted mail\n> goes on.\n\nFine.",
        "#1 in the charts\n\n# 2 in the charts",
        "### END ###",
        "a[i](x) and b[1]",
        "Rain -- and wind --- came.\n\n* * *\n\nThen it stopped.",
        "My __init__ and __main__ modules",
        "He said [sic] so (again) and [laughs].",
        "Write **bold** and [a link](https://a.example) in Markdown.",
        "<p>It [rained](https://rain.example/) **all** **day**.</p>",
        "C:\\_tmp\\*.txt",
        "It *rained*.\n\n- One\n- Two\n\n| a | b |\n|---|---|\n| c | d |",  # as extractors write tables into plain text
    ],
)
def test_texts_that_are_not_markdown(text):
    assert not looks_like_markdown(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("```\nx\n```", True),
        ("~~~sh\nls\n~~~", True),
        ("| a | b |\n|---|---|\n| c | d |", True),
        ("|  |  |\n|---|---|\n| c | d |", False),
        ("| [Home](/) | [News](/n) |\n|---|---|\n| c | d |", False),
        ("a | b\n\nc", False),
        ("    indented", False),
    ],
)
def test_texts_that_keep_their_markup(text, kept):
    assert has_code_or_table(text) is kept


def test_headings_and_elements():
    marked = read_markdown("# *One* `x`\n\n> Ü [two](/)\n")
    assert marked.headings == ["One x"]
    assert marked.elements == [(0, 12), (2, 7), (13, 26), (15, 26), (17, 25)]


def test_front_matter():
    text = (
        "---\ntitle: 'Rain: a report' # draft\nauthor: Petra Quill\ndate: 2024-03-01\ntags:\n  - river\n  - \"mill\"\n"
        "draft: null\nsummary: >\n  It rained\n  all day.\n---\nText"
    )
    assert text[find_front_matter(text) :] == "Text"
    assert read_front_matter(text) == {
        "title": "Rain: a report",
        "author": "Petra Quill",
        "date": "2024-03-01",
        "tags": ["river", "mill"],
        "summary": "It rained all day.",
    }
    assert read_front_matter('+++\ntitle = "Rain"\ntags = ["a"]\n+++\nText') == {"title": "Rain", "tags": ["a"]}


@pytest.mark.parametrize(
    "text", ["---\nIt rained: all day.\nAnd night.\n---\nx", "---\n\n---\nx", "--- a: b", "---\na: b"]
)
def test_rules_between_prose_are_no_front_matter(text):
    assert find_front_matter(text) == 0


HOSTILE = {
    "nested quotes": "> " * 10_000 + "deep",
    "lazy quotes": "> " * 10_000 + "a\n" + "b\n" * 10_000,
    "definitions": "[a]: /b\n" * 40_000 + "[a]" * 20_000,
    "nested lists": "\n".join("  " * depth + "- a" for depth in range(800)),
    "brackets": "[" * 100_000 + "](a" * 50_000,
    "emphasis": "*a **b _c " * 20_000,
    "ticks": "".join("`" * count + " " for count in range(700)),
    "pipes": "|" * 100_000 + "\n" + "|-" * 100_000,
    "rows": "a|b\n-|-\n" * 10_000,
    "fences": "```x\n" * 50_000,
    "front matter": "---\n" + "a: b\n" * 50_000,
    "comments": "<!--" * 50_000,
    "entities": "&#99999999;" * 30_000,
    "spaces": " \n" * 100_000 + " " * 100_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_markdown_takes_time_by_its_length(kind):
    began = time.process_time()
    read_markdown(HOSTILE[kind])
    looks_like_markdown(HOSTILE[kind])
    has_code_or_table(HOSTILE[kind])
    assert time.process_time() - began < 5  # a quadratic reader takes minutes


PARTS = ["# ", "## Rain\n\n", "*", "**", "_", "`", "```\n", "> ", "- ", "1. ", "[a](/b)", "![", "](/c)", "[x]"]
PARTS += ["\n", "\n\n", "    ", "\r\n", "It rained.", "<b>", "</b>", "<!--", "-->", "&amp;", "\\", "---\n", "[x]: /y\n"]
PARTS += ["|", "é", "\x00"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PARTS)))
def test_markup_comes_back_and_cleaning_again_changes_nothing(parts):
    text = "".join(["The council [met](/met) on Tuesday to talk about the **bridge**.\n\n", *parts])
    cleaned = copydesk.clean(text)
    assert cleaned.restore() == text
    assert copydesk.clean(cleaned.article.body).article.body == cleaned.article.body
