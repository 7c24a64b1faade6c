"""Names of files and folders as messages and records hold them, and the error for those that cannot be read."""

from __future__ import annotations

import errno

from ...schemas.errors import InputError


def readable_name(name: str) -> str:
    r"""Return the name of a file as text: bytes that are not UTF-8 become escapes.

    >>> print(readable_name("caf\udce9.txt"))
    caf\xe9.txt
    """
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return name.encode("utf-8", "backslashreplace").decode()


def unreadable(error: OSError, where: str) -> InputError:
    """Return the error for a file or folder that cannot be opened."""
    hint = "check the path" if error.errno in (errno.ENAMETOOLONG, errno.ELOOP) else "check its permissions"
    if error.errno == errno.ENOENT:
        hint = "check where the link leads"
    return InputError(f"cannot be read ({error.strerror or error})", where=where, hint=hint)
