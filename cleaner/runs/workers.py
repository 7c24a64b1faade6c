"""Processes that work on pieces of the input, several at a time.

Each process is served by a thread of this one: it hands over a piece, answers what is asked about the run so far,
and takes the outcome. Messages are pickles on the standard streams of the process.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ...schemas.checks.seen import DuplicateIndex
from ...schemas.errors import CopydeskError, InternalError, SettingError
from ...schemas.plugins import LOGGER as PLUGINS
from ..process import count_cores, start_lean
from .ordered_questions import Closed, OrderedQuestions, Question, Sequencer
from .processor import Processed, Processor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ...schemas.byte_arrays import Mask
    from ...schemas.checks.seen import Keys
    from .pieces import Piece

ATTEMPTS = 2  # how often a piece is given to a worker before its records are turned away
_MAIN = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path[:] = {path!r}
from {lean} import start_lean
start_lean()
from {module} import serve
serve()
"""
# Each library would start a thread for each core, in each worker; what the user has set counts.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
_READY, _ASKED_ALL = "ready", "asked all"  # what a worker says beside questions and outcomes
_GONE = (EOFError, BrokenPipeError, pickle.UnpicklingError)  # what is noticed when the other side has ended
_log = logging.getLogger("copydesk")


class _Said(NamedTuple):
    """What a worker has to say to the user."""

    level: int
    message: str


class WorkerDied(Exception):  # noqa: N818
    """Report that a process ended before its piece was done."""


class Worker:
    """A process that works on one piece after the other; `tell` is called with what it has to say."""

    def __init__(self, tell: Callable[[_Said], None]) -> None:
        self._tell = tell
        code = _MAIN.format(path=sys.path, lean=start_lean.__module__, module=__name__)
        try:
            # in a session of its own, so that Ctrl-C in a terminal is for this process to deal with
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**_ONE_THREAD, **os.environ},
                start_new_session=True,
            )
        except OSError as error:
            raise _not_started(error.strerror or str(error)) from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout

    def prepare(self, processor: Processor) -> None:
        """Wait until it can work. Raises `WorkerDied`."""
        self._send(processor)
        self._receive()

    def work(self, piece: Piece, turn: OrderedQuestions) -> Processed:
        """Let a piece be worked on. Raises `WorkerDied`, or what went wrong with the piece."""
        self._send(piece)
        turn.begin()
        while not isinstance(answer := self._receive(), Processed):
            if isinstance(answer, CopydeskError):
                raise answer
            if isinstance(answer, str):
                turn.end()
            else:
                self._send(turn.ask(answer))
        return answer

    def _send(self, message: Any) -> None:
        try:
            _send(message, self._to)
        except OSError:
            raise self._died() from None

    def _receive(self) -> Any:
        try:
            while isinstance(message := pickle.load(self._from), _Said):
                self._tell(message)
            return message
        except (*_GONE, OSError):
            raise self._died() from None

    def _died(self) -> WorkerDied:
        try:
            code = self._process.wait(1)  # it is ending by itself
        except subprocess.TimeoutExpired:
            self.stop()
            code = self._process.returncode
        return WorkerDied(f"killed by signal {-code}" if code < 0 else f"ended with code {code}")

    def stop(self) -> None:
        """End the process; it has nothing that could be lost."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the streams of a process that has ended."""
        for stream in (self._to, self._from):
            with contextlib.suppress(OSError):  # what was not sent is of no use any more
                stream.close()


class Workers:
    """Some processes, started when they are first needed; to be closed when the run is over."""

    def __init__(self, count: int, processor: Processor, seen: DuplicateIndex) -> None:
        self._count, self._processor = count, processor
        self._turns = Sequencer(seen)
        self._threads = ThreadPoolExecutor(count)
        self._idle: SimpleQueue[Worker | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._started: list[Worker] = []
        self._said: set[_Said] = set()
        self._closed = False

    def __enter__(self) -> Workers:
        return self

    def process(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Processed]]:
        """Give the outcome of each piece, in their order. At most twice as many as workers are under way."""
        waiting: deque[tuple[Piece, Future[Processed]]] = deque()
        for number, piece in enumerate(pieces):
            waiting.append((piece, self._threads.submit(self._work, piece, OrderedQuestions(self._turns, number))))
            if len(waiting) >= 2 * self._count:
                done, future = waiting.popleft()
                yield done, future.result()
        for done, future in waiting:
            yield done, future.result()

    def _work(self, piece: Piece, turn: OrderedQuestions) -> Processed:
        try:
            for attempt in range(1, ATTEMPTS + 1):
                worker = self._idle.get()
                try:
                    worker = worker or self._start()
                    return worker.work(piece, turn)
                except WorkerDied as error:
                    if self._closed:
                        raise Closed from None
                    if worker is None and attempt == ATTEMPTS:
                        raise _not_started(str(error)) from None
                    worker = None
                    again = "its records are turned away" if attempt == ATTEMPTS else "its records are done again"
                    _log.warning("a worker died (%s); %s", error, again)
                finally:
                    self._idle.put(worker)
            return self._processor.give_up(piece)
        finally:
            if not self._closed:
                turn.end()

    def _start(self) -> Worker:
        with self._lock:
            if self._closed:
                raise Closed
            worker = Worker(self._tell)
            self._started.append(worker)
        worker.prepare(self._processor)
        return worker

    def _tell(self, said: _Said) -> None:
        """Log what a worker says, unless one has said it before."""
        with self._lock:
            is_new = said not in self._said
            self._said.add(said)
        if is_new:
            _log.log(said.level, "%s", said.message)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            self._turns.close()
            for worker in self._started:
                worker.stop()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._started:
            worker.close()


def count_workers(asked: int) -> int:
    """Give the number of workers: 0 means one for each core that may be used. Raises `SettingError` for less."""
    if asked < 0:
        raise SettingError(f"--workers {asked}: not a number of processes", hint="give 1 or more, or 0 for all cores")
    if asked:
        return asked
    return count_cores()


def _not_started(why: str) -> InternalError:
    return InternalError(f"a worker could not be started ({why})", hint="try --workers 1")


def _send(message: Any, stream: IO[bytes]) -> None:
    pickle.dump(message, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


class _Relay(logging.Handler):
    """Sends what is logged to the process that this one works for."""

    def __init__(self, sink: IO[bytes]) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        _send(_Said(record.levelno, record.getMessage()), self._sink)


class RemoteDuplicateIndex(DuplicateIndex):
    """What came before in the run, as the other process knows it."""

    def __init__(self, ask: Callable[[Question], Mask]) -> None:
        self._ask = ask

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say which keys came before; remember them all."""
        return self._ask(("known", (kind, keys)))

    def near(self, sketches: list[Any]) -> Mask:
        """Say which texts are nearly those of earlier ones; remember those that are not."""
        return self._ask(("near", (sketches,)))


def serve() -> None:
    """Be a worker: take a `Processor`, then pieces, until there are no more."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints must not come between the messages
    _log.handlers[:] = [_Relay(sink)]
    _log.setLevel(logging.INFO)
    _log.propagate = False
    logging.getLogger(PLUGINS).setLevel(logging.ERROR)

    def ask(question: Question) -> Mask:
        _send(question, sink)
        answer: Mask = pickle.load(source)
        return answer

    try:
        processor: Processor = pickle.load(source)
        _send(_READY, sink)
        while True:
            _send(
                _outcome(processor, pickle.load(source), RemoteDuplicateIndex(ask), lambda: _send(_ASKED_ALL, sink)),
                sink,
            )
    except _GONE:
        os._exit(0)  # the run is over, or its process was killed


def _outcome(
    processor: Processor, piece: Piece, seen: DuplicateIndex, asked_all: Callable[[], None]
) -> Processed | CopydeskError:
    try:
        return processor.process(piece, seen, asked_all)
    except CopydeskError as error:
        return error
    except _GONE:
        raise
    except MemoryError:
        os._exit(1)  # as if the system had ended it
    except Exception as error:
        return InternalError(f"a fault of ours ({error!r})", hint="please report it", trace=traceback.format_exc())
