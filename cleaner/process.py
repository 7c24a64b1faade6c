"""Settings for our own processes, which do one thing and end."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import types
import warnings


def start_lean() -> None:
    """Keep pandas and pydantic's plugins from being loaded, and collect garbage less often.

    pyarrow looks for pandas when it makes its first array, and loading pandas takes longer than a small run. pydantic
    searches all installed packages for plugins. After this call, pyarrow makes no data frames in this process.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(50_000, 20, 50)
    if "pandas" in sys.modules:
        return
    stub = types.ModuleType("pandas")
    stub.__dict__["__version__"] = "0"  # older than any version that pyarrow accepts
    sys.modules["pandas"] = stub
    import pyarrow as pa

    # if this fails, arrays work nevertheless, and pandas is loaded later
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        pa.array([0])
    del sys.modules["pandas"]


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
