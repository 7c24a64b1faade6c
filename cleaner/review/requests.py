"""What the page sends, checked: each request is a small JSON document with fields of known types."""

from __future__ import annotations

from typing import Literal

import msgspec


class AcceptRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Cuts of a record that are right, by their numbers; all of them if there is none."""

    ref: str
    version: int
    edits: list[int] = []


class UndoRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A cut to take back, and how far."""

    ref: str
    version: int
    edit: int
    scope: Literal["cut", "record", "host", "everywhere", "line"]


class DraftRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A kept line that is junk."""

    ref: str
    version: int
    line: int


class ChangeRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Another form of the drafted rule."""

    ref: str
    general: bool = False
    on_host: bool = False
    stays: str = ""


class SaveRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing: the draft is the last one."""
