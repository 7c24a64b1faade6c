"""Checks of texts for language-model corpora, with their published thresholds.

Gopher: Rae et al. 2021, "Scaling Language Models", appendix A.1. C4: Raffel et al. 2020, "Exploring the Limits of
Transfer Learning", section 2.2. FineWeb: Penedo et al. 2024, "The FineWeb Datasets", section 3.6.

The thresholds of Gopher and C4 were made for English. Shares of lines apply to any language. For scripts without
spaces between words, the number of words is estimated from the letters, and their length is not checked. For scripts
without punctuation at the end of a sentence, sentences are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..declare import check
from ..frame import Frame, mask

if TYPE_CHECKING:
    from ...byte_arrays import Ints, Mask

_GOPHER = "Gopher (Rae et al. 2021), appendix A.1"
_C4 = "C4 (Raffel et al. 2020), section 2.2"
_FINEWEB = "FineWeb (Penedo et al. 2024), section 3.6"
_ONE = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain. "
_TWO = "By noon the fishermen had gathered on the pier, and one of them told the others of another such day. "
_BODY = (
    _ONE + _TWO
) * 2 + "In the evening the chain lay on the stones. The ferry crossed the sound with its lamps lit."
_CHINESE = (
    "渡轮星期一晚了一个小时才离开码头，因为没有人找得到铁链的钥匙。港口的工人说，暴风雨的时候有人把铁链放在水里，后来就再也没有"
    "见过那把钥匙。到了中午，渔民们聚集在防波堤上，一位补了三十年渔网的妇人告诉他们，她的祖父曾经为了同一把钥匙等了四天。晚上，铁链"
    "终于躺在石头上，渡轮亮着灯穿过了海峡。孩子们在岸边向它挥手。"
)
_THAI = (
    "เรือข้ามฟากออกจากท่าช้าไปหนึ่งชั่วโมงในวันจันทร์ เพราะไม่มีใครหากุญแจของโซ่ที่ขวางปากอ่าวพบ ตอนเที่ยงชาวประมงมารวมตัวกัน"
    "ที่ท่าเรือ และหญิงคนหนึ่งซึ่งซ่อมอวนที่นั่นมาสามสิบปีเล่าว่าปู่ของเธอเคยรอกุญแจดอกเดียวกันนี้ถึงสี่วัน ในตอนเย็นโซ่ก็ถูกวางไว้บนก้อนหิน"
    " และเรือก็แล่นข้ามช่องแคบพร้อมกับเปิดไฟสว่าง"
)
_STOP_WORDS = r"(?i)\b(?:the|be|to|of|and|that|have|with)\b"
_UNSTOPPED = r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
_LETTERS_A_WORD = {r"\p{Han}": 1.6, r"[\p{Hiragana}\p{Katakana}]": 2.2, _UNSTOPPED: 4.5}
"""The mean number of letters of a word in scripts without spaces between words."""
_HANGUL = range(0xEA, 0xEE)  # first bytes of the syllables of Korean
_LEADS = range(0xE0, 0xEA)  # the letters of these scripts, and of some others, begin with one of these bytes
_MOSTLY = 0.3  # share of the letters in a body of such a script; the rest may be digits, spaces and names


class _Lines:
    """The lines of all bodies without the blank ones: for each line its text and the row of its body."""

    def __init__(self, frame: Frame) -> None:
        parts = pc.split_pattern(frame.body, "\n")
        row = np.asarray(pc.list_parent_indices(parts))
        lines = pc.utf8_trim_whitespace(pc.list_flatten(parts))
        full = np.asarray(pc.binary_length(lines).to_numpy(zero_copy_only=False)) > 0
        self.count = len(frame)
        self.row: Ints = row[full]
        self.text: Any = lines.filter(pa.array(full))

    @cached_property
    def total(self) -> Ints:
        """The number of lines of each body, at least 1."""
        return np.maximum(np.bincount(self.row, minlength=self.count), 1)

    @cached_property
    def length(self) -> Ints:
        """The length of each line in code points."""
        return np.asarray(pc.utf8_length(self.text).to_numpy(zero_copy_only=False), np.int64)

    def share(self, chosen: Mask) -> npt.NDArray[np.float64]:
        """Return the share of the chosen lines in each body."""
        counts: npt.NDArray[np.float64] = np.bincount(self.row[chosen], minlength=self.count) / self.total
        return counts

    def matching(self, pattern: str) -> npt.NDArray[np.float64]:
        """Return the share of the lines in each body that match a pattern."""
        return self.share(mask(pc.match_substring_regex(self.text, pattern)))

    @cached_property
    def repeated(self) -> Mask:
        """Which lines occur earlier in the same body.

        Equal lines have equal codes. With 5 different lines, line 3 in body 2 is the pair 2 * 5 + 3 = 13. The first
        line of each pair is new, all others are repeated.
        """
        codes = np.asarray(self.text.dictionary_encode().indices, np.int64)
        pair = self.row * (codes.max() + 1 if len(codes) else 1) + codes
        repeated = np.ones(len(pair), np.bool_)
        repeated[np.unique(pair, return_index=True)[1]] = False
        return repeated


def _lines(frame: Frame) -> _Lines:
    """Return the lines of a frame, split once for all checks."""
    return frame.memo("lines", _Lines)


@dataclass(frozen=True)
class _Words:
    """The words of each body, and the bodies in scripts without spaces or without full stops."""

    count: Ints
    unspaced: Mask
    unstopped: Mask


def _words(frame: Frame) -> _Words:
    """Return the number of words of each body, counted once for all checks."""
    return frame.memo("words", _count_words)


def _count_words(frame: Frame) -> _Words:
    count = np.array(frame.column("word_count").to_numpy(zero_copy_only=False), np.int64)
    unspaced, unstopped = np.zeros((2, len(frame)), np.bool_)
    rows = np.flatnonzero(frame.count(_LEADS) > _MOSTLY * frame.length)
    if len(rows):
        texts = frame.body.take(pa.array(rows))
        letters = {script: _count_matches(texts, script) for script in _LETTERS_A_WORD}
        unspaced[rows] = sum(letters.values()) > _MOSTLY * frame.length[rows]
        unstopped[rows] = letters[_UNSTOPPED] > _MOSTLY * frame.length[rows]
        estimate = sum(letters[script] / length for script, length in _LETTERS_A_WORD.items())
        count[rows] = np.where(unspaced[rows], np.maximum(count[rows], estimate), count[rows])
    return _Words(count, unspaced, unstopped)


def _count_matches(texts: pa.LargeStringArray, pattern: str) -> Ints:
    return np.asarray(pc.count_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), np.int64)


@check(
    "corpus/words",
    severity="error",
    fields=("body",),
    message="the body has fewer than {least:,} or more than {most:,} words",
    remedy="leave the record out of a training set",
    fails={"text": _ONE},
    passes=[{"text": _BODY}, {"text": _CHINESE}, {"text": _THAI}],
    source=_GOPHER,
    least=50,
    most=100_000,
)
def flag_word_count(frame: Frame, least: int, most: int) -> Mask:
    """Flag bodies with too few or too many words."""
    words = _words(frame).count
    return (words < least) | (words > most)


@check(
    "corpus/word-length",
    severity="error",
    fields=("body",),
    message="the mean word length is not between {least} and {most} characters",
    remedy="leave the record out of a training set",
    fails={"text": "Donaudampfschifffahrtsgesellschaftskapitän Rindfleischetikettierungsgesetz " * 30},
    passes=[{"text": _BODY}, {"text": _CHINESE}, {"text": _THAI}],
    source=_GOPHER,
    least=3,
    most=10,
)
def flag_word_length(frame: Frame, least: float, most: float) -> Mask:
    """Flag bodies whose words are too short or too long. Texts in scripts without spaces pass.

    A word of Korean has fewer characters, because each is a syllable: there, the least is 60 % of the usual one.
    """
    words = _words(frame)
    is_korean = 3 * frame.count(_HANGUL) > frame.length
    mean = (frame.length - frame.count(b" \t\n\r\x0b\x0c")) / np.maximum(words.count, 1)
    found: Mask = ((mean < np.where(is_korean, 0.6 * least, least)) | (mean > most)) & ~frame.blank & ~words.unspaced
    return found


@check(
    "corpus/symbol-ratio",
    severity="error",
    fields=("body",),
    message="more than {ratio:.0%} of the words come with a hash sign or an ellipsis",
    remedy="leave the record out of a training set",
    fails={"text": "#ferry #quay … the chain ... was #cut … on #Monday"},
    passes=[{"text": _BODY}, {"text": f"{_CHINESE}他们说……"}],
    source=_GOPHER,
    ratio=0.1,
)
def flag_symbol_ratio(frame: Frame, ratio: float) -> Mask:
    """Flag bodies full of hash tags or ellipses."""
    words = np.maximum(_words(frame).count, 1)
    ellipses = _count_matches(frame.body, r"\.\.\.|…")
    found: Mask = (frame.count(b"#") / words > ratio) | (ellipses / words > ratio)
    return found


@check(
    "corpus/bullets",
    severity="error",
    fields=("body",),
    message="more than {share:.0%} of the lines start with a bullet",
    remedy="leave the record out of a training set",
    fails={"text": "\n".join(f"• {_ONE}" for _ in range(6))},
    passes={"text": f"• {_ONE}\n{_TWO}"},
    source=_GOPHER,
    share=0.9,
)
def flag_bullets(frame: Frame, share: float) -> Mask:
    """Flag bulleted lists."""
    found: Mask = _lines(frame).matching(r"^[•‣▪●◦*–-]\s?") > share
    return found


@check(
    "corpus/ellipsis-lines",
    severity="error",
    fields=("body",),
    message="more than {share:.0%} of the lines end with an ellipsis",
    remedy="leave the record out of a training set",
    fails={"text": f"{_ONE[:60]}…\n{_TWO[:60]}...\n{_ONE}"},
    passes={"text": f"{_ONE[:60]}…\n{_ONE}\n{_TWO}\n{_ONE}"},
    source=_GOPHER,
    share=0.3,
)
def flag_ellipsis_lines(frame: Frame, share: float) -> Mask:
    """Flag lists of teasers."""
    found: Mask = _lines(frame).matching(r"(?:…|\.\.\.)$") > share
    return found


@check(
    "corpus/alphabetic-words",
    severity="error",
    fields=("body",),
    message="fewer than {share:.0%} of the words contain a letter",
    remedy="leave the record out of a training set",
    fails={"text": "12 4 – 88 | 7 ferry 3 + 9 = 12 quay 44 8 : 9 chain 2 2 2 5 6 7"},
    passes={"text": _BODY},
    source=_GOPHER,
    share=0.8,
)
def flag_wordless(frame: Frame, share: float) -> Mask:
    """Flag tables of numbers and lines of symbols."""
    words = _words(frame).count
    found = np.zeros(len(frame), np.bool_)
    rows = np.flatnonzero(words > 0)
    without_letter = _count_matches(frame.body.take(pa.array(rows)), r"(?:^|\s)[^\pL\s]+(?:\s|$)")
    # two words in a row share the white space between them, so the pattern may count only every second one
    suspects = rows[without_letter * 2 > (1 - share) * words[rows]]
    for row in suspects.tolist():
        parts = frame.body[row].as_py().split()
        found[row] = sum(any(map(str.isalpha, part)) for part in parts) < share * len(parts)
    return found


@check(
    "corpus/stop-words",
    severity="error",
    fields=("body",),
    message="fewer than {count} of the eight most common English words occur in the body",
    remedy="leave the record out of an English training set",
    fails={"text": "Ferry Monday quay key chain harbour lamps stones sound", "language": "en"},
    passes={"text": _BODY, "language": "en"},
    source=_GOPHER,
    count=2,
)
def flag_stop_words(frame: Frame, count: int) -> Mask:
    """Flag English bodies that are not made of sentences. Records in other languages, or without one, pass."""
    english = mask(pc.match_substring_regex(frame.column("language"), r"(?i)^en(?:-|$)"))
    found = np.zeros(len(frame), np.bool_)
    rows = np.flatnonzero(english)
    if len(rows):
        found[rows] = _count_matches(frame.body.take(pa.array(rows)), _STOP_WORDS) < count
    return found


@check(
    "corpus/duplicate-lines",
    severity="error",
    fields=("body",),
    message="more than {share:.0%} of the lines, or {characters:.0%} of the characters, repeat earlier lines",
    remedy="leave the record out of a training set",
    fails={"text": f"{_ONE}\n{_TWO}\n{_ONE}\n{_TWO}\n{_ONE}"},
    passes={"text": f"{_ONE}\n{_TWO}"},
    source=_GOPHER,
    share=0.3,
    characters=0.2,
)
def flag_duplicate_lines(frame: Frame, share: float, characters: float) -> Mask:
    """Flag bodies that repeat lines."""
    lines = _lines(frame)
    repeated = np.bincount(lines.row, lines.length * lines.repeated, minlength=len(frame))
    found: Mask = (lines.share(lines.repeated) > share) | (repeated > characters * np.maximum(frame.length, 1))
    return found


@check(
    "corpus/sentences",
    severity="error",
    fields=("body",),
    message="the body has fewer than {count} sentences",
    remedy="leave the record out of a training set",
    fails={"text": _ONE + _TWO},
    passes=[{"text": _BODY}, {"text": _CHINESE}, {"text": _THAI}],
    source=_C4,
    count=5,
)
def flag_few_sentences(frame: Frame, count: int) -> Mask:
    """Flag bodies with few sentences, counted by their final punctuation. Thai, Lao and Khmer texts pass."""
    found: Mask = _count_matches(frame.body, r"""[.!?]["'’”»)\]]*(?:\s|$)|[。！？।؟]""") < count
    return found & ~_words(frame).unstopped


@check(
    "corpus/braces",
    severity="error",
    fields=("body",),
    message="the body contains a curly bracket, as code does",
    remedy="leave the record out of a training set of prose",
    fails={"text": f"{_BODY} {{ margin: 0 }}"},
    passes={"text": _BODY},
    source=_C4,
)
def flag_braces(frame: Frame) -> Mask:
    """Flag bodies that contain code."""
    return frame.holds(b"{")


@check(
    "corpus/line-punctuation",
    severity="error",
    fields=("body",),
    message="fewer than {share:.0%} of the lines end with punctuation",
    remedy="leave the record out of a training set",
    fails={"text": f"Harbour\nFerries\nTimetables\nPrices\nWeather\nTides\nJobs\nContact us\n{_ONE}"},
    passes=[{"text": f"{_ONE}\n{_TWO}\nHarbour"}, {"text": _CHINESE}, {"text": _THAI}],
    source=_FINEWEB,
    share=0.12,
)  # fmt: skip
def flag_line_punctuation(frame: Frame, share: float) -> Mask:
    """Flag menus and lists. Thai, Lao and Khmer texts pass."""
    found: Mask = (_lines(frame).matching(r"""[.!?…。！？।؟]["'’”»)\]]*$""") < share) & ~frame.blank
    return found & ~_words(frame).unstopped


@check(
    "corpus/short-lines",
    severity="error",
    fields=("body",),
    message="at least {share:.0%} of the lines have {characters} characters or fewer",
    remedy="leave the record out of a training set",
    fails={"text": f"Harbour\nFerries\nTides\n{_ONE}"},
    passes={"text": f"Harbour\n{_ONE}\n{_TWO}"},
    source=_FINEWEB,
    share=0.67,
    characters=30,
)
def flag_short_lines(frame: Frame, share: float, characters: int) -> Mask:
    """Flag bodies that consist of short lines."""
    lines = _lines(frame)
    found: Mask = (lines.share(lines.length <= characters) >= share) & ~frame.blank
    return found
