"""Patterns that come from files of anybody: compiled under limits, and searched under a time limit."""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections import defaultdict
from functools import lru_cache
from typing import Any

import regex

MAX_LENGTH = 2000  # characters of one pattern
SECONDS = 1.0  # for one text, and for each further million characters of it
BUDGET = 5.0  # seconds that a pattern may take in one process beyond what is free
_FREE = 1e-6  # seconds a character
_MILLION = 1_000_000
# Braces that are not a repeat: plain text in Python's `re`, a fuzzy match in `regex`.
_LOOSE_BRACE = re.compile(r"(?<!\\)(?:\\\\)*\{(?!\d+(?:,\d*)?\}|,\d+\})")
_log = logging.getLogger("copydesk")
_spent: defaultdict[str, float] = defaultdict(float)


@lru_cache(maxsize=2048)
def compile_safely(pattern: str) -> Any:
    """Compile a pattern in the syntax of Python's `re`.

    Raises `ValueError` for one that is no such pattern, with the rest of a sentence that begins with "the pattern".
    """
    if len(pattern) > MAX_LENGTH:
        raise ValueError(f"has {len(pattern):,} characters: write at most {MAX_LENGTH:,}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of ambiguous sets, which mean something else to `regex`
            re.compile(pattern)
        compiled = regex.compile(pattern)
    except (re.error, regex.error, Warning, ValueError, RecursionError, OverflowError, MemoryError) as error:
        raise ValueError(f"cannot be compiled: {error!s:.100}") from None
    if _LOOSE_BRACE.search(pattern):
        raise ValueError(r"has a brace that is not a repeat: write it as \{")
    return compiled


def search(pattern: str, text: str) -> bool:
    """Return whether a pattern is found in a text.

    Raises `TimeoutError` if that takes too long, and at once if the pattern has used up its time in this process.
    """
    if _spent[pattern] >= BUDGET:
        raise TimeoutError(f"it was switched off after its pattern took more than {BUDGET:g} s")
    started = time.perf_counter()
    try:
        found: bool = compile_safely(pattern).search(text, timeout=SECONDS * (1 + len(text) // _MILLION)) is not None
    except (TimeoutError, MemoryError, RecursionError):
        _charge(pattern, SECONDS)
        raise TimeoutError(f"its pattern took longer than {SECONDS:g} s on a text") from None
    excess = time.perf_counter() - started - _FREE * len(text) - _FREE * 1000
    if excess > 0:
        _charge(pattern, excess)
    return found


def _charge(pattern: str, seconds: float) -> None:
    before = _spent[pattern]
    _spent[pattern] = before + seconds
    if before < BUDGET <= before + seconds:
        shown = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
        _log.warning("the pattern %r of a check is switched off: it took more than %g s", shown, BUDGET)
