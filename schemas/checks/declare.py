"""What a check declares, and what it sees of a batch.

A check is a pure function of a `Frame` and of its own parameters, under a decorator that says what it is::

    @check(
        "body/short",
        severity="warning",
        fields=("body",),
        message="the body has fewer than {characters} characters",
        remedy="see whether it is a stub",
        fails={"text": "Rain."},
        passes={"text": "It rained all day."},
        characters=10,
    )
    def flag_short(frame: Frame, characters: int) -> Mask: ...

What stands after the examples are its parameters with their defaults; a suite may set others.
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
"""By row, a (field, message) for each thing found: for checks that say something of each value."""
_ID = re.compile(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Check:
    """A check of single records: what is wrong when it flags one, and what to do about it.

    `fails` and `passes` are records as a dump may hold them; of a list, the last one is meant, and the others came
    before it.
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

    @property
    def field(self) -> str:
        """The field that reasons name."""
        return self.fields[0]


@dataclass(frozen=True)
class SetFinding:
    """What a check of a whole set found wrong with it."""

    field: str
    message: str
    value: float | int | None = None


@dataclass(frozen=True)
class SetCheck:
    """A check of a whole set of records: it looks at the set's profile, and at an earlier one if there is one."""

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
    """Whether it needs an earlier profile."""


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
    """Declare a check of single records. `{name}` in the message stands for a parameter's value."""
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
    """Declare a check of a whole set. Its function gets the set's profile, the earlier one if `against`, parameters."""
    _require_sound(check_id, severity, message, parameters)

    def declare(function: Callable[..., list[SetFinding]]) -> SetCheck:
        return SetCheck(
            check_id, severity, fields, message, remedy or do, fails, passes, function, source, parameters, against
        )

    return declare


def _require_sound(check_id: str, severity: str, message: str, parameters: Mapping[str, Any]) -> None:
    if not _ID.fullmatch(check_id):
        raise SettingError(
            f"the check id {check_id!r} is not of the form family/name", hint="use lower case and hyphens"
        )
    if severity not in SEVERITIES:
        raise SettingError(f"{check_id}: unknown severity {severity!r}{nearest(severity, SEVERITIES)}")
    message.format(**parameters)
