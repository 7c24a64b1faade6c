"""Functions called in processes of their own, on cores of their own: what one of them loads costs no other."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any, TypeVar

from ...schemas.errors import InternalError
from ..process import python_command, start_lean
from .measure import pin

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class RemoteError(Exception):
    """The traceback of an error in another process."""


def apart(function: Callable[..., T], *arguments: Any, cores: int | None = None, lean: bool = True) -> T:
    """Call a function in a new process, and return its result or raise its error.

    `cores` limits the process to that many cores; None means all. With `lean`, the process starts like those of the
    command; set it to False if the function needs pandas.
    """
    main = getattr(sys.modules["__main__"], "__file__", None) if function.__module__ == "__main__" else None
    request = pickle.dumps((cores, lean, main)) + pickle.dumps((function, arguments))
    command = python_command(f"from {__name__} import serve\nserve()")
    ran = subprocess.run(command, input=request, stdout=subprocess.PIPE, check=False)
    if not ran.stdout:
        raise InternalError(f"the process that measures ended with code {ran.returncode}", hint="see the lines above")
    result, error, trace = pickle.loads(ran.stdout)
    if error is not None:
        raise error from RemoteError(trace)
    value: T = result
    return value


def serve() -> None:
    """Call the function of the request on standard input, and write its outcome to standard output."""
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the function prints must not get into the outcome
    cores, lean, main = pickle.load(sys.stdin.buffer)
    pin(cores)
    if lean:
        start_lean()
    if main is not None:
        _load_main(main)
    function, arguments = pickle.load(sys.stdin.buffer)
    outcome: tuple[Any, Exception | None, str]
    try:
        outcome = (function(*arguments), None, "")
    except Exception as error:
        outcome = (None, error, traceback.format_exc())
    with outgoing:
        pickle.dump(outcome, outgoing, pickle.HIGHEST_PROTOCOL)


def _load_main(path: str) -> None:
    """Load a script so that its functions, which pickles call those of `__main__`, are found."""
    import runpy
    import types

    sys.path.insert(0, os.path.dirname(path))
    module = types.ModuleType("__main__")
    module.__dict__.update(runpy.run_path(path, run_name="__copydesk_apart__"))
    sys.modules["__main__"] = module
