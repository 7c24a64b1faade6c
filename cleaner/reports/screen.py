"""Lines for a terminal: in colour, and wrapped at words at its width. A pipe or a file gets the same lines plain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from .safe_stream import safe_line, trusted_stream

if TYPE_CHECKING:
    from rich.console import Console

SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "blue"}
_NARROWEST = 20  # columns
Part = str | tuple[str, str]
"""A text, or a text and its style."""


def wants_color(stream: TextIO) -> bool:
    """Return whether text on a stream is coloured.

    The choice of the user counts (`--color`, kept as `stream.color`), then NO_COLOR, then whether it is a terminal.
    """
    choice: bool | None = getattr(stream, "color", None)
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


class Screen:
    """Writes lines to a stream. Unsafe characters in them become visible escapes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_terminal = stream.isatty()
        self._console = _open_console(stream) if self.is_terminal or wants_color(stream) else None

    @property
    def width(self) -> int:
        """The columns of the terminal, 80 for a pipe or a file."""
        return self._console.width if self._console is not None and self.is_terminal else 80

    def write(self, *parts: Part, hanging: int = 0, keep: str = "") -> None:
        """Write a line of parts. On a terminal it is wrapped, and its later lines are indented by `hanging` columns.

        `keep` names unsafe characters that stay as they are, such as tabs.
        """
        texts = [(part, "") if isinstance(part, str) else part for part in parts]
        if self._console is None:
            self._stream.write(safe_line("".join(text for text, _ in texts), keep) + "\n")
            return
        from rich.text import Text

        whole = safe_line("".join(text for text, _ in texts), keep)
        safe = [(safe_line(text, keep), style) for text, style in texts]
        if "".join(text for text, _ in safe) != whole:  # a command of a CI service over several parts
            safe = [(whole, "")]
        line = Text.assemble(*safe)
        lines = [line]
        if self.is_terminal:
            width = max(self._console.width - hanging, _NARROWEST)
            lines = list(line.wrap(self._console, width, overflow="fold")) or [line]
        for number, each in enumerate(lines):
            self._console.print(Text(" " * hanging if number else "") + each, soft_wrap=True)


def _open_console(stream: TextIO) -> Console:
    from rich.console import Console

    color = wants_color(stream)
    return Console(
        file=trusted_stream(stream),
        force_terminal=True,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
    )
