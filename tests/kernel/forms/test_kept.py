"""Markup that a text keeps: what is cut goes with its tags, what stays is well formed, code is never cut."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import copydesk
from copydesk.cleaner.api import Cleaner
from copydesk.rules.markup.elements import VOID
from copydesk.schemas.errors import SettingError

P = "The council of Ostwick voted on Tuesday to repair the old bridge before the winter begins."
Q = "Work starts in October, and the ferry runs twice as often until the bridge is open again."
KEEPER = Cleaner(keep_markup=True)
STRIPPER = Cleaner(keep_markup=False)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (
            f"<p>{P}</p>\n<div class='s'><p><a href='/t'>Leave a Comment</a></p></div>\n<p>{Q}</p>",
            f"<p>{P}</p>\n<p>{Q}</p>",
        ),
        (f"<ul>\n<li>{P}</li>\n<li><a href=x>Scroll to Top</a></li>\n</ul>", f"<ul>\n<li>{P}</li>\n</ul>"),
        (f"<p>{P}<br>Leave a Comment<br>{Q}</p>", f"<p>{P}<br>{Q}</p>"),
        (f"<p>{P}<p>Leave a Comment<p>{Q}", f"<p>{P}<p>{Q}"),
        (f"<p>{P}</p><p>\n<p>Leave a Comment</p></p><p>{Q}</p>", f"<p>{P}</p><p>{Q}</p>"),
        (f"<p><p>{P}</p></p><p>Leave a Comment</p><p>{Q}</p>", f"<p><p>{P}</p></p><p>{Q}</p>"),
        (f"<div><p>{P}</p>Leave a Comment</div><script>var a</script>", f"<div><p>{P}</p></div><script>var a</script>"),
        (f"<p>{P}</p><pre>Leave a  Comment</pre><p>{Q}</p>", f"<p>{P}</p><pre>Leave a  Comment</pre><p>{Q}</p>"),
        (f"## Bridge\n\n{P}\n\n> **[Leave a Comment](/c)**\n\n[{Q}](/q)", f"## Bridge\n\n{P}\n\n[{Q}](/q)"),
        (f"- {P}\n- [Scroll to Top](#top)\n- **{Q}** [1](#1)", f"- {P}\n- **{Q}** [1](#1)"),
        (f"**{P}**\n\n[Leave a Comment](#c)\n{Q} [1](#1)", f"**{P}**\n\n{Q} [1](#1)"),
        (f"**{P}**\r\n\r\nLeave a Comment\r\n\r\n{Q} [1](#1)", f"**{P}**\r\n\r\n{Q} [1](#1)"),
    ],
)
def test_boilerplate_goes_with_its_markup(raw, clean):
    cleaned = KEEPER.clean(raw)
    assert cleaned.article.body == clean
    assert cleaned.restore() == raw
    assert cleaned.article.body_format == cleaned.article.raw.format != "text"


def test_code_and_tables_keep_the_markup_of_a_text():
    raw = (
        f"# Bridge\n\n{P}\n\n```sh\nls  *\nLeave a Comment\n```\n\n| name   | age |\n|--------|-----|\n"
        "| Share  |  31 |\n\n"
        f"Ann      31  Ostwick\n\n[{Q}](/q)\n\n**[Leave a Comment](/c)**\n"
    )
    cleaned = copydesk.clean(raw)
    assert cleaned.article.body == raw.replace("\n\n**[Leave a Comment](/c)**\n", "")
    assert cleaned.restore() == raw
    assert (cleaned.article.body_format, cleaned.article.raw.format) == ("markdown", "markdown")
    plain = STRIPPER.clean(raw).article
    assert plain.body_format == "text"
    assert "](/q)" not in plain.body


def test_a_form_for_each_source():
    cleaner = Cleaner(source_forms={"*.md": "markdown", "lowmoor.example": "text", "lowmoor.*": "markdown"})
    text = {"text": f"{P} *Fine*\n\n{Q}"}
    assert cleaner.clean({**text, "url": "https://www.lowmoor.example/a"}).article.raw.format == "text"
    assert cleaner.clean({**text, "url": "https://lowmoor.net/a"}).article.raw.format == "markdown"
    assert cleaner.clean({**text, "url": "https://ostwick.example/a"}).article.raw.format == "text"
    with pytest.raises(SettingError, match="unknown form 'markdwon', did you mean"):
        Cleaner(source_forms={"*": "markdwon"})


class _Checker(HTMLParser):
    """Notes whether each end tag ends what was begun last."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sound = True

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.sound = self.sound and bool(self.open) and self.open.pop() == tag


def is_well_formed(text: str) -> bool:
    checker = _Checker()
    checker.feed(text)
    checker.close()
    return checker.sound and not checker.open


WORDS = [P, Q, "Leave a Comment", "Scroll to Top", "Share", "It rained.", "Read more", "Advertisement", "4 &lt; 5"]
INLINE = ["b", "a", "em", "span"]
BLOCKS = ["p", "div", "li", "h2", "blockquote", "pre", "td"]
# Only these may have each other inside: a paragraph within a paragraph ends the outer one.
CONTAINERS = ["div", "blockquote", "section"]


def _wrap(name, inner):
    return f"<{name}>{inner}</{name}>"


inline = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: st.one_of(
        st.builds(_wrap, st.sampled_from(INLINE), inner),
        st.lists(inner, max_size=3).map(" ".join),
        st.lists(inner, max_size=3).map("<br>".join),
    ),
    max_leaves=5,
)
blocks = st.recursive(
    st.builds(_wrap, st.sampled_from(BLOCKS), inline),
    lambda inner: st.one_of(
        st.builds(_wrap, st.sampled_from(CONTAINERS), inner),
        st.lists(st.one_of(inner, inline), max_size=4).map("\n".join),
    ),
    max_leaves=10,
)


@given(blocks)
def test_what_stays_of_html_is_well_formed(text):
    raw = f"<p>{P}</p>{text}"
    cleaned = KEEPER.clean(raw)
    assert cleaned.restore() == raw
    assert is_well_formed(cleaned.article.body) == is_well_formed(raw)
    assert KEEPER.clean(cleaned.article.body).article.body == cleaned.article.body


def test_no_check_minds_markup_that_a_body_keeps():
    wrapped = "<div class='a b c d e f' id='x' data-x='yyyyyyyyyyyyyyyyyyyy'>" * 12
    cleaned = KEEPER.clean(f"{wrapped}<p>{P}</p><p>{Q}</p>{'</div>' * 12}")
    assert cleaned.accepted
    assert not [reason.check for reason in cleaned.reasons if "markup" in reason.check]
