"""The baseline: existing findings that `check` no longer reports, so that only new findings count."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ...rules.ruleset.selection import replace_former
from ...schemas.errors import InputError
from ...schemas.findings import Finding
from ..atomic_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DEFAULT = Path(".copydesk-baseline.json")
VERSION = 1
_RECREATE = "create it again with `copydesk baseline create --overwrite`"


class BaselineEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A finding of the baseline. `key`, `count` and `places` are compared; the rest is for people who read the file.

    `places` are the keys of the same finding by the paths of text files: they hold when somebody edits such a file.
    """

    code: str
    record: str
    snippet: str
    key: str
    count: int
    places: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    findings: list[BaselineEntry]


class Baseline:
    """The findings of a baseline with their counts. `covers` counts them down as `check` finds them again."""

    def __init__(self, entries: Iterable[BaselineEntry] = (), path: Path = DEFAULT) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.code, entry.record, entry.key))
        self._path = path
        self._open = Counter({entry.key: entry.count for entry in self.entries})
        self._by_place = {place: entry.key for entry in self.entries for place in entry.places}
        self._former: dict[str, list[str]] = {}  # the ids that a rule has in the baseline, by its id today

    @classmethod
    def from_findings(cls, findings: Iterable[Finding]) -> Baseline:
        """Return a baseline of findings."""
        counts: Counter[str] = Counter()
        first: dict[str, Finding] = {}
        places: dict[str, dict[str, None]] = {}
        for finding in findings:
            counts[finding.key] += 1
            first.setdefault(finding.key, finding)
            if place := finding.place_key:
                places.setdefault(finding.key, {})[place] = None
        return cls(
            BaselineEntry(f.code, f.record, f.snippet, key, counts[key], [*places.get(key, ())])
            for key, f in first.items()
        )

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a baseline. Raises `InputError` if the file is missing, damaged or has another version."""
        try:
            if path.is_char_device() or path.is_block_device():
                raise InputError("is a device, not a baseline", where=str(path), hint="name another file")
            content = msgspec.json.decode(path.read_bytes())
            version = content.get("version") if isinstance(content, dict) else None
            if version not in (None, VERSION):
                raise InputError(f"a baseline of version {version!r}, not {VERSION}", where=str(path), hint=_RECREATE)
            file = msgspec.convert(content, _File)
        except FileNotFoundError:
            hint = "create it with `copydesk baseline create`"
            raise InputError("no baseline file found", where=str(path), hint=hint) from None
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", where=str(path), hint="name another file") from None
        except (msgspec.MsgspecError, RecursionError) as error:
            raise InputError(f"not a baseline, or damaged ({error})", where=str(path), hint=_RECREATE) from None
        return cls(file.findings, path)

    def write(self, path: Path) -> None:
        """Write the baseline, sorted, one finding per line, so that a diff shows what changed."""
        lines = ",\n".join(json.dumps(msgspec.to_builtins(entry), ensure_ascii=False) for entry in self.entries)
        with whole_file(path) as file:
            file.write(f'{{"version": {VERSION}, "findings": [\n{lines}\n]}}\n')

    def rename(self, former: Mapping[str, Sequence[str]]) -> Baseline:
        """Recognise the entries of rules that had other ids when the baseline was made. Return the baseline itself."""
        for code in sorted({entry.code for entry in self.entries} & former.keys()):
            for current in replace_former([code], str(self._path), former):
                self._former.setdefault(current, []).append(code)
        return self

    def covers(self, finding: Finding) -> bool:
        """Return whether the baseline has a finding, and count it down."""
        earlier = [msgspec.structs.replace(finding, code=code) for code in self._former.get(finding.code, ())]
        names = (finding, *earlier)
        for key in (*(one.key for one in names), *(self._by_place.get(one.place_key, "") for one in names)):
            if self._open[key] > 0:
                self._open[key] -= 1
                return True
        return False

    def prune(self) -> Baseline:
        """Return a baseline of the findings that occurred again."""
        counts = ((entry, entry.count - self._open[entry.key]) for entry in self.entries)
        return Baseline(msgspec.structs.replace(entry, count=count) for entry, count in counts if count)

    def list_gone(self) -> list[Finding]:
        """Return the entries that did not occur again, as findings about the baseline."""
        return [
            Finding(
                "baseline/gone",
                "warning",
                f"{entry.code} no longer occurs: run `copydesk baseline prune`",
                str(self._path),
                number,
                record=entry.record,
                text=entry.snippet,
            )
            for number, entry in enumerate(self.entries, 2)
            if self._open[entry.key] > 0
        ]
