"""Prompts within flow, such as "Also read: New library opens in June": the label and its headline are one line.

The phrase rules say what a label is. What stands behind it in one long line is found here: a short sentence, or the
words up to the place where a line most likely ended. In scripts without capitals such a place is not sure enough, so
that only a sentence counts there, and a prompt whose end nobody can tell stays whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ....rules.code.prompts import reads_like_headline, reads_like_headline_sentence
from ..arrays import ranges, unite
from ..lines.split import merge_lines, split
from ..match.zones import PhraseHits, find_hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.split import Lines
    from ..match.matcher import Phrases
    from .flow import Places

LABEL, PROMPT = "related/prompt-label", "related/prompt"
LABEL_BYTES = 64  # at most of a label
HEADLINE_BYTES = 260  # at most of its headline
LEAST_BYTES = 12  # of a headline
REST_BYTES = 40  # at least of the sentence that a headline without a full stop runs into
BEGIN = -3.0  # least score of the place before a label inside of a sentence
OVER_SENTENCE = 0.3  # score from which on a headline ends within what looks like a short sentence
OVER_CAPITALS = 2.5  # the same where each long word begins with a capital
SHORT, SLOPE = 60, 0.05  # characters of a short sentence, and by how much the score is lower for each further one
LIKELY = -6.5  # least score of the end of a headline
IN_WIDE = -1.5  # the same where spaces part no words
SMALL_LETTERS = 3  # letters at most of a word that is small among capitals
_COLONS = (ord(":"), 0x9A)  # the last bytes of a colon, and of one of full width
_SPACES = (0x20, 0xE3)  # first bytes of white space that parts words of Chinese and Japanese
_LINKS = frozenset(
    "a al am an and at au aux av aus bei by com con da das de degli dei del della dem den der des di die do du e el en "
    "et ett for från för from für het i il im in ke la las le les lo los med met mit na no o of on op os para par per "
    "por på pour pada seit since sur te the tháng thứ to um un una und une van vào voor vom von with y zu zum zur à és "
    "do od v w we z ze za u s k o po ve в во на с со из от и о об по для за к у την τον το τη του της στο στη στην από "
    "και για με ngày dari dan di untuk".split()
)
"""Words that belong to the word behind them, so that no headline ends in one."""


@dataclass(frozen=True)
class Prompts:
    """Prompts as spans `[begin, end)` in bytes of a buffer, the rule that cuts each, and where undecided ones begin."""

    begin: Ints
    end: Ints
    rule: Ints
    undecided: Ints

    def bounds(self, places: Places) -> tuple[Ints, Ints]:
        """Return the places where lines must end so that each prompt is a line, without those that are sure anyway."""
        wanted = np.isin(places.after, self.begin) | np.isin(places.stop, self.end)
        index = np.flatnonzero(wanted & ~places.sure)
        return places.stop[index], places.after[index]

    def join(self, lines: Lines, hits: PhraseHits) -> tuple[Lines, PhraseHits]:
        """Return lines in which each prompt is one, and the hits with the rule that cuts it."""
        first = np.searchsorted(lines.start, self.begin)
        last = np.searchsorted(lines.end, self.end)
        whole = (first < len(lines)) & (last < len(lines)) & (first <= last)
        first, last, rule = first[whole], last[whole], self.rule[whole]
        whole = (lines.start[first] == self.begin[whole]) & (lines.end[last] == self.end[whole])
        first, last, rule = first[whole], last[whole], rule[whole]
        if not len(first):
            return lines, hits
        opens = np.ones(len(lines), np.bool_)
        opens[ranges(first + 1, last - first)] = False
        of_prompts = np.zeros(len(lines), np.bool_)
        of_prompts[ranges(first, last - first + 1)] = True
        hits = _drop(hits, of_prompts[hits.line])
        number = np.cumsum(opens) - 1
        line, rule = np.concatenate([number[hits.line], number[first]]), np.concatenate([hits.rule, rule])
        order = np.lexsort((rule, line))
        failures = [(int(number[at]), failure) for at, failure in hits.failures]
        return merge_lines(lines, np.flatnonzero(opens)), PhraseHits(line[order], rule[order], failures)

    def leave_undecided(self, lines: Lines, hits: PhraseHits) -> PhraseHits:
        """Return the hits without those on lines that begin with a prompt whose end nobody can tell."""
        return _drop(hits, np.isin(lines.start[hits.line], self.undecided))


def _drop(hits: PhraseHits, dropped: Mask) -> PhraseHits:
    """Return the hits without some."""
    return PhraseHits(hits.line[~dropped], hits.rule[~dropped], hits.failures) if dropped.any() else hits


def find_prompts(lines: Lines, flow: Mask, hits: PhraseHits, places: Places, groups: Sequence[Phrases]) -> Prompts:
    """Find the prompts of the flow texts of a batch."""
    rules = _find_rules(groups)
    begin, end, rule = _find_labels(lines, flow, places, groups, rules)
    stops = _find_stops(lines, hits)
    columns: list[tuple[int, int, int]] = []
    undecided: list[int] = []
    for start, label_end, number in zip(begin.tolist(), end.tolist(), rule.tolist(), strict=True):
        if columns and start < columns[-1][1]:
            continue
        stop = stops[np.searchsorted(stops, label_end, side="left")]
        headline_end = _Headline(lines.data, label_end, int(stop), places).find_end()
        if headline_end:
            columns.append((start, headline_end, number))
        elif headline_end is None:
            undecided.append(start)
    found = np.array(columns, np.int64).reshape(-1, 3)
    return Prompts(found[:, 0], found[:, 1], found[:, 2], np.array(undecided, np.int64))


def _find_rules(groups: Sequence[Phrases]) -> dict[int, int]:
    """Return the rules of labels, each with the rule of the prompts of its language, by number."""
    numbers = {rule_id: number for phrases in groups for rule_id, number in phrases.numbers.items()}
    labels = {rule_id: number for rule_id, number in numbers.items() if rule_id.startswith(LABEL)}
    return {number: numbers.get(rule_id.replace(LABEL, PROMPT, 1), number) for rule_id, number in labels.items()}


def _find_labels(
    lines: Lines, flow: Mask, places: Places, groups: Sequence[Phrases], rules: dict[int, int]
) -> tuple[Ints, Ints, Ints]:
    """Return the labels in flow as spans `[begin, end)` that end behind a colon, and the rule of their prompts."""
    data = lines.data
    colon = np.flatnonzero((data == _COLONS[0]) | ((data == _COLONS[1]) & (np.roll(data, 1) == 0xBC)))
    line = np.searchsorted(lines.start, colon, side="right") - 1
    inside = (line >= 0) & (colon < lines.end[line])
    inside[inside] = flow[lines.row[line[inside]]]
    colon = colon[inside & (data[np.minimum(colon + 1, len(data) - 1)] != ord("/"))] + 1
    opens = unite(places.after[places.sentence | (places.score > BEGIN)], lines.start)
    first, last = np.searchsorted(opens, colon - LABEL_BYTES), np.searchsorted(opens, colon)
    begin, end = opens[ranges(first, last - first)], np.repeat(colon, last - first)
    text_begin = lines.text_start[np.searchsorted(lines.text_start, end, side="right") - 1]
    fits = begin >= text_begin
    begin, end = begin[fits], end[fits]
    rule = _look_up(data, begin, end, groups, rules)
    known = rule >= 0
    begin, end, rule = begin[known], end[known], rule[known]
    _, longest = np.unique(end, return_index=True)  # the first one of each colon
    return begin[longest], end[longest], rule[longest]


def _look_up(data: Bytes, begin: Ints, end: Ints, groups: Sequence[Phrases], rules: dict[int, int]) -> Ints:
    """Return for each span the rule of the prompts whose label it is, or -1. Equal spans are looked up once."""
    size = end - begin
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data[ranges(begin, size)])]
    texts = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(begin), buffers).dictionary_encode()
    found = split(texts.dictionary.cast(pa.large_string()))
    rule_of = np.full(len(texts.dictionary), -1, np.int64)
    hits = find_hits(found, groups)
    for row, number in zip(found.row[hits.line].tolist(), hits.rule.tolist(), strict=True):
        if number in rules:
            rule_of[row] = rules[number]
    of_span: Ints = rule_of[texts.indices.to_numpy()]
    return of_span


def _find_stops(lines: Lines, hits: PhraseHits) -> Ints:
    """Return where no headline goes on: at physical line ends, and at lines that a rule knows."""
    feeds = np.flatnonzero(lines.data == 10)
    return unite(feeds, lines.start[hits.line], np.array([len(lines.data)]))


def _least(text: str) -> float:
    """Return the score from which on a headline surely ends. It is higher among capitals."""
    capitals = all(word[:1].isupper() for word in text.split() if len(word) > SMALL_LETTERS)
    return OVER_CAPITALS if capitals else OVER_SENTENCE


def _follows_initial(data: Bytes, stop: Ints) -> Mask:
    """Return which places follow an initial such as that in "U. S."."""
    third, second, first = (data[np.maximum(stop - k, 0)] for k in (3, 2, 1))
    follows: Mask = (third <= ord(" ")) & (second - np.uint8(65) < 26) & (first == ord("."))
    return follows


class _Headline:
    """What stands behind a label, up to `stop` at most."""

    def __init__(self, data: Bytes, label_end: int, stop: int, places: Places) -> None:
        self._data = data
        self._begin = label_end + (data[label_end : label_end + 1] == 32).sum()
        limit = min(stop, self._begin + HEADLINE_BYTES)
        self._closed = stop <= limit
        self._limit = limit
        first = int(np.searchsorted(places.after, self._begin + LEAST_BYTES))
        last = int(np.searchsorted(places.after, limit, side="right"))
        sentence = np.flatnonzero(places.sentence[first:last] & ~_follows_initial(data, places.stop[first:last]))
        self._full_stop = int(places.stop[first + sentence[0]]) if len(sentence) else None
        index = np.arange(first, first + sentence[0] if len(sentence) else last)
        index = index[~places.small[index]]
        self._stops, self._scores = places.stop[index], places.score[index]

    def find_end(self) -> int | None:
        """Return where the headline ends, 0 if there is none, and None if nobody can tell."""
        opening = self._text(self._begin, self._limit)[:1]
        cased = opening.isdigit() or opening.lower() != opening.upper()
        sentence_end = self._full_stop
        if sentence_end is None and self._closed:
            sentence_end = self._trim(self._limit)
        if opening.islower() or not opening:
            return 0
        inner, score = self._find_inner(cased, self._text(self._begin, self._limit))
        if sentence_end is not None:
            text = self._text(self._begin, sentence_end)
            over = score >= _least(text) - SLOPE * max(len(text) - SHORT, 0)
            if not over and (reads_like_headline(text) or reads_like_headline_sentence(text)):
                return sentence_end
        return inner if inner else (0 if cased else None)

    def _find_inner(self, cased: bool, text: str) -> tuple[int, float]:
        """Return the place before the next sentence where the headline most likely ends, and its score; 0 if none."""
        best, best_score = 0, -np.inf
        wide = not cased and text[:1] >= "\u3040" and not "\uac00" <= text[:1] <= "\ud7a3"
        if not cased and not wide:
            return best, best_score
        for stop, score in zip(self._stops.tolist(), self._scores.tolist(), strict=True):
            headline = self._text(self._begin, stop)
            if wide and self._data[stop] in _SPACES and reads_like_headline(headline):
                return stop, OVER_CAPITALS
            if (
                score > best_score
                and best_score < OVER_SENTENCE
                and reads_like_headline(headline)
                and headline.split()[-1].lower() not in _LINKS
            ):
                best, best_score = stop, score
        if best and (best_score < (IN_WIDE if wide else LIKELY) or not self._has_rest(best)):
            return 0, -np.inf
        return best, best_score

    def _has_rest(self, stop: int) -> bool:
        """Return whether enough text follows for a sentence."""
        end = self._full_stop if self._full_stop is not None else self._limit
        return end - stop >= REST_BYTES or (self._full_stop is None and self._closed)

    def _trim(self, end: int) -> int:
        """Return the end of the text before a place, without white space."""
        while end > self._begin and self._data[end - 1] in b" \r\n\t":
            end -= 1
        return end

    def _text(self, begin: int, end: int) -> str:
        return self._data[begin:end].tobytes().decode(errors="ignore")
