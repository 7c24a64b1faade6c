"""What markup says about the lines of a text: links, blocks, containers, names."""

from __future__ import annotations

import pytest

from copydesk.cleaner.kernel.forms.kept import strip
from copydesk.rules.markup.html import read_html
from copydesk.rules.markup.markdown import read_markdown
from copydesk.rules.markup.structure import LANE, find_structure

PAGE = """<html><body class="page"><nav class="top-menu"><ul><li><a href="/">Home</a></li><li><a href="/n">News</a>
</li></ul></nav><main><h1>Bridge closed</h1><div class="article-body"><p>The <b>old</b> bridge of
Ostwick closed on <a href="/d">Tuesday</a>, and nobody knows yet when it will be open again.</p>
<p>A ferry runs twice an hour until then.</p></div><aside><h2>More</h2><a href="/x">Other news</a></aside></main>
<div class="comments"><p>First!</p></div><footer>&copy; Ostwick Times</footer></body></html>"""


def lanes_of_lines(text: str, *, markdown: bool = False) -> dict[str, dict[str, int]]:
    """Return the lanes that are not zero of each line of the visible text."""
    marked = read_markdown(text) if markdown else read_html(text)
    found = find_structure(text, marked.tags, marked.replacements, contained=not markdown)
    lines = strip(text, marked.replacements).split("\n")
    assert len(lines) == len(found)
    return {
        line: {name: int(lanes[number]) for name, number in LANE.items() if lanes[number]}
        for line, lanes in zip(lines, found, strict=True)
        if line
    }


def test_a_page():
    found = lanes_of_lines(PAGE)
    assert {"nav", "list", "all links", "in li", "named menu, near", "before title"} <= found["Home"].keys()
    assert {"main", "in h1"} <= found["Bridge closed"].keys()
    body = next(lanes for line, lanes in found.items() if line.startswith("The old bridge"))
    assert {"in p", "main block", "some link", "behind title", "named body, near"} <= body.keys()
    assert 0 < body["link share"] < 20
    assert "all links" not in body
    assert {"aside", "all links"} <= found["Other news"].keys()
    assert "main block" not in found["Other news"]
    assert "named comments, near" in found["First!"]
    assert "footer" in found["© Ostwick Times"]
    assert all(lanes["known"] and lanes["contained"] for lanes in found.values())


def test_markdown():
    found = lanes_of_lines(
        "# Bridge\n\n- [Home](/)\n- [News](/n)\n\nThe bridge is [closed](/d) today.\n", markdown=True
    )
    assert "in h1" in found["Bridge"]
    assert {"all links", "in li", "list"} <= found["Home"].keys()
    assert {"in p", "some link"} <= found["The bridge is closed today."].keys()
    assert not any("contained" in lanes for lanes in found.values())


@pytest.mark.parametrize(
    "text",
    [
        "<p>One<p>Two</div></p></nav><li>Three",
        "<a href='/x'>One<p>Two</p>" * 3,
        "<nav>" * 20_000 + "Home",
        "<pre>One\nTwo\n\nThree</pre><p>Four\nfive</p>",
        "One\n\n<b>Two</b>\n[gallery ids=1]\nThree",
        "<p>\ud83d\ude00 &#x1F600; &nbsp; x</p>".encode("utf-16", "surrogatepass").decode("utf-16"),
        "",
    ],
)
def test_every_line_has_its_lanes(text):
    assert all(lanes["known"] for lanes in lanes_of_lines(text).values())


def test_an_anchor_without_address_is_no_link():
    assert "some link" not in lanes_of_lines('<p><a name="top">One</a></p>')["One"]
