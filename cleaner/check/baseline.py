"""The baseline: findings that were there before somebody looked, so that only new ones count."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ...schemas.errors import InputError
from ...schemas.findings import Finding
from ..atomic_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT = Path(".copydesk-baseline.json")
VERSION = 1
_ANEW = "make it anew with `copydesk baseline create --overwrite`"


class BaselineEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding of the baseline; all but the key and how often it was there is for the reader."""

    code: str
    record: str
    snippet: str
    key: str
    count: int


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    findings: list[BaselineEntry]


class Baseline:
    """The findings of a baseline, each as often as it was there, ticked off as they are found again."""

    def __init__(self, entries: Iterable[BaselineEntry] = (), path: Path = DEFAULT) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.code, entry.record, entry.key))
        self._path = path
        self._open = Counter({entry.key: entry.count for entry in self.entries})

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """Make a baseline of findings."""
        counts: Counter[str] = Counter()
        first: dict[str, Finding] = {}
        for finding in findings:
            counts[finding.key] += 1
            first.setdefault(finding.key, finding)
        return cls(BaselineEntry(f.code, f.record, f.snippet, key, counts[key]) for key, f in first.items())

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a baseline. Raises `InputError` if there is none, or one of another version, or a damaged one."""
        try:
            content = msgspec.json.decode(path.read_bytes())
            version = content.get("version") if isinstance(content, dict) else None
            if version not in (None, VERSION):
                raise InputError(f"a baseline of version {version!r}, not {VERSION}", where=str(path), hint=_ANEW)
            file = msgspec.convert(content, _File)
        except FileNotFoundError:
            hint = "make it with `copydesk baseline create`"
            raise InputError("no baseline file found", where=str(path), hint=hint) from None
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", where=str(path), hint="give another file") from None
        except (msgspec.MsgspecError, RecursionError) as error:
            raise InputError(f"no sound baseline ({error})", where=str(path), hint=_ANEW) from None
        return cls(file.findings, path)

    def write(self, path: Path) -> None:
        """Write it, one finding a line, sorted, so that a version control system shows what changed."""
        lines = ",\n".join(json.dumps(msgspec.to_builtins(entry), ensure_ascii=False) for entry in self.entries)
        with whole_file(path) as file:
            file.write(f'{{"version": {VERSION}, "findings": [\n{lines}\n]}}\n')

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding stands in it, and tick it off."""
        known = self._open[finding.key] > 0
        self._open[finding.key] -= known
        return known

    def found_again(self) -> Baseline:
        """Give a baseline of what was ticked off."""
        left = ((entry, entry.count - self._open[entry.key]) for entry in self.entries)
        return Baseline(msgspec.structs.replace(entry, count=count) for entry, count in left if count)

    def gone(self) -> list[Finding]:
        """Give what was not ticked off, as findings about the baseline."""
        return [
            Finding(
                "baseline/gone",
                "warning",
                f"{entry.code} is no longer found: run `copydesk baseline prune`",
                str(self._path),
                number,
                record=entry.record,
                text=entry.snippet,
            )
            for number, entry in enumerate(self.entries, 2)
            if self._open[entry.key] > 0
        ]
