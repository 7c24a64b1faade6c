"""The interface of a database connection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ..source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batches import Batch
    from ..source import Source


class Connection(ABC):
    """An open database. Each kind has its own class, which opens `address` when it is created."""

    errors: tuple[type[Exception], ...]
    """The errors that its driver raises."""

    @abstractmethod
    def __init__(self, address: str) -> None: ...

    @abstractmethod
    def tables(self) -> list[tuple[str, str, bool]]:
        """Return (schema, name, whether the name is unique without the schema) of all tables and views."""

    @abstractmethod
    def read(self, source: Source, query: str) -> Iterator[Batch]:
        """Run a query and yield its rows. Raises `InputError` if it fails."""

    @abstractmethod
    def close(self) -> None:
        """Close it."""


def quoted(name: str) -> str:
    """Return any name as a quoted identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'
