"""Decisions about cuts that somebody has looked at, in a file of the project that people read and keep."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .cache.toml_files import line_of_key, read_toml
from .config import MAX_ENTRIES
from .errors import SettingError, nearest
from .messages import describe_invalid_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DECISIONS = "copydesk.decisions.toml"
_DIGITS = 16
_SHOWN = 160  # characters of a line that the file shows; of a longer one, only the digest counts
_CUT_OFF = "…"
KeptLines = dict[str, frozenset[str]]
"""By rule, the digests of the lines that it leaves alone."""


def line_digest(line: str) -> str:
    r"""Return the digest that a decision knows a line by. White space within it does not matter.

    >>> line_digest("Leave a Comment") == line_digest(" Leave  a\tComment\n")
    True
    """
    return hashlib.sha256(" ".join(line.split()).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def keeps(kept: Mapping[str, frozenset[str]], rule: str, line: str) -> bool:
    """Return whether a rule leaves a line alone."""
    digests = kept.get(rule)
    return digests is not None and line_digest(line) in digests


class Keep(BaseModel):
    """A cut that was taken back: what a rule must not cut any more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(pattern=r"^[^\s/]+/[^\s/]+$", description="The rule, by its id.")
    line: str | None = Field(None, min_length=1, description="The line that stays; its beginning, if it is long.")
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = Field(None, description="Digest of the line.")
    host: str | None = Field(None, min_length=1, description="Only records of this host, without www.")
    record: str | None = Field(None, min_length=1, description="Only the record with this id.")

    @model_validator(mode="after")
    def _fits(self) -> Keep:
        if self.line is None and self.digest is None and self.host is None and self.record is None:
            raise ValueError("name a line, a record or a host; to switch a rule off everywhere, use ignore")
        if self.line is not None:
            _require_digest(self.line, self.digest)
        return self

    @classmethod
    def of(cls, rule: str, line: str | None, *, host: str | None = None, record: str | None = None) -> Keep:
        """Return the decision that a rule leaves a line alone, or everything on a host or in a record."""
        if line is None:
            return cls(rule=rule, host=host, record=record)
        return cls(rule=rule, line=_shorten(line), digest=line_digest(line), host=host, record=record)

    @cached_property
    def key(self) -> str | None:
        """The digest of the line, None if the decision is about all lines."""
        return self.digest or (line_digest(self.line) if self.line is not None else None)

    @property
    def scope(self) -> tuple[str, str, str, str]:
        """What the decision is about. Two with the same scope are one."""
        return self.rule, self.key or "", self.host or "", self.record or ""


class Accept(BaseModel):
    """A cut that somebody has looked at and found right. It changes nothing but what is left to look at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(pattern=r"^[^\s/]+/[^\s/]+$", description="The rule, by its id.")
    line: str = Field(min_length=1, description="The text that it cut; its beginning, if it is long.")
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = Field(None, description="Digest of the text.")

    @model_validator(mode="after")
    def _fits(self) -> Accept:
        _require_digest(self.line, self.digest)
        return self

    @classmethod
    def of(cls, rule: str, text: str) -> Accept:
        """Return the decision that a rule was right to cut a text, wherever it cuts it."""
        return cls(rule=rule, line=_shorten(text), digest=line_digest(text))

    @property
    def scope(self) -> tuple[str, str]:
        """What the decision is about: the rule, and the digest of the text."""
        return self.rule, self.digest or line_digest(self.line)


def _shorten(line: str) -> str:
    plain = " ".join(line.split())
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + _CUT_OFF


def _require_digest(line: str, digest: str | None) -> None:
    """Raise `ValueError` for a digest of another line, and for a part of a line without one."""
    is_whole = not line.endswith(_CUT_OFF)
    if is_whole and digest not in (None, line_digest(line)):
        raise ValueError("the digest is that of another line: remove the digest if you have changed the line")
    if not is_whole and digest is None:
        raise ValueError("the line is cut off, so that it needs its digest")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keep: Annotated[list[Keep], Field(max_length=MAX_ENTRIES)] = []
    accept: Annotated[list[Accept], Field(max_length=MAX_ENTRIES)] = []


class Decisions:
    """All decisions of a project, each once, in a fixed order. Only `entries` change what is cut."""

    def __init__(self, entries: Iterable[Keep] = (), accepted: Iterable[Accept] = ()) -> None:
        self.entries = sorted({entry.scope: entry for entry in entries}.values(), key=lambda entry: entry.scope)
        self.accepted = sorted({entry.scope: entry for entry in accepted}.values(), key=lambda entry: entry.scope)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def __add__(self, others: Iterable[Keep]) -> Decisions:
        return Decisions([*self.entries, *others], self.accepted)

    def accept(self, others: Iterable[Accept]) -> Decisions:
        """Return these decisions and cuts that were found right."""
        return Decisions(self.entries, [*self.accepted, *others])

    @property
    def digest(self) -> str:
        """A digest of all that they decide."""
        return hashlib.sha256(repr([entry.scope for entry in self.entries]).encode("utf-8", "replace")).hexdigest()

    @classmethod
    def read(cls, path: Path) -> Decisions:
        """Read a file of decisions; none if it is missing. Raises `SettingError` for one that is not sound."""
        try:
            text, content = read_toml(path)
        except FileNotFoundError:
            return cls()
        except OSError as error:
            hint = "correct or remove it"
            raise SettingError(f"cannot be read ({error.strerror})", where=str(path), hint=hint) from None
        except ValueError as error:
            raise SettingError(f"not TOML: {error}", where=str(path), hint="correct it") from None
        try:
            file = _File.model_validate(content)
            return cls(file.keep, file.accept)
        except ValidationError as error:
            raise _explain(error, path, text) from None


def _explain(error: ValidationError, path: Path, text: str) -> SettingError:
    """Return the first error of a file, with its line."""
    first = error.errors()[0]
    names = [key for key in first["loc"] if isinstance(key, str)]
    numbers = [key for key in first["loc"] if isinstance(key, int)]
    table = str(first["loc"][0]) if numbers else ""
    where = f"{path}:{line_of_key(text, *names[1:] or names, table=table, index=numbers[0] if numbers else 0)}"
    if first["type"] == "extra_forbidden":
        known = (Accept if table == "accept" else Keep).model_fields if numbers else _File.model_fields
        return SettingError(f"unknown key {names[-1]!r}{nearest(names[-1], known)}", where=where)
    what, hint = describe_invalid_value(first, ".".join(names))
    return SettingError(what, where=where, hint=hint)
