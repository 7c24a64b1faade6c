"""The reference implementation: slow and obvious, one text at a time, one line at a time, one pattern at a time.

It says what the kernel must do. It shares with the kernel what a rule is (the patterns' translation, the pure
functions of code rules, the sets of characters) and nothing of how rules are run.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import regex

from copydesk.cleaner.kernel.entries import _SENTENCE, _STAMP, LEAST_ENTRIES, PROSE_SHARE
from copydesk.cleaner.kernel.verse import LEAST_COMMAS, LEAST_RUNS
from copydesk.rules.patterns.alphabet import (
    CLOSED_END,
    CLOSERS,
    COLONS,
    DECORATION,
    QUOTES,
    WHITE,
    flatten,
    flatten_with_offsets,
    initial,
    is_prose,
)
from copydesk.rules.patterns.dialect import translate
from copydesk.rules.ruleset.page import Page
from copydesk.rules.ruleset.ruleset import EDGES, Ruleset

if TYPE_CHECKING:
    from copydesk.rules.ruleset.model import PhraseRule

LINE_END = re.compile("\r\n|\n|\r|\u2028|\u2029")
MAX_BYTES = 240
BELOW_PROSE = 200
BELOW_SHARE = 3


@dataclass(eq=False)
class Line:
    number: int
    begin: int
    stop: int
    text: str
    hits: list[PhraseRule]
    prose: bool
    rule: str | None = None
    group: object = None


Edited = tuple[str, int, int, str]  # rule, start, end, what stands there now


@dataclass
class Result:
    clean: str
    edits: list[Edited]
    headlines: list[str] = field(default_factory=list)
    source_name: str | None = None


def split_lines(text: str) -> list[tuple[int, int]]:
    """Return (begin, stop) of every line, blank ones too."""
    bounds, at = [], 0
    for match in LINE_END.finditer(text):
        bounds.append((at, match.start()))
        at = match.end()
    return [*bounds, (at, len(text))]


@cache
def compiled(pattern: str):
    return regex.compile(translate(pattern))


def whole_match(rule: PhraseRule, core: str) -> bool:
    flat = flatten(core)
    if any(compiled(pattern).fullmatch(flat) for pattern in rule.unless):
        return False
    return any(compiled(pattern).fullmatch(flat) for pattern in rule.match)


def right_end(rule: PhraseRule, line: str) -> bool:
    last = line.rstrip(CLOSERS)[-1:]
    return {"any": True, "colon": bool(last) and last in COLONS, "open": not last or last not in CLOSED_END}[rule.ends]


class Reference:
    def __init__(self, ruleset: Ruleset) -> None:
        self.whole = [rule for rule in ruleset.phrases if rule.where != "inline"]
        self.inline = [rule for rule in ruleset.phrases if rule.where == "inline"]
        self.page_rules = [rule for rule in ruleset.page_rules if not rule.site_templates]  # there are none here
        self.repairs = ruleset.repairs
        self._mending = {info.id for rule in self.repairs for info in rule.infos}
        # `regex.fullmatch` with a few hundred patterns a line is too slow even for this: a line that no pattern can
        # match is found out with one alternation first
        self._any = regex.compile("|".join(f"(?:{translate(p)})" for rule in self.whole for p in rule.match) or "(?!)")
        self._memo: dict[str, list[PhraseRule]] = {}

    def hits(self, core: str) -> list[PhraseRule]:
        longest = 2 * MAX_BYTES if core.encode()[:1] == b"\xe0" else MAX_BYTES
        if not core or len(core.encode()) > longest or not self._any.fullmatch(flatten(core)):
            return []
        if core not in self._memo:
            self._memo[core] = [rule for rule in self.whole if whole_match(rule, core)]
        return self._memo[core]

    def clean(self, text: str, title: str | None = None) -> Result:
        result, inline = self._mend_and_cut(text, title)
        # rounds of cuts inside lines: the edits of a later round are taken back through those of the earlier ones
        for _ in range(16):
            if not inline:
                break
            again, inline = self._mend_and_cut(result.clean, title)
            headlines = result.headlines + [h for h in again.headlines if h not in result.headlines]
            edits = join(result.edits, again.edits, self._mending)
            result = Result(again.clean, edits, headlines, result.source_name or again.source_name)
        return result

    def _mend_and_cut(self, text: str, title: str | None) -> tuple[Result, bool]:
        mended, repairs = self.mend(text)
        result, inline = self._round(mended, title)
        result.edits = join(repairs, result.edits, self._mending)
        return result, inline

    def mend(self, text: str) -> tuple[str, list[Edited]]:
        """Ask each rule about each line, until none has anything more to say."""
        edits: list[Edited] = []
        for _ in range(16):
            before = text
            for rule in self.repairs:
                found = []
                for begin, stop in split_lines(text):
                    news = rule.find(text[begin:stop])
                    found += [(new.rule, begin + new.start, begin + new.end, new.after) for new in news]
                text, edits = apply(text, found), join(edits, found, self._mending)
            if text == before:
                break
        return text, edits

    def _round(self, text: str, title: str | None) -> tuple[Result, bool]:
        lines = []
        for number, (begin, stop) in enumerate(split_lines(text)):
            stripped = text[begin:stop].strip(WHITE)
            if stripped:
                hits = [] if stripped[0] in QUOTES else self.hits(stripped.strip(DECORATION))
                hits = [rule for rule in hits if right_end(rule, stripped)]
                lines.append(Line(number, begin, stop, stripped, hits, not hits and is_prose(stripped)))
        spare_stamps(lines)
        spare_verse(lines)
        headlines: list[str] = []
        source: str | None = None
        while True:
            while self._cut_phrases(lines):
                pass
            fired = False
            alive = [line for line in lines if line.rule is None]
            seen = page(alive, lines, title)
            for rule in self.page_rules:
                outcome = rule(seen)
                new = [outcome.headline] if outcome.headline else []
                headlines += [h for h in (*new, *outcome.alt_headlines) if h not in headlines]
                source = source or outcome.source_name
                for cut in outcome.cuts:
                    if alive[cut.line].rule is None:
                        alive[cut.line].rule = cut.rule
                        fired = True
            if not fired:
                break
        edits = line_edits(text, lines)
        inline = []
        for line in lines:
            if line.rule is not None:
                continue
            base = text.index(line.text, line.begin)
            spans = []
            for rule in self.inline:
                flat, at = flatten_with_offsets(line.text)
                if any(compiled(p).search(flat) for p in rule.unless):
                    continue
                joined = "|".join(f"(?:{translate(p)})" for p in rule.match)
                found = [m.span() for m in regex.finditer(joined, flat)]
                spans += [(at[start], at[end], rule.id) for start, end in found if start < end]
            last = 0
            order = {rule.id: i for i, rule in enumerate(self.inline)}
            for start, end, rule_id in sorted(spans, key=lambda s: (s[0], s[1], order[s[2]])):
                if start >= last:
                    inline.append((rule_id, base + start, base + end))
                    last = end
        cuts = [(rule, start, end, "") for rule, start, end in sorted([*edits, *inline], key=lambda e: (e[1], e[2]))]
        return Result(apply(text, cuts), cuts, headlines, source), bool(inline)

    def _cut_phrases(self, lines: list[Line]) -> bool:
        """Cut what rules find in the lines that are left; return whether anything was cut."""
        alive = [line for line in lines if line.rule is None]
        prose = [i for i, line in enumerate(alive) if line.prose]
        first, last = (prose[0], prose[-1]) if prose else (len(alive), -1)
        size = [len(line.text.encode()) if line.prose else 0 for line in alive]
        chosen: list[tuple[int, PhraseRule]] = []
        below: tuple[int, PhraseRule] | None = None
        for i, line in enumerate(alive):
            for rule in line.hits:
                head, tail = i < first, i > last
                if rule.where == "below":
                    above, rest = sum(size[:i]), sum(size[i:])
                    enough = above >= BELOW_PROSE and rest * BELOW_SHARE <= above
                    if below is None and enough and long_enough(alive, i, rule, first, last):
                        below = (i, rule)
                    continue
                inside = {"anywhere": True, "head": head, "tail": tail, "margin": head or tail}[rule.where]
                if inside and long_enough(alive, i, rule, first, last):
                    chosen.append((i, rule))
        for i, rule in chosen:
            if alive[i].rule is None:
                alive[i].rule = rule.id
        if below is not None:
            for line in alive[below[0] :]:
                if line.rule is None:
                    line.rule, line.group = below[1].id, below
        return bool(chosen) or below is not None


def spare_stamps(lines: list[Line]) -> None:
    """Take the hits of time stamps away in a live blog: see `cleaner/kernel/entries.py`."""
    heads = [i for i, line in enumerate(lines) if _STAMP.match(line.text)]
    blank = {i for i in range(1, len(lines)) if lines[i].number - lines[i - 1].number > 1}

    def end_of(i: int) -> int:
        return next((k for k in range(i + 1, len(lines)) if k in blank or k in heads), len(lines))

    told = 0
    for head in heads:
        end = end_of(head)
        if end == head + 1 and end < len(lines) and end not in heads:
            end = end_of(end)
        told += any(_SENTENCE.search(line.text) for line in lines[head:end])
    if len(heads) >= LEAST_ENTRIES and told >= PROSE_SHARE * len(heads):
        for head in heads:
            lines[head].hits, lines[head].prose = [], is_prose(lines[head].text)


def spare_verse(lines: list[Line]) -> None:
    """Take the hits of words in verse away: see `cleaner/kernel/verse.py`."""
    unknown = [not line.hits for line in lines]
    commas = [line.text[-1] in ",;" and new for line, new in zip(lines, unknown, strict=True)]
    small = [line.text[0] in string.ascii_lowercase and new for line, new in zip(lines, unknown, strict=True)]
    runs = [comma or follows for comma, follows in zip(commas, [*small, False][1:], strict=True)]
    if sum(commas) < LEAST_COMMAS or sum(runs) < LEAST_RUNS or any(is_prose(line.text) for line in lines):
        return
    for i, line in enumerate(lines):
        if len(line.text.split()) == 1 and all(unknown[max(i - 1, 0) : i] + unknown[i + 1 : i + 2]):
            line.hits, line.prose = [], is_prose(line.text)


def long_enough(alive: list[Line], i: int, rule: PhraseRule, first_prose: int, last_prose: int) -> bool:
    """Return whether line i stands in a run of lines of the rule's family that is long enough.

    Outside of the prose, a line that a rule of the family cuts alone counts as two.
    """
    if rule.min_run == 1:
        return True

    def of_family(line: Line) -> bool:
        return any(hit.family == rule.family for hit in line.hits)

    def weight(at: int) -> int:
        alone = any(hit.family == rule.family and hit.min_run == 1 for hit in alive[at].hits)
        return 2 if alone and not first_prose <= at <= last_prose else 1

    first = last = i
    while first > 0 and of_family(alive[first - 1]):
        first -= 1
    while last + 1 < len(alive) and of_family(alive[last + 1]):
        last += 1
    return sum(weight(at) for at in range(first, last + 1)) >= rule.min_run


def page(alive: list[Line], lines: list[Line], title: str | None) -> Page:
    gaps = [1] * len(alive)
    at = {id(line): i for i, line in enumerate(lines)}
    for k in range(1, len(alive)):
        a, b = at[id(alive[k - 1])], at[id(alive[k])]
        gaps[k] = max(lines[a + 1].number - lines[a].number, lines[b].number - lines[b - 1].number)
    texts = [line.text for line in alive]
    prose = [line.prose for line in alive]
    sizes = [len(text.encode()) for text in texts]
    cut: dict[int, list[str]] = {}
    position = 0
    for line in lines:
        if line.rule is None:
            position += 1
        else:
            cut.setdefault(position, []).append(line.rule)
    head = prose.index(True) if any(prose) else 0
    return Page(texts, gaps, prose, sizes, list(map(initial, texts)), head, title, cut=cut)


def line_edits(text: str, lines: list[Line]) -> list[tuple[str, int, int]]:
    """Return the edits of whole lines, and what is left over at the ends of the text."""
    if not lines:
        return [(EDGES, 0, len(text))] if text else []
    spans: list[tuple[str, int, int, object]] = []
    i = 0
    while i < len(lines):
        if lines[i].rule is None:
            i += 1
            continue
        j = i
        while j + 1 < len(lines) and lines[j + 1].rule is not None:
            j += 1
        before, after = (lines[i - 1] if i else None), (lines[j + 1] if j + 1 < len(lines) else None)
        if before and after:
            backward = after.number - lines[j].number > lines[i].number - before.number
        else:
            backward = before is not None
        for k in range(i, j + 1):
            if backward:
                start, end = lines[k - 1].stop, lines[k].stop
            else:
                start = lines[k].begin
                end = lines[k + 1].begin if k + 1 < len(lines) else len(text)
            if k == 0:
                start = 0
            if k == len(lines) - 1:
                end = len(text)
            group = lines[k].group
            if spans and group is not None and spans[-1][3] is group:
                spans[-1] = (spans[-1][0], spans[-1][1], end, group)
            else:
                spans.append((lines[k].rule or "", start, end, group))
        i = j + 1
    edits = [(rule, start, end) for rule, start, end, _ in spans]
    alive = [line for line in lines if line.rule is None]
    if alive:
        head, tail = alive[0], alive[-1]
        edits += [(EDGES, 0, head.begin)] if head is lines[0] and head.begin else []
        if tail is lines[-1] and tail.stop < len(text):
            edits.append((EDGES, tail.stop, len(text)))
    return edits


def apply(text: str, edits: list[Edited]) -> str:
    pieces, at = [], 0
    for _, start, end, after in edits:
        pieces += [text[at:start], after]
        at = end
    return "".join([*pieces, text[at:]])


def join(first: list[Edited], second: list[Edited], repairs: set[str]) -> list[Edited]:
    """Return the edits of both rounds with raw offsets, cell by cell of the text between them.

    Each of its code points is a raw one or one that an edit of the first round wrote. Edits of the second round that
    touch what one edit wrote are one edit with it, and it with them.
    """
    cells: list[tuple[int, int, int | None, str]] = []  # raw start and end, number of the edit that wrote it, character
    gaps: dict[int, list[int]] = {}  # edits of the first round that left nothing, by where they left it
    at = 0
    for number, (_, start, end, after) in enumerate(first):
        cells += [(raw, raw + 1, None, "") for raw in range(at, start)]
        cells += [(start, end, number, character) for character in after]
        if not after:
            gaps.setdefault(len(cells), []).append(number)
        at = end
    longest = max((end for _, _, end, _ in second), default=0)
    cells += [(raw, raw + 1, None, "") for raw in range(at, at + longest + 1)]
    groups: list[tuple[list[Edited], set[int]]] = []
    for edit in second:
        _, start, end, _ = edit
        owners = {owner for *_, owner, _ in cells[start:end] if owner is not None}
        if groups and owners & groups[-1][1]:
            groups[-1][0].append(edit)
            groups[-1][1].update(owners)
        else:
            groups.append(([edit], owners))
    result: list[Edited] = []
    taken: set[int] = set()
    for edits, owners in groups:
        taken |= owners
        low = min([edits[0][1], *(i for i, cell in enumerate(cells) if cell[2] in owners)])
        high = max([edits[-1][2], *(i + 1 for i, cell in enumerate(cells) if cell[2] in owners)])
        rule, begin, written = edits[0][0], cells[low][0], ""
        for i in range(low, high):
            for number in gaps.get(i, []) if i > low else []:
                if first[number][0] in repairs:
                    taken.add(number)
                    continue
                if first[number][1] > begin:
                    result.append((rule, begin, first[number][1], written))
                    written = ""
                begin = first[number][2]
            written += "".join(after for _, start, _, after in edits if start == i)
            if not any(start <= i < end for _, start, end, _ in edits):
                written += cells[i][3]
        result.append((rule, begin, cells[high - 1][1], written))
    result += [edit for number, edit in enumerate(first) if number not in taken]
    return sorted(result, key=lambda e: (e[1], e[2]))
