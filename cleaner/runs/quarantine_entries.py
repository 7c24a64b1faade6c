"""The lines of quarantine.jsonl: each record that a run turned away, as it was read, with its place and all reasons."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ...schemas.reasons import Reason
from ..records.extra_fields import encode_json
from .judge import RecordPlace, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...schemas.byte_arrays import Mask
    from ..readers.batches import Batch, Unreadable
    from ..records.loader import Records
    from .judge import BatchResult


def quarantine_entries(result: BatchResult, rejected: Mask) -> Iterable[bytes]:
    """Yield the entries of a batch, for rejected rows and unreadable records, in the order of the input."""
    for item in result.in_order(np.flatnonzero(rejected).tolist()):
        if isinstance(item, int):
            yield rejected_entry(result.batch, result.records, item, result.checked.reasons.of_row(item))
        else:
            yield unreadable_entry(item)


def rejected_entry(batch: Batch, records: Records, row: int, reasons: list[Reason]) -> bytes:
    """Return the entry of a record that could be read."""
    record = batch.record(row)
    raw = batch.raw(row) if batch.table is None else _encode_row(record)
    return _encode_entry(records.ids[row].as_py(), place_of(batch, row), raw, record, reasons)


def _encode_row(record: dict[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False, default=str).encode()
    except (TypeError, ValueError, RecursionError):
        return encode_json(record)


def unreadable_reason(item: Unreadable) -> Reason:
    """Return the reason why a record could not be read."""
    return Reason(item.check, "error", "", item.message)


def unreadable_entry(item: Unreadable, reasons: list[Reason] | None = None) -> bytes:
    """Return the entry of a record that could not be read, with its own reason unless others are passed."""
    place = RecordPlace(item.file, item.line, item.byte_offset)
    reasons = [unreadable_reason(item)] if reasons is None else reasons
    return _encode_entry(hashlib.sha256(item.raw).hexdigest(), place, item.raw, None, reasons)


def _encode_entry(
    record_id: str, place: RecordPlace, raw: bytes | None, record: dict[str, Any] | None, reasons: list[Reason]
) -> bytes:
    """Return one line. If `raw` is not UTF-8, it is kept as base64, and `raw_encoding` says so."""
    text, encoding = None, "utf-8"
    if raw is not None:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text, encoding = base64.b64encode(raw).decode(), "base64"
    entry = {
        "id": record_id,
        **place.as_dict(),
        "raw": text,
        "raw_encoding": encoding,
        "record": record,
        "reasons": [reason.as_dict() for reason in reasons],
    }
    return encode_json(entry) + b"\n"
