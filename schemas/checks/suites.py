"""Suites: which checks run, with which severity and parameters.

A suite is a TOML file::

    extends = "article"
    summary = "Articles for our index"

    [checks]
    "body/short" = "error"
    "headline/missing" = "off"
    "body/too-short" = { characters = 400, mostly = 0.99 }

    [[sources]]
    host = "*.wire.example"
    checks = { "body/too-short" = { characters = 80 } }

It can also declare checks of its own in `[[check]]`, see `check_files`. They run without being named in `[checks]`.

`mostly` is the share of records that must pass for the whole set to pass, as in Great Expectations. It does not depend
on the severity, which decides what happens to the flagged records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..article import CONVERTERS
from ..cache.toml_files import line_of_key, read_toml
from ..confined_paths import lies_inside
from ..errors import SettingError, nearest
from ..reasons import SEVERITIES, Severity
from .check_files import TABLE, load_check_files, read_checks
from .declare import Check, SetCheck
from .registry import load_checks
from .suite_files import MAX_SUITES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .declare import AnyCheck

HERE = Path(__file__).parent / "suites"
OFF = "off"
_KEYS = ("extends", "summary", "checks", "sources", TABLE)
_SOURCE_KEYS = ("host", "checks")
_SHARES = ("mostly", "share", "points", "similarity")
_MOST = 10**15
MAX_SOURCES = 1_000  # of one suite; each is compared with each host
_GLOBS = "use globs for their hosts"
_FEWER = "put their checks into fewer files"


@dataclass(frozen=True)
class SuiteCheck:
    """A check with the severity and parameters of a suite."""

    check: AnyCheck
    severity: Severity
    parameters: Mapping[str, Any]
    mostly: float | None = None

    @property
    def id(self) -> str:
        """The id of the check."""
        return self.check.id

    @property
    def is_data(self) -> bool:
        """Whether the check is declared in a TOML file."""
        return _is_data(self.check)

    @property
    def message(self) -> str:
        """The message of the check, with the parameters of the suite."""
        return self.check.message.format(**self.parameters)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the id instead of a check in Python: the other process loads the check itself."""
        check = self.check if self.is_data else self.check.id
        return _entry, (check, self.severity, dict(self.parameters), self.mostly)


@dataclass(frozen=True)
class Override:
    """Other entries for the hosts that a glob matches, by check id; None for a check that is off."""

    host: str
    entries: Mapping[str, SuiteCheck | None]


@dataclass(frozen=True)
class Suite:
    """A suite, ready to run."""

    name: str
    summary: str = ""
    entries: tuple[SuiteCheck, ...] = ()
    overrides: tuple[Override, ...] = ()
    set_entries: tuple[SuiteCheck, ...] = field(default=())

    @property
    def digest(self) -> str:
        """SHA-256 of the checks and their settings. Suites with the same digest give the same results."""
        parts: list[Any] = [*map(_described, self.entries), "set", *map(_described, self.set_entries)]
        for override in self.overrides:
            parts += [override.host, {name: entry and _described(entry) for name, entry in override.entries.items()}]
        return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()

    def columns(self) -> list[SuiteCheck]:
        """Return one entry for each check of records; checks that run only for some hosts come last."""
        entries = {entry.id: entry for entry in self.entries}
        for override in self.overrides:
            for check_id, entry in override.entries.items():
                if entry is not None:
                    entries.setdefault(check_id, entry)
        return list(entries.values())


def with_parameters(suite: Suite, check_id: str, **parameters: Any) -> Suite:
    """Return a suite with other parameters of a check. The check is added if the suite does not have it."""
    check = load_checks()[check_id]

    def changed(entry: SuiteCheck | None) -> SuiteCheck | None:
        return entry and replace(entry, parameters={**entry.parameters, **parameters})

    entries = {entry.id: entry for entry in suite.entries}
    first = SuiteCheck(check, check.severity, {**check.parameters, **parameters})
    entries[check_id] = changed(entries.get(check_id)) or first
    overrides = [
        replace(
            one, entries={name: changed(entry) if name == check_id else entry for name, entry in one.entries.items()}
        )
        for one in suite.overrides
    ]
    order = {name: number for number, name in enumerate(load_checks())}
    ordered = sorted(entries.values(), key=lambda entry: order.get(entry.id, len(order)))  # those of files come last
    return replace(suite, entries=tuple(ordered), overrides=tuple(overrides))


def _is_data(check: AnyCheck) -> bool:
    return isinstance(check, Check) and check.is_data


def _entry(
    check: AnyCheck | str, severity: Severity, parameters: Mapping[str, Any], mostly: float | None
) -> SuiteCheck:
    return SuiteCheck(load_checks()[check] if isinstance(check, str) else check, severity, parameters, mostly)


def _described(entry: SuiteCheck) -> list[Any]:
    check = entry.check
    declared = [repr(check.flag), check.message] if isinstance(check, Check) and check.is_data else []
    return [entry.id, entry.severity, dict(entry.parameters), entry.mostly, *declared]


def builtin_suites() -> list[str]:
    """Return the names of the suites of this package."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def find_suite(name: str | Path | Suite, checks: Iterable[str | Path] = ()) -> Suite:
    """Return a suite by its name, or from a TOML file, with the checks of your own files or folders of them.

    Your checks run with the severity that they declare, unless the suite names them. Raises `SettingError` for an
    unknown name, and for a file that is not a suite or has no checks, with file, line and nearest key.
    """
    own = load_check_files(map(Path, checks), load_checks())
    if not isinstance(name, Suite):
        path = _path_of(str(name), Path())
        return _Loader(path.parent, own).load(path, ())
    added = tuple(SuiteCheck(check, check.severity, {}) for check in own.values())
    return replace(name, entries=(*name.entries, *added)) if added else name


def suite_text(name: str) -> str:
    """Return the TOML of a suite, with its comments."""
    return _path_of(name, Path()).read_text("utf-8")


def _path_of(name: str, base: Path) -> Path:
    if name in builtin_suites():
        return HERE / f"{name}.toml"
    path = base / name
    if name.endswith(".toml") or _is_file(path):
        if _is_file(path):
            return path
        raise SettingError(
            "no such suite file", where=str(path), hint="`copydesk suite list` shows the built-in suites"
        )
    names = builtin_suites()
    raise SettingError(
        f"no suite {name!r}{nearest(name, names)}", hint=f"use one of: {', '.join(names)}; or a .toml file"
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or a null character
        return False


class _Loader:
    """Loads a suite file and those that it extends: files in `folder`, and built-in suites. Each is read once."""

    def __init__(self, folder: Path, own: Mapping[str, Check]) -> None:
        self._folder, self._own = folder, own
        self._loaded: dict[Path, Suite] = {}

    def load(self, path: Path, above: tuple[Path, ...]) -> Suite:
        """Load a suite file; `above` are the files that extend it, the first one first."""
        file = path.resolve()
        if file in above:
            chain = " -> ".join(p.name for p in (*above, path))
            raise SettingError(
                f"suites extend each other in a circle: {chain}", where=str(path), hint="remove one of the extends"
            )
        if file not in self._loaded:
            reader = _Reader(path, self._own)
            own = () if reader.parents() else self._own.values()  # the parents have decided about them
            entries = {check.id: SuiteCheck(check, check.severity, {}) for check in own}
            overrides: dict[int, Override] = {}  # by identity; of the same one from several parents, the last counts
            for name in reader.parents():
                if len(self._loaded) + len(above) >= MAX_SUITES:
                    raise reader.fail(f"more than {MAX_SUITES} suites extend each other", "extends", _FEWER)
                parent = self.load(reader.parent_path(name, self._folder), (*above, file))
                entries |= {entry.id: entry for entry in (*parent.entries, *parent.set_entries)}
                for override in parent.overrides:
                    overrides.pop(id(override), None)
                    overrides[id(override)] = override
            self._loaded[file] = reader.suite(entries, [*overrides.values()])
        return self._loaded[file]


class _Reader:
    """Reads a suite file. Its errors name the line."""

    def __init__(self, path: Path, own: Mapping[str, Check]) -> None:
        self.path = path
        self._checks: dict[str, AnyCheck] = {**load_checks(), **own}
        try:
            self.text, self.data = read_toml(path)
        except OSError as error:
            raise SettingError(f"the suite cannot be read ({error.strerror})", where=str(path)) from None
        except ValueError as error:
            raise SettingError(
                f"not TOML: {error}", where=str(path), hint="see `copydesk suite show article`"
            ) from None
        self.require_keys(self.data, _KEYS)

    def parents(self) -> list[str]:
        """Return the names of the suites that this one extends, each once."""
        value = self.data.get("extends", [])
        names = [value] if isinstance(value, str) else self.require(value, list, "extends")
        if len(names) > MAX_SUITES:
            raise self.fail(f"extends has {len(names):,} entries; at most {MAX_SUITES} are allowed", "extends", _FEWER)
        return list(dict.fromkeys(self.require(name, str, "extends") for name in names))

    def suite(self, entries: dict[str, SuiteCheck], overrides: list[Override]) -> Suite:
        """Return the suite; `entries` and `overrides` are those of the suites that it extends."""
        self._checks |= {entry.id: entry.check for entry in entries.values()}
        declared = read_checks(self.path, self.text, self.data, self._checks)
        self._checks |= declared
        entries |= {check.id: SuiteCheck(check, check.severity, {}) for check in declared.values()}
        for check_id, value in self.require(self.data.get("checks", {}), dict, "checks").items():
            entry = self.entry(check_id, value, entries.get(check_id))
            entries.pop(check_id, None)
            if entry:
                entries[check_id] = entry
        sources = self.require(self.data.get("sources", []), list, "sources")
        if len(sources) > MAX_SOURCES:
            raise self.fail(
                f"sources has {len(sources):,} entries; at most {MAX_SOURCES:,} are allowed", "sources", _GLOBS
            )
        overrides = [*overrides, *(self.override(source, entries) for source in sources)]
        order = {check_id: number for number, check_id in enumerate(self._checks)}
        chosen = sorted(entries.values(), key=lambda entry: order[entry.id])
        return Suite(
            self.path.stem if self.path.parent == HERE else str(self.path),
            str(self.data.get("summary", "")),
            tuple(entry for entry in chosen if isinstance(entry.check, Check)),
            tuple(overrides),
            tuple(entry for entry in chosen if isinstance(entry.check, SetCheck)),
        )

    def fail(self, what: str, key: str, hint: str = "") -> SettingError:
        """Return an error with the line of a key."""
        return SettingError(what, where=f"{self.path}:{line_of_key(self.text, key)}", hint=hint)

    def require(self, value: Any, kind: type, key: str) -> Any:
        """Return a value if it has a type. Raises `SettingError` if it does not."""
        if not isinstance(value, kind):
            expected = "a table" if kind is dict else "a list" if kind is list else "a text"
            raise self.fail(f"{key} must be {expected}", key)
        return value

    def parent_path(self, name: str, folder: Path) -> Path:
        """Return the path of a suite that this one extends. Raises `SettingError` if it is outside of `folder`."""
        if name not in builtin_suites() and not lies_inside(folder, self.path.parent / name):
            hint = "copy that suite into the folder, and extend the copy"
            raise self.fail(f"extends: {name!r} lies outside the folder of the suite", "extends", hint)
        return _path_of(name, self.path.parent)

    def require_keys(self, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
        """Raise `SettingError` for an unknown key."""
        for key in table:
            if key not in allowed:
                raise self.fail(f"unknown key {key!r}{nearest(key, allowed)}", key, f"use one of: {', '.join(allowed)}")

    def entry(self, check_id: str, value: Any, before: SuiteCheck | None) -> SuiteCheck | None:
        """Read the value of a check: a severity, "off" (None), or a table of settings."""
        checks = self._checks
        if check_id not in checks:
            raise self.fail(f"no check {check_id!r}{nearest(check_id, checks)}", check_id, "see `copydesk checks list`")
        check = checks[check_id]
        if not isinstance(value, (str, dict)):
            raise self.fail(f"{check_id} must be a severity, or a table of settings", check_id)
        settings: dict[str, Any] = {"severity": value} if isinstance(value, str) else dict(value)
        start = before or SuiteCheck(check, check.severity, dict(check.parameters))
        severity = settings.pop("severity", start.severity)
        if severity == OFF:
            return None
        if severity not in SEVERITIES:
            choices = (*SEVERITIES, OFF)
            raise self.fail(f"{check_id}: unknown severity {severity!r}{nearest(str(severity), choices)}", check_id,
                            f"use one of: {', '.join(choices)}")  # fmt: skip
        mostly = settings.pop("mostly", start.mostly)
        if mostly is not None:
            self._require_number(check_id, "mostly", mostly, 1.0)
        for name, setting in settings.items():
            if name not in check.parameters:
                keys = ("severity", "mostly", *check.parameters)
                raise self.fail(
                    f"{check_id}: unknown key {name!r}{nearest(name, keys)}", name, f"use one of: {', '.join(keys)}"
                )
            self._require_number(check_id, name, setting, check.parameters[name])
        return replace(start, severity=severity, mostly=mostly, parameters={**start.parameters, **settings})

    def _require_number(self, check_id: str, name: str, value: Any, default: Any) -> None:
        if isinstance(default, Mapping):
            for key, inner in self.require(value, dict, name).items():
                if key not in CONVERTERS:
                    raise self.fail(f"{check_id}: articles have no field {key!r}{nearest(key, CONVERTERS)}", key)
                self._require_number(check_id, name if key in default else key, inner, next(iter(default.values())))
            return
        if isinstance(default, str):
            self.require(value, str, name)
            return
        whole = isinstance(default, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise self.fail(f"{check_id}: {name} must be a {'whole ' if whole else ''}number", name)
        if not 0 <= value <= (1 if name in _SHARES else _MOST):
            limit = "between 0 and 1" if name in _SHARES else "0 or more"
            raise self.fail(f"{check_id}: {name} = {value} is out of range", name, f"it must be {limit}")

    def override(self, source: Any, entries: Mapping[str, SuiteCheck]) -> Override:
        """Read the entries of some hosts."""
        self.require(source, dict, "sources")
        self.require_keys(source, _SOURCE_KEYS)
        if not source.get("host"):
            raise self.fail("a source needs its host", "sources", 'add, for example, host = "*.wire.example"')
        changed = {
            check_id: self.entry(check_id, value, entries.get(check_id))
            for check_id, value in self.require(source.get("checks", {}), dict, "checks").items()
        }
        for check_id in changed:
            if isinstance(self._checks[check_id], SetCheck):
                raise self.fail(f"{check_id} checks the whole set, so it cannot be set for a host", check_id)
        return Override(self.require(source["host"], str, "host"), changed)
