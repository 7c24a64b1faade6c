"""Settings: read from a file of the project, overridden by the command line, each with its origin."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .._version import __version__
from ..rules.ruleset.selection import Selection
from ..schemas.cache.toml_files import line_of_key, lines_of_tables, read_toml
from ..schemas.config import Config, Suppression
from ..schemas.confined_paths import lies_inside
from ..schemas.decisions import DECISIONS, Decisions
from ..schemas.errors import SettingError, nearest
from ..schemas.messages import describe_invalid_value
from ..schemas.sizes import read_size
from ..schemas.values.date_settings import DateSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..rules.ruleset.ruleset import Ruleset
    from ..schemas.checks.suites import Suite
    from .api import Cleaner
    from .kernel.site_templates import Templates
    from .readers.exclusions import Exclusions
    from .validate.validator import Validator

COMMAND_LINE = "command line"
_WIDTH = 60  # characters; the origins of longer lines are not aligned
OWN_FILE = "copydesk.toml"
_OTHERS_FILE = "pyproject.toml"


@dataclass(frozen=True)
class Settings:
    """The configuration, the file it was read from, and the origin of each value that is not a default."""

    config: Config
    file: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    isolated: bool = False
    """Whether no file of the project is read."""

    @property
    def root(self) -> Path:
        """The directory that relative paths in the settings file start from."""
        return self.file.parent if self.file else Path()

    @property
    def selection(self) -> Selection:
        """The selected rules and checks."""
        config = self.config
        own = self._own_checks if config.checks or self.suite.endswith(".toml") else ()
        return Selection(
            (*config.select, *config.extend_select),
            tuple(config.ignore),
            tuple((glob, tuple(selectors)) for glob, selectors in config.per_source_ignores.items()),
            tuple(config.severity.items()),
            self.root,
            own,
        )

    @cached_property
    def _own_checks(self) -> tuple[str, ...]:
        """The ids of checks that files of the user declare."""
        return tuple(entry.id for entry in self.loaded_suite.columns() if entry.is_data)

    @property
    def lock_file(self) -> Path:
        """The default place of the lock."""
        return self.root / "copydesk.lock"

    @property
    def rule_files(self) -> list[Path]:
        """The user's rule files and folders."""
        return self._own_files("rules", self.config.rules)

    @property
    def check_files(self) -> list[Path]:
        """The user's files and folders of checks."""
        return self._own_files("checks", self.config.checks)

    def _own_files(self, key: str, names: list[str]) -> list[Path]:
        if self.origins.get(key) == COMMAND_LINE:
            return [Path(name) for name in names]
        return [self._path_inside(key, name) for name in names]

    @cached_property
    def loaded_suite(self) -> Suite:
        """The suite with the checks of the user, and with the one for near-duplicates if the settings ask for it.

        Raises `SettingError` for a file that cannot be loaded.
        """
        from ..schemas.checks.suites import find_suite, with_parameters

        with self._naming_the_file():
            suite, similarity = find_suite(self.suite, self.check_files), self.config.near_duplicates
        return with_parameters(suite, "body/near-duplicate", similarity=similarity) if similarity else suite

    @property
    def suite(self) -> str:
        """The name of the suite, or its file. A suite in the settings is a file if its name looks like a path."""
        from ..schemas.checks.suites import builtin_suites

        name = self.config.suite
        if self.origins.get("suite") in (None, COMMAND_LINE) or name in builtin_suites():
            return name
        is_path = name.endswith((".toml", ".json")) or any(char in name for char in "/\\\0") or name.startswith(".")
        return str(self._path_inside("suite", name)) if is_path else name

    def _path_inside(self, key: str, name: str) -> Path:
        """Return a path of the settings file. Raises `SettingError` if it lies outside the folder of that file."""
        if not lies_inside(self.root, path := self.root / name):
            line = f":{_line_of(self.file, (key,))}" if self.file else ""
            raise SettingError(
                f"{key}: {name!r} lies outside the folder of the settings",
                where=f"{self.file}{line}",
                hint=f"move it there, or name it on the command line with --{key}",
            )
        return path

    @property
    def dates(self) -> DateSettings:
        """What the settings say about dates. Raises `SettingError` for a time zone that does not exist."""
        config = self.config
        return DateSettings.of(
            config.timezone, config.date_order, config.per_source_timezone, config.per_source_date_order, self.root
        )

    @property
    def exclusions(self) -> Exclusions:
        """The input files to leave out."""
        from .readers.exclusions import Exclusions

        with self._naming_the_file():
            return Exclusions(self.config.exclude)

    @property
    def max_record(self) -> int:
        """The bytes that a record may have."""
        return read_size(self.config.max_record)

    def ruleset(self, profile: str | None = None) -> Ruleset:
        """Load the rules, for `profile` instead of the profile of the settings if it is set."""
        from ..rules.ruleset.ruleset import load_ruleset

        config = self.config
        if config.strict_plugins:
            from .plugin_survey import require_plugins

            require_plugins()
        with self._naming_the_file():
            return load_ruleset(
                self.rule_files, profile=profile or config.profile, unsafe=config.unsafe, selection=self.selection
            )

    def cleaner(self, templates: Templates | None = None, decisions: Decisions | None = None) -> Cleaner:
        """Return a cleaner with these settings, or with other decisions than those of the project."""
        from .api import Cleaner

        with self._naming_the_file():
            return Cleaner(
                self.ruleset(),
                suite=self.loaded_suite,
                mapping=self.config.map,
                form=self.config.form,
                source_forms=self.config.per_source_forms,
                keep_markup=self.config.keep_markup,
                unwrap=self.config.unwrap,
                templates=templates,
                dates=self.dates,
                decisions=self.decisions if decisions is None else decisions,
            )

    @property
    def decisions_file(self) -> Path:
        """The place of the decisions of the project: beside the settings, else in the working directory."""
        return self.root / DECISIONS

    @cached_property
    def decisions(self) -> Decisions:
        """The cuts that were taken back, none if settings are not read. Raises `SettingError` for a damaged file."""
        return Decisions() if self.isolated else Decisions.read(self.decisions_file)

    def validator(self) -> Validator:
        """Return a validator with these settings."""
        from .validate.validator import Validator

        with self._naming_the_file():
            return Validator(
                self.loaded_suite, mapping=self.config.map, ruleset=self.ruleset("rules"), dates=self.dates
            )

    def describe(self) -> list[str]:
        """Return each setting as a line of TOML with its origin."""
        values = self.config.model_dump(mode="json", by_alias=True)
        lines = [f"{key} = {_as_toml(value)}" for key, value in values.items()]
        width = max((len(line) for line in lines if len(line) <= _WIDTH), default=0)
        origins = [self.origins.get(key, "default") for key in values]
        return [f"{line:<{width}}  # {origin}" for line, origin in zip(lines, origins, strict=True)]

    @contextmanager
    def _naming_the_file(self) -> Iterator[None]:
        """Add the settings file and the line to an error about one of its values."""
        try:
            yield
        except SettingError as error:
            values = self.config.model_dump(by_alias=True)
            from_file = [values[key] for key, origin in self.origins.items() if origin != COMMAND_LINE]
            if error.where or not any(repr(text) in error.what for text in _texts(from_file)):
                raise
            key = error.what.partition(":")[0]
            line = f":{_line_of(self.file, (key,))}" if self.file and key in self.origins else ""
            raise SettingError(error.what, where=f"{self.file}{line}", hint=error.hint) from None


def load_settings(
    options: Mapping[str, Any] | None = None, *, file: Path | None = None, isolated: bool = False
) -> Settings:
    """Load the settings of the working directory or of `file`; `options` override them by key.

    The settings are in the nearest copydesk.toml, or pyproject.toml with a table `tool.copydesk`, from the working
    directory upwards. With `isolated`, no file is read. Raises `SettingError` for a file that cannot be read, and for
    unknown keys or wrong values.
    """
    path = None if isolated else file or find_config(Path.cwd())
    table = read_table(path) if path else {}
    if path:
        _require_version(table.get("required-version", ""), path)
    values = _validate(table, path).model_dump(by_alias=True, exclude_unset=True) if path else {}
    origins = dict.fromkeys(values, str(path))
    for key, value in (options or {}).items():
        values[key] = {**values.get(key, {}), **value} if key == "map" else value
        origins[key] = COMMAND_LINE
    config = _validate(values, None)
    if not path:
        _require_version(config.required_version, None)
    return Settings(config, path, origins, isolated)


def find_config(start: Path) -> Path | None:
    """Return the nearest settings file in a directory or above it, or None."""
    for directory in (start, *start.parents):
        own, other = directory / OWN_FILE, directory / _OTHERS_FILE
        if own.is_file():
            return own
        if other.is_file() and "copydesk" in _tool_table(other):
            return other
    return None


def read_table(path: Path) -> dict[str, Any]:
    """Read the settings of a file, unchecked. Raises `SettingError` if it cannot be read or is not TOML."""
    if path.name != _OTHERS_FILE:
        return _read(path)[1]
    tools = _tool_table(path)
    if "copydesk" not in tools:
        raise SettingError("the table [tool.copydesk] is missing", where=str(path), hint="add it, or name another file")
    return _require_table(path, tools["copydesk"], "copydesk")


def _tool_table(path: Path) -> dict[str, Any]:
    return _require_table(path, _read(path)[1].get("tool", {}), "tool")


def _require_table(path: Path, value: object, key: str) -> dict[str, Any]:
    """Return the value of a key if it is a table. Raises `SettingError` if it is not."""
    if isinstance(value, dict):
        return value
    where = f"{path}:{line_of_key(_read(path)[0], key)}"
    raise SettingError(f"{key} must be a table", where=where, hint="write the settings below [tool.copydesk]")


def suppression_lines(path: Path, count: int) -> list[int]:
    """Return the lines of the first suppressions of a file, from 1; 1 for one that is not a table of its own."""
    lines = lines_of_tables(path.read_text("utf-8"), "suppressions")
    return [*lines, *[1] * (count - len(lines))][:count]


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text and the content of a file. Raises `SettingError` if it cannot be read or is not TOML."""
    try:
        return read_toml(path)
    except OSError as error:
        raise SettingError(
            f"cannot be read ({error.strerror})", where=str(path), hint="name another file with --config"
        ) from None
    except ValueError as error:
        raise SettingError(f"not TOML: {error}", where=str(path), hint="correct it, or add --isolated") from None


def _validate(values: Mapping[str, Any], path: Path | None) -> Config:
    """Check settings of a file or the command line. Raises `SettingError` for unknown keys and wrong values."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        errors = error.errors()
        first = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
        place = ".".join(
            key for key in first["loc"] if isinstance(key, str)
        )  # the line number shows the item of a list
        where = f"{path}:{_line_of(path, first['loc'])}" if path else COMMAND_LINE
        if first["type"] == "extra_forbidden":
            model = Suppression if len(first["loc"]) > 1 else Config
            known = [str(info.alias) for info in model.model_fields.values()]
            raise SettingError(f"unknown key {place!r}{nearest(str(first['loc'][-1]), known)}", where=where) from None
        what, hint = describe_invalid_value(first, place)
        raise SettingError(what, where=where, hint=hint) from None


def _line_of(path: Path, keys: tuple[int | str, ...]) -> int:
    """Return the line of a file, from 1, on which the last of some nested keys is written."""
    names = [key for key in keys if isinstance(key, str)]
    numbers = [key for key in keys if isinstance(key, int)]
    table = "suppressions" if keys[0] == "suppressions" and numbers else ""
    return line_of_key(path.read_text("utf-8"), *names, table=table, index=numbers[0] if numbers else 0)


def _require_version(required: object, path: Path | None) -> None:
    """Raise `SettingError` unless the settings allow this version of copydesk."""
    if not required:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    where = str(path) if path else COMMAND_LINE
    try:
        allowed = SpecifierSet(str(required)).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        raise SettingError(
            f"required-version: {required!r} is not a range of versions",
            where=where,
            hint="write, for example, >=0.1,<1",
        ) from None
    if not allowed:
        raise SettingError(
            f"this is copydesk {__version__}, but required-version is {required}",
            where=where,
            hint="install such a version",
        )


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(item)


def _as_toml(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {_as_toml(item)}" for key, item in value.items() if item is not None)
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
