"""Write several report formats at once, each to its own place."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ...schemas.errors import SettingError
from ..atomic_files import whole_file
from .reporter import Reporter, find_reporter
from .safe_stream import trusted_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...schemas.findings import Described


def parse_formats(formats: Sequence[str], output_file: Path | None) -> list[tuple[str, Path | None]]:
    """Return the name and the file of each format, from `NAME` or `NAME=FILE`. None means standard output.

    Raises `SettingError` if two formats go to the same place.
    """
    pairs = [option.partition("=") for option in formats or ("text",)]
    targets = [(name, Path(file) if file else output_file) for name, _, file in pairs]
    places = [path for _, path in targets]
    files = [os.path.realpath(path) if path else None for path in places]
    for path, file in zip(places, files, strict=True):
        if files.count(file) > 1:
            raise SettingError(
                f"two formats go to {path or 'standard output'}", hint="give one a file of its own: --format sarif=FILE"
            )
    if output_file and output_file not in places:
        raise SettingError("--output-file is not used: every format names its own file", hint="leave it out")
    return targets


@contextmanager
def open_reporters(
    formats: Sequence[tuple[str, Path | None]], rules: Mapping[str, Described], *, quiet: bool = False
) -> Iterator[list[Reporter]]:
    """Open the reporters. With `quiet`, leave out those that write to standard output.

    A file appears only when the report is complete. Raises `SettingError` for an unknown format.
    """
    classes = [(find_reporter(name), path) for name, path in formats]
    with ExitStack() as stack:
        yield [
            reporter(stack.enter_context(whole_file(path)) if path else _standard_output(reporter), rules)
            for reporter, path in classes
            if path or not quiet
        ]


def _standard_output(reporter: type[Reporter]) -> TextIO:
    return trusted_stream(sys.stdout) if reporter.writes_commands else sys.stdout
