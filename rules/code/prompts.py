"""Remove the headlines below a label such as "Read more:" within an article.

A phrase rule cuts the label. What it introduces no phrase can match: headlines of other articles. The first line below
it goes if it reads like a headline. More lines go where the text itself shows that they belong to the label: bullets of
the same kind, or lines of one block, with a blank line behind it. Kept: sentences, speech, numbered lines, one or two
words, which may be a subheading, and everything below a label that no prose is close above: in the head of a page, the
headline of the article itself may follow.
"""

from __future__ import annotations

import re

from ..patterns.alphabet import CLOSERS, DECORATION, NO_HEADLINE_END, QUOTES
from ..ruleset.declare import page_rule, without_language
from ..ruleset.example_prose import MIDDLE, OPENING
from ..ruleset.model import Case
from ..ruleset.page import Cut, Page, RuleOutcome

LEAST, MOST = 15, 150  # characters of a headline
LEAST_WIDE, MOST_WIDE = 7, 60  # in scripts whose characters are syllables or words
LEAST_SPACES = 2  # between the words of a headline
MOST_LINES = 8  # below one label
CLOSE = 3  # lines above a label of which one must be prose
NAME = "related/prompted"

_BULLETS = "-*•·▪▸►▶»>→–—■□●○◦‣"
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_SENTENCE = re.compile('[^.,;:!?。，、；：！？،؛؟।۔"“”„«»「」『』]+[.。।۔]')
_NUMBERED = re.compile(r"[0-9]{1,2}[.)] ")
_LABELS = ("related/prompt-label", "related/heading", "related/heading-end", "related/heading-run")


def _same(text: str) -> Case:
    return Case(before=text, after=text)


@page_rule(
    NAME,
    summary="Headlines below a label such as “Read more:” within an article",
    why="A rule has cut the label above them. Without it, they look like subheadings. Sentences and single words stay.",
    follows={NAME, *_LABELS},
    after_prose=(1, 0),
    removes=[
        Case(
            before=f"{OPENING}\n\nRead more:\n\nWho holds the keys to the quays\n\n{MIDDLE}",
            after=f"{OPENING}\n\n{MIDDLE}",
        ),
        Case(
            before=f"{OPENING}\n\nRelated:\n- Chain cut at Ostwick harbour\n- Storm leaves nets in elms\n\n{MIDDLE}",
            after=f"{OPENING}\n\n{MIDDLE}",
        ),
        Case(
            before=f"{OPENING}\n\nLesen Sie auch:\nWem gehört der Steinbruch?\n"
            f"Fünf Mühlen für einen Ausflug\n\n{MIDDLE}",
            after=f"{OPENING}\n\n{MIDDLE}",
        ),
    ],
    keeps=[
        _same(f"{OPENING}\n\nWho holds the keys to the quays\n\n{MIDDLE}"),
        Case(before=f"{OPENING}\n\nRead more:\n\nThe keys\n\n{MIDDLE}", after=f"{OPENING}\n\nThe keys\n\n{MIDDLE}"),
        Case(
            before=f"{OPENING}\n\nRead more:\nThe keys are with the smith.\n\n{MIDDLE}",
            after=f"{OPENING}\n\nThe keys are with the smith.\n\n{MIDDLE}",
        ),
    ],
    since="0.1",
    seen="news sites",
)
def find_prompted_headlines(page: Page) -> RuleOutcome:
    """Find the headlines right below the labels that were cut. This happens once for a label."""
    outcome = RuleOutcome()
    for line, rules in page.cut.items():
        if NAME not in rules and any(map(_is_label, rules)) and _is_below_prose(page, line):
            outcome.cuts += [Cut(i) for i in range(line, _end_of_headlines(page, line))]
    return outcome


def _is_below_prose(page: Page, line: int) -> bool:
    """Return whether prose is close above a line, or above one of the tail, or one with a bullet."""
    if line >= len(page.texts) or not any(page.prose[:line]):
        return False
    return any(page.prose[max(line - CLOSE, 0) : line]) or not any(page.prose[line:]) or bool(_bullet(page.texts[line]))


def _is_label(rule: str) -> bool:
    """Return whether a rule cuts labels, in whatever language."""
    return without_language(rule) in _LABELS


def _end_of_headlines(page: Page, first: int) -> int:
    """Return the line behind the headlines that begin at a line, or that line if it is none."""
    if not reads_like_headline(page.texts[first]):
        return first
    end = first + 1
    most = min(first + MOST_LINES, len(page.texts))
    while end < most and page.gaps[end] == 1 and reads_like_headline(page.texts[end]) and _alike(page, first, end):
        end += 1
    closes = page.gaps[end] > 1 if end < len(page.texts) else any(gap > 1 for gap in page.gaps)
    return end if closes or _bullet(page.texts[first]) else first + 1


def _alike(page: Page, first: int, line: int) -> bool:
    """Return whether two lines have the same bullet, or both none."""
    return _bullet(page.texts[first]) == _bullet(page.texts[line])


def _bullet(text: str) -> str:
    """Return the bullet of a line, or nothing."""
    return text[0] if text[0] in _BULLETS else ""


def reads_like_headline(text: str) -> bool:
    """Return whether a stripped line can be the headline of another article.

    >>> [reads_like_headline(t) for t in ("Who holds the keys to the quays?", "The keys", "The smith has the keys.")]
    [True, False, False]
    """
    core = text.strip(DECORATION)
    wide = bool(_WIDE.search(core))
    least, most = (LEAST_WIDE, MOST_WIDE) if wide else (LEAST, MOST)
    last = text.rstrip(CLOSERS)[-1:]
    if not least <= len(core) <= most or not last or last in NO_HEADLINE_END + "।۔،؛" or _NUMBERED.match(core):
        return False
    return (wide or core.count(" ") >= LEAST_SPACES) and not (text[0] in QUOTES and last in "!?！？؟")


def reads_like_headline_sentence(text: str) -> bool:
    """Return whether a sentence can be a headline: short, without a comma or speech, and not in small letters.

    >>> texts = ("New library opens in June.", "that was all she said.", "The keys, she said, are here.")
    >>> [reads_like_headline_sentence(text) for text in texts]
    [True, False, False]
    """
    return bool(_SENTENCE.fullmatch(text)) and not text[0].islower() and reads_like_headline(text[:-1])
