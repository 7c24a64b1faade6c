"""Count exactly the lines that recur: on how many records and hosts, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernel.arrays import starts_run
from .line_keys import key_lines, unique_in_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from ...schemas.byte_arrays import Ints
    from .line_counts import LineCounts

HEAD, TAIL = 15, 40  # lines at both ends of a text
MAX_PAIRS = 8_000_000  # of a line and a host, 40 bytes each
NO_HOST = 0


@dataclass(frozen=True)
class Reach:
    """How far lines reach. All columns have one entry for each line, the lines that are on most hosts first."""

    keys: npt.NDArray[np.uint64]
    records: Ints
    hosts: Ints
    head: Ints
    """Records in which the line is one of the first."""
    tail: Ints
    """Records in which it is one of the last."""
    only_host: list[str | None]
    """The host of a line that is on one host only."""
    forgotten: int = 0
    """Records that a line may have had at most without being counted, as there were too many lines."""


class ReachCounter:
    """Counts lines that `LineCounts` has seen often enough, batch by batch."""

    def __init__(self, counts: LineCounts, least: int) -> None:
        self._counts, self._least = counts, least
        self._hosts: dict[str | None, int] = {None: NO_HOST}
        self._pairs = np.empty((2, 0), np.uint64)  # key and host, sorted
        self._sums = np.empty((3, 0), np.int64)  # records, head, tail
        self._forgotten = 0

    def add(self, texts: pa.LargeStringArray, hosts: Sequence[str | None]) -> None:
        """Count the lines of a batch."""
        keyed = key_lines(texts)
        rows = keyed.rows
        at = unique_in_rows(rows, keyed.keys)
        at = at[self._counts.may_reach(keyed.keys[at], self._least)]
        first = keyed.lines.first
        place = keyed.index[at] - first[rows[at]]
        from_end = first[rows[at] + 1] - keyed.index[at]
        numbers = np.array([self._hosts.setdefault(host, len(self._hosts)) for host in hosts] or [0], np.uint64)
        sums = np.stack([np.ones(len(at), np.int64), place < HEAD, from_end <= TAIL])
        self._merge(np.stack([keyed.keys[at], numbers[rows[at]]]), sums)

    def close(self, most: int) -> Reach:
        """Return the lines that reach farthest: on the most hosts, then on the most records."""
        keys = self._pairs[0]
        bounds = np.flatnonzero(starts_run(keys))
        records, head, tail = np.add.reduceat(self._sums, bounds, axis=1) if len(bounds) else self._sums
        named = (self._pairs[1] != NO_HOST).astype(np.int64)
        hosts = np.add.reduceat(named, bounds) if len(bounds) else named
        keys = keys[bounds]
        often = np.flatnonzero(records >= self._least)
        order = often[np.lexsort((keys[often], -records[often], -hosts[often]))][:most]
        names = list(self._hosts)
        host_at = self._pairs[1][bounds] if len(bounds) else self._pairs[1]
        single = [
            names[int(host_at[i])] if hosts[i] == 1 and _is_alone(bounds, i, len(self._pairs[0])) else None
            for i in order
        ]
        return Reach(keys[order], records[order], hosts[order], head[order], tail[order], single, self._forgotten)

    def _merge(self, pairs: npt.NDArray[np.uint64], sums: npt.NDArray[np.int64]) -> None:
        """Add columns to those before, and sum those of the same line and host."""
        pairs = np.concatenate([self._pairs, pairs], axis=1)
        sums = np.concatenate([self._sums, sums], axis=1)
        order = np.lexsort((pairs[1], pairs[0]))
        pairs, sums = pairs[:, order], sums[:, order]
        bounds = np.flatnonzero(starts_run(pairs[0]) | starts_run(pairs[1]))
        self._pairs = pairs[:, bounds]
        self._sums = np.add.reduceat(sums, bounds, axis=1) if len(bounds) else sums
        while self._pairs.shape[1] > MAX_PAIRS:
            self._forgotten += 1
            kept = self._sums[0] > self._forgotten
            self._pairs, self._sums = self._pairs[:, kept], self._sums[:, kept]


def _is_alone(bounds: Ints, at: int, size: int) -> bool:
    """Return whether the line at a position has one pair only."""
    end = bounds[at + 1] if at + 1 < len(bounds) else size
    return bool(end - bounds[at] == 1)
