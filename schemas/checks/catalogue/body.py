"""Checks of the body: how much of it there is, what it is made of, how it ends, and whether it says things twice."""

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

from ...byte_arrays import count_bytes, encoded, row_sums
from ...cache.multi_pattern import load_scanner
from ..declare import check
from ..frame import Frame, mask
from ..text.sentences import with_same_endings

if TYPE_CHECKING:
    from ...byte_arrays import Mask

_BODY = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain. "
    "By noon the fishermen had gathered on the pier, and a woman who mends nets told them that her grandfather had "
    "once waited four days for the same key."
)
_OTHER = "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound."
_DIGITS = range(0x30, 0x3A)
_UPPER = range(0x41, 0x5B)
_SPACE = b" \t\n\r\x0b\x0c"
_SYMBOLS = b"#$%&*+/<=>@[\\]^_`{|}~"
_CASED = bytes([*range(0xC3, 0xD7), 0xE1, 0xEA, 0xEF, 0xF0])  # what letters of alphabets with capitals begin with
_LAST_CASED = 0x1E944  # the letters behind it have one case, or are none
_UNKNOWN = 255
_KNOWN_CASES = np.full(_LAST_CASED + 1, _UNKNOWN, np.uint8)  # of each code point, once it was seen
_OPEN = r"[.!?,;。，、][^\n]{20,}[^\n]$"  # of RE2, which knows fewer letters
_LETTER = regex.compile(r"[\p{L}\p{N},،，、;(–-]")
_MARK = np.isin(np.arange(256), list(b" .!?:'\")]}*/|\\%$#@&+=<>_~`^"))  # ASCII that no sentence is cut off behind
_BEYOND, _LEAD = range(0x80, 0x100), range(0xC0, 0x100)


def _exceeds(frame: Frame, values: bytes | range, share: float) -> Mask:
    """Say in which bodies more than a share of what is no white space are some characters of ASCII, not small letters.

    They are counted only where there is enough that is neither a small letter nor beyond ASCII.
    """
    found = np.zeros(len(frame), np.bool_)
    rest = frame.size - frame.small - frame.blanks
    least = share * np.maximum(frame.length - frame.blanks, 1)
    rows = np.flatnonzero(rest > least)
    rows = rows[rest[rows] - count_bytes(frame.body.take(pa.array(rows)), _BEYOND) > least[rows]]
    texts = frame.body.take(pa.array(rows))
    solid = np.maximum(frame.length[rows] - count_bytes(texts, _SPACE), 1)
    found[rows] = count_bytes(texts, values) > share * solid
    return found


@check(
    "body/empty",
    severity="error",
    fields=("body",),
    message="the body is empty",
    remedy="look at the extractor: it found no text",
    fails={"text": " \n "},
    passes={"text": _BODY},
)
def flag_empty(frame: Frame) -> Mask:
    """Flag bodies without a character in them."""
    return frame.blank


@check(
    "body/too-short",
    severity="error",
    fields=("body",),
    message="the body has fewer than {characters} characters",
    remedy="drop it, or scrape it again",
    fails={"text": "The ferry left."},
    passes={"text": "The ferry left the quay an hour late."},
    characters=25,
)
def flag_too_short(frame: Frame, characters: int) -> Mask:
    """Flag bodies that hold less than any article does."""
    return (frame.length < characters) & ~frame.blank


@check(
    "body/short",
    severity="warning",
    fields=("body",),
    message="the body has fewer than {characters} characters",
    remedy="see whether it is a stub",
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
    message="the body has more than {characters} characters",
    remedy="see whether it holds several articles, or a whole page",
    fails={"text": "\n".join(f"{_BODY} That was day {day}." for day in range(1200))},
    passes={"text": _BODY},
    characters=200_000,
)
def flag_too_long(frame: Frame, characters: int) -> Mask:
    """Flag bodies that hold more than any article does."""
    return frame.length > characters


@check(
    "body/left-over",
    severity="warning",
    fields=("body",),
    message="at least {lines} lines look like boilerplate but stand between prose",
    remedy="look at it with `copydesk explain`",
    fails={"text": f"{_BODY}\n12 Comments\n{_BODY}\nYou may also like\n{_OTHER} {_BODY}\nNewsletter\n{_BODY}"},
    passes={"text": f"{_BODY}\n{_OTHER}"},
    lines=3,
)
def flag_left_over(frame: Frame, lines: int) -> Mask:
    """Flag bodies with lines that a rule knows but does not cut where they stand."""
    return frame.known_but_kept >= lines if frame.known_but_kept is not None else np.zeros(len(frame), np.bool_)


@check(
    "body/boilerplate",
    severity="warning",
    fields=("body",),
    message="rules would make at least {cuts} cut(s) in the body",
    remedy="clean it: `copydesk clean`",
    fails={"text": f"{_BODY}\n\nLeave a Comment\nScroll to Top"},
    passes={"text": f"{_BODY}\u00a0It was\u200b noon."},
    cuts=1,
)
def flag_boilerplate(frame: Frame, cuts: int) -> Mask:
    """Flag bodies that were not cleaned: the rules find something to cut. Clean bodies never have this."""
    return frame.would_cut >= cuts if frame.would_cut is not None else np.zeros(len(frame), np.bool_)


@check(
    "body/digits",
    severity="warning",
    fields=("body",),
    message="more than {share:.0%} of the body are digits",
    remedy="see whether it is a table",
    fails={"text": "1 204 88 17 2 940 33 12 7 501 9 66 21 4 87 120 5 5 19 87 23 71 Ostwick 4 12 Skarnes 3 9"},
    passes={"text": f"{_BODY} It was 12 May 1904."},
    share=0.3,
)
def flag_digits(frame: Frame, share: float) -> Mask:
    """Flag tables, timetables and results without a text."""
    return _exceeds(frame, _DIGITS, share)


@check(
    "body/symbols",
    severity="warning",
    fields=("body",),
    message="more than {share:.0%} of the body are symbols",
    remedy="see whether it is markup, code or an encoded file",
    fails={"text": "<%= @page %> {{ #each }} ## == || && $$ %% [[ ]] ~~ ++ ** <> { } = { } |= & ^ $ ferry"},
    passes={"text": f"{_BODY} 4 % of them (*) paid $3."},
    share=0.15,
)
def flag_symbols(frame: Frame, share: float) -> Mask:
    """Flag code, markup and other things that are no text."""
    return _exceeds(frame, _SYMBOLS, share)


@check(
    "body/upper-case",
    severity="warning",
    fields=("body",),
    message="more than {share:.0%} of the letters are upper case",
    remedy="see whether it is a menu or a telegram",
    fails={"text": _BODY.upper()},
    passes={"text": f"SKARNES: {_BODY}"},
    share=0.6,
)
def flag_upper_case(frame: Frame, share: float) -> Mask:
    """Flag bodies in capitals. In alphabets other than Latin, only the first 2,000 code points are looked at."""
    found = np.zeros(len(frame), np.bool_)
    # where small letters of ASCII are the greater part, no more than half of the letters can be capitals
    rows = np.flatnonzero((2 * frame.small <= frame.size - frame.blanks) | (share < 0.5))
    texts, lower = frame.body.take(pa.array(rows)), frame.small[rows]
    upper = count_bytes(texts, _UPPER)
    latin = upper + lower > count_bytes(texts, _LEAD)
    found[rows] = latin & (upper > share * (upper + lower)) & (upper > 0)
    others = ~latin & (upper + count_bytes(texts, _CASED) > 20)
    found[rows[others]] = _in_capitals(texts.filter(pa.array(others)), share)
    return found


def _in_capitals(texts: pa.LargeStringArray, share: float) -> Mask:
    """Say of which texts more than a share of the first letters are upper case, in any alphabet."""
    texts = pc.utf8_slice_codeunits(texts, 0, 2000)
    codes = np.frombuffer("".join(texts.to_pylist()).encode("utf-32-le"), np.uint32)
    kinds = _cases(np.minimum(codes, _LAST_CASED))
    offsets = np.append(0, np.cumsum(pc.utf8_length(texts).to_numpy()))
    high, low = (row_sums(kinds == kind, offsets) for kind in (1, 2))
    found: Mask = (high > share * (high + low)) & (high > 20)
    return found


def _cases(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Give 1 for each code point that is a capital letter, 2 for one that is a small letter, else 0."""
    seen = np.zeros(len(_KNOWN_CASES), np.bool_)
    seen[codes] = True
    for code in np.flatnonzero(seen & (_KNOWN_CASES == _UNKNOWN)).tolist():
        _KNOWN_CASES[code] = {"Lu": 1, "Ll": 2}.get(unicodedata.category(chr(code)), 0)
    return _KNOWN_CASES[codes]


@check(
    "body/no-sentence",
    severity="warning",
    fields=("body",),
    message="the body has no sentence in it",
    remedy="see whether it is a menu, a table or a list",
    fails={"text": "Home\nNews\nHarbour\nFerries\nTimetables\nPrices\nWeather\nTides\nContact\nJobs"},
    passes={"text": _OTHER},
    characters=60,
)
def flag_no_sentence(frame: Frame, characters: int) -> Mask:
    """Flag bodies in which no sentence ends. Scripts that write no full stop (Thai, Lao, Khmer …) are left alone."""
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
    remedy="see whether the scraper has a limit of length",
    fails={"text": _BODY[:-14]},
    passes={"text": f"{_BODY}\n\nMarta Lindqvist"},
    characters=80,
)
def flag_cut_off(frame: Frame, characters: int) -> Mask:
    """Flag bodies whose last line is as long as prose and ends without a mark."""
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
)
_TEASER = regex.compile(
    rf"(?i)(?:\[\s*(?:…|\.\.\.)\s*\]|[\p{{L}},]\s?(?:…|\.\.\.)|(?:^|[\s(\[«»→>])(?:{_MORE}))[\s)\]»→>.…]*\Z"
)


@check(
    "body/teaser",
    severity="warning",
    fields=("body",),
    message="the body ends in an ellipsis or in an invitation to read on",
    remedy="scrape the page itself: a feed or a list gave only the beginning",
    fails={"text": f"{_BODY} In the evening the chain […]"},
    passes={"text": f"{_BODY} “And then …,” she said."},
)
def flag_teaser(frame: Frame) -> Mask:
    """Flag beginnings of articles that end where the page says more."""
    found = np.zeros(len(frame), np.bool_)
    # what must stand at the end is left to `_TEASER`
    scanner = load_scanner("endings", (rf"{_MORE}|…|\.\.\.",), hyperscan.HS_FLAG_CASELESS)
    data, ends = encoded(frame.endings)
    for row in np.unique(scanner.scan(data, ends[1:])[0]).tolist():
        found[row] = _TEASER.search(frame.endings[row].as_py()) is not None
    return found & ~frame.blank


_LONGEST = 400  # bytes of a sentence
_MARKS = (b".", b"!", b"?", b"\n", b"\xe3\x80\x82")
_SENTENCE_END = re.compile(rb"[.!?\n]|\xe3\x80\x82")


@check(
    "body/repeated-sentence",
    severity="warning",
    fields=("body",),
    message="one sentence stands {times} times or more in the body, and is at least {share:.0%} of it",
    remedy="see whether the page repeats a notice, or the scraper a paragraph",
    fails={"text": f"{_OTHER} " * 6},
    passes={"text": f"{_BODY} {_OTHER}"},
    times=5,
    share=0.2,
)
def flag_repeated_sentences(frame: Frame, times: int, share: float) -> Mask:
    """Flag bodies that say the same again and again: sentences at five places of the text are counted."""
    found = np.zeros(len(frame), np.bool_)
    data, offsets = frame.encoded
    for row in with_same_endings(data, offsets, times):
        text = data[offsets[row] : offsets[row + 1]].tobytes()
        for part in (1, 3, 5, 7, 9):
            at = len(text) * part // 10
            first = _begin(text, at)
            end = _SENTENCE_END.search(text, at)
            sentence = text[first : end.start() if end else len(text)].strip()
            if len(sentence) >= 20 and sentence.count(b" ") >= 2 and (count := text.count(sentence)) >= times:
                found[row] = count * len(sentence) >= share * len(text)
                if found[row]:
                    break
    return found


def _begin(text: bytes, at: int) -> int:
    """Give where the sentence around a place begins, or where it would if it had `_LONGEST` bytes before it."""
    low = max(at - _LONGEST, 0)
    return max(low, *(text.rfind(mark, low, at) + len(mark) for mark in _MARKS))


@check(
    "body/duplicate",
    severity="warning",
    fields=("body",),
    message="an earlier record of this run has the same body",
    remedy="keep one of them",
    fails=[{"text": _BODY, "id": "1"}, {"text": _BODY, "id": "2"}],
    passes=[{"text": _BODY, "id": "1"}, {"text": _OTHER, "id": "2"}],
)
def flag_same_bodies(frame: Frame) -> Mask:
    """Flag bodies that came before, byte for byte."""
    return frame.duplicate("body")


@check(
    "body/near-duplicate",
    severity="warning",
    fields=("body",),
    message="an earlier record of this run shares 80 % of the runs of five words in the body",
    remedy="keep one of them",
    fails=[{"text": f"{_BODY} {_OTHER} {_BODY.lower()}"}, {"text": f"{_BODY} {_OTHER} {_BODY.lower()} Then."}],
    passes=[{"text": _BODY, "id": "1"}, {"text": _OTHER, "id": "2"}],
)
def flag_nearly_same_bodies(frame: Frame) -> Mask:
    """Flag bodies of which an earlier one shares at least .8 of all runs of five words, by MinHash of 128 hashes."""
    return frame.duplicate("near")


@check(
    "body/language",
    severity="warning",
    fields=("body", "language"),
    message="the body is in another language than the record says",
    remedy="see whether the site's language was taken for that of the page",
    fails={"text": "Die Fähre verließ den Kai am Montag eine Stunde zu spät, weil niemand den Schlüssel zu der Kette "
           "finden konnte, die während des Sturms quer durch das Becken gelegt worden war.", "language": "en"},
    passes={"text": _BODY, "language": "en-GB"},
    characters=100,
)  # fmt: skip
def flag_other_language(frame: Frame, characters: int) -> Mask:
    """Flag bodies whose language, as py3langid tells it, is not the declared one; short bodies are not judged."""
    from ..text.language import detect, primary

    declared = primary(frame.column("language"))
    found = np.zeros(len(frame), np.bool_)
    rows = np.flatnonzero((frame.length >= characters) & mask(pc.is_valid(declared)))
    if len(rows):
        told = detect(frame.body.take(pa.array(rows)))
        found[rows] = mask(pc.and_kleene(told.sure, pc.not_equal(told.language, declared.take(pa.array(rows)))))
    return found
