"""Clean the documents of other tools: a text with metadata, of which most are strings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..cleaner.api import Cleaner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BODY = "copydesk_text"
_SIMPLE = (str, int, float, date)


@dataclass(frozen=True)
class CleanDocument:
    """What became of a document."""

    text: str
    cut: int
    """Number of characters that rules cut."""
    flags: tuple[str, ...]
    """Ids of the checks that gave a warning or an information."""
    errors: tuple[str, ...]
    """Ids of the checks that reject the document."""

    @property
    def metadata(self) -> dict[str, Any]:
        """What to add to the metadata: plain values only, as many stores take no others."""
        found = {
            "copydesk_cut": self.cut,
            "copydesk_flags": ",".join(self.flags),
            "copydesk_errors": ",".join(self.errors),
        }
        return {name: value for name, value in found.items() if value}


class DocumentCleaner:
    """Clean documents in batches. It takes the settings of `copydesk.Cleaner`.

    It can be pickled, and used by several threads, of which one cleans at a time.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings = {**settings, "mapping": {**settings.get("mapping", {}), "body": _BODY}}
        self._lock = Lock()
        self._cleaner: Cleaner | None = None

    def clean(self, documents: Iterable[tuple[str | None, Mapping[str, Any]]]) -> list[CleanDocument]:
        """Return what became of each document. Its metadata are read as the fields of a record."""
        records = [{**_simple(metadata), _BODY: text or ""} for text, metadata in documents]
        with self._lock:
            self._cleaner = self._cleaner or Cleaner(**self._settings)
            return [
                CleanDocument(
                    cleaned.article.body,
                    sum(max(len(edit.before) - len(edit.after), 0) for edit in cleaned.edits if edit.field == "body"),
                    tuple(reason.check for reason in cleaned.reasons if reason.severity != "error"),
                    tuple(reason.check for reason in cleaned.reasons if reason.severity == "error"),
                )
                for cleaned in self._cleaner.clean_many(records)
            ]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only the settings."""
        return _make, (self._settings,)


def _make(settings: dict[str, Any]) -> DocumentCleaner:
    return DocumentCleaner(**settings)


def _simple(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata that can be fields of an article."""
    return {str(name): value for name, value in metadata.items() if isinstance(value, _SIMPLE)}
