"""The project's errors.

Bad data is never an exception here: it is a result with a reason. Only misuse and a broken set-up raise::

    CopydeskError            exit code 2 unless said otherwise
    ├── InputError           an input that cannot be read at all
    │   ├── NoTextFieldError   records without any field that holds the text
    │   └── InputChangedError  a file that is no longer what it was
    ├── OutputError          an output directory that cannot be used
    ├── RuleError            a rule file that cannot be loaded
    ├── LockError            a lock that is damaged, or rules that are not those it names
    ├── PluginError          a plugin that cannot be used
    ├── SettingError         an option or argument with a value that makes no sense
    ├── RestoreError         edits that do not lead back to the raw text
    └── InternalError        a fault of ours, exit code 3
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class CopydeskError(Exception):
    """Say what was found, where, and what to do next."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f"; {self.hint}" if self.hint else ""
        return f"{place}{self.what}{remedy}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as it is: the arguments that made it are not those of the base class."""
        return _copy, (type(self), self.args, vars(self))


class InputError(CopydeskError):
    """Report an input that cannot be read at all."""


class InputChangedError(InputError):
    """Report a file that was changed while it was read."""


class NoTextFieldError(InputError):
    """Report records in which no field is known to hold the text."""

    def __init__(self, where: str, fields: list[str], guess: str | None) -> None:
        shown = ", ".join(fields) or "none"
        name = guess or fields[0] if fields else "FIELD"
        hint = f"say which one holds the text: --map body={name}, or in Python mapping={{'body': {name!r}}}"
        super().__init__(f"no text field found; the fields there are: {shown}", where=where, hint=hint)
        self.fields = fields
        self.guess = guess


class OutputError(CopydeskError):
    """Report an output directory that cannot be used."""


class RuleError(CopydeskError):
    """Report a rule file that cannot be loaded."""


class LockError(CopydeskError):
    """Report a lock that cannot be used, or rules that are not those it names."""


class PluginError(CopydeskError):
    """Report what an installed distribution adds that cannot be used; `cause` says why, without naming it."""

    cause = ""


class SettingError(CopydeskError):
    """Report an option or argument whose value makes no sense."""


class RestoreError(CopydeskError):
    """Report edits that do not lead back to the raw text."""


class InternalError(CopydeskError):
    """Report a fault of ours, never of the data. `trace` shows where it happened, if that is known."""

    exit_code = 3

    def __init__(self, what: str, *, where: str = "", hint: str = "", trace: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.trace = trace


def _copy(kind: type[CopydeskError], args: tuple[Any, ...], facts: dict[str, Any]) -> CopydeskError:
    error = kind.__new__(kind, *args)
    vars(error).update(facts)
    return error


def needs_extra(what: str, package: str | None, extra: str, *, where: str = "") -> SettingError:
    """Give the error of work that takes a package which only comes with an extra."""
    hint = f'install the extra "{extra}": pip install ".[{extra}]" where you have the source of copydesk'
    return SettingError(f"{what} needs the package {package!r}", where=where, hint=hint)


def nearest(word: str, known: Iterable[str]) -> str:
    """Give ", did you mean 'X'?" for the known word closest to `word`, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean '{close[0]}'?" if close else ""
