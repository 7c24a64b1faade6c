"""Checks for records that are no article: error pages, walls, shells, lists and leftovers of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import regex

from ..declare import check
from ..text.page_phrases import LONG_LINE, SHORT, candidates, compiled, find_lines, short_bodies
from ..text.sentences import WIDE, is_bare, prose

if TYPE_CHECKING:
    from ...byte_arrays import Mask
    from ..frame import Frame

_NEXT_SENTENCE = regex.compile(r"\p{L}{2}[.!?] \p{Lu}")
_BODY = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain that had been laid "
    "across the basin during the storm.\n\nBy noon the fishermen had gathered on the pier, and a woman who mends nets "
    "told them that her grandfather had once waited four days for the same key."
)


def _flag(frame: Frame, kind: str, characters: int) -> Mask:
    """Flag bodies with a phrase of a kind and little prose beside."""
    found = np.zeros(len(frame), np.bool_)
    for row, text in candidates(frame, kind):
        found[row] = prose(text, compiled(kind, "words")) <= characters
    return found | _flag_weakly(frame, kind)


def _flag_weakly(frame: Frame, kind: str) -> Mask:
    """Flag short bodies in which nothing is prose and two things are said that pages of a kind say."""
    found = np.zeros(len(frame), np.bool_)
    weak = compiled(kind, "weak")
    for row, text in candidates(frame, kind, "weak"):
        if len(text) <= SHORT and is_bare(text, weak):
            found[row] = len({match[0].lower() for match in weak.finditer(text)}) >= 2
    return found


@check(
    "page/error",
    severity="error",
    fields=("body",),
    message="this is an error page of a server",
    remedy="scrape the address again, or drop it",
    fails={"text": "404 Not Found\n\nSorry, the page you requested could not be found."},
    passes={"text": f"{_BODY} The harbour's website answered “404 Not Found”."},
    characters=100,
)
def flag_error_pages(frame: Frame, characters: int) -> Mask:
    """Flag pages that say that there is none: 403, 404, 410, 500, 503, maintenance."""
    return _flag(frame, "error", characters)


@check(
    "page/script-required",
    severity="error",
    fields=("body",),
    message="the page asks for JavaScript, another browser, or no ad blocker",
    remedy="render the page in a browser before its text is taken",
    fails={"text": "Please enable JavaScript to run this app."},
    passes={"text": f"{_BODY} “Please enable JavaScript,” said the timetable."},
    characters=100,
)
def flag_script_required(frame: Frame, characters: int) -> Mask:
    """Flag what is shown to browsers that run no scripts."""
    return _flag(frame, "script-required", characters)


@check(
    "page/bot-check",
    severity="error",
    fields=("body",),
    message="the page asks whether a human reads it, or refuses to answer",
    remedy="scrape more slowly, or ask the site for access",
    fails={"text": "Checking your browser before accessing lantern.example.\nThis process is automatic."},
    passes={"text": f"{_BODY} “Checking your browser,” said the timetable, and nothing more."},
    characters=100,
)
def flag_bot_checks(frame: Frame, characters: int) -> Mask:
    """Flag challenges and refusals of content networks."""
    return _flag(frame, "bot-check", characters)


@check(
    "page/cookie-wall",
    severity="error",
    fields=("body",),
    message="the text is a request for consent to cookies",
    remedy="accept or refuse before the text is taken",
    fails={
        "text": "We value your privacy\nWe and our partners store cookies on your device.\nAccept all\nManage options"
    },
    passes={"text": f"We use cookies. Accept all\n{_BODY}"},
    characters=100,
)
def flag_cookie_walls(frame: Frame, characters: int) -> Mask:
    """Flag consent texts that stand where an article should."""
    return _flag(frame, "cookie-wall", characters)


@check(
    "page/paywall",
    severity="error",
    fields=("body",),
    message="the text ends at a request to log in or to subscribe",
    remedy="drop it, or scrape it with an account",
    fails={
        "text": f"{_BODY[:145]}\n\nThis article is for subscribers only.\nSubscribe now\nAlready a subscriber? Log in"
    },
    passes={"text": f"{_BODY}\n\nSubscribe to our newsletter\nSign in to comment"},
    characters=700,
)
def flag_paywalls(frame: Frame, characters: int) -> Mask:
    """Flag beginnings of articles with a wall behind them: the wall must stand in the last third of the lines."""
    found = np.zeros(len(frame), np.bool_)
    phrase, words = compiled("paywall", "phrases"), compiled("paywall", "words")
    for row, text in candidates(frame, "paywall"):
        lines = [line for line in text.split("\n") if line.strip()]
        after = "\n".join(lines[-max(len(lines) * 2 // 3, 4) :])
        last = [match.end() for match in phrase.finditer(after)]
        if last:
            found[row] = prose(text, words) <= characters and prose(after[last[-1] :], words) <= 100
    return found | _flag_weakly(frame, "paywall")


@check(
    "page/live-shell",
    severity="warning",
    fields=("body",),
    message="this is a live page without an entry in it",
    remedy="scrape it again when it is over",
    fails={"text": "Live: harbour council\nOur live coverage will begin shortly.\nNo updates yet"},
    passes={"text": f"{_BODY}\n\nLive coverage continues tomorrow."},
    characters=100,
)
def flag_live_shells(frame: Frame, characters: int) -> Mask:
    """Flag tickers, scoreboards and streams that hold no text."""
    return _flag(frame, "live-shell", characters)


@check(
    "page/lorem-ipsum",
    severity="error",
    fields=("body",),
    message="the text is a placeholder",
    remedy="drop it: the page was never written",
    fails={
        "text": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore."
    },
    passes={"text": f"{_BODY} The printer had set “lorem ipsum dolor sit amet” on every page."},
    characters=200,
)
def flag_placeholders(frame: Frame, characters: int) -> Mask:
    """Flag dummy texts and the first pages of new installations."""
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
    """Flag offers of a domain and default pages of servers."""
    return _flag(frame, "parked-domain", characters)


@check(
    "page/machine-error",
    severity="error",
    fields=("body",),
    message="the text is a program's error, or a template that was never filled",
    remedy="scrape the address again, or drop it",
    fails={"text": "Fatal error: Uncaught Error: Call to undefined function in /srv/site/index.php on line 7"},
    passes={"text": f"{_BODY} The timetable read “undefined” for an hour."},
    characters=100,
)
def flag_machine_errors(frame: Frame, characters: int) -> Mask:
    """Flag stack traces, database errors, raw answers of services, and variables without a value."""
    return _flag(frame, "machine-error", characters)


@check(
    "page/listing",
    severity="warning",
    fields=("body",),
    message="this is a list of articles, not one",
    remedy="follow its links instead",
    fails={"text": "Latest news\nFerry late\n4 May 2024\nKey in net\n3 May 2024\nChain cut\n2 May 2024\nNext page"},
    passes={"text": f"{_BODY}\n\nLatest news\nKey found in net"},
    lines=4,
)  # fmt: skip
def flag_listings(frame: Frame, lines: int) -> Mask:
    """Flag short lines under a heading of lists, with the marks of lists (pages, dates, "more") and without prose."""
    found = np.zeros(len(frame), np.bool_)
    bodies = [(row, parts) for row, parts in _short_lined(frame) if len(parts) >= lines]
    all_marks, all_heads = (find_lines("listing", key, [parts for _, parts in bodies]) for key in ("words", "phrases"))
    for (row, parts), marks, heads in zip(bodies, all_marks, all_heads, strict=True):
        titles = sum(15 <= len(part) <= 140 and part[-1] not in ".!?。！？,;:" for part in parts)
        enough = (
            marks >= max(3, 0.3 * len(parts)) or heads >= 2 or (heads and marks) or titles >= max(5, 0.6 * len(parts))
        )
        found[row] = bool(enough)
    return found


@check(
    "page/gallery",
    severity="warning",
    fields=("body",),
    message="this is a gallery without a text",
    remedy="drop it, or keep the captions alone",
    fails={"text": "1 / 3\nPhoto: Marta Lindqvist\n2 / 3\nPhoto: Marta Lindqvist\n3 / 3"},
    passes={"text": f"Photo: Marta Lindqvist\n{_BODY}"},
    share=0.25,
)
def flag_galleries(frame: Frame, share: float) -> Mask:
    """Flag bodies of which a share of the lines counts or credits pictures, without paragraphs between them."""
    found = np.zeros(len(frame), np.bool_)
    bodies = [
        (row, parts) for row, text in candidates(frame, "gallery", "words") if not _has_paragraph(parts := _lines(text))
    ]
    all_marks = find_lines("gallery", "words", [parts for _, parts in bodies])
    all_heads = find_lines("gallery", "phrases", [parts[:12] for _, parts in bodies])
    for (row, parts), marks, heads in zip(bodies, all_marks, all_heads, strict=True):
        found[row] = marks > 0 and bool(marks >= max(2, share * len(parts)) or heads)
    return found | _flag_weakly(frame, "gallery")


def _short_lined(frame: Frame) -> list[tuple[int, list[str]]]:
    """Give the rows, and the lines without quotations, of bodies that have several and no paragraph."""
    bodies = short_bodies(frame)
    chosen = np.flatnonzero((bodies.feeds >= 3) & ~bodies.paragraphs)
    texts = bodies.texts.take(pa.array(chosen)).to_pylist()
    lined = zip(bodies.rows[chosen].tolist(), map(_lines, texts), strict=True)
    return [(row, parts) for row, parts in lined if not _has_paragraph(parts)]


def _lines(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n") if part.strip()]


def _has_paragraph(parts: list[str]) -> bool:
    """Say whether a line has several sentences, or a long one."""
    return any(len(part) >= LONG_LINE and part[-1] in '.!?。！？”"»' for part in parts) or any(
        (len(part) > 8 and len(_NEXT_SENTENCE.findall(part)) >= 2)
        or (len(part) >= 50 and not part.isascii() and WIDE.search(part) is not None)
        for part in parts
    )
