"""What is left of the same documents in each form: python benchmarks/forms.py [--documents 200] [--profile article].

The documents are invented: paragraphs of a small town's news, with the menus, buttons, prompts and footers that sites
print around and between them. Each comes as one artifact a line, wrapped at 72 columns, as Markdown, as an HTML
fragment and as one long line. The table has the share of the words of artifacts that are gone, the share of the words
of prose that are lost, and the share of records with markup in the clean body.
"""

from __future__ import annotations

import argparse
import html
import random
import re
import textwrap
from collections import Counter
from collections.abc import Callable

from form_documents import Block, make_document
from pages import tokens

from copydesk import Cleaner

MARKUP = re.compile(r"</?\w+[^<>]*>|&\w+;|\]\(|^#+ |^\s*[-*] ", re.MULTILINE)


def as_lines(blocks: list[Block]) -> str:
    """Return one block a line."""
    return "\n".join(block.text for block in blocks)


def as_wrapped(blocks: list[Block]) -> str:
    """Return lines of up to 72 columns."""
    return "\n".join(line for block in blocks for line in textwrap.wrap(block.text, 72))


def as_markdown(blocks: list[Block]) -> str:
    """Return paragraphs, a heading, and links."""
    forms = {"prose": "{}", "headline": "# {}", "junk": "[{}](https://lowmoor.example/page)"}
    return "\n\n".join(forms[_kind(block)].format(block.text) for block in blocks)


def as_html(blocks: list[Block]) -> str:
    """Return a fragment with paragraphs, a heading, and links."""
    forms = {"prose": "<p>{}</p>", "headline": "<h1>{}</h1>", "junk": '<div class="x"><a href="/page">{}</a></div>'}
    return "\n".join(forms[_kind(block)].format(html.escape(block.text)) for block in blocks)


def _kind(block: Block) -> str:
    """Return as what markup shows a block: an artifact that is no link looks like a paragraph."""
    return block.kind if block.link or block.kind != "junk" else "prose"


def as_one_line(blocks: list[Block]) -> str:
    """Return the lines joined by spaces."""
    return " ".join(block.text for block in blocks)


FORMS: dict[str, Callable[[list[Block]], str]] = {
    "one artifact a line": as_lines,
    "hard-wrapped at 72 columns": as_wrapped,
    "Markdown": as_markdown,
    "HTML fragment": as_html,
    "one line without line breaks": as_one_line,
}


def measure(cleaner: Cleaner, documents: list[list[Block]], write: Callable[[list[Block]], str]) -> tuple[float, ...]:
    """Return the share of words of artifacts that are gone, of words of prose that are lost, of records with markup."""
    junk = gone = prose = lost = marked = 0
    for blocks in documents:
        body = cleaner.clean(write(blocks)).article.body or ""
        left = Counter(tokens(body))
        of_prose = Counter(tokens(" ".join(block.text for block in blocks if block.kind == "prose")))
        of_junk = Counter(tokens(" ".join(block.text for block in blocks if block.kind == "junk")))
        prose += of_prose.total()
        lost += (of_prose - left).total()
        junk += of_junk.total()
        gone += of_junk.total() - (left - of_prose & of_junk).total()
        marked += bool(MARKUP.search(body))
    return gone / junk, lost / prose, marked / len(documents)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--profile", default="article")
    options = parser.parse_args()
    rng = random.Random(20261130)
    documents = [make_document(rng) for _ in range(options.documents)]
    cleaner = Cleaner(profile=options.profile, suite="none")
    print(
        "| form of the same text | junk words gone | prose words lost | records with markup left |\n|---|--:|--:|--:|"
    )
    for name, write in FORMS.items():
        gone, lost, marked = measure(cleaner, documents, write)
        print(f"| {name} | {gone:.3f} | {100 * lost:.2f} % | {100 * marked:.0f} % |", flush=True)


if __name__ == "__main__":
    main()
