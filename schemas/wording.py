"""Words of messages."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """Give a number of things.

    >>> counted(1, "finding"), counted(1200, "text")
    ('1 finding', '1,200 texts')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
