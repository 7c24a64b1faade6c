"""Run the checks of a suite on a batch."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

import numpy as np

from ..plugins import FAILED, describe_failed_check, is_ours
from ..reasons import Reason, Reasons
from .declare import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..byte_arrays import Ints, Mask
    from .declare import Details
    from .frame import Frame
    from .suites import Suite, SuiteCheck

RowReasons = list[tuple["Ints", Reason]]


def run_suite(frame: Frame, suite: Suite) -> tuple[dict[str, Mask], Reasons]:
    """Return the flags of each check by its id, and the reasons of each record in the order of the suite."""
    flags: dict[str, Mask] = {}
    row_reasons: RowReasons = []
    hosts = _hosts(frame, suite)
    for check_id, parts in _plan(suite, hosts, len(frame)):
        flags[check_id] = np.zeros(len(frame), np.bool_)
        # run it even without rows: it may ask for the keys of all records, and later batches need them
        for entry, rows in parts:
            for flagged, reason in _run_check(frame, entry, rows):
                flags[check_id][flagged] |= reason.check == check_id
                row_reasons.append((flagged, reason))
    return flags, Reasons(len(frame), row_reasons)


def _plan(suite: Suite, hosts: list[Mask], count: int) -> Iterator[tuple[str, list[tuple[SuiteCheck, Ints]]]]:
    """Yield, for each check, its entries with the rows that each entry runs on.

    If several overrides fit a host, the last one applies.
    """
    defaults = {entry.id: entry for entry in suite.entries}
    for check_id in (entry.id for entry in suite.columns()):
        default = defaults.get(check_id)
        free = np.ones(count, np.bool_)
        parts: list[tuple[SuiteCheck, Ints]] = []
        for override, of_host in reversed(list(zip(suite.overrides, hosts, strict=True))):
            if check_id in override.entries:
                entry = override.entries[check_id]
                if entry is not None:
                    parts.append((entry, np.flatnonzero(of_host & free)))
                free &= ~of_host
        if default is not None:
            parts.append((default, np.flatnonzero(free)))
        yield check_id, parts


def _hosts(frame: Frame, suite: Suite) -> list[Mask]:
    """Return, for each override of a suite, which articles come from its hosts."""
    if not suite.overrides:
        return []
    column = frame.column("source_domain").dictionary_encode()
    codes = np.asarray(column.indices.fill_null(len(column.dictionary)), np.int64)
    names = [name.lower() for name in column.dictionary.to_pylist()]
    masks = []
    for override in suite.overrides:
        fits = [fnmatch.fnmatchcase(name, override.host.lower()) for name in names]
        masks.append(np.array([*fits, False], np.bool_)[codes])  # the last code is that of a missing host
    return masks


def _run_check(frame: Frame, entry: SuiteCheck, rows: Ints) -> RowReasons:
    """Run one check on some rows of a frame; return its reasons by rows of the whole frame."""
    assert isinstance(entry.check, Check)  # a suite keeps checks of whole sets apart
    some = frame if is_ours(entry.check.flag) and len(rows) == len(frame) else frame.take(rows)
    if is_ours(entry.check.flag) and not entry.check.is_data:
        return _flag(frame, some, entry, rows)
    return _run_guarded(frame, some, entry, rows)


def _run_guarded(frame: Frame, some: Frame, entry: SuiteCheck, rows: Ints) -> RowReasons:
    """Run a check that may fail: one of a plugin, or one that is declared as data. `some` has these rows of `frame`.

    A plugin gets a copy, because it may change the frame. If the check fails, run it again record by record. The
    records that it fails on get a reason of their own.
    """
    try:
        return _flag(frame, some, entry, rows)
    except (Exception, SystemExit) as error:
        if frame.key_kinds:
            frame.duplicate_keys[entry.id] = None
        if len(rows) > 1:
            alone = [np.array([row]) for row in rows]
            return [reason for one in alone for reason in _run_guarded(frame, frame.take(one), entry, one)]
        return [(rows, Reason(FAILED, "warning", "", describe_failed_check(entry.id, error)))]


def _flag(frame: Frame, some: Frame, entry: SuiteCheck, rows: Ints) -> RowReasons:
    """Run one check on `some`, the frame of these rows of `frame`."""
    check = entry.check
    assert isinstance(check, Check)
    frame.key_kinds.clear()
    flagged = check.flag(some, **entry.parameters)
    kind = _note_kind(frame, check, some, flagged) if frame.key_kinds else None
    if isinstance(flagged, dict):
        if not is_ours(check.flag):
            _require_details(flagged, len(rows))
        return [
            (rows[[row]], Reason(check.id, entry.severity, name, message))
            for row, details in sorted(flagged.items())
            for name, message in details
        ]
    if flagged.dtype != np.bool_ or flagged.shape != rows.shape:
        raise TypeError(f"it returned {flagged.dtype} of shape {flagged.shape}, not a mask of {len(rows)} records")
    reason = Reason(check.id, entry.severity, check.field, entry.message)
    twins = some.repeats(kind).twins if kind is not None else {}
    alone = flagged.copy()
    alone[[*twins]] = False
    named = [(rows[[row]], reason.naming(twin)) for row, twin in sorted(twins.items())]
    return [(rows[alone], reason), *named] if flagged.any() else []


def _require_details(details: Details, count: int) -> None:
    """Raise `TypeError` or `ValueError` unless a check of a plugin returned texts for rows of its frame."""
    for row, pairs in details.items():
        if not isinstance(row, (int, np.integer)) or not 0 <= row < count:
            raise ValueError(f"it returned details for the row {row!r}, and the rows are 0 to {count - 1}")
        for pair in pairs:
            if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
                raise TypeError(f"it returned {type(pair).__name__}, not a pair of a field and a message")
            "".join(pair).encode()  # a lone surrogate cannot be written to any file


def _note_kind(frame: Frame, check: Check, some: Frame, flagged: Mask | Details) -> str | None:
    """Note and return which kind of key decides a check for duplicates; None if more than the key decides.

    For a check of a plugin it is always None: an equal result here does not prove one after other records. If the kind
    depends on the host, None is noted.
    """
    kind, *others = frame.key_kinds
    plain = is_ours(check.flag) and not others and not isinstance(flagged, dict)
    deciding = kind if plain and np.array_equal(np.asarray(flagged), some.duplicate(kind)) else None
    same = frame.duplicate_keys.setdefault(check.id, deciding) == deciding
    frame.duplicate_keys[check.id] = deciding if same else None
    return deciding
