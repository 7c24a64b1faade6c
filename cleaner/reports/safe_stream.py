"""Standard output and standard error that pass on text, but no terminal sequence and no command for a CI service.

Text from data may reach a terminal by any message. So the filter is in the stream, where no message can pass it by.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, TextIO

from ...schemas.errors import OutputError
from ...schemas.messages import UNPRINTABLE, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

# Variables that GitHub Actions, Azure Pipelines and TeamCity set. They read commands from the output of a step.
_SERVICES = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
# `::error::` at the beginning of a line; `##[error]`, `##vso[...]` and `##teamcity[...]` anywhere. The last character
# of a match is escaped.
_COMMAND = re.compile(r"^\s*::|##[A-Za-z]*\[", re.MULTILINE)
_OPEN_COMMAND = re.compile(r"(^\s*:?|##?[A-Za-z]*)\Z")
_LONGEST = 40  # characters of the line that are remembered


def reads_commands() -> bool:
    """Return whether a CI service reads commands from the output."""
    return any(os.environ.get(name) for name in _SERVICES)


class SafeStream:
    """A text stream that escapes unsafe characters and, inside a CI service, what would be a command.

    The escapes are those of JSON strings, so a JSON document stays the same document. `trusted` is the stream below,
    for output that is not made from data, such as a progress bar.
    """

    def __init__(self, stream: TextIO, name: str, *, must_work: bool = True) -> None:
        self.trusted = stream
        self.color: bool | None = None
        """Whether the user wants colours in it, None if the user did not say."""
        self._name, self._must_work = name, must_work
        self._filters_commands = reads_commands()
        self._line = ""  # the end of the line so far, if a command may begin there

    def write(self, text: str) -> int:
        """Write a text. Raises `OutputError` if the stream fails, unless it may fail."""
        self._pass_on(self._filter(as_json_text(text, keep="\n\t")))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is buffered."""
        self._pass_on("")

    def _pass_on(self, text: str) -> None:
        try:
            if text:
                self.trusted.write(text)
            else:
                self.trusted.flush()
        except BrokenPipeError:
            if self._must_work:
                raise
        except (OSError, ValueError) as error:  # a closed stream is a ValueError
            if self._must_work:
                reason = getattr(error, "strerror", None) or str(error)
                hint = "free some space, or write elsewhere"
                raise OutputError(f"cannot be written ({reason})", where=self._name, hint=hint) from None

    def _filter(self, text: str) -> str:
        if not self._filters_commands:
            return text
        whole = self._line + text
        safe = escape_commands(whole)
        line = whole[whole.rfind("\n") + 1 :]
        open_command = _OPEN_COMMAND.search(line[-_LONGEST:])
        self._line = open_command[0] if open_command else "x"
        return safe[len(whole) - len(text) :]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.trusted, name)


def as_json_text(text: str, keep: str = "") -> str:
    r"""Return a text in which unsafe characters are written as JSON strings write them.

    A JSON document stays the same document: its strings contain no raw control characters below U+0020.

    >>> print(as_json_text('{"text": "\u202e\x9b\x7f"}'))
    {"text": "\u202e\u009b\u007f"}
    """
    if text.isascii() and text.isprintable():
        return text
    return UNPRINTABLE.sub(lambda match: match[0] if match[0] in keep else _escape(match[0]), text)


def safe_line(text: str, keep: str = "") -> str:
    """Return a line of a text report as it may reach a terminal or the log of a CI service.

    `keep` names unsafe characters that stay as they are, such as tabs.
    """
    line = printable(text, keep)
    return escape_commands(line) if reads_commands() else line


def escape_commands(text: str, form: str = r"\u{:04x}") -> str:
    r"""Return a text without commands for CI services. The last character of their prefix is escaped.

    >>> print(escape_commands("::error::x"), escape_commands("see ##[group]", "&#{};"))
    :\u003aerror::x see ##&#91;group]
    """
    return _COMMAND.sub(lambda match: match[0][:-1] + form.format(ord(match[0][-1])), text)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return json.dumps(char)[1:-1] if char in "\t\n\r" else f"\\x{code:02x}"
    if code < 0x10000:
        return f"\\u{code:04x}"
    return json.dumps(char)[1:-1]  # two surrogates


def trusted_stream(stream: TextIO) -> TextIO:
    """Return the stream below a `SafeStream`, or the stream itself."""
    return getattr(stream, "trusted", stream)
