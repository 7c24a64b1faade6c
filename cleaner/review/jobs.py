"""Work that takes longer than a request, done one after the other. The page asks how far it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...schemas.errors import CopydeskError
from ...schemas.messages import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 400  # characters of an unexpected message


@dataclass
class Job:
    """A piece of work: what it is, how far it came, and what it led to."""

    number: int
    what: str
    state: str = "running"
    """running, done or failed."""
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return the job as JSON."""
        return dict(vars(self))


class Jobs:
    """Runs jobs in a thread of its own. Only the last one is kept."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "copydesk-review")
        self.last: Job | None = None

    @property
    def running(self) -> bool:
        """Whether a job is at work."""
        return self.last is not None and self.last.state == "running"

    def start(self, what: str, work: Callable[[Job], dict[str, Any]]) -> Job:
        """Start a job. `work` returns its result, with a `message`."""
        job = self.last = Job((self.last.number if self.last else 0) + 1, what)
        self._pool.submit(_run, job, work)
        return job

    def close(self) -> None:
        """Wait for the job that is at work."""
        self._pool.shutdown()


def _run(job: Job, work: Callable[[Job], dict[str, Any]]) -> None:
    try:
        job.result = work(job)
        job.message, job.state = job.result.pop("message", ""), "done"
    except Exception as error:
        job.message, job.state = explain(error), "failed"


def explain(error: Exception) -> str:
    """Return one line about an error."""
    if isinstance(error, CopydeskError):
        return printable(str(error))
    return printable(f"an error in copydesk itself ({type(error).__name__}: {error}); please report it"[:_LONGEST])
