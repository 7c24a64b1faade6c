"""The patterns of pages.toml: read, compiled for `regex`, and loosened for Hyperscan.

Each kind of page has up to three lists of patterns:

- `phrases`: only such pages contain these, outside of quotations.
- `weak`: such pages contain these, but articles do as well. They count only in short bodies without prose.
- `words`: a sentence that contains one of these belongs to the page and does not count as prose.

For a gallery and a list of articles, `words` and `phrases` describe single lines instead.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import hyperscan
import regex

from ...cache.multi_pattern import Scanner, load_scanner
from ...cache.regexes import LazyPatterns
from ...cache.toml_files import parse_own

if TYPE_CHECKING:
    from collections.abc import Iterable

QUOTING = frozenset(("machine-error",))
"""Kinds whose phrases count inside of quotations too: the output of programs is full of quotation marks."""
_SCANNED_KEYS = {"gallery": ("words", "weak"), "listing": ()}
# One part of a pattern: an escaped character, a class, a gap such as `[^.!?\n]{0,50}`, or one character.
_TOKEN = regex.compile(r"\\.|\[\^?(?:\\.|[^\]\\])*\](?:\{0,\d+\})?|.", regex.DOTALL)
# Words that are in every text. If one of them alone can begin a pattern, Hyperscan checks its rest again and again.
_COMMON = regex.compile(r"(?<![\w ])(?:the|this|our|we|us|use|an\?|you|live|tekst)(?![\w ])")


class PagePattern(NamedTuple):
    """A pattern, the kind of page that it belongs to, and its key: `phrases`, `weak` or `words`."""

    kind: str
    key: str
    expression: str


@lru_cache(maxsize=1)
def read_patterns() -> dict[str, dict[str, list[str]]]:
    """Return the patterns of pages.toml by kind and key. A pattern that is a list of parts is joined."""
    kinds = parse_own([Path(__file__).with_name("pages.toml").read_bytes()])[0]
    return {
        kind: {key: ["".join(entry) for entry in entries] for key, entries in keys.items()}
        for kind, keys in kinds.items()
    }


def load_pattern(kind: str, key: str) -> regex.Pattern[str]:
    """Return the patterns of a kind (`error`, …) and a key (`phrases`, `words`, `weak`) as one."""
    numbers, patterns = _load_joined()
    pattern: regex.Pattern[str] = patterns[numbers[kind, key]]
    return pattern


@lru_cache(maxsize=1)
def _load_joined() -> tuple[dict[tuple[str, str], int], LazyPatterns]:
    lists = {(kind, key): entries for kind, keys in read_patterns().items() for key, entries in keys.items()}
    expressions = ["(?im)" + "|".join(f"(?:{entry})" for entry in entries) for entries in lists.values()]
    numbers = {names: number for number, names in enumerate(lists)}
    return numbers, LazyPatterns(expressions)


@lru_cache
def compile_entry(expression: str) -> regex.Pattern[str]:
    """Compile one entry of a list by itself, which searches faster than the whole list."""
    return regex.compile(f"(?im){expression}")


@lru_cache
def list_scanned(*, quoting: bool) -> list[PagePattern]:
    """Return all patterns that `load_page_scanner` looks for. Weak ones are joined: they are counted together."""
    scanned = []
    for kind, keys in read_patterns().items():
        if (kind in QUOTING) != quoting:
            continue
        for key in _SCANNED_KEYS.get(kind, ("phrases", "weak")):
            entries = keys.get(key, [])
            joined = ["|".join(entries)] if key == "weak" and entries else entries
            scanned += [PagePattern(kind, key, entry) for entry in joined]
    return scanned


@lru_cache
def load_page_scanner(*, quoting: bool) -> Scanner:
    """Return the scanner of `list_scanned`, whose numbers are positions in that list."""
    return _load_scanner(pattern.expression for pattern in list_scanned(quoting=quoting))


@lru_cache
def load_line_scanner(kind: str, key: str) -> Scanner:
    """Return the scanner of one list, for lines."""
    return _load_scanner(read_patterns()[kind][key])


def _load_scanner(expressions: Iterable[str]) -> Scanner:
    flags = hyperscan.HS_FLAG_CASELESS, hyperscan.HS_FLAG_MULTILINE
    return load_scanner("pages", tuple(expressions), *flags, loosen=loosen_pattern, code=__file__)


def loosen_pattern(pattern: str) -> str:
    r"""Return a pattern for Hyperscan that matches wherever this one does, and possibly elsewhere.

    Hyperscan knows the classes \w, \d, \s and the ends of words only for ASCII, and long gaps are slow in it.

    >>> print(loosen_pattern(r"seite[^.!?\n]{0,60}fehlt\b"))
    seite[^.!?\n]*fehlt\b
    >>> print(loosen_pattern(r"\bошибка\b|erreur \d"))
    ошибка|erreur [\d\x{80}-\x{10ffff}]
    >>> print(loosen_pattern(r"(?:the|full)[^.!?\n]{0,40}articles|lorem"))
    articles|lorem
    """
    loose = "|".join(_without_common_start(alternative) for alternative in _split_alternatives(pattern))
    for step in (_loosen_gaps, _drop_foreign_boundaries, _widen_classes):
        loose = step(loose)
    return loose


def _loosen_gaps(pattern: str) -> str:
    """Replace long limits by none: `{0,60}` becomes `*`, `{1,80}` becomes `+`."""
    loose: str = regex.sub(r"\{1,\d\d+\}", "+", regex.sub(r"\{0,\d\d+\}", "*", pattern))
    return loose


def _drop_foreign_boundaries(pattern: str) -> str:
    r"""Remove each \b that is not beside an ASCII letter or digit: Hyperscan sees no end of a word there."""
    loose: str = regex.sub(r"(?<!(?<!\\)[A-Za-z0-9])\\b(?![A-Za-z0-9])", "", pattern)
    return loose


def _widen_classes(pattern: str) -> str:
    r"""Add all characters beyond ASCII to \w, \d and \s, first inside of brackets, then outside."""
    inside = regex.sub(r"(\[\^?[^\]\[]*)\\([wds])", r"\1\\\2\\x{80}-\\x{10ffff}", pattern)
    loose: str = regex.sub(r"(?<!\[[^\]]*)\\([wds])", r"[\\\1\\x{80}-\\x{10ffff}]", inside)
    return loose


def _split_alternatives(pattern: str) -> list[list[str]]:
    r"""Split a pattern at `|` outside of groups, and each alternative at its gaps.

    >>> _split_alternatives("the (?:full|whole)[^.]{0,9}story|lorem")
    [['the (?:full|whole)', '[^.]{0,9}', 'story'], ['lorem']]
    """
    alternatives: list[list[str]] = [[""]]
    depth = 0
    for token in _TOKEN.findall(pattern):
        depth += (token == "(") - (token == ")")
        if depth == 0 and token == "|":
            alternatives.append([""])
        elif depth == 0 and token.startswith("[^") and token.endswith("}"):
            alternatives[-1] += [token, ""]
        else:
            alternatives[-1][-1] += token
    return alternatives


def _without_common_start(alternative: list[str]) -> str:
    """Return an alternative without the parts before a gap that can be a common word alone."""
    while len(alternative) > 1 and _COMMON.search(alternative[0]):
        alternative = alternative[2:]
    return "".join(alternative)
