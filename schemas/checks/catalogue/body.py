"""Checks of the body: its length, what it consists of, how it ends, and what it repeats."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import hyperscan
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

from ...byte_arrays import encoded, row_sums
from ...cache.multi_pattern import load_scanner
from ..declare import check
from ..frame import Frame, mask
from ..misread import misread_values
from ..text.minhash import SIMILARITY, near_kind
from ..text.sentences import find_repeated_endings

if TYPE_CHECKING:
    from ...byte_arrays import Mask
    from ..declare import Details

_BODY = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain. "
    "By noon the fishermen had gathered on the pier, and a woman who mends nets told them that her grandfather had "
    "once waited four days for the same key."
)
_OTHER = "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound."
_DIGITS = range(0x30, 0x3A)
_UPPER, _LOWER = range(0x41, 0x5B), range(0x61, 0x7B)
_SPACE = b" \t\n\r\x0b\x0c"
_SYMBOLS = b"#$%&*+/<=>@[\\]^_`{|}~"
_CASED_LEADS = bytes([*range(0xC3, 0xD7), 0xE1, 0xEA, 0xEF, 0xF0])  # first bytes of letters that have two cases
_LAST_CASED = 0x1E944  # no letter above this code point has two cases
_UNKNOWN = 255
_KNOWN_CASES = np.full(_LAST_CASED + 1, _UNKNOWN, np.uint8)  # the case of each code point, filled on first use
_OPEN = r"[.!?,;。，、][^\n]{20,}[^\n]$"  # RE2 knows too few letters: `_LETTER` checks the last one
_LETTER = regex.compile(r"[\p{L}\p{N},،，、;(–-]")
_MARK = np.isin(np.arange(256), list(b" .!?:'\")]}*/|\\%$#@&+=<>_~`^"))  # a text that ends in one is not cut off
_LEAD = range(0xC0, 0x100)


def _exceeds(frame: Frame, values: bytes | range, share: float) -> Mask:
    """Return the bodies in which certain ASCII characters make up more than a share of all but white space.

    `values` are the bytes of these characters.
    """
    solid = np.maximum(frame.length - frame.count(_SPACE), 1)
    exceeds: Mask = frame.count(values) > share * solid
    return exceeds


@check(
    "body/empty",
    severity="error",
    fields=("body",),
    message="the body is empty",
    remedy="check the extractor: it found no text",
    fails={"text": " \n "},
    passes={"text": _BODY},
)
def flag_empty(frame: Frame) -> Mask | Details:
    """Flag bodies that are empty or only white space, and say so if the record has something else than a text."""
    misread = misread_values(frame, {"body"})
    if not misread:
        return frame.blank
    return {row: misread.get(row, [("body", "the body is empty")]) for row in np.flatnonzero(frame.blank).tolist()}


@check(
    "body/too-short",
    severity="error",
    fields=("body",),
    message="the body has fewer than {characters} characters",
    remedy="drop the record, or scrape the page again",
    fails={"text": "The ferry left."},
    passes={"text": "The ferry left the quay an hour late."},
    characters=25,
)
def flag_too_short(frame: Frame, characters: int) -> Mask:
    """Flag bodies that are too short for any article."""
    return (frame.length < characters) & ~frame.blank


@check(
    "body/short",
    severity="warning",
    fields=("body",),
    message="the body has fewer than {characters} characters",
    remedy="check whether the article is a stub",
    fails={"text": _OTHER},
    passes={"text": _BODY},
    characters=200,
)
def flag_short(frame: Frame, characters: int) -> Mask:
    """Flag bodies that may be stubs."""
    return (frame.length < characters) & ~frame.blank


@check(
    "body/too-long",
    severity="warning",
    fields=("body",),
    message="the body has more than {characters:,} characters",
    remedy="check whether the text holds several articles or a whole page",
    fails={"text": "\n".join(f"{_BODY} That was day {day}." for day in range(1200))},
    passes={"text": _BODY},
    characters=200_000,
)
def flag_too_long(frame: Frame, characters: int) -> Mask:
    """Flag bodies that are too long for one article."""
    return frame.length > characters


@check(
    "body/left-over",
    severity="warning",
    fields=("body",),
    message="at least {lines} lines between the paragraphs look like boilerplate",
    remedy="run `copydesk explain` on the record to see them",
    fails={"text": f"{_BODY}\n12 Comments\n{_BODY}\nYou may also like\n{_OTHER} {_BODY}\nNewsletter\n{_BODY}"},
    passes={"text": f"{_BODY}\n{_OTHER}"},
    lines=3,
)
def flag_left_over(frame: Frame, lines: int) -> Mask:
    """Flag bodies with lines that a rule recognises but does not cut at their place."""
    return frame.known_but_kept >= lines if frame.known_but_kept is not None else np.zeros(len(frame), np.bool_)


@check(
    "body/boilerplate",
    severity="warning",
    fields=("body",),
    message="the body still contains boilerplate ({cuts} or more cuts)",
    remedy="run `copydesk clean` on it",
    fails={"text": f"{_BODY}\n\nLeave a Comment\nScroll to Top"},
    passes={"text": f"{_BODY}\u00a0It was\u200b noon."},
    cuts=1,
)
def flag_boilerplate(frame: Frame, cuts: int) -> Mask:
    """Flag bodies that were not cleaned: the rules would still cut something."""
    return frame.would_cut >= cuts if frame.would_cut is not None else np.zeros(len(frame), np.bool_)


@check(
    "body/digits",
    severity="warning",
    fields=("body",),
    message="more than {share:.0%} of the characters are digits",
    remedy="check whether the text is a table",
    fails={"text": "1 204 88 17 2 940 33 12 7 501 9 66 21 4 87 120 5 5 19 87 23 71 Ostwick 4 12 Skarnes 3 9"},
    passes={"text": f"{_BODY} It was 12 May 1904."},
    share=0.3,
)
def flag_digits(frame: Frame, share: float) -> Mask:
    """Flag tables, timetables and lists of results."""
    return _exceeds(frame, _DIGITS, share)


@check(
    "body/symbols",
    severity="warning",
    fields=("body",),
    message="more than {share:.0%} of the characters are symbols",
    remedy="check whether the text is markup, code or encoded data",
    fails={"text": "<%= @page %> {{ #each }} ## == || && $$ %% [[ ]] ~~ ++ ** <> { } = { } |= & ^ $ ferry"},
    passes={"text": f"{_BODY} 4 % of them (*) paid $3."},
    share=0.15,
)
def flag_symbols(frame: Frame, share: float) -> Mask:
    """Flag code, markup and other content that is not text."""
    return _exceeds(frame, _SYMBOLS, share)


@check(
    "body/upper-case",
    severity="warning",
    fields=("body",),
    message="more than {share:.0%} of the letters are capitals",
    remedy="check whether the text is a menu or an agency telegram",
    fails={"text": _BODY.upper()},
    passes={"text": f"SKARNES: {_BODY}"},
    share=0.6,
)
def flag_upper_case(frame: Frame, share: float) -> Mask:
    """Flag bodies in capitals. Texts that are not in the Latin alphabet are judged by their first 2,000 code points."""
    upper, lower = frame.count(_UPPER), frame.count(_LOWER)
    latin = upper + lower > frame.count(_LEAD)
    found = latin & (upper > share * (upper + lower)) & (upper > 0)
    others = ~latin & (upper + frame.count(_CASED_LEADS) > 20)
    found[others] = _are_capitals(frame.body.filter(pa.array(others)), share)
    return found


def _are_capitals(texts: pa.LargeStringArray, share: float) -> Mask:
    """Return the texts in which more than a share of the letters are capitals, in any alphabet."""
    texts = pc.utf8_slice_codeunits(texts, 0, 2000)
    # one array of code points for all texts; `offsets` are the bounds of each text in it
    codes = np.frombuffer("".join(texts.to_pylist()).encode("utf-32-le"), np.uint32)
    cases = _find_cases(np.minimum(codes, _LAST_CASED))
    offsets = np.append(0, np.cumsum(pc.utf8_length(texts).to_numpy()))
    high, low = (row_sums(cases == case, offsets) for case in (1, 2))
    found: Mask = (high > share * (high + low)) & (high > 20)
    return found


def _find_cases(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return 1 for each code point that is a capital letter, 2 for a small letter, 0 for others."""
    seen = np.zeros(len(_KNOWN_CASES), np.bool_)
    seen[codes] = True
    for code in np.flatnonzero(seen & (_KNOWN_CASES == _UNKNOWN)).tolist():
        _KNOWN_CASES[code] = {"Lu": 1, "Ll": 2}.get(unicodedata.category(chr(code)), 0)
    return _KNOWN_CASES[codes]


@check(
    "body/no-sentence",
    severity="warning",
    fields=("body",),
    message="the body contains no sentence",
    remedy="check whether the text is a menu, a table or a list",
    fails={"text": "Home\nNews\nHarbour\nFerries\nTimetables\nPrices\nWeather\nTides\nContact\nJobs"},
    passes={"text": _OTHER},
    characters=60,
)
def flag_no_sentence(frame: Frame, characters: int) -> Mask:
    """Flag bodies in which no sentence ends. Texts in scripts without a full stop (Thai, Lao, Khmer) pass."""
    sentence = (
        r"""[\pL\pN)\]"'’”»“%][.!?…][.!?…)\]"'’”»“]*(?:\s|\[|$)|[。！？।॥؟۔։።…｡]"""
        r"|[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
    )
    among = (frame.length >= characters) & ~frame.blank
    return among & ~frame.matches(sentence, among)


@check(
    "body/cut-off",
    severity="warning",
    fields=("body",),
    message="the body ends in the middle of a sentence",
    remedy="check whether the scraper limits the length of texts",
    fails={"text": _BODY[:-14]},
    passes={"text": f"{_BODY}\n\nMarta Lindqvist"},
    characters=80,
)
def flag_cut_off(frame: Frame, characters: int) -> Mask:
    """Flag bodies whose last line is long and ends without punctuation."""
    found = np.zeros(len(frame), np.bool_)
    data, ends = encoded(frame.endings)
    last = data[ends[1:] - 1] if len(data) else np.zeros(len(frame), np.uint8)
    rows = np.flatnonzero(~_MARK[last] & (np.diff(ends) > 0))
    endings = frame.endings.take(pa.array(rows))
    line = rf"[^\n]{{{max(min(characters, 190), 0)}}}$"
    open_line = pc.and_(pc.match_substring_regex(endings, line), pc.match_substring_regex(endings, _OPEN))
    rows, endings = rows[mask(open_line)], endings.filter(open_line)
    letters = pc.utf8_slice_codeunits(endings, -1, 2**31).dictionary_encode()
    is_open = np.array([_LETTER.match(letter) is not None for letter in letters.dictionary.to_pylist()], np.bool_)
    found[rows] = is_open[np.asarray(letters.indices)]
    return found


_MORE = (
    r"read (?:more|on|the (?:rest|full (?:story|article)).{0,30})|continue reading.{0,40}|see (?:full|more)"
    r"|weiterlesen|mehr lesen|lire (?:la suite|plus)|leer m[áa]s|seguir leyendo|leggi (?:tutto|di pi[uù]|altro)"
    r"|l[ei][ei]?a mais|continue lendo|lees (?:meer|verder)|czytaj (?:więcej|dalej)|читать (?:далее|полностью)"
    r"|διαβάστε περισσότερα|阅读(?:全文|更多)|閱讀(?:全文|更多)|続きを読む"
    r"|\[\+\d+ char(?:acter)?s"
)
_TEASER = regex.compile(
    rf"(?i)(?:\[\s*(?:…|\.\.\.)\s*\]|[\p{{L}},]\s?(?:…|\.\.\.)|(?:^|[\s(\[«»→>])(?:{_MORE}))[\s)\]»→>.…]*\Z"
)


@check(
    "body/teaser",
    severity="warning",
    fields=("body",),
    message="the body ends with an ellipsis or with a link to read more",
    remedy="scrape the page itself: a feed or a list holds only the beginning",
    fails={"text": f"{_BODY} In the evening the chain […]"},
    passes={"text": f"{_BODY} “And then …,” she said."},
)
def flag_teaser(frame: Frame) -> Mask:
    """Flag the beginnings of articles whose rest is on another page."""
    found = np.zeros(len(frame), np.bool_)
    # finds the words anywhere in the last line; `_TEASER` checks that they come last
    scanner = load_scanner("endings", (rf"{_MORE}|…|\.\.\.",), hyperscan.HS_FLAG_CASELESS)
    data, ends = encoded(frame.endings)
    for row in np.unique(scanner.scan(data, ends[1:])[0]).tolist():
        found[row] = _TEASER.search(frame.endings[row].as_py()) is not None
    return found & ~frame.blank


_MAX_SENTENCE = 400  # bytes
_MARKS = (b".", b"!", b"?", b"\n", b"\xe3\x80\x82")
_SENTENCE_END = re.compile(rb"[.!?\n]|\xe3\x80\x82")


@check(
    "body/repeated-sentence",
    severity="warning",
    fields=("body",),
    message="one sentence occurs {times} or more times and makes up at least {share:.0%} of the body",
    remedy="check whether the page repeats a notice, or the scraper a paragraph",
    fails={"text": f"{_OTHER} " * 6},
    passes={"text": f"{_BODY} {_OTHER}"},
    times=5,
    share=0.2,
)
def flag_repeated_sentences(frame: Frame, times: int, share: float) -> Mask:
    """Flag bodies that repeat one sentence. The sentences at five places of the text are tried."""
    found = np.zeros(len(frame), np.bool_)
    data, offsets = frame.encoded
    for row in find_repeated_endings(data, offsets, times):
        text = data[offsets[row] : offsets[row + 1]].tobytes()
        found[row] = any(
            _is_repeated(text, _sentence_around(text, len(text) * tenth // 10), times, share)
            for tenth in (1, 3, 5, 7, 9)
        )
    return found


def _is_repeated(text: bytes, sentence: bytes, times: int, share: float) -> bool:
    if len(sentence) < 20 or sentence.count(b" ") < 2:
        return False
    count = text.count(sentence)
    return count >= times and count * len(sentence) >= share * len(text)


def _sentence_around(text: bytes, position: int) -> bytes:
    """Return the sentence around a position, with at most `_MAX_SENTENCE` bytes before it."""
    low = max(position - _MAX_SENTENCE, 0)
    start = max(low, *(text.rfind(mark, low, position) + len(mark) for mark in _MARKS))
    end = _SENTENCE_END.search(text, position)
    return text[start : end.start() if end else len(text)].strip()


@check(
    "body/duplicate",
    severity="warning",
    fields=("body",),
    message="an earlier record of this run has the same body",
    remedy="keep only one of the records",
    fails=[{"text": _BODY, "id": "1"}, {"text": _BODY, "id": "2"}],
    passes=[{"text": _BODY, "id": "1"}, {"text": _OTHER, "id": "2"}],
)
def flag_same_bodies(frame: Frame) -> Mask:
    """Flag bodies that are byte for byte those of an earlier record."""
    return frame.duplicate("body")


@check(
    "body/near-duplicate",
    severity="warning",
    fields=("body",),
    message="an earlier record of this run has nearly the same body (similarity of at least {similarity:.0%})",
    remedy="keep only one of the records, or set another similarity in your suite",
    fails=[{"text": f"{_BODY} {_OTHER} {_BODY.lower()}"}, {"text": f"{_BODY} {_OTHER} {_BODY.lower()} Then."}],
    passes=[{"text": _BODY, "id": "1"}, {"text": _OTHER, "id": "2"}],
    similarity=SIMILARITY,
)
def flag_nearly_same_bodies(frame: Frame, similarity: float) -> Mask:
    """Flag bodies that share at least a part of all five-word sequences with an earlier one (MinHash, 128 hashes).

    An earlier body counts only if it is no near-duplicate itself.
    """
    return frame.duplicate(near_kind(similarity))


@check(
    "language/mismatch",
    severity="warning",
    fields=("language", "body"),
    message="the body is not in the language that the record names",
    remedy="check whether the site's language was taken for the page's language",
    fails={"text": "Die Fähre verließ den Kai am Montag eine Stunde zu spät, weil niemand den Schlüssel zu der Kette "
           "finden konnte, die während des Sturms quer durch das Becken gelegt worden war.", "language": "en"},
    passes={"text": _BODY, "language": "en-GB"},
    characters=100,
)  # fmt: skip
def flag_other_language(frame: Frame, characters: int) -> Mask:
    """Flag bodies whose language, as py3langid detects it, is not the declared one. Short bodies pass."""
    from ..text.language import DETECTED, detect, primary

    declared = primary(frame.column("language"))
    found = np.zeros(len(frame), np.bool_)
    own = mask(pc.is_valid(declared)) & ~frame.assumed("language", DETECTED)
    rows = np.flatnonzero((frame.length >= characters) & own)
    if len(rows):
        detected = detect(frame.body.take(pa.array(rows)))
        differs = pc.not_equal(detected.language, declared.take(pa.array(rows)))
        found[rows] = mask(pc.and_kleene(detected.sure, differs))
    return found
