"""Measurements: a description of the machine, separate processes on chosen cores, and their memory."""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from pathlib import Path
from typing import Any

from ..._version import __version__
from ..process import count_cores

LIBRARIES = ("hyperscan", "msgspec", "numpy", "polars", "pyarrow")
_PAUSE = 0.05  # seconds between two samples of the memory
_PROC = Path("/proc")


def describe_machine() -> dict[str, Any]:
    """Return the processor, cores, memory in MiB, load of the last minute, system and versions."""
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


def pin(cores: int | None) -> None:
    """Keep this process on some cores, if the system can. Libraries that are imported later start no more threads.

    The last cores are used, because the other work of a system tends to run on the first.
    """
    if cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def peak_memory() -> int | None:
    """Return the peak memory of this process in MiB, or None if the system does not report it."""
    # `getrusage` may report the peak of the parent process.
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
    """A thread that samples the memory of this process and its children together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._stopped = threading.Event()
        self._peak = 0

    def __enter__(self) -> MemoryWatch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.join()

    @property
    def peak(self) -> int | None:
        """The peak so far in MiB, or None if the system does not report it."""
        return self._peak >> 10 or None

    def run(self) -> None:
        """Take samples until the watch is left."""
        while True:
            self._peak = max(self._peak, _resident(os.getpid()))
            if self._stopped.wait(_PAUSE):
                return


def _resident(process: int) -> int:
    """Return the memory of a process and its children in KiB. A process that has ended counts as 0."""
    home = _PROC / str(process)
    total = 0
    with contextlib.suppress(OSError):
        status = (home / "status").read_text().splitlines()
        total = sum(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    for children in home.glob("task/*/children"):
        with contextlib.suppress(OSError):
            total += sum(map(_resident, map(int, children.read_text().split())))
    return total
