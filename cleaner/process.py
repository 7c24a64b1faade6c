"""What a process of ours, which does one thing and ends, can do without."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import types
import warnings


def start_lean() -> None:
    """Let pyarrow know of no pandas, pydantic of no plugins, and the collector of cycles come less often.

    pyarrow looks for pandas when it makes its first array, and loading it takes longer than a small run; pydantic looks
    through all that is installed. In this process pyarrow makes no frames any more.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(50_000, 20, 50)
    if "pandas" in sys.modules:
        return
    stub = types.ModuleType("pandas")
    stub.__dict__["__version__"] = "0"  # older than any that pyarrow works with
    sys.modules["pandas"] = stub
    import pyarrow as pa

    # whatever comes of it, arrays can be made: at worst pandas is loaded later
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        pa.array([0])
    del sys.modules["pandas"]


def count_cores() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
