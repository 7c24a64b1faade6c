"""Run a suite on a batch: the flags of each check, and all reasons of each record."""

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

Found = list[tuple["Ints", Reason]]


def run_suite(frame: Frame, suite: Suite) -> tuple[dict[str, Mask], Reasons]:
    """Give the flags of each check by its id, and all reasons of each record in the order of the suite."""
    flags: dict[str, Mask] = {}
    found: Found = []
    hosts = _hosts(frame, suite)
    for check_id, parts in _plan(suite, hosts, len(frame)):
        flags[check_id] = np.zeros(len(frame), np.bool_)
        for entry, rows in parts:  # of no rows, too: a check may ask for keys of all, which others go by later
            for at, reason in _reasons(frame, entry, rows):
                flags[check_id][at] |= reason.check == check_id
                found.append((at, reason))
    return flags, Reasons(len(frame), found)


def _plan(suite: Suite, hosts: list[Mask], count: int) -> Iterator[tuple[str, list[tuple[SuiteCheck, Ints]]]]:
    """Give, for each check, the entries that run and on which rows: of overrides, the last one that fits wins."""
    defaults = {entry.id: entry for entry in suite.entries}
    for check_id in (entry.id for entry in suite.columns()):
        default = defaults.get(check_id)
        free = np.ones(count, np.bool_)
        parts: list[tuple[SuiteCheck, Ints]] = []
        for override, mine in reversed(list(zip(suite.overrides, hosts, strict=True))):
            if check_id in override.entries:
                entry = override.entries[check_id]
                if entry is not None:
                    parts.append((entry, np.flatnonzero(mine & free)))
                free &= ~mine
        if default is not None:
            parts.append((default, np.flatnonzero(free)))
        yield check_id, parts


def _hosts(frame: Frame, suite: Suite) -> list[Mask]:
    """Say, for each override of a suite, which articles come from its hosts."""
    if not suite.overrides:
        return []
    column = frame.column("source_domain").dictionary_encode()
    codes = np.asarray(column.indices.fill_null(len(column.dictionary)), np.int64)
    names = [name.lower() for name in column.dictionary.to_pylist()]
    found = []
    for override in suite.overrides:
        fits = [fnmatch.fnmatchcase(name, override.host.lower()) for name in names]
        found.append(np.array([*fits, False], np.bool_)[codes])
    return found


def _reasons(frame: Frame, entry: SuiteCheck, rows: Ints) -> Found:
    """Run one check on some rows of a frame; give its reasons by rows of the whole frame."""
    assert isinstance(entry.check, Check)  # those of sets are no entries of records
    if is_ours(entry.check.flag):
        return _flagged(frame, frame if len(rows) == len(frame) else frame.take(rows), entry, rows)
    return _flagged_by_plugin(frame, entry, rows)


def _flagged_by_plugin(frame: Frame, entry: SuiteCheck, rows: Ints) -> Found:
    """Run a check of a plugin, on a frame of its own, as it may do anything to it.

    Where it fails, it is run again record by record, and those that it fails on say so.
    """
    try:
        return _flagged(frame, frame.take(rows), entry, rows)
    except (Exception, SystemExit) as error:
        if frame.key_kinds:
            frame.duplicate_keys[entry.id] = None
        if len(rows) > 1:
            return [reason for row in rows for reason in _flagged_by_plugin(frame, entry, np.array([row]))]
        return [(rows, Reason(FAILED, "warning", "", describe_failed_check(entry.id, error)))]


def _flagged(frame: Frame, some: Frame, entry: SuiteCheck, rows: Ints) -> Found:
    """Run one check on `some` articles, those of these rows of a frame."""
    check = entry.check
    assert isinstance(check, Check)
    frame.key_kinds.clear()
    flagged = check.flag(some, **entry.parameters)
    if frame.key_kinds:
        _note_kind(frame, check, some, flagged)
    if isinstance(flagged, dict):
        return [
            (rows[[row]], Reason(check.id, entry.severity, name, message))
            for row, details in sorted(flagged.items())
            for name, message in details
        ]
    if flagged.dtype != np.bool_ or flagged.shape != rows.shape:
        raise TypeError(f"it gave {flagged.dtype} of shape {flagged.shape}, not a mask of {len(rows)} records")
    return [(rows[flagged], Reason(check.id, entry.severity, check.field, entry.message))] if flagged.any() else []


def _note_kind(frame: Frame, check: Check, some: Frame, flagged: Mask | Details) -> None:
    """Note by which kind of key a check goes, or that it makes something else of what comes twice.

    One of a plugin may come to the same here, and not where other records came before.
    """
    kind, *others = frame.key_kinds
    plain = is_ours(check.flag) and not others and not isinstance(flagged, dict)
    same = plain and np.array_equal(np.asarray(flagged), some.duplicate(kind))
    frame.duplicate_keys[check.id] = kind if same else None
