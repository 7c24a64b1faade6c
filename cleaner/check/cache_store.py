"""A store of values that may be lost: kept between runs in one file, of a bounded size, shared by all processes."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LIMIT = 256 << 20  # bytes; when there are more, the values that were not asked for longest go, down to three quarters
_DAY = 86_400  # seconds
_DIGEST_BYTES = 16
_AT_ONCE = 500  # keys in one question
_PATIENCE = 5.0  # seconds that another process may take to write
_TABLE = "CREATE TABLE IF NOT EXISTS found (key BLOB PRIMARY KEY, day INTEGER NOT NULL, value BLOB NOT NULL)"


class Store:
    """Values by key, in a file of SQLite. What is damaged is missing; what cannot be written is left out."""

    def __init__(self, path: Path, *, limit: int = LIMIT) -> None:
        self._path, self._limit = path, limit
        self._today = int(time.time()) // _DAY
        self._used: set[bytes] = set()
        self._file = self._open()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Give the values that are there, by key."""
        found: dict[bytes, bytes] = {}
        for first in range(0, len(keys), _AT_ONCE):
            with self._mending():
                for key, day, value in self._ask(keys[first : first + _AT_ONCE]):
                    if _digest(key, value[_DIGEST_BYTES:]) == value[:_DIGEST_BYTES]:
                        found[key] = value[_DIGEST_BYTES:]
                        if day < self._today:
                            self._used.add(key)
        return found

    def add(self, values: Mapping[bytes, bytes]) -> None:
        """Keep values, in the place of those that had their keys."""
        rows = [(key, self._today, _digest(key, value) + value) for key, value in values.items()]
        if rows and self._file is not None:
            with self._mending(), self._file:
                self._file.executemany("INSERT OR REPLACE INTO found VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Note what was used, make room if there is too much, and close the file."""
        if self._file is None:
            return
        with self._mending(), self._file:
            if self._used:
                rows = [(self._today, key) for key in self._used]
                self._file.executemany("UPDATE found SET day = ? WHERE key = ?", rows)
            if self._size() > self._limit:
                self._prune()
        if self._file is not None:
            self._file.close()
        self._file = None

    def _open(self) -> sqlite3.Connection | None:
        """Open the file; one that is no database is replaced. None if there is no place for it."""
        for _ in range(2):
            file: sqlite3.Connection | None = None
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                file = sqlite3.connect(self._path, timeout=_PATIENCE)
                # a value that a crash of the machine damages is found by its digest
                file.execute("PRAGMA synchronous = OFF")
                file.execute(_TABLE)
            except (OSError, sqlite3.Error) as error:
                if file is not None:
                    file.close()
                # locked, read-only, a full disk, or no place for a directory: that may pass
                if isinstance(error, (OSError, sqlite3.OperationalError)):
                    return None
                self._discard()
            else:
                return file
        return None

    def _ask(self, keys: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
        if self._file is None:
            return []
        marks = ",".join("?" * len(keys))
        sound = "typeof(day) = 'integer' AND typeof(value) = 'blob'"
        return self._file.execute(f"SELECT * FROM found WHERE key IN ({marks}) AND {sound}", keys).fetchall()

    @contextlib.contextmanager
    def _mending(self) -> Iterator[None]:
        """Go on where the file cannot be used, and replace one that is damaged."""
        try:
            yield
        except sqlite3.OperationalError:  # locked, read-only, a full disk: that may pass
            pass
        except sqlite3.DatabaseError:
            assert self._file is not None
            self._file.close()
            self._discard()
            self._file = self._open()

    def _discard(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _size(self) -> int:
        assert self._file is not None
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (self._file.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        return int((pages - free) * size)

    def _prune(self) -> None:
        assert self._file is not None
        left = self._limit * 3 // 4
        rows = self._file.execute("SELECT rowid, length(value) FROM found ORDER BY day DESC, rowid DESC").fetchall()
        gone = []
        for rowid, size in rows:
            left -= size
            if left < 0:
                gone.append((rowid,))
        self._file.executemany("DELETE FROM found WHERE rowid = ?", gone)


def _digest(key: bytes, value: bytes) -> bytes:
    """Give what shows that a value is whole, and that of its key."""
    return hashlib.blake2b(value, digest_size=_DIGEST_BYTES, key=hashlib.blake2b(key).digest()).digest()
