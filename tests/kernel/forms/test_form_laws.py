"""The laws on generated texts of HTML and Markdown: restore, edits in order, idempotence, independence of the batch."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.cleaner.kernel.types import RecordContext
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory
from copydesk.schemas.edits import Edit, apply_edits, undo_edits

KERNEL = Kernel(load_ruleset(), cache_directory())
P = "The council of Ostwick voted on Tuesday to repair the old bridge before the winter begins."
Q = "Work starts in October, and the ferry runs twice as often until the bridge is open again."
LINES = [
    P,
    Q,
    P,
    Q,
    "It rained.",
    "Leave a Comment",
    "Scroll to Top",
    "Share",
    "Read more",
    "Advertisement",
    "By Jo Holt",
]
LINES += [
    "Mill  Road",
    "4 &lt; 5 &amp;amp; 6",
    "caf\u00a0é",
    "doesnâ€™t",
    "日本 語",
    "\x00",
    "a_b * c",
    "[sic]",
    "| a |",
]

lines = st.lists(st.sampled_from(LINES), min_size=1, max_size=3)


def _markdown_block(kind, parts):
    text, first = " ".join(parts), parts[0]
    return {
        "paragraph": text,
        "wrapped": "\n".join(parts),
        "heading": f"## {first}",
        "setext": f"{first}\n=====",
        "item": f"- {text}\n- [{first}](/a_b_c)",
        "number": f"1. {text}\n2. **{first}**",
        "quote": f"> {text}\n> *{first}*",
        "link": f"[{text}](https://ostwick.example/a 'b')",
        "links": " | ".join(f"[{part}](/x)" for part in parts),
        "loose": f"[\n\n{first}\n\n](/loose/link) **{first}:**{text}",
        "image": f"![{first}](/i.png)",
        "code": f"```\n{first}  x\n```",
        "indented": f"    {first}",
        "table": f"| {first} | b |\n|---|---|\n| {text} | [c](/d) |",
        "html": f"<div>{text}<br>{first}</div>",
        "rule": "---",
        "reference": f"[{first}][r]\n\n[r]: https://ostwick.example/",
        "escaped": rf"\*{first}\* `{first}`",
    }[kind]


MARKDOWN = ["paragraph", "wrapped", "heading", "setext", "item", "number", "quote", "link", "links", "loose", "image"]
MARKDOWN += ["code", "indented", "table", "html", "rule", "reference", "escaped"]
markdown = st.lists(st.builds(_markdown_block, st.sampled_from(MARKDOWN), lines), min_size=1, max_size=7).flatmap(
    lambda blocks: st.sampled_from(["\n\n", "\n\n", "\n", "\r\n\r\n"]).map(lambda between: between.join(blocks))
)


def _html_block(kind, parts):
    text, first = " ".join(parts), parts[0]
    return {
        "p": f"<p>{text}</p>",
        "open": f"<p>{text}",
        "heading": f"<h2 class='x'>{first}</h2>",
        "list": "<ul>" + "".join(f"<li><a href='/x'>{part}</a>" for part in parts) + "</ul>",
        "breaks": "<br>\n".join(parts),
        "table": "<table><tr>" + "".join(f"<td>{part}</td>" for part in parts) + "</tr></table>",
        "pre": f"<pre>{first}\n  x  y</pre>",
        "script": f"<script>{first}</script><!-- {text} -->",
        "inline": f"<b>{first}</b><i>{text}</i>",
        "broken": f"</div><span {first} <p>{text}",
        "escaped": f"&lt;p&gt;{text}&lt;/p&gt;",
        "shortcode": f"[caption id='1']{first}[/caption]",
        "div": f"<div><div>{text}</div>\n{first}</div>",
        "nav": f"<nav>{text}</nav><h1>{first}</h1>",
        "footer": f"<footer><p>{text}</p>{first}<form class='share'><a href='/x'>{first}</a></form></footer>",
    }[kind]


HTML = ["p", "p", "open", "heading", "list", "breaks", "table", "pre", "script", "inline", "broken", "escaped"]
HTML += ["shortcode", "div", "nav", "footer"]
html = st.lists(st.builds(_html_block, st.sampled_from(HTML), lines), min_size=1, max_size=7).map("\n".join)
texts = {"markdown": markdown, "html": html, "both": st.tuples(html, markdown).map("\n\n".join)}


def clean(batch, keep):
    contexts = None if keep is None else [RecordContext(keep_markup=keep)] * len(batch)
    cleaned = KERNEL.clean(pa.array(batch, pa.large_string()), contexts)
    edits = [[] for _ in batch]
    for edit in cleaned.edits.to_pylist():
        edits[edit.pop("row")].append(Edit(**edit))
    return cleaned.texts.to_pylist(), edits


@pytest.mark.parametrize("keep", [None, True])
@pytest.mark.parametrize("form", texts)
def test_the_laws_hold_for_markup(form, keep):
    @settings(max_examples=settings.default.max_examples // 3 + 1)  # of three texts each
    @given(st.lists(texts[form], min_size=3, max_size=3))
    def check(batch):
        cleaned, edits = clean(batch, keep)
        again, more = clean(cleaned, keep)
        assert again == cleaned
        assert more == [[], [], []]
        for raw, body, made in zip(batch, cleaned, edits, strict=True):
            assert undo_edits(body, made) == raw
            assert apply_edits(raw, made) == body
            assert [(edit.start, edit.end) for edit in made] == sorted((edit.start, edit.end) for edit in made)
        alone, edits_alone = clean(batch[:1], keep)
        assert (alone[0], edits_alone[0]) == (cleaned[0], edits[0])

    check()
