"""Move headlines out of the text into the headline field, remove repeated ones, cut the publisher's name behind them.

A line becomes the headline only if two signs agree: see `_is_sure`. An uncertain one stays in the text.

A page has its headline once as the title of the document ("Headline | Publisher"), once as the heading, and sometimes
once more under the share bar. In a text these come one after the other, before the first prose.

A text that does not begin with a long paragraph, such as a live blog, a recipe, an interview or verse, has its headline
in the first line, set off by a blank line.

Kept: a single line before the prose that is not set off by a blank line (it may be a first sentence, a heading inside
the text, or a line of a list), a first line no longer than the headings between the paragraphs, and any head of more
than three lines.
"""

from __future__ import annotations

import regex

from ..patterns.alphabet import HEADLINE_BYTES, fold, initial
from ..ruleset.declare import page_rule
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, FieldCut, Page, RuleOutcome
from .headline_lines import (
    MAX_LENGTH,
    MIN_WORDS,
    belong_together,
    essence,
    has_title_case,
    is_aside,
    is_byline,
    looks_like_headline,
    shares_words,
    similar,
    split_suffix,
    tells_a_fact,
    word_count,
)

MAX_HEAD = 3  # lines before the prose that may all be headlines
LONGEST = 120  # characters of a line that nothing but its place shows to be a headline
UNSIGNED = 100  # characters of such a line without the capitals of English headlines
SIGNED = 75  # characters of a line that is surely a headline if a byline follows it
FIRST_TAKEN_UP = 0.35  # the same share, if another line follows that may be a headline
TAKEN_UP = 0.65  # share of its words that the text below a headline has, too
BELOW = 600  # characters of the text below a line in which its words are looked for
SHORT = 120  # bytes of a first paragraph below which a text is no report
_TWO_PARTS = regex.compile(r"\w[”“’»]?: \S|\S [–—-] \S")
# A time of day that heads an entry.
_TIME = regex.compile(r"\d{1,2}[:.]\d\d(?: ?(?:[ap]\.?m\.?|uhr|h|gmt|bst|utc|[ce]?e[sd]?t))*$", regex.IGNORECASE)

LIFT = RuleInfo(
    id="headlines/lift",
    summary="Headline at the beginning of the text, moved from the body into the headline field",
    why="Text files and page texts begin with the headline, often twice. A line is moved only if it is surely a "
    "headline: a blank line, the byline or date follows it, or it comes twice, or the publisher's name is behind it.",
    severity="info",
    fills=["headline"],
    removes=[
        Case(
            before="Ferry Strike Enters Its Third Week\n\n"
            "The ferries of Ostwick stayed in harbour for a fifteenth day, "
            "and the union said that nothing would move before Monday.",
            after="The ferries of Ostwick stayed in harbour for a fifteenth day, and the union said that nothing would "
            "move before Monday.",
            headline="Ferry Strike Enters Its Third Week",
        ),
        Case(
            before="Council votes to keep the night bus\nNight bus survives the vote — Lowmoor Evening News\n\n"
            "The night bus between Lowmoor and the harbour will run for another year, the council "
            "decided on Tuesday evening.",
            after="The night bus between Lowmoor and the harbour will run for another year, the council decided on "
            "Tuesday evening.",
            headline="Council votes to keep the night bus",
        ),
        Case(
            before="Council votes to keep the night bus\nBy Ina Brod\n\n"
            "The night bus between Lowmoor and the harbour will run for another year, the council "
            "decided on Tuesday evening.",
            after="The night bus between Lowmoor and the harbour will run for another year, the council decided on "
            "Tuesday evening.",
            headline="Council votes to keep the night bus",
        ),
        Case(
            before="Storm over the harbour: live\n\n16.45: The fire brigade counts 140 calls.\n\n16.20: No trains run."
            "\n\n15.58: Stay away.",
            after="16.45: The fire brigade counts 140 calls.\n\n16.20: No trains run.\n\n15.58: Stay away.",
            headline="Storm over the harbour: live",
        ),
    ],
    keeps=[
        Case(
            before="Home and garden news today\n\nSports and more news\n\nLocal weather in Lenn\n\nAbout the paper",
            after="Home and garden news today\n\nSports and more news\n\nLocal weather in Lenn\n\nAbout the paper",
        ),
        Case(
            before="By bus and ferry:\n\nThe night bus between Lowmoor and the harbour will run for another year, the "
            "council decided on Tuesday evening.",
            after="By bus and ferry:\n\nThe night bus between Lowmoor and the harbour will run for another year, the "
            "council decided on Tuesday evening.",
        ),
        Case(
            before="Not a word was spoken\nas the lamps went out one by one along the quay of the old town, and nobody "
            "who stood there that evening has forgotten it.",
            after="Not a word was spoken\nas the lamps went out one by one along the quay of the old town, and nobody "
            "who stood there that evening has forgotten it.",
        ),
        Case(
            before="What you need:\n\nA large pan, two handfuls of flour, an onion, and the patience to stir for half "
            "an hour without looking at your telephone once.",
            after="What you need:\n\nA large pan, two handfuls of flour, an onion, and the patience to stir for half "
            "an hour without looking at your telephone once.",
        ),
    ],
    since="0.1",
)  # fmt: skip
REPEAT = RuleInfo(
    id="headlines/repeat",
    summary="Headline repeated in the text",
    why="The record's headline field has it already, or the line above does.",
    removes=[
        Case(
            title="Ferry strike enters its third week",
            before="Ferry Strike Enters Its Third Week\nThe ferries of Ostwick stayed in harbour for a fifteenth day, "
            "and the union said that nothing would move before Monday.",
            after="The ferries of Ostwick stayed in harbour for a fifteenth day, and the union said that nothing would "
            "move before Monday.",
        )
    ],
    keeps=[
        Case(
            title="The harbour",
            before="The harbour\nThe harbour has three basins, and the oldest of them was dug by hand in the winter of "
            "1744 by prisoners from the fort.",
            after="The harbour\nThe harbour has three basins, and the oldest of them was dug by hand in the winter of "
            "1744 by prisoners from the fort.",
        )
    ],
    since="0.1",
)  # fmt: skip
SUFFIX = RuleInfo(
    id="headlines/suffix",
    summary="Publisher's name behind the record's own headline",
    why="The title of a web page ends in the name of the site. It is cut after | and ·, and after a dash if the "
    "name is known to be a publisher's.",
    severity="info",
    removes=[
        Case(
            title="Ferry strike enters its third week | Lowmoor Evening News",
            before="The ferries of Ostwick stayed in harbour for a fifteenth day.",
            after="The ferries of Ostwick stayed in harbour for a fifteenth day.",
            headline="Ferry strike enters its third week",
        )
    ],
    keeps=[
        Case(
            title="Ferry strike enters its third week - and nobody talks",
            before="The ferries of Ostwick stayed in harbour for a fifteenth day.",
            after="The ferries of Ostwick stayed in harbour for a fifteenth day.",
            headline="Ferry strike enters its third week - and nobody talks",
        )
    ],
    since="0.1",
)


_SIGNS = ("byline/", "metadata/date", "metadata/published")  # rules that cut what stands below a headline


@page_rule(LIFT, REPEAT, SUFFIX, max_head=MAX_HEAD, opened=True, follows={"byline", "metadata", "navigation"})
def find_headlines(page: Page) -> RuleOutcome:
    """Find the lines that are headlines, and those that only repeat one."""
    return _with_title(page, page.title) if page.title and page.title.strip() else _without_title(page)


def _with_title(page: Page, title: str) -> RuleOutcome:
    outcome = RuleOutcome()
    stripped = title.strip()
    lead = len(title) - len(title.lstrip())
    name, kept = split_suffix(stripped, page.source_name, page.source_domain, [])
    if name:
        outcome.source_name = name
        outcome.title_cuts.append(FieldCut(lead + len(kept), lead + len(stripped), SUFFIX.id))
    head = page.head
    if (not head and not _alike(page, [kept, stripped])) or word_count(kept) < MIN_WORDS:
        return outcome
    for i in range(min(head, 12)):
        line = page.texts[i]
        if len(line) > MAX_LENGTH + 50 or page.prose[i]:
            continue
        same = similar(line, kept) or similar(split_suffix(line, None, None, [kept])[1], kept)
        if same or similar(line, stripped):
            outcome.cuts.append(Cut(i, REPEAT.id))
        elif head <= MAX_HEAD and looks_like_headline(line):
            line_name, line_kept = split_suffix(line, page.source_name, page.source_domain, [])
            if line_name:
                outcome.cuts.append(Cut(i, LIFT.id))
                outcome.alt_headlines.append(line_kept)
    _cut_repeats(page, [kept, stripped], outcome)
    return outcome


def _without_title(page: Page) -> RuleOutcome:
    outcome = _above_prose(page)
    if not outcome.cuts and opens_with_headline(page):
        outcome.headline = page.texts[0]
        outcome.cuts.append(Cut(0, LIFT.id))
    return outcome


def _above_prose(page: Page) -> RuleOutcome:
    outcome = RuleOutcome()
    # the head ends at the first entry of a live blog
    head = next((i for i in range(min(page.head, MAX_HEAD + 1)) if _TIME.match(page.texts[i])), page.head)
    if not 1 <= head <= MAX_HEAD:
        return outcome
    # a single line counts if a blank line follows, or a byline or date that was cut; this is known without decoding it
    signed = any(rule.startswith(_SIGNS) for rule in page.cut.get(1, ()))
    if head == 1 and (page.texts[1][:1].islower() or (page.gaps[1] < 2 and not signed)):
        return outcome
    # bylines, dates and credits of pictures may come with them, and are kept
    numbers = []
    for i in range(head):
        if looks_like_headline(page.texts[i]):
            if not is_byline(page.texts[i]):
                numbers.append(i)
        elif not (is_byline(page.texts[i]) or is_aside(page.texts[i])):
            return outcome
    if not numbers:
        return outcome
    lines = [page.texts[i] for i in numbers]
    split = [split_suffix(line, None, None, lines, strict=head == 1) for line in lines]
    if len(lines) == 1:
        # a single line counts if a blank line (see above) or its byline follows
        signed = numbers[0] == 0 and (signed or (head > 1 and is_byline(page.texts[1])))
        if word_count(lines[0]) < MIN_WORDS or not (head == 1 or signed):
            return outcome
        if not signed and (len(lines[0]) > LONGEST or _has_headings(page)):
            return outcome
        if not (split[0][0] or _is_sure(page, head, lines[0], signed=signed)):
            return outcome
    elif not belong_together(lines, split):
        return outcome
    chosen = _sort_headlines(page, head, lines, split) if len(lines) > 1 else [0]
    for at in chosen:
        name, kept = split[at]
        earlier = [outcome.headline or "", *outcome.alt_headlines]
        same = next((other for other in earlier if fold(other) == fold(kept)), None)
        outcome.cuts.append(Cut(numbers[at], REPEAT.id if same else LIFT.id))
        outcome.source_name = outcome.source_name or name
        if same is None and outcome.headline is None:
            outcome.headline = kept
        elif same is None:
            outcome.alt_headlines.append(kept)
    _cut_repeats(page, [split[at][1] for at in chosen], outcome)
    return outcome


def _is_sure(page: Page, head: int, line: str, *, signed: bool) -> bool:
    """Return whether a single line above the prose is surely a headline, and no caption, standfirst or first heading.

    A blank line below it is one sign. A second one must agree with it: the byline, the capitals of English headlines,
    the links of a page above it, or words that the first paragraphs take up again. Two parts with a colon or a dash
    between them need fewer words.
    """
    if has_title_case(line) or any(rule.startswith("navigation/") for rule in page.cut.get(0, ())):
        return True
    below = _text_below(page, head)
    if _is_caption(page, line):
        return False
    if signed:
        return len(line) <= SIGNED or shares_words(line, below, 0.5)
    if _TWO_PARTS.search(line):
        return shares_words(line, below, 0.35)
    return len(line) <= UNSIGNED and not tells_a_fact(line) and shares_words(line, below, TAKEN_UP)


def _is_caption(page: Page, line: str) -> bool:
    """Return whether a line below the date of the page is a caption: the headline stands above the date."""
    below_date = any(rule.startswith("metadata/") for rule in page.cut.get(0, ()))
    return below_date and tells_a_fact(line, below_date=True)


def _text_below(page: Page, head: int) -> str:
    return " ".join(page.texts[at][:BELOW] for at in range(head, min(head + 4, len(page.texts))))[:BELOW]


def _sort_headlines(page: Page, head: int, lines: list[str], split: list[tuple[str | None, str]]) -> list[int]:
    """Return the numbers of the lines to lift, the headline first: one that repeats, else one that the text takes up.

    A line that is neither a variant of another nor ends in a publisher's name is lifted only if it is surely one.
    """
    ranks = {}
    for i, (name, kept) in enumerate(split):
        repeats = any(similar(kept, other) for j, (_, other) in enumerate(split) if j != i)
        if repeats or name or _is_sure(page, head, lines[i], signed=True):
            # a standfirst below the headline has more words of the text
            ranks[i] = 2 * repeats + shares_words(kept, _text_below(page, head), TAKEN_UP if i else FIRST_TAKEN_UP)
    return sorted(ranks, key=lambda i: -ranks[i])


_SENTENCE = regex.compile(r"(?:\S+\s+){3}.*[.!?…][”»’\")]*$|[。！？।]$", regex.DOTALL)
_ENTRY = regex.compile(r"\d{1,2}[:.h]\d\d\b")
_RECIPE = regex.compile(
    r"(?:serves|makes|ingredients|zutaten|ingr[ée]dients|ingredientes|ingredienti|składniki|prep(?:aration)? time"
    r"|(?:für|pour|para|per|voor) \d+ (?:p|comensales|raciones))",
    regex.IGNORECASE,
)
_QUESTION = regex.compile(r"(?:q|question|f|frage|p|pregunta|d|domanda|в|вопрос)\s?[:.)]|.*[?？]$", regex.IGNORECASE)


_LABELLED = regex.compile(
    r"(?:q|question|f|frage|p|pregunta|d|domanda|a|r|answer|antwort|в|о)\s?[:.)]", regex.IGNORECASE
)


def opens_with_headline(page: Page) -> bool:
    """Return whether the first line is the headline of a text that does not begin with a long paragraph.

    A blank line sets it off. Below it stands a short paragraph, an entry of a live blog, a stanza, the beginning of a
    recipe, or a question. If the second line looks like a headline in the same way, neither is one for sure.
    """
    if not _opens_at(page, 0) or _opens_at(page, 1) or _has_headings(page):
        return False
    return not (tells_a_fact(page.texts[0]) or _is_caption(page, page.texts[0]))


def _has_headings(page: Page) -> bool:
    """Return whether lines like the first one stand between the paragraphs: then it may be the first of them.

    A headline is longer than the headings below it.
    """
    longest = word_count(page.texts[0])
    for i in range(1, len(page.texts) - 1):
        if page.prose[i] or page.sizes[i] > MAX_LENGTH or page.gaps[i] < 2 or page.gaps[i + 1] < 2:
            continue
        line = page.texts[i]
        is_like_it = longest < 2 * word_count(line) >= 6 and looks_like_headline(line)
        if is_like_it and not (is_byline(line) or _LABELLED.match(line)):
            return True
    return False


def _opens_at(page: Page, at: int) -> bool:
    if len(page.texts) < at + 4 or page.gaps[at + 1] < 2 or page.prose[at] or page.sizes[at] > HEADLINE_BYTES:
        return False
    line, following = page.texts[at], page.texts[at + 1]
    if not looks_like_headline(line) or is_byline(line) or word_count(line) < 2 or len(line) > LONGEST:
        return False
    if any(pattern.match(line) for pattern in (_LABELLED, _ENTRY, _RECIPE)):
        return False
    # the first question of an interview
    if line.endswith("?") and any(text.endswith("?") for text in page.texts[at + 1 : at + 8]):
        return False
    if page.gaps[at + 2] == 1 and _is_verse(page, at + 1):
        return True
    if word_count(line) < MIN_WORDS:
        return False
    if _ENTRY.match(following) or _RECIPE.match(following):
        return True
    if following[:1].islower():  # markup has broken a sentence into lines
        return False
    return bool(_QUESTION.match(following) or (page.sizes[at + 1] <= SHORT and _SENTENCE.match(following)))


def _is_verse(page: Page, start: int) -> bool:
    """Return whether the lines from `start` on are stanzas: short lines, and at least one blank line among them."""
    count = len(page.texts) - start
    stanzas = 1 + sum(gap >= 2 for gap in page.gaps[start + 1 :])
    short = not any(page.prose[start:]) and max(page.sizes[start:]) <= 80
    return stanzas >= 2 and count >= 3 * stanzas and short


def _cut_repeats(page: Page, headlines: list[str], outcome: RuleOutcome) -> None:
    """Cut every further line with exactly the words of a headline."""
    alike = _alike(page, headlines)
    if not alike:
        return
    wanted = {essence(headline) for headline in headlines if word_count(headline) >= MIN_WORDS}
    taken = {cut.line for cut in outcome.cuts}
    for i in alike:
        if i not in taken and essence(page.texts[i]) in wanted:
            outcome.cuts.append(Cut(i, REPEAT.id))


def _alike(page: Page, headlines: list[str]) -> list[int]:
    """Return the lines that are about as long as a headline and have its first byte: others cannot have its words."""
    lengths = [len(headline.encode()) for headline in headlines] or [0]
    least, most = min(lengths) // 2, 2 * max(lengths)
    initials = {initial(headline) for headline in set(headlines)}
    return [
        i
        for i, (size, first) in enumerate(zip(page.sizes, page.initials, strict=True))
        if least <= size <= most and first in initials
    ]
