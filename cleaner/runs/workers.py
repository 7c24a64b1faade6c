"""Worker processes, each at work on a piece of the input.

A thread of this process serves each worker: it sends a piece, answers the worker's questions about the run so far, and
receives the outcome. Messages are pickles on the standard streams of the worker.
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

from ...schemas.cache.private_directory import LOGGER as CACHES
from ...schemas.checks.seen import DuplicateIndex
from ...schemas.errors import CopydeskError, InternalError, ProcessError, SettingError
from ...schemas.plugins import LOGGER as PLUGINS
from ..process import count_cores, open_closed_streams, python_command, start_lean
from ..readers.error_places import find_error_place
from .ordered_questions import Closed, OrderedQuestions, Question, Sequencer
from .processor import ProcessedPiece, Processor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ...schemas.checks.seen import Keys, Repeats
    from ...schemas.twins import RecordNames
    from .pieces import Piece

MOST_WORKERS = 512
ATTEMPTS = 2  # workers that may die of a piece before its records are turned away
_MAIN = f"""\
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from {start_lean.__module__} import start_lean
start_lean()
from {__name__} import serve
serve()
"""
# Without these, each library starts a thread for each core, in each worker. Values that the user has set win.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
_READY, _ASKED_ALL = "ready", "asked all"  # messages of a worker beside questions, log messages and outcomes
_GONE = (EOFError, BrokenPipeError, pickle.UnpicklingError)  # errors of a stream whose other side has ended
_log = logging.getLogger("copydesk")


class _LogMessage(NamedTuple):
    """A message of a worker to the user."""

    level: int
    message: str


class WorkerDied(Exception):  # noqa: N818
    """Report that a worker ended before its piece was done."""


class Worker:
    """A process that works on one piece after the other; `log` is called with its messages to the user."""

    def __init__(self, log: Callable[[_LogMessage], None]) -> None:
        self._log = log
        try:
            # a session of its own keeps Ctrl-C in a terminal from the worker: this process handles it
            self._process = subprocess.Popen(
                python_command(_MAIN),
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
        """Wait until the worker is ready. Raises `WorkerDied`."""
        self._send(processor)
        self._receive()

    def work(self, piece: Piece, questions: OrderedQuestions) -> ProcessedPiece:
        """Let the worker process a piece. Raises `WorkerDied`, or the error that the piece led to."""
        self._send(piece)
        questions.begin()
        while not isinstance(message := self._receive(), ProcessedPiece):
            if isinstance(message, CopydeskError):
                raise message
            if isinstance(message, str):
                questions.end()
            else:
                self._send(questions.ask(message))
        return message

    def _send(self, message: Any) -> None:
        try:
            _send(message, self._to)
        except OSError:
            raise self._died() from None

    def _receive(self) -> Any:
        try:
            while isinstance(message := pickle.load(self._from), _LogMessage):
                self._log(message)
            return message
        except (*_GONE, OSError):
            raise self._died() from None

    def _died(self) -> WorkerDied:
        try:
            code = self._process.wait(1)  # the process may still be ending
        except subprocess.TimeoutExpired:
            self.stop()
            code = self._process.returncode
        return WorkerDied(f"killed by signal {-code}" if code < 0 else f"ended with code {code}")

    def stop(self) -> None:
        """Kill the process: it holds nothing that could be lost."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the streams of a process that has ended."""
        for stream in (self._to, self._from):
            with contextlib.suppress(OSError):  # flushing what was not sent fails, and nobody misses it
                stream.close()


class Workers:
    """Some worker processes, started when they are first needed; close them when the run is over."""

    def __init__(self, count: int, processor: Processor, seen: DuplicateIndex) -> None:
        self._count, self._processor = count, processor
        self._sequencer = Sequencer(seen)
        self._threads = ThreadPoolExecutor(count)
        self._idle: SimpleQueue[Worker | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._started: list[Worker] = []
        self._logged: set[_LogMessage] = set()
        self._closed = False

    def __enter__(self) -> Workers:
        return self

    def process(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, ProcessedPiece]]:
        """Yield the outcome of each piece, in their order. Twice as many pieces as workers are under way at most."""
        waiting: deque[tuple[Piece, Future[ProcessedPiece]]] = deque()
        for number, piece in enumerate(pieces):
            questions = OrderedQuestions(self._sequencer, number)
            waiting.append((piece, self._threads.submit(self._work, piece, questions)))
            if len(waiting) >= 2 * self._count:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()

    def _work(self, piece: Piece, questions: OrderedQuestions) -> ProcessedPiece:
        try:
            for attempt in range(1, ATTEMPTS + 1):
                worker = self._idle.get()
                try:
                    worker = worker or self._start()
                    return worker.work(piece, questions)
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
            return self._processor.reject(piece)
        finally:
            if not self._closed:
                questions.end()

    def _start(self) -> Worker:
        with self._lock:
            if self._closed:
                raise Closed
            worker = Worker(self._log_once)
            self._started.append(worker)
        worker.prepare(self._processor)
        return worker

    def _log_once(self, message: _LogMessage) -> None:
        """Log a message of a worker, unless another worker has sent the same."""
        with self._lock:
            is_new = message not in self._logged
            self._logged.add(message)
        if is_new:
            _log.log(message.level, "%s", message.message)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            self._sequencer.close()
            for worker in self._started:
                worker.stop()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._started:
            worker.close()


def count_workers(asked: int) -> int:
    """Return the number of workers; 0 means one for each core. Raises `SettingError` below 0 and far above it."""
    if asked < 0:
        raise SettingError(f"--workers {asked}: not a number of processes", hint="give 1 or more, or 0 for all cores")
    if asked > MOST_WORKERS:
        raise SettingError(f"--workers {asked}: more than {MOST_WORKERS}", hint="give 0 for one for each core")
    return asked or count_cores()


def _not_started(why: str) -> ProcessError:
    return ProcessError(f"a worker could not be started ({why})", hint="try --workers 1")


def _send(message: Any, stream: IO[bytes]) -> None:
    pickle.dump(message, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


class _Relay(logging.Handler):
    """Sends log messages to the process that this one works for."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        _send(_LogMessage(record.levelno, record.getMessage()), self._stream)


class RemoteDuplicateIndex(DuplicateIndex):
    """The earlier records of the run, as the other process knows them."""

    def __init__(self, ask: Callable[[Question], Any]) -> None:
        self._ask = ask

    def enter(self, names: RecordNames) -> None:
        """Take the names of the next records."""
        self._ask(("enter", (names,)))

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return which keys occurred before; remember all of them."""
        answer: Repeats = self._ask(("known", (kind, keys)))
        return answer

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return which texts are near an earlier one; remember the others."""
        answer: Repeats = self._ask(("near", (kind, sketches)))
        return answer


def serve() -> None:
    """Be a worker: receive a `Processor`, then process pieces until the other side ends."""
    open_closed_streams()
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the messages
    _log.handlers[:] = [_Relay(outgoing)]
    _log.setLevel(logging.INFO)
    _log.propagate = False
    for name in (PLUGINS, CACHES):
        logging.getLogger(name).setLevel(logging.ERROR)  # the main process has shown their warnings

    def ask(question: Question) -> Any:
        _send(question, outgoing)
        return pickle.load(incoming)

    seen = RemoteDuplicateIndex(ask)
    try:
        processor: Processor = pickle.load(incoming)
        _send(_READY, outgoing)
        while True:
            piece: Piece = pickle.load(incoming)
            _send(_process(processor, piece, seen, lambda: _send(_ASKED_ALL, outgoing)), outgoing)
    except _GONE:
        os._exit(0)  # the run is over, or its process was killed


def _process(
    processor: Processor, piece: Piece, seen: DuplicateIndex, asked_all: Callable[[], None]
) -> ProcessedPiece | CopydeskError:
    try:
        return processor.process(piece, seen, asked_all)
    except CopydeskError as error:
        return error
    except _GONE:
        raise
    except MemoryError:
        os._exit(1)  # as if the system had killed it
    except Exception as error:
        place = find_error_place(error)
        return InternalError(f"{type(error).__name__}: {error}", where=place, trace=traceback.format_exc())
