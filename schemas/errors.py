"""The project's errors.

Bad data never raises: it becomes a result with a reason. Only misuse and a broken set-up raise::

    CopydeskError            exit code 2, unless stated below
    ├── InputError           an input that cannot be read at all
    │   ├── NoTextFieldError   records without any field that holds the text
    │   ├── UnsupportedInputError  a file of a kind that is not read
    │   ├── DamagedInputError  a file that is cut off or damaged at some place
    │   └── InputChangedError  a file that changed while it was read
    ├── OutputError          an output directory that cannot be used
    ├── RuleError            a rule file that cannot be loaded
    ├── LockError            a damaged lock, or rules that differ from it
    ├── PluginError          a plugin that cannot be used
    ├── SettingError         an option, argument or setting with an invalid value
    ├── RestoreError         edits that do not lead back to the raw text
    ├── ProcessError         a process that the system does not start, exit code 3
    └── InternalError        a fault in copydesk, exit code 3
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


NAMED_FIELDS = 40  # fields of an input that a message names
NAMED_LENGTH = 80  # characters of each name
_LONGEST = 2_000  # characters of each part of a message: it can quote names and values of any length


class CopydeskError(Exception):
    """Base of all errors: what is wrong, where, and a hint what to do next."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        where, what, hint = map(_shorten, (self.where, self.what, self.hint))
        place = f"{where}: " if where else ""
        remedy = f"; {hint}" if hint else ""
        return f"{place}{what}{remedy}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the error with its attributes: subclasses take other arguments than the base class."""
        return _copy, (type(self), self.args, vars(self))


class InputError(CopydeskError):
    """An input cannot be read at all. `check` is the reason under which a run sets the file aside."""

    check = "input/unreadable"
    byte_offset: int | None = None
    """Where in the unpacked file reading ended, if that is known."""


class UnsupportedInputError(InputError):
    """A file is of a kind that is not read."""

    check = "input/unsupported"


class DamagedInputError(InputError):
    """A file is cut off or damaged behind a number of unpacked bytes."""

    def __init__(self, what: str, byte_offset: int, *, where: str, hint: str, is_cut: bool) -> None:
        super().__init__(what, where=where, hint=hint)
        self.check = "input/truncated" if is_cut else "input/damaged"
        self.byte_offset = byte_offset


class InputChangedError(InputError):
    """A file changed while it was read."""


class NoTextFieldError(InputError):
    """No field of the records is known to have the text."""

    check = "input/no-text-field"

    def __init__(self, where: str, fields: list[str], guess: str | None) -> None:
        more = f" and {len(fields) - NAMED_FIELDS:,} more" if len(fields) > NAMED_FIELDS else ""
        shown = (", ".join(str(name)[:NAMED_LENGTH] for name in fields[:NAMED_FIELDS]) or "none") + more
        name = guess or "FIELD"
        hint = f"name the field that has the text: --map body={name}, or in Python mapping={{'body': {name!r}}}"
        if not guess:
            hint += "; no field looks like one"
        super().__init__(f"no text field found; the fields are: {shown}", where=where, hint=hint)
        self.fields = fields
        self.guess = guess


class OutputError(CopydeskError):
    """An output directory cannot be used."""


class RuleError(CopydeskError):
    """A rule file cannot be loaded."""


class LockError(CopydeskError):
    """A lock cannot be used, or the rules differ from it."""


class PluginError(CopydeskError):
    """A plugin cannot be used. `cause` is the reason without the name of the plugin."""

    cause = ""


class SettingError(CopydeskError):
    """An option, argument or setting has an invalid value."""


class RestoreError(CopydeskError):
    """Edits do not lead back to the raw text."""


class ProcessError(CopydeskError):
    """The system does not start a process that copydesk needs."""

    exit_code = 3


class InternalError(CopydeskError):
    """A fault in copydesk, never in the data. `trace` is the traceback, if there is one."""

    exit_code = 3

    def __init__(self, what: str, *, where: str = "", hint: str = "", trace: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.trace = trace


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _copy(kind: type[CopydeskError], args: tuple[Any, ...], attributes: dict[str, Any]) -> CopydeskError:
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


def needs_extra(what: str, package: str | None, extra: str, *, where: str = "") -> SettingError:
    """Return the error for a feature that needs a package of an extra."""
    hint = f'install the extra "{extra}": pip install ".[{extra}]" in the source folder of copydesk'
    return SettingError(f"{what} needs the package {package!r}", where=where, hint=hint)


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return ", did you mean 'X'?" for the choice closest to `word`, or an empty text."""
    close = difflib.get_close_matches(word, list(choices), n=1)
    return f", did you mean '{close[0]}'?" if close else ""
