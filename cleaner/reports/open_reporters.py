"""Several formats at once, each to its own place."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import SettingError
from ..atomic_files import whole_file
from .reporter import Reporter, find_reporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...schemas.findings import Described


def parse_formats(formats: Sequence[str], output_file: Path | None) -> list[tuple[str, Path | None]]:
    """Give name and file of each format, from `NAME` or `NAME=FILE`; no file is standard output.

    Raises `SettingError` if two go to one place.
    """
    pairs = [given.partition("=") for given in formats or ("text",)]
    found = [(name, Path(file) if file else output_file) for name, _, file in pairs]
    places = [path for _, path in found]
    for path in places:
        if places.count(path) > 1:
            raise SettingError(
                f"two formats go to {path or 'standard output'}", hint="give one a file of its own: --format sarif=FILE"
            )
    if output_file and output_file not in places:
        raise SettingError("--output-file: each format has a file of its own", hint="leave it out")
    return found


@contextmanager
def open_reporters(
    formats: Sequence[tuple[str, Path | None]], rules: Mapping[str, Described], *, quiet: bool = False
) -> Iterator[list[Reporter]]:
    """Open the reporters; those that go to standard output are left out with `quiet`.

    A file is there when all is written, or not at all. Raises `SettingError` for an unknown format.
    """
    classes = [(find_reporter(name), path) for name, path in formats]
    with ExitStack() as stack:
        yield [
            reporter(stack.enter_context(whole_file(path)) if path else sys.stdout, rules)
            for reporter, path in classes
            if path or not quiet
        ]
