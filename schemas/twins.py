"""Twins: the earlier records that duplicates repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Twin:
    """The earlier record that a duplicate repeats."""

    id: str
    file: str | None
    line: int | None
    similarity: float | None
    """Share of the body that is the same, from 0 to 1. None if something else than the bodies was compared."""

    def __str__(self) -> str:
        """Return the place, the id and the similarity, as messages end with them."""
        place = f"{self.file}:{self.line}" if self.file and self.line is not None else self.file
        alike = f"similarity {self.similarity:.0%}" if self.similarity is not None else ""
        return f": {', '.join(filter(None, (place, f'id {self.id}', alike)))}"


class RecordNames(NamedTuple):
    """The ids, files and lines of the records of a batch, each an Arrow array."""

    ids: pa.Array
    files: pa.Array
    lines: pa.Array

    def twin(self, row: int, similarity: float | None) -> Twin:
        """Return a record as the twin of another one."""
        return Twin(self.ids[row].as_py(), self.files[row].as_py(), self.lines[row].as_py(), similarity)

    def twins(self, rows: pa.Array, similarity: float | None) -> list[Twin]:
        """Return some records as twins of others. It takes each column once."""
        ids, files, lines = (column.take(rows).to_pylist() for column in self)
        return [Twin(one, file, line, similarity) for one, file, line in zip(ids, files, lines, strict=True)]
