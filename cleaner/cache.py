"""Where compiled rules are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "COPYDESK_CACHE_DIR"


def cache_directory() -> Path:
    """Give the directory of the environment variable `COPYDESK_CACHE_DIR`, else the user's cache directory."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_cache_dir("copydesk", appauthor=False))
