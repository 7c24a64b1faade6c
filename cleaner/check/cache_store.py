"""The file of the findings cache: values by key, of bounded size, shared by all processes.

Losing a value only costs time, but a wrong value hides findings. So each value carries a seal that needs the secret key
of this user, and a file that could come from somebody else is not opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from typing import TYPE_CHECKING

from ...schemas.cache.private_directory import open_private
from ...schemas.cache.store import seal_of, secret_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LIMIT = 256 << 20  # bytes; above it, the values that were not used for longest are deleted, down to three quarters
_DAY = 86_400  # seconds
_SEAL_BYTES = 32
_AT_ONCE = 500  # keys in one query
_PATIENCE = 5.0  # seconds to wait for another process that writes
_TABLE = "CREATE TABLE found (key BLOB PRIMARY KEY, day INTEGER NOT NULL, value BLOB NOT NULL)"
_SCHEMA = [("index", None), ("table", _TABLE)]  # the index is that of the primary key
# SQLite opens files by path, and a journal that it finds is played back.
_SUFFIXES = ("", "-journal", "-wal", "-shm")


class Store:
    """Values by key in a SQLite file. A damaged value counts as missing; a value that cannot be written is dropped."""

    def __init__(self, path: Path, *, limit: int = LIMIT) -> None:
        self._path, self._limit = path, limit
        self._today = int(time.time()) // _DAY
        self._used: set[bytes] = set()
        self._secret = secret_key(path.parent)
        self._file = self._open()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values that the store has, by key."""
        values: dict[bytes, bytes] = {}
        for first in range(0, len(keys), _AT_ONCE):
            with self._repairing():
                for key, day, sealed in self._ask(keys[first : first + _AT_ONCE]):
                    if sealed[:_SEAL_BYTES] == self._seal(key, sealed[_SEAL_BYTES:]):
                        values[key] = sealed[_SEAL_BYTES:]
                        if day < self._today:
                            self._used.add(key)
        return values

    def add(self, values: Mapping[bytes, bytes]) -> None:
        """Write values. They replace earlier values of their keys."""
        rows = [(key, self._today, self._seal(key, value) + value) for key, value in values.items()]
        if rows and self._file is not None:
            with self._repairing(), self._file:
                self._file.executemany("INSERT OR REPLACE INTO found VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Note which values were used, delete old ones if there are too many, and close the file."""
        if self._file is None:
            return
        with self._repairing(), self._file:
            if self._used:
                rows = [(self._today, key) for key in self._used]
                self._file.executemany("UPDATE found SET day = ? WHERE key = ?", rows)
            if self._size() > self._limit:
                self._prune()
        if self._file is not None:
            self._file.close()
        self._file = None

    def _seal(self, key: bytes, value: bytes) -> bytes:
        """Return a code that shows that this user wrote a value for this key."""
        return seal_of(self._secret or b"", key, hashlib.blake2b(value).digest())

    def _open(self) -> sqlite3.Connection | None:
        """Open the file, and replace one that is not a sound database. Return None if that is not possible."""
        for _ in range(2):
            if not self._is_private():
                return None
            file: sqlite3.Connection | None = None
            try:
                file = sqlite3.connect(self._path, timeout=_PATIENCE)
                _prepare(file)
            except (OSError, sqlite3.Error) as error:
                if file is not None:
                    file.close()
                # locked, read-only, or a full disk: the next run may succeed
                if isinstance(error, (OSError, sqlite3.OperationalError)):
                    return None
                self._discard()
            else:
                return file
        return None

    def _is_private(self) -> bool:
        """Return whether only this user can have written the file. Create it if it is missing."""
        directory = open_private(self._path.parent, create=True)
        if directory is None:
            return False
        with directory:
            if self._secret is None or not directory.owned:
                return False
            directory.create(self._path.name)
            return all(directory.accepts(self._path.name + suffix) for suffix in _SUFFIXES)

    def _ask(self, keys: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
        if self._file is None:
            return []
        marks = ",".join("?" * len(keys))
        sound = "typeof(day) = 'integer' AND typeof(value) = 'blob'"
        return self._file.execute(f"SELECT * FROM found WHERE key IN ({marks}) AND {sound}", keys).fetchall()

    @contextlib.contextmanager
    def _repairing(self) -> Iterator[None]:
        """Continue without the file if it cannot be used, and replace a damaged one."""
        try:
            yield
        except sqlite3.OperationalError:  # locked, read-only, or a full disk: the next run may succeed
            pass
        except sqlite3.DatabaseError:
            assert self._file is not None
            self._file.close()
            self._discard()
            self._file = self._open()

    def _discard(self) -> None:
        for suffix in _SUFFIXES:
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink()

    def _size(self) -> int:
        assert self._file is not None
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (self._file.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        return int((pages - free) * size)

    def _prune(self) -> None:
        assert self._file is not None
        room = self._limit * 3 // 4
        rows = self._file.execute("SELECT rowid, length(value) FROM found ORDER BY day DESC, rowid DESC").fetchall()
        oldest = []
        for rowid, size in rows:
            room -= size
            if room < 0:
                oldest.append((rowid,))
        self._file.executemany("DELETE FROM found WHERE rowid = ?", oldest)


def _prepare(file: sqlite3.Connection) -> None:
    """Make the table. Raises `sqlite3.DatabaseError` if the file has any other schema, such as triggers or views."""
    # a value that a crash of the machine damages is noticed by its seal
    file.execute("PRAGMA synchronous = OFF")
    file.execute("PRAGMA trusted_schema = OFF")
    schema = file.execute("SELECT type, sql FROM sqlite_master ORDER BY type").fetchall()
    if not schema:
        file.execute(_TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))  # another process may be first
    elif schema != _SCHEMA:
        raise sqlite3.DatabaseError("another schema")
