"""Our own processes, which do one thing and end: how they start, and which settings they get."""

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


def open_closed_streams() -> None:
    """Let standard streams that are closed lead to nowhere.

    Otherwise the next file that is opened gets the number 1 or 2, and whatever is printed is written into that file.
    Standard input stays closed for Python, so that reading from it is an error.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest free number, so most likely this one
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            os.set_inheritable(number, True)
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False))


def python_command(code: str) -> list[str]:
    """Return a command that runs code in a Python like this one, with the `sys.path` of this process.

    `python -c` looks for modules in the working directory first, where a file such as `signal.py` can be anybody's. So
    the path is set before the first import, without the working directory, which is "" there. The option `-P` does the
    same, but Python 3.10 does not have it.
    """
    path = [entry for entry in sys.path if entry]
    return [sys.executable, "-c", f"import sys\nsys.path[:] = {path!r}\n{code}"]


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
