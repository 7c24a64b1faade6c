"""Errors of ours that tasks raise, in messages that Spark passes on to the driver."""

from __future__ import annotations

import base64
import pickle
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...schemas.errors import CopydeskError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "copydesk-error:"


@contextmanager
def passed_on() -> Iterator[None]:
    """Let an error of ours reach the driver as it is, in the message of one that Spark passes on."""
    try:
        yield
    except CopydeskError as error:
        raise RuntimeError(f"{error} [{_MARK}{base64.b64encode(pickle.dumps(error)).decode()}]") from None


def error_in(message: str) -> CopydeskError | None:
    """Give the error of ours that a message of Spark has in it, if there is one."""
    _, mark, rest = message.partition(f"[{_MARK}")
    if not mark:
        return None
    error: CopydeskError = pickle.loads(base64.b64decode(rest.partition("]")[0]))
    return error
