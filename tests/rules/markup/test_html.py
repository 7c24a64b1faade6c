"""HTML taken off: what each kind of tag leaves, broken markup, and time that grows with the length alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import copydesk
from copydesk.rules.markup.detect import looks_like_html
from copydesk.rules.markup.html import find_html, strip_html
from copydesk.rules.markup.shortcodes import find_shortcodes


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("un<b>believ</b>able", "unbelievable"),
        ("One <em>two</em> three", "One two three"),
        (
            "<a>Terms of Use</a>and<a>privacy</a>, <a>boat</a>s, <a>Bank</a>en",
            "Terms of Use and privacy, boats, Banken",
        ),
        ("<a href='/a'>Boats at sea</a><a href='/b'>A storm closed</a>", "Boats at sea A storm closed"),
        ("<ul><li>Milk</li><li>Eggs</li></ul>", "Milk\nEggs"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
        ("<p>\n  It rained\n  all day.\n</p>", "It rained all day."),
        ("<pre>a\n  b</pre><p>c\nd</p>", "a\n  b\n\nc d"),
        ("<p>a</p><!-- <p>ad</p> --><p>b</p>", "a\n\nb"),
        ("<style>p { color: red }</style><p>a</p>", "a"),
        ('<p title="x>y">a</p>', "a"),
        ("""<p><img src='a.png''/></p><p>It isn't "far".</p>""", """It isn't "far"."""),
        ('<a href="print()"">Print</a><p title="x">a</p>', "Print\n\na"),
        ('<p><img src="a.png" alt=5" 6">a</p><p>"b"</p>', 'a\n\n"b"'),
        ("<p>4 &lt; 5 &amp; 6&nbsp;km &#8217; &#x2019; &copy</p>", "4 < 5 & 6\xa0km ’ ’ ©"),
        ("<p>&nosuchname; &#99999999;</p>", "&nosuchname; \ufffd"),
        ("<script>never closed", "never closed"),
        ("<p>a <!-- never closed", "a never closed"),
        ("<p>a</p><p", "a\n\n<p"),
        ('<p>a</p><a href="x', 'a\n\n<a href="x'),
        ("Intro.\n\n<strong>More</strong> text\nhere.", "Intro.\n\nMore text\nhere."),
    ],
)
def test_what_a_tag_leaves(markup, text):
    assert strip_html(markup) == text


@pytest.mark.parametrize(
    "text",
    [
        "<p>Hi there</p>",
        "Rain fell.\n\n<strong>More</strong> rain fell on Tuesday.",
        "A<br>B<br/>C",
        "<!-- wp:paragraph -->\nHi",
        "<img src='a.png'>Rain fell",
        "<P>It rained.<P>It snowed.",
        'Rain <em>fell</em> on <a href="x">Ostwick</a>.',
        "<!DOCTYPE html><html><body>x",
    ],
)
def test_texts_of_html(text):
    assert looks_like_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "Use the <div> element for blocks, and <span> inside lines.",
        "if a < b and c > d then",
        "List<String> names = new ArrayList<String>();",
        "mail <jane@example.org> please, I <3 you",
        "```html\n<p>Hi</p>\n```\nThat is a paragraph.",
        "To make a list in HTML, write this:\n\n<ul>\n  <li>Milk</li>\n</ul>\n\nThe browser then shows bullets.",
        "Write `<br>` for a break.",
        "The <b> tag makes text bold; close it with </b>.",
        "<unk> tokens and <s> marks",
        "x <b and c> d",
        "<config>\n <x>1</x>\n</config>",
    ],
)
def test_texts_about_html(text):
    assert not looks_like_html(text)


def test_remarks_in_brackets_are_no_shortcodes():
    assert find_shortcodes("He [sic] said [laughs] so [1], see [...] and [citation needed].") == []


HOSTILE = {
    "deep": "<div>" * 100_000 + "x",
    "open tags": "<a " * 100_000,
    "open quotes": '<a href="' * 50_000,
    "odd quotes": """<a b="'""" * 40_001 + ">",
    "open comments": "<!--" * 100_000,
    "open scripts": "<script>" * 50_000,
    "ampersands": "&" * 300_000,
    "brackets": "[" * 300_000,
    "open codes": "[x y=" * 60_000,
    "line ends": "<p>" + "\n \n" * 100_000,
    "end tags": "</" * 100_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_markup_takes_time_by_its_length(kind):
    began = time.process_time()
    find_html(HOSTILE[kind])
    looks_like_html(HOSTILE[kind])
    assert time.process_time() - began < 5  # a quadratic reader takes minutes


PARTS = ["<p>", "</p>", "<br>", "<b>", "</b>", "<!--", "-->", "<script>", "</script>", "&amp;lt;", "\n", " "]
PARTS += ["[gallery ids='1']", "It rained.", '<a href="', ">", "<pre>", "\x00"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS)))
def test_markup_comes_back_and_cleaning_again_changes_nothing(parts):
    text = "".join(["<p>The council met on Tuesday to talk about the bridge.</p>", *parts])
    cleaned = copydesk.clean(text)
    assert cleaned.restore() == text
    assert copydesk.clean(cleaned.article.body).article.body == cleaned.article.body
