"""The errors of dates that more context may decide."""

from __future__ import annotations


class AmbiguousDateError(ValueError):
    """A date that can be read in two ways."""


class RelativeDateError(ValueError):
    """A date that counts from another time, which is not known."""
