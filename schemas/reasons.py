"""Reasons: why checks flagged the records of a batch, as columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from .arrow import arrow_schema
from .article import Flag
from .severity import SEVERITIES as SEVERITIES
from .severity import Severity as Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .byte_arrays import Ints, Mask
    from .twins import Twin

_FLAG = arrow_schema(Flag)


@dataclass(frozen=True)
class Reason:
    """Why a check flagged a record."""

    check: str
    severity: Severity
    field: str
    message: str
    twin: Twin | None = None
    """Of a duplicate, the earlier record; the message ends with it."""

    def naming(self, twin: Twin | None) -> Reason:
        """Return the reason with a twin, which its message names, instead of the twin that it has."""
        message = self.message.removesuffix(str(self.twin)) if self.twin is not None else self.message
        message = f"{message}{twin if twin is not None else ''}"
        return Reason(self.check, self.severity, self.field, message, twin)

    def as_flag(self) -> dict[str, Any]:
        """Return the reason as one of `Article.flags`."""
        return {"check": self.check, "severity": self.severity, "field": self.field, "message": self.message}

    def as_dict(self) -> dict[str, Any]:
        """Return the reason as a quarantine entry has it. Only a duplicate has the key `twin`."""
        return self.as_flag() if self.twin is None else {**self.as_flag(), "twin": vars(self.twin)}


class Reasons:
    """The reasons of a batch of `count` records: pairs (row, reason) sorted by row.

    Equal reasons are stored once, in a pool: pair `i` is record `_row[i]` with reason `_pool[_code[i]]`.
    """

    def __init__(self, count: int, row_reasons: list[tuple[Ints, Reason]]) -> None:
        self._count = count
        self._pool = [reason for _, reason in row_reasons]
        rows = [rows for rows, _ in row_reasons]
        row = np.concatenate([np.empty(0, np.int64), *rows])
        code = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
        order = np.argsort(row, kind="stable")
        self._row, self._code = row[order], code[order]

    @cached_property
    def accepted(self) -> Mask:
        """The rows without a reason of severity error."""
        return ~self.rows("error")

    def rows(self, least: Severity, *, without: frozenset[str] = frozenset()) -> Mask:
        """Return which rows have a reason of at least some severity; the checks `without` do not count."""
        severe = SEVERITIES[SEVERITIES.index(least) :]
        chosen = np.array([r.severity in severe and r.check not in without for r in self._pool], np.bool_)
        flagged = np.zeros(self._count, np.bool_)
        flagged[self._row[chosen[self._code]]] = True
        return flagged

    def without(self, ignored: Sequence[frozenset[str]]) -> Reasons:
        """Return the reasons without those of checks that are ignored for their row."""
        pairs = zip(self._row.tolist(), self._code.tolist(), strict=True)
        return self._filter(
            np.fromiter((self._pool[code].check not in ignored[row] for row, code in pairs), np.bool_, len(self._row))
        )

    def restrict(self, check: str, rows: Mask) -> Reasons:
        """Return the reasons without those of one check outside of some rows."""
        others = np.array([reason.check != check for reason in self._pool], np.bool_)
        return self._filter(others[self._code] | rows[self._row])

    def name_twins(self, check: str, twins: Mapping[int, Twin]) -> Reasons:
        """Return the reasons with the twins of the duplicates of a check, by row."""
        named = Reasons(self._count, [])
        named._pool, named._row, named._code = [*self._pool], self._row, self._code.copy()
        for pair, (row, code) in enumerate(zip(self._row.tolist(), self._code.tolist(), strict=True)):
            if row in twins and self._pool[code].check == check:
                named._code[pair] = len(named._pool)
                named._pool.append(self._pool[code].naming(twins[row]))
        return named

    def _filter(self, pairs: Mask) -> Reasons:
        kept = Reasons(self._count, [])
        kept._pool, kept._row, kept._code = self._pool, self._row[pairs], self._code[pairs]
        return kept

    def add(self, row_reasons: list[tuple[Ints, Reason]]) -> Reasons:
        """Return the reasons with others added; on each row the new ones are last."""
        if not row_reasons:
            return self
        present = [(self._row[self._code == code], reason) for code, reason in enumerate(self._pool)]
        return Reasons(self._count, [*present, *row_reasons])

    @cached_property
    def _is_error(self) -> Mask:
        return np.array([reason.severity == "error" for reason in self._pool], np.bool_)

    def of_row(self, row: int) -> list[Reason]:
        """Return all reasons of a row, in the order of the suite."""
        start, stop = np.searchsorted(self._row, [row, row + 1])
        return [self._pool[code] for code in self._code[start:stop]]

    def counts(self, *, errors: bool = False) -> Counter[str]:
        """Count the records by check; with `errors`, only reasons of severity error."""
        counts: Counter[str] = Counter()
        for check in {reason.check for reason in self._pool}:
            chosen = np.array(
                [r.check == check and not (errors and r.severity != "error") for r in self._pool], np.bool_
            )
            if records := len(np.unique(self._row[chosen[self._code]])):
                counts[check] = records
        return counts

    def lists(self, *, errors: bool = True) -> pa.ListArray:
        """Return the reasons of each row as structs, as in `Article.flags`; errors only with `errors`."""
        kept = np.ones(len(self._row), np.bool_) if errors else ~self._is_error[self._code]
        row, code = self._row[kept], pa.array(self._code[kept])
        bounds = np.searchsorted(row, np.arange(self._count + 1)).astype(np.int32)
        columns = [
            pa.array([getattr(reason, field.name) for reason in self._pool], field.type).take(code) for field in _FLAG
        ]
        return pa.ListArray.from_arrays(pa.array(bounds), pa.StructArray.from_arrays(columns, fields=list(_FLAG)))
