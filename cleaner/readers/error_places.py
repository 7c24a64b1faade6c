"""The place in the input at which an unexpected error was raised."""

from __future__ import annotations

import traceback
from typing import Any

from .batches import Batch, UnparsedBatch, Unreadable
from .source import Source


def find_error_place(error: BaseException) -> str:
    """Return the input that was being read when an error was raised, as `file` or `file:line`, else an empty string.

    The innermost frame counts in which a variable holds a source, a batch or a record that could not be read. This is a
    guess: the error may have another cause. So the place is only shown, and nothing depends on it.
    """
    values = [value for frame, _ in traceback.walk_tb(error.__traceback__) for value in frame.f_locals.values()]
    place = next(filter(None, map(_place_in, reversed(values))), "")
    labels = {source.name: source.label for source in _sources_in(values)}
    return labels.get(place, place)


def _place_in(value: Any) -> str:
    """Return the place that a value names, else an empty string."""
    if isinstance(value, Source):
        return value.label
    if isinstance(value, Unreadable):
        return f"{value.file}:{value.line}" if value.line else value.file
    if isinstance(value, UnparsedBatch):
        return value.source.label
    if isinstance(value, Batch):
        return value.place.file if isinstance(value.place.file, str) else ""
    return ""


def _sources_in(values: list[Any]) -> list[Source]:
    lists = [value for value in values if isinstance(value, (list, tuple))]
    return [item for items in lists for item in items if isinstance(item, Source)]
