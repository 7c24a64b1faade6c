"""Checks for records that are not articles: error pages, walls, empty pages, lists and output of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import regex

from ..declare import check
from ..text.page_patterns import load_pattern
from ..text.page_phrases import LONG_LINE, SHORT, count_matching_lines, find_candidates, find_short_bodies
from ..text.sentences import WIDE, count_prose, is_bare

if TYPE_CHECKING:
    from ...byte_arrays import Mask
    from ..frame import Frame

_REPEATED = 3  # times that a line occurs
# Scores and places of a table: "Lenn United 2-1 Marrow Town", "3. Harbour City 40".
_RESULT = regex.compile(r"\p{L} \d{1,3} ?[-–:] ?\d{1,3} \p{L}|^\d{1,3}[.)]? \p{L}.* (?!(?:19|20)\d\d$)\d[\d.,:]*$")
_NEXT_SENTENCE = regex.compile(r"\p{L}{2}[.!?] \p{Lu}")
_SENTENCE = regex.compile(r"(?:\S+\s+){3}.*[\p{L}\p{N})”»’\"][.!?…][”»’\")]*$|[。！？।۔؟։።]")
_BODY = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain that had been laid "
    "across the basin during the storm.\n\nBy noon the fishermen had gathered on the pier, and a woman who mends nets "
    "told them that her grandfather had once waited four days for the same key."
)


def _flag(frame: Frame, kind: str, characters: int) -> Mask:
    """Flag bodies by the phrases of a kind of page, strong or weak."""
    return _flag_by_phrase(frame, kind, characters) | _flag_weakly(frame, kind)


def _flag_by_phrase(frame: Frame, kind: str, characters: int) -> Mask:
    """Flag bodies with a phrase of a kind of page, or from which one was cut, and at most some characters of prose."""
    found = np.zeros(len(frame), np.bool_)
    for row, text in find_candidates(frame, kind):
        found[row] |= count_prose(text, load_pattern(kind, "words")) <= characters
    return found


def _flag_weakly(frame: Frame, kind: str) -> Mask:
    """Flag short bodies without prose in which two different weak phrases of a kind of page occur."""
    found = np.zeros(len(frame), np.bool_)
    weak = load_pattern(kind, "weak")
    for row, text in find_candidates(frame, kind, "weak"):
        if len(text) <= SHORT and is_bare(text, weak):
            found[row] = len({match[0].lower() for match in weak.finditer(text)}) >= 2
    return found


@check(
    "page/error",
    severity="error",
    fields=("body",),
    message="the text is an error page of a server",
    remedy="scrape the address again, or drop the record",
    fails={"text": "404 Not Found\n\nSorry, the page you requested could not be found."},
    passes={"text": f"{_BODY} The harbour's website answered “404 Not Found”."},
    characters=100,
)
def flag_error_pages(frame: Frame, characters: int) -> Mask:
    """Flag error pages: 403, 404, 410, 500, 503, maintenance."""
    return _flag(frame, "error", characters)


@check(
    "page/script-required",
    severity="error",
    fields=("body",),
    message="the page asks for JavaScript, another browser or no ad blocker",
    remedy="render the page in a browser before you extract the text",
    fails={"text": "Please enable JavaScript to run this app."},
    passes={"text": f"{_BODY} “Please enable JavaScript,” said the timetable."},
    characters=100,
)
def flag_script_required(frame: Frame, characters: int) -> Mask:
    """Flag pages for browsers that do not run scripts."""
    return _flag(frame, "script-required", characters)


@check(
    "page/bot-check",
    severity="error",
    fields=("body",),
    message="the page checks for bots or refuses access",
    remedy="scrape more slowly, or ask the site for access",
    fails={"text": "Checking your browser before accessing lantern.example.\nThis process is automatic."},
    passes={"text": f"{_BODY} “Checking your browser,” said the timetable, and nothing more."},
    characters=100,
)
def flag_bot_checks(frame: Frame, characters: int) -> Mask:
    """Flag challenges and refusals of content delivery networks."""
    return _flag(frame, "bot-check", characters)


@check(
    "page/cookie-wall",
    severity="error",
    fields=("body",),
    message="the text is a request for cookie consent",
    remedy="accept or refuse the cookies before you extract the text",
    fails={
        "text": "We value your privacy\nWe and our partners store cookies on your device.\nAccept all\nManage options"
    },
    passes={"text": f"We use cookies. Accept all\n{_BODY}"},
    characters=100,
)
def flag_cookie_walls(frame: Frame, characters: int) -> Mask:
    """Flag consent texts in place of an article."""
    return _flag(frame, "cookie-wall", characters)


@check(
    "page/paywall",
    severity="error",
    fields=("body",),
    message="the text stops at a request to log in or to subscribe",
    remedy="drop the record, or scrape the page with an account",
    fails={
        "text": f"{_BODY[:145]}\n\nThis article is for subscribers only.\nSubscribe now\nAlready a subscriber? Log in"
    },
    passes={"text": f"{_BODY}\n\nSubscribe to our newsletter\nSign in to comment"},
    characters=700,
)
def flag_paywalls(frame: Frame, characters: int) -> Mask:
    """Flag beginnings of articles that end at a wall. The wall must be in the last two thirds of the lines."""
    found = np.zeros(len(frame), np.bool_)
    phrase, words = load_pattern("paywall", "phrases"), load_pattern("paywall", "words")
    for row, text in find_candidates(frame, "paywall"):
        lines = [line for line in text.split("\n") if line.strip()]
        end = "\n".join(lines[-max(len(lines) * 2 // 3, 4) :])
        walls = [match.end() for match in phrase.finditer(end)]
        if walls:
            found[row] |= count_prose(text, words) <= characters and count_prose(end[walls[-1] :], words) <= 100
    return found | _flag_weakly(frame, "paywall")


@check(
    "page/player",
    severity="error",
    fields=("body",),
    message="the text is a player without its video or sound",
    remedy="drop the record, or scrape the transcript",
    fails={"text": "Video unavailable\nThe owner has not made this video available in your country.\nWatch on YouTube"},
    passes={"text": f"{_BODY} “Video unavailable,” said the screen on the pier."},
    characters=100,
)
def flag_players(frame: Frame, characters: int) -> Mask:
    """Flag what players say in place of a video: it is gone, or the browser cannot play it."""
    return _flag_by_phrase(frame, "player", characters)


@check(
    "page/form-answer",
    severity="error",
    fields=("body",),
    message="the text is the answer to a form, such as that of a newsletter",
    remedy="drop the record, and leave such addresses out of the crawl",
    fails={"text": "Thank you for signing up!\nPlease check your inbox to confirm your subscription."},
    passes={"text": f"{_BODY}\n\nPlease check your inbox to confirm your subscription."},
    characters=100,
)
def flag_form_answers(frame: Frame, characters: int) -> Mask:
    """Flag thanks for a subscription or a message, and requests to confirm an address."""
    return _flag_by_phrase(frame, "form-answer", characters)


@check(
    "page/live-shell",
    severity="warning",
    fields=("body",),
    message="the text is a live page without entries",
    remedy="scrape the page again when the event is over",
    fails={"text": "Live: harbour council\nOur live coverage will begin shortly.\nNo updates yet"},
    passes={"text": f"{_BODY}\n\nLive coverage continues tomorrow."},
    characters=100,
)
def flag_live_shells(frame: Frame, characters: int) -> Mask:
    """Flag live tickers, scoreboards and streams without a text."""
    return _flag(frame, "live-shell", characters)


@check(
    "page/lorem-ipsum",
    severity="error",
    fields=("body",),
    message="the text is placeholder text",
    remedy="drop the record: the page was never written",
    fails={
        "text": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore."
    },
    passes={"text": f"{_BODY} The printer had set “lorem ipsum dolor sit amet” on every page."},
    characters=200,
)
def flag_placeholders(frame: Frame, characters: int) -> Mask:
    """Flag dummy texts and the sample pages of new installations."""
    return _flag(frame, "lorem-ipsum", characters)


@check(
    "page/parked-domain",
    severity="error",
    fields=("body",),
    message="the domain is parked, for sale or empty",
    remedy="drop the site",
    fails={"text": "This domain is for sale!\nMake an offer"},
    passes={"text": f"{_BODY} The name of the ferry's old site is for sale now."},
    characters=100,
)
def flag_parked_domains(frame: Frame, characters: int) -> Mask:
    """Flag offers to sell a domain and default pages of web servers."""
    return _flag(frame, "parked-domain", characters)


@check(
    "page/machine-error",
    severity="error",
    fields=("body",),
    message="the text is a program error or an unfilled template",
    remedy="scrape the address again, or drop the record",
    fails={"text": "Fatal error: Uncaught Error: Call to undefined function in /srv/site/index.php on line 7"},
    passes={"text": f"{_BODY} The timetable read “undefined” for an hour."},
    characters=100,
)
def flag_machine_errors(frame: Frame, characters: int) -> Mask:
    """Flag stack traces, database errors, raw responses of services, and template variables without a value."""
    return _flag(frame, "machine-error", characters)


@check(
    "page/listing",
    severity="warning",
    fields=("body",),
    message="the text is a list of articles, not an article",
    remedy="scrape the linked articles instead",
    fails={"text": "Latest news\nFerry late\n4 May 2024\nKey in net\n3 May 2024\nChain cut\n2 May 2024\nNext page"},
    passes={"text": f"{_BODY}\n\nLatest news\nKey found in net"},
    lines=4,
)  # fmt: skip
def flag_listings(frame: Frame, lines: int) -> Mask:
    """Flag short lines that look like a list of articles: headings, dates, page numbers, titles. No prose may occur."""
    found: Mask = np.zeros(len(frame), np.bool_)
    found[[row for row, _ in _find_listings(frame, lines)]] = True
    return found


@check(
    "page/only-titles",
    severity="error",
    fields=("body",),
    message="the text is a list of titles, names or links without a sentence",
    remedy="scrape the linked articles instead",
    fails={"text": "Latest news\nFerry late\n4 May 2024\nKey in net\n3 May 2024\nChain cut\n2 May 2024\nNext page"},
    passes={
        "text": "Results\nMill ward\nKaplan 1,204\nAsher 988\nHarbour ward\nRenk 1,410\nKaplan holds the seat in Mill."
    },
    lines=4,
)
def flag_only_titles(frame: Frame, lines: int) -> Mask:
    """Flag lists of articles in which no line is a sentence.

    Verse passes, of which many lines begin with small letters, and so do the results of games.
    """
    found = np.zeros(len(frame), np.bool_)
    for row, parts in _find_listings(frame, lines):
        # a word that stands behind each title, such as "more", is no line of a verse
        small = sum(part[0].islower() for part in parts if parts.count(part) < _REPEATED)
        results = sum(_RESULT.search(part) is not None for part in parts)
        is_content = 5 * small >= len(parts) or 3 * results >= len(parts)
        found[row] = not is_content and not any(_SENTENCE.search(part) for part in parts)
    return found


def _find_listings(frame: Frame, lines: int) -> list[tuple[int, list[str]]]:
    """Return row and lines of the bodies that look like a list of articles."""
    listings = []
    bodies = [(row, parts) for row, parts in _find_short_lined(frame) if len(parts) >= lines]
    texts = [parts for _, parts in bodies]
    all_marks, all_headings = (count_matching_lines("listing", key, texts) for key in ("words", "phrases"))
    for (row, parts), marks, headings in zip(bodies, all_marks, all_headings, strict=True):
        titles = sum(15 <= len(part) <= 140 and part[-1] not in ".!?。！？,;:" for part in parts)
        if (
            marks >= max(3, 0.3 * len(parts))
            or headings >= 2
            or (headings >= 1 and marks >= 1)
            or titles >= max(5, 0.6 * len(parts))
            or _is_menu(parts)
        ):
            listings.append((row, parts))
    return listings


def _is_menu(parts: list[str]) -> bool:
    """Return whether nearly all lines are a few words without a mark at their end."""
    few = sum(len(part.split()) <= 3 and len(part) <= 40 and part[-1] not in '.!?…:;,"”»' for part in parts)
    return (
        len(parts) >= 10 and few >= 0.9 * len(parts) and all(part.isascii() or not WIDE.search(part) for part in parts)
    )


@check(
    "page/gallery",
    severity="warning",
    fields=("body",),
    message="the text is a picture gallery without an article",
    remedy="drop the record, or keep only the captions",
    fails={"text": "1 / 3\nPhoto: Marta Lindqvist\n2 / 3\nPhoto: Marta Lindqvist\n3 / 3"},
    passes={"text": f"Photo: Marta Lindqvist\n{_BODY}"},
    share=0.25,
)
def flag_galleries(frame: Frame, share: float) -> Mask:
    """Flag bodies without paragraphs in which a share of the lines numbers or credits pictures."""
    found = np.zeros(len(frame), np.bool_)
    candidates = ((row, _split_lines(text)) for row, text in find_candidates(frame, "gallery", "words"))
    bodies = [(row, parts) for row, parts in candidates if not _has_paragraph(parts)]
    all_marks = count_matching_lines("gallery", "words", [parts for _, parts in bodies])
    all_headings = count_matching_lines("gallery", "phrases", [parts[:12] for _, parts in bodies])
    for (row, parts), marks, headings in zip(bodies, all_marks, all_headings, strict=True):
        found[row] = marks > 0 and (marks >= max(2, share * len(parts)) or headings > 0)
    return found | _flag_weakly(frame, "gallery")


def _find_short_lined(frame: Frame) -> list[tuple[int, list[str]]]:
    """Return the row and the lines, without quotations, of each body that has several lines and no paragraph."""
    bodies = find_short_bodies(frame)
    chosen = np.flatnonzero((bodies.feeds >= 3) & ~bodies.paragraphs)
    texts = bodies.texts.take(pa.array(chosen)).to_pylist()
    lined = zip(bodies.rows[chosen].tolist(), map(_split_lines, texts), strict=True)
    return [(row, parts) for row, parts in lined if not _has_paragraph(parts)]


def _split_lines(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n") if part.strip()]


def _has_paragraph(parts: list[str]) -> bool:
    """Return whether a line has several sentences or a long one."""
    return any(
        (len(part) >= LONG_LINE and part[-1] in '.!?。！？”"»')
        or (len(part) > 8 and len(_NEXT_SENTENCE.findall(part)) >= 2)
        or (len(part) >= 50 and not part.isascii() and WIDE.search(part) is not None)
        for part in parts
    )
