"""Records as code rules see them, and which of them a code rule must see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ...rules.ruleset.model import Page

if TYPE_CHECKING:
    from ...rules.ruleset.model import CodeRule
    from ...schemas.byte_arrays import Ints
    from .lines.remaining import RemainingLines
    from .site_templates import Templates
    from .types import RecordContext

T = TypeVar("T")


def rows_for(
    code: CodeRule,
    standing: RemainingLines,
    cut: Ints,
    known: Sequence[RecordContext] | None,
    rows: Ints | None,
    templates: Templates | None,
) -> list[int]:
    """Give the texts, of `rows` or of all, that a code rule must see; `cut` are the lines that rules it follows cut."""
    wanted = np.ones(standing.lines.rows, np.bool_)
    if code.corpus:
        wanted[:] = [templates is not None and templates.knows(about.host) for about in known or ()] or False
    if code.max_head is not None:
        wanted = standing.headed(code.max_head)
        if known is not None:
            wanted |= np.fromiter((about.title is not None for about in known), np.bool_, len(known))
    if code.repeats:
        wanted &= standing.repeating
    if code.follows:
        last = np.full(len(wanted), -1, np.int64)
        last[standing.lines.row[standing.index]] = standing.index
        row = standing.lines.row[cut]
        followed = np.zeros_like(wanted)
        followed[row[cut < last[row]]] = True
        wanted &= followed
    if rows is not None:
        only = np.zeros_like(wanted)
        only[rows] = True
        wanted &= only
    found: list[int] = np.flatnonzero(wanted).tolist()
    return found


def make_page(
    standing: RemainingLines,
    row: int,
    index: Ints,
    about: RecordContext,
    cut: Ints,
    rules: Sequence[str],
    templates: Templates | None,
) -> Page:
    """Show the standing lines `index` of a text to a code rule; `cut` are lines of the text that `rules` cut."""
    lines = standing.lines
    size = len(index)
    before: dict[int, list[str]] = {}
    for position, rule in zip(np.searchsorted(index, cut).tolist(), rules, strict=True):
        before.setdefault(position, []).append(rule)
    return Page(
        texts=_Lazy(size, lambda at: lines.text(int(index[at]))),
        gaps=_Lazy(size, lambda at: int(standing.gap(index[at - 1], index[at])) if at else 1),
        prose=standing.prose[index].tolist(),
        sizes=(lines.end[index] - lines.start[index]).tolist(),
        initials=standing.lines.initials[index].tolist(),
        head=int(standing.head[row]),
        title=about.title,
        source_name=about.source_name,
        source_domain=about.source_domain,
        cut=before,
        recurring=_Lazy(size, lambda at: templates.find(about.host, lines.text(int(index[at])))) if templates else (),
    )


class _Lazy(Sequence[T]):
    """What is known of some lines, worked out one by one when it is looked at."""

    def __init__(self, size: int, find: Callable[[int], T]) -> None:
        self._size = size
        self._find = find
        self._seen: dict[int, T] = {}

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: int) -> T:  # type: ignore[override]  # slices are not needed by rules
        if at not in self._seen:
            if not 0 <= at < self._size:
                raise IndexError(at)
            self._seen[at] = self._find(at)
        return self._seen[at]
