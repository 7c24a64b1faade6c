"""Run the examples of checks as tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.checks.check_files import load_check_files
from ...schemas.checks.declare import Check
from ...schemas.checks.registry import load_check_plugins, load_checks
from ...schemas.checks.suites import Suite, SuiteCheck
from ..records.loader import Place
from ..validate.validator import Validator
from .contract import try_check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...schemas.checks.declare import AnyCheck, Record


@dataclass
class TriedChecks:
    """The number of checks and examples that were tried, and the examples that do not hold."""

    checks: int = 0
    examples: int = 0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        from ...schemas.messages import counted

        held = self.examples - len(self.failures)
        return f"{held:,} of {counted(self.examples, 'example')} hold, of {counted(self.checks, 'check')}"


def run_check_examples(names: Sequence[str | Path] = ()) -> TriedChecks:
    """Try the examples of checks; `names` are files, folders and installed distributions. Without any, try all.

    Raises `SettingError` for a file that cannot be loaded.
    """
    checks: list[AnyCheck] = [] if names else list(load_checks().values())
    files = []
    for name in names:
        packs = [loaded for loaded in load_check_plugins() if loaded.plugin.is_of(str(name))]
        if packs:
            checks += [check for loaded in packs for check in loaded.adds.values()]
        else:
            files.append(Path(name))
    if files:
        checks += load_check_files(files, load_checks()).values()
    tried = TriedChecks(len(checks))
    for check in checks:
        if isinstance(check, Check) and check.is_data:
            failures = try_data_check(check)
            tried.examples += sum(map(len, check.examples))
        else:
            failures = try_check(check)
            tried.examples += 2
        tried.failures += [f"{check.id}: {failure}" for failure in failures]
    return tried


def try_data_check(check: Check) -> list[str]:
    """Return which examples of a check that is declared as data do not hold."""
    fails, passes = check.examples
    problems = [f"it does not flag {_shown(check, record)}" for record in _pick(check, fails, flagged=False)]
    return problems + [f"it flags {_shown(check, record)}" for record in _pick(check, passes, flagged=True)]


def _pick(check: Check, records: Iterable[Record], *, flagged: bool) -> list[Record]:
    """Return the records that the check flags, or those that it does not."""
    examples = list(records)
    validator = Validator(Suite("one", entries=(SuiteCheck(check, check.severity, {}),)))
    flags = validator.judge(validator.loader.from_rows([dict(record) for record in examples], Place())).flags[check.id]
    return [record for record, flag in zip(examples, flags.tolist(), strict=True) if flag == flagged]


def _shown(check: Check, record: Record) -> str:
    value = record.get(check.field, record)
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
