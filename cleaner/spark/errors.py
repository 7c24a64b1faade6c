"""Errors of copydesk that tasks raise, passed on to the driver in the message of a Spark error.

Such a message can quote file names and texts of the input. So it is read as data only: JSON, with the name of a known
class and its texts.
"""

from __future__ import annotations

import base64
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...schemas import errors
from ...schemas.errors import CopydeskError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "copydesk-error:"
_ENCODED = re.compile(rf"\[{_MARK}([A-Za-z0-9+/=]+)\]")


@contextmanager
def passed_on() -> Iterator[None]:
    """Raise an error of copydesk so that Spark's message about it has the whole error."""
    try:
        yield
    except CopydeskError as error:
        raise RuntimeError(f"{error} [{_MARK}{_encode(error)}]") from None


def error_in(message: str) -> CopydeskError | None:
    """Return the error of copydesk that a message of Spark has, if any.

    The last one counts: an earlier one can be a text of the input that the error quotes.
    """
    for encoded in reversed(_ENCODED.findall(message)):
        error = _decode(encoded)
        if error is not None:
            return error
    return None


def _encode(error: CopydeskError) -> str:
    data = {"kind": type(error).__name__, "args": error.args, "attributes": vars(error)}
    return base64.b64encode(json.dumps(data, default=str).encode()).decode()


def _decode(encoded: str) -> CopydeskError | None:
    try:
        data = json.loads(base64.b64decode(encoded))
        kind = getattr(errors, data["kind"])
        args, attributes = data["args"], data["attributes"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not (isinstance(kind, type) and issubclass(kind, CopydeskError)):
        return None
    if not isinstance(args, list) or not isinstance(attributes, dict) or not _is_complete(attributes):
        return None
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


def _is_complete(attributes: dict[str, object]) -> bool:
    """Return whether the attributes are those of an error, without any that changes its behaviour (`exit_code`)."""
    texts = all(isinstance(attributes.get(name), str) for name in ("what", "where", "hint"))
    return texts and attributes.keys() <= {"what", "where", "hint", "trace", "cause", "fields", "guess"}
