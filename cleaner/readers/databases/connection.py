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
    """An open database: each kind has a class of its own, which opens `address` when it is made."""

    errors: tuple[type[Exception], ...]
    """What its driver raises."""

    @abstractmethod
    def __init__(self, address: str) -> None: ...

    @abstractmethod
    def tables(self) -> list[tuple[str, str, bool]]:
        """Give (schema, name, whether the name is enough) of all tables and views."""

    @abstractmethod
    def read(self, source: Source, query: str) -> Iterator[Batch]:
        """Run a query and give its rows. Raises `InputError` when it fails."""

    @abstractmethod
    def close(self) -> None:
        """Close it."""


def quoted(name: str) -> str:
    """Give a name as SQL writes it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'
