"""Sizes in bytes, as people write them."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,12})\s?(k|m|g|)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3}


def read_size(written: str | int) -> int:
    """Return the bytes of a size such as `64MB`, `500 kB` or `1GiB`. Raises `ValueError` for anything else.

    >>> read_size("64MB"), read_size("1 KiB"), read_size(2000)
    (64000000, 1024, 2000)
    """
    found = _SIZE.fullmatch(str(written).strip())
    if found is None:
        raise ValueError(f"not a size: {str(written)[:40]!r}; write it as in 64MB")
    digits, power, binary = found.groups()
    unit: int = (1024 if binary else 1000) ** _POWERS[power.lower()]
    return int(digits) * unit
