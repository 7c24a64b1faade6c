"""Records as page rules see them, and which of them a page rule must see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...rules.ruleset.page import Page

if TYPE_CHECKING:
    from ...rules.ruleset.declare import PageRule
    from ...schemas.byte_arrays import Ints, Mask
    from .lines.remaining import RemainingLines
    from .site_templates import Templates
    from .types import RecordContext

T = TypeVar("T")


def rows_for(
    rule: PageRule,
    remaining: RemainingLines,
    cut: Ints,
    contexts: Sequence[RecordContext] | None,
    rows: Ints | None,
    templates: Templates | None,
) -> list[int]:
    """Return the texts, of `rows` or of all, that a page rule must see.

    `cut` are the lines that were cut by the rules which the rule follows.
    """
    wanted = np.ones(remaining.lines.rows, np.bool_)
    if rule.site_templates:
        wanted[:] = [templates is not None and templates.knows(c.host) for c in contexts or ()] or False
    if rule.max_head is not None:
        wanted = remaining.headed(rule.max_head, _followed(remaining, cut) if rule.follows else None)
        if rule.opened:
            wanted |= remaining.opened
        if contexts is not None:
            wanted |= np.fromiter((context.title is not None for context in contexts), np.bool_, len(contexts))
    elif rule.structured:
        wanted[:] = [context.structure is not None for context in contexts or ()] or False
    elif rule.follows:
        wanted &= _followed(remaining, _after_prose(remaining, cut, rule.after_prose))
    if rule.repeats:
        wanted &= remaining.repeating
    if rows is not None:
        only = np.zeros_like(wanted)
        only[rows] = True
        wanted &= only
    numbers: list[int] = np.flatnonzero(wanted).tolist()
    return numbers


def _after_prose(remaining: RemainingLines, cut: Ints, wanted: tuple[int, int] | None) -> Ints:
    """Return the cut lines with enough bytes of prose above them, and at most one n-th of them below."""
    if wanted is None or not len(cut):
        return cut
    least, share = wanted
    first, row = remaining.lines.first, remaining.lines.row[cut]
    before = remaining.prose_before
    above, below = before[cut] - before[first[row]], before[first[row + 1]] - before[cut]
    return cut[(above >= least) & (below * share <= above)]


def _followed(remaining: RemainingLines, cut: Ints) -> Mask:
    """Return the texts in which one of the cut lines is above the last line that is left."""
    last = np.full(remaining.lines.rows, -1, np.int64)
    last[remaining.lines.row[remaining.index]] = remaining.index
    row = remaining.lines.row[cut]
    followed = np.zeros(remaining.lines.rows, np.bool_)
    followed[row[cut < last[row]]] = True
    return followed


def make_page(
    remaining: RemainingLines,
    row: int,
    index: Ints,
    context: RecordContext,
    cut: Ints,
    rules: Sequence[str],
    templates: Templates | None,
) -> Page:
    """Make the page of a text: `index` are its lines that are left, `cut` its lines that were cut by `rules`."""
    lines = remaining.lines
    size = len(index)
    cut_before: dict[int, list[str]] = {}
    for position, rule in zip(np.searchsorted(index, cut).tolist(), rules, strict=True):
        cut_before.setdefault(position, []).append(rule)

    def text(at: int) -> str:
        return lines.text(int(index[at]))

    return Page(
        texts=LazySequence(size, text),
        gaps=LazySequence(size, lambda at: int(remaining.gap(index[at - 1], index[at])) if at else 1),
        prose=remaining.prose[index].tolist(),
        sizes=(lines.end[index] - lines.start[index]).tolist(),
        initials=remaining.lines.initials[index].tolist(),
        head=int(remaining.head[row]),
        title=context.title,
        source_name=context.source_name,
        source_domain=context.source_domain,
        cut=cut_before,
        recurring=LazySequence(size, lambda at: templates.find(context.host, text(at))) if templates else (),
    )


class LazySequence(Sequence[T]):
    """A sequence whose items are computed when they are first looked at."""

    def __init__(self, size: int, compute: Callable[[int], T]) -> None:
        self._size = size
        self._compute = compute
        self._items: dict[int, T] = {}

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: Any) -> Any:
        """Return an item, or the list of items of a slice."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(self._size))]
        number = at + self._size if at < 0 else at
        if number not in self._items:
            if not 0 <= number < self._size:
                raise IndexError(at)
            self._items[number] = self._compute(number)
        return self._items[number]
