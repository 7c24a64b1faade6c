"""Move headlines out of the text into the headline field, remove repeated ones, cut the publisher's name behind them.

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
from rapidfuzz import fuzz

from ...schemas.lifted_values import read_byline, read_date_line
from ..patterns.alphabet import CLOSERS, HEADLINE_BYTES, NO_HEADLINE_END, fold, initial
from ..ruleset.declare import page_rule
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, FieldCut, Page, RuleOutcome

MAX_HEAD = 3  # lines before the prose that may all be headlines
MAX_LENGTH = 200  # characters
LONGEST = 120  # characters of a line that nothing but its place shows to be a headline
MIN_WORDS = 4
SAME = 90  # similarity, of 100, at which two headlines count as one

_WORDS = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}'’.-]*")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
# The last separator with white space around it, and a short name after it.
_SUFFIX = regex.compile(r"^(?P<head>.{8,})\s+(?P<mark>[—–|·•»\-]|::)\s+(?P<name>[^—–|·•»]{2,48})$", regex.DOTALL)
_DOMAIN = regex.compile(r"^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$", regex.IGNORECASE)
# A byline: the word before a name, and a few capitalised words after it.
_BYLINE = regex.compile(
    r"^(?:(?:(?i:written|words|text|story|reported|posted) )?(?i:by)|(?i:von|par|por|di|door))"
    r"(?: (?:[\p{Lu}][\p{L}\p{M}'’.-]*|and|und|et|e|y|en|&|de|van|von|der)[,]?){1,9}$"
)
# The credit of a picture: its label with a colon or a name, or an agency after a stroke.
_CREDIT = regex.compile(
    r"^\W*(?:(?:file )?(?:photo|image|picture|illustration|foto|bild|fotografia|photograph|credit|quelle)s?"
    r"(?: credits?| courtesy)?(?: ?[:/©]| by )"
    r"|.*[/|(©] ?(?:getty images|reuters|afp|ap|epa|dpa|shutterstock|alamy)\W*$)",
    regex.IGNORECASE,
)
_LONGEST_ASIDE = 500  # characters of a line that is a credit, a caption or a date
# A date or a time with no words but the names of its day and month and AM or PM.
_DATE = regex.compile(r"^(?=.*(?:\b(?:19|20)\d\d\b|\d:\d\d))\P{L}*(?:\p{L}+\P{L}*){0,3}$")
# A name and what it writes for: "Ada Quill, The Lowmoor Lantern".
_CREDITED = regex.compile(
    r"^\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}.'’-]*){1,3}(?:, | - )(?:[Tt]he )?\p{Lu}\p{L}+(?: \p{Lu}\p{L}+){0,3}$"
)
_CREDITED_CJK = regex.compile(r"^記者.*報導|／.*報導|^.{1,12}(?:记者|記者|기자)$|/(?:The )?\p{Lu}[\p{L} ]+$")
# What captions and lines about the article have and headlines do not.
_CAPTION = regex.compile(
    r"\b(?:photo(?:graph)?s?|pictures?|pics?|foto|bild|sources?|quelle|illustration|иллюстрация) ?[:/]"
    r"|file photo|enlarge image|\((?:pics?|photo|via|upi|ap|reuters|getty)\b[^()]*\)$|\.(?:reuters|ap|afp|getty)$"
    r"|^(?:tested|reviewed) by\b|^last updated|\| ?(?:tags|updated) ?:|^\p{L}[\p{L} .]+\| \w{3} \w{3} \d",
    regex.IGNORECASE,
)
_YEAR, _CLOCK = regex.compile(r"\b(?:19|20)\d\d\b"), regex.compile(r"\d[:.]\d\d\b")
# A time of day that heads an entry.
_TIME = regex.compile(r"\d{1,2}[:.]\d\d(?: ?(?:[ap]\.?m\.?|uhr|h|gmt|bst|utc|[ce]?e[sd]?t))*$", regex.IGNORECASE)
# Small words inside the name of a publisher, which are not capitalised.
_SMALL = frozenset(
    """
    a an and at by de del der des di die do du e el en et for i in la las le les los of on the und van von y
    """.split()
)
# Words that publishers have in their names, in all languages.
_PUBLISHER = frozenset(
    """
    news newspaper times post daily weekly herald tribune gazette journal guardian telegraph observer
    chronicle examiner inquirer courier dispatch sentinel bulletin mail express mirror standard independent
    globe press wire agency radio tv television broadcasting network media magazine review digest today online
    blog magazin zeitung anzeiger tageblatt nachrichten rundschau kurier allgemeine presse tagblatt morgenpost
    journalen diario periódico noticias prensa jornal notícias folha correio corriere giornale gazzetta
    notizie quotidiano nieuws krant dagblad gazeta dziennik wiadomości новости газета известия вести εφημερίδα
    νέα ειδήσεις bbc cnn nbc cbs abc npr pbs msnbc reuters afp dpa rt aljazeera euronews politico axios
    """.split()
)

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


@page_rule(LIFT, REPEAT, SUFFIX, max_head=MAX_HEAD, opened=True, follows={"byline", "metadata"})
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
    if word_count(kept) < MIN_WORDS:
        return outcome
    head = page.head
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
    if head == 1 and page.gaps[1] < 2 and not signed:
        return outcome
    # bylines, dates and credits of pictures may come with them, and are kept
    numbers = []
    for i in range(head):
        if looks_like_headline(page.texts[i]):
            if not is_byline(page.texts[i]):
                numbers.append(i)
        elif not (is_byline(page.texts[i]) or _is_aside(page.texts[i])):
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
    elif not _belong_together(lines, split):
        return outcome
    for i, (name, kept) in zip(numbers, split, strict=True):
        earlier = [outcome.headline or "", *outcome.alt_headlines]
        same = next((other for other in earlier if fold(other) == fold(kept)), None)
        outcome.cuts.append(Cut(i, REPEAT.id if same else LIFT.id))
        outcome.source_name = outcome.source_name or name
        if same is None and outcome.headline is None:
            outcome.headline = kept
        elif same is None:
            outcome.alt_headlines.append(kept)
    _cut_repeats(page, [kept for _, kept in split], outcome)
    return outcome


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
    return _opens_at(page, 0) and not _opens_at(page, 1) and not _has_headings(page)


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
    patterns = (_SENTENCE, _ENTRY, _RECIPE, _QUESTION)
    return word_count(line) >= MIN_WORDS and any(pattern.match(following) for pattern in patterns)


def _is_verse(page: Page, start: int) -> bool:
    """Return whether the lines from `start` on are stanzas: short lines, and at least one blank line among them."""
    count = len(page.texts) - start
    stanzas = 1 + sum(gap >= 2 for gap in page.gaps[start + 1 :])
    short = not any(page.prose[start:]) and max(page.sizes[start:]) <= 80
    return stanzas >= 2 and count >= 3 * stanzas and short


def _belong_together(lines: list[str], split: list[tuple[str | None, str]]) -> bool:
    """Return whether every line but one is a variant of another, or ends in a publisher's name."""
    alone = 0
    for i, (name, kept) in enumerate(split):
        others = [other for j, (_, other) in enumerate(split) if j != i]
        if not name and not any(similar(kept, other) for other in others):
            alone += 1
    return alone <= 1 and max(word_count(line) for line in lines) >= MIN_WORDS


def _cut_repeats(page: Page, headlines: list[str], outcome: RuleOutcome) -> None:
    """Cut every further line with exactly the words of a headline."""
    wanted = {_essence(headline): len(headline.encode()) for headline in headlines if word_count(headline) >= MIN_WORDS}
    if not wanted:
        return
    # a line with the same words is about as long
    least, most = min(wanted.values()) // 2, 2 * max(wanted.values())
    initials = {initial(headline) for headline in headlines}
    taken = {cut.line for cut in outcome.cuts}
    for i, (size, first) in enumerate(zip(page.sizes, page.initials, strict=True)):
        if first in initials and least <= size <= most and i not in taken and _essence(page.texts[i]) in wanted:
            outcome.cuts.append(Cut(i, REPEAT.id))


def split_suffix(
    line: str, source_name: str | None, source_domain: str | None, others: list[str], *, strict: bool = True
) -> tuple[str | None, str]:
    """Return the publisher's name behind a headline, or None, and the headline without it.

    A name counts if the record or one of its `others`, its other headlines, proves it, if it is a domain, or if it has
    a word that publishers have in their names. After `|` and `·` any capitalised name counts; if not `strict`, after a
    dash too.

    >>> split_suffix("Night bus survives — Lowmoor Evening News", None, None, [])
    ('Lowmoor Evening News', 'Night bus survives')
    >>> split_suffix("The end of an era — and what comes next", None, None, [])
    (None, 'The end of an era — and what comes next')
    """
    match = _SUFFIX.match(line)
    # a repeated separator makes a breadcrumb or a menu, not a headline
    if not match or word_count(match["head"]) < 2 or (line.count(match["mark"]) > 1 and match["mark"] != "-"):
        return None, line
    name, kept = match["name"].strip(), match["head"].rstrip()
    words = _WORDS.findall(name)
    if not words or len(words) > 6 or name.endswith(tuple(".!?…:;,")):
        return None, line
    folded = fold(name)
    proven = (
        (source_name is not None and fold(source_name) in (folded, folded.removeprefix("the ")))
        or (source_domain is not None and folded.replace(" ", "") in fold(source_domain))
        or any(_essence(kept) == _essence(other) for other in others)
        or bool(_DOMAIN.match(name))
    )
    if proven:
        return name, kept
    capitalised = all(
        word[0].isupper() or word[0].isdigit() or fold(word) in _SMALL or not word[0].islower() for word in words
    )
    if not capitalised or not words[0][0].isupper():
        return None, line
    if _PUBLISHER.intersection(fold(word) for word in words) or (
        len(words) <= 4 and (match["mark"] in "|·•»" or not strict)
    ):
        return name, kept
    return None, line


def looks_like_headline(line: str) -> bool:
    """Return whether a line may be a headline: short, and not a sentence, label, date or credit of a picture."""
    bare = line.rstrip(CLOSERS)
    if len(line) > MAX_LENGTH or not bare or bare.endswith(tuple(NO_HEADLINE_END)) or _is_aside(line):
        return False
    first = next((c for c in line if c.isalnum()), "")
    return bool(first) and not first.islower() and word_count(line) >= 2


def is_byline(line: str) -> bool:
    """Return whether a line is a byline and nothing else.

    >>> is_byline("By Ina Brod and Tobias Renk"), is_byline("By dawn nothing was left of the mill")
    (True, False)
    """
    return (len(line) <= 80 and bool(_BYLINE.match(line))) or read_byline(line) is not None


def _is_aside(line: str) -> bool:
    if len(line) > _LONGEST_ASIDE:  # the patterns take quadratic time
        return False
    if _CREDIT.match(line) or _DATE.match(line) or _CREDITED.match(line) or read_date_line(line) is not None:
        return True
    if _CREDITED_CJK.search(line) or _CAPTION.search(line) or (line.startswith("(") and line.endswith(")")):
        return True
    words = line.split()
    is_publisher = len(words) <= 4 and fold(words[-1]) in _PUBLISHER and all(word[0].isupper() for word in words)
    return is_publisher or (_YEAR.search(line) is not None and _CLOCK.search(line) is not None)


def word_count(line: str) -> int:
    """Count words; in scripts without spaces between words, two characters count as one word."""
    return len(_WORDS.findall(_UNSPACED.sub("", line))) + len(_UNSPACED.findall(line)) // 2


def similar(one: str, other: str) -> bool:
    """Return whether two headlines have the same words but for a few letters."""
    a, b = _essence(one), _essence(other)
    if a == b:
        return True
    if min(len(a), len(b)) < 12:
        return False
    return fuzz.ratio(a, b) >= SAME


def _essence(line: str) -> str:
    """Return the words of a line, folded, with one space between them."""
    return " ".join(_WORDS.findall(fold(line)))
