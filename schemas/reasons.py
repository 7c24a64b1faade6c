"""Why checks flagged records: the reasons of a whole batch, as columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from .arrow import arrow_schema
from .article import Flag
from .severity import SEVERITIES as SEVERITIES
from .severity import Severity as Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .byte_arrays import Ints, Mask

_FLAG = arrow_schema(Flag)


@dataclass(frozen=True)
class Reason:
    """Why a check flagged a record."""

    check: str
    severity: Severity
    field: str
    message: str


class Reasons:
    """The reasons of a batch of `count` records: pairs of a record's row and a reason, sorted by row."""

    def __init__(self, count: int, found: list[tuple[Ints, Reason]]) -> None:
        self._count = count
        self._pool = [reason for _, reason in found]
        rows = [rows for rows, _ in found]
        row = np.concatenate([np.empty(0, np.int64), *rows])
        code = np.repeat(np.arange(len(found)), [len(part) for part in rows])
        order = np.argsort(row, kind="stable")
        self._row, self._code = row[order], code[order]

    @cached_property
    def accepted(self) -> Mask:
        """The rows that no reason of severity error turns away."""
        return ~self.rows("error")

    def rows(self, least: Severity, *, without: frozenset[str] = frozenset()) -> Mask:
        """Say which rows have a reason of a severity or a graver one, those of some checks not counted."""
        grave = SEVERITIES[SEVERITIES.index(least) :]
        chosen = np.array([r.severity in grave and r.check not in without for r in self._pool], np.bool_)
        found = np.zeros(self._count, np.bool_)
        found[self._row[chosen[self._code]]] = True
        return found

    def without(self, ignored: Sequence[frozenset[str]]) -> Reasons:
        """Give the reasons but those of checks that are ignored for their record."""
        pairs = zip(self._row.tolist(), self._code.tolist(), strict=True)
        return self._kept(
            np.fromiter((self._pool[code].check not in ignored[row] for row, code in pairs), np.bool_, len(self._row))
        )

    def only(self, check: str, rows: Mask) -> Reasons:
        """Give the reasons, but those of a check only on some rows."""
        others = np.array([reason.check != check for reason in self._pool], np.bool_)
        return self._kept(others[self._code] | rows[self._row])

    def _kept(self, kept: Mask) -> Reasons:
        left = Reasons(self._count, [])
        left._pool, left._row, left._code = self._pool, self._row[kept], self._code[kept]
        return left

    def also(self, found: list[tuple[Ints, Reason]]) -> Reasons:
        """Give them with others behind them."""
        if not found:
            return self
        mine = [(self._row[self._code == code], reason) for code, reason in enumerate(self._pool)]
        return Reasons(self._count, [*mine, *found])

    @cached_property
    def _is_error(self) -> Mask:
        return np.array([reason.severity == "error" for reason in self._pool], np.bool_)

    def of(self, row: int) -> list[Reason]:
        """Give all reasons of a record, in the order of the suite."""
        start, stop = np.searchsorted(self._row, [row, row + 1])
        return [self._pool[code] for code in self._code[start:stop]]

    def counts(self, *, errors: bool = False) -> Counter[str]:
        """Count the records by check; only for reasons of severity error, if asked."""
        counts: Counter[str] = Counter()
        for check in {reason.check for reason in self._pool}:
            mine = np.array([r.check == check and not (errors and r.severity != "error") for r in self._pool], np.bool_)
            if records := len(np.unique(self._row[mine[self._code]])):
                counts[check] = records
        return counts

    def lists(self, *, errors: bool = True) -> pa.ListArray:
        """Give the reasons of each row as a list of structs, as in `Article.flags`; without errors, if asked."""
        kept = np.ones(len(self._row), np.bool_) if errors else ~self._is_error[self._code]
        row, code = self._row[kept], pa.array(self._code[kept])
        bounds = np.searchsorted(row, np.arange(self._count + 1)).astype(np.int32)
        columns = [
            pa.array([getattr(reason, field.name) for reason in self._pool], field.type).take(code) for field in _FLAG
        ]
        return pa.ListArray.from_arrays(pa.array(bounds), pa.StructArray.from_arrays(columns, fields=list(_FLAG)))
