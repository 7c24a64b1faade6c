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
from dataclasses import dataclass

from pages import tokens

from copydesk import Cleaner

WHO = ["The council", "The harbour office", "The ferry company", "A spokeswoman of the mill", "The night bus drivers"]
WHAT = [
    "said on Tuesday that the eastern quay would stay closed",
    "wants a second opinion before the wheel turns again",
    "had asked for a study of the two cracks in the third pillar",
    "will vote on the fares once more before the summer ends",
    "found the key to the chain in a drawer of the old customs house",
    "promised that nobody would have to wait longer than ten minutes",
]
WHY = [
    "because the storm had moved the chain across the basin",
    "although nobody in the hall expected the fares to fall",
    "and the fishermen on the pier agreed for once",
    "while the western quay took all the boats of the week",
    "after a meeting that went on until the lamps were lit",
]
HEADLINES = ["Night bus survives the vote", "Eastern quay stays closed for now", "Council finds the missing keys"]
OTHERS = ["Ferry timetable changes in May", "Who owns the quarry?", "Five mills worth a detour", "The fog comes back"]
MENU = ["Home", "News", "Sport", "Weather", "Business", "Opinion", "Log in", "Subscribe", "About us", "Contact"]
ABOVE = ["Skip to content", "Menu", "Share on Facebook", "Share on Twitter", "Print this page", "Email this article"]
INSIDE = [
    "Advertisement",
    "Sign up for our daily newsletter",
    "Story continues below advertisement",
    "READ MORE: {other}",
]
BELOW = [
    "Share this article",
    "Leave a Comment",
    "Your email address will not be published. Required fields are marked *",
    "You must be logged in to post a comment.",
    "Most Read",
    "Related Articles",
    "Previous Post",
    "Next Post",
    "Scroll to Top",
    "Privacy Policy",
    "Terms of Use",
    "© 2024 Lowmoor Times. All rights reserved.",
    "Powered by WordPress",
    "Sign up for our newsletter and never miss a story",
    "Thank you for subscribing!",
]
MARKUP = re.compile(r"</?\w+[^<>]*>|&\w+;|\]\(|^#+ |^\s*[-*] ", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A paragraph of prose, the headline, or an artifact; artifacts are links."""

    text: str
    kind: str


def make_document(rng: random.Random) -> list[Block]:
    """Return the blocks of one document."""
    prose = [Block(_make_paragraph(rng), "prose") for _ in range(rng.randint(4, 9))]
    inside = [Block(text.format(other=rng.choice(OTHERS)), "junk") for text in rng.sample(INSIDE, rng.randint(1, 2))]
    for block in inside:
        prose.insert(rng.randint(1, len(prose) - 1), block)
    above = rng.sample(ABOVE[:2], rng.randint(0, 2)) + rng.sample(MENU, rng.randint(3, 7))
    below = rng.sample(BELOW, rng.randint(4, 9))
    return [
        *(Block(text, "junk") for text in above),
        Block(rng.choice(HEADLINES), "headline"),
        *(Block(text, "junk") for text in rng.sample(ABOVE[2:], rng.randint(0, 2))),
        *prose,
        *(Block(text, "junk") for text in below),
    ]


def _make_paragraph(rng: random.Random) -> str:
    count = rng.randint(2, 4)
    return " ".join(f"{rng.choice(WHO)} {rng.choice(WHAT)}, {rng.choice(WHY)}." for _ in range(count))


def as_lines(blocks: list[Block]) -> str:
    """Return one block a line."""
    return "\n".join(block.text for block in blocks)


def as_wrapped(blocks: list[Block]) -> str:
    """Return lines of up to 72 columns."""
    return "\n".join(line for block in blocks for line in textwrap.wrap(block.text, 72))


def as_markdown(blocks: list[Block]) -> str:
    """Return paragraphs, a heading, and links."""
    forms = {"prose": "{}", "headline": "# {}", "junk": "[{}](https://lowmoor.example/page)"}
    return "\n\n".join(forms[block.kind].format(block.text) for block in blocks)


def as_html(blocks: list[Block]) -> str:
    """Return a fragment with paragraphs, a heading, and links."""
    forms = {"prose": "<p>{}</p>", "headline": "<h1>{}</h1>", "junk": '<div class="x"><a href="/page">{}</a></div>'}
    return "\n".join(forms[block.kind].format(html.escape(block.text)) for block in blocks)


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
