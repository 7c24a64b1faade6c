"""Declare checks.

A check is a pure function of a `Frame` and of its own parameters. A decorator declares it::

    @check(
        "body/short",
        severity="warning",
        fields=("body",),
        message="the body has fewer than {characters} characters",
        remedy="check whether the article is a stub",
        fails={"text": "Rain."},
        passes={"text": "It rained all day."},
        characters=10,
    )
    def flag_short(frame: Frame, characters: int) -> Mask: ...

The keywords after the examples are parameters with their defaults. A suite can set other values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import SettingError, nearest
from ..reasons import SEVERITIES, Severity

if TYPE_CHECKING:
    from ..byte_arrays import Mask

Record = Mapping[str, Any]
Example = Record | Sequence[Record]
Details = dict[int, list[tuple[str, str]]]
"""By row, pairs (field, message): for checks that report each value on its own."""
_ID = re.compile(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Check:
    """A check of single records, with the message for a record that it flags, and the remedy.

    `fails` and `passes` are example records of a dump. In a list, the last record is the example; the others came
    before it in the run.
    """

    id: str
    severity: Severity
    fields: tuple[str, ...]
    message: str
    remedy: str
    fails: Example
    passes: Example
    flag: Callable[..., Mask | Details]
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[Sequence[Record], Sequence[Record]] = ((), ())
    """Of a check that is declared as data: all records that fail and that pass."""

    @property
    def is_data(self) -> bool:
        """Whether it is declared in a TOML file."""
        return bool(self.examples[0])

    @property
    def field(self) -> str:
        """The field that a reason names."""
        return self.fields[0]


@dataclass(frozen=True)
class SetFinding:
    """A finding of a check of a whole data set."""

    field: str
    message: str
    value: float | int | None = None


@dataclass(frozen=True)
class SetCheck:
    """A check of a whole data set. It reads the profile of the set, and an earlier profile if it needs one."""

    id: str
    severity: Severity
    fields: tuple[str, ...]
    message: str
    remedy: str
    fails: Sequence[Record]
    passes: Sequence[Record]
    find: Callable[..., list[SetFinding]]
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    against: bool = False
    """Whether the check needs an earlier profile."""


AnyCheck = Check | SetCheck


def check(
    check_id: str,
    *,
    severity: Severity,
    fields: tuple[str, ...],
    message: str,
    remedy: str = "",
    do: str = "",
    fails: Example,
    passes: Example,
    source: str = "",
    **parameters: Any,
) -> Callable[[Callable[..., Mask | Details]], Check]:
    """Declare a check of single records. `{name}` in the message is replaced by the value of that parameter.

    `do` is the old name of `remedy`.
    """
    _require_sound(check_id, severity, message, parameters)

    def declare(function: Callable[..., Mask | Details]) -> Check:
        return Check(check_id, severity, fields, message, remedy or do, fails, passes, function, source, parameters)

    return declare


def set_check(
    check_id: str,
    *,
    severity: Severity,
    fields: tuple[str, ...],
    message: str,
    remedy: str = "",
    do: str = "",
    fails: Sequence[Record],
    passes: Sequence[Record],
    source: str = "",
    against: bool = False,
    **parameters: Any,
) -> Callable[[Callable[..., list[SetFinding]]], SetCheck]:
    """Declare a check of a whole data set.

    Its function gets the profile of the set, the earlier profile if `against`, and the parameters. `do` is the old
    name of `remedy`.
    """
    _require_sound(check_id, severity, message, parameters)

    def declare(function: Callable[..., list[SetFinding]]) -> SetCheck:
        return SetCheck(
            check_id, severity, fields, message, remedy or do, fails, passes, function, source, parameters, against
        )

    return declare


def _require_sound(check_id: str, severity: str, message: str, parameters: Mapping[str, Any]) -> None:
    if not _ID.fullmatch(check_id):
        raise SettingError(
            f"the check id {check_id!r} does not have the form family/name", hint="use lower case and hyphens"
        )
    if severity not in SEVERITIES:
        raise SettingError(f"{check_id}: unknown severity {severity!r}{nearest(severity, SEVERITIES)}")
    message.format(**parameters)
