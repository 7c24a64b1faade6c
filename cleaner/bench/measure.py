"""What a measure needs: the machine it was made on, processes of its own on cores of its own, and their memory."""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..._version import __version__
from ..process import count_cores, start_lean

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LIBRARIES = ("hyperscan", "msgspec", "numpy", "polars", "pyarrow")
_PAUSE = 0.05  # seconds between two looks at the memory
_PROC = Path("/proc")


def describe_machine() -> dict[str, Any]:
    """Give processor, cores, memory in MiB, the load of the last minute, the system, and versions."""
    return {
        "processor": _processor(),
        "cores": count_cores(),
        "memory_mib": _memory(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "copydesk": __version__,
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in (_PROC / "cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20)
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def apart(function: Callable[..., T], *arguments: Any, cores: int | None = None, lean: bool = True) -> T:
    """Call a function in a new process, kept on some cores or free to use all, and give what it gives or raise that.

    The process is `lean` as those of the command are, unless it needs frames of pandas.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(cores, lean)) as pool:
        return pool.submit(function, *arguments).result()


def _begin(cores: int | None, lean: bool) -> None:
    pin(cores)
    if lean:
        start_lean()


def pin(cores: int | None) -> None:
    """Keep this process on some cores, where the system can: libraries that are imported later start no more threads.

    They are the last ones, since what else a system does tends to be on the first.
    """
    if cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def peak_memory() -> int | None:
    """Give the most that this process had in memory so far, in MiB, or None where the system does not say."""
    # the figure of `getrusage` can be that of the process that started this one
    with contextlib.suppress(OSError):
        for line in (_PROC / "self" / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) >> 10
    try:
        import resource
    except ImportError:
        return None
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size >> 20 if platform.system() == "Darwin" else size >> 10


class MemoryWatch(threading.Thread):
    """Looks again and again how much this process and those that it started have in memory together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._done = threading.Event()
        self._peak = 0

    def __enter__(self) -> MemoryWatch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()

    @property
    def peak(self) -> int | None:
        """The most that they had so far, in MiB, or None where the system does not say."""
        return self._peak >> 10 or None

    def run(self) -> None:
        """Look until it is enough."""
        while True:
            self._peak = max(self._peak, _resident(os.getpid()))
            if self._done.wait(_PAUSE):
                return


def _resident(process: int) -> int:
    """Give what a process and those that it started have in memory, in KiB; what has ended meanwhile counts nothing."""
    home = _PROC / str(process)
    total = 0
    with contextlib.suppress(OSError):
        status = (home / "status").read_text().splitlines()
        total = sum(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    for children in home.glob("task/*/children"):
        with contextlib.suppress(OSError):
            total += sum(map(_resident, map(int, children.read_text().split())))
    return total
