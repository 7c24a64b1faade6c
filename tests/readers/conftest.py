"""Shared by the tests of readers."""

from __future__ import annotations

import io

import pytest

from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.readers.source import Source


@pytest.fixture
def read():
    """Return a function that reads bytes from standard input."""

    def read(content: bytes, kind: str = "auto"):
        """Return the records, their places and what was set aside."""
        records, places, bad = [], [], []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
            for batch in read_batches([Source(None, "stdin", kind)]):
                records += batch.rows or []
                places += [(*batch.place.of(row)[1:], batch.raw(row)) for row in range(len(batch.rows or []))]
                bad += batch.unreadable
        return records, places, bad

    return read
